//! The threads of the queue.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle, ThreadId};
use std::time::Duration;

use whittle_core::{Event, JobId};

use crate::STACK;
use crate::queue::{Lane, Shared};
use crate::run::run_job;
use crate::task::Task;

/// How often progress is told, and the time limits are looked at.
const TICK: Duration = Duration::from_millis(100);

/// The threads that end with the queue.
#[derive(Default)]
pub(crate) struct Workers {
    threads: Mutex<HashMap<ThreadId, JoinHandle<()>>>,
    /// Which worker has which job.
    at: Mutex<HashMap<JobId, ThreadId>>,
}

impl Workers {
    /// Waits for all threads but those that were given up.
    pub fn join(&self) {
        loop {
            let next = {
                let mut threads = lock(&self.threads);
                let id = threads.keys().next().copied();
                id.and_then(|id| threads.remove(&id))
            };
            match next {
                // The queue may be dropped by one of its own threads, through an event.
                Some(thread) if thread.thread().id() == std::thread::current().id() => {}
                Some(thread) => {
                    let _ = thread.join();
                }
                None => return,
            }
        }
    }

    fn add(&self, thread: JoinHandle<()>) {
        let mut threads = lock(&self.threads);
        threads.retain(|_, thread| !thread.is_finished());
        threads.insert(thread.thread().id(), thread);
    }

    /// Nobody waits any more for the thread that has this job.
    fn give_up(&self, job: JobId) {
        if let Some(thread) = lock(&self.at).remove(&job) {
            lock(&self.threads).remove(&thread);
        }
    }
}

/// Starts one more worker.
pub(crate) fn spawn(shared: &Arc<Shared>, lane: Lane) {
    let own = Arc::clone(shared);
    spawn_helper(shared, "worker", move || {
        while let Some(task) = own.next_task(lane) {
            lock(&own.workers.at).insert(task.id, std::thread::current().id());
            let Some(ended) = run_job(&task, &own.tools) else {
                // Given up: another worker has this one's place.
                return;
            };
            lock(&own.workers.at).remove(&task.id);
            own.finished(task.id, ended);
        }
    });
}

/// Tells the progress of what runs, and gives up what overstays its time limit.
pub(crate) fn spawn_watchdog(shared: &Arc<Shared>) {
    let own = Arc::clone(shared);
    spawn_helper(shared, "watchdog", move || {
        let mut told: HashMap<JobId, f32> = HashMap::new();
        while let Some(running) = own.running(TICK) {
            told.retain(|id, _| running.iter().any(|task| task.id == *id));
            for task in running {
                let done = task.cancel.done();
                if told.insert(task.id, done).unwrap_or(0.0) < done {
                    own.send(Event::Progress { job: task.id, done });
                }
                if overstays(&task, own.grace) && task.fence.abandon() {
                    task.cancel.cancel();
                    // Nobody knows how long it holds its memory yet; the others must not wait.
                    drop(lock(&task.reserved).take());
                    own.workers.give_up(task.id);
                    spawn(&own, Lane::of(&task.plan));
                    let ended = own.given_up(&task);
                    own.finished(task.id, ended);
                }
            }
        }
    });
}

/// Runs a thread that ends with the queue.
pub(crate) fn spawn_helper(shared: &Arc<Shared>, name: &str, run: impl FnOnce() + Send + 'static) {
    let thread = Builder::new()
        .name(format!("whittle-{name}"))
        .stack_size(STACK)
        .spawn(run);
    match thread {
        Ok(thread) => shared.workers.add(thread),
        // Out of threads or memory: there is nobody left who could do the work.
        Err(error) => panic!("could not start a thread: {error}"),
    }
}

fn overstays(task: &Task, grace: Duration) -> bool {
    let limit = task.plan.recipe.limits.time.saturating_add(grace);
    task.working_since
        .get()
        .is_some_and(|since| since.elapsed() > limit)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
