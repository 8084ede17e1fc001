//! Originals that were replaced, kept byte for byte in files named by their hash.

mod retention;

pub use retention::{Pruned, Retention};

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Transaction, params};

use crate::data_dir::{create_private, sync_dir};
use crate::{Error, Hash, Result, Store, columns, faults};

/// How the names of files begin that are still being written.
const INCOMING: &str = ".incoming-";

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
    /// back and compared. Where the file system can, they share their blocks with `original`, the
    /// open file that they were read from.
    ///
    /// # Errors
    /// When that is not certain. Nothing may be replaced then.
    pub fn keep(&self, bytes: &[u8], hash: &Hash, original: Option<&File>) -> Result<()> {
        create_private(&self.dir).map_err(|source| Error::Backup {
            path: self.dir.clone(),
            source,
        })?;
        let _shared = self.lock_shared();
        match self.read(hash) {
            Ok(_) => {
                // From now on it is young again, whatever the history says of it.
                let _ = File::open(self.path(hash))
                    .and_then(|file| file.set_modified(SystemTime::now()));
                return Ok(());
            }
            // A damaged one is written anew: these bytes are the right ones.
            Err(Error::BackupMissing { .. } | Error::BackupDamaged { .. }) => {}
            Err(error) => return Err(error),
        }
        let path = self.path(hash);
        let failed = |source| Error::Backup {
            path: path.clone(),
            source,
        };
        if original.is_some_and(|original| self.clone_of(original, &path).is_ok())
            && self.read(hash).is_ok()
        {
            return Ok(());
        }
        // Blocks cannot be shared, or the original changed after it was read.
        self.write(bytes, &path).map_err(failed)?;
        faults::step("backup: read back").map_err(failed)?;
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
        self.place(path, |file| {
            faults::step("backup: write")?;
            file.write_all(bytes)
        })
    }

    #[cfg(target_os = "linux")]
    fn clone_of(&self, original: &File, path: &Path) -> io::Result<()> {
        self.place(path, |file| Ok(rustix::fs::ioctl_ficlone(file, original)?))
    }

    #[cfg(not(target_os = "linux"))]
    fn clone_of(&self, _: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn place(&self, path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.dir);
        faults::step("backup: create")?;
        create_private(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(INCOMING)
            .tempfile_in(folder)?;
        fill(file.as_file_mut())?;
        faults::step("backup: sync")?;
        file.as_file().sync_all()?;
        faults::step("backup: rename")?;
        file.persist(path).map_err(|error| error.error)?;
        faults::step("backup: sync folder")?;
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

/// Counts one line of the history less: its original was put back.
pub(crate) fn count_off(transaction: &Transaction, hash: &[u8]) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE backups SET count = count - 1 WHERE hash = ? AND count > 0",
        [hash],
    )?;
    Ok(())
}

/// Counts one more line of the history that needs this backup.
pub(crate) fn count_one(
    transaction: &Transaction,
    hash: &Hash,
    bytes: u64,
    now: i64,
) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO backups (hash, bytes, created_at, used_at, count) VALUES (?1, ?2, ?3, ?3, 1)
             ON CONFLICT (hash) DO UPDATE SET count = count + 1, used_at = excluded.used_at",
        )?
        .execute(params![
            hash.as_bytes().as_slice(),
            columns::number(bytes),
            now
        ])?;
    Ok(())
}
