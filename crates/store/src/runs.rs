//! Which processes are at work. Each holds the lock of a file of its own; the lock goes with the
//! process, however that ends, so what is left in the database by a run whose lock is free was
//! interrupted. Numbers of processes would not do: they come again.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::data_dir::create_private;
use crate::{Error, Result};

/// This process's entry.
#[derive(Debug)]
pub(crate) struct Run {
    pub name: String,
    path: PathBuf,
    _lock: File,
}

impl Run {
    /// Enters this process.
    pub fn begin(data_dir: &Path) -> Result<Run> {
        let dir = dir(data_dir);
        let begin = || {
            create_private(&dir)?;
            // Nobody may take the file for that of a dead run before it is locked.
            let _all = lock_all(&dir)?;
            let (lock, path) = tempfile::Builder::new()
                .prefix("run-")
                .suffix(".lock")
                .tempfile_in(&dir)?
                .keep()
                .map_err(|error| error.error)?;
            match lock.lock() {
                Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
                _ => {}
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            Ok(Run {
                name: name.into_owned(),
                path: path.clone(),
                _lock: lock,
            })
        };
        begin().map_err(|source| Error::Folder {
            path: dir.clone(),
            source,
        })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether nobody works under this name any more. In doubt somebody does.
pub(crate) fn is_dead(data_dir: &Path, name: &str) -> bool {
    match File::open(dir(data_dir).join(name).with_extension("lock")) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(file) => file.try_lock().is_ok(),
    }
}

/// Removes the files of runs that are over.
pub(crate) fn sweep(data_dir: &Path) {
    let dir = dir(data_dir);
    let Ok(_all) = lock_all(&dir) else { return };
    for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_run = entry.file_name().as_encoded_bytes().starts_with(b"run-");
        if is_run && File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(path);
        }
    }
}

/// A lock that one process at a time has; `None` when another has it now.
pub(crate) fn try_exclusive(data_dir: &Path, name: &str) -> io::Result<Option<File>> {
    let file = File::create(data_dir.join(name))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn lock_all(dir: &Path) -> io::Result<File> {
    let all = File::create(dir.join("all.lock"))?;
    match all.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(all),
    }
}

fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join("running")
}
