use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BatchId, JobId, JobInfo, Report, WatchStatus};

/// What happens, told to whoever shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Event {
    /// Images were found and wait for their turn. A large folder arrives in several of these.
    Queued {
        /// In the order in which they will be worked on.
        jobs: Vec<JobInfo>,
    },
    /// Files of a batch that are not taken, with the reason; the first few are named.
    Passed {
        /// What they came with.
        batch: BatchId,
        /// How many.
        count: u32,
        /// The first of them.
        #[serde(serialize_with = "crate::path_text::many")]
        paths: Vec<PathBuf>,
        /// In one plain sentence.
        reason: String,
    },
    /// All paths of a batch were expanded: no more jobs will join it.
    Expanded {
        /// The batch.
        batch: BatchId,
        /// How many jobs it has.
        jobs: u32,
    },
    /// Work on an image began.
    Started {
        /// The job.
        job: JobId,
    },
    /// How far the work on an image is.
    Progress {
        /// The job.
        job: JobId,
        /// 0 to 1.
        done: f32,
    },
    /// An image came to its end.
    Finished {
        /// The job.
        job: JobId,
        /// What became of it.
        report: Box<Report>,
        /// Its line in the history, unless the history is off.
        #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
        history: Option<i64>,
        /// Whether it was to be worked on once more, and was cancelled before that began: this is how it
        /// had ended before.
        as_before: bool,
    },
    /// A replaced original was put back.
    Reverted {
        /// Its line in the history.
        #[cfg_attr(feature = "ts", ts(as = "f64"))]
        history: i64,
    },
    /// Images of watched folders that were shown for long enough: their rows go, for the list must not
    /// grow for ever. The history has them.
    Released {
        /// The jobs.
        jobs: Vec<JobId>,
    },
    /// A watched folder is doing otherwise than before.
    Watch {
        /// How.
        status: WatchStatus,
    },
    /// The last image of a batch came to its end.
    BatchFinished {
        /// The batch.
        batch: BatchId,
    },
}

/// Whoever shows what happens: the window, the terminal, the HTTP API.
///
/// The one trait that crosses crates, because it has three real implementers. Called from worker
/// threads; it must not block.
pub trait Events: Send + Sync {
    /// Takes notice of an event.
    fn send(&self, event: Event);
}

impl<F: Fn(Event) + Send + Sync> Events for F {
    fn send(&self, event: Event) {
        self(event);
    }
}
