use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use whittle_core::{BatchId, JobId};

/// What the images that came together share.
pub(crate) struct Batch {
    pub id: BatchId,
    /// Which job writes which file: two images of one name must not become one result.
    claims: Mutex<HashMap<PathBuf, JobId>>,
    stopped: AtomicBool,
}

impl Batch {
    pub fn new() -> Batch {
        Batch {
            id: BatchId(uuid::Uuid::now_v7().to_string()),
            claims: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// Takes a path for what a job will write; `false` when another job of the batch has it.
    pub fn claim(&self, job: JobId, path: &Path) -> bool {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        *claims.entry(path.to_path_buf()).or_insert(job) == job
    }

    /// No more files of its folders are taken.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
