//! Putting replaced originals back.

use std::io;
use std::path::{Path, PathBuf};

use whittle_core::ErrorCode;
use whittle_store::Store;

use crate::commit;
use crate::source::hash_file;

/// Why an original was not put back. The text is a plain sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum RevertError {
    /// The history has no such line, or it replaced nothing.
    #[error("There is no replaced original to put back.")]
    NothingReplaced,
    /// It was put back before.
    #[error("The original was put back already.")]
    AlreadyReverted,
    /// The file is not the one that Whittle wrote.
    #[error("{} was changed after Whittle replaced it, so the original was not put back over it. Its backup is kept.", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// The backup or the database does not answer.
    #[error("{0}")]
    Store(#[from] whittle_store::Error),
    /// The file could not be read or written.
    #[error("{message}")]
    File {
        /// What the system says, in one sentence.
        message: String,
    },
}

/// Puts the original of a line of the history back, byte for byte, and returns its path.
///
/// # Errors
/// When that is not possible without losing something; nothing was changed then.
pub fn revert(store: &Store, history: i64) -> Result<PathBuf, RevertError> {
    let replaced = store
        .replaced(history)?
        .ok_or(RevertError::NothingReplaced)?;
    if replaced.reverted {
        return Err(RevertError::AlreadyReverted);
    }
    let path = replaced.path;
    match hash_file(&path) {
        // Somebody else put it back; what is left is to say so.
        Ok(now) if now == replaced.original => {}
        Ok(now) if now != replaced.result => return Err(RevertError::Edited { path }),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(RevertError::File {
                message: format!("Could not read {}: {error}.", path.display()),
            });
        }
        // The result stands there, or nothing does.
        Ok(_) | Err(_) => {
            let original = store.backups().read(&replaced.original)?;
            commit::put_back(&path, &original, &replaced.result).map_err(|stop| {
                match stop.code {
                    ErrorCode::ChangedMeanwhile => RevertError::Edited { path: path.clone() },
                    _ => RevertError::File {
                        message: stop.message,
                    },
                }
            })?;
        }
    }
    store.mark_reverted(history)?;
    Ok(path)
}

/// A path as the history keeps it: absolute and without detours. The name itself may be a symbolic
/// link, unless `behind_links` asks for the file that is really meant, as replacing does.
pub fn recorded_path(path: &Path, behind_links: bool) -> PathBuf {
    let resolved = match (behind_links, path.parent(), path.file_name()) {
        (false, Some(folder), Some(name)) => {
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            folder.canonicalize().map(|folder| folder.join(name))
        }
        _ => path.canonicalize(),
    };
    resolved
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_path_buf())
}
