//! `POST /v1/compress` and `POST /v1/original_images`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::time::timeout;
use whittle_api::Code;
use whittle_store::server::{Account, Image};

use super::Sent;
use crate::app::{App, Shared};
use crate::intake::{Accepted, accept};
use crate::limits::Place;
use crate::present;
use crate::refusal::{Refusal, json};
use crate::request::Ask;

/// Waits for the result, but not for ever.
pub(super) async fn compress(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (account, ask, _place) = asked(&app, request).await?;
    let image = finished(&app, &account, ask).await?;
    Ok(json(&present::answer(&app, &image, true)))
}

/// Answers once the image is in the queue.
pub(super) async fn enqueue(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (account, ask, _place) = asked(&app, request).await?;
    let image = accept(&app, &account, ask, false).await?.image;
    Ok(json(&present::answer(&app, &image, false)))
}

/// Everything that is checked before the image is looked at, in the contract's order.
async fn asked(app: &App, request: Request<Body>) -> Result<(Account, Ask, Place), Refusal> {
    let mut sent = Sent::new(request);
    let read = async {
        let account = app.account(&sent.parts.headers).await?;
        let place = app.limits.enter(account.id)?;
        let received = sent.fields(app).await?;
        Ok((account, place, received))
    };
    let (account, place, received) = match read.await {
        Ok(read) => read,
        Err(refusal) => return Err(sent.refuse(refusal).await),
    };
    let ask = Ask::from(received, account.defaults.mode, app.config.max_styles)?;
    Ok((account, ask, place))
}

/// The image with its outputs, at its end or when the time is over.
async fn finished(app: &App, account: &Account, ask: Ask) -> Result<Image, Refusal> {
    let begin = tokio::time::Instant::now();
    let Accepted { image, ended } = accept(app, account, ask, true).await?;
    let left = app.config.wait.saturating_sub(begin.elapsed());
    let outcome = timeout(left, ended).await;
    app.forget_waiting(&image);
    if let Ok(Ok(Some(code))) = outcome
        && let Some(refusal) = Refusal::image(code)
    {
        return Err(refusal);
    }
    let (account, id) = (account.id, image.id);
    app.records(move |records| records.image(account, id))
        .await?
        // Somebody deleted it meanwhile.
        .ok_or(Refusal::of(Code::NotFound))
}
