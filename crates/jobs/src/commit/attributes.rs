//! What a file has beside its content.

use std::fs::{File, FileTimes, Metadata};
use std::io;
use std::path::Path;

/// Permissions for a file that is made from another one.
pub(super) fn copy_mode(from: &Metadata, to: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Without the set-user-ID bits: those belong to the one file that somebody marked.
        let mode = from.permissions().mode() & 0o777;
        to.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = (from, to);
    Ok(())
}

/// Permissions for a file about which nothing is known: its owner's, and for the others to read.
pub(super) fn default_mode(to: &File) -> io::Result<()> {
    #[cfg(unix)]
    to.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    #[cfg(not(unix))]
    let _ = to;
    Ok(())
}

/// The times of the last change and the last access, if the user wants them to stay. Else the
/// result has its own, so that backups and syncs notice it.
pub(super) fn copy_times(from: &Metadata, to: &File, keep: bool) -> io::Result<()> {
    if !keep {
        return Ok(());
    }
    let mut times = FileTimes::new().set_modified(from.modified()?);
    if let Ok(accessed) = from.accessed() {
        times = times.set_accessed(accessed);
    }
    to.set_times(times)
}

/// All that a replacement takes over: owner, mode, extended attributes (and with them, ACLs).
/// Returns what `from` has.
///
/// # Errors
/// When the owner cannot stay the same: a file must not change hands by becoming smaller.
pub(super) fn copy_all(from: &Path, to: &File) -> io::Result<Metadata> {
    let metadata = std::fs::metadata(from)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let own = to.metadata()?;
        if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
            std::os::unix::fs::fchown(to, Some(metadata.uid()), Some(metadata.gid()))?;
        }
        copy_extended(from, to)?;
        // Last: a change of owner clears bits of the mode, and an ACL is one of its forms.
        let mode = metadata.permissions().mode() & 0o7777;
        to.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = to;
    Ok(metadata)
}

#[cfg(unix)]
fn copy_extended(from: &Path, to: &File) -> io::Result<()> {
    use xattr::FileExt;
    let wanted: Vec<_> = xattr::list(from).into_iter().flatten().collect();
    // A folder may give new files an ACL that the original does not have.
    for name in to.list_xattr().into_iter().flatten() {
        if !wanted.contains(&name) {
            let _ = to.remove_xattr(&name);
        }
    }
    for name in wanted {
        let Ok(Some(value)) = xattr::get(from, &name) else {
            continue;
        };
        if let Err(error) = to.set_xattr(&name, &value) {
            // The user's own, and ACLs, must survive; other namespaces are the system's, and it
            // sets its own on the new file.
            let text = name.to_string_lossy();
            if text.starts_with("user.") || text.starts_with("system.posix_acl") {
                return Err(error);
            }
            tracing::debug!("{}: {name:?} stays behind: {error}", from.display());
        }
    }
    Ok(())
}
