//! Single stages, for the project's benchmarks and fuzz targets: no part of the API, and with none of
//! its promises.

use whittle_core::{Cancel, Format, Limits, ResizeStyle, Score};

use crate::colour::Profile;
use crate::pixels::Image;
use crate::{Result, codecs, contained, first_frame, metadata, recognized, resize, score};

/// Reads an image in every way that its codec has, and all of its frames.
///
/// # Errors
/// As [`crate::optimize`].
pub fn read_every_way(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<()> {
    let cancel = cancel.with_limit(limits.time);
    contained(|| match recognized(bytes)? {
        Format::Jpeg => codecs::jpeg::read_every_way(bytes, limits, &cancel),
        Format::Png => codecs::png::read_every_way(bytes, limits, &cancel),
        Format::Gif => codecs::gif::frames(bytes, 0, usize::MAX, limits, &cancel).map(drop),
        Format::Svg | Format::Webp | Format::Avif => first_frame(bytes, limits, &cancel).map(drop),
    })
}

/// Reads bytes as each kind of metadata: Exif, XMP, IPTC, and a colour profile that is then used.
///
/// # Errors
/// When something inside crashed: unreadable metadata is no error.
pub fn read_metadata(bytes: &[u8], limits: &Limits) -> Result<()> {
    contained(|| {
        let exif = metadata::read_exif(bytes);
        metadata::write_exif(exif.orientation, &exif.rights);
        metadata::xmp_rights(bytes, limits);
        metadata::iptc_rights(bytes);
        let profile = Profile(bytes.to_vec());
        profile.name();
        let (width, height) = (2, 1);
        let colours = Image {
            width,
            height,
            rgba: vec![10, 200, 90, 255, 70, 70, 70, 128],
        };
        for grey in [false, true] {
            profile.to_srgb(grey).apply(&colours);
        }
        crate::colour::cmyk_to_srgb(width, height, &colours.rgba, Some(&profile));
        Ok(())
    })
}

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
