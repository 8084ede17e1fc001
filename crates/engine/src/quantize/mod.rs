//! Pictures of few colours.
//!
//! A picture's colours are gathered once (`colours`); from them palettes of any size are made
//! (`palette`), by splitting and then k-means in the space in which SSIMULACRA2 measures (`space`);
//! and the picture is drawn with a palette (`draw`), with as much error diffusion as helps, and with
//! those of nearly equal indices that repeat what came before, since repetitions cost deflate
//! nothing.

mod colours;
mod draw;
mod palette;
mod space;

pub(crate) use colours::Colours;
pub(crate) use draw::Drawing;
pub(crate) use palette::Palette;

use crate::Result;
use crate::pixels::Image;

/// A picture as indices into a palette.
#[derive(Clone, Debug)]
pub(crate) struct Quantized {
    /// 1 to 256 entries: red, green, blue, alpha. At most one is fully transparent, all zeros.
    pub palette: Vec<[u8; 4]>,
    /// One for each pixel.
    pub indices: Vec<u8>,
}

impl Quantized {
    /// The picture that the palette and the indices stand for.
    pub fn image(&self, width: u32, height: u32) -> Image {
        let mut rgba = Vec::with_capacity(self.indices.len() * 4);
        for &index in &self.indices {
            rgba.extend(self.palette[usize::from(index)]);
        }
        Image {
            width,
            height,
            rgba,
        }
    }
}

/// Reduces a picture to at most `colours` (2 to 256), with error diffusion of strength `dither`
/// (0 to 1). Fully transparent pixels stay exactly so.
pub(crate) fn quantized(image: &Image, colours: u16, dither: f32) -> Result<Quantized> {
    let palette = Palette::new(&Colours::of(image), usize::from(colours));
    Ok(palette.draw(
        image,
        Drawing {
            dither,
            repeat: 0.0,
        },
    ))
}

#[cfg(test)]
mod tests;
