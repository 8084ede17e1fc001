//! What strangers make this server connect to: images behind URLs, and receivers of webhooks.
//!
//! A name is resolved once, every address that it has is checked, and the connection goes to one of
//! these. Redirects are followed by hand, each checked as the first. No proxy of the environment is
//! used: it would connect without checking. What an address answered is told to nobody.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::{Host, Url};
use whittle_api::Code;

use crate::Error;
use crate::address::{Range, allowed};
use crate::config::Config;
use crate::refusal::Refusal;
use crate::request::Spool;

const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(5);

/// A client that connects only where it may.
pub(crate) struct Outbound {
    client: Client,
    ranges: Arc<[Range]>,
    time: Duration,
}

impl Outbound {
    pub fn new(config: &Config) -> Result<Outbound, Error> {
        let ranges: Arc<[Range]> = config.allowed_addresses.clone().into();
        let client = Client::builder()
            .user_agent(concat!("whittle/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .dns_resolver(Checked(Arc::clone(&ranges)))
            // Every request resolves and checks anew.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Outbound {
            client,
            ranges,
            time: config.fetch_time,
        })
    }

    /// Whether a URL leads, by what can be known now, to where this server must not connect.
    pub async fn is_forbidden(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => !allowed(IpAddr::V4(address), &self.ranges),
            Some(Host::Ipv6(address)) => !allowed(IpAddr::V6(address), &self.ranges),
            Some(Host::Domain(name)) => {
                matches!(resolve(name, &self.ranges).await, Err(NoAddress::Forbidden))
            }
            None => true,
        }
    }

    /// The image behind a URL, of at most so many bytes.
    pub async fn fetch(&self, url: &Url, limit: u64, folder: &Path) -> Result<Spool, Refusal> {
        match tokio::time::timeout(self.time, self.fetched(url, limit, folder)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(Refusal::of(Code::ImageUrlUnreachable)),
        }
    }

    async fn fetched(&self, first: &Url, limit: u64, folder: &Path) -> Result<Spool, Refusal> {
        let unreachable = || Refusal::of(Code::ImageUrlUnreachable);
        let mut url = first.clone();
        for _ in 0..=REDIRECTS {
            let response = self.get(&url, first).await?;
            if response.status().is_redirection() {
                let location = response.headers().get(LOCATION);
                let location = location.and_then(|location| location.to_str().ok());
                url = location
                    .and_then(|location| url.join(location).ok())
                    .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                    .ok_or_else(unreachable)?;
                continue;
            }
            if response.status().as_u16() != 200 {
                return Err(unreachable());
            }
            return received(response, limit, folder).await;
        }
        Err(unreachable())
    }

    async fn get(&self, url: &Url, first: &Url) -> Result<Response, Refusal> {
        self.check_literal(url)
            .map_err(|Forbidden| Refusal::of(Code::ImageUrlForbidden))?;
        let mut request = self.client.get(without_user(url));
        // The name and password are for the host that they came with.
        let same_host = url.origin() == first.origin();
        if same_host && (!first.username().is_empty() || first.password().is_some()) {
            let decoded = |text: &str| {
                percent_encoding::percent_decode_str(text)
                    .decode_utf8_lossy()
                    .into_owned()
            };
            request = request.basic_auth(decoded(first.username()), first.password().map(decoded));
        }
        request.send().await.map_err(|error| {
            Refusal::of(match is_forbidden(&error) {
                true => Code::ImageUrlForbidden,
                false => Code::ImageUrlUnreachable,
            })
        })
    }

    /// Posts JSON; the status, or nothing when there was no answer. The body of the answer is not
    /// read.
    pub async fn post(&self, url: &str, headers: &[(&str, String)], body: &str) -> Option<u16> {
        let url = Url::parse(url).ok()?;
        self.check_literal(&url).ok()?;
        let mut request = self
            .client
            .post(without_user(&url))
            .header("content-type", "application/json")
            .body(body.to_owned());
        if !url.username().is_empty() || url.password().is_some() {
            request = request.basic_auth(url.username(), url.password());
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Some(request.send().await.ok()?.status().as_u16())
    }

    /// An address in the URL itself is connected to without being resolved.
    fn check_literal(&self, url: &Url) -> Result<(), Forbidden> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Forbidden),
        };
        match allowed(address, &self.ranges) {
            true => Ok(()),
            false => Err(Forbidden),
        }
    }
}

/// Reads what an address sends into a spool, and no more than the limit.
async fn received(mut response: Response, limit: u64, folder: &Path) -> Result<Spool, Refusal> {
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(Refusal::too_large(limit));
    }
    let mut spool = Spool::new(folder);
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| Refusal::of(Code::ImageUrlUnreachable))?
    {
        if spool.len() + chunk.len() as u64 > limit {
            return Err(Refusal::too_large(limit));
        }
        spool.write(&chunk).await.map_err(Refusal::internal)?;
    }
    Ok(spool)
}

fn without_user(url: &Url) -> Url {
    let mut url = url.clone();
    // Only URLs without a host refuse this, and they came no further than the check.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The address must not be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the address is not public")]
struct Forbidden;

/// Why a name leads nowhere.
enum NoAddress {
    Forbidden,
    Unknown(std::io::Error),
}

/// Resolves names, and refuses those that have any address that is not allowed.
struct Checked(Arc<[Range]>);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let ranges = Arc::clone(&self.0);
        Box::pin(async move {
            match resolve(name.as_str(), &ranges).await {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Err(NoAddress::Forbidden) => Err(Forbidden.into()),
                Err(NoAddress::Unknown(error)) => Err(error.into()),
            }
        })
    }
}

async fn resolve(name: &str, ranges: &[Range]) -> Result<Vec<SocketAddr>, NoAddress> {
    // Port 0: the connection takes that of the URL.
    let name = name.trim_end_matches('.');
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name, 0))
        .await
        .map_err(NoAddress::Unknown)?
        .collect();
    match addresses
        .iter()
        .all(|address| allowed(address.ip(), ranges))
    {
        true => Ok(addresses),
        false => Err(NoAddress::Forbidden),
    }
}

fn is_forbidden(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.into_iter().any(|cause| cause.is::<Forbidden>())
}
