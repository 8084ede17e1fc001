//! What waits in the queues of all runs, so that it can be offered again when a run was interrupted.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, TransactionBehavior, params};
use whittle_core::BatchId;

use crate::columns::{path, path_bytes};
use crate::{Result, Store, clock, runs};

/// The images of one batch that an interrupted run did not get to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOver {
    /// The batch.
    pub batch: BatchId,
    /// When it was queued: UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// What was to be done, as whoever queued them wrote it.
    pub plan: String,
    /// Each image, and the same from the folder that was given.
    pub images: Vec<(PathBuf, PathBuf)>,
}

impl Store {
    /// Notes images that were queued, and returns their numbers.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_queued<'a>(
        &self,
        batch: &BatchId,
        plan: &str,
        images: impl Iterator<Item = (&'a Path, &'a Path)>,
    ) -> Result<Vec<i64>> {
        let run = self.run()?.to_owned();
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut numbers = Vec::new();
        for (path, below) in images {
            transaction
                .prepare_cached(
                    "INSERT INTO queued (run, batch, created_at, plan, path, below)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    run,
                    batch.0,
                    clock::now(),
                    plan,
                    path_bytes(path),
                    path_bytes(below)
                ])?;
            numbers.push(transaction.last_insert_rowid());
        }
        transaction.commit()?;
        Ok(numbers)
    }

    /// Forgets what waits, or is left over, of a batch.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_queued(&self, batch: &BatchId) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM queued WHERE batch = ?")?
            .execute([&batch.0])?;
        Ok(())
    }

    /// What runs that are over left, oldest batch first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn left_over(&self) -> Result<Vec<LeftOver>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare("SELECT run, batch, created_at, plan, path, below FROM queued ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut found: Vec<LeftOver> = Vec::new();
        let mut known: Option<(String, bool)> = None;
        while let Some(row) = rows.next()? {
            let run: String = row.get(0)?;
            let dead = match &known {
                Some((name, dead)) if *name == run => *dead,
                _ => runs::is_dead(self.dir(), &run),
            };
            known = Some((run, dead));
            if !dead {
                continue;
            }
            let batch = BatchId(row.get(1)?);
            let image = (path(row.get(4)?), path(row.get(5)?));
            match found.iter_mut().find(|left| left.batch == batch) {
                Some(left) => left.images.push(image),
                None => found.push(LeftOver {
                    batch,
                    created_at: clock::text(row.get(2)?),
                    plan: row.get(3)?,
                    images: vec![image],
                }),
            }
        }
        Ok(found)
    }

    /// Forgets these images of what is left over of a batch: somebody else goes on with them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_left_over(&self, batch: &BatchId, images: &[PathBuf]) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for image in images {
            transaction
                .prepare_cached("DELETE FROM queued WHERE batch = ? AND path = ?")?
                .execute(params![batch.0, path_bytes(image)])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Takes what is left over of a batch, so that nobody else does; `false` when somebody did.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn take_left_over(&self, batch: &BatchId) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let run: Option<String> = transaction
            .query_row(
                "SELECT run FROM queued WHERE batch = ? LIMIT 1",
                [&batch.0],
                |row| row.get(0),
            )
            .optional()?;
        let free = run.is_some_and(|run| runs::is_dead(self.dir(), &run));
        if free {
            transaction.execute("DELETE FROM queued WHERE batch = ?", [&batch.0])?;
        }
        transaction.commit()?;
        Ok(free)
    }
}
