//! From records to what goes over the wire.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use whittle_api::{
    CallbackUrl, CompressResponse, Event, EventOutput, FileType, Happening, OptimizedImage,
    OriginalImage, PlanData, Shop, ShopResponse, Status, UNLIMITED,
};
use whittle_store::server::{Account, Announced, Callback, Image, ImageStatus, OutputRecord};

use crate::app::App;
use crate::random;

/// What needs no escape in a path's segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The link to a file.
fn link(app: &App, key: &str, filename: &str) -> String {
    format!(
        "{}/v1/files/{key}/{}",
        app.base,
        utf8_percent_encode(filename, SEGMENT)
    )
}

pub(crate) fn status(status: ImageStatus) -> Status {
    match status {
        ImageStatus::Enqueued => Status::Enqueued,
        ImageStatus::Processing => Status::Processing,
        ImageStatus::Completed => Status::Completed,
        ImageStatus::Error => Status::Error,
    }
}

/// Only these four get past the door.
fn file_type(image: &Image) -> FileType {
    FileType::of(image.format).unwrap_or(FileType::Png)
}

/// An image without its outputs.
pub(crate) fn original(app: &App, image: &Image) -> OriginalImage {
    OriginalImage {
        id: image.id.unsigned_abs(),
        compression_type: Some(image.mode),
        compression_level: Some(image.level),
        origin: image.origin.clone(),
        size: Some(image.bytes),
        width: Some(image.width),
        height: Some(image.height),
        file_type: Some(file_type(image)),
        filename: Some(image.filename.clone()),
        status: match image.status {
            // Who waited for it was told so when the time was over; it does not go back.
            ImageStatus::Enqueued if image.waited_for => Status::Processing,
            now => status(now),
        },
        created_at: image.created_at.clone(),
        updated_at: image.updated_at.clone(),
        link: Some(link(app, &image.file_key, &image.filename)),
        optimized_images: None,
    }
}

/// The answer with an image, with its outputs or without.
pub(crate) fn answer(app: &App, image: &Image, with_outputs: bool) -> CompressResponse {
    let outputs = image.outputs.iter().map(|made| output(app, image, made));
    CompressResponse {
        success: Some(true),
        original_image: OriginalImage {
            optimized_images: with_outputs.then(|| outputs.collect()),
            ..original(app, image)
        },
    }
}

fn output(app: &App, image: &Image, output: &OutputRecord) -> OptimizedImage {
    let is_full = output.resize.is_none();
    let completed = output.status == ImageStatus::Completed;
    OptimizedImage {
        id: output.id.unsigned_abs(),
        status: status(output.status),
        compression_type: Some(image.mode),
        compression_level: Some(image.level),
        style: style(output),
        width: Some(output.width),
        height: Some(output.height),
        link: link(app, &output.file_key, &image.filename),
        size: output.bytes,
        saved_bytes: (is_full && completed).then(|| image.bytes.saturating_sub(output.bytes)),
        error_msg: output.error.clone(),
        file_type: file_type(image),
        filename: image.filename.clone(),
        created_at: output.created_at.clone(),
        updated_at: output.updated_at.clone(),
        expire_at: output.expire_at.clone(),
    }
}

fn style(output: &OutputRecord) -> String {
    output
        .resize
        .as_ref()
        .map_or_else(|| "original".to_owned(), |style| style.name.clone())
}

/// The id and the body of a webhook.
pub(crate) fn event(app: &App, announced: Announced) -> (String, String) {
    let Announced {
        image,
        account,
        quota_usage,
    } = announced;
    let error = image.outputs.iter().find_map(|output| output.error.clone());
    let happening = match image.status {
        ImageStatus::Enqueued | ImageStatus::Processing => Happening::Processing {
            link: link(app, &image.file_key, &image.filename),
        },
        ImageStatus::Completed => Happening::Optimized {
            optimized_images: image
                .outputs
                .iter()
                .map(|output| EventOutput {
                    style: style(output),
                    status: Some(status(output.status)),
                    size: output.bytes,
                    width: Some(output.width),
                    height: Some(output.height),
                    link: link(app, &output.file_key, &image.filename),
                    id: output.id.unsigned_abs(),
                    expire_at: output.expire_at.clone(),
                })
                .collect(),
            quota_usage: Some(quota_usage),
        },
        ImageStatus::Error => Happening::Error {
            error: error.unwrap_or_else(|| "cant_compress".into()),
            quota_usage: Some(quota_usage),
        },
    };
    let id = format!("evt_{}", random::base58(22));
    let event = Event {
        id: Some(id.clone()),
        object_type: "image".into(),
        shop_identifier: account.name.clone(),
        compression_type: image.mode,
        compression_level: Some(image.level),
        image_id: image.id.unsigned_abs(),
        happening,
    };
    // Our own types can always be written.
    (id, serde_json::to_string(&event).unwrap_or_default())
}

pub(crate) fn callback_url(callback: Callback) -> CallbackUrl {
    CallbackUrl {
        id: callback.id.unsigned_abs(),
        url: callback.url,
    }
}

pub(crate) fn shop(account: &Account, callbacks: Vec<Callback>, quota_usage: u64) -> ShopResponse {
    let time = |ms: i64| {
        jiff::Timestamp::from_millisecond(ms)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string()
    };
    ShopResponse {
        shop: Shop {
            login: account.name.clone(),
            email: account.email.clone(),
            compression_type: account.defaults.mode,
            compression_level_jpg: Some(account.defaults.jpg.get()),
            compression_level_png: Some(account.defaults.png.get()),
            compression_level_gif: Some(account.defaults.gif.get()),
            charged_at: None,
            next_charge_at: None,
            created_at: time(account.created_at),
            updated_at: time(account.updated_at),
            callback_urls: callbacks.into_iter().map(callback_url).collect(),
            plan_data: PlanData {
                code: "free".into(),
                name: match account.plan_bytes {
                    None => "Unlimited".into(),
                    Some(_) => "Free".into(),
                },
                price: "$0.00".into(),
                bytes: account.plan_bytes.unwrap_or(UNLIMITED),
                quota_usage,
            },
        },
    }
}
