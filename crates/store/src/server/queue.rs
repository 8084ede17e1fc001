//! The queue of images: what a worker takes, and what it brings back.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::accounts::account_by_id;
use super::callbacks::add_deliveries;
use super::images::image_by_id;
use super::usage::used_this_month;
use super::{Account, Image, Records};
use crate::columns::{number, size};
use crate::{Result, clock};

/// What a webhook must be made from. The store keeps what it says, and sends it to nobody.
#[derive(Clone, Copy, Debug)]
pub struct Announced<'a> {
    /// With its outputs, as it is now.
    pub image: &'a Image,
    /// Whose it is.
    pub account: &'a Account,
    /// Bytes of originals completed in this month.
    pub quota_usage: u64,
}

/// Makes the id and the body of one webhook; called once for each callback URL, within the
/// transaction that it tells of.
pub type Announce<'a> = &'a dyn Fn(Announced) -> (String, String);

/// What a worker made of an image.
#[derive(Clone, Debug)]
pub struct Finished {
    /// In the order of the image's outputs; empty when there is no result at all.
    pub outputs: Vec<FinishedOutput>,
    /// Why there is no result.
    pub error: Option<String>,
    /// How long the links to its files hold, in milliseconds.
    pub lifetime: i64,
}

/// An output that was made, its bytes stored under its key.
#[derive(Clone, Debug)]
pub struct FinishedOutput {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub etag: String,
}

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Images without an end.
    pub images: u64,
    /// Webhooks that will be tried, or tried again.
    pub deliveries: u64,
}

impl Records {
    /// Puts back what a server that is gone was at. Call it before the first claim.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn recover(&self) -> Result<Backlog> {
        {
            let mut connection = self.connection();
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("UPDATE images SET claimed = 0 WHERE claimed = 1", [])?;
            transaction.execute("UPDATE deliveries SET taken = 0 WHERE taken = 1", [])?;
            transaction.commit()?;
        }
        self.backlog()
    }

    /// What waits.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backlog(&self) -> Result<Backlog> {
        let connection = self.connection();
        let count = |sql: &str| {
            connection
                .prepare_cached(sql)?
                .query_row([], |row| row.get(0))
        };
        Ok(Backlog {
            images: size(count(
                "SELECT count(*) FROM images WHERE status IN ('enqueued', 'processing')",
            )?),
            deliveries: size(count(
                "SELECT count(*) FROM deliveries WHERE next_at IS NOT NULL",
            )?),
        })
    }

    /// The next image, whose work begins now: what somebody waits for goes first, then the oldest.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn claim(&self, announce: Announce) -> Result<Option<Image>> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next: Option<(i64, bool)> = transaction
            .prepare_cached(
                "SELECT id, status = 'enqueued' FROM images
                 WHERE status IN ('enqueued', 'processing') AND claimed = 0
                 ORDER BY waited_for DESC, id LIMIT 1",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, is_new)) = next else {
            return Ok(None);
        };
        let now = clock::now();
        transaction
            .prepare_cached(
                "UPDATE images SET status = 'processing', claimed = 1, attempts = attempts + 1,
                 updated_at = ?2 WHERE id = ?1",
            )?
            .execute(params![id, now])?;
        transaction
            .prepare_cached(
                "UPDATE outputs SET status = 'processing', updated_at = ?2
                 WHERE image_id = ?1 AND status = 'enqueued'",
            )?
            .execute(params![id, now])?;
        // An image that was begun by a server that is gone was announced then.
        if is_new {
            tell(&transaction, id, now, announce)?;
        }
        let image = image_by_id(&transaction, id)?;
        transaction.commit()?;
        Ok(image)
    }

    /// Gives an image back that was claimed and not worked on.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unclaim(&self, id: i64) -> Result<()> {
        self.connection().execute(
            "UPDATE images SET claimed = 0, attempts = max(attempts - 1, 0) WHERE id = ?",
            [id],
        )?;
        Ok(())
    }

    /// Notes the end of the work on an image, and counts it. `false` when the image was deleted
    /// meanwhile: then its new files are nobody's.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn finish(&self, id: i64, finished: &Finished, announce: Announce) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = clock::now();
        let expire_at = now.saturating_add(finished.lifetime);
        let status = match finished.error {
            None => "completed",
            Some(_) => "error",
        };
        let changed = transaction
            .prepare_cached(
                "UPDATE images SET status = ?2, claimed = 0, updated_at = ?3, expire_at = ?4
                 WHERE id = ?1 AND status = 'processing'",
            )?
            .execute(params![id, status, now, expire_at])?;
        if changed == 0 {
            return Ok(false);
        }
        let ids: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM outputs WHERE image_id = ? ORDER BY id")?
            .query_map([id], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        match &finished.error {
            Some(error) => {
                transaction
                    .prepare_cached(
                        "UPDATE outputs SET status = 'error', error = ?2, updated_at = ?3
                         WHERE image_id = ?1",
                    )?
                    .execute(params![id, error, now])?;
            }
            None => {
                for (output, made) in ids.iter().zip(&finished.outputs) {
                    transaction
                        .prepare_cached(
                            "UPDATE outputs SET status = 'completed', width = ?2, height = ?3,
                             bytes = ?4, etag = ?5, updated_at = ?6, expire_at = ?7 WHERE id = ?1",
                        )?
                        .execute(params![
                            output,
                            made.width,
                            made.height,
                            number(made.bytes),
                            made.etag,
                            now,
                            expire_at
                        ])?;
                }
                count(&transaction, id, ids.len())?;
            }
        }
        tell(&transaction, id, now, announce)?;
        transaction.commit()?;
        Ok(true)
    }
}

/// A completed image counts: its bytes for the day on which it was accepted.
fn count(transaction: &Transaction, id: i64, outputs: usize) -> Result<()> {
    transaction
        .prepare_cached(
            "UPDATE usage SET bytes = usage.bytes + images.bytes FROM images
             WHERE images.id = ? AND usage.account_id = images.account_id
                 AND usage.day = images.day AND usage.origin = images.origin",
        )?
        .execute([id])?;
    transaction
        .prepare_cached(
            "UPDATE accounts SET outputs = outputs + ?2
             WHERE id = (SELECT account_id FROM images WHERE id = ?1)",
        )?
        .execute(params![id, number(outputs as u64)])?;
    Ok(())
}

/// Puts a webhook into the queue for each callback URL of the account, unless somebody waits for
/// the image.
fn tell(transaction: &Transaction, id: i64, now: i64, announce: Announce) -> Result<()> {
    let Some(image) = image_by_id(transaction, id)?.filter(|image| !image.waited_for) else {
        return Ok(());
    };
    let Some(account) = account_by_id(transaction, image.account)? else {
        return Ok(());
    };
    let announced = Announced {
        image: &image,
        account: &account,
        quota_usage: used_this_month(transaction, account.id)?,
    };
    add_deliveries(transaction, account.id, now, || announce(announced))
}
