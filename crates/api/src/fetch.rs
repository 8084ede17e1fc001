//! An image behind an address that the user gave: fetched from this computer, with its network and its
//! proxies. What strangers ask a server to fetch is another matter, and the server's own.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use url::Url;
use whittle_core::{Cancel, ErrorCode};

const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(15);
/// How soon the fetching ends after it was cancelled.
const TICK: Duration = Duration::from_millis(50);

/// What came from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The body, whole.
    pub bytes: Vec<u8>,
    /// The last part of the address that it came from in the end, decoded; empty when there is none.
    pub name: String,
}

/// Why nothing came, in one plain sentence.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address of the web.
    #[error("This is not an address that Whittle can fetch.")]
    NoAddress,
    /// The server has nothing there.
    #[error("There is nothing at this address (the server answered {0}).")]
    NotFound(u16),
    /// The server answered with something else than an image.
    #[error("The server answered {0}.")]
    Refused(u16),
    /// More than the limit.
    #[error("What lies at this address is larger than {0} MB.")]
    TooLarge(u64),
    /// The time was over.
    #[error("The server took too long.")]
    TimedOut,
    /// No connection, or one that broke.
    #[error("The server cannot be reached, or the connection broke.")]
    Unreachable,
    /// Somebody stopped it.
    #[error("It was stopped.")]
    Cancelled,
}

impl FetchError {
    /// The same, for programs.
    pub fn code(&self) -> ErrorCode {
        match self {
            FetchError::NotFound(_) => ErrorCode::NotFound,
            FetchError::TimedOut => ErrorCode::TimedOut,
            FetchError::Cancelled => ErrorCode::Cancelled,
            FetchError::NoAddress
            | FetchError::Refused(_)
            | FetchError::TooLarge(_)
            | FetchError::Unreachable => ErrorCode::Io,
        }
    }
}

/// Fetches what an `http` or `https` address leads to: at most `limit` bytes, within `time`.
///
/// # Errors
/// A reason that concerns this address alone.
pub fn fetch(
    address: &str,
    limit: u64,
    time: Duration,
    cancel: &Cancel,
) -> Result<Fetched, FetchError> {
    let url = Url::parse(address).map_err(|_| FetchError::NoAddress)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(FetchError::NoAddress);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| FetchError::Unreachable)?;
    runtime.block_on(async {
        tokio::select! {
            fetched = fetched(url, limit) => fetched,
            () = tokio::time::sleep(time) => Err(FetchError::TimedOut),
            () = cancelled(cancel) => Err(FetchError::Cancelled),
        }
    })
}

async fn cancelled(cancel: &Cancel) {
    while cancel.check().is_ok() {
        tokio::time::sleep(TICK).await;
    }
}

async fn fetched(url: Url, limit: u64) -> Result<Fetched, FetchError> {
    // Fails only where somebody chose a provider before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .user_agent(concat!("whittle/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::limited(REDIRECTS))
        .connect_timeout(CONNECT)
        .build()
        .map_err(unreachable)?;
    let response = client.get(url).send().await.map_err(unreachable)?;
    match response.status() {
        StatusCode::OK => received(response, limit).await,
        status @ (StatusCode::NOT_FOUND | StatusCode::GONE) => {
            Err(FetchError::NotFound(status.as_u16()))
        }
        status => Err(FetchError::Refused(status.as_u16())),
    }
}

async fn received(mut response: Response, limit: u64) -> Result<Fetched, FetchError> {
    let too_large = || FetchError::TooLarge(limit / 1_000_000);
    if response.content_length().is_some_and(|all| all > limit) {
        return Err(too_large());
    }
    let name = name_in(response.url());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { bytes, name })
}

/// The causes may hold the address with its password, so they are told to nobody.
fn unreachable(error: reqwest::Error) -> FetchError {
    match error.is_timeout() {
        true => FetchError::TimedOut,
        false => FetchError::Unreachable,
    }
}

fn name_in(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back());
    percent_encoding::percent_decode_str(last.unwrap_or_default())
        .decode_utf8_lossy()
        .into_owned()
}

/// An address without its password and user, to be shown and logged.
#[must_use]
pub fn without_secrets(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else {
        return "an address".into();
    };
    // Refused by addresses without a host, which cannot have either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// Answers each connection with the next of these, and gives the address.
    fn server(answers: Vec<Vec<u8>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).unwrap();
                stream.write_all(&answer).unwrap();
            }
        });
        format!("http://{address}")
    }

    fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    const TIME: Duration = Duration::from_secs(20);

    #[test]
    fn what_is_there_comes_after_a_redirect() {
        let moved = answer("302 Found", "Location: /b/summer%20sea.png?x=1\r\n", b"");
        let server = server(vec![moved, answer("200 OK", "", b"bytes")]);
        let fetched = fetch(&format!("{server}/a"), 100, TIME, &Cancel::new()).unwrap();
        assert_eq!(fetched.bytes, b"bytes");
        assert_eq!(fetched.name, "summer sea.png");
    }

    #[test]
    fn refusals_and_limits_are_told_apart() {
        let endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789".to_vec();
        let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n0123456789".to_vec();
        let server = server(vec![
            answer("404 Not Found", "", b""),
            answer("500 Oh", "", b""),
            answer("200 OK", "", &[7; 11]),
            endless,
            cut,
        ]);
        let next = || fetch(&server, 9, TIME, &Cancel::new()).unwrap_err();
        assert!(matches!(next(), FetchError::NotFound(404)));
        assert!(matches!(next(), FetchError::Refused(500)));
        assert!(matches!(next(), FetchError::TooLarge(_)));
        assert!(matches!(next(), FetchError::TooLarge(_)));
        let cut = fetch(&server, 100, TIME, &Cancel::new()).unwrap_err();
        assert!(matches!(cut, FetchError::Unreachable), "{cut:?}");
    }

    #[test]
    fn a_server_that_says_nothing_is_left_when_it_is_cancelled() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        let cancel = Cancel::new();
        let other = cancel.clone();
        std::thread::spawn(move || {
            let _asked = silent.accept();
            other.cancel();
            std::thread::sleep(TIME);
        });
        let error = fetch(&address, 9, TIME * 10, &cancel).unwrap_err();
        assert!(matches!(error, FetchError::Cancelled), "{error:?}");
        assert_eq!(error.code(), ErrorCode::Cancelled);
    }

    #[test]
    fn other_addresses_are_none() {
        for address in [
            "ftp://host/a.png",
            "file:///etc/passwd",
            "http://",
            "photo.png",
        ] {
            assert!(matches!(
                fetch(address, 9, TIME, &Cancel::new()),
                Err(FetchError::NoAddress)
            ));
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = without_secrets("https://me:secret@example.com/a.png");
        assert_eq!(shown, "https://example.com/a.png");
    }
}
