//! Images on their way to an account and back, and what the account's list told.

mod link;
mod listed;

pub use link::{AccountLink, remove_token_file, token_from_file, write_token_file};
pub(crate) use listed::of_account;
pub use listed::{Listed, ListedImage};

use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use whittle_core::{OutboxItem, OutboxState};

use crate::columns::{count, named, number, size};
use crate::{Hash, Result, Store, clock, runs};

/// What came back is remembered for so long, so that the same is not sent again. In ms.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

/// An image that this run takes care of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its number here.
    pub id: i64,
    /// How far it is.
    pub state: OutboxState,
    /// The account's newest image before it was sent; meaningless before that.
    pub after_image: u64,
    /// Its number there.
    pub image: Option<u64>,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct ToSend<'a> {
    /// The account.
    pub account: &'a str,
    /// The image.
    pub content: &'a Hash,
    /// What is to be made of it.
    pub ask: &'a str,
    /// Without folders.
    pub name: &'a str,
    /// Its size.
    pub bytes: u64,
}

impl Store {
    /// Takes care of an image: a new one, or one that this run or one that is over began with. `None`
    /// while another program takes care of it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn enter_outbox(&self, image: ToSend) -> Result<Option<OutboxEntry>> {
        let run = self.run()?.to_owned();
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = clock::now();
        transaction.execute(
            "DELETE FROM outbox WHERE state IN ('done', 'failed', 'cancelled') AND created_at < ?",
            [now - KEPT],
        )?;
        let known = transaction
            .prepare_cached(
                "SELECT id, state, after_image, image, run FROM outbox
                 WHERE account = ? AND content = ? AND ask = ?",
            )?
            .query_row(
                params![image.account, image.content.as_bytes(), image.ask],
                |row| {
                    let begun = row.get::<_, i64>("after_image")? >= 0;
                    Ok((entry(row)?, begun, row.get::<_, String>("run")?))
                },
            )
            .optional()?;
        let entered = match known {
            Some((mut entry, begun, by)) => {
                let under_way = matches!(
                    entry.state,
                    OutboxState::Waiting | OutboxState::Sending | OutboxState::Sent
                );
                if under_way && by != run && !runs::is_dead(self.dir(), &by) {
                    return Ok(None);
                }
                // What failed or was given up is begun again, but what the account has, or may have, it has.
                if matches!(entry.state, OutboxState::Failed | OutboxState::Cancelled) {
                    entry.state = match entry.image {
                        Some(_) => OutboxState::Sent,
                        None if begun => OutboxState::Sending,
                        None => OutboxState::Waiting,
                    };
                }
                transaction
                    .prepare_cached(
                        "UPDATE outbox SET run = ?, state = ?, message = NULL WHERE id = ?",
                    )?
                    .execute(params![run, entry.state.name(), entry.id])?;
                entry
            }
            None => {
                transaction
                    .prepare_cached(
                        "INSERT INTO outbox (account, content, ask, name, bytes, created_at, run, state)
                         VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')",
                    )?
                    .execute(params![
                        image.account,
                        image.content.as_bytes(),
                        image.ask,
                        image.name,
                        number(image.bytes),
                        now,
                        run
                    ])?;
                OutboxEntry {
                    id: transaction.last_insert_rowid(),
                    state: OutboxState::Waiting,
                    after_image: 0,
                    image: None,
                }
            }
        };
        transaction.commit()?;
        Ok(Some(entered))
    }

    /// Notes how far an image is, and what keeps it; `false` when somebody does not want it any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_outbox(&self, id: i64, state: OutboxState, message: Option<&str>) -> Result<bool> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET state = ?2, message = ?3,
                     after_image = CASE ?2 WHEN 'waiting' THEN -1 ELSE after_image END
                 WHERE id = ?1 AND state <> 'cancelled'",
            )?
            .execute(params![id, state.name(), message])?;
        Ok(changed == 1)
    }

    /// Notes, before anything is sent, that an image may be at the account from now on, and which was
    /// the newest there before; `false` when somebody does not want it any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_sending(&self, id: i64, after_image: u64) -> Result<bool> {
        let changed = self
            .connection()
            .prepare_cached(
                "UPDATE outbox SET state = 'sending', after_image = ?2, image = NULL, message = NULL
                 WHERE id = ?1 AND state <> 'cancelled'",
            )?
            .execute(params![id, number(after_image)])?;
        Ok(changed == 1)
    }

    /// Notes that the account has an image under this number; `false` when another one of ours is known
    /// by that number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_sent(&self, id: i64, image: u64) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = transaction.execute(
            "UPDATE OR IGNORE outbox SET image = ?2, message = NULL,
                 state = CASE state WHEN 'cancelled' THEN state ELSE 'sent' END
             WHERE id = ?1",
            params![id, number(image)],
        )?;
        if changed == 1 {
            let account: String =
                transaction.query_row("SELECT account FROM outbox WHERE id = ?", [id], |row| {
                    row.get(0)
                })?;
            listed::is_ours_after_all(&transaction, &account, image)?;
        }
        transaction.commit()?;
        Ok(changed == 1)
    }

    /// Forgets an image that surely was not sent, or is to be sent anew.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_outbox(&self, id: i64) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM outbox WHERE id = ?")?
            .execute([id])?;
        Ok(())
    }

    /// Somebody does not want an image any more; whoever takes care of it will see that. `false` when it
    /// is not on its way.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn cancel_outbox(&self, id: i64) -> Result<bool> {
        let changed = self.connection().execute(
            "UPDATE outbox SET state = 'cancelled', message = NULL
             WHERE id = ? AND state IN ('waiting', 'sending', 'sent')",
            [id],
        )?;
        Ok(changed == 1)
    }

    /// Whether somebody does not want an image any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_unwanted(&self, id: i64) -> Result<bool> {
        let state: Option<String> = self
            .connection()
            .prepare_cached("SELECT state FROM outbox WHERE id = ?")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(state.as_deref() == Some(OutboxState::Cancelled.name()))
    }

    /// Whether one of ours is the account's image of this number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_of_outbox(&self, account: &str, image: u64) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached("SELECT 1 FROM outbox WHERE account = ? AND image = ?")?
            .exists(params![account, number(image)])?)
    }

    /// What is on its way, and what was, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox(&self, account: &str, limit: u32) -> Result<Vec<OutboxItem>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id, image, name, bytes, state, message, created_at FROM outbox
             WHERE account = ? ORDER BY id DESC LIMIT ?",
        )?;
        let items = statement.query_map(params![account, limit], |row| {
            Ok(OutboxItem {
                id: row.get("id")?,
                image: row.get::<_, Option<i64>>("image")?.map(size),
                name: row.get("name")?,
                bytes: size(row.get("bytes")?),
                state: named(row, "state")?,
                message: row.get("message")?,
                created_at: clock::text(row.get("created_at")?),
            })
        })?;
        Ok(items.collect::<rusqlite::Result<_>>()?)
    }

    /// How many images are on their way, and their bytes.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_size(&self, account: &str) -> Result<(u32, u64)> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM outbox
                 WHERE account = ? AND state IN ('waiting', 'sending', 'sent')",
            )?
            .query_row([account], |row| Ok((count(row.get(0)?), size(row.get(1)?))))?)
    }
}

fn entry(row: &Row) -> rusqlite::Result<OutboxEntry> {
    Ok(OutboxEntry {
        id: row.get("id")?,
        state: named(row, "state")?,
        after_image: size(row.get("after_image")?),
        image: row.get::<_, Option<i64>>("image")?.map(size),
    })
}
