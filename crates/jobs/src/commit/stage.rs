use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use whittle_core::ErrorCode;
use whittle_store::{Hash, faults};

use super::attributes;
use super::exchange::exchange;
use super::temp::{self, sync_folder};
use crate::source::{Source, hash_file};
use crate::stop::Stop;

/// A complete file, on the disk, under a temporary name beside its own. It vanishes when it is
/// dropped.
pub(super) struct Staged {
    file: NamedTempFile,
    target: PathBuf,
}

/// A file that has its name now.
#[derive(Default)]
pub(super) struct Placed {
    /// What it changed places with, when that could not be removed, and its folder's number.
    pub left: Option<(PathBuf, Option<u64>)>,
    /// The name, when nothing had it before.
    pub fresh: Option<PathBuf>,
    /// What went wrong after that: the file stands, but may not survive a power cut.
    pub doubt: Option<io::Error>,
}

impl Staged {
    /// A new file made from `source`; missing folders are made.
    pub fn new_file(
        target: &Path,
        temp: &Path,
        bytes: &[u8],
        source: &Source,
        keep_times: bool,
    ) -> Result<Staged, Stop> {
        if let Some(folder) = target.parent().filter(|path| !path.as_os_str().is_empty()) {
            faults::step("folder: create")
                .and_then(|()| fs::create_dir_all(folder))
                .map_err(|error| Stop::io(&error, "make the folder of", target))?;
        }
        Staged::stage(target, temp, bytes, |file| {
            attributes::copy_mode(&source.metadata, file)?;
            attributes::copy_times(&source.metadata, file, keep_times)
        })
    }

    /// A file that will take the place of `target`, with all that `target` has.
    pub fn replacement(
        target: &Path,
        temp: &Path,
        bytes: &[u8],
        keep_times: bool,
    ) -> Result<Staged, Stop> {
        Staged::stage(target, temp, bytes, |file| {
            let metadata = attributes::copy_all(target, file)?;
            attributes::copy_times(&metadata, file, keep_times)
        })
    }

    /// A file where there is nothing to take anything over from.
    pub fn bare(target: &Path, temp: &Path, bytes: &[u8]) -> Result<Staged, Stop> {
        Staged::stage(target, temp, bytes, attributes::default_mode)
    }

    fn stage(
        target: &Path,
        temp: &Path,
        bytes: &[u8],
        attributes: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<Staged, Stop> {
        let failed = |doing| move |error: io::Error| Stop::io(&error, doing, target);
        let mut file = faults::step("temp: create")
            .and_then(|()| temp::create(temp))
            .map_err(failed("make a temporary file beside"))?;
        faults::step("temp: write")
            .and_then(|()| file.write_all(bytes))
            .map_err(failed("write the temporary file beside"))?;
        faults::step("temp: attributes")
            .and_then(|()| attributes(file.as_file()))
            .map_err(failed("copy the attributes of"))?;
        faults::step("temp: sync")
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed("bring to the disk the result for"))?;
        Ok(Staged {
            file,
            target: target.to_path_buf(),
        })
    }

    /// Gives the file its name. What stands there already is only replaced when `may_replace`
    /// says so.
    pub fn place(self, may_replace: impl Fn(&Path) -> bool) -> Result<Placed, Stop> {
        let Staged { file, target } = self;
        let failed = |error: &io::Error| Stop::io(error, "give its name to", &target);
        faults::step("place: rename").map_err(|error| failed(&error))?;
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
        Ok(Placed {
            doubt: synced(&target),
            fresh: is_new.then_some(target),
            left: None,
        })
    }

    /// Takes the place of the file at `real`, if its content still has this hash.
    pub fn replace(self, real: &Path, expected: &Hash) -> Result<Placed, Stop> {
        let failed = |doing| move |error: io::Error| Stop::io(&error, doing, real);
        // Another Whittle that replaces the same file holds this lock until it is done; the look
        // at the hash then tells which came first. File systems without locks do without.
        let lock = match faults::step("replace: lock").and_then(|()| File::open(real)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(changed("The file is gone"));
            }
            opened => opened.map_err(failed("open once more"))?,
        };
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Err(changed("Another program holds the file just now"));
        }
        let before = faults::step("replace: look")
            .and_then(|()| fs::metadata(real))
            .map_err(failed("look again at"))?;
        let now = faults::step("replace: hash")
            .and_then(|()| hash_file(real))
            .map_err(failed("read once more"))?;
        // Hashing a large file takes a while; whoever wrote meanwhile moved its times.
        let after = fs::metadata(real).map_err(failed("look again at"))?;
        if now != *expected || !is_same(&before, &after) {
            return Err(changed("The file changed while it was worked on"));
        }
        faults::step("replace: rename").map_err(failed("replace"))?;
        let left = change_places(self.file, real, expected)?;
        Ok(Placed {
            fresh: None,
            doubt: synced(real),
            left,
        })
    }
}

/// Takes the place of the file at `real`. Where two files can change places, it looks at what came out:
/// somebody may have written in the moment between the last look and the rename. If it is not what was
/// expected, they change back. What came out is removed, or told if it cannot be.
fn change_places(
    file: NamedTempFile,
    real: &Path,
    expected: &Hash,
) -> Result<Option<(PathBuf, Option<u64>)>, Stop> {
    let failed = |error: io::Error| Stop::io(&error, "replace", real);
    let temp = file.path().to_path_buf();
    let folder = temp::folder_number(&temp);
    let exchanged = exchange(&temp, real).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => changed("The file is gone"),
        _ => failed(error),
    })?;
    if !exchanged {
        return match file.persist(real) {
            Ok(_) => Ok(None),
            Err(error) => Err(failed(error.error)),
        };
    }
    let came_out = faults::step("replace: compare").and_then(|()| hash_file(&temp));
    if !came_out.as_ref().is_ok_and(|hash| hash == expected) {
        let back = exchange(&temp, real);
        if !matches!(back, Ok(true)) {
            // Under its temporary name it is safe, and the next start puts it back.
            let _ = file.into_temp_path().keep();
        }
        back.map_err(failed)?;
        return Err(match came_out {
            Ok(_) => changed("The file changed while it was worked on"),
            Err(error) => failed(error),
        });
    }
    let _ = faults::step("replace: discard");
    let _ = file.close();
    let is_left = temp.symlink_metadata().is_ok() || temp::is_away(&temp, folder);
    Ok(is_left.then_some((temp, folder)))
}

/// After a rename there is no way back: what fails here is told, and the result stands.
fn synced(path: &Path) -> Option<io::Error> {
    faults::step("folder: sync")
        .and_then(|()| sync_folder(path))
        .err()
}

fn is_same(a: &Metadata, b: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (a.dev(), a.ino(), a.ctime(), a.ctime_nsec())
            != (b.dev(), b.ino(), b.ctime(), b.ctime_nsec())
        {
            return false;
        }
    }
    a.len() == b.len() && a.modified().ok() == b.modified().ok()
}

fn changed(what: &str) -> Stop {
    Stop::failed(
        ErrorCode::ChangedMeanwhile,
        format!("{what}, so nothing was written."),
    )
}
