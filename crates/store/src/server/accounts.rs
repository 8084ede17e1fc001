//! Accounts and the tokens that open them.

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use whittle_core::{Format, Level, Mode};

use super::Records;
use crate::columns::{named, number, size};
use crate::{Result, clock};

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// What it is called; unique.
    pub name: String,
    /// Where its owner can be reached.
    pub email: Option<String>,
    /// Whether the operator has closed it for now.
    pub suspended: bool,
    /// What requests fall back to.
    pub defaults: Defaults,
    /// Bytes of originals in a month; `None` is no quota.
    pub plan_bytes: Option<u64>,
    /// Images ever accepted.
    pub originals: u64,
    /// Outputs ever completed.
    pub outputs: u64,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
}

/// What the requests of an account fall back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// What may differ.
    pub mode: Mode,
    /// For JPEGs.
    pub jpg: Level,
    /// For PNGs.
    pub png: Level,
    /// For GIFs.
    pub gif: Level,
}

impl Defaults {
    /// The level for images of this format.
    pub fn level(&self, format: Format) -> Level {
        match format {
            Format::Jpeg => self.jpg,
            Format::Png => self.png,
            Format::Gif => self.gif,
            Format::Svg | Format::Webp | Format::Avif => Level::default(),
        }
    }
}

/// A token, as far as anybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Its number.
    pub id: i64,
    /// The account that it opens.
    pub account: String,
    /// Its first characters.
    pub hint: String,
    /// UTC, RFC 3339.
    pub created_at: String,
    /// UTC, RFC 3339; `None` while it opens the account.
    pub revoked_at: Option<String>,
}

impl Records {
    /// The account that the token of this hash opens.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn account_of_token(&self, hash: &[u8; 32]) -> Result<Option<Account>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT accounts.* FROM tokens JOIN accounts ON accounts.id = tokens.account_id
             WHERE tokens.hash = ? AND tokens.revoked_at IS NULL",
        )?;
        Ok(statement.query_row([hash.as_slice()], account).optional()?)
    }

    /// An account by its name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn account_named(&self, name: &str) -> Result<Option<Account>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT * FROM accounts WHERE name = ?")?;
        Ok(statement.query_row([name], account).optional()?)
    }

    /// Adds a token to the account of this name, which is made when it is missing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn add_token(&self, account: &str, hash: &[u8; 32], hint: &str) -> Result<i64> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = clock::now();
        transaction.execute(
            "INSERT OR IGNORE INTO accounts (name, created_at, updated_at) VALUES (?1, ?2, ?2)",
            params![account, now],
        )?;
        transaction.execute(
            "INSERT INTO tokens (account_id, hash, hint, created_at)
             SELECT id, ?2, ?3, ?4 FROM accounts WHERE name = ?1",
            params![account, hash.as_slice(), hint, now],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Every token, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn tokens(&self) -> Result<Vec<TokenInfo>> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT tokens.id, name, hint, tokens.created_at, revoked_at
             FROM tokens JOIN accounts ON accounts.id = account_id ORDER BY tokens.id",
        )?;
        let tokens = statement.query_map([], |row| {
            Ok(TokenInfo {
                id: row.get(0)?,
                account: row.get(1)?,
                hint: row.get(2)?,
                created_at: clock::text(row.get(3)?),
                revoked_at: row.get::<_, Option<i64>>(4)?.map(clock::text),
            })
        })?;
        Ok(tokens.collect::<rusqlite::Result<_>>()?)
    }

    /// Makes a token useless; `false` when there is none of this number, or it was useless already.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn revoke_token(&self, id: i64) -> Result<bool> {
        let revoked = self.connection().execute(
            "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
            params![id, clock::now()],
        )?;
        Ok(revoked == 1)
    }

    /// Gives an account a quota in bytes for each month, or none; `false` when there is no such
    /// account.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_plan(&self, account: &str, bytes: Option<u64>) -> Result<bool> {
        let changed = self.connection().execute(
            "UPDATE accounts SET plan_bytes = ?2, updated_at = ?3 WHERE name = ?1",
            params![account, bytes.map(number), clock::now()],
        )?;
        Ok(changed == 1)
    }

    /// Closes an account or opens it again; `false` when there is no such account.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_suspended(&self, account: &str, suspended: bool) -> Result<bool> {
        let changed = self.connection().execute(
            "UPDATE accounts SET suspended = ?2, updated_at = ?3 WHERE name = ?1",
            params![account, suspended, clock::now()],
        )?;
        Ok(changed == 1)
    }

    /// Changes what requests fall back to, and registers a callback URL unless it is registered:
    /// both or neither. The secret is that of a new URL.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn update_account(
        &self,
        account: i64,
        defaults: Defaults,
        callback: Option<(&str, &[u8])>,
    ) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = clock::now();
        transaction.execute(
            "UPDATE accounts SET mode = ?2, level_jpg = ?3, level_png = ?4, level_gif = ?5,
             updated_at = ?6 WHERE id = ?1",
            params![
                account,
                defaults.mode.name(),
                defaults.jpg.get(),
                defaults.png.get(),
                defaults.gif.get(),
                now
            ],
        )?;
        if let Some((url, secret)) = callback {
            transaction.execute(
                "INSERT OR IGNORE INTO callbacks (account_id, url, secret, created_at)
                 VALUES (?, ?, ?, ?)",
                params![account, url, secret, now],
            )?;
        }
        Ok(transaction.commit()?)
    }
}

pub(super) fn account_by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<Account>> {
    connection
        .prepare_cached("SELECT * FROM accounts WHERE id = ?")?
        .query_row([id], account)
        .optional()
}

fn account(row: &Row) -> rusqlite::Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        suspended: row.get("suspended")?,
        defaults: Defaults {
            mode: named(row, "mode")?,
            jpg: level(row, "level_jpg")?,
            png: level(row, "level_png")?,
            gif: level(row, "level_gif")?,
        },
        plan_bytes: row.get::<_, Option<i64>>("plan_bytes")?.map(size),
        originals: size(row.get("originals")?),
        outputs: size(row.get("outputs")?),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn level(row: &Row, column: &str) -> rusqlite::Result<Level> {
    Ok(Level::new(row.get(column)?).unwrap_or_default())
}
