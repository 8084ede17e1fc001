//! Decoded pixels.

use crate::{Error, Result};
use whittle_core::Limits;

/// A picture of 8 bits a channel: red, green, blue and straight (not premultiplied) alpha.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub width: u32,
    pub height: u32,
    /// `width * height * 4` bytes, row by row from the top.
    pub rgba: Vec<u8>,
}

impl Image {
    /// A fully transparent picture.
    pub fn transparent(width: u32, height: u32) -> Image {
        Image {
            width,
            height,
            rgba: vec![0; width as usize * height as usize * 4],
        }
    }

    /// Whether any pixel is not fully opaque.
    pub fn has_alpha(&self) -> bool {
        self.rgba.chunks_exact(4).any(|pixel| pixel[3] != 255)
    }

    /// Whether no pixel has a colour.
    pub fn is_grey(&self) -> bool {
        self.rgba
            .chunks_exact(4)
            .all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
    }
}

/// Refuses a canvas that is empty or larger than the limit, before anything is allocated for it.
pub(crate) fn check_size(width: u32, height: u32, limits: &Limits) -> Result<()> {
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(Error::TooManyPixels {
            width,
            height,
            limit: limits.pixels,
        });
    }
    Ok(())
}
