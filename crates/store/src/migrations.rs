//! Opening the database and bringing it to this version's format. Each step's SQL stands beside
//! the code of its table; a step that was released never changes again.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{BUSY, Error, Result};

/// Every step, oldest first.
pub(crate) const STEPS: &[M<'static>] = &[
    M::up(include_str!("history/001_create.sql")),
    M::up(include_str!("totals/001_create.sql")),
    M::up(include_str!("settings/001_create.sql")),
    M::up(include_str!("backups/001_create.sql")),
    M::up(include_str!("ledger/001_create.sql")),
    M::up(include_str!("journal/001_create.sql")),
    M::up(include_str!("queued/001_create.sql")),
    M::up(include_str!("backups/002_used_at.sql")),
    M::up(include_str!("watch/001_create.sql")),
    M::up(include_str!("journal/002_folders.sql")),
    M::up(include_str!("outbox/001_create.sql")),
    M::up(include_str!("history/002_foreign.sql")).foreign_key_check(),
    M::up(include_str!("outbox/002_results.sql")),
    M::up(include_str!("history/003_images.sql")),
];

#[cfg(test)]
pub(crate) const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Opens the database of the history, and creates or upgrades it when needed.
pub(crate) fn open(dir: &Path, name: &str) -> Result<Connection> {
    open_with(dir, name, STEPS)
}

/// Opens a database that these steps lead to.
pub(crate) fn open_with(
    dir: &Path,
    name: &str,
    steps: &'static [M<'static>],
) -> Result<Connection> {
    // Two processes that start together would both try to make the tables. The lock goes with the
    // file handle, so a process that dies leaves none behind.
    let lock = dir.join("migration.lock");
    let lock = File::create(&lock)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| Error::Folder {
            path: dir.to_path_buf(),
            source,
        })?;
    let path = dir.join(name);
    let mut connection = Connection::open(&path)?;
    connection.busy_timeout(BUSY)?;
    refuse_newer(&connection, &path, steps.len() as i64)?;
    // FULL, not NORMAL: the line that says where a replaced original is kept must survive a power
    // cut right after it was written. It costs one sync for each image.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Off while tables are made anew: dropping one would take what refers to it along.
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    Migrations::from_slice(steps).to_latest(&mut connection)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    drop(lock);
    Ok(connection)
}

/// Before anything is written: an older program must not touch a format that it doesn't know.
fn refuse_newer(connection: &Connection, path: &Path, known: i64) -> Result<()> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer {
            path: path.to_path_buf(),
            found,
            known,
        });
    }
    Ok(())
}
