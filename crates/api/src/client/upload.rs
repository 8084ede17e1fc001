//! An image on its way to an account.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use serde::Serialize;
use whittle_core::{Level, Mode, ResizeStyle};

/// What goes into one frame of the connection.
const PIECE: usize = 64 << 10;

/// What is to be made of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ask {
    /// What may differ, and how it should look with `lossy`; `None` takes the account's own settings.
    pub quality: Option<(Mode, Level)>,
    /// Further outputs.
    pub styles: Vec<ResizeStyle>,
    /// Whether metadata is removed.
    pub strip_tags: bool,
    /// The label of where it came from, in the account's dashboard.
    pub origin: String,
}

/// Where the image is.
#[derive(Clone, Debug)]
pub enum Source {
    /// Its bytes, with a name without folders.
    File {
        /// Without folders.
        name: String,
        /// The whole file.
        bytes: Bytes,
    },
    /// An address that the server is to fetch it from.
    Url(String),
}

/// A multipart body, sent in pieces.
pub(super) struct Form {
    pieces: VecDeque<Bytes>,
    left: u64,
    sent: Arc<AtomicU64>,
}

/// The content type and the body of a request; `sent` counts the bytes that went out.
pub(super) fn form(source: &Source, ask: &Ask, sent: &Arc<AtomicU64>) -> (String, Form) {
    let mut random = [0; 16];
    // Only has to be something that no image contains.
    let _ = getrandom::fill(&mut random);
    let boundary: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut head = String::new();
    let mut field = |name: &str, value: &str| {
        head.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    };
    field("origin", &ask.origin);
    field("strip_tags", if ask.strip_tags { "true" } else { "false" });
    if let Some((mode, level)) = ask.quality {
        field("compression_type", mode.name());
        if mode == Mode::Lossy {
            field("compression_level", &level.get().to_string());
        }
    }
    for (index, style) in ask.styles.iter().enumerate() {
        field(&format!("resize[{index}][style]"), &style.name);
        field(&format!("resize[{index}][strategy]"), style.strategy.name());
        for (name, length) in [("width", style.width), ("height", style.height)] {
            if let Some(length) = length {
                field(&format!("resize[{index}][{name}]"), &length.to_string());
            }
        }
    }
    let end = format!("\r\n--{boundary}--\r\n");
    let mut pieces = VecDeque::new();
    match source {
        Source::Url(address) => {
            field("image_url", address);
            pieces.push_back(Bytes::from(head + &end));
        }
        Source::File { name, bytes } => {
            head.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                quoted(name)
            ));
            pieces.extend([Bytes::from(head), bytes.clone(), Bytes::from(end)]);
        }
    }
    let left = pieces.iter().map(|piece| piece.len() as u64).sum();
    let form = Form {
        pieces,
        left,
        sent: Arc::clone(sent),
    };
    (format!("multipart/form-data; boundary={boundary}"), form)
}

/// As browsers write names in a header (HTML, multipart/form-data encoding).
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace('"', "%22")
}

impl Body for Form {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(first) = self.pieces.front_mut() else {
            return Poll::Ready(None);
        };
        let piece = first.split_to(first.len().min(PIECE));
        if first.is_empty() {
            self.pieces.pop_front();
        }
        self.left -= piece.len() as u64;
        self.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
