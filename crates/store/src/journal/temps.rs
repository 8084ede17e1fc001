//! Temporary files outside a commit: those of an original that is being put back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::columns::{path, path_bytes};
use crate::{Result, Store, clock, faults, runs};

/// A temporary file that its run may have left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayTemp {
    /// Its number in the journal.
    pub id: i64,
    /// Where it lay.
    pub path: PathBuf,
    /// The number that the file system gives its folder, as it was then.
    pub folder: Option<u64>,
    /// How long ago it was noted.
    pub age: Duration,
    /// The file that it was about to change places with, or had.
    pub target: Option<PathBuf>,
}

impl Store {
    /// Notes a temporary file before it is made, with the number of its folder.
    ///
    /// # Errors
    /// When the database refuses; the file must not be made then.
    pub fn note_temp(&self, temp: &Path, folder: Option<u64>) -> Result<i64> {
        faults::step("journal: temp")?;
        let run = self.run()?.to_owned();
        let connection = self.connection();
        connection
            .prepare_cached(
                "INSERT INTO temps (run, path, folder, created_at) VALUES (?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![
                run,
                path_bytes(temp),
                folder.map(u64::cast_signed),
                clock::now()
            ])?;
        Ok(connection.last_insert_rowid())
    }

    /// Notes that a temporary file is complete and about to change places with this file.
    ///
    /// # Errors
    /// When the database refuses; the file must not take its place then.
    pub fn begin_putting_back(&self, id: i64, target: &Path) -> Result<()> {
        faults::step("journal: putting back")?;
        self.connection()
            .prepare_cached("UPDATE temps SET target = ?2 WHERE id = ?1")?
            .execute(rusqlite::params![id, path_bytes(target)])?;
        Ok(())
    }

    /// Strikes out a temporary file that is gone.
    ///
    /// # Errors
    /// When the database refuses; then it is looked for again at the next start.
    pub fn strike_temp(&self, id: i64) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM temps WHERE id = ?")?
            .execute([id])?;
        Ok(())
    }

    /// Temporary files of runs that are over.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stray_temps(&self) -> Result<Vec<StrayTemp>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare("SELECT id, run, path, folder, created_at, target FROM temps")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let run: String = row.get(1)?;
            if runs::is_dead(self.dir(), &run) {
                let folder: Option<i64> = row.get(3)?;
                let target: Option<Vec<u8>> = row.get(5)?;
                found.push(StrayTemp {
                    id: row.get(0)?,
                    path: path(row.get(2)?),
                    folder: folder.map(i64::cast_unsigned),
                    age: clock::since(row.get(4)?),
                    target: target.map(path),
                });
            }
        }
        Ok(found)
    }
}
