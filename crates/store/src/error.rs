use std::path::PathBuf;

/// Why the store could not do what it was asked. The text is a plain sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be made or used.
    #[error("The folder {} cannot be used: {source}.", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no home to keep data in.
    #[error("This system names no folder for data; set WHITTLE_DATA_DIR.")]
    NoHome,
    /// A newer Whittle wrote the database. It was left untouched.
    #[error(
        "The history in {} was written by a newer version of Whittle (format {found}; this one knows {known}). Install the newer version, or set WHITTLE_DATA_DIR to another folder.",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// A step to a newer format failed; the database stays at the older one.
    #[error("The history could not be brought to this version's format: {0}.")]
    Migration(#[from] rusqlite_migration::Error),
    /// The database refused a statement.
    #[error("The history could not be read or written: {0}.")]
    Database(#[from] rusqlite::Error),
    /// A file beside the database could not be written.
    #[error("The history could not be written: {0}.")]
    Io(#[from] std::io::Error),
    /// A folder is watched already.
    #[error("{} is watched already.", path.display())]
    WatchedAlready {
        /// The folder.
        path: PathBuf,
    },
    /// A backup is not there.
    #[error("The backup of the original is missing: {}.", path.display())]
    BackupMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A backup's content is not what was kept.
    #[error("The backup of the original is damaged: {}.", path.display())]
    BackupDamaged {
        /// Where it is.
        path: PathBuf,
    },
    /// A backup could not be written or read.
    #[error("The backup {} could not be written or read: {source}.", path.display())]
    Backup {
        /// Where it is, or should be.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Error {
    /// What the system said, where the system is to blame.
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            Error::Folder { source, .. } | Error::Backup { source, .. } | Error::Io(source) => {
                Some(source)
            }
            _ => None,
        }
    }
}

/// The store's results.
pub type Result<T> = std::result::Result<T, Error>;
