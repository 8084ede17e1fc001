//! What every request and every worker shares.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use whittle_api::Code;
use whittle_engine::{Cancel, ErrorCode};
use whittle_store::server::{Account, Image, Records};

use crate::config::Config;
use crate::files::Files;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::refusal::Refusal;
use crate::worker::Bell;
use crate::{Error, token};

/// Shared by all.
pub(crate) type Shared = Arc<App>;

/// How far the server is from its end. Only goes down this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Serves.
    Running,
    /// Finishes what it has, and refuses what is new.
    Draining,
    /// Ends.
    Closing,
}

/// Everything that requests, workers and deliveries need.
pub(crate) struct App {
    pub config: Config,
    /// What links begin with, without a slash at the end.
    pub base: String,
    pub files: Files,
    pub outbound: Outbound,
    pub metrics: Metrics,
    pub limits: Limits,
    /// Rung when an image waits.
    pub bell: Bell,
    /// Told when a webhook waits.
    pub deliveries: Notify,
    /// Images that are held in memory to be looked at.
    pub opening: Semaphore,
    pub phase: watch::Sender<Phase>,
    /// Requests that are being answered.
    pub under_way: AtomicUsize,
    /// Where large uploads lie while they arrive.
    pub incoming: PathBuf,
    records: Arc<Records>,
    jobs: Mutex<Jobs>,
}

/// Images that are worked on or waited for in this process.
#[derive(Default)]
struct Jobs {
    running: HashMap<i64, Cancel>,
    /// By the key of the original's file, which is known before the image has a number.
    waiting: HashMap<String, oneshot::Sender<Option<ErrorCode>>>,
}

impl App {
    pub fn new(config: Config, records: Arc<Records>, base: String) -> Result<App, Error> {
        let incoming = config.data_dir.join("incoming");
        // What a server that was killed had not finished receiving.
        let _ = std::fs::remove_dir_all(&incoming);
        std::fs::create_dir_all(&incoming).map_err(|source| Error::Folder {
            path: incoming.clone(),
            source,
        })?;
        Ok(App {
            base,
            files: Files::open(config.storage.as_deref(), &config.data_dir)?,
            outbound: Outbound::new(&config)?,
            metrics: Metrics::default(),
            limits: Limits::new(config.max_at_once, config.max_per_minute),
            bell: Bell::default(),
            deliveries: Notify::new(),
            opening: Semaphore::new(config.workers + 2),
            phase: watch::Sender::new(Phase::Running),
            under_way: AtomicUsize::new(0),
            incoming,
            records,
            jobs: Mutex::default(),
            config,
        })
    }

    /// Asks the records, on a thread that may wait for the disk.
    pub async fn records<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Records) -> whittle_store::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let records = Arc::clone(&self.records);
        tokio::task::spawn_blocking(move || ask(&records))
            .await
            .map_err(Refusal::internal)?
            .map_err(Refusal::from)
    }

    /// The records, for threads that may wait.
    pub fn records_here(&self) -> &Records {
        &self.records
    }

    /// Whose token came with a request.
    pub async fn account(&self, headers: &HeaderMap) -> Result<Account, Refusal> {
        let token = bearer(headers).ok_or(Refusal::of(Code::MissingToken))?;
        let hash = token::hash(token);
        let account = self
            .records(move |records| records.account_of_token(&hash))
            .await?
            .ok_or(Refusal::of(Code::InvalidToken))?;
        if account.suspended {
            return Err(Refusal::of(Code::AccountSuspended));
        }
        self.limits.ask(account.id)?;
        Ok(account)
    }

    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Notes that a request is being answered, until the guard goes.
    pub fn enter(self: &Arc<App>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(self))
    }

    /// A token for the work on an image.
    pub fn begin(&self, image: i64) -> Cancel {
        let cancel = Cancel::new();
        self.jobs().running.insert(image, cancel.clone());
        cancel
    }

    /// The work on an image is over; whoever waits is told, unless it will be taken up again.
    pub fn end(&self, image: &Image, outcome: Option<Option<ErrorCode>>) {
        let mut jobs = self.jobs();
        jobs.running.remove(&image.id);
        if let Some(error) = outcome
            && let Some(waiting) = jobs.waiting.remove(&image.file_key)
        {
            // Who asked may have gone.
            let _ = waiting.send(error);
        }
    }

    /// Told when the work on an image is over: `Some` with the reason when it failed. Asked for before
    /// the image is in the queue, so that its end cannot be missed.
    pub fn wait_for(&self, file_key: &str) -> oneshot::Receiver<Option<ErrorCode>> {
        let (sender, receiver) = oneshot::channel();
        self.jobs().waiting.insert(file_key.to_owned(), sender);
        receiver
    }

    /// An image was deleted: whoever waits for it need not.
    pub fn deleted(&self, image: i64, file_key: &str) {
        self.cancel(Some(image));
        if let Some(waiting) = self.jobs().waiting.remove(file_key) {
            let _ = waiting.send(Some(ErrorCode::Cancelled));
        }
    }

    /// Nobody waits any more: the time ran out, or the client has gone.
    pub fn forget_waiting(&self, image: &Image) {
        self.jobs().waiting.remove(&image.file_key);
    }

    /// Stops the work on one image, or on all.
    pub fn cancel(&self, image: Option<i64>) {
        for (id, cancel) in &self.jobs().running {
            if image.is_none_or(|image| image == *id) {
                cancel.cancel();
            }
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
pub(crate) struct UnderWay(Shared);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The token of an `Authorization` header of the Bearer scheme.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .trim()
        .split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
