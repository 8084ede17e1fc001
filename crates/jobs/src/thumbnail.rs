//! Small pictures for lists.

use std::path::Path;
use std::time::Duration;

use whittle_core::{Cancel, Limits};

use crate::source::Source;
use crate::stop::Stop;

/// Less than for optimizing: a list can do without a picture.
const LIMITS_PIXELS: u64 = 1 << 27;
const LIMITS_TIME: Duration = Duration::from_secs(20);

/// Why there is no picture, in one plain sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoThumbnail(String);

/// A PNG of at most `side` pixels in width and height. Call it on a thread with [`crate::STACK`].
///
/// # Errors
/// When the file cannot be read, or is no image within narrow limits.
pub fn thumbnail(path: &Path, side: u32) -> Result<Vec<u8>, NoThumbnail> {
    let limits = Limits {
        pixels: LIMITS_PIXELS,
        time: LIMITS_TIME,
        ..Limits::default()
    };
    let source = Source::read(path).map_err(|stop: Stop| NoThumbnail(stop.message))?;
    whittle_engine::thumbnail(&source.bytes, side, &limits, &Cancel::new())
        .map_err(|error| NoThumbnail(error.to_string()))
}
