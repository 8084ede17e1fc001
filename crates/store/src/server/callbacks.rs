//! Callback URLs, and the webhooks that wait to be delivered to them.

use rusqlite::{Transaction, TransactionBehavior, params};

use super::Records;
use crate::columns::count;
use crate::{Result, clock};

/// Where an account wants its webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Its number.
    pub id: i64,
    /// As it was registered.
    pub url: String,
}

/// A webhook that is due.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The same over all tries.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// Signs it.
    pub secret: Vec<u8>,
    /// The same over all tries.
    pub body: String,
    /// How often it was tried.
    pub tries: u32,
}

/// Without the secret and without what is in it.
impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("tries", &self.tries)
            .finish_non_exhaustive()
    }
}

impl Records {
    /// Registers a callback URL; `None` when the account has it already.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn add_callback(&self, account: i64, url: &str, secret: &[u8]) -> Result<Option<i64>> {
        let connection = self.connection();
        let added = connection.execute(
            "INSERT OR IGNORE INTO callbacks (account_id, url, secret, created_at)
             VALUES (?, ?, ?, ?)",
            params![account, url, secret, clock::now()],
        )?;
        Ok((added == 1).then(|| connection.last_insert_rowid()))
    }

    /// The callback URLs of an account, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn callbacks(&self, account: i64) -> Result<Vec<Callback>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT id, url FROM callbacks WHERE account_id = ? ORDER BY id")?;
        let callbacks = statement.query_map([account], |row| {
            Ok(Callback {
                id: row.get(0)?,
                url: row.get(1)?,
            })
        })?;
        Ok(callbacks.collect::<rusqlite::Result<_>>()?)
    }

    /// Removes a callback URL and what waits for it; `false` when the account has none of this
    /// number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delete_callback(&self, account: i64, id: i64) -> Result<bool> {
        let deleted = self.connection().execute(
            "DELETE FROM callbacks WHERE id = ? AND account_id = ?",
            params![id, account],
        )?;
        Ok(deleted == 1)
    }

    /// Takes the webhooks that are due, longest waiting first, and says when the next one will be.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn take_due(&self, most: u32) -> Result<(Vec<Delivery>, Option<i64>)> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let due: Vec<Delivery> = transaction
            .prepare_cached(
                "SELECT deliveries.id, url, secret, body, tries
                 FROM deliveries JOIN callbacks ON callbacks.id = callback_id
                 WHERE next_at <= ? AND taken = 0 ORDER BY next_at, deliveries.rowid LIMIT ?",
            )?
            .query_map(params![clock::now(), most], |row| {
                Ok(Delivery {
                    id: row.get(0)?,
                    url: row.get(1)?,
                    secret: row.get(2)?,
                    body: row.get(3)?,
                    tries: count(row.get(4)?),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        for delivery in &due {
            transaction
                .prepare_cached("UPDATE deliveries SET taken = 1 WHERE id = ?")?
                .execute([&delivery.id])?;
        }
        let next = transaction
            .prepare_cached("SELECT min(next_at) FROM deliveries WHERE taken = 0")?
            .query_row([], |row| row.get(0))?;
        transaction.commit()?;
        Ok((due, next))
    }

    /// Notes that a webhook arrived.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delivered(&self, id: &str) -> Result<()> {
        self.connection()
            .execute("DELETE FROM deliveries WHERE id = ?", [id])?;
        Ok(())
    }

    /// Notes that a webhook did not arrive. It is tried again after so many milliseconds, or with
    /// `None` given up.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn not_delivered(&self, id: &str, again_in: Option<i64>) -> Result<()> {
        let connection = self.connection();
        match again_in {
            Some(wait) => connection.execute(
                "UPDATE deliveries SET taken = 0, tries = tries + 1, next_at = ?2 WHERE id = ?1",
                params![id, clock::now().saturating_add(wait)],
            )?,
            None => connection.execute("DELETE FROM deliveries WHERE id = ?", [id])?,
        };
        Ok(())
    }
}

pub(super) fn add_deliveries(
    transaction: &Transaction,
    account: i64,
    now: i64,
    mut body: impl FnMut() -> (String, String),
) -> Result<()> {
    let callbacks: Vec<i64> = transaction
        .prepare_cached("SELECT id FROM callbacks WHERE account_id = ? ORDER BY id")?
        .query_map([account], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for callback in callbacks {
        let (id, body) = body();
        transaction
            .prepare_cached(
                "INSERT INTO deliveries (id, callback_id, body, next_at) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![id, callback, body, now])?;
    }
    Ok(())
}
