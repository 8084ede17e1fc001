//! Two files that change places in one step, where the system can do that.

use std::io;
use std::path::Path;

/// Lets the files of two names of one file system change places; `false` where that is not possible.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // Old kernels, and file systems such as NFS and FAT.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_change_places() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&a, "one").unwrap();
        std::fs::write(&b, "two").unwrap();
        let done = exchange(&a, &b).unwrap();
        let expected = if done { "two" } else { "one" };
        assert_eq!(std::fs::read_to_string(&a).unwrap(), expected);
        assert!(!done || exchange(&a, &folder.path().join("none")).is_err());
    }
}
