use std::net::IpAddr;

use url::{Host, Url};

/// Where an account's server is: the address without `/v1` and without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

/// Why an address is none that an account can be at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not an address of the web.
    #[error("This is not the address of a server; one looks like https://api.example.com.")]
    NoAddress,
    /// A user, a password, a query or a fragment is part of it.
    #[error("The address holds more than a server and a path. The token is asked for on its own.")]
    TooMuch,
    /// Plain HTTP: tokens and images could be read on the way.
    #[error(
        "The address must begin with https://, so that nobody on the way can read the token and the images. Plain http:// is possible for a server on this computer only, when that is asked for."
    )]
    NotPrivate,
}

impl Endpoint {
    /// The server at this address; without a scheme, `https` is meant. Plain HTTP is refused, but for
    /// a server on this computer where `allow_http` says so.
    ///
    /// # Errors
    /// A sentence for whoever typed it.
    pub fn new(address: &str, allow_http: bool) -> Result<Endpoint, EndpointError> {
        let address = address.trim();
        let text = match address.contains("://") {
            true => address.to_owned(),
            false => format!("https://{address}"),
        };
        let mut url = Url::parse(&text).map_err(|_| EndpointError::NoAddress)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(EndpointError::NoAddress);
        }
        let more = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if more {
            return Err(EndpointError::TooMuch);
        }
        if url.scheme() == "http" && !(allow_http && is_this_computer(&url)) {
            return Err(EndpointError::NotPrivate);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let path = path.strip_suffix("/v1").unwrap_or(&path);
        url.set_path(path);
        Ok(Endpoint { url })
    }

    /// A path of the API, which begins with `/v1`.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let base = self.url.path().trim_end_matches('/');
        url.set_path(&format!("{base}{path}"));
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        url
    }

    /// Whether a link of this server may be followed: over HTTPS, or as plainly as the server itself is
    /// spoken to.
    pub(super) fn may_follow(&self, link: &Url) -> bool {
        match link.scheme() {
            "https" => true,
            "http" => self.url.scheme() == "http" && is_this_computer(link),
            _ => false,
        }
    }

    /// Whether it is spoken to without TLS.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }
}

/// As people and the API's reference write it: with `/v1`.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/v1", self.url.as_str().trim_end_matches('/'))
    }
}

fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for text in [
            "https://api.crush.pics/v1",
            "https://api.crush.pics/v1/",
            "https://api.crush.pics",
            " api.crush.pics ",
        ] {
            let endpoint = Endpoint::new(text, false).unwrap();
            assert_eq!(endpoint.to_string(), "https://api.crush.pics/v1", "{text}");
            let list = endpoint.at("/v1/original_images?page=2");
            assert_eq!(
                list.as_str(),
                "https://api.crush.pics/v1/original_images?page=2"
            );
        }
        let below = Endpoint::new("https://host/tools/v1", false).unwrap();
        assert_eq!(below.at("/v1/shop").as_str(), "https://host/tools/v1/shop");
    }

    #[test]
    fn plain_http_is_for_this_computer_and_by_choice() {
        for text in [
            "http://127.0.0.1:8787",
            "http://localhost:1/v1",
            "http://[::1]:9",
        ] {
            assert_eq!(Endpoint::new(text, false), Err(EndpointError::NotPrivate));
            assert!(Endpoint::new(text, true).unwrap().is_plain(), "{text}");
        }
        for text in [
            "http://api.crush.pics",
            "http://192.168.0.9",
            "http://127.0.0.1.example.com",
        ] {
            assert_eq!(Endpoint::new(text, true), Err(EndpointError::NotPrivate));
        }
        for text in ["ftp://host", "https://", "", "https:// x"] {
            assert_eq!(Endpoint::new(text, true), Err(EndpointError::NoAddress));
        }
        for text in [
            "https://me:secret@host",
            "https://host?token=1",
            "https://host#a",
        ] {
            assert_eq!(Endpoint::new(text, true), Err(EndpointError::TooMuch));
        }
    }

    #[test]
    fn links_are_followed_no_more_plainly_than_the_server() {
        let link = |text: &str| Url::parse(text).unwrap();
        let private = Endpoint::new("https://host", false).unwrap();
        assert!(private.may_follow(&link("https://files.elsewhere/a")));
        assert!(!private.may_follow(&link("http://127.0.0.1/a")));
        let own = Endpoint::new("http://127.0.0.1:1", true).unwrap();
        assert!(own.may_follow(&link("http://127.0.0.1:2/a")));
        assert!(!own.may_follow(&link("http://elsewhere/a")));
        assert!(!own.may_follow(&link("file:///etc/passwd")));
    }
}
