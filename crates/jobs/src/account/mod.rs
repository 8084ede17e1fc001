//! The account that images can be worked on by: connecting it, what is known of it, and the way of an
//! image there and back ([`work`]). Nothing is sent before an account is connected and a plan says so.

mod sync;
mod token;
mod turns;
mod work;

pub use token::{TOKEN_VARIABLE, token_in_environment};
pub(crate) use work::{ToWork, Trouble};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use whittle_api::client::{
    Client, ClientError, Endpoint, EndpointError, Meaning, Patience, Retries, ShopUpdate, Token,
};
use whittle_api::{ReportType, Shop, UNLIMITED};
use whittle_core::{
    AccountDashboard, AccountDefaults, AccountPlan, AccountRow, AccountState, AccountStatus, Cancel,
};
use whittle_store::{AccountLink, Store};

use turns::Turns;

/// Images that the window shows of those on their way.
const SHOWN: u32 = 50;

/// Why an account cannot be connected or asked, in one plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The address is none.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Its server.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// There is nowhere safe for the token.
    #[error(
        "There is no keychain on this computer that is open, so the token was not kept. It can be kept in a file that only you can read, or come from the variable {TOKEN_VARIABLE}."
    )]
    NoKeychain,
    /// No account is connected.
    #[error("No account is connected.")]
    NotConnected,
    /// The token is gone.
    #[error("The token cannot be found any more: connect the account again.")]
    NoToken,
    /// The token is in a keychain that cannot be read now.
    #[error(
        "The system's keychain, which has the token, is locked or not there. Open it and try again."
    )]
    KeychainClosed,
    /// The account is forgotten, and its token could not be.
    #[error(
        "The account is disconnected, but its token is still in the system's keychain, which is locked or not there: remove the entry Whittle there, or revoke the token on the server."
    )]
    TokenLeft,
    /// The database.
    #[error(transparent)]
    Store(#[from] whittle_store::Error),
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The server's address, as somebody typed it.
    pub endpoint: String,
    /// The account's token.
    pub token: Token,
    /// Plain HTTP to this computer, by explicit choice.
    pub allow_http: bool,
    /// The token may be kept in a file where there is no keychain, by explicit choice.
    pub token_in_file: bool,
}

/// The account that is connected, if one is, for everybody who works with it.
pub struct Accounts {
    store: Arc<Store>,
    open: Mutex<Option<Arc<Account>>>,
    pace: Pace,
    /// How long a job waits for a server that cannot be reached; for ever without a limit.
    give_up: Mutex<Option<Duration>>,
    trouble: Mutex<Option<Known>>,
    syncing: AtomicBool,
    turns: Turns,
}

/// An account that can be asked.
pub(crate) struct Account {
    pub link: AccountLink,
    pub client: Client,
    /// The account's newest image, as far as it is known; 0 when it is not.
    pub newest: AtomicU64,
}

/// What is wrong with the account.
#[derive(Clone, Debug)]
struct Known {
    state: AccountState,
    message: String,
}

/// Waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub patience: Patience,
    /// Between two looks whether a result is there: at first, and at most.
    pub poll: (Duration, Duration),
    /// What was sent and not answered may take so long to appear in the list.
    pub settle: Duration,
}

impl Pace {
    fn usual() -> Pace {
        let usual = Pace {
            patience: Patience::default(),
            poll: (Duration::from_millis(400), Duration::from_secs(10)),
            settle: Duration::from_secs(2),
        };
        match is_in_haste() {
            false => usual,
            true => Pace {
                patience: Patience {
                    connect: Duration::from_secs(3),
                    silence: Duration::from_secs(2),
                    retries: Retries {
                        first: Duration::from_millis(20),
                        longest: Duration::from_millis(400),
                        ..Retries::default()
                    },
                },
                poll: (Duration::from_millis(40), Duration::from_millis(200)),
                settle: Duration::from_millis(400),
            },
        }
    }
}

/// Tests of hundreds of faults cannot wait as people do. In release builds there is no such thing.
fn is_in_haste() -> bool {
    cfg!(debug_assertions) && std::env::var_os("WHITTLE_HASTE").is_some()
}

impl Accounts {
    /// What the store knows of.
    pub fn new(store: Arc<Store>) -> Accounts {
        Accounts {
            store,
            open: Mutex::default(),
            pace: Pace::usual(),
            give_up: Mutex::default(),
            trouble: Mutex::default(),
            syncing: AtomicBool::new(false),
            turns: Turns::default(),
        }
    }

    /// Jobs end when the server could not be reached for so long, instead of waiting for it.
    pub fn give_up_after(&self, time: Duration) {
        *lock(&self.give_up) = Some(time);
    }

    /// Connects an account: asks its server with the token, and keeps the token safe.
    ///
    /// # Errors
    /// When the server does not accept it, or the token cannot be kept. Nothing has changed then.
    pub fn connect(&self, connection: Connection) -> Result<AccountStatus, AccountError> {
        let endpoint = Endpoint::new(&connection.endpoint, connection.allow_http)?;
        let client = Client::new(
            endpoint.clone(),
            connection.token.clone(),
            self.pace.patience,
        )?;
        let shop = client.shop(&Cancel::new())?;
        let mut link = AccountLink {
            endpoint: endpoint.to_string(),
            allow_http: connection.allow_http,
            login: shop.login.clone(),
            token: whittle_core::TokenPlace::Environment,
            paused: false,
            synced_at: None,
            plan: Some(plan(&shop)),
            defaults: Some(defaults(&shop)),
        };
        let dir = self.store.dir();
        let before = self.store.account()?;
        link.token = token::keep(
            dir,
            &link.name(),
            &connection.token,
            connection.token_in_file,
        )?;
        if let Some(before) = before
            && (before.name(), before.token) != (link.name(), link.token)
        {
            // It may be why there is another one now.
            if let Err(error) = token::forget(dir, &before) {
                tracing::warn!("the token of before: {error}");
            }
        }
        self.store.save_account(Some(&link))?;
        *lock(&self.open) = Some(Arc::new(Account {
            link,
            client,
            newest: AtomicU64::new(0),
        }));
        self.well();
        self.status()
    }

    /// Forgets the account and its token. What it has, it keeps.
    ///
    /// # Errors
    /// When the database cannot be changed, or the token is left, in a keychain that is locked.
    pub fn disconnect(&self) -> Result<(), AccountError> {
        *lock(&self.open) = None;
        self.well();
        if let Some(link) = self.store.account()? {
            for item in self.store.outbox(&link.name(), u32::MAX)? {
                self.store.cancel_outbox(item.id)?;
            }
            let forgotten = token::forget(self.store.dir(), &link);
            self.store.save_account(None)?;
            forgotten?;
        }
        Ok(())
    }

    /// What is known, without asking anybody.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn status(&self) -> Result<AccountStatus, AccountError> {
        let link = self.store.account()?;
        let Some(link) = link else {
            return Ok(AccountStatus {
                state: AccountState::NotConnected,
                message: None,
                endpoint: None,
                login: None,
                token: None,
                plan: None,
                defaults: None,
                synced_at: None,
                paused: false,
                waiting: 0,
                waiting_bytes: 0,
                outbox: Vec::new(),
            });
        };
        let (waiting, waiting_bytes) = self.store.outbox_size(&link.name())?;
        let trouble = lock(&self.trouble).clone();
        let used_up = link
            .plan
            .as_ref()
            .is_some_and(|plan| plan.left() == Some(0));
        let state = match &trouble {
            Some(trouble) => trouble.state,
            None if used_up => AccountState::QuotaUsedUp,
            None if waiting > 0 && !link.paused || self.syncing.load(Ordering::Relaxed) => {
                AccountState::Syncing
            }
            None => AccountState::UpToDate,
        };
        Ok(AccountStatus {
            state,
            message: trouble.map(|trouble| trouble.message),
            outbox: self.store.outbox(&link.name(), SHOWN)?,
            endpoint: Some(link.endpoint),
            login: Some(link.login),
            token: Some(link.token),
            plan: link.plan,
            defaults: link.defaults,
            synced_at: link.synced_at,
            paused: link.paused,
            waiting,
            waiting_bytes,
        })
    }

    /// Asks the server for plan and settings.
    ///
    /// # Errors
    /// When none is connected, or it cannot be asked; [`Accounts::status`] knows what that means.
    pub fn refresh(&self) -> Result<AccountStatus, AccountError> {
        let account = self.account()?;
        let shop = self.noted(account.client.shop(&Cancel::new()))?;
        self.know(&shop)?;
        self.status()
    }

    /// Changes what jobs fall back to that name no quality of their own.
    ///
    /// # Errors
    /// When none is connected, or it cannot be asked.
    pub fn set_defaults(&self, defaults: &AccountDefaults) -> Result<AccountStatus, AccountError> {
        let account = self.account()?;
        let update = ShopUpdate {
            compression_type: Some(defaults.mode),
            compression_level_jpg: Some(defaults.level_jpg),
            compression_level_png: Some(defaults.level_png),
            compression_level_gif: Some(defaults.level_gif),
            ..ShopUpdate::default()
        };
        let shop = self.noted(account.client.update_shop(&update, &Cancel::new()))?;
        self.know(&shop)?;
        self.status()
    }

    /// Bytes by month and origin in the last six months, as the account counts them.
    ///
    /// # Errors
    /// When none is connected, or it cannot be asked.
    pub fn dashboard(&self) -> Result<AccountDashboard, AccountError> {
        let account = self.account()?;
        let answer = account
            .client
            .dashboard(ReportType::SixMonths, &Cancel::new());
        let stats = self.noted(answer)?.stats;
        let row = |row: whittle_api::ConsumptionRow| AccountRow {
            origin: row.origin,
            size: row.size,
            period: row.period,
        };
        Ok(AccountDashboard {
            original_images_count: stats.original_images_count,
            optimized_images_count: stats.optimized_images_count,
            rows: stats.consumption.data.into_iter().map(row).collect(),
        })
    }

    /// Sends nothing for now, or goes on.
    ///
    /// # Errors
    /// When none is connected.
    pub fn pause(&self, paused: bool) -> Result<AccountStatus, AccountError> {
        let mut link = self.store.account()?.ok_or(AccountError::NotConnected)?;
        link.paused = paused;
        self.store.save_account(Some(&link))?;
        self.status()
    }

    /// Does not send, or does not wait for, an image any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn cancel(&self, item: i64) -> Result<bool, AccountError> {
        Ok(self.store.cancel_outbox(item)?)
    }

    fn is_paused(&self) -> bool {
        matches!(self.store.account(), Ok(Some(link)) if link.paused)
    }

    /// The account that is connected, with its token.
    fn account(&self) -> Result<Arc<Account>, AccountError> {
        let mut open = lock(&self.open);
        if let Some(account) = &*open {
            return Ok(Arc::clone(account));
        }
        let link = self.store.account()?.ok_or(AccountError::NotConnected)?;
        let token = token::find(self.store.dir(), &link).inspect_err(|error| {
            *lock(&self.trouble) = Some(Known {
                state: AccountState::NoToken,
                message: error.to_string(),
            });
        })?;
        let endpoint = Endpoint::new(&link.endpoint, link.allow_http)?;
        let account = Arc::new(Account {
            client: Client::new(endpoint, token, self.pace.patience)?,
            link,
            newest: AtomicU64::new(0),
        });
        *open = Some(Arc::clone(&account));
        Ok(account)
    }

    fn know(&self, shop: &Shop) -> Result<(), AccountError> {
        if let Some(mut link) = self.store.account()? {
            link.plan = Some(plan(shop));
            link.defaults = Some(defaults(shop));
            self.store.save_account(Some(&link))?;
        }
        Ok(())
    }

    /// Remembers what an answer says about the account.
    fn noted<T>(&self, answer: Result<T, ClientError>) -> Result<T, ClientError> {
        match &answer {
            Ok(_) => self.well(),
            Err(error) => {
                let state = match error.meaning() {
                    Meaning::BadToken => Some(AccountState::BadToken),
                    Meaning::Suspended => Some(AccountState::Suspended),
                    Meaning::QuotaUsedUp => Some(AccountState::QuotaUsedUp),
                    Meaning::Later | Meaning::Unknown => Some(AccountState::Offline),
                    Meaning::Gone | Meaning::Refused | Meaning::Cancelled => None,
                };
                if let Some(state) = state {
                    *lock(&self.trouble) = Some(Known {
                        state,
                        message: error.to_string(),
                    });
                }
            }
        }
        answer
    }

    /// Nothing is wrong with the account.
    fn well(&self) {
        *lock(&self.trouble) = None;
    }
}

fn plan(shop: &Shop) -> AccountPlan {
    AccountPlan {
        name: shop.plan_data.name.clone(),
        bytes: Some(shop.plan_data.bytes).filter(|bytes| *bytes < UNLIMITED),
        used: shop.plan_data.quota_usage,
        renews_at: shop.next_charge_at.clone(),
    }
}

fn defaults(shop: &Shop) -> AccountDefaults {
    AccountDefaults {
        mode: shop.compression_type,
        level_jpg: shop.compression_level_jpg.unwrap_or(85),
        level_png: shop.compression_level_png.unwrap_or(85),
        level_gif: shop.compression_level_gif.unwrap_or(85),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
