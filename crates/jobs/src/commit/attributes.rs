//! What a file has beside its content.

use std::fs::{File, Metadata};
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

/// All that a replacement takes over: owner, mode, extended attributes (and with them, ACLs). The
/// time of the last change is the replacement's own, so that backups and syncs notice it.
pub(super) fn copy_all(from: &Path, to: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        use xattr::FileExt;
        let metadata = std::fs::metadata(from)?;
        let own = to.metadata()?;
        if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
            // Only the superuser may give a file away; a group of one's own may be kept.
            let _ = std::os::unix::fs::fchown(to, Some(metadata.uid()), Some(metadata.gid()))
                .or_else(|_| std::os::unix::fs::fchown(to, None, Some(metadata.gid())));
        }
        for name in xattr::list(from).into_iter().flatten() {
            // Some namespaces are the system's alone; it sets its own on the new file.
            if let Ok(Some(value)) = xattr::get(from, &name)
                && let Err(error) = to.set_xattr(&name, &value)
            {
                tracing::debug!("{}: {name:?} stays behind: {error}", from.display());
            }
        }
        // Last: a change of owner clears bits of the mode, and an ACL is one of its forms.
        let mode = metadata.permissions().mode() & 0o7777;
        to.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = (from, to);
    Ok(())
}
