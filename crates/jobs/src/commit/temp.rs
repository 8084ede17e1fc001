//! Temporary files beside the ones that they will become.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

const PREFIX: &str = ".whittle-";
const SUFFIX: &str = ".tmp";

/// A name that nobody else has, for a file that will become `target`. It is short: the target's own
/// name may be as long as the file system allows.
pub(super) fn name_beside(target: &Path) -> PathBuf {
    let number = uuid::Uuid::now_v7().simple();
    folder(target).join(format!("{PREFIX}{number}{SUFFIX}"))
}

/// Whether a name is one of [`name_beside`]. Nothing else is ever cleared away.
pub(super) fn is_own(path: &Path) -> bool {
    let number = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    number.is_some_and(|number| uuid::Uuid::try_parse(number).is_ok())
}

/// What the file system calls the folder of this path, if it is there and numbers are given to folders.
pub(super) fn folder_number(path: &Path) -> Option<u64> {
    let metadata = folder(path).metadata().ok()?;
    #[cfg(unix)]
    return Some(std::os::unix::fs::MetadataExt::ino(&metadata));
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// Whether a temporary file cannot be seen from here, though it may be somewhere: its folder is not
/// there, or another one stands in its place, as where a disk is not mounted.
pub(super) fn is_away(temp: &Path, noted: Option<u64>) -> bool {
    if temp.symlink_metadata().is_ok() {
        return false;
    }
    !folder(temp).is_dir() || noted.is_some() && noted != folder_number(temp)
}

/// Makes the file of this name. It is its owner's alone, and vanishes when it is dropped.
pub(super) fn create(path: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(path.file_name().unwrap_or_default())
        .rand_bytes(0)
        .tempfile_in(folder(path))
}

pub(super) fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a new name survive a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_elsewhere_is_not_gone() {
        let all = tempfile::tempdir().unwrap();
        let folder = all.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let temp = folder.join("temp");
        let number = folder_number(&temp);
        assert!(!is_away(&temp, number));
        std::fs::rename(&folder, all.path().join("away")).unwrap();
        assert!(is_away(&temp, number) && is_away(&temp, None));
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(is_away(&temp, number), cfg!(unix));
        assert!(!is_away(&temp, None));
        std::fs::write(&temp, b"").unwrap();
        assert!(!is_away(&temp, number));
    }

    #[test]
    fn only_own_names_are_own() {
        let name = name_beside(Path::new("/p/photo.jpg"));
        assert_eq!(name.parent(), Some(Path::new("/p")));
        assert!(is_own(&name));
        assert!(name.file_name().unwrap().len() < 60);
        for other in [
            "/p/.whittle-notes.tmp",
            "/p/photo.jpg",
            "/p/.whittle-.tmp",
            "/",
        ] {
            assert!(!is_own(Path::new(other)), "{other}");
        }
    }
}
