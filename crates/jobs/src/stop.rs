use std::io;
use std::path::Path;

use whittle_core::{ErrorCode, Outcome};

/// Why an image came to its end without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub outcome: Outcome,
    pub code: ErrorCode,
    /// One plain sentence.
    pub message: String,
}

impl Stop {
    pub fn failed(code: ErrorCode, message: impl Into<String>) -> Stop {
        Stop {
            outcome: Outcome::Failed,
            code,
            message: message.into(),
        }
    }

    pub fn skipped(code: ErrorCode, message: impl Into<String>) -> Stop {
        Stop {
            outcome: Outcome::Skipped,
            code,
            message: message.into(),
        }
    }

    pub fn cancelled() -> Stop {
        Stop {
            outcome: Outcome::Cancelled,
            code: ErrorCode::Cancelled,
            message: "Cancelled.".into(),
        }
    }

    /// What the file system refused, in words. `doing` completes "could not …".
    pub fn io(error: &io::Error, doing: &str, path: &Path) -> Stop {
        let code = match error.kind() {
            io::ErrorKind::NotFound => ErrorCode::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ErrorCode::PermissionDenied
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
            io::ErrorKind::IsADirectory => ErrorCode::NotAFile,
            _ => ErrorCode::Io,
        };
        let path = path.display();
        let message = match code {
            ErrorCode::NotFound if doing == "read" => format!("There is no file {path}."),
            ErrorCode::NotFound => format!("Could not {doing} {path}: the folder is gone."),
            ErrorCode::PermissionDenied => {
                format!("Could not {doing} {path}: the system does not allow it.")
            }
            ErrorCode::DiskFull => format!("Could not {doing} {path}: the disk is full."),
            ErrorCode::NotAFile => format!("{path} is a folder, not a file."),
            _ if error.kind() == io::ErrorKind::InvalidFilename => {
                format!("Could not {doing} {path}: the name is too long.")
            }
            _ => format!("Could not {doing} {path}: {error}."),
        };
        Stop::failed(code, message)
    }
}

impl From<whittle_engine::Error> for Stop {
    fn from(error: whittle_engine::Error) -> Stop {
        let code = error.code();
        Stop {
            outcome: match code {
                ErrorCode::Unsupported => Outcome::Skipped,
                ErrorCode::Cancelled => Outcome::Cancelled,
                _ => Outcome::Failed,
            },
            code,
            message: error.to_string(),
        }
    }
}

impl From<whittle_store::Error> for Stop {
    fn from(error: whittle_store::Error) -> Stop {
        let code = match error.io().map(io::Error::kind) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => ErrorCode::DiskFull,
            Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
                ErrorCode::PermissionDenied
            }
            _ => ErrorCode::Io,
        };
        Stop::failed(code, format!("{error} The original was not touched."))
    }
}
