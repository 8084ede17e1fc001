//! Watched folders: images are worked on as they appear.
//!
//! Events of the system only say where to look. A file is taken when it has stopped changing, is
//! not held open for writing, and its content is neither a result of Whittle nor what was seen at
//! this place before. Folders are looked through at the start, after an overflow of events, when
//! they come back, and every few seconds where the system tells of no changes. So nothing is missed
//! while Whittle was not running, and nothing is worked on twice.

mod folder;
mod partial;
mod signals;
mod writers;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use whittle_core::{ErrorCode, Event, JobId, Origin, Outcome, Report, WatchStatus, WatchedFolder};
use whittle_store::{LeftOver, SeenFile, Store};

use crate::{Plan, Queue};
use folder::Folder;
use signals::Bell;
#[cfg(test)]
pub(crate) use signals::no_events;
pub(crate) use signals::{Attach, attach};

/// A folder to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Its number.
    pub id: i64,
    /// Where it is; it need not exist just now.
    pub path: PathBuf,
    /// What is done with what appears there.
    pub plan: Plan,
    /// Smaller files are left alone.
    pub min_bytes: u64,
    /// Nothing is taken for now.
    pub paused: bool,
}

impl From<WatchedFolder> for Watched {
    fn from(folder: WatchedFolder) -> Watched {
        let rules = folder.rules;
        Watched {
            id: folder.id,
            path: folder.path,
            min_bytes: rules.min_bytes,
            paused: rules.paused,
            plan: Plan {
                origin: Origin::Watch,
                recipe: rules.recipe(),
                via: rules.via,
                output: rules.output,
                recursive: rules.recursive,
                include: rules.include,
                exclude: rules.exclude,
                min_saving: rules.min_saving,
                keep_times: rules.keep_times,
                ..Plan::default()
            },
        }
    }
}

/// How patient the watcher is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between two looks at files that may still be written.
    pub tick: Duration,
    /// Between two looks at a folder about which nothing was heard.
    pub idle: Duration,
    /// How long a file must not have changed.
    pub settled: Duration,
    /// Between two searches of a folder that tells of no changes.
    pub poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            tick: Duration::from_millis(300),
            idle: Duration::from_secs(2),
            settled: Duration::from_millis(900),
            poll: Duration::from_secs(5),
        }
    }
}

/// Images of watched folders that are in the queue at once; the others wait here, as names.
const IN_QUEUE: usize = 256;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Watches folders until it is dropped.
pub struct Watcher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    wanted: Mutex<Wanted>,
    bell: Arc<Bell>,
    status: Mutex<Vec<WatchStatus>>,
}

#[derive(Default)]
struct Wanted {
    folders: Option<Vec<Watched>>,
    stop: bool,
}

impl Watcher {
    /// Begins to watch these folders with this queue, and remembers in the store what was seen.
    /// The queue forgets what is done but for the last `keep` images: a run may go on for weeks.
    pub fn start(
        queue: Arc<Queue>,
        store: Arc<Store>,
        folders: Vec<Watched>,
        keep: usize,
    ) -> Watcher {
        Watcher::start_with(queue, store, folders, keep, Pace::default(), attach)
    }

    pub(crate) fn start_with(
        queue: Arc<Queue>,
        store: Arc<Store>,
        folders: Vec<Watched>,
        keep: usize,
        pace: Pace,
        attach: Attach,
    ) -> Watcher {
        let shared = Arc::new(Shared {
            wanted: Mutex::new(Wanted {
                folders: Some(folders),
                stop: false,
            }),
            bell: Arc::default(),
            status: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        let work = Work {
            queue,
            store,
            keep,
            ended: VecDeque::new(),
            pruned: Instant::now(),
            pace,
            attach,
            folders: Vec::new(),
            in_queue: HashMap::new(),
            declined: HashMap::new(),
        };
        let thread = std::thread::Builder::new()
            .name("whittle-watch".into())
            .spawn(move || work.run(&own));
        Watcher {
            shared,
            thread: thread
                .inspect_err(|error| tracing::error!("nothing is watched: {error}"))
                .ok(),
        }
    }

    /// Watches these folders from now on, and no others.
    pub fn watch(&self, folders: Vec<Watched>) {
        lock(&self.shared.wanted).folders = Some(folders);
        self.shared.bell.ring();
    }

    /// How each folder is doing.
    pub fn status(&self) -> Vec<WatchStatus> {
        lock(&self.shared.status).clone()
    }
}

/// Of what an interrupted run did not get to, that which no watched folder finds again by itself. The rest
/// is forgotten: it would be worked on twice.
pub(crate) fn not_found_again(
    store: &Store,
    mut left_over: Vec<LeftOver>,
) -> whittle_store::Result<Vec<LeftOver>> {
    let folders = store.watched_folders()?.into_iter();
    let folders: Vec<Folder> = folders
        .filter_map(|folder| Folder::new(folder.into(), Arc::default(), attach).ok())
        .collect();
    for left in &mut left_over {
        // What somebody dropped is worked on as they said, wherever it lies.
        if !serde_json::from_str::<Plan>(&left.plan).is_ok_and(|plan| plan.origin == Origin::Watch)
        {
            continue;
        }
        let (found, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut left.images)
            .into_iter()
            .partition(|(path, _)| folders.iter().any(|folder| folder.finds(store, path)));
        left.images = kept;
        let found: Vec<PathBuf> = found.into_iter().map(|(path, _)| path).collect();
        store.forget_left_over(&left.batch, &found)?;
    }
    left_over.retain(|left| !left.images.is_empty());
    Ok(left_over)
}

impl Drop for Watcher {
    fn drop(&mut self) {
        lock(&self.shared.wanted).stop = true;
        self.shared.bell.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the watcher's thread has.
struct Work {
    queue: Arc<Queue>,
    store: Arc<Store>,
    keep: usize,
    /// What is done and not forgotten yet, oldest first.
    ended: VecDeque<JobId>,
    /// When backups were last looked through; at the start it was done.
    pruned: Instant,
    pace: Pace,
    attach: Attach,
    folders: Vec<Folder>,
    /// What was handed to the queue, as it was then.
    in_queue: HashMap<JobId, SeenFile>,
    /// What somebody cancelled or took off the list, as it was then. It is not worked on before it changes or
    /// the program starts anew, but it is not noted as seen either: nobody has looked at it.
    declined: HashMap<PathBuf, SeenFile>,
}

/// What need not be looked at again.
#[derive(Clone, Copy)]
struct Known<'a> {
    store: &'a Store,
    declined: &'a HashMap<PathBuf, SeenFile>,
}

impl Work {
    fn run(mut self, shared: &Shared) {
        loop {
            let (folders, stop) = {
                let mut wanted = lock(&shared.wanted);
                (wanted.folders.take(), wanted.stop)
            };
            if stop {
                // What was done meanwhile must not be taken again at the next start.
                self.take_back();
                return;
            }
            if let Some(folders) = folders {
                self.take_up(folders, shared);
            }
            self.take_back();
            if self.pruned.elapsed() > DAY {
                self.pruned = Instant::now();
                crate::start::prune(&self.store);
            }
            let busy = self.look();
            self.tell(shared);
            let busy = busy || !self.in_queue.is_empty();
            shared.bell.wait(match busy {
                true => self.pace.tick,
                false => self.pace.idle,
            });
            if !busy {
                // Whatever rang the bell rings it some more: a folder's events are read together.
                std::thread::sleep(self.pace.tick / 4);
            }
        }
    }

    /// Keeps the folders whose rules did not change, with what is pending in them.
    fn take_up(&mut self, wanted: Vec<Watched>, shared: &Shared) {
        let mut old = std::mem::take(&mut self.folders);
        for watched in wanted {
            let kept = old.iter().position(|folder| *folder.watched() == watched);
            match kept {
                Some(at) => self.folders.push(old.swap_remove(at)),
                None => match Folder::new(watched, Arc::clone(&shared.bell), self.attach) {
                    Ok(folder) => self.folders.push(folder),
                    Err(error) => tracing::error!("a folder is not watched: {error}"),
                },
            }
        }
    }

    /// Looks at every folder, hands to the queue what is ready, and answers whether anything waits.
    fn look(&mut self) -> bool {
        let now = Instant::now();
        let mut busy = false;
        for folder in &mut self.folders {
            let room = IN_QUEUE.saturating_sub(self.in_queue.len());
            let is_busy =
                |path: &std::path::Path| self.in_queue.values().any(|file| file.path == path);
            let known = Known {
                store: &self.store,
                declined: &self.declined,
            };
            let ready = folder.ready(known, &self.pace, now, room, &is_busy);
            busy |= folder.waits();
            let (found, seen): (Vec<_>, Vec<_>) = ready.into_iter().unzip();
            if found.is_empty() {
                continue;
            }
            for file in &seen {
                self.declined.remove(&file.path);
            }
            let jobs = self.queue.add_found(found, folder.plan());
            self.in_queue.extend(jobs.into_iter().zip(seen));
        }
        busy
    }

    /// Notes what the queue is done with.
    fn take_back(&mut self) {
        let done: Vec<(JobId, Option<Report>)> = self
            .in_queue
            .keys()
            .filter_map(|id| match self.queue.job(*id) {
                // It was taken off the window's list.
                None => Some((*id, None)),
                Some(_) => Some((*id, Some(self.queue.report(*id)?))),
            })
            .collect();
        if done.is_empty() {
            return;
        }
        let mut seen = Vec::new();
        for (id, report) in &done {
            let Some(file) = self.in_queue.remove(id) else {
                continue;
            };
            match report {
                // It is found again as it is now.
                Some(report) if report.code == Some(ErrorCode::ChangedMeanwhile) => {}
                Some(report) if report.outcome != Outcome::Cancelled => seen.push(file),
                Some(_) | None => {
                    self.declined.insert(file.path.clone(), file);
                }
            }
        }
        if let Err(error) = self.store.note_seen(&seen) {
            tracing::warn!("what was seen in a watched folder is not remembered: {error}");
        }
        self.ended.extend(done.into_iter().map(|(id, _)| id));
        self.release();
    }

    fn release(&mut self) {
        let old = self.ended.len().saturating_sub(self.keep);
        let old: Vec<JobId> = self.ended.drain(..old).collect();
        if old.is_empty() {
            return;
        }
        self.queue.release(&old);
        // Somebody works on it again: later.
        let (again, released) = old
            .into_iter()
            .partition::<Vec<_>, _>(|id| self.queue.job(*id).is_some());
        self.ended.extend(again);
        if !released.is_empty() {
            self.queue.tell(Event::Released { jobs: released });
        }
    }

    fn tell(&self, shared: &Shared) {
        let now: Vec<WatchStatus> = self.folders.iter().map(Folder::status).collect();
        let news: Vec<WatchStatus> = {
            let mut before = lock(&shared.status);
            let news = now.iter().filter(|status| !before.contains(status));
            let news = news.cloned().collect();
            *before = now;
            news
        };
        for status in news {
            self.queue.tell(Event::Watch { status });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
