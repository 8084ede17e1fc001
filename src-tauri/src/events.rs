//! Events on their way to the window: collected, and sent at most about twelve times a second.
//!
//! Thousands of small messages would freeze the web view, and a message for each percent of
//! progress helps nobody.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Emitter, Manager};
use whittle_core::{BatchId, Event, Events, JobId, JobInfo, WatchStatus};

use crate::shell::Shell;
use crate::tray::Tray;

/// Between two messages.
const PAUSE: Duration = Duration::from_millis(80);

/// Rows and other events of one message: what the page takes in without missing a frame.
const MOST: usize = 600;

/// Takes events from the queue's threads and brings them to the window.
pub struct Feed {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether a page has asked what there is. Before it nobody listens.
    heard: bool,
    waiting: Vec<Event>,
    /// Where in `waiting` a job's progress stands: a later one takes its place.
    progress: HashMap<JobId, usize>,
    /// Jobs that wait or are worked on.
    active: HashSet<JobId>,
    rows: BTreeMap<JobId, Row>,
    /// How many jobs ever came to their end.
    ended: u64,
    /// How the watched folders are doing.
    folders: BTreeMap<i64, WatchStatus>,
}

/// What a page that opens now must be told about a job.
struct Row {
    info: JobInfo,
    last: Option<Event>,
    /// Its place among those that came to their end.
    ended: u64,
    /// The line of the history whose original was put back.
    reverted: Option<i64>,
}

impl Feed {
    /// Starts the thread that sends.
    pub fn start(app: AppHandle) -> Arc<Feed> {
        let feed = Arc::new(Feed {
            state: Mutex::default(),
            arrived: Condvar::new(),
        });
        let sender = Arc::clone(&feed);
        std::thread::spawn(move || {
            loop {
                let (events, active) = sender.next();
                if let Err(error) = app.emit("whittle:events", &events) {
                    tracing::warn!("{} events were lost: {error}", events.len());
                }
                if let (Some(tray), Some(shell)) =
                    (app.try_state::<Tray>(), app.try_state::<Shell>())
                {
                    tray.tell(active, shell.words());
                }
                std::thread::sleep(PAUSE);
            }
        });
        feed
    }

    /// Takes one event.
    pub fn take(&self, event: Event) {
        self.state().take(event);
        self.arrived.notify_one();
    }

    /// Everything that a page which opens now has missed: its rows with their state. From the first time on it is
    /// told what happens, and first of what became of the program's own arguments.
    pub fn replay(&self) -> Vec<Event> {
        let events = self.state().replay();
        self.arrived.notify_one();
        events
    }

    /// Rows that are no longer shown.
    pub fn forget(&self, jobs: &[JobId]) {
        let mut state = self.state();
        for job in jobs {
            state.rows.remove(job);
            state.active.remove(job);
        }
    }

    /// What is to be told, and how many images wait or are worked on.
    fn next(&self) -> (Vec<Event>, usize) {
        let mut state = self
            .arrived
            .wait_while(self.state(), |state| {
                !state.heard || state.waiting.is_empty()
            })
            .unwrap_or_else(PoisonError::into_inner);
        (state.slice(), state.active.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events for Feed {
    fn send(&self, event: Event) {
        self.take(event);
    }
}

impl State {
    /// As much of what waits as one message holds; one event at least.
    fn slice(&mut self) -> Vec<Event> {
        self.progress.clear();
        let mut weight = 0;
        let fit = self.waiting.iter().take_while(|event| {
            let before = weight;
            weight += match event {
                Event::Queued { jobs } => jobs.len().max(1),
                _ => 1,
            };
            before == 0 || weight <= MOST
        });
        let fit = fit.count();
        let rest = self.waiting.split_off(fit);
        std::mem::replace(&mut self.waiting, rest)
    }

    fn take(&mut self, event: Event) {
        match &event {
            Event::Queued { jobs } => {
                for info in jobs {
                    let row = Row {
                        info: info.clone(),
                        last: None,
                        ended: 0,
                        reverted: None,
                    };
                    self.rows.insert(info.id, row);
                    self.active.insert(info.id);
                    // Progress from before a retry must not be overwritten by that of after it.
                    self.progress.remove(&info.id);
                }
            }
            Event::Started { job } | Event::Finished { job, .. } => {
                let ends = matches!(event, Event::Finished { .. });
                if ends {
                    self.active.remove(job);
                    self.ended += 1;
                }
                if let Some(row) = self.rows.get_mut(job) {
                    row.ended = if ends { self.ended } else { 0 };
                    row.last = Some(event.clone());
                }
                self.progress.remove(job);
            }
            Event::Progress { job, .. } => {
                if let Some(&at) = self.progress.get(job) {
                    self.waiting[at] = event;
                    return;
                }
                self.progress.insert(*job, self.waiting.len());
            }
            Event::Reverted { history } => {
                let line = Some(*history);
                for row in self.rows.values_mut() {
                    let is_it = matches!(&row.last, Some(Event::Finished { history, .. }) if *history == line);
                    if is_it {
                        row.reverted = line;
                    }
                }
            }
            Event::Released { jobs } => {
                for job in jobs {
                    self.rows.remove(job);
                }
            }
            Event::Watch { status } => {
                self.folders.insert(status.id, status.clone());
            }
            Event::Passed { .. } | Event::Expanded { .. } | Event::BatchFinished { .. } => {}
        }
        self.waiting.push(event);
    }

    fn replay(&mut self) -> Vec<Event> {
        if !self.heard {
            self.heard = true;
            self.progress.clear();
            // The rows tell all the rest.
            self.waiting.retain(|event| {
                matches!(
                    event,
                    Event::Passed { .. } | Event::Expanded { .. } | Event::BatchFinished { .. }
                )
            });
        }
        let jobs: Vec<JobInfo> = self.rows.values().map(|row| row.info.clone()).collect();
        let queued = (!jobs.is_empty()).then_some(Event::Queued { jobs });
        let rows = self.rows.values().flat_map(|row| {
            let reverted = row.reverted.map(|history| Event::Reverted { history });
            row.last.clone().into_iter().chain(reverted)
        });
        let folders = self.folders.values();
        let folders = folders.map(|status| Event::Watch {
            status: status.clone(),
        });
        let ended = self.ended_batches().into_iter();
        let ended = ended.map(|batch| Event::BatchFinished { batch });
        queued
            .into_iter()
            .chain(rows)
            .chain(folders)
            .chain(ended)
            .collect()
    }

    /// Batches of which no row is worked on any more, in the order in which they ended.
    fn ended_batches(&self) -> Vec<BatchId> {
        let mut batches: HashMap<&BatchId, (bool, u64)> = HashMap::new();
        for row in self.rows.values() {
            let (open, ended) = batches.entry(&row.info.batch).or_default();
            *open |= row.ended == 0;
            *ended = row.ended.max(*ended);
        }
        let mut batches: Vec<_> = batches.into_iter().collect();
        batches.retain(|(_, (open, _))| !open);
        batches.sort_by_key(|(_, (_, ended))| *ended);
        batches.into_iter().map(|(id, _)| id.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whittle_core::Origin;

    fn queued(id: u64) -> Event {
        Event::Queued {
            jobs: vec![JobInfo {
                id: JobId(id),
                batch: BatchId("b".into()),
                origin: Origin::File,
                by_settings: true,
                path: "photo.jpg".into(),
                input_bytes: 1,
            }],
        }
    }

    fn progress(id: u64, done: f32) -> Event {
        Event::Progress {
            job: JobId(id),
            done,
        }
    }

    #[test]
    fn progress_of_a_job_is_told_once_a_message() {
        let mut state = State::default();
        for event in [
            queued(1),
            progress(1, 0.1),
            progress(2, 0.2),
            progress(1, 0.6),
        ] {
            state.take(event);
        }
        assert_eq!(
            state.waiting,
            [queued(1), progress(1, 0.6), progress(2, 0.2)]
        );
    }

    #[test]
    fn much_is_told_in_slices_that_lose_nothing() {
        let many = |from: u64| Event::Queued {
            jobs: (from..from + 500)
                .flat_map(|id| match queued(id) {
                    Event::Queued { jobs } => jobs,
                    _ => Vec::new(),
                })
                .collect(),
        };
        let mut state = State::default();
        let events = [many(0), many(500), progress(3, 0.5), many(1000)];
        for event in events.clone() {
            state.take(event);
        }
        assert_eq!(state.slice(), events[..1]);
        // What waits is not changed by what comes later.
        state.take(progress(3, 0.6));
        assert_eq!(state.slice(), events[1..3]);
        assert_eq!(state.slice(), [many(1000), progress(3, 0.6)]);
        assert!(state.slice().is_empty());
    }

    #[test]
    fn progress_does_not_cross_a_new_start() {
        let mut state = State::default();
        let started = Event::Started { job: JobId(1) };
        for event in [progress(1, 0.9), started.clone(), progress(1, 0.1)] {
            state.take(event);
        }
        assert_eq!(state.waiting, [progress(1, 0.9), started, progress(1, 0.1)]);
    }

    #[test]
    fn a_page_that_opens_late_is_told_what_was_put_back() {
        let mut state = State::default();
        let finished = Event::Finished {
            job: JobId(1),
            report: Box::new(serde_json::from_str(REPORT).unwrap()),
            history: Some(7),
            as_before: false,
        };
        let reverted = Event::Reverted { history: 7 };
        for event in [queued(1), queued(2), finished.clone(), reverted.clone()] {
            state.take(event);
        }
        assert_eq!(state.replay()[1..], [finished, reverted]);
    }

    #[test]
    fn a_page_that_opens_late_is_told_in_which_order_batches_ended() {
        let mut state = State::default();
        let of = |id: u64, batch: &str| match queued(id) {
            Event::Queued { mut jobs } => {
                jobs[0].batch = BatchId(batch.into());
                Event::Queued { jobs }
            }
            other => other,
        };
        let finished = |id: u64| Event::Finished {
            job: JobId(id),
            report: Box::new(serde_json::from_str(REPORT).unwrap()),
            history: None,
            as_before: false,
        };
        let events = [
            of(1, "first"),
            of(2, "second"),
            of(3, "open"),
            of(4, "open"),
            finished(3),
            finished(2),
            finished(1),
        ];
        for event in events {
            state.take(event);
        }
        let ended = ["second", "first"].map(|batch| Event::BatchFinished {
            batch: BatchId(batch.into()),
        });
        assert_eq!(state.replay()[4..], ended);
    }

    const REPORT: &str = r#"{"path":"photo.jpg","outcome":"optimized","mode":"balanced",
        "input_bytes":2,"removed":[],"ms":1,"derivatives":[]}"#;

    #[test]
    fn a_page_that_opens_late_is_told_of_the_rows_and_their_last_state() {
        let mut state = State::default();
        let started = Event::Started { job: JobId(2) };
        for event in [queued(1), queued(2), started.clone(), progress(2, 0.5)] {
            state.take(event);
        }
        let replay = state.replay();
        let Event::Queued { jobs } = &replay[0] else {
            panic!("{replay:?}");
        };
        assert_eq!(
            jobs.iter().map(|info| info.id).collect::<Vec<_>>(),
            [JobId(1), JobId(2)]
        );
        assert_eq!(replay[1..], [started]);
        state.take(queued(2));
        assert_eq!(state.replay().len(), 1);
    }

    #[test]
    fn what_became_of_the_arguments_is_told_once_a_page_listens() {
        let mut state = State::default();
        let expanded = Event::Expanded {
            batch: BatchId("b".into()),
            jobs: 1,
        };
        for event in [queued(1), expanded.clone(), progress(1, 0.5)] {
            state.take(event);
        }
        assert!(!state.heard);
        assert_eq!(state.replay(), [queued(1)]);
        state.take(progress(1, 0.6));
        assert_eq!(state.slice(), [expanded, progress(1, 0.6)]);
        // A page that is loaded anew hears of it no second time, and loses nothing that waits.
        state.take(progress(1, 0.7));
        state.replay();
        assert_eq!(state.slice(), [progress(1, 0.7)]);
    }
}
