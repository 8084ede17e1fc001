//! The account: its settings, its callback URLs, its numbers.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use whittle_api::{
    CallbackUrlList, CallbackUrlResponse, Code, Dashboard, Deleted, NewCallbackUrl, ReportType,
    Stats,
};
use whittle_store::server::Defaults;

use super::{Sent, id, query, wrong};
use crate::app::{App, Shared};
use crate::refusal::{Refusal, json};
use crate::request::{ShopChange, check_url};
use crate::{dashboard as report, deliver, present};

pub(super) async fn dashboard(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?;
    let (parts, _) = request.into_parts();
    let kind = match query(&parts, "report_type") {
        None => ReportType::default(),
        Some(name) => ReportType::from_name(&name)
            .ok_or_else(|| wrong("report_type", "is not included in the list"))?,
    };
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let periods = report::periods(kind, today);
    let (id, since) = (account.id, report::since(&periods));
    let rows = app
        .records(move |records| records.usage_since(id, &since))
        .await?;
    Ok(json(&Dashboard {
        stats: Stats {
            original_images_count: account.originals,
            optimized_images_count: account.outputs,
            consumption: report::consumption(kind, &periods, &rows),
        },
    }))
}

pub(super) async fn shop(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?;
    shown(&app, account.name).await
}

async fn shown(app: &App, name: String) -> Result<Response, Refusal> {
    let shop = app
        .records(move |records| {
            let Some(account) = records.account_named(&name)? else {
                return Ok(None);
            };
            let callbacks = records.callbacks(account.id)?;
            let used = records.quota_usage(account.id)?;
            Ok(Some(present::shop(&account, callbacks, used)))
        })
        .await?;
    Ok(json(&shop.ok_or(Refusal::of(Code::NotFound))?))
}

/// All members are checked before any is changed.
pub(super) async fn change_shop(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (account, received) = Sent::new(request).read(&app).await?;
    let change = ShopChange::from(&received.fields)?;
    if let Some(url) = &change.callback_url {
        check_callback(&app, url, "callback_url").await?;
    }
    let now = account.defaults;
    let defaults = Defaults {
        mode: change.mode.unwrap_or(now.mode),
        jpg: change.jpg.unwrap_or(now.jpg),
        png: change.png.unwrap_or(now.png),
        gif: change.gif.unwrap_or(now.gif),
    };
    let id = account.id;
    let secret = deliver::new_secret();
    app.records(move |records| {
        let callback = change.callback_url.as_deref();
        records.update_account(id, defaults, callback.map(|url| (url, secret.as_slice())))
    })
    .await?;
    shown(&app, account.name).await
}

pub(super) async fn callbacks(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?.id;
    let callbacks = app
        .records(move |records| records.callbacks(account))
        .await?;
    Ok(json(&CallbackUrlList {
        callback_urls: callbacks.into_iter().map(present::callback_url).collect(),
    }))
}

pub(super) async fn add_callback(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (account, received) = Sent::new(request).read(&app).await?;
    let url = match received.fields.text("url") {
        Ok(Some(url)) => url,
        Ok(None) => return Err(wrong("url", "can't be blank")),
        Err(_) => return Err(wrong("url", "is invalid")),
    };
    check_callback(&app, &url, "url").await?;
    let secret = deliver::new_secret();
    let (account, address) = (account.id, url.clone());
    let added = app
        .records(move |records| records.add_callback(account, &address, &secret))
        .await?;
    let id = added.ok_or_else(|| wrong("url", "has already been taken"))?;
    Ok(json(&CallbackUrlResponse {
        callback_url: NewCallbackUrl {
            id: id.unsigned_abs(),
            url,
            secret: Some(deliver::written(&secret)),
        },
    }))
}

/// HTTPS unless the operator allows otherwise, and to where this server may connect.
async fn check_callback(app: &App, text: &str, field: &str) -> Result<(), Refusal> {
    let url = check_url(text)
        .filter(|_| text.chars().count() <= 4096)
        .filter(|url| url.scheme() == "https" || app.config.allow_http)
        .ok_or_else(|| wrong(field, "is invalid"))?;
    if app.outbound.is_forbidden(&url).await {
        return Err(wrong(field, "is not allowed"));
    }
    Ok(())
}

pub(super) async fn remove_callback(
    State(app): State<Shared>,
    Path(text): Path<String>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?.id;
    let id = id(&text)?;
    match app
        .records(move |records| records.delete_callback(account, id))
        .await?
    {
        true => Ok(json(&Deleted { success: true })),
        false => Err(Refusal::of(Code::NotFound)),
    }
}
