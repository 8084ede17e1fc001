//! Links to originals and results.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use whittle_api::Code;
use whittle_store::server::{FileRecord, ImageStatus};

use crate::app::{App, Shared};
use crate::random::is_file_key;
use crate::refusal::Refusal;

/// The key is the permission.
pub(super) async fn file(
    State(app): State<Shared>,
    Path((key, filename)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let (parts, _) = request.into_parts();
    let found = found(&app, &key, &filename, &parts).await;
    let mut response = found.unwrap_or_else(IntoResponse::into_response);
    // A drawing may hold scripts: nothing of it runs, and nothing is taken for what it is not.
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    response
}

async fn found(app: &App, key: &str, filename: &str, request: &Parts) -> Result<Response, Refusal> {
    if !is_file_key(key) {
        return Err(Refusal::of(Code::NotFound));
    }
    let asked = key.to_owned();
    let file = app
        .records(move |records| records.file(&asked))
        .await?
        .filter(|file| file.filename == filename)
        .ok_or(Refusal::of(Code::NotFound))?;
    if file.expired {
        return Err(Refusal::of(Code::FileExpired));
    }
    match file.status {
        ImageStatus::Completed => {}
        ImageStatus::Error => return Err(Refusal::of(Code::NotFound)),
        _ => return Err(Refusal::of(Code::FileNotReady)),
    }
    let etag = format!("\"{}\"", file.etag);
    let mut response = if is_known(&request.headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (size, bytes) = match app.files.open_file(key).await {
            Ok(file) => file,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(Refusal::of(Code::FileExpired));
            }
            Err(error) => return Err(error.into()),
        };
        let mut response = match request.method {
            Method::HEAD => Response::new(Body::empty()),
            _ => Response::new(Body::from_stream(bytes)),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(file.format.media_type()),
        );
        headers.insert(header::CONTENT_DISPOSITION, disposition(&file));
        response
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600, immutable"),
    );
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

/// Whether the client has these bytes already.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

/// Shown in place, under the file's own name where it is saved.
fn disposition(file: &FileRecord) -> HeaderValue {
    let plain: String = file
        .filename
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(&file.filename, NON_ALPHANUMERIC);
    let text = format!("inline; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("inline"))
}
