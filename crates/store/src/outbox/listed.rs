//! What the account's list told, as lines of the history.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::PathBuf;
use whittle_core::{Format, Level, Mode, Origin, Outcome};

use crate::columns::{folded, number, path_bytes, size};
use crate::history::next_id;
use crate::{Result, Store};

/// An image of the account's list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedImage {
    /// Its number there.
    pub id: u64,
    /// Changes whenever something about it changes.
    pub updated_at: String,
    /// In ms since 1970.
    pub created_at: i64,
    /// The label of where it came from, and its name.
    pub path: PathBuf,
    /// What the content is.
    pub format: Option<Format>,
    /// What became of it.
    pub outcome: Outcome,
    /// The mode it was worked on in.
    pub mode: Mode,
    /// The level, with `lossy`.
    pub level: Option<Level>,
    /// Bytes of the original, where the account tells them.
    pub input_bytes: Option<u64>,
    /// Bytes of the result; its list does not tell them.
    pub output_bytes: Option<u64>,
    /// Pixels.
    pub size: Option<(u32, u32)>,
}

/// What became of a part of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Images that were not known.
    pub new: u32,
    /// Images that had changed.
    pub changed: u32,
}

impl Store {
    /// Which of these images are known as they are now.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_listed(&self, account: &str, image: u64, updated_at: &str) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT 1 FROM account_images WHERE account = ? AND image = ? AND updated_at = ?",
            )?
            .exists(params![account, number(image), updated_at])?)
    }

    /// How many of the account's images are known.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn listed_count(&self, account: &str) -> Result<u64> {
        let count: i64 = self
            .connection()
            .prepare_cached("SELECT count(*) FROM account_images WHERE account = ?")?
            .query_row([account], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Takes images of the list into the history, oldest first, each once: one that was sent from here
    /// has its line already, and one that is known only learns what changed.
    ///
    /// # Errors
    /// When the database refuses; nothing of this part is taken then.
    pub fn take_listed(&self, account: &str, images: &[ListedImage]) -> Result<Listed> {
        let mut listed = Listed::default();
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for image in images {
            let known: Option<(String, Option<i64>)> = transaction
                .prepare_cached(
                    "SELECT updated_at, original_id FROM account_images
                     WHERE account = ? AND image = ?",
                )?
                .query_row(params![account, number(image.id)], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()?;
            let line = match known {
                Some((updated_at, _)) if updated_at == image.updated_at => continue,
                Some((_, line)) => {
                    if let Some(line) = line {
                        change(&transaction, line, image)?;
                    }
                    listed.changed += 1;
                    line
                }
                None if sent_from_here(&transaction, account, image.id)? => None,
                None => {
                    listed.new += 1;
                    Some(insert(&transaction, account, image)?)
                }
            };
            transaction
                .prepare_cached(
                    "INSERT INTO account_images (account, image, updated_at, original_id)
                     VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (account, image) DO UPDATE SET updated_at = ?3, looked_up = 0",
                )?
                .execute(params![account, number(image.id), image.updated_at, line])?;
        }
        transaction.commit()?;
        Ok(listed)
    }

    /// Images of the account with a line here that lacks a size, newest first: they are to be looked up,
    /// each once.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn without_sizes(&self, account: &str, limit: u32) -> Result<Vec<u64>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT a.image FROM account_images a JOIN originals o ON o.id = a.original_id
             WHERE a.account = ? AND a.looked_up = 0 AND o.outcome = 'optimized'
                   AND (o.output_bytes IS NULL OR o.input_bytes IS NULL)
             ORDER BY a.image DESC LIMIT ?",
        )?;
        let images = statement.query_map(params![account, limit], |row| row.get(0).map(size))?;
        Ok(images.collect::<rusqlite::Result<_>>()?)
    }

    /// Notes what a look at one image told; nothing, where the account does not have it any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_looked_up(
        &self,
        account: &str,
        number_there: u64,
        told: Option<&ListedImage>,
    ) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let line: Option<Option<i64>> = transaction
            .prepare_cached(
                "UPDATE account_images SET looked_up = 1 WHERE account = ? AND image = ?
                 RETURNING original_id",
            )?
            .query_row(params![account, number(number_there)], |row| row.get(0))
            .optional()?;
        if let (Some(Some(line)), Some(image)) = (line, told) {
            change(&transaction, line, image)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The batch of all lines that the list of an account brought.
pub(crate) fn of_account(account: &str) -> String {
    format!("account {account}")
}

fn sent_from_here(transaction: &Transaction, account: &str, image: u64) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT 1 FROM outbox WHERE account = ? AND image = ?")?
        .exists(params![account, number(image)])
}

fn insert(transaction: &Transaction, account: &str, image: &ListedImage) -> rusqlite::Result<i64> {
    let id = next_id(transaction, 0)?;
    transaction
        .prepare_cached(
            "INSERT INTO originals (id, created_at, origin, batch, path, folder, search, format,
                 outcome, mode, level, input_bytes, output_bytes, width, height, ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        )?
        .execute(params![
            id,
            image.created_at,
            Origin::Account.name(),
            of_account(account),
            path_bytes(&image.path),
            image.path.parent().map(path_bytes).unwrap_or_default(),
            folded(&image.path.to_string_lossy()),
            image.format.map(|format| format.name()),
            image.outcome.name(),
            image.mode.name(),
            image.level.map(|level| level.get()),
            image.input_bytes.map(number),
            image.output_bytes.map(number),
            image.size.map(|(width, _)| width),
            image.size.map(|(_, height)| height),
        ])?;
    Ok(id)
}

fn change(transaction: &Transaction, line: i64, image: &ListedImage) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE originals SET outcome = ?2, input_bytes = coalesce(?3, input_bytes),
                 output_bytes = coalesce(?4, output_bytes), width = coalesce(?5, width),
                 height = coalesce(?6, height), format = coalesce(?7, format)
             WHERE id = ?1",
        )?
        .execute(params![
            line,
            image.outcome.name(),
            image.input_bytes.map(number),
            image.output_bytes.map(number),
            image.size.map(|(width, _)| width),
            image.size.map(|(_, height)| height),
            image.format.map(|format| format.name()),
        ])?;
    Ok(())
}

/// An image that was listed before it was known to be one that was sent from here: its line goes, for
/// it has, or will have, another.
pub(super) fn is_ours_after_all(
    transaction: &Transaction,
    account: &str,
    image: u64,
) -> rusqlite::Result<()> {
    transaction.execute(
        "DELETE FROM originals WHERE origin = 'account' AND id =
             (SELECT original_id FROM account_images WHERE account = ?1 AND image = ?2)",
        params![account, number(image)],
    )?;
    transaction.execute(
        "UPDATE account_images SET original_id = NULL WHERE account = ?1 AND image = ?2",
        params![account, number(image)],
    )?;
    Ok(())
}
