//! Single stages, for the project's benchmarks: no part of the API, and with none of its promises.

use whittle_core::{Cancel, Limits, ResizeStyle, Score};

use crate::pixels::Image;
use crate::{Result, first_frame, resize, score};

/// A decoded picture.
#[derive(Clone, Debug)]
pub struct Pixels(Image);

impl Pixels {
    /// From `width * height * 4` bytes of straight RGBA.
    pub fn new(width: u32, height: u32, rgba: Vec<u8>) -> Pixels {
        assert_eq!(rgba.len() as u64, u64::from(width) * u64::from(height) * 4);
        Pixels(Image {
            width,
            height,
            rgba,
        })
    }

    /// The first picture of a file, upright and in sRGB.
    ///
    /// # Errors
    /// As [`crate::optimize`].
    pub fn decoded(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Pixels> {
        first_frame(bytes, limits, cancel).map(Pixels)
    }

    /// Cut and scaled.
    ///
    /// # Errors
    /// When the resizer refuses its input.
    pub fn resized(&self, style: &ResizeStyle) -> Result<Pixels> {
        resize::resized(&self.0, &style.place(self.0.width, self.0.height)).map(Pixels)
    }

    /// Its bytes.
    pub fn into_rgba(self) -> Vec<u8> {
        self.0.rgba
    }
}

/// An original, prepared to be compared with many results.
pub struct Reference(score::Reference<'static>);

impl Reference {
    /// Prepares a picture.
    ///
    /// # Errors
    /// When it is too small to be scored.
    pub fn new(original: &Pixels) -> Result<Reference> {
        score::Reference::new(&original.0).map(Reference)
    }

    /// The score of a result.
    ///
    /// # Errors
    /// When its size differs.
    pub fn score(&self, result: &Pixels) -> Result<Score> {
        self.0.score(&result.0)
    }
}
