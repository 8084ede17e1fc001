//! Where everything is kept.

use std::io;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The folder that `WHITTLE_DATA_DIR` names, else the platform's usual place.
///
/// # Errors
/// When neither is known.
pub fn data_dir() -> Result<PathBuf> {
    match std::env::var_os("WHITTLE_DATA_DIR") {
        Some(dir) if !dir.is_empty() => Ok(PathBuf::from(dir)),
        _ => directories::ProjectDirs::from("", "", "Whittle")
            .map(|dirs| dirs.data_local_dir().to_path_buf())
            .ok_or(Error::NoHome),
    }
}

/// Makes a folder and its parents. What is new can be entered by its owner alone: backups are
/// private pictures.
pub(crate) fn create_private(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the names in a folder survive a power cut. Windows has no such call: there, renames are
/// journalled by the file system.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
