//! One request and its answer.

use std::error::Error as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use whittle_core::Cancel;

use super::error::{ClientError, Distrust, Refusal};
use super::upload::{Ask, Source, form};
use super::{Endpoint, Patience, Token, retry};

/// How often it is looked whether somebody cancelled.
const TICK: Duration = Duration::from_millis(100);

/// No answer is larger: a page of a hundred images takes some 60 KB.
const MOST_JSON: usize = 16 << 20;

/// Moves from link to link of a file.
const REDIRECTS: usize = 3;

/// What is asked.
pub(super) struct Request {
    method: Method,
    path: String,
    body: Content,
    repeatable: bool,
}

enum Content {
    None,
    Json(Vec<u8>),
    Image(Source, Ask),
}

impl Request {
    pub fn new(method: Method, path: &str) -> Request {
        Request {
            method,
            path: path.to_owned(),
            body: Content::None,
            repeatable: true,
        }
    }

    pub fn get(path: &str) -> Request {
        Request::new(Method::GET, path)
    }

    pub fn json(method: Method, path: &str, body: &impl Serialize) -> Request {
        Request {
            // Fails for maps with odd keys only, and there are none.
            body: Content::Json(serde_json::to_vec(body).unwrap_or_default()),
            ..Request::new(method, path)
        }
    }

    /// An image; not to be sent again unless it surely did not arrive.
    pub fn image(path: &str, source: &Source, ask: &Ask) -> Request {
        Request {
            body: Content::Image(source.clone(), ask.clone()),
            ..Request::new(Method::POST, path)
        }
        .once()
    }

    /// Not to be asked again unless it surely did not arrive.
    pub fn once(self) -> Request {
        Request {
            repeatable: false,
            ..self
        }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn repeatable(&self) -> bool {
        self.repeatable
    }

    /// Bytes of the image; 0 where there is none.
    pub fn bytes(&self) -> u64 {
        match &self.body {
            Content::Image(Source::File { bytes, .. }, _) => bytes.len() as u64,
            _ => 0,
        }
    }

    pub async fn sent(
        &self,
        http: &reqwest::Client,
        url: Url,
        token: &Token,
        moved: &Arc<AtomicU64>,
    ) -> Result<Answer, ClientError> {
        let mut request = http
            .request(self.method.clone(), url)
            .header(AUTHORIZATION, bearer(token)?)
            .header(ACCEPT, "application/json");
        request = match &self.body {
            Content::None => request,
            Content::Json(json) => request
                .header(CONTENT_TYPE, "application/json")
                .body(json.clone()),
            Content::Image(source, ask) => {
                let (content_type, form) = form(source, ask, moved);
                request
                    .header(CONTENT_TYPE, content_type)
                    .body(reqwest::Body::wrap(form))
            }
        };
        let response = request.send().await.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text(DATE.as_str())
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .and_then(|date| Timestamp::try_from(date).ok());
        Ok(Answer {
            status,
            date,
            retry_after: text(RETRY_AFTER.as_str()).map(str::to_owned),
            body: body(response, MOST_JSON as u64, moved).await?,
        })
    }
}

/// The token as a header that is not shown in logs.
fn bearer(token: &Token) -> Result<reqwest::header::HeaderValue, ClientError> {
    let text = format!("Bearer {}", token.secret());
    let mut value =
        reqwest::header::HeaderValue::from_str(&text).map_err(|_| ClientError::Unreadable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What came back.
pub(super) struct Answer {
    status: StatusCode,
    /// The server's clock.
    pub date: Option<Timestamp>,
    retry_after: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(self, server_now: SystemTime) -> Result<Value, ClientError> {
        if !self.status.is_success() {
            let wait = self
                .retry_after
                .and_then(|header| retry::asked(&header, server_now));
            let refusal = Refusal::read(self.status.as_u16(), &self.body, wait);
            return Err(ClientError::Refused(refusal));
        }
        serde_json::from_slice(&self.body).map_err(|error| match error.is_eof() {
            true => ClientError::Interrupted,
            false => ClientError::Unreadable,
        })
    }
}

/// The client of the API: it follows no redirect, which would take the token elsewhere.
pub(super) fn http(
    endpoint: &Endpoint,
    patience: &Patience,
) -> Result<reqwest::Client, ClientError> {
    built(endpoint, patience, Policy::none)
}

fn built(
    endpoint: &Endpoint,
    patience: &Patience,
    redirect: impl Fn() -> Policy,
) -> Result<reqwest::Client, ClientError> {
    // Fails only where somebody chose a provider before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        reqwest::Client::builder()
            .user_agent(concat!("whittle/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect())
            .connect_timeout(patience.connect)
    };
    let built = match endpoint.is_plain() {
        false => builder().build(),
        // Without TLS a proxy could read the token, and this computer is reached without one; nor does it
        // take a computer that trusts anybody.
        true => builder().no_proxy().build().or_else(|_| {
            let nobody = builder().no_proxy().tls_certs_only([]);
            nobody.build()
        }),
    };
    built.map_err(|error| {
        tracing::error!("no connections are possible: {error}");
        ClientError::NotTrusted(Distrust::Authority)
    })
}

/// Links to files, which are fetched without the token.
pub(super) struct Files(reqwest::Client);

impl Files {
    pub fn new(endpoint: &Endpoint, patience: &Patience) -> Result<Files, ClientError> {
        let policy = || {
            let to = endpoint.clone();
            Policy::custom(move |attempt| {
                if attempt.previous().len() > REDIRECTS || !to.may_follow(attempt.url()) {
                    attempt.stop()
                } else {
                    attempt.follow()
                }
            })
        };
        built(endpoint, patience, policy).map(Files)
    }

    pub async fn fetched(
        &self,
        url: Url,
        limit: u64,
        moved: &AtomicU64,
    ) -> Result<Vec<u8>, ClientError> {
        let sent = self.0.get(url).send().await;
        let response = sent.map_err(|error| failed(&error))?;
        let status = response.status();
        if status.is_success() {
            return body(response, limit, moved).await;
        }
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| retry::asked(text, SystemTime::now()));
        let said = body(response, MOST_JSON as u64, moved).await?;
        Err(ClientError::Refused(Refusal::read(
            status.as_u16(),
            &said,
            wait,
        )))
    }
}

/// The whole body, of at most so many bytes.
async fn body(
    mut response: Response,
    limit: u64,
    moved: &AtomicU64,
) -> Result<Vec<u8>, ClientError> {
    let too_large = ClientError::TooLarge { limit };
    if response.content_length().is_some_and(|all| all > limit) {
        return Err(too_large);
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failed(&error))? {
        if (body.len() + piece.len()) as u64 > limit {
            return Err(too_large);
        }
        moved.fetch_add(piece.len() as u64, Ordering::Relaxed);
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn failed(error: &reqwest::Error) -> ClientError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    tracing::debug!("{reason}");
    if let Some(distrust) = distrust(error) {
        ClientError::NotTrusted(distrust)
    } else if error.is_connect() && is_of_proxy(&reason) {
        ClientError::Proxy
    } else if error.is_connect() {
        ClientError::Unreachable
    } else if error.is_timeout() {
        ClientError::TimedOut
    } else {
        ClientError::Interrupted
    }
}

/// Whether a proxy, of either kind, was there and refused. There is no type for it that could be asked.
fn is_of_proxy(reason: &str) -> bool {
    let spoken = !reason.contains("failed to create underlying connection");
    reason.contains("tunnel") || reason.contains("SOCKS error") && spoken
}

/// What is wrong with the certificate, if that is why a call failed.
fn distrust(error: &reqwest::Error) -> Option<Distrust> {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(rustls::Error::InvalidCertificate(reason)) = found.downcast_ref() {
            return Some(match reason {
                UnknownIssuer => Distrust::Authority,
                NotValidForName | NotValidForNameContext { .. } => Distrust::Name,
                Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. } => {
                    Distrust::Time
                }
                _ => Distrust::Other,
            });
        }
        // An error of input and output hides the one within it from `source`.
        let io = found.downcast_ref::<std::io::Error>();
        cause = match io.and_then(std::io::Error::get_ref) {
            Some(within) => Some(within),
            None => found.source(),
        };
    }
    None
}

/// Lets work go on until it is done, somebody cancels, or nothing has moved for too long.
pub(super) async fn watched<T>(
    work: impl Future<Output = Result<T, ClientError>>,
    moved: &AtomicU64,
    silence: Duration,
    cancel: &Cancel,
    tell: impl Fn(),
) -> Result<T, ClientError> {
    let mut work = pin!(work);
    let mut last = (moved.load(Ordering::Relaxed), Instant::now());
    loop {
        if let Ok(done) = tokio::time::timeout(TICK, &mut work).await {
            tell();
            return done;
        }
        cancel.check().map_err(|_| ClientError::Cancelled)?;
        tell();
        let now = moved.load(Ordering::Relaxed);
        if now != last.0 {
            last = (now, Instant::now());
        } else if last.1.elapsed() > silence {
            return Err(ClientError::TimedOut);
        }
    }
}

/// Waits, unless somebody cancels.
pub(super) fn sleep(wait: Duration, cancel: &Cancel) -> Result<(), ClientError> {
    let end = Instant::now() + wait;
    loop {
        cancel.check().map_err(|_| ClientError::Cancelled)?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(TICK));
    }
}
