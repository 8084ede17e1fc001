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
        Pixels::from(self).has_alpha()
    }
}

/// A picture of 8 bits a channel without alpha: red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opaque {
    pub width: u32,
    pub height: u32,
    /// `width * height * 3` bytes, row by row from the top.
    pub rgb: Vec<u8>,
}

impl Opaque {
    /// A black picture.
    pub fn black(width: u32, height: u32) -> Opaque {
        Opaque {
            width,
            height,
            rgb: vec![0; width as usize * height as usize * 3],
        }
    }

    /// The colours of a picture, transparent ones as well.
    pub fn colours_of(image: &Image) -> Opaque {
        let (pixels, _) = image.rgba.as_chunks::<4>();
        Opaque {
            width: image.width,
            height: image.height,
            rgb: pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
        }
    }

    /// The same with alpha.
    pub fn image(&self) -> Image {
        let (pixels, _) = self.rgb.as_chunks::<3>();
        Image {
            width: self.width,
            height: self.height,
            rgba: pixels
                .iter()
                .flat_map(|&[r, g, b]| [r, g, b, 255])
                .collect(),
        }
    }

    /// Its rows, from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.rgb.chunks_exact((self.width as usize * 3).max(1))
    }

    /// Whether no pixel has a colour.
    pub fn is_grey(&self) -> bool {
        let (pixels, _) = self.rgb.as_chunks::<3>();
        pixels.iter().all(|&[r, g, b]| r == g && g == b)
    }
}

/// A picture with or without alpha, or of few colours, to be read.
#[derive(Clone, Copy)]
pub(crate) struct Pixels<'a> {
    pub width: u32,
    pub height: u32,
    /// Bytes a pixel: 4 with straight alpha, 3 without, 1 where it is a place in the palette.
    pub channels: usize,
    /// `width * height * channels` bytes, row by row from the top.
    pub data: &'a [u8],
    /// Colours with straight alpha; none where pixels have their own.
    pub palette: &'a [[u8; 4]],
}

impl Pixels<'_> {
    /// Whether any pixel is not fully opaque.
    pub fn has_alpha(&self) -> bool {
        match self.channels {
            // Block by block: a search that could end at each pixel takes four times as long.
            4 => self.data.chunks(4096).any(|block| {
                let (pixels, _) = block.as_chunks::<4>();
                pixels.iter().fold(255, |all, pixel| all & pixel[3]) != 255
            }),
            1 => {
                let clear: Vec<bool> = self.palette.iter().map(|entry| entry[3] != 255).collect();
                clear.contains(&true)
                    && self
                        .data
                        .iter()
                        .any(|&at| clear.get(usize::from(at)) != Some(&false))
            }
            _ => false,
        }
    }
}

impl<'a> From<&'a Image> for Pixels<'a> {
    fn from(image: &'a Image) -> Pixels<'a> {
        Pixels {
            width: image.width,
            height: image.height,
            channels: 4,
            data: &image.rgba,
            palette: &[],
        }
    }
}

impl<'a> From<&'a Opaque> for Pixels<'a> {
    fn from(image: &'a Opaque) -> Pixels<'a> {
        Pixels {
            width: image.width,
            height: image.height,
            channels: 3,
            data: &image.rgb,
            palette: &[],
        }
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
