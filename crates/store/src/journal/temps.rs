//! Temporary files outside a commit: those of an original that is being put back.

use std::path::{Path, PathBuf};

use crate::columns::{path, path_bytes};
use crate::{Result, Store, faults, runs};

impl Store {
    /// Notes a temporary file before it is made.
    ///
    /// # Errors
    /// When the database refuses; the file must not be made then.
    pub fn note_temp(&self, temp: &Path) -> Result<i64> {
        faults::step("journal: temp")?;
        let run = self.run()?.to_owned();
        let connection = self.connection();
        connection
            .prepare_cached("INSERT INTO temps (run, path) VALUES (?, ?)")?
            .execute(rusqlite::params![run, path_bytes(temp)])?;
        Ok(connection.last_insert_rowid())
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
    pub fn stray_temps(&self) -> Result<Vec<(i64, PathBuf)>> {
        let connection = self.connection();
        let mut statement = connection.prepare("SELECT id, run, path FROM temps")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let run: String = row.get(1)?;
            if runs::is_dead(self.dir(), &run) {
                found.push((row.get(0)?, path(row.get(2)?)));
            }
        }
        Ok(found)
    }
}
