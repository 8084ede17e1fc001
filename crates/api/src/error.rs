use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The stable name of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the contract says what each means")]
pub enum Code {
    InvalidJson,
    InvalidBody,
    MissingToken,
    InvalidToken,
    QuotaExceeded,
    AccountSuspended,
    HttpsRequired,
    NotFound,
    FileNotReady,
    MethodNotAllowed,
    FileExpired,
    FileTooLarge,
    UnsupportedImageType,
    UnsupportedMediaType,
    ValidationFailed,
    ImageUrlUnreachable,
    ImageUrlForbidden,
    ImageUndecodable,
    ImageTooManyPixels,
    TooManyRequests,
    InternalError,
    Unavailable,
}

impl Code {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Code::InvalidJson | Code::InvalidBody => 400,
            Code::MissingToken | Code::InvalidToken => 401,
            Code::QuotaExceeded => 402,
            Code::AccountSuspended | Code::HttpsRequired => 403,
            Code::NotFound | Code::FileNotReady => 404,
            Code::MethodNotAllowed => 405,
            Code::FileExpired => 410,
            Code::FileTooLarge => 413,
            Code::UnsupportedImageType | Code::UnsupportedMediaType => 415,
            Code::ValidationFailed
            | Code::ImageUrlUnreachable
            | Code::ImageUrlForbidden
            | Code::ImageUndecodable
            | Code::ImageTooManyPixels => 422,
            Code::TooManyRequests => 429,
            Code::InternalError => 500,
            Code::Unavailable => 503,
        }
    }
}

/// The phrase that the contract puts beside a status.
const fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// The body of every answer of 400 and above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Always false.
    pub success: bool,
    /// The HTTP status.
    pub status: u16,
    /// Its phrase.
    pub error: String,
    /// The stable name of the reason.
    pub code: Code,
    /// For each field what is wrong with it; `base` when no field is to blame.
    pub message: BTreeMap<String, Vec<String>>,
    /// All of it in one line.
    pub formatted_message: String,
    /// Finds the request in the server's log.
    pub request_id: String,
}

impl ErrorBody {
    /// The body for this code. `message` must not be empty.
    pub fn new(
        code: Code,
        message: BTreeMap<String, Vec<String>>,
        request_id: impl Into<String>,
    ) -> ErrorBody {
        ErrorBody {
            success: false,
            status: code.status(),
            error: phrase(code.status()).into(),
            code,
            formatted_message: formatted(&message),
            message,
            request_id: request_id.into(),
        }
    }
}

/// Each message after its field's name: underscores as spaces, the first letter large; messages of
/// `base` alone.
fn formatted(message: &BTreeMap<String, Vec<String>>) -> String {
    let lines = message.iter().flat_map(|(field, texts)| {
        texts.iter().map(move |text| {
            if field == "base" {
                return text.clone();
            }
            let name = field.replace('_', " ");
            let mut letters = name.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            format!("{}{} {text}", first.unwrap_or_default(), letters.as_str())
        })
    });
    lines.collect::<Vec<_>>().join(", ")
}
