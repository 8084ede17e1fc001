//! Results are decoded again by code that did not write them.
//!
//! Our own writer is checked by libjpeg, coefficient by coefficient: that says more than pixels, at
//! less cost. What libjpeg decoded to be scored is checked by zune-jpeg, which shares no code with it.

use whittle_core::{Cancel, Format};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::libjpeg;
use super::markers::Layout;
use crate::pixels::Image;
use crate::{Error, Result};

/// Two decoders may round differently, at most by a few steps on average.
const MEAN_DIFFERENCE: f64 = 2.0;

/// Refuses an original in which zune-jpeg sees another picture than libjpeg: what is junk to one
/// reader is a picture to another, so nothing can stand for both.
///
/// Arithmetic coding and a sequential picture in several scans are beyond zune-jpeg, which then
/// cannot judge.
pub(super) fn read_alike(original: &[u8], seen: &Image, layout: &Layout) -> Result<()> {
    let beyond = layout.frame >= 0xc9 || layout.frame < 0xc2 && layout.scans > 1;
    match same_as_decoded(original, seen) {
        Err(Error::VerificationFailed { reason }) if !beyond => {
            Err(Error::undecodable(Format::Jpeg, reason))
        }
        _ => Ok(()),
    }
}

/// Below so many pixels a side, decoders differ by how they smooth halved colours.
const SMALL: u32 = 16;

/// The result holds the coefficients that `fingerprint` stands for, as libjpeg reads it.
pub(super) fn same_coefficients(result: &[u8], fingerprint: u128, cancel: &Cancel) -> Result<()> {
    let coefficients = libjpeg::stored(result, cancel)
        .and_then(|mut stored| Ok(stored.coefficients()?.fingerprint()));
    match coefficients {
        Ok(found) if found == fingerprint => Ok(()),
        Ok(_) => Err(Error::failed_check("its coefficients changed")),
        Err(Error::Undecodable { reason, .. }) => Err(Error::failed_check(reason)),
        Err(error) => Err(error),
    }
}

/// A result decodes to what libjpeg says it does.
pub(super) fn same_as_decoded(result: &[u8], expected: &Image) -> Result<()> {
    let options = DecoderOptions::default()
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(result), options);
    let pixels = decoder
        .decode()
        .map_err(|error| Error::failed_check(format!("another decoder refuses it: {error}")))?;
    let info = decoder
        .info()
        .ok_or_else(|| Error::failed_check("it has no header"))?;
    if (u32::from(info.width), u32::from(info.height)) != (expected.width, expected.height) {
        return Err(Error::failed_check("its size changed"));
    }
    if expected.width.min(expected.height) < SMALL {
        return Ok(());
    }
    let channels = pixels.len() / (expected.rgba.len() / 4);
    let difference: u64 = pixels
        .chunks_exact(channels)
        .zip(expected.rgba.chunks_exact(4))
        .map(|(a, b)| {
            (0..channels.min(3))
                .map(|c| u64::from(a[c].abs_diff(b[c])))
                .sum::<u64>()
        })
        .sum();
    if difference as f64 / pixels.len() as f64 > MEAN_DIFFERENCE {
        return Err(Error::failed_check("two decoders see different pictures"));
    }
    Ok(())
}
