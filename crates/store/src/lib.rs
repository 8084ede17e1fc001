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
pub mod faults;
mod history;
mod journal;
mod ledger;
mod migrations;
mod outbox;
mod queued;
mod runs;
pub mod server;
mod settings;
mod totals;
mod watch;

pub use backups::{BackupTotals, Backups, Pruned, Retention};
pub use blake3::Hash;
pub use data_dir::data_dir;
pub use error::{Error, Result};
pub use history::{Contents, Record, Replaced};
pub use journal::{CommitFile, CommitNote, FileKind, Interrupted, StrayTemp, Unfinished};
pub use ledger::WrittenAs;
pub use outbox::{
    AccountLink, Listed, ListedImage, OutboxEntry, ToSend, remove_token_file, token_from_file,
    write_token_file,
};
pub use queued::LeftOver;
pub use watch::SeenFile;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
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
    /// Entered when the first thing is noted that an end would interrupt.
    run: OnceLock<runs::Run>,
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
            run: OnceLock::new(),
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

    /// The name under which this process is at work.
    fn run(&self) -> Result<&str> {
        if self.run.get().is_none() {
            // Whoever comes second drops its entry again.
            let _ = self.run.set(runs::Run::begin(&self.dir)?);
        }
        Ok(self.run.get().map_or("", |run| &run.name))
    }

    /// Lets one process at a time clear up after others; `None` when another is at it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin_recovery(&self) -> Result<Option<std::fs::File>> {
        let lock = runs::try_exclusive(&self.dir, "recovery.lock");
        lock.map_err(|source| Error::Folder {
            path: self.dir.clone(),
            source,
        })
    }

    /// Forgets runs that are over. What they left must be cleared up before.
    pub fn sweep_runs(&self) {
        runs::sweep(&self.dir);
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

/// The time of now: UTC, RFC 3339 with milliseconds.
pub fn now() -> String {
    clock::text(clock::now())
}

#[cfg(test)]
mod tests;
