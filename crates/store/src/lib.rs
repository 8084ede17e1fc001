//! What Whittle remembers: the history, its totals, the settings, a ledger of own outputs, and the
//! originals that were replaced.
//!
//! All of it lies in one folder ([`data_dir`]): the database `whittle.sqlite3`, and `backups/`
//! beside it. Several processes (the window and the command line) may have it open at once.
//!
//! **Invariant:** this crate writes nowhere but below that folder, and knows nothing of codecs.

mod backups;
mod clock;
mod columns;
mod data_dir;
mod error;
mod history;
mod ledger;
mod migrations;
mod settings;
mod totals;

pub use backups::{BackupTotals, Backups};
pub use blake3::Hash;
pub use data_dir::data_dir;
pub use error::{Error, Result};
pub use history::{Record, Replaced};
pub use ledger::WrittenAs;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

/// The database's name within the data folder.
const DATABASE: &str = "whittle.sqlite3";
/// How long a statement waits for another process before it fails.
const BUSY: Duration = Duration::from_secs(15);

/// The open database with its folder. Shared between threads; each call is one transaction.
pub struct Store {
    dir: PathBuf,
    connection: Mutex<Connection>,
    backups: Backups,
}

impl Store {
    /// Opens what lies in this folder, and makes the folder and the database when they are missing.
    ///
    /// # Errors
    /// When the folder cannot be made, or when the database is damaged or was written by a newer
    /// Whittle; it is left untouched then.
    pub fn open(dir: impl AsRef<Path>) -> Result<Store> {
        let dir = dir.as_ref().to_path_buf();
        data_dir::create_private(&dir).map_err(|source| Error::Folder {
            path: dir.clone(),
            source,
        })?;
        let connection = migrations::open(&dir, DATABASE)?;
        Ok(Store {
            backups: Backups::in_data_dir(&dir),
            connection: Mutex::new(connection),
            dir,
        })
    }

    /// The folder that holds everything.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The originals that were replaced.
    pub fn backups(&self) -> &Backups {
        &self.backups
    }

    /// The connection. A thread that panicked within a transaction rolled it back, so the
    /// connection is fine and the poison can be ignored.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.dir).finish()
    }
}

#[cfg(test)]
mod tests;
