//! The client of an account: every call of the contract, each of which waits for its answer.
//!
//! What arrives once may be asked for again: reads, and what was refused for now, are tried again here.
//! An image whose answer was lost is not sent again ([`Meaning::Unknown`]), because the service knows no
//! key that would make that harmless: whoever keeps the outbox looks it up first.

mod endpoint;
mod error;
mod exchange;
mod retry;
mod token;
mod upload;

pub use endpoint::{Endpoint, EndpointError};
pub use error::{ClientError, Distrust, Meaning, Refusal};
pub use retry::Retries;
pub use token::{NoToken, Token};
pub use upload::{Ask, Source};

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use whittle_core::{Cancel, Mode};

use crate::{
    CallbackUrl, CallbackUrlList, CallbackUrlResponse, CompressResponse, Dashboard, Deleted,
    NewCallbackUrl, OriginalImage, Pagination, ReportType, Shop, ShopResponse,
};
use exchange::{Files, Request};

/// The most images on a page of the list.
pub const PAGE: u64 = 100;

/// How long nothing may move before a call is given up, and how often it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until there is a connection.
    pub connect: Duration,
    /// Without a byte in either direction. The server itself waits 25 s for a result.
    pub silence: Duration,
    /// Further tries.
    pub retries: Retries,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(60),
            retries: Retries::default(),
        }
    }
}

/// An account on a server, spoken to with its token. Threads may share it.
pub struct Client {
    endpoint: Endpoint,
    token: Token,
    patience: Patience,
    http: reqwest::Client,
    files: Files,
    runtime: tokio::runtime::Runtime,
    /// How far the server's clock is ahead of ours, in ms.
    ahead: AtomicI64,
}

/// A page of the account's images.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Newest first. What could not be read is left out.
    pub images: Vec<OriginalImage>,
    /// Which page this is.
    pub pagination: Pagination,
}

/// What of the account's settings is to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShopUpdate {
    /// What requests fall back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_type: Option<Mode>,
    /// The level of all types of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_level: Option<u8>,
    /// The level of JPEGs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_level_jpg: Option<u8>,
    /// The level of PNGs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_level_png: Option<u8>,
    /// The level of GIFs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression_level_gif: Option<u8>,
    /// A further address for webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// When the system lacks what connections need.
    pub fn new(
        endpoint: Endpoint,
        token: Token,
        patience: Patience,
    ) -> Result<Client, ClientError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| ClientError::Unreachable)?;
        Ok(Client {
            http: exchange::http(&endpoint, &patience)?,
            files: Files::new(&endpoint, &patience)?,
            runtime,
            ahead: AtomicI64::new(0),
            endpoint,
            token,
            patience,
        })
    }

    /// Where the account is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What time it is by the server's clock, as far as its answers told.
    pub fn server_now(&self) -> Timestamp {
        let ahead = jiff::SignedDuration::from_millis(self.ahead.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// The account and its settings.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn shop(&self, cancel: &Cancel) -> Result<Shop, ClientError> {
        let answer: ShopResponse = self.ask(&Request::get("/v1/shop"), cancel)?;
        Ok(answer.shop)
    }

    /// Changes settings, and returns all of them.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn update_shop(&self, update: &ShopUpdate, cancel: &Cancel) -> Result<Shop, ClientError> {
        let request = Request::json(Method::PATCH, "/v1/shop", update);
        let answer: ShopResponse = self.ask(&request, cancel)?;
        Ok(answer.shop)
    }

    /// Counts and consumption.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn dashboard(&self, kind: ReportType, cancel: &Cancel) -> Result<Dashboard, ClientError> {
        let path = format!("/v1/dashboard?report_type={}", kind.name());
        self.ask(&Request::get(&path), cancel)
    }

    /// A page of the images, newest first; the first is 1.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn images(&self, page: u64, cancel: &Cancel) -> Result<Page, ClientError> {
        let path = format!("/v1/original_images?page={page}&per_page={PAGE}");
        let answer: Value = self.ask(&Request::get(&path), cancel)?;
        let pagination = serde_json::from_value(answer["pagination"].clone());
        let images = answer["original_images"].as_array();
        let (Ok(pagination), Some(images)) = (pagination, images) else {
            return Err(ClientError::Unreadable);
        };
        let read = |image: &Value| {
            serde_json::from_value(image.clone())
                .inspect_err(|error| {
                    tracing::warn!("an image of the account is unreadable: {error}")
                })
                .ok()
        };
        Ok(Page {
            images: images.iter().filter_map(read).collect(),
            pagination,
        })
    }

    /// One image with its results.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn image(&self, id: u64, cancel: &Cancel) -> Result<OriginalImage, ClientError> {
        let path = format!("/v1/original_images/{id}");
        let answer: CompressResponse = self.ask(&Request::get(&path), cancel)?;
        Ok(answer.original_image)
    }

    /// Removes an image with its results from the account. That it is gone already is no error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn delete_image(&self, id: u64, cancel: &Cancel) -> Result<(), ClientError> {
        self.delete(&format!("/v1/original_images/{id}"), cancel)
    }

    /// The callback URLs, oldest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn callback_urls(&self, cancel: &Cancel) -> Result<Vec<CallbackUrl>, ClientError> {
        let answer: CallbackUrlList = self.ask(&Request::get("/v1/callback_urls"), cancel)?;
        Ok(answer.callback_urls)
    }

    /// Registers a callback URL. Its secret is told this once.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn add_callback_url(
        &self,
        url: &str,
        cancel: &Cancel,
    ) -> Result<NewCallbackUrl, ClientError> {
        let body = serde_json::json!({ "url": url });
        let request = Request::json(Method::POST, "/v1/callback_urls", &body).once();
        let answer: CallbackUrlResponse = self.ask(&request, cancel)?;
        Ok(answer.callback_url)
    }

    /// Removes a callback URL. That it is gone already is no error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn remove_callback_url(&self, id: u64, cancel: &Cancel) -> Result<(), ClientError> {
        self.delete(&format!("/v1/callback_urls/{id}"), cancel)
    }

    /// Sends an image and waits for its results; the answer may be unfinished when that takes long.
    /// `cancel` learns how much of it was sent.
    ///
    /// # Errors
    /// [`Meaning::Unknown`] when the image may have arrived; it is not sent again by itself.
    pub fn compress(
        &self,
        source: &Source,
        ask: &Ask,
        cancel: &Cancel,
    ) -> Result<OriginalImage, ClientError> {
        self.send("/v1/compress", source, ask, cancel)
    }

    /// Sends an image whose results are asked for later. `cancel` learns how much of it was sent.
    ///
    /// # Errors
    /// [`Meaning::Unknown`] when the image may have arrived; it is not sent again by itself.
    pub fn enqueue(
        &self,
        source: &Source,
        ask: &Ask,
        cancel: &Cancel,
    ) -> Result<OriginalImage, ClientError> {
        self.send("/v1/original_images", source, ask, cancel)
    }

    fn send(
        &self,
        path: &str,
        source: &Source,
        ask: &Ask,
        cancel: &Cancel,
    ) -> Result<OriginalImage, ClientError> {
        let request = Request::image(path, source, ask);
        let answer: CompressResponse = self.ask(&request, cancel)?;
        Ok(answer.original_image)
    }

    /// The file behind a link, of at most `limit` bytes. The token is not sent along.
    ///
    /// # Errors
    /// [`Meaning::Gone`] when the link has ended.
    pub fn download(
        &self,
        link: &str,
        limit: u64,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, ClientError> {
        let url = Url::parse(link).map_err(|_| ClientError::Link)?;
        if !self.endpoint.may_follow(&url) {
            return Err(ClientError::Link);
        }
        self.again(true, cancel, || {
            let moved = Arc::new(AtomicU64::new(0));
            let work = self.files.fetched(url.clone(), limit, &moved);
            self.run(work, &moved, cancel)
        })
    }

    fn delete(&self, path: &str, cancel: &Cancel) -> Result<(), ClientError> {
        match self.ask::<Deleted>(&Request::new(Method::DELETE, path), cancel) {
            Err(error) if error.meaning() == Meaning::Gone => Ok(()),
            // An older server answers with nothing.
            Err(ClientError::Unreadable) => Ok(()),
            answer => answer.map(drop),
        }
    }

    fn ask<T: DeserializeOwned>(
        &self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<T, ClientError> {
        let answer = self.again(request.repeatable(), cancel, || {
            let moved = Arc::new(AtomicU64::new(0));
            let work = self.answered(request, &moved);
            let whole = request.bytes();
            let sent = || {
                if whole > 0 {
                    cancel.progress(moved.load(Ordering::Relaxed) as f32 / whole as f32 * SENDING);
                }
            };
            self.run_telling(work, &moved, cancel, sent)
        })?;
        serde_json::from_value(answer).map_err(|error| {
            tracing::warn!("the account's answer is unreadable: {error}");
            ClientError::Unreadable
        })
    }

    async fn answered(
        &self,
        request: &Request,
        moved: &Arc<AtomicU64>,
    ) -> Result<Value, ClientError> {
        let url = self.endpoint.at(request.path());
        let answer = request.sent(&self.http, url, &self.token, moved).await?;
        if let Some(date) = answer.date {
            let ahead = date.as_millisecond() - Timestamp::now().as_millisecond();
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        let now = u64::try_from(self.server_now().as_millisecond()).unwrap_or_default();
        answer.json(SystemTime::UNIX_EPOCH + Duration::from_millis(now))
    }

    /// Tries until it is done, or until trying again would be of no use or could do harm.
    fn again<T>(
        &self,
        repeatable: bool,
        cancel: &Cancel,
        mut attempt: impl FnMut() -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut number = 0;
        loop {
            let error = match attempt() {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            number += 1;
            let hopeful = match error.meaning() {
                Meaning::Later => error.may_pass(),
                Meaning::Unknown => repeatable,
                _ => false,
            };
            let wait = self.patience.retries.wait(number, error.retry_after());
            let Some(wait) = wait.filter(|_| hopeful) else {
                return Err(error);
            };
            tracing::debug!("try {number} failed: {error} Again in {wait:?}.");
            exchange::sleep(wait, cancel)?;
        }
    }

    fn run<T>(
        &self,
        work: impl Future<Output = Result<T, ClientError>>,
        moved: &AtomicU64,
        cancel: &Cancel,
    ) -> Result<T, ClientError> {
        self.run_telling(work, moved, cancel, || {})
    }

    fn run_telling<T>(
        &self,
        work: impl Future<Output = Result<T, ClientError>>,
        moved: &AtomicU64,
        cancel: &Cancel,
        tell: impl Fn(),
    ) -> Result<T, ClientError> {
        let silence = self.patience.silence;
        self.runtime
            .block_on(exchange::watched(work, moved, silence, cancel, tell))
    }
}

/// The part of a job that is done when its image is sent.
const SENDING: f32 = 0.4;

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint.to_string())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
