//! That a result shows what its original shows.

use whittle_core::{Cancel, Limits};

use super::decode::Frames;
use crate::pixels::Image;
use crate::{Error, Result};

/// Both files hold the same stored frames, decoded by the `png` crate, which shares no code with
/// oxipng's decoder.
pub(super) fn same_pictures(
    original: &[u8],
    result: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<()> {
    let (mut a, mut b) = (
        Frames::open(original, limits)?,
        Frames::open(result, limits)?,
    );
    if a.size() != b.size() || a.count != b.count || a.plays != b.plays {
        return Err(Error::failed_check("its size or its frames changed"));
    }
    // Row by row where that is possible: both pictures as a whole would be what takes most memory.
    if a.is_plain() && b.is_plain() {
        loop {
            cancel.check()?;
            match (a.next_row()?, b.next_row()?) {
                (None, None) => return Ok(()),
                (Some(a), Some(b)) if a.same_looks(&b) => {}
                _ => return Err(Error::failed_check("its pixels changed")),
            }
        }
    }
    loop {
        cancel.check()?;
        match (a.next()?, b.next()?) {
            (None, None) => return Ok(()),
            (Some(a), Some(b))
                if (a.left, a.top, a.width, a.height) == (b.left, b.top, b.width, b.height)
                    && a.timing == b.timing
                    && a.pixels.same_looks(&b.pixels) => {}
            _ => return Err(Error::failed_check("its pixels changed")),
        }
    }
}

/// A still picture of this size, and nothing more.
pub(super) fn same_size(result: &[u8], image: &Image, limits: &Limits) -> Result<()> {
    let frames = Frames::open(result, limits)?;
    if frames.size() != (image.width, image.height) || frames.plays.is_some() {
        return Err(Error::failed_check("its size changed"));
    }
    Ok(())
}
