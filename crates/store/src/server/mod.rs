//! What the HTTP server keeps: accounts and tokens, images with their outputs and the queue of them,
//! callback URLs and the webhooks that wait.
//!
//! A database of its own, `server.sqlite3`: a team's records live otherwise than the history of a
//! desktop. [`Records`] is the whole interface; no SQL and no type of SQLite goes through it, so
//! that another database can stand behind it. Every call is one transaction and may wait for the
//! disk: call it where that is allowed.

mod accounts;
mod callbacks;
mod files;
mod images;
mod queue;
mod usage;

pub use accounts::{Account, Defaults, TokenInfo};
pub use callbacks::{Callback, Delivery};
pub use files::FileRecord;
pub use images::{Image, ImageStatus, NewImage, NewOutput, OutputRecord};
pub use queue::{Announce, Announced, Backlog, Finished, FinishedOutput};
pub use usage::UsageRow;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use rusqlite_migration::M;

use crate::{Error, Result, data_dir, migrations};

/// The database's name within the data folder.
const DATABASE: &str = "server.sqlite3";

/// Every step, oldest first. One that was released never changes again.
const STEPS: &[M<'static>] = &[M::up(include_str!("001_create.sql"))];

/// The server's records. Shared between threads.
pub struct Records {
    connection: Mutex<Connection>,
}

impl Records {
    /// Opens the records in this folder, and makes the folder and the database when they are missing.
    ///
    /// # Errors
    /// When the folder cannot be made, or the database is damaged or of a newer Whittle.
    pub fn open(dir: impl AsRef<Path>) -> Result<Records> {
        let dir = dir.as_ref();
        data_dir::create_private(dir).map_err(|source| Error::Folder {
            path: dir.to_path_buf(),
            source,
        })?;
        Ok(Records {
            connection: Mutex::new(migrations::open_with(dir, DATABASE, STEPS)?),
        })
    }

    /// A thread that panicked within a transaction rolled it back, so the poison can be ignored.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
