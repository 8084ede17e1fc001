use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, TransactionBehavior, params};
use whittle_core::BatchId;

use crate::columns::{path, path_bytes};
use crate::ledger::hash_column;
use crate::{Hash, Result, Store, backups, clock, faults};

/// An original that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Where it was, and where its result stands.
    pub path: PathBuf,
    /// Its content: the name of its backup.
    pub original: Hash,
    /// Content of the result that took its place.
    pub result: Hash,
    /// Whether it was put back already.
    pub reverted: bool,
}

/// The contents that a line of the history was about, as far as it knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Of the original.
    pub original: Option<Hash>,
    /// Of the result, or the derivative, that was written.
    pub result: Option<Hash>,
}

impl Store {
    /// What the files of a line of the history contained, or with a style the original and that derivative of
    /// it; nothing is known of a line that there is not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn contents(&self, id: i64, style: Option<&str>) -> Result<Contents> {
        let row = self
            .connection()
            .prepare_cached(
                "SELECT content_hash, iif(?2 IS NULL, output_hash,
                     (SELECT hash FROM optimized_images WHERE original_id = o.id AND style = ?2))
                 FROM originals o WHERE id = ?1",
            )?
            .query_row(params![id, style], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(
            row.map_or_else(Contents::default, |(original, result)| Contents {
                original: hash_column(original),
                result: hash_column(result),
            }),
        )
    }

    /// What a line of the history says of a replaced original; `None` when there is no such line,
    /// or when it replaced nothing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn replaced(&self, id: i64) -> Result<Option<Replaced>> {
        let row = self
            .connection()
            .prepare_cached(
                "SELECT path, backup_hash, output_hash, reverted_at IS NOT NULL
                 FROM originals WHERE id = ?",
            )?
            .query_row([id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        Ok(row.and_then(|(bytes, original, result, reverted)| {
            Some(Replaced {
                path: path(bytes),
                original: hash_column(original)?,
                result: hash_column(result)?,
                reverted,
            })
        }))
    }

    /// The newest line that replaced the original at this absolute path and was not put back.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn revertible(&self, path: &Path) -> Result<Option<i64>> {
        Ok(self
            .connection()
            .prepare_cached(
                "SELECT id FROM originals
                 WHERE path = ? AND backup_hash IS NOT NULL AND reverted_at IS NULL
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([path_bytes(path)], |row| row.get(0))
            .optional()?)
    }

    /// Notes that an original was put back; `false` when that was noted before.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn mark_reverted(&self, id: i64) -> Result<bool> {
        faults::step("history: revert")?;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let backup: Option<Option<Vec<u8>>> = transaction
            .query_row(
                "UPDATE originals SET reverted_at = ?2 WHERE id = ?1 AND reverted_at IS NULL
                 RETURNING backup_hash",
                params![id, clock::now()],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(Some(hash)) = &backup {
            backups::count_off(&transaction, hash)?;
        }
        transaction.commit()?;
        Ok(backup.is_some())
    }

    /// Lines whose originals were replaced and not put back, newest first: of one batch, or all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn all_revertible(&self, batch: Option<&BatchId>) -> Result<Vec<i64>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT id FROM originals
             WHERE backup_hash IS NOT NULL AND reverted_at IS NULL AND (?1 IS NULL OR batch = ?1)
             ORDER BY id DESC",
        )?;
        let ids = statement.query_map([batch.map(|batch| &batch.0)], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}
