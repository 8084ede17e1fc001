//! Originals that were replaced, kept byte for byte in files named by their hash.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Transaction, params};

use crate::data_dir::{create_private, sync_dir};
use crate::{Error, Hash, Result, Store, clock, columns};

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupTotals {
    /// Different originals.
    pub count: u32,
    /// Their bytes.
    pub bytes: u64,
}

/// The folder of replaced originals. Needs no database, so that a run without history keeps its
/// originals too.
#[derive(Clone, Debug)]
pub struct Backups {
    dir: PathBuf,
}

impl Backups {
    /// The backups of this data folder.
    pub fn in_data_dir(data_dir: &Path) -> Backups {
        Backups {
            dir: data_dir.join("backups"),
        }
    }

    /// The folder. It may not exist yet.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the original of this content lies, or would lie.
    pub fn path(&self, hash: &Hash) -> PathBuf {
        let hex = hash.to_hex();
        self.dir.join(&hex[..2]).join(hex.as_str())
    }

    /// Keeps these bytes, whose hash this is. When it returns, they are on the disk, and were read
    /// back and compared.
    ///
    /// # Errors
    /// When that is not certain. Nothing may be replaced then.
    pub fn keep(&self, bytes: &[u8], hash: &Hash) -> Result<()> {
        match self.read(hash) {
            Ok(_) => return Ok(()),
            // A damaged one is written anew: these bytes are the right ones.
            Err(Error::BackupMissing { .. } | Error::BackupDamaged { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = self.path(hash);
        self.write(bytes, &path).map_err(|source| Error::Backup {
            path: path.clone(),
            source,
        })?;
        self.read(hash).map(drop)
    }

    /// The original of this content, checked.
    ///
    /// # Errors
    /// When it is missing, damaged or cannot be read.
    pub fn read(&self, hash: &Hash) -> Result<Vec<u8>> {
        let path = self.path(hash);
        match fs::read(&path) {
            Ok(bytes) if blake3::hash(&bytes) == *hash => Ok(bytes),
            Ok(_) => Err(Error::BackupDamaged { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::BackupMissing { path })
            }
            Err(source) => Err(Error::Backup { path, source }),
        }
    }

    fn write(&self, bytes: &[u8], path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.dir);
        create_private(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".incoming-")
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        // The name, and the names of the folders that may be new as well.
        sync_dir(folder)?;
        sync_dir(&self.dir)?;
        self.dir.parent().map_or(Ok(()), sync_dir)
    }
}

impl Store {
    /// How much is kept in [`Store::backups`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backup_totals(&self) -> Result<BackupTotals> {
        Ok(self.connection().query_row(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM backups",
            [],
            |row| {
                Ok(BackupTotals {
                    count: columns::count(row.get(0)?),
                    bytes: columns::size(row.get(1)?),
                })
            },
        )?)
    }
}

/// Counts one more line of the history that needs this backup.
pub(crate) fn count_one(transaction: &Transaction, hash: &Hash, bytes: u64) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO backups (hash, bytes, created_at, count) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (hash) DO UPDATE SET count = count + 1",
        )?
        .execute(params![
            hash.as_bytes().as_slice(),
            columns::number(bytes),
            clock::now()
        ])?;
    Ok(())
}
