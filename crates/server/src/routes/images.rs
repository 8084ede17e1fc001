//! Images that were sent before.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::Response;
use whittle_api::{Code, Deleted, OriginalImageList, Pagination};

use super::{id, query};
use crate::app::{App, Shared};
use crate::present;
use crate::refusal::{Messages, Refusal, json};

pub(super) async fn one(
    State(app): State<Shared>,
    Path(text): Path<String>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?.id;
    let id = id(&text)?;
    let image = app
        .records(move |records| records.image(account, id))
        .await?
        .ok_or(Refusal::of(Code::NotFound))?;
    Ok(json(&present::answer(&app, &image, true)))
}

pub(super) async fn remove(
    State(app): State<Shared>,
    Path(text): Path<String>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?.id;
    let id = id(&text)?;
    let files = app
        .records(move |records| records.delete_image(account, id))
        .await?
        .ok_or(Refusal::of(Code::NotFound))?;
    if let Some(original) = files.first() {
        app.deleted(id, original);
    }
    app.files.remove(&files).await?;
    Ok(json(&Deleted { success: true }))
}

pub(super) async fn list(
    State(app): State<Shared>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let account = app.account(request.headers()).await?.id;
    let (parts, _) = request.into_parts();
    let mut wrong = Messages::new();
    let mut number = |name: &str, default: u64, most: u64| match query(&parts, name) {
        None => default,
        Some(text) => {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number));
            number.filter(|_| is_number).unwrap_or_else(|| {
                let text = match most {
                    MOST_PAGES => "must be a positive integer".to_owned(),
                    most => format!("must be an integer between 1 and {most}"),
                };
                wrong.insert(name.to_owned(), vec![text]);
                1
            })
        }
    };
    let page = number("page", 1, MOST_PAGES);
    let per_page = number("per_page", 10, 100);
    if !wrong.is_empty() {
        return Err(Refusal::invalid(wrong));
    }
    let skip = (page - 1) * per_page;
    let (images, total) = app
        .records(move |records| records.images(account, skip, per_page))
        .await?;
    let pagination = Pagination {
        current: page,
        total_pages: total.div_ceil(per_page),
        total_count: total,
        per_page,
        count: images.len() as u64,
    };
    let mut answer = json(&OriginalImageList {
        original_images: images
            .iter()
            .map(|image| present::original(&app, image))
            .collect(),
        pagination,
    });
    if let Ok(links) = links(&app, parts.uri.path(), &pagination).parse() {
        answer.headers_mut().insert(header::LINK, links);
    }
    Ok(answer)
}

/// So that no multiplication overflows.
const MOST_PAGES: u64 = 1 << 50;

/// RFC 8288 links to the pages that exist.
fn links(app: &App, path: &str, page: &Pagination) -> String {
    let last = page.total_pages.max(1);
    let mut links = vec![("first", 1)];
    if page.current > 1 {
        links.push(("prev", (page.current - 1).min(last)));
    }
    if page.current < last {
        links.push(("next", page.current + 1));
    }
    links.push(("last", last));
    let links = links.into_iter().map(|(rel, number)| {
        format!(
            "<{}{path}?page={number}&per_page={}>; rel=\"{rel}\"",
            app.base, page.per_page
        )
    });
    links.collect::<Vec<_>>().join(", ")
}
