//! The image engine: bytes in, smaller bytes out.
//!
//! [`optimize`] takes the bytes of a JPEG, PNG, GIF or SVG and a [`Recipe`], and gives the smallest
//! file that keeps the recipe's promise, with derivatives in other sizes when the recipe asks for
//! them. Every result was decoded again and compared with its original before it is given away.
//!
//! ```
//! use whittle_engine::{Cancel, Format, Recipe, optimize};
//!
//! let drawing = br#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">
//!     <!-- drawn by hand -->
//!     <rect x="10.000" y="10.000" width="20.000" height="20.000" fill="red"/>
//! </svg>"#;
//!
//! let encoded = optimize(drawing, &Recipe::default(), &Cancel::new())?;
//! assert_eq!(encoded.format, Format::Svg);
//! assert_eq!((encoded.width, encoded.height), (40, 40));
//! // `None` would mean that nothing smaller looks the same: keep what you have.
//! let smaller = encoded.bytes.expect("a comment can go");
//! assert!(smaller.len() < drawing.len());
//! # Ok::<(), whittle_engine::Error>(())
//! ```
//!
//! # Recipes
//!
//! A recipe has no optional parts: what is not named is the default.
//!
//! ```
//! use whittle_engine::{Effort, Level, Limits, Metadata, Mode, Recipe};
//!
//! let recipe = Recipe {
//!     mode: Mode::Lossy,
//!     level: Level::new(70).expect("1 to 100"),
//!     styles: vec!["thumb:fit:320x240".parse().expect("name:strategy:size")],
//!     metadata: Metadata::Strip,
//!     effort: Effort::Max,
//!     limits: Limits { pixels: 50_000_000, ..Limits::default() },
//! };
//! assert_eq!(recipe.target().map(|score| score.0), Some(70.0));
//! ```
//!
//! # Untrusted input
//!
//! The engine never opens a file or a connection, keeps no state and starts no thread that outlives
//! a call. Everything it decodes is untrusted: sizes are checked against [`Limits`] before memory is
//! taken, every loop asks the [`Cancel`] token, and a panic in a codec becomes an [`Error`] of that
//! one image. Nested SVGs are refused below a depth that fits a stack of 8 MiB: call the engine from
//! a thread that has as much.
//!
//! ```
//! use whittle_engine::{Cancel, ErrorCode, Limits, Recipe, inspect, optimize};
//!
//! let error = optimize(b"no image", &Recipe::default(), &Cancel::new()).unwrap_err();
//! assert_eq!(error.code(), ErrorCode::NotAnImage);
//! assert_eq!(error.to_string(), "This is not an image that Whittle knows.");
//!
//! let huge = b"GIF89a\xff\xff\xff\xff\0\0\0";
//! let limits = Limits { pixels: 1_000_000, ..Limits::default() };
//! assert_eq!(inspect(huge, &limits).unwrap_err().code(), ErrorCode::TooManyPixels);
//! ```
//!
//! # Progress and cancelling
//!
//! Clones of a [`Cancel`] share their state: give one to [`optimize`], keep the other, and from
//! another thread ask it how far the work is or tell it to stop.
//!
//! ```
//! use whittle_engine::{Cancel, ErrorCode, Recipe, optimize};
//!
//! let cancel = Cancel::new();
//! cancel.cancel();
//! let drawing = br#"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>"#;
//! let stopped = optimize(drawing, &Recipe::default(), &cancel).unwrap_err();
//! assert_eq!(stopped.code(), ErrorCode::Cancelled);
//! assert!(cancel.done() < 1.0);
//! ```

mod accept;
mod codecs;
mod colour;
mod detect;
mod encoded;
mod error;
mod heat;
mod light;
mod metadata;
mod picture;
mod pixels;
mod quantize;
mod resize;
mod score;
mod search;
#[doc(hidden)]
pub mod stages;

pub use accept::{Foreign, accepted};
pub use detect::detect;
pub(crate) use encoded::Trials;
pub use encoded::{Derivative, Encoded};
pub use error::{Error, Result};
pub use picture::{Picture, Sample, View};
// The words of the API, so that whoever uses the engine needs no other crate.
pub use whittle_core::{
    Cancel, Cancelled, Effort, ErrorCode, Format, Level, Limits, Metadata, Mode, OutOfRange,
    Recipe, ResizeStyle, Score, Strategy, StyleError,
};

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an image is, told by its headers without decoding its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// What the content is.
    pub format: Format,
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// Bytes of memory that optimizing it may take at its peak, for planning.
    pub peak_memory: u64,
}

/// Makes an image smaller as the recipe says, with its derivatives.
///
/// `Encoded::bytes` is `None` when nothing smaller keeps the recipe's promise. Every result was
/// decoded again and compared with the original.
///
/// # Errors
/// A reason that concerns this image alone: see [`Error`].
pub fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let cancel = cancel.with_limit(recipe.limits.time);
    contained(|| match recognized(bytes)? {
        Format::Jpeg => codecs::jpeg::optimize(bytes, recipe, &cancel),
        Format::Png => codecs::png::optimize(bytes, recipe, &cancel),
        Format::Gif => codecs::gif::optimize(bytes, recipe, &cancel),
        Format::Svg => codecs::svg::optimize(bytes, recipe, &cancel),
        format @ (Format::Webp | Format::Avif) => Err(not_yet(format)),
    })
}

/// Tells what an image is from its headers.
///
/// # Errors
/// When the bytes are no image, or one whose size is over the limits.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    contained(|| match recognized(bytes)? {
        Format::Jpeg => codecs::jpeg::inspect(bytes, limits),
        Format::Png => codecs::png::inspect(bytes, limits),
        Format::Gif => codecs::gif::inspect(bytes, limits),
        Format::Svg => codecs::svg::inspect(bytes, limits),
        format @ (Format::Webp | Format::Avif) => Err(not_yet(format)),
    })
}

/// A small upright sRGB picture as a PNG, at most `side` pixels wide and high; the first frame of
/// an animation.
///
/// # Errors
/// As [`optimize`].
pub fn thumbnail(bytes: &[u8], side: u32, limits: &Limits, cancel: &Cancel) -> Result<Vec<u8>> {
    let cancel = cancel.with_limit(limits.time);
    contained(|| {
        let small = resize::fitted(&first_frame(bytes, limits, &cancel)?, side)?;
        codecs::png::written(&small)
    })
}

/// The score of one image against another of the same size, whatever their formats, both upright
/// and in sRGB. Of two GIF animations with the same timing it is the mean over their frames; of
/// other animations it is the first picture's.
///
/// # Errors
/// When either cannot be decoded, or their sizes differ.
pub fn score(original: &[u8], result: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Score> {
    let cancel = cancel.with_limit(limits.time);
    contained(|| {
        if recognized(original)? == Format::Gif && recognized(result)? == Format::Gif {
            return Ok(codecs::gif::compared(original, result, limits, &cancel)?.mean());
        }
        let original = first_frame(original, limits, &cancel)?;
        let result = first_frame(result, limits, &cancel)?;
        score::Reference::of(&original).score(&result)
    })
}

fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<pixels::Image> {
    match recognized(bytes)? {
        Format::Jpeg => codecs::jpeg::first_frame(bytes, limits, cancel),
        Format::Png => codecs::png::first_frame(bytes, limits, cancel),
        Format::Gif => codecs::gif::first_frame(bytes, limits, cancel),
        Format::Svg => codecs::svg::first_frame(bytes, limits, cancel),
        format @ (Format::Webp | Format::Avif) => Err(not_yet(format)),
    }
}

fn recognized(bytes: &[u8]) -> Result<Format> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    detect(bytes).ok_or(Error::NotAnImage)
}

fn not_yet(format: Format) -> Error {
    Error::unsupported(format, format!("Whittle does not optimize {format} yet."))
}

/// Turns a panic of a codec into an error of this one image.
fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a codec crashed".to_owned());
        Err(Error::internal(reason))
    })
}
