//! What is served where.

mod account;
mod compress;
mod files;
mod images;
mod status;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use whittle_api::Code;
use whittle_store::server::Account;

use crate::app::{App, Shared};
use crate::refusal::{Messages, Refusal};
use crate::request::{self, Received};

/// Every path of the contract, and the page.
pub(crate) fn router(app: Shared) -> Router {
    Router::new()
        .route("/v1/compress", post(compress::compress))
        .route(
            "/v1/original_images",
            get(images::list).post(compress::enqueue),
        )
        .route("/v1/images", get(images::list))
        .route(
            "/v1/original_images/{id}",
            get(images::one).delete(images::remove),
        )
        .route("/v1/dashboard", get(account::dashboard))
        .route("/v1/shop", get(account::shop).patch(account::change_shop))
        .route(
            "/v1/callback_urls",
            get(account::callbacks).post(account::add_callback),
        )
        .route("/v1/callback_urls/{id}", delete(account::remove_callback))
        .route("/v1/files/{key}/{filename}", get(files::file))
        .route("/healthz", get(status::health))
        .route("/metrics", get(status::metrics))
        .route("/", get(status::page))
        .route("/openapi.yaml", get(status::openapi))
        .fallback(|| async { Refusal::of(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::of(Code::MethodNotAllowed) })
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app)
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let cause = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason");
    axum::response::IntoResponse::into_response(Refusal::internal(format_args!(
        "a request panicked: {cause}"
    )))
}

/// A request whose body is still to be read. Whatever is refused, the body is read on for a while,
/// so that the client gets to see why.
struct Sent {
    parts: Parts,
    data: BodyDataStream,
}

impl Sent {
    fn new(request: Request<Body>) -> Sent {
        let (parts, body) = request.into_parts();
        Sent {
            parts,
            data: body.into_data_stream(),
        }
    }

    /// The account, and the body as fields.
    async fn read(mut self, app: &App) -> Result<(Account, Received), Refusal> {
        let read = async {
            let account = app.account(&self.parts.headers).await?;
            let received = self.fields(app).await?;
            Ok((account, received))
        };
        match read.await {
            Ok(read) => Ok(read),
            Err(refusal) => Err(self.refuse(refusal).await),
        }
    }

    async fn fields(&mut self, app: &App) -> Result<Received, Refusal> {
        let Sent { parts, data } = self;
        request::read(&parts.headers, data, app.config.max_bytes, &app.incoming).await
    }

    async fn refuse(&mut self, refusal: Refusal) -> Refusal {
        request::drain(&self.parts.headers, &mut self.data).await;
        refusal
    }
}

/// The id in a path; anything but a positive integer is not there.
fn id(text: &str) -> Result<i64, Refusal> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|id| is_number && *id > 0)
        .ok_or(Refusal::of(Code::NotFound))
}

/// A value of the query; of several the last. An empty one is none.
fn query(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .filter(|(key, value)| key == name && !value.is_empty())
        .last()
        .map(|(_, value)| value.into_owned())
}

/// One field that is not as it must be.
fn wrong(field: &str, text: impl Into<String>) -> Refusal {
    Refusal::invalid(Messages::from([(field.to_owned(), vec![text.into()])]))
}
