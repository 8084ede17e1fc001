//! From a checked request to an image in the queue.

use std::time::Duration;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tokio::sync::oneshot;
use whittle_api::{Code, FileType};
use whittle_core::Mode;
use whittle_engine::{ErrorCode, Format, Info};
use whittle_store::server::{Account, Image, NewImage, NewOutput};

use crate::app::App;
use crate::random;
use crate::refusal::Refusal;
use crate::request::{Ask, Source, Spool};
use crate::worker;

/// The contract's limit, in characters.
const FILENAME: usize = 255;
/// How long an image waits to be looked at before the server says that it has too much to do.
const PATIENCE: Duration = Duration::from_secs(10);

/// An image that is in the queue.
pub(crate) struct Accepted {
    pub image: Image,
    /// Tells of its end, with the reason when it failed; silent unless somebody waits.
    pub ended: oneshot::Receiver<Option<ErrorCode>>,
}

/// Accepts an image: every refusal that can be known now is given now.
pub(crate) async fn accept(
    app: &App,
    account: &Account,
    ask: Ask,
    waited_for: bool,
) -> Result<Accepted, Refusal> {
    let id = account.id;
    let (used, backlog) = app
        .records(move |records| Ok((records.quota_usage(id)?, records.backlog()?)))
        .await?;
    if account.plan_bytes.is_some_and(|bytes| used >= bytes) {
        return Err(Refusal::of(Code::QuotaExceeded));
    }
    if backlog.images >= app.config.max_queue {
        return Err(Refusal::of(Code::Unavailable));
    }
    let Ask {
        source,
        mode,
        level,
        styles,
        origin,
        keep_tags,
    } = ask;
    let (spool, name) = match source {
        Source::Upload(upload) => (upload.bytes, upload.filename),
        Source::Url(url) => {
            let spool = app
                .outbound
                .fetch(&url, app.config.max_bytes, &app.incoming)
                .await?;
            let name = url.path().rsplit('/').next().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
            (spool, Some(name))
        }
    };

    // Only so many are in memory at once; the rest wait in their files.
    let opening = tokio::time::timeout(PATIENCE, app.opening.acquire()).await;
    let _opening = opening
        .map_err(|_| Refusal::of(Code::Unavailable))?
        .map_err(Refusal::internal)?;
    let looked = look(spool, app.config.max_pixels).await?;
    let info = looked.info;
    let mode = mode.unwrap_or(account.defaults.mode);
    let level = match mode {
        Mode::Lossless => 0,
        Mode::Lossy => level
            .unwrap_or_else(|| account.defaults.level(info.format))
            .get(),
        Mode::Balanced => account.defaults.level(info.format).get(),
    };
    let full = NewOutput {
        resize: None,
        width: info.width,
        height: info.height,
        file_key: random::file_key(),
    };
    let resized = styles.into_iter().map(|style| {
        let placed = style.place(info.width, info.height);
        NewOutput {
            resize: Some(style),
            width: placed.width,
            height: placed.height,
            file_key: random::file_key(),
        }
    });
    let new = NewImage {
        account: account.id,
        mode,
        level,
        origin,
        keep_tags,
        waited_for,
        bytes: looked.bytes.len() as u64,
        width: info.width,
        height: info.height,
        format: info.format,
        peak_memory: info.peak_memory,
        filename: filename(name.as_deref(), info.format),
        file_key: random::file_key(),
        etag: looked.etag,
        outputs: std::iter::once(full).chain(resized).collect(),
    };
    app.files.put(&new.file_key, looked.bytes).await?;
    let ended = app.wait_for(&new.file_key);
    let image = app.records(move |records| records.add_image(&new)).await?;
    app.metrics.accepted(image.bytes);
    app.bell.ring();
    if !waited_for {
        app.forget_waiting(&image);
    }
    Ok(Accepted { image, ended })
}

struct Looked {
    bytes: Bytes,
    info: Info,
    etag: String,
}

/// What the bytes are, on a thread that may take its time.
async fn look(spool: Spool, max_pixels: u64) -> Result<Looked, Refusal> {
    let bytes = spool.into_bytes().await.map_err(Refusal::internal)?;
    let looked = worker::on_a_deep_stack(move || {
        let limits = whittle_engine::Limits {
            pixels: max_pixels,
            ..whittle_engine::Limits::default()
        };
        if whittle_engine::detect(&bytes)
            .and_then(FileType::of)
            .is_none()
        {
            return Err(Refusal::of(Code::UnsupportedImageType));
        }
        match whittle_engine::inspect(&bytes, &limits) {
            Ok(info) => Ok(Looked {
                etag: etag(&bytes),
                bytes: Bytes::from(bytes),
                info,
            }),
            // Something gzipped is taken for a drawing until it is opened.
            Err(error)
                if error.code() == ErrorCode::Undecodable && bytes.starts_with(b"\x1f\x8b") =>
            {
                Err(Refusal::of(Code::UnsupportedImageType))
            }
            Err(error) => {
                Err(Refusal::image(error.code()).unwrap_or(Refusal::of(Code::ImageUndecodable)))
            }
        }
    });
    looked.await.map_err(Refusal::internal)?
}

/// Names these bytes, and no others.
pub(crate) fn etag(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_owned()
}

/// The last segment of a name, without what no link or header should have.
fn filename(sent: Option<&str>, format: Format) -> String {
    let last = sent
        .unwrap_or_default()
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|c| !c.is_control())
        .take(FILENAME)
        .collect();
    let name = name.trim();
    if matches!(name, "" | "." | "..") {
        let extension = match format {
            Format::Jpeg => "jpg",
            Format::Png => "png",
            Format::Gif => "gif",
            Format::Svg => "svg",
            Format::Webp => "webp",
            Format::Avif => "avif",
        };
        return format!("image.{extension}");
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_last_segments() {
        for (sent, name) in [
            (Some("photo.png"), "photo.png"),
            (Some("C:\\pictures\\photo.png"), "photo.png"),
            (Some("/etc/../photo.png"), "photo.png"),
            (Some("a\r\nb.png"), "ab.png"),
            (Some("größe 1.png"), "größe 1.png"),
            (Some(".."), "image.png"),
            (Some("folder/"), "image.png"),
            (Some(""), "image.png"),
            (None, "image.png"),
        ] {
            assert_eq!(filename(sent, Format::Png), name);
        }
        let long = "ä".repeat(300);
        assert_eq!(filename(Some(&long), Format::Gif).chars().count(), 255);
    }
}
