use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use whittle_core::ErrorCode;
use whittle_store::Hash;

use super::attributes;
use crate::source::{Source, hash_file};
use crate::stop::Stop;

/// A complete file, on the disk, under a temporary name beside its own. It vanishes when it is
/// dropped.
pub(super) struct Staged {
    file: NamedTempFile,
    target: PathBuf,
    pub hash: Hash,
}

impl Staged {
    /// A new file made from `source`; missing folders are made.
    pub fn new_file(target: &Path, bytes: &[u8], source: &Source) -> Result<Staged, Stop> {
        if let Some(folder) = target.parent().filter(|path| !path.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| Stop::io(&error, "write", target))?;
        }
        Staged::stage(target, bytes, |file| {
            attributes::copy_mode(&source.metadata, file)
        })
    }

    /// A file that will take the place of `target`, with all that `target` has.
    pub fn replacement(target: &Path, bytes: &[u8]) -> Result<Staged, Stop> {
        Staged::stage(target, bytes, |file| attributes::copy_all(target, file))
    }

    /// A file where there is nothing to take anything over from.
    pub fn bare(target: &Path, bytes: &[u8]) -> Result<Staged, Stop> {
        Staged::stage(target, bytes, attributes::default_mode)
    }

    fn stage(
        target: &Path,
        bytes: &[u8],
        attributes: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<Staged, Stop> {
        let stage = || {
            let mut file = tempfile::Builder::new()
                .prefix(".whittle-")
                .suffix(".tmp")
                .tempfile_in(folder(target))?;
            file.write_all(bytes)?;
            attributes(file.as_file())?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        Ok(Staged {
            file: stage().map_err(|error| Stop::io(&error, "write", target))?,
            target: target.to_path_buf(),
            hash: blake3::hash(bytes),
        })
    }

    /// Gives the file its name. What stands there already is only replaced when `may_replace`
    /// says so. Returns the path when the name is new.
    pub fn place(self, may_replace: impl Fn(&Path) -> bool) -> Result<Option<PathBuf>, Stop> {
        let Staged { file, target, .. } = self;
        let failed = |error: &io::Error| Stop::io(error, "write", &target);
        let is_new = match file.persist_noclobber(&target) {
            Ok(_) => true,
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                if !may_replace(&target) {
                    return Err(super::output_exists(&target));
                }
                error
                    .file
                    .persist(&target)
                    .map_err(|error| failed(&error.error))?;
                false
            }
            Err(error) => return Err(failed(&error.error)),
        };
        sync_folder(&target).map_err(|error| failed(&error))?;
        Ok(is_new.then_some(target))
    }

    /// Takes the place of the file at `real`, if its content still has this hash.
    pub fn replace(self, real: &Path, expected: &Hash) -> Result<(), Stop> {
        let failed = |error: io::Error| Stop::io(&error, "replace", real);
        // Another Whittle that replaces the same file holds this lock until it is done; the look
        // at the hash then tells which came first. File systems without locks do without.
        let lock = match File::open(real) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(changed("The file is gone"));
            }
            opened => opened.map_err(failed)?,
        };
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Err(changed("Another program holds the file just now"));
        }
        if hash_file(real).map_err(failed)? != *expected {
            return Err(changed("The file changed while it was worked on"));
        }
        self.file
            .persist(real)
            .map_err(|error| failed(error.error))?;
        sync_folder(real).map_err(failed)
    }
}

fn changed(what: &str) -> Stop {
    Stop::failed(
        ErrorCode::ChangedMeanwhile,
        format!("{what}, so nothing was written."),
    )
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a new name survive a power cut.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
