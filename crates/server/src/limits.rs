//! How much one account may ask for at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use whittle_api::Code;

use crate::refusal::Refusal;

const MINUTE: Duration = Duration::from_secs(60);

/// What every account is doing just now.
pub(crate) struct Limits {
    at_once: usize,
    per_minute: Option<u32>,
    accounts: Arc<Mutex<HashMap<i64, Doing>>>,
}

struct Doing {
    images: usize,
    minute_began: Instant,
    requests: u32,
}

impl Limits {
    pub fn new(at_once: usize, per_minute: Option<u32>) -> Limits {
        Limits {
            at_once,
            per_minute,
            accounts: Arc::default(),
        }
    }

    /// Counts a request.
    pub fn ask(&self, account: i64) -> Result<(), Refusal> {
        let Some(most) = self.per_minute else {
            return Ok(());
        };
        self.with(account, |doing| {
            let passed = doing.minute_began.elapsed();
            if passed >= MINUTE {
                doing.minute_began = Instant::now();
                doing.requests = 0;
            }
            if doing.requests >= most {
                let wait = MINUTE.saturating_sub(passed).as_secs() + 1;
                return Err(Refusal {
                    retry_after: Some(wait),
                    ..Refusal::of(Code::TooManyRequests)
                });
            }
            doing.requests += 1;
            Ok(())
        })
    }

    /// Takes one of the account's places for images, until it is dropped.
    pub fn enter(&self, account: i64) -> Result<Place, Refusal> {
        self.with(account, |doing| {
            if doing.images >= self.at_once {
                return Err(Refusal::of(Code::TooManyRequests));
            }
            doing.images += 1;
            Ok(())
        })?;
        Ok(Place {
            account,
            accounts: Arc::clone(&self.accounts),
        })
    }

    fn with<T>(&self, account: i64, act: impl FnOnce(&mut Doing) -> T) -> T {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        act(accounts.entry(account).or_insert_with(|| Doing {
            images: 0,
            minute_began: Instant::now(),
            requests: 0,
        }))
    }
}

/// One image of an account under way.
pub(crate) struct Place {
    account: i64,
    accounts: Arc<Mutex<HashMap<i64, Doing>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(doing) = accounts.get_mut(&self.account) {
            doing.images = doing.images.saturating_sub(1);
        }
    }
}
