//! One image on its way to the account and back. Each step is in the outbox before it is taken, so that
//! whoever comes after a kill knows where to go on, and nothing is sent twice.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use whittle_api::client::{Ask, ClientError, Meaning, Source};
use whittle_api::{OptimizedImage, OriginalImage, Status};
use whittle_core::{Cancel, ErrorCode, Level, Mode, OutboxState};
use whittle_engine::Foreign;
use whittle_store::{Hash, OutboxEntry, ToSend};

use super::turns::Place;
use super::{Account, AccountError, Accounts, lock};

/// The most that a resized picture may take.
const MOST: u64 = 64 << 20;

/// How often an image is sent anew that the account has lost, or whose links ended.
const ANEW: u32 = 2;

/// How often a result is fetched anew that does not have the size that it should.
const FETCHES: u32 = 3;

/// How often the list is looked through for an image whose answer was lost.
const LOOKS: u32 = 2;

/// What is to be worked on.
pub(crate) struct ToWork<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub hash: Hash,
    pub ask: Ask,
}

/// What the account made.
pub(crate) struct Made {
    pub foreign: Foreign,
    /// What it was worked on by; the account's own settings where none was asked for.
    pub quality: (Mode, Level),
}

/// Why the account made nothing.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub code: ErrorCode,
    /// One plain sentence.
    pub message: String,
}

impl Trouble {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Trouble {
        Trouble {
            code,
            message: message.into(),
        }
    }

    fn cancelled() -> Trouble {
        Trouble::new(ErrorCode::Cancelled, "Cancelled.")
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Trouble {
        match error {
            AccountError::Client(error) => error.into(),
            AccountError::Store(error) => Trouble::new(ErrorCode::Io, error.to_string()),
            other => Trouble::new(ErrorCode::NotConnected, other.to_string()),
        }
    }
}

impl From<whittle_store::Error> for Trouble {
    fn from(error: whittle_store::Error) -> Trouble {
        Trouble::new(ErrorCode::Io, error.to_string())
    }
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Trouble {
        let code = match error.meaning() {
            Meaning::Cancelled => ErrorCode::Cancelled,
            Meaning::Later | Meaning::Unknown => ErrorCode::Unreachable,
            Meaning::BadToken | Meaning::Suspended => ErrorCode::NotConnected,
            Meaning::QuotaUsedUp => ErrorCode::QuotaUsedUp,
            Meaning::Gone | Meaning::Refused => ErrorCode::AccountRefused,
        };
        Trouble::new(code, error.to_string())
    }
}

impl From<whittle_core::Cancelled> for Trouble {
    fn from(_: whittle_core::Cancelled) -> Trouble {
        Trouble::cancelled()
    }
}

/// What a step led to.
enum Step {
    /// To the next one.
    On,
    /// There is nothing to do yet.
    Wait(Duration),
    Done(Box<Made>),
}

/// The way of one image.
struct Way<'a> {
    accounts: &'a Accounts,
    account: &'a Account,
    work: &'a ToWork<'a>,
    cancel: &'a Cancel,
    entry: OutboxEntry,
    place: Option<Place<'a>>,
    looked: u32,
    anew: u32,
    fetched: u32,
    polled: u32,
}

impl Accounts {
    /// Has an image worked on by the account, however long that takes and whatever the network does.
    pub(crate) fn work(&self, work: &ToWork, cancel: &Cancel) -> Result<Made, Trouble> {
        let account = self.account()?;
        let key = serde_json::json!({
            "quality": work.ask.quality,
            "styles": work.ask.styles,
            "strip_tags": work.ask.strip_tags,
        });
        let (name, key) = (account.link.name(), key.to_string());
        let _care = self.turns.take_care(work.hash, &key, cancel)?;
        let entry = loop {
            let entered = self.store.enter_outbox(ToSend {
                account: &name,
                content: &work.hash,
                ask: &key,
                name: work.name,
                bytes: work.bytes.len() as u64,
            })?;
            match entered {
                Some(entry) => break entry,
                // Another program is at it, and its result is ours, too.
                None => sleep(Duration::from_secs(1), cancel)?,
            }
        };
        let id = entry.id;
        let mut way = Way {
            accounts: self,
            account: &account,
            work,
            cancel,
            place: entry.image.is_none().then(|| self.turns.join(id)),
            entry,
            looked: 0,
            anew: 0,
            fetched: 0,
            polled: 0,
        };
        let made = way.walked();
        match &made {
            Ok(_) => self
                .store
                .note_outbox(id, OutboxState::Done, None)
                .map(drop),
            Err(trouble) => match trouble.code {
                ErrorCode::Cancelled => self.store.cancel_outbox(id).map(drop),
                // It waits there for the next try.
                ErrorCode::Unreachable | ErrorCode::NotConnected | ErrorCode::QuotaUsedUp => self
                    .store
                    .note_outbox(id, way.entry.state, Some(&trouble.message))
                    .map(drop),
                _ => self
                    .store
                    .note_outbox(id, OutboxState::Failed, Some(&trouble.message))
                    .map(drop),
            },
        }?;
        made
    }
}

impl Way<'_> {
    fn walked(&mut self) -> Result<Made, Trouble> {
        let mut away: Option<Instant> = None;
        let mut failures = 0;
        loop {
            if self.accounts.store.is_unwanted(self.entry.id)? {
                return Err(Trouble::cancelled());
            }
            if self.accounts.is_paused() && self.entry.image.is_none() {
                sleep(Duration::from_millis(300), self.cancel)?;
                continue;
            }
            let step = self.step();
            match self.accounts.noted(step) {
                Ok(step) => {
                    (away, failures) = (None, 0);
                    match step {
                        Step::On => {}
                        Step::Wait(time) => sleep(time, self.cancel)?,
                        Step::Done(made) => return Ok(*made),
                    }
                }
                Err(error) => {
                    if !matches!(error.meaning(), Meaning::Later | Meaning::Unknown) {
                        return Err(error.into());
                    }
                    let since = *away.get_or_insert_with(Instant::now);
                    let limit = *lock(&self.accounts.give_up);
                    if limit.is_some_and(|limit| since.elapsed() > limit) {
                        return Err(error.into());
                    }
                    let message = error.to_string();
                    let state = self.entry.state;
                    self.accounts
                        .store
                        .note_outbox(self.entry.id, state, Some(&message))?;
                    // The client has waited in between already; this is for what lasts.
                    let (first, most) = self.accounts.pace.poll;
                    sleep(
                        first.saturating_mul(1 << failures.min(10)).min(most * 3),
                        self.cancel,
                    )?;
                    failures += 1;
                }
            }
        }
    }

    fn step(&mut self) -> Result<Step, ClientError> {
        match (self.entry.image, self.entry.state) {
            (Some(image), _) => self.asked(image),
            (None, OutboxState::Sending) => self.looked_up(),
            (None, _) => self.sent(),
        }
    }

    /// Sends the image, when it is its turn.
    fn sent(&mut self) -> Result<Step, ClientError> {
        let (id, client) = (self.entry.id, &self.account.client);
        let place = match self.place.take() {
            Some(place) => place,
            None => self.accounts.turns.join(id),
        };
        let place = self.place.insert(place);
        place
            .first(self.cancel)
            .map_err(|_| ClientError::Cancelled)?;
        let newest = self.newest()?;
        // From here on it may be there.
        self.stored(|store| store.note_sending(id, newest))?;
        (self.entry.state, self.looked) = (OutboxState::Sending, 0);
        let source = Source::File {
            name: self.work.name.to_owned(),
            bytes: self.work.bytes.to_vec().into(),
        };
        match client.enqueue(&source, &self.work.ask, self.cancel) {
            Ok(image) => self.known_as(image.id),
            Err(error) => {
                // What was refused or never arrived is not there.
                if error.meaning() != Meaning::Unknown && error != ClientError::Cancelled {
                    self.stored(|store| store.note_outbox(id, OutboxState::Waiting, None))?;
                    self.entry.state = OutboxState::Waiting;
                }
                Err(error)
            }
        }
    }

    /// The account's newest image: whatever of ours comes later has a higher number.
    fn newest(&self) -> Result<u64, ClientError> {
        let known = self.account.newest.load(Ordering::Relaxed);
        if known > 0 {
            return Ok(known);
        }
        let page = self.account.client.images(1, self.cancel)?;
        let newest = page.images.iter().map(|image| image.id).max().unwrap_or(0);
        self.account.newest.fetch_max(newest, Ordering::Relaxed);
        Ok(newest)
    }

    fn known_as(&mut self, image: u64) -> Result<Step, ClientError> {
        let id = self.entry.id;
        self.stored(|store| store.note_sent(id, image))?;
        self.account.newest.fetch_max(image, Ordering::Relaxed);
        (self.entry.image, self.entry.state) = (Some(image), OutboxState::Sent);
        self.place = None;
        self.polled = 0;
        Ok(Step::On)
    }

    /// Looks in the account's list for an image whose answer was lost.
    fn looked_up(&mut self) -> Result<Step, ClientError> {
        if let Some(image) = self.found()? {
            return self.known_as(image);
        }
        self.looked += 1;
        if self.looked < LOOKS {
            return Ok(Step::Wait(self.accounts.pace.settle));
        }
        let id = self.entry.id;
        self.stored(|store| store.note_outbox(id, OutboxState::Waiting, None))?;
        self.entry.state = OutboxState::Waiting;
        Ok(Step::On)
    }

    fn found(&self) -> Result<Option<u64>, ClientError> {
        let name = self.account.link.name();
        let mut page = 1;
        loop {
            let list = self.account.client.images(page, self.cancel)?;
            for image in &list.images {
                if image.id <= self.entry.after_image {
                    return Ok(None);
                }
                let of_another = self
                    .accounts
                    .store
                    .is_of_outbox(&name, image.id)
                    .map_err(|error| failed(&error))?;
                if !of_another && self.is_it(image)? {
                    return Ok(Some(image.id));
                }
            }
            if page >= list.pagination.total_pages {
                return Ok(None);
            }
            page += 1;
        }
    }

    /// Whether an image of the list is the one that was sent: told by its size, what was asked for, and
    /// then its content.
    fn is_it(&self, listed: &OriginalImage) -> Result<bool, ClientError> {
        let bytes = self.work.bytes.len() as u64;
        if listed.size.is_some_and(|size| size != bytes) {
            return Ok(false);
        }
        let image = match self.account.client.image(listed.id, self.cancel) {
            Err(error) if error.meaning() == Meaning::Gone => return Ok(false),
            image => image?,
        };
        let ask = &self.work.ask;
        let as_asked = match ask.quality {
            Some((mode, level)) => {
                image.compression_type.is_none_or(|found| found == mode)
                    && (mode != Mode::Lossy
                        || image
                            .compression_level
                            .is_none_or(|found| found == level.get()))
            }
            None => true,
        };
        let outputs = image.optimized_images.as_deref().unwrap_or_default();
        let styles: Vec<&str> = outputs
            .iter()
            .map(|output| output.style.as_str())
            .filter(|style| *style != ORIGINAL)
            .collect();
        let wanted: Vec<&str> = ask.styles.iter().map(|style| style.name.as_str()).collect();
        if !as_asked || !outputs.is_empty() && styles != wanted {
            return Ok(false);
        }
        let Some(link) = &image.link else {
            return Ok(image.size == Some(bytes));
        };
        match self.account.client.download(link, bytes, self.cancel) {
            Ok(content) => Ok(blake3::hash(&content) == self.work.hash),
            Err(ClientError::TooLarge { .. }) => Ok(false),
            Err(error) if error.meaning() == Meaning::Gone => Ok(image.size == Some(bytes)),
            Err(error) => Err(error),
        }
    }

    /// Asks how far the account is, and fetches what is finished.
    fn asked(&mut self, image: u64) -> Result<Step, ClientError> {
        let found = match self.account.client.image(image, self.cancel) {
            Err(error) if error.meaning() == Meaning::Gone => return self.send_anew(error),
            found => found?,
        };
        match found.status {
            Status::Completed => self.fetch(&found),
            Status::Error => {
                let outputs = found.optimized_images.unwrap_or_default();
                let reason = outputs.into_iter().find_map(|output| output.error_msg);
                Err(refused(reason.unwrap_or_default()))
            }
            Status::Enqueued | Status::Processing => {
                let (first, most) = self.accounts.pace.poll;
                let wait = first.mul_f64(1.5f64.powi(self.polled.min(30) as i32));
                self.polled += 1;
                self.cancel.progress(0.5);
                Ok(Step::Wait(wait.min(most)))
            }
        }
    }

    fn fetch(&mut self, image: &OriginalImage) -> Result<Step, ClientError> {
        let outputs = image.optimized_images.as_deref().unwrap_or_default();
        let named = |name: &str| outputs.iter().find(|output| output.style == name);
        let full_size = named(ORIGINAL).ok_or_else(|| refused("the result is missing".into()))?;
        let bytes = self.work.bytes.len() as u64;
        let mut fetched = Vec::new();
        // What is not smaller is not needed.
        if full_size.size >= bytes && full_size.status == Status::Completed {
            fetched.push(self.work.bytes.to_vec());
        } else {
            match self.file(full_size, bytes)? {
                Some(file) => fetched.push(file),
                None => return Ok(Step::On),
            }
        }
        for style in &self.work.ask.styles {
            let output = named(&style.name)
                .ok_or_else(|| refused(format!("the style {} is missing", style.name)))?;
            match self.file(output, MOST)? {
                Some(file) => fetched.push(file),
                None => return Ok(Step::On),
            }
        }
        self.cancel.progress(0.9);
        let mut fetched = fetched.into_iter();
        let mode = image
            .compression_type
            .or(self.work.ask.quality.map(|(mode, _)| mode));
        let level = image
            .compression_level
            .and_then(|level| Level::new(level).ok());
        let asked = self.work.ask.quality;
        Ok(Step::Done(Box::new(Made {
            foreign: Foreign {
                full_size: fetched.next().unwrap_or_default(),
                derivatives: fetched.collect(),
            },
            // What was asked for is what was promised, whatever the account says it did.
            quality: asked.unwrap_or((mode.unwrap_or_default(), level.unwrap_or_default())),
        })))
    }

    /// The file of an output; `None` when the way goes on otherwise.
    fn file(
        &mut self,
        output: &OptimizedImage,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        if output.status != Status::Completed {
            return Err(refused(output.error_msg.clone().unwrap_or_default()));
        }
        let file = match self
            .account
            .client
            .download(&output.link, limit, self.cancel)
        {
            // The link has ended, by the server's clock, which is the one that counts; or the image has
            // new links meanwhile, or something between here and there only says so. So the image is
            // asked for again before it is sent again.
            Err(error) if error.meaning() == Meaning::Gone => {
                self.fetched += 1;
                if self.fetched < FETCHES {
                    return Err(ClientError::Interrupted);
                }
                self.fetched = 0;
                return self.send_anew(error).map(|_| None);
            }
            file => file?,
        };
        if output.size > 0 && file.len() as u64 != output.size {
            self.fetched += 1;
            if self.fetched >= FETCHES {
                return Err(refused("what it sends is cut off".into()));
            }
            return Err(ClientError::Interrupted);
        }
        Ok(Some(file))
    }

    /// The account has lost it, or its links ended before it was fetched.
    fn send_anew(&mut self, error: ClientError) -> Result<Step, ClientError> {
        self.anew += 1;
        if self.anew > ANEW {
            return Err(error);
        }
        tracing::info!("{} is sent anew: {error}", self.work.name);
        (self.entry.image, self.entry.state) = (None, OutboxState::Waiting);
        Ok(Step::On)
    }

    /// Writes something down; what somebody does not want any more is not gone on with.
    fn stored(
        &self,
        note: impl FnOnce(&whittle_store::Store) -> whittle_store::Result<bool>,
    ) -> Result<(), ClientError> {
        match note(&self.accounts.store) {
            Ok(true) => Ok(()),
            Ok(false) => Err(ClientError::Cancelled),
            Err(error) => Err(failed(&error)),
        }
    }
}

const ORIGINAL: &str = "original";

/// The database is not there just now: nothing is sent that cannot be written down.
fn failed(error: &whittle_store::Error) -> ClientError {
    tracing::error!("the outbox: {error}");
    ClientError::Unreachable
}

fn refused(message: String) -> ClientError {
    ClientError::Refused(whittle_api::client::Refusal {
        status: 422,
        code: None,
        message,
        retry_after: None,
        request_id: None,
    })
}

/// Waits, unless somebody cancels.
fn sleep(time: Duration, cancel: &Cancel) -> Result<(), Trouble> {
    let end = Instant::now() + time;
    loop {
        cancel.check()?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
}
