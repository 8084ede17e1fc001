//! For operators and for people: is it well, how much does it do, what is it.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use whittle_api::Code;

use crate::app::{Phase, Shared};
use crate::page;
use crate::refusal::{Refusal, json};

/// Well while it serves and its records can be read.
pub(super) async fn health(State(app): State<Shared>) -> Result<Response, Refusal> {
    if app.phase() != Phase::Running {
        return Err(Refusal::of(Code::Unavailable));
    }
    app.records(|records| records.backlog()).await?;
    Ok(json(&serde_json::json!({ "status": "ok" })))
}

pub(super) async fn metrics(State(app): State<Shared>) -> Result<Response, Refusal> {
    let backlog = app.records(|records| records.backlog()).await?;
    let text = app.metrics.text(backlog);
    Ok(typed(text, "text/plain; version=0.0.4; charset=utf-8"))
}

pub(super) async fn page(State(app): State<Shared>) -> Result<Response, Refusal> {
    let backlog = app.records(|records| records.backlog()).await?;
    let mut response = typed(page::html(&app, backlog), "text/html; charset=utf-8");
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    );
    Ok(response)
}

pub(super) async fn openapi() -> Response {
    typed(whittle_api::OPENAPI.to_owned(), "application/yaml")
}

fn typed(text: String, media_type: &'static str) -> Response {
    let mut response = text.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
