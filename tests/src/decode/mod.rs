//! Decoders that judge the engine's results, and the comparisons.
//!
//! None of them is one that the engine reads, writes or verifies with: JPEG through `jpeg-decoder`,
//! PNG through `lodepng` with our own composition of animations, GIF wholly our own. Only SVG is
//! rendered as the engine does it, and so its structure is compared as well.

pub mod colour;
pub mod compare;
mod exif;
mod gif;
mod jpeg;
mod metadata;
mod png;
pub mod resize;
pub mod rsvg;
pub mod score;
pub mod svg;

pub use exif::Exif;
pub use jpeg::further_pictures_found;
pub use metadata::{exif, metadata};

use anyhow::{Result, bail};
use colour::Colour;
use whittle_core::Format;

/// A raster file, opened; its frames are decoded one by one, because all of a long animation
/// would not fit into memory.
pub struct Raster {
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// How often it plays: 0 for ever, `None` when the file does not say.
    pub plays: Option<u32>,
    /// What the numbers of the pixels mean.
    pub colour: Colour,
    /// In their order, composed as displayed.
    pub frames: Box<dyn Iterator<Item = Result<Frame>>>,
}

/// One composed picture, upright, in the file's own colour space.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// 8 bits a channel, straight alpha.
    pub rgba: Vec<u8>,
    /// 16 bits a channel, where the file has so many.
    pub deep: Option<Vec<u16>>,
    /// The four inks of a CMYK file, as stored.
    pub inks: Option<Vec<u8>>,
    /// How long it is shown, in milliseconds; 0 in a still picture.
    pub milliseconds: f64,
}

impl Frame {
    fn still(rgba: Vec<u8>) -> Frame {
        Frame {
            rgba,
            deep: None,
            inks: None,
            milliseconds: 0.0,
        }
    }
}

/// Opens a JPEG, PNG or GIF.
///
/// # Errors
/// When the file is broken, or of a kind that the decoder does not know.
pub fn open(format: Format, bytes: &[u8]) -> Result<Raster> {
    match format {
        Format::Jpeg => jpeg::open(bytes),
        Format::Png => png::open(bytes),
        Format::Gif => gif::open(bytes),
        Format::Svg | Format::Webp | Format::Avif => bail!("no independent decoder for {format}"),
    }
}

/// Turns stored pixels of `channels` samples as the Exif orientation says; gives them with the
/// displayed width and height.
fn upright<T: Copy>(
    stored: &[T],
    width: u32,
    height: u32,
    channels: usize,
    orientation: u16,
) -> (Vec<T>, u32, u32) {
    let (w, h) = (width as usize, height as usize);
    if !(2..=8).contains(&orientation) {
        return (stored.to_vec(), width, height);
    }
    let turned = orientation >= 5;
    let (shown_width, shown_height) = if turned { (h, w) } else { (w, h) };
    let mut shown = Vec::with_capacity(stored.len());
    for y in 0..shown_height {
        for x in 0..shown_width {
            let (from_x, from_y) = match orientation {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let start = (from_y * w + from_x) * channels;
            shown.extend_from_slice(&stored[start..start + channels]);
        }
    }
    (shown, shown_width as u32, shown_height as u32)
}

#[cfg(test)]
mod tests {
    use super::upright;
    use crate::fixtures::Picture;

    /// The generator and the decoder each have their own table of directions.
    #[test]
    fn what_is_stored_for_an_orientation_is_upright_again() {
        let picture = Picture::corners(6, 4);
        for orientation in 1..=8 {
            let stored = picture.stored_for(orientation);
            let (shown, width, height) =
                upright(&stored.rgba, stored.width, stored.height, 4, orientation);
            assert_eq!((width, height), (6, 4), "orientation {orientation}");
            assert_eq!(shown, picture.rgba, "orientation {orientation}");
        }
    }
}
