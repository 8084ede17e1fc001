//! The queue: what waits, what runs, what is done.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use whittle_core::{BatchId, Cancel, Event, Events, JobId, JobInfo, Origin, Report, Via};

use crate::account::Accounts;
use crate::batch::Batch;
use crate::expand::expand;
use crate::filter::{Filter, PassedOver};
use crate::memory::Memory;
use crate::run::{Ended, Engine, Facts, Tools};
use crate::stop::Stop;
use crate::task::{Fence, Task};
use crate::walk::Found;
use crate::{Again, LeftOver, Plan, Store, worker};

/// How long a job may overstay its time limit before it is given up.
const GRACE: Duration = Duration::from_secs(10);

/// Images that are at the account at once: one is sent at a time, the others are worked on there.
const AT_ACCOUNT: usize = 3;

/// Images at once, at most: a number that somebody mistyped must not take all threads of the system.
const MOST_AT_ONCE: usize = 1024;

/// Who works on an image. What waits for a network must not keep those that need none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// This computer.
    Here,
    /// The account.
    Account,
}

impl Lane {
    pub fn of(plan: &Plan) -> Lane {
        match plan.via {
            Via::Here => Lane::Here,
            Via::Account { .. } => Lane::Account,
        }
    }
}

/// Works on images, several at once, and tells how it goes.
///
/// Dropping it cancels what is not done and waits for the workers.
pub struct Queue {
    shared: Arc<Shared>,
}

/// What the queue, its workers and its watchdog share.
pub(crate) struct Shared {
    pub tools: Tools,
    pub grace: Duration,
    events: Arc<dyn Events>,
    state: Mutex<State>,
    /// Something is to be done, or there is nothing left to wait for.
    work: Condvar,
    /// A batch came to its end.
    ended: Condvar,
    pub workers: worker::Workers,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<JobId, Job>,
    waiting: VecDeque<JobId>,
    /// Of these, those that are kept back.
    held: HashSet<JobId>,
    batches: HashMap<BatchId, Progress>,
    last_id: u64,
    /// Images of this computer's lane that may be worked on at once.
    threads: usize,
    /// Its workers; those that are too many end after their image.
    workers: usize,
    paused: bool,
    closing: bool,
}

struct Job {
    info: JobInfo,
    batch: Arc<Batch>,
    plan: Arc<Plan>,
    below: PathBuf,
    stage: Stage,
    /// Its number among what waits in the database.
    queued: Option<i64>,
    /// The line of the history whose replacement is to be undone first, the first time that it is worked on.
    undo: Option<i64>,
    /// The window does not want to hear of it any more.
    forgotten: bool,
}

enum Stage {
    /// With what it was before, when it is to be worked on once more.
    Waiting(Option<Box<Former>>),
    Running(Arc<Task>),
    Done(Box<Ended>),
}

/// A job that was done, before it was to be worked on once more: cancelled in time, it is so again.
struct Former {
    info: JobInfo,
    batch: Arc<Batch>,
    plan: Arc<Plan>,
    ended: Box<Ended>,
}

/// What is to be told of a job that came to its end.
struct End {
    /// The batch that it was worked on with.
    batch: Arc<Batch>,
    /// Nothing of one that was forgotten.
    event: Option<Event>,
}

/// How far a batch is.
struct Progress {
    batch: Arc<Batch>,
    /// All that ever were of it.
    jobs: Vec<JobId>,
    open: usize,
    expanded: bool,
    finished: bool,
}

impl Queue {
    /// A queue with this many workers (0: one for each core). Without a store nothing is recorded,
    /// own results are not recognized, and existing files are never replaced.
    pub fn start(store: Option<Arc<Store>>, threads: usize, events: Arc<dyn Events>) -> Queue {
        let accounts = store.clone().map(|store| Arc::new(Accounts::new(store)));
        let tools = Tools {
            store,
            engine: Engine::real(),
            memory: Memory::of_this_machine(),
            accounts,
        };
        Queue::start_with(tools, threads, GRACE, events)
    }

    pub(crate) fn start_with(
        tools: Tools,
        threads: usize,
        grace: Duration,
        events: Arc<dyn Events>,
    ) -> Queue {
        let shared = Arc::new(Shared {
            tools,
            grace,
            events,
            state: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
            workers: worker::Workers::default(),
        });
        let queue = Queue { shared };
        queue.set_threads(threads);
        let shared = &queue.shared;
        if shared.tools.accounts.is_some() {
            for _ in 0..AT_ACCOUNT {
                worker::spawn(shared, Lane::Account);
            }
        }
        worker::spawn_watchdog(shared);
        queue
    }

    /// Works on this many images at once from now on (0: one for each core). What is being worked on is
    /// finished, also where it is too many. New workers have the priority of the thread that calls this.
    pub fn set_threads(&self, threads: usize) {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(MOST_AT_ONCE),
        };
        let missing = {
            let mut state = self.shared.state();
            let missing = threads.saturating_sub(state.workers);
            state.threads = threads;
            state.workers += missing;
            missing
        };
        for _ in 0..missing {
            worker::spawn(&self.shared, Lane::Here);
        }
        // Those that are too many wait for an image; they end instead.
        self.shared.work.notify_all();
    }

    /// The account that images can be worked on by; `None` without a store.
    pub fn accounts(&self) -> Option<&Arc<Accounts>> {
        self.shared.tools.accounts.as_ref()
    }

    /// Takes files and folders, and returns at once; the events tell the rest.
    pub fn add(&self, paths: Vec<PathBuf>, plan: Plan) -> BatchId {
        let batch = Arc::new(Batch::new());
        let id = batch.id.clone();
        self.shared.state().enter(&batch);
        let shared = Arc::clone(&self.shared);
        worker::spawn_helper(&self.shared, "expand", move || {
            shared.expand(&paths, &Arc::new(plan), &batch);
        });
        id
    }

    /// Takes files that somebody looked at already, as one batch, and returns their jobs.
    pub(crate) fn add_found(&self, found: Vec<Found>, plan: Arc<Plan>) -> Vec<JobId> {
        self.shared.add_found(found, &plan, Batch::appeared())
    }

    /// Works once more on an image of the history, from its original: one that was replaced since is put back
    /// first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn add_again(&self, path: PathBuf, plan: Plan) -> whittle_store::Result<BatchId> {
        let replaced = match &self.shared.tools.store {
            Some(store) => store.revertible(&path)?,
            None => None,
        };
        if replaced.is_none() {
            return Ok(self.add(vec![path], plan));
        }
        let found = Found {
            below: path.file_name().map(PathBuf::from).unwrap_or_default(),
            bytes: std::fs::metadata(&path).map_or(0, |file| file.len()),
            path,
        };
        let batch = Arc::new(Batch::new());
        let info = {
            let mut state = self.shared.state();
            state.enter(&batch);
            // As what is tried again, it is not written down: taken up by another run, it would not begin
            // from the original.
            let info = state.admit(found, None, &Arc::new(plan), &batch);
            if let Some(job) = state.jobs.get_mut(&info.id) {
                job.undo = replaced;
            }
            info
        };
        self.shared.enqueue(vec![info]);
        self.shared.expanded(&batch, 1);
        Ok(batch.id.clone())
    }

    /// Goes on with the images of a batch that an earlier run did not get to; `None` when somebody
    /// else did already, or when what was to be done can no longer be read.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn resume(&self, left: &LeftOver) -> whittle_store::Result<Option<BatchId>> {
        let Some(store) = &self.shared.tools.store else {
            return Ok(None);
        };
        let Ok(plan) = serde_json::from_str::<Plan>(&left.plan)
            .inspect_err(|error| tracing::warn!("a left-over batch cannot be read: {error}"))
        else {
            return Ok(None);
        };
        if !store.take_left_over(&left.batch)? {
            return Ok(None);
        }
        let found = left.images.iter().map(|(path, below)| Found {
            path: path.clone(),
            below: below.clone(),
            bytes: std::fs::metadata(path).map_or(0, |file| file.len()),
        });
        let batch = Batch::left_over(left.batch.clone());
        self.shared
            .add_found(found.collect(), &Arc::new(plan), batch);
        Ok(Some(left.batch.clone()))
    }

    /// Forgets jobs that are done, and batches that have none left.
    pub fn release(&self, jobs: &[JobId]) {
        let mut state = self.shared.state();
        for id in jobs {
            if state.jobs.get(id).is_some_and(Job::is_done) {
                state.jobs.remove(id);
            }
        }
        state.prune();
    }

    /// Tells whoever shows what happens.
    pub(crate) fn tell(&self, event: Event) {
        self.shared.send(event);
    }

    /// Stops taking new images, or goes on. What is being worked on is finished.
    pub fn pause(&self, paused: bool) {
        self.shared.state().paused = paused;
        self.shared.work.notify_all();
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.shared.state().paused
    }

    /// Keeps images that wait back while others go on, or lets them go on in their old places.
    pub fn hold(&self, jobs: &[JobId], held: bool) {
        let mut state = self.shared.state();
        for id in jobs {
            let waits = state.jobs.get(id).is_some_and(Job::waits);
            if held && waits {
                state.held.insert(*id);
            } else {
                state.held.remove(id);
            }
        }
        drop(state);
        self.shared.work.notify_all();
    }

    /// The images that are kept back.
    pub fn held(&self) -> Vec<JobId> {
        self.shared.state().held.iter().copied().collect()
    }

    /// Cancels these jobs. What is finished stays.
    pub fn cancel(&self, jobs: &[JobId]) {
        let mut ended = Vec::new();
        {
            let mut state = self.shared.state();
            for id in jobs {
                ended.extend(state.cancel(*id));
            }
        }
        self.shared.tools.memory.wake();
        for end in ended {
            self.shared.told(end);
        }
    }

    /// Cancels everything, folders that are still searched included.
    pub fn cancel_all(&self) {
        self.cancel_where(|_| true, |_| true);
    }

    /// The same for what the user added. Images of watched folders go on: nobody sees them come, so nobody
    /// means them.
    pub fn cancel_added(&self) {
        self.cancel_where(
            |batch| batch.by_settings,
            |job| job.info.origin != Origin::Watch,
        );
    }

    fn cancel_where(&self, stops: impl Fn(&Batch) -> bool, wanted: impl Fn(&Job) -> bool) {
        let jobs: Vec<JobId> = {
            let state = self.shared.state();
            let batches = state.batches.values().map(|progress| &progress.batch);
            for batch in batches.filter(|batch| stops(batch)) {
                batch.stop();
            }
            let jobs = state.jobs.iter().filter(|(_, job)| wanted(job));
            jobs.map(|(id, _)| *id).collect()
        };
        self.cancel(&jobs);
    }

    /// Works on jobs that are done once more, from the original, under their old numbers and as a batch of
    /// their own. An original that was replaced is put back first; until then, cancelling leaves
    /// everything as it was.
    pub fn retry(&self, jobs: &[JobId], again: &Again) -> BatchId {
        let batch = Arc::new(Batch::new());
        let infos: Vec<JobInfo> = {
            let mut state = self.shared.state();
            state.enter(&batch);
            jobs.iter()
                .filter_map(|id| state.reopen(*id, again, &batch.id))
                .collect()
        };
        match infos.len() as u32 {
            // Nothing was done: nobody hears of such a batch.
            0 => drop(self.shared.state().batches.remove(&batch.id)),
            count => {
                self.shared.enqueue(infos);
                self.shared.expanded(&batch, count);
            }
        }
        batch.id.clone()
    }

    /// Drops what is known of these jobs. What runs is finished, but no longer reported.
    pub fn forget(&self, jobs: &[JobId]) {
        let waiting: Vec<JobId> = {
            let mut state = self.shared.state();
            for id in jobs {
                if let Some(job) = state.jobs.get_mut(id) {
                    job.forgotten = true;
                }
            }
            let is_waiting = |id: &JobId| state.jobs.get(id)?.waits().then_some(*id);
            let waiting = jobs.iter().filter_map(is_waiting).collect();
            for id in jobs {
                if state.jobs.get(id).is_some_and(Job::is_done) {
                    state.jobs.remove(id);
                }
            }
            state.prune();
            waiting
        };
        self.cancel(&waiting);
    }

    /// Batches that are remembered.
    #[cfg(test)]
    pub(crate) fn batches(&self) -> usize {
        self.shared.state().batches.len()
    }

    /// What a row shows of a job.
    pub fn job(&self, id: JobId) -> Option<JobInfo> {
        self.shared
            .state()
            .jobs
            .get(&id)
            .map(|job| job.info.clone())
    }

    /// What a job is, or was last, worked on with.
    pub fn plan(&self, id: JobId) -> Option<Arc<Plan>> {
        let state = self.shared.state();
        state.jobs.get(&id).map(|job| Arc::clone(&job.plan))
    }

    /// What became of a job, once it is done.
    pub fn report(&self, id: JobId) -> Option<Report> {
        match &self.shared.state().jobs.get(&id)?.stage {
            Stage::Done(ended) => Some(ended.report.clone()),
            Stage::Waiting(_) | Stage::Running(_) => None,
        }
    }

    /// The line of the history of a job, once it is done.
    pub fn history(&self, id: JobId) -> Option<i64> {
        match &self.shared.state().jobs.get(&id)?.stage {
            Stage::Done(ended) => ended.history,
            Stage::Waiting(_) | Stage::Running(_) => None,
        }
    }

    /// Waits until the last image of a batch came to its end, and returns all reports in the order
    /// of the jobs. Unknown batches have none.
    pub fn wait(&self, batch: &BatchId) -> Vec<Report> {
        let mut state = self.shared.state();
        loop {
            match state.batches.get(batch) {
                Some(progress) if !progress.finished => {}
                Some(progress) => {
                    let report = |job: &Job| match &job.stage {
                        Stage::Done(ended) => Some(ended.report.clone()),
                        Stage::Waiting(_) | Stage::Running(_) => None,
                    };
                    return progress.present(&state.jobs).filter_map(report).collect();
                }
                None => return Vec::new(),
            }
            state = self
                .shared
                .ended
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        {
            let mut state = self.shared.state();
            state.closing = true;
            state.waiting.clear();
            for progress in state.batches.values() {
                progress.batch.stop();
            }
            for job in state.jobs.values() {
                if let Stage::Running(task) = &job.stage {
                    task.cancel.cancel();
                }
            }
        }
        self.shared.work.notify_all();
        self.shared.tools.memory.wake();
        self.shared.workers.join();
    }
}

impl Shared {
    /// Waits for the next image; `None` when the queue closes.
    pub fn next_task(&self, lane: Lane) -> Option<Arc<Task>> {
        let mut state = self.state();
        loop {
            if state.closing {
                return None;
            }
            if lane == Lane::Here && state.workers > state.threads {
                state.workers -= 1;
                return None;
            }
            if !state.paused
                && let Some(task) = state.begin_next(lane)
            {
                drop(state);
                // The watchdog sleeps while nothing runs.
                self.work.notify_all();
                self.send(Event::Started { job: task.id });
                return Some(task);
            }
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The images that are worked on; waits while there are none, but never longer than until the
    /// next tick. `None` when the queue closes.
    pub fn running(&self, tick: Duration) -> Option<Vec<Arc<Task>>> {
        let mut state = self.state();
        while !state.closing && state.running().next().is_none() {
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let (state, _) = self
            .work
            .wait_timeout_while(state, tick, |state| !state.closing)
            .unwrap_or_else(PoisonError::into_inner);
        (!state.closing).then(|| state.running().cloned().collect())
    }

    /// A job came to its end.
    pub fn finished(&self, id: JobId, mut ended: Ended) {
        for history in std::mem::take(&mut ended.put_back) {
            self.send(Event::Reverted { history });
        }
        let end = self.state().end(id, ended);
        if let Some(end) = end {
            self.told(end);
        }
    }

    fn told(&self, end: End) {
        if let Some(event) = end.event {
            let former = match &event {
                Event::Finished {
                    history, as_before, ..
                } => history.filter(|_| *as_before),
                _ => None,
            };
            self.send(event);
            // Somebody who hears that it is as before takes the original for replaced.
            if let (Some(history), Some(store)) = (former, &self.tools.store)
                && let Ok(Some(replaced)) = store.replaced(history)
                && replaced.reverted
            {
                self.send(Event::Reverted { history });
            }
        }
        // Only now, so that no batch ends before the last of its jobs was told.
        self.update(&end.batch, |progress| {
            progress.open = progress.open.saturating_sub(1)
        });
    }

    /// What is said of an image whose worker does not come back.
    pub fn given_up(&self, task: &Task) -> Ended {
        let mut facts = Facts::new(task);
        facts.report.input_bytes = std::fs::metadata(&task.path).map_or(0, |file| file.len());
        facts.report.ms = task
            .working_since
            .get()
            .map_or(0, |since| since.elapsed().as_millis() as u64);
        facts.stopped(Stop::failed(
            whittle_core::ErrorCode::TimedOut,
            "The time limit ran out.",
        ));
        crate::run::record(task, &self.tools, facts)
    }

    pub fn send(&self, event: Event) {
        self.events.send(event);
    }

    fn add_found(&self, found: Vec<Found>, plan: &Arc<Plan>, batch: Batch) -> Vec<JobId> {
        let batch = Arc::new(batch);
        let count = found.len() as u32;
        self.state().enter(&batch);
        let jobs = self.admit(found, plan, &batch);
        self.expanded(&batch, count);
        jobs
    }

    fn expand(&self, paths: &[PathBuf], plan: &Arc<Plan>, batch: &Arc<Batch>) {
        match Filter::new(plan) {
            Ok(filter) => {
                let mut take = |found: Vec<Found>| {
                    if !batch.is_stopped() {
                        self.admit(found, plan, batch);
                    }
                    !batch.is_stopped()
                };
                let passed = expand(paths, plan, &filter, &mut take);
                for reason in PassedOver::ALL {
                    if let Some(passed) = passed.get(&reason) {
                        self.send(Event::Passed {
                            batch: batch.id.clone(),
                            count: passed.count,
                            paths: passed.paths.clone(),
                            reason: reason.reason().to_owned(),
                        });
                    }
                }
            }
            Err(error) => self.send(Event::Passed {
                batch: batch.id.clone(),
                count: paths.len() as u32,
                paths: paths.iter().take(5).cloned().collect(),
                reason: format!("A pattern cannot be read: {error}."),
            }),
        }
        let jobs = {
            let state = self.state();
            state
                .batches
                .get(&batch.id)
                .map_or(0, |progress| progress.jobs.len())
        };
        self.expanded(batch, jobs as u32);
    }

    /// No more jobs will join a batch.
    fn expanded(&self, batch: &Batch, jobs: u32) {
        self.send(Event::Expanded {
            batch: batch.id.clone(),
            jobs,
        });
        self.update(batch, |progress| progress.expanded = true);
    }

    /// Makes jobs of files.
    fn admit(&self, found: Vec<Found>, plan: &Arc<Plan>, batch: &Arc<Batch>) -> Vec<JobId> {
        let infos: Vec<JobInfo> = {
            let queued = self.note_queued(&found, plan, batch);
            let mut state = self.state();
            // Cancelled while it was written down: whoever cancelled did not see these jobs.
            if batch.is_stopped() {
                return Vec::new();
            }
            found
                .into_iter()
                .zip(queued.into_iter().map(Some).chain(std::iter::repeat(None)))
                .map(|(found, queued)| state.admit(found, queued, plan, batch))
                .collect()
        };
        let jobs = infos.iter().map(|info| info.id).collect();
        self.enqueue(infos);
        jobs
    }

    /// Writes down what waits, so that it can be offered again should this run be interrupted.
    fn note_queued(&self, found: &[Found], plan: &Plan, batch: &Batch) -> Vec<i64> {
        let Some(store) = self.tools.store.as_deref().filter(|_| plan.is_resumable()) else {
            return Vec::new();
        };
        let full: Vec<PathBuf> = found
            .iter()
            .map(|found| std::path::absolute(&found.path).unwrap_or_else(|_| found.path.clone()))
            .collect();
        let images = full.iter().zip(found);
        let images = images.map(|(path, found)| (path.as_path(), found.below.as_path()));
        serde_json::to_string(&plan.anywhere())
            .map_err(|error| error.to_string())
            .and_then(|plan| {
                let noted = store.note_queued(&batch.id, &plan, images);
                noted.map_err(|error| error.to_string())
            })
            .inspect_err(|error| tracing::warn!("what waits is not remembered: {error}"))
            .unwrap_or_default()
    }

    /// Tells of jobs and then lets workers have them, so that nothing starts before it was told.
    fn enqueue(&self, infos: Vec<JobInfo>) {
        if infos.is_empty() {
            return;
        }
        let ids: Vec<JobId> = infos.iter().map(|info| info.id).collect();
        self.send(Event::Queued { jobs: infos });
        self.state().waiting.extend(ids);
        self.work.notify_all();
    }

    /// Changes how far a batch is, and tells when that was its end.
    fn update(&self, batch: &Batch, change: impl FnOnce(&mut Progress)) {
        let mut state = self.state();
        let Some(progress) = state.batches.get_mut(&batch.id) else {
            return;
        };
        change(progress);
        if progress.expanded && progress.open == 0 && !progress.finished {
            progress.finished = true;
            drop(state);
            if let Some(store) = &self.tools.store
                && let Err(error) = store.forget_queued(&batch.id)
            {
                tracing::warn!("{error}");
            }
            self.send(Event::BatchFinished {
                batch: batch.id.clone(),
            });
            self.ended.notify_all();
            // Nobody remembers a batch all of whose jobs were forgotten while they ran.
            self.state().prune();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A batch begins.
    fn enter(&mut self, batch: &Arc<Batch>) {
        self.batches.insert(
            batch.id.clone(),
            Progress {
                batch: Arc::clone(batch),
                jobs: Vec::new(),
                open: 0,
                expanded: false,
                finished: false,
            },
        );
    }

    fn admit(
        &mut self,
        found: Found,
        queued: Option<i64>,
        plan: &Arc<Plan>,
        batch: &Arc<Batch>,
    ) -> JobInfo {
        self.last_id += 1;
        let info = JobInfo {
            id: JobId(self.last_id),
            batch: batch.id.clone(),
            origin: plan.origin,
            by_settings: batch.by_settings,
            path: found.path,
            input_bytes: found.bytes,
        };
        self.jobs.insert(
            info.id,
            Job {
                info: info.clone(),
                batch: Arc::clone(batch),
                plan: Arc::clone(plan),
                below: found.below,
                stage: Stage::Waiting(None),
                queued,
                undo: None,
                forgotten: false,
            },
        );
        if let Some(progress) = self.batches.get_mut(&batch.id) {
            progress.jobs.push(info.id);
            progress.open += 1;
        }
        info
    }

    /// The next job that waits, now running.
    fn begin_next(&mut self, lane: Lane) -> Option<Arc<Task>> {
        loop {
            let is_next = |id: &JobId| {
                let job = self.jobs.get(id);
                !self.held.contains(id) && job.is_none_or(|job| Lane::of(&job.plan) == lane)
            };
            let next = self.waiting.iter().position(is_next)?;
            let id = self.waiting.remove(next)?;
            let Some(job) = self.jobs.get_mut(&id) else {
                continue;
            };
            // Cancelled between its announcement and its place in the line.
            let Stage::Waiting(former) = &job.stage else {
                continue;
            };
            let undo = match former {
                Some(former) => former.undo(),
                None => job.undo,
            };
            let task = Arc::new(job.task(undo));
            job.stage = Stage::Running(Arc::clone(&task));
            return Some(task);
        }
    }

    fn running(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.jobs.values().filter_map(|job| match &job.stage {
            Stage::Running(task) => Some(task),
            Stage::Waiting(_) | Stage::Done(_) => None,
        })
    }

    /// A job came to its end; `None` when nobody knows it.
    fn end(&mut self, id: JobId, ended: Ended) -> Option<End> {
        let job = self.jobs.get_mut(&id)?;
        let batch = Arc::clone(&job.batch);
        let event = finished(id, &ended, false);
        job.stage = Stage::Done(Box::new(ended));
        Some(self.ended(id, batch, event))
    }

    fn ended(&mut self, id: JobId, batch: Arc<Batch>, event: Event) -> End {
        let forgotten = self.jobs.get(&id).is_some_and(|job| job.forgotten);
        if forgotten {
            self.jobs.remove(&id);
        }
        let event = (!forgotten).then_some(event);
        End { batch, event }
    }

    /// Cancels a job. What was still waiting is at its end with that: what was to be worked on once more
    /// is as it was before.
    fn cancel(&mut self, id: JobId) -> Option<End> {
        self.held.remove(&id);
        let job = self.jobs.get_mut(&id)?;
        match &mut job.stage {
            Stage::Waiting(former) => match former.take() {
                Some(former) => Some(self.restore(id, *former)),
                None => {
                    let mut facts = Facts::new(&job.task(job.undo));
                    facts.report.input_bytes = job.info.input_bytes;
                    facts.stopped(Stop::cancelled());
                    self.end(id, facts.without_history())
                }
            },
            Stage::Running(task) => {
                task.cancel.cancel();
                None
            }
            Stage::Done(_) => None,
        }
    }

    /// A job that is done waits again, in this batch.
    fn reopen(&mut self, id: JobId, again: &Again, batch: &BatchId) -> Option<JobInfo> {
        let job = self.jobs.get_mut(&id)?;
        let waiting = Stage::Waiting(None);
        let ended = match std::mem::replace(&mut job.stage, waiting) {
            Stage::Done(ended) => ended,
            other => {
                job.stage = other;
                return None;
            }
        };
        let plan = again.plan_for(job.info.origin, &job.info.path, Some(&job.plan));
        let own = Arc::new(job.batch.again(batch));
        let info = JobInfo {
            batch: batch.clone(),
            by_settings: again.by_settings(&job.info),
            ..job.info.clone()
        };
        let former = Former {
            info: std::mem::replace(&mut job.info, info.clone()),
            batch: std::mem::replace(&mut job.batch, own),
            plan: std::mem::replace(&mut job.plan, Arc::new(plan)),
            ended,
        };
        job.stage = Stage::Waiting(Some(Box::new(former)));
        if let Some(progress) = self.batches.get_mut(batch) {
            progress.jobs.push(id);
            progress.open += 1;
        }
        Some(info)
    }

    /// A job is done as it was before.
    fn restore(&mut self, id: JobId, former: Former) -> End {
        let event = finished(id, &former.ended, true);
        // Whoever cancels has just found it.
        let Some(job) = self.jobs.get_mut(&id) else {
            let batch = former.batch;
            return End { batch, event: None };
        };
        job.info = former.info;
        job.plan = former.plan;
        job.stage = Stage::Done(former.ended);
        let batch = std::mem::replace(&mut job.batch, former.batch);
        self.ended(id, batch, event)
    }

    /// Forgets batches that are at their end and have no jobs left.
    fn prune(&mut self) {
        let State { jobs, batches, .. } = self;
        batches.retain(|_, progress| !progress.finished || progress.present(jobs).next().is_some());
    }
}

fn finished(id: JobId, ended: &Ended, as_before: bool) -> Event {
    Event::Finished {
        job: id,
        report: Box::new(ended.report.clone()),
        history: ended.history,
        as_before,
    }
}

impl Progress {
    /// Its jobs, but for those that are forgotten or were worked on once more since, with another batch.
    fn present<'a>(&'a self, jobs: &'a BTreeMap<JobId, Job>) -> impl Iterator<Item = &'a Job> {
        let known = self.jobs.iter().filter_map(|id| jobs.get(id));
        known.filter(|job| job.batch.id == self.batch.id)
    }
}

impl Former {
    /// The line of the history whose replacement is to be undone before it is worked on once more.
    fn undo(&self) -> Option<i64> {
        let replaced =
            self.plan.output == whittle_core::Output::InPlace && self.ended.report.output.is_some();
        match replaced {
            true => self.ended.history,
            false => self.ended.undo,
        }
    }
}

impl Job {
    fn task(&self, undo: Option<i64>) -> Task {
        Task {
            id: self.info.id,
            batch: Arc::clone(&self.batch),
            plan: Arc::clone(&self.plan),
            path: self.info.path.clone(),
            below: self.below.clone(),
            undo,
            queued: self.queued,
            cancel: Cancel::new(),
            fence: Fence::default(),
            working_since: OnceLock::new(),
            reserved: Mutex::default(),
        }
    }

    fn waits(&self) -> bool {
        matches!(self.stage, Stage::Waiting(_))
    }

    fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }
}
