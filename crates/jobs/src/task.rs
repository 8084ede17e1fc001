use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use whittle_core::{Cancel, JobId};

use crate::Plan;
use crate::batch::Batch;
use crate::memory::Reserved;

/// One image in the hands of a worker.
pub(crate) struct Task {
    pub id: JobId,
    pub batch: Arc<Batch>,
    pub plan: Arc<Plan>,
    /// The original, as it was given or found.
    pub path: PathBuf,
    /// The same from the folder that was given; the name alone of a file that was given.
    pub below: PathBuf,
    /// The line of the history whose replacement is to be undone first: work begins from originals.
    pub undo: Option<i64>,
    /// Its number among what waits in the database.
    pub queued: Option<i64>,
    pub cancel: Cancel,
    pub fence: Fence,
    /// When the engine got the image: from then on the time limit runs.
    pub working_since: OnceLock<Instant>,
    /// Its part of the memory, while the engine works.
    pub reserved: Mutex<Option<Reserved>>,
}

/// Decides between a worker that finishes and the watchdog that gives it up: exactly one of them
/// speaks for the image, and nothing is written after it was given up.
#[derive(Default)]
pub(crate) struct Fence(AtomicU8);

const WORKING: u8 = 0;
const COMMITTING: u8 = 1;
const ENDED: u8 = 2;
const ABANDONED: u8 = 3;

impl Fence {
    /// The worker wants to write. From here on the watchdog lets it be.
    pub fn begin_commit(&self) -> bool {
        self.swap(WORKING, COMMITTING)
    }

    /// The worker wants to report.
    pub fn end(&self) -> bool {
        self.swap(WORKING, ENDED) || self.swap(COMMITTING, ENDED)
    }

    /// The watchdog gives the worker up.
    pub fn abandon(&self) -> bool {
        self.swap(WORKING, ABANDONED)
    }

    fn swap(&self, from: u8, to: u8) -> bool {
        self.0
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }
}
