use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use whittle_core::{BatchId, JobId};

/// What the images that came together share.
pub(crate) struct Batch {
    pub id: BatchId,
    /// Whether its plan is what the user's settings said when it came.
    pub by_settings: bool,
    names: Arc<Names>,
    stopped: AtomicBool,
}

/// The files that a batch makes.
#[derive(Default)]
struct Names {
    /// Which job writes which file: two images of one name must not become one result.
    claims: Mutex<HashMap<PathBuf, JobId>>,
    /// Which job made which file, by what the file system calls it: where names differ in case or
    /// in the form of their accents only, two of them may mean one file.
    made: Mutex<HashMap<Identity, JobId>>,
}

/// Device and number of a file.
type Identity = (u64, u64);

impl Batch {
    /// Images that came now.
    pub fn new() -> Batch {
        Batch {
            by_settings: true,
            ..Batch::left_over(BatchId(uuid::Uuid::now_v7().to_string()))
        }
    }

    /// What appeared in a watched folder.
    pub fn appeared() -> Batch {
        Batch {
            by_settings: false,
            ..Batch::new()
        }
    }

    /// What an earlier run did not get to.
    pub fn left_over(id: BatchId) -> Batch {
        Batch {
            id,
            by_settings: false,
            names: Arc::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The batch that images of this one form when they are worked on once more. Their results keep their
    /// names.
    pub fn again(&self, id: &BatchId) -> Batch {
        Batch {
            names: Arc::clone(&self.names),
            ..Batch::left_over(id.clone())
        }
    }

    /// Takes a path for what a job will write; `false` when another job of the batch has it.
    pub fn claim(&self, job: JobId, path: &Path) -> bool {
        let mut claims = self
            .names
            .claims
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *claims.entry(path.to_path_buf()).or_insert(job) == job
    }

    /// A job gave a file this name.
    pub fn placed(&self, job: JobId, path: &Path) {
        if let Some(identity) = identity(path) {
            let mut made = self
                .names
                .made
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            made.insert(identity, job);
        }
    }

    /// Whether what stands at this path was made by another job of the batch.
    pub fn is_of_another(&self, job: JobId, path: &Path) -> bool {
        let made = self
            .names
            .made
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        identity(path)
            .and_then(|identity| made.get(&identity))
            .is_some_and(|by| *by != job)
    }

    /// No more files of its folders are taken.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        // Without numbers, by the name that the system itself would use.
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        fs::canonicalize(path).ok()?.hash(&mut hasher);
        Some((0, hasher.finish()))
    }
}
