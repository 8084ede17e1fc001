//! Reading a body, whatever its header says of it.
//!
//! Clients label multipart as JSON and the other way round, and send two boundaries. So the first
//! bytes decide: `--` is multipart with the boundary of that line, `{` is JSON, otherwise a form.

use std::path::Path;
use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use multer::{Constraints, Multipart, SizeLimit};
use whittle_api::Code;

use super::{Fields, Spool, Upload, Value};
use crate::refusal::Refusal;

/// What a body may have beside the image: fields, and the lines around them.
const BESIDE: u64 = 256 << 10;
/// A field that is no file; the longest is an URL.
const FIELD: usize = 64 << 10;
/// A whole JSON object or form.
const SMALL_BODY: usize = 1 << 20;
/// Parts of a multipart body.
const PARTS: usize = 200;
/// The longest boundary of RFC 2046 with its dashes and the end of the line.
const BOUNDARY_LINE: usize = 2 + 70 + 2;
/// A client that sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);

/// A body that was read.
pub(crate) struct Received {
    pub fields: Fields,
    pub upload: Option<Upload>,
}

/// Reads a body of at most `limit` bytes of image.
pub(crate) async fn read(
    headers: &HeaderMap,
    data: &mut BodyDataStream,
    limit: u64,
    folder: &Path,
) -> Result<Received, Refusal> {
    let whole = limit.saturating_add(BESIDE);
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > whole) {
        return Err(Refusal::too_large(limit));
    }
    let mut data = bounded(data, whole);
    let head = head(&mut data)
        .await
        .map_err(|error| error.refusal(limit))?;
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());

    if head.starts_with(b"--") {
        let boundary = boundary(&head).ok_or(Refusal::of(Code::InvalidBody))?;
        let stream = futures_util::stream::iter([Ok(head)]).chain(data);
        return multipart(stream, boundary, limit, folder).await;
    }
    let mut body = BytesMut::from(&head[..]);
    while let Some(chunk) = next(&mut data)
        .await
        .map_err(|error| error.refusal(limit))?
    {
        if body.len() + chunk.len() > SMALL_BODY {
            // Nothing but an image is so large, and an image cannot be sent like this. Beyond the
            // limit it is refused as too large whatever it is.
            return Err(too_large_or_unknown(&mut data, limit).await);
        }
        body.extend_from_slice(&chunk);
    }
    let fields = small(content_type.as_deref(), &body)?;
    Ok(Received {
        fields,
        upload: None,
    })
}

async fn too_large_or_unknown(
    data: &mut (impl Stream<Item = Result<Bytes, Broken>> + Unpin),
    limit: u64,
) -> Refusal {
    loop {
        match next(data).await {
            Ok(Some(_)) => {}
            Ok(None) => return Refusal::of(Code::UnsupportedMediaType),
            Err(error) => return error.refusal(limit),
        }
    }
}

/// A JSON object or a form.
fn small(content_type: Option<&str>, body: &[u8]) -> Result<Fields, Refusal> {
    let text = body.trim_ascii();
    if text.is_empty() {
        return Ok(Fields::default());
    }
    if text.starts_with(b"{") {
        return Fields::from_json(body).map_err(|_| Refusal::of(Code::InvalidJson));
    }
    match content_type {
        Some("application/x-www-form-urlencoded") => {
            Fields::from_form(text).ok_or(Refusal::of(Code::InvalidBody))
        }
        // As `curl -d` sends it with a header of its own; what is no form was meant as it says.
        Some("application/json") if !looks_like_a_form(text) => Err(Refusal::of(Code::InvalidJson)),
        Some("multipart/form-data") if !looks_like_a_form(text) => {
            Err(Refusal::of(Code::InvalidBody))
        }
        _ if looks_like_a_form(text) => {
            Fields::from_form(text).ok_or(Refusal::of(Code::InvalidBody))
        }
        _ => Err(Refusal::of(Code::UnsupportedMediaType)),
    }
}

/// A name, then `=`, and nothing that a form would have encoded.
fn looks_like_a_form(text: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]%+".contains(byte);
    let name = text.iter().take_while(|byte| is_name(byte)).count();
    name > 0
        && text.get(name) == Some(&b'=')
        && text.iter().all(|byte| (0x21..=0x7e).contains(byte))
}

/// The boundary of the first line, without its dashes.
fn boundary(head: &[u8]) -> Option<String> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim_ascii_end();
    let boundary = line.strip_prefix("--")?;
    (1..=70)
        .contains(&boundary.len())
        .then(|| boundary.to_owned())
}

async fn multipart(
    data: impl Stream<Item = Result<Bytes, Broken>> + Send,
    boundary: String,
    limit: u64,
    folder: &Path,
) -> Result<Received, Refusal> {
    let limits = SizeLimit::new().for_field("file", limit).per_field(limit);
    let mut parts =
        Multipart::with_constraints(data, boundary, Constraints::new().size_limit(limits));
    let mut received = Received {
        fields: Fields::default(),
        upload: None,
    };
    let refused = |error| unreadable(&error, limit);
    let mut count = 0;
    while let Some(mut part) = quick(parts.next_field()).await?.map_err(refused)? {
        count += 1;
        if count > PARTS {
            return Err(Refusal::of(Code::InvalidBody));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let filename = part.file_name().map(str::to_owned);
        if name == "file" {
            let mut bytes = Spool::new(folder);
            while let Some(chunk) = quick(part.chunk()).await?.map_err(refused)? {
                bytes.write(&chunk).await.map_err(Refusal::internal)?;
            }
            // A form in which no file was chosen sends an empty part without a name.
            let chosen = bytes.len() > 0 || filename.as_ref().is_some_and(|name| !name.is_empty());
            if chosen {
                received.upload = Some(Upload { bytes, filename });
            }
        } else {
            let mut text = Vec::new();
            while let Some(chunk) = quick(part.chunk()).await?.map_err(refused)? {
                if text.len() + chunk.len() > FIELD {
                    return Err(Refusal::of(Code::InvalidBody));
                }
                text.extend_from_slice(&chunk);
            }
            let text = String::from_utf8(text).map_err(|_| Refusal::of(Code::InvalidBody))?;
            received.fields.0.push((name, Value::Text(text)));
        }
    }
    Ok(received)
}

fn unreadable(error: &multer::Error, limit: u64) -> Refusal {
    match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            Refusal::too_large(limit)
        }
        multer::Error::StreamReadFailed(error) => match error.downcast_ref::<Broken>() {
            Some(broken) => broken.refusal(limit),
            None => Refusal::of(Code::InvalidBody),
        },
        _ => Refusal::of(Code::InvalidBody),
    }
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body is broken or too large")]
struct Broken {
    too_large: bool,
}

impl Broken {
    fn refusal(self, limit: u64) -> Refusal {
        match self.too_large {
            true => Refusal::too_large(limit),
            false => Refusal::of(Code::InvalidBody),
        }
    }
}

fn bounded(
    data: &mut BodyDataStream,
    limit: u64,
) -> impl Stream<Item = Result<Bytes, Broken>> + Unpin + Send {
    let mut left = limit;
    data.map_err(|_| Broken { too_large: false })
        .map(move |chunk| {
            let chunk = chunk?;
            match left.checked_sub(chunk.len() as u64) {
                Some(rest) => left = rest,
                None => return Err(Broken { too_large: true }),
            }
            Ok(chunk)
        })
}

async fn next(
    data: &mut (impl Stream<Item = Result<Bytes, Broken>> + Unpin),
) -> Result<Option<Bytes>, Broken> {
    match tokio::time::timeout(SILENCE, data.next()).await {
        Ok(chunk) => chunk.transpose(),
        Err(_) => Err(Broken { too_large: false }),
    }
}

async fn quick<T>(work: impl Future<Output = T>) -> Result<T, Refusal> {
    tokio::time::timeout(SILENCE, work)
        .await
        .map_err(|_| Refusal::of(Code::InvalidBody))
}

/// Enough of the body to tell what it is: its first line, or as much as a boundary may have.
async fn head(
    data: &mut (impl Stream<Item = Result<Bytes, Broken>> + Unpin),
) -> Result<Bytes, Broken> {
    let mut head = BytesMut::new();
    while head.len() < BOUNDARY_LINE && !head.contains(&b'\n') {
        match next(data).await? {
            Some(chunk) => head.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(head.freeze())
}

/// Reads on for a while and throws it away, so that a client which sends before it reads gets to
/// see the refusal instead of a broken connection.
pub(crate) async fn drain(headers: &HeaderMap, data: &mut BodyDataStream) {
    // A client that asks before it sends is answered without its body.
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left: usize = 64 << 20;
    let reading = async {
        while let Some(Ok(chunk)) = data.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), reading).await;
}
