//! Watched folders with their rules, and what was already seen in them.

mod activity;

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, TransactionBehavior, params};
use whittle_core::{WatchRules, WatchedFolder};

use crate::columns::{number, path, path_bytes, size};
use crate::ledger::hash_column;
use crate::{Error, Hash, Result, Store, clock};

/// A file of a watched folder as it was when it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Absolute.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed, in ns since 1970.
    pub modified: i64,
    /// Its content.
    pub hash: Hash,
}

impl Store {
    /// The watched folders, in the order in which they were added.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn watched_folders(&self) -> Result<Vec<WatchedFolder>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT id, path, rules FROM watched_folders ORDER BY id")?;
        let folders = statement.query_map([], |row| {
            let rules: String = row.get(2)?;
            Ok(WatchedFolder {
                id: row.get(0)?,
                path: path(row.get(1)?),
                // Rules that nobody can read must not become the default ones: those write files.
                rules: serde_json::from_str(&rules).unwrap_or_else(|error| {
                    tracing::warn!("unreadable rules of a watched folder: {error}");
                    WatchRules {
                        paused: true,
                        ..WatchRules::default()
                    }
                }),
            })
        })?;
        Ok(folders.collect::<rusqlite::Result<_>>()?)
    }

    /// Adds a folder, by its absolute path, and returns its number.
    ///
    /// # Errors
    /// When it is watched already, or the database refuses.
    pub fn add_watched_folder(&self, path: &Path, rules: &WatchRules) -> Result<i64> {
        let connection = self.connection();
        let added = connection.execute(
            "INSERT OR IGNORE INTO watched_folders (created_at, path, rules) VALUES (?, ?, ?)",
            params![clock::now(), path_bytes(path), json(rules)?],
        )?;
        match added {
            0 => Err(Error::WatchedAlready {
                path: path.to_path_buf(),
            }),
            _ => Ok(connection.last_insert_rowid()),
        }
    }

    /// Changes the rules of a folder; `false` when there is no such folder.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn change_watched_folder(&self, id: i64, rules: &WatchRules) -> Result<bool> {
        let changed = self.connection().execute(
            "UPDATE watched_folders SET rules = ?2 WHERE id = ?1",
            params![id, json(rules)?],
        )?;
        Ok(changed == 1)
    }

    /// Watches a folder no longer; `false` when there is no such folder.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn remove_watched_folder(&self, id: i64) -> Result<bool> {
        let removed = self
            .connection()
            .execute("DELETE FROM watched_folders WHERE id = ?", [id])?;
        Ok(removed == 1)
    }

    /// A file of a watched folder as it was when it was last looked at.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn seen_file(&self, file: &Path) -> Result<Option<SeenFile>> {
        let row = self
            .connection()
            .prepare_cached("SELECT bytes, modified, hash FROM watched_files WHERE path = ?")?
            .query_row([path_bytes(file)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        Ok(row.and_then(|(bytes, modified, hash)| {
            Some(SeenFile {
                path: file.to_path_buf(),
                bytes: size(bytes),
                modified,
                hash: hash_column(hash)?,
            })
        }))
    }

    /// Notes files that were looked at.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_seen(&self, files: &[SeenFile]) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for file in files {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO watched_files (path, bytes, modified, hash)
                     VALUES (?, ?, ?, ?)",
                )?
                .execute(params![
                    path_bytes(&file.path),
                    number(file.bytes),
                    file.modified,
                    file.hash.as_bytes().as_slice()
                ])?;
        }
        Ok(transaction.commit()?)
    }
}

fn json(rules: &WatchRules) -> Result<String> {
    Ok(serde_json::to_string(rules)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?)
}
