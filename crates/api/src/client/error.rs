use std::time::Duration;

use serde_json::Value;

use crate::Code;

/// Why a call came to nothing: one plain sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// No connection, and so nothing arrived there.
    #[error("The account's server cannot be reached.")]
    Unreachable,
    /// The server could not prove that it is the one that is meant. Nothing was sent.
    #[error("{0}")]
    NotTrusted(Distrust),
    /// A proxy on the way lets nothing through.
    #[error("The proxy on the way to the account's server refuses.")]
    Proxy,
    /// The connection broke, or the answer was cut off or made no sense: what was asked may have been done.
    #[error("The connection to the account's server broke.")]
    Interrupted,
    /// Nothing moved for too long: what was asked may have been done.
    #[error("The account's server took too long.")]
    TimedOut,
    /// The server answered, and refused.
    #[error("{0}")]
    Refused(Refusal),
    /// The answer cannot be read.
    #[error("The server's answer cannot be understood. Is it the address of such an account?")]
    Unreadable,
    /// A file is larger than it may be.
    #[error("The file that the account sent is larger than {limit} bytes.")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// A link that leads where nothing may be fetched from.
    #[error("The account's server names a link that is not private, so it is not followed.")]
    Link,
    /// Somebody stopped it.
    #[error("Cancelled.")]
    Cancelled,
}

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Nobody vouches for it whom this computer trusts.
    #[error(
        "The certificate of the account's server is from nobody that this computer trusts, so nothing was sent. If it is your own, add its authority to the system's, or name its file in SSL_CERT_FILE."
    )]
    Authority,
    /// It is for another server.
    #[error(
        "The certificate of the account's server is for another name, so nothing was sent. Is the address right?"
    )]
    Name,
    /// It is not valid now.
    #[error(
        "The certificate of the account's server is not valid today, so nothing was sent. Is this computer's clock right?"
    )]
    Time,
    /// Anything else.
    #[error("The certificate of the account's server is not valid, so nothing was sent.")]
    Other,
}

/// What a server said that refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable name of the reason, where the server gives one that is known.
    pub code: Option<Code>,
    /// The server's own sentence; empty when it has none.
    pub message: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// Finds the request in the server's log.
    pub request_id: Option<String>,
}

/// What a failed call means for the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The network or the server is not there just now: later it will do.
    Later,
    /// It may have been done, and may not.
    Unknown,
    /// The token is not, or no longer, valid.
    BadToken,
    /// The account is closed.
    Suspended,
    /// The plan's bytes are used up.
    QuotaUsedUp,
    /// What was asked for is not there (any more).
    Gone,
    /// This one image, or this one wish, is refused; another may do.
    Refused,
    /// Somebody stopped it.
    Cancelled,
}

impl ClientError {
    /// What it means for the account.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        match self {
            ClientError::Unreachable | ClientError::NotTrusted(_) | ClientError::Proxy => {
                Meaning::Later
            }
            // What cannot be read may be a page of some proxy after all was done.
            ClientError::Interrupted | ClientError::TimedOut | ClientError::Unreadable => {
                Meaning::Unknown
            }
            ClientError::Cancelled => Meaning::Cancelled,
            ClientError::TooLarge { .. } | ClientError::Link => Meaning::Refused,
            ClientError::Refused(refusal) => match (refusal.status, refusal.code) {
                (401, _) => Meaning::BadToken,
                (402, _) => Meaning::QuotaUsedUp,
                (_, Some(Code::FileNotReady)) | (408 | 429 | 503, _) => Meaning::Later,
                (403, Some(Code::HttpsRequired)) => Meaning::Refused,
                (403, _) => Meaning::Suspended,
                (404 | 410, _) => Meaning::Gone,
                (500.., _) => Meaning::Unknown,
                _ => Meaning::Refused,
            },
        }
    }

    /// Whether another try, some seconds later, may do.
    pub(super) fn may_pass(&self) -> bool {
        !matches!(self, ClientError::NotTrusted(_) | ClientError::Proxy)
    }

    /// How long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            ClientError::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let own = match (self.status, self.code) {
            (300..=399, _) => Some(
                "The account's server sends elsewhere, where the token does not go: connect the address that it moved to.",
            ),
            (401, _) => Some("The account's server does not accept the token."),
            (402, _) => Some("The account's plan is used up."),
            (403, Some(Code::HttpsRequired)) => Some("The account's server wants HTTPS."),
            (403, _) => Some("The account is suspended."),
            (410, _) => Some("The account no longer has this file."),
            (429, _) => Some("The account's server is asked too often."),
            (503, _) => Some("The account's server is not available just now."),
            _ => None,
        };
        match own {
            Some(sentence) => f.write_str(sentence),
            None if self.message.is_empty() => {
                write!(f, "The account's server answered {}.", self.status)
            }
            None => write!(
                f,
                "The account's server refused: {}.",
                self.message.trim_end_matches('.')
            ),
        }
    }
}

impl Refusal {
    /// Reads the body of a refusal, in whichever shape it is: what the contract says, what earlier
    /// servers said (`message` as an object or a text, or only `error`), or a page of a proxy.
    pub(super) fn read(status: u16, body: &[u8], retry_after: Option<Duration>) -> Refusal {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let message = text("formatted_message")
            .or_else(|| text("message"))
            .or_else(|| first_message(&value["message"]))
            .or_else(|| text("error"))
            .unwrap_or_default();
        // It is shown to people, and a server may say anything.
        let message = message.chars().filter(|c| !c.is_control()).take(300);
        Refusal {
            status,
            code: serde_json::from_value(value["code"].clone()).ok(),
            message: message.collect(),
            retry_after,
            request_id: text("request_id"),
        }
    }
}

fn first_message(message: &Value) -> Option<String> {
    let (field, texts) = message.as_object()?.iter().next()?;
    let text = match texts {
        Value::Array(texts) => texts.first()?.as_str()?,
        text => text.as_str()?,
    };
    Some(match field.as_str() {
        "base" => text.to_owned(),
        field => format!("{field} {text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, status: u16) -> Refusal {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/contract/examples");
        let body = std::fs::read(format!("{folder}/{name}.json")).unwrap();
        Refusal::read(status, &body, None)
    }

    #[test]
    fn both_shapes_of_errors_are_read() {
        let decided = read("decided-error-402-quota-exceeded", 402);
        assert_eq!(decided.code, Some(Code::QuotaExceeded));
        assert_eq!(decided.message, "Quota is exhausted");
        assert_eq!(decided.request_id.as_deref(), Some("9f1c2b7e4d5a"));
        let blank = read("later-error-422-file-blank", 422);
        assert_eq!(
            (blank.code, blank.message.as_str()),
            (None, "File can't be blank")
        );
        assert_eq!(read("later-error-404", 404).message, "Not Found");
        let page = Refusal::read(502, b"<html>Bad gateway</html>", None);
        assert_eq!(page.message, "");
        assert_eq!(page.to_string(), "The account's server answered 502.");
        let odd = Refusal::read(422, br#"{"message":{"width":"is too large"}}"#, None);
        assert_eq!(odd.message, "width is too large");
    }

    #[test]
    fn what_a_failure_means_is_told_by_status_and_code() {
        let meaning = |name: &str, status: u16| ClientError::Refused(read(name, status)).meaning();
        assert_eq!(
            meaning("decided-error-401-invalid-token", 401),
            Meaning::BadToken
        );
        assert_eq!(
            meaning("decided-error-402-quota-exceeded", 402),
            Meaning::QuotaUsedUp
        );
        assert_eq!(
            meaning("decided-error-403-account-suspended", 403),
            Meaning::Suspended
        );
        assert_eq!(
            meaning("decided-error-403-https-required", 403),
            Meaning::Refused
        );
        assert_eq!(
            meaning("decided-error-404-file-not-ready", 404),
            Meaning::Later
        );
        assert_eq!(meaning("later-error-404", 404), Meaning::Gone);
        assert_eq!(
            meaning("decided-error-410-file-expired", 410),
            Meaning::Gone
        );
        assert_eq!(
            meaning("decided-error-413-file-too-large", 413),
            Meaning::Refused
        );
        assert_eq!(
            meaning("decided-error-429-too-many-requests", 429),
            Meaning::Later
        );
        assert_eq!(meaning("decided-error-500-internal", 500), Meaning::Unknown);
        assert_eq!(
            meaning("decided-error-503-unavailable", 503),
            Meaning::Later
        );
    }
}
