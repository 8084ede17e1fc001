//! Answers that say no.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use whittle_api::{Code, ErrorBody};
use whittle_engine::ErrorCode;

/// A refusal, on its way to the client.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub code: Code,
    pub message: Messages,
    /// Seconds.
    pub retry_after: Option<u64>,
}

/// For each field what is wrong with it; `base` when no field is to blame.
pub(crate) type Messages = BTreeMap<String, Vec<String>>;

impl Refusal {
    pub fn new(code: Code, field: &str, text: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: BTreeMap::from([(field.to_owned(), vec![text.into()])]),
            retry_after: None,
        }
    }

    /// With the contract's own words for this code.
    pub fn of(code: Code) -> Refusal {
        let (field, text) = match code {
            Code::InvalidJson => ("base", "Request body is not valid JSON"),
            Code::InvalidBody => ("base", "Request body could not be read"),
            Code::MissingToken => ("base", "API token is missing"),
            Code::InvalidToken => ("base", "API token is wrong"),
            Code::QuotaExceeded => ("base", "Quota is exhausted"),
            Code::AccountSuspended => ("base", "Account is suspended"),
            Code::HttpsRequired => ("base", "HTTPS is required"),
            Code::NotFound => ("base", "Not found"),
            Code::FileNotReady => ("base", "File is not ready yet"),
            Code::MethodNotAllowed => ("base", "Method is not allowed"),
            Code::FileExpired => ("base", "File has expired"),
            Code::FileTooLarge => ("file", "is too large"),
            Code::UnsupportedImageType => ("file", "is not a JPEG, PNG, GIF or SVG image"),
            Code::UnsupportedMediaType => ("base", "Request body is of no supported type"),
            Code::ValidationFailed => ("base", "Request is invalid"),
            Code::ImageUrlUnreachable => ("image_url", "could not be fetched"),
            Code::ImageUrlForbidden => ("image_url", "is not allowed"),
            Code::ImageUndecodable => ("file", "is not a valid image"),
            Code::ImageTooManyPixels => ("file", "has too many pixels"),
            Code::TooManyRequests => ("base", "Too many requests at the same time"),
            Code::InternalError => ("base", "Something went wrong"),
            Code::Unavailable => ("base", "Service is unavailable"),
        };
        let retry_after = match code {
            Code::FileNotReady | Code::TooManyRequests => Some(2),
            Code::Unavailable => Some(10),
            _ => None,
        };
        Refusal {
            retry_after,
            ..Refusal::new(code, field, text)
        }
    }

    /// Fields that are not as they must be.
    pub fn invalid(message: Messages) -> Refusal {
        Refusal {
            code: Code::ValidationFailed,
            message,
            retry_after: None,
        }
    }

    pub fn too_large(limit: u64) -> Refusal {
        Refusal::new(
            Code::FileTooLarge,
            "file",
            format!("is larger than {limit} bytes"),
        )
    }

    /// Something that is not the client's fault; the log has the cause, and nobody else.
    pub fn internal(cause: impl std::fmt::Display) -> Refusal {
        tracing::error!("{cause}");
        Refusal::of(Code::InternalError)
    }

    /// What the engine said to an image; `None` when that is no refusal but an image that failed.
    pub fn image(code: ErrorCode) -> Option<Refusal> {
        match code {
            ErrorCode::NotAnImage | ErrorCode::Empty => {
                Some(Refusal::of(Code::UnsupportedImageType))
            }
            ErrorCode::Undecodable => Some(Refusal::of(Code::ImageUndecodable)),
            ErrorCode::TooManyPixels => Some(Refusal::of(Code::ImageTooManyPixels)),
            ErrorCode::TooManyFrames | ErrorCode::TooComplex => Some(Refusal::new(
                Code::ImageUndecodable,
                "file",
                "is too complex",
            )),
            _ => None,
        }
    }

    /// The answer, in which this id stands.
    pub fn answer(self, request_id: &str) -> Response {
        let body = ErrorBody::new(self.code, self.message, request_id);
        let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(&body);
        *response.status_mut() = status;
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"api\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// Carries the refusal outwards, to where the request's id is known.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

impl From<whittle_store::Error> for Refusal {
    fn from(error: whittle_store::Error) -> Refusal {
        Refusal::internal(error)
    }
}

impl From<object_store::Error> for Refusal {
    fn from(error: object_store::Error) -> Refusal {
        Refusal::internal(error)
    }
}

/// A JSON answer. Our own types can always be written.
pub(crate) fn json(value: &impl serde::Serialize) -> Response {
    let text = serde_json::to_vec(value).unwrap_or_else(|error| {
        tracing::error!("an answer could not be written: {error}");
        b"{}".to_vec()
    });
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    // Answers of an account are nobody else's.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
