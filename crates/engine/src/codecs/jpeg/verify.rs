//! Results are decoded again by code that did not write them.
//!
//! Our own writer is checked by libjpeg, coefficient by coefficient: that says more than pixels, at
//! less cost. What libjpeg decoded to be scored is checked by zune-jpeg, which shares no code with it.

use whittle_core::{Cancel, Format};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::libjpeg::{self, Samples};
use super::markers::Layout;
use crate::pixels::Opaque;
use crate::{Error, Result};

/// Two decoders may round differently, at most by a few steps on average.
const MEAN_DIFFERENCE: f64 = 2.0;

/// Below so many pixels a side, decoders differ by how they smooth halved colours.
const SMALL: u32 = 16;

/// Of so many rows one is kept of what the other decoder sees: some of every row of blocks, in a
/// quarter of the memory.
const EVERY: usize = 4;

/// An original's colours, as libjpeg sees them; none where it has inks.
///
/// Refuses one in which zune-jpeg sees another picture: what is junk to one reader is a picture to
/// another, so nothing can stand for both. Arithmetic coding and a sequential picture in several scans
/// are beyond zune-jpeg, which then cannot judge.
pub(super) fn seen_alike(
    original: &[u8],
    layout: &Layout,
    cancel: &Cancel,
) -> Result<Option<Opaque>> {
    if layout.components == 4 {
        return Ok(None);
    }
    // One after the other: each may need nine bytes a pixel, and both together twice as much.
    let thinned = Thinned::of(original);
    cancel.check()?;
    let Samples::Colours(seen) = libjpeg::decode(original, cancel)? else {
        return Err(Error::internal("colours came back as inks"));
    };
    let beyond = layout.frame >= 0xc9 || layout.frame < 0xc2 && layout.scans > 1;
    let alike = thinned.and_then(|thinned| {
        let mut comparison = Comparison::new(&thinned);
        for (y, row) in seen.rows().enumerate() {
            comparison.add(y, row);
        }
        comparison.alike((seen.width, seen.height))
    });
    match alike {
        Err(Error::VerificationFailed { reason }) if !beyond => {
            Err(Error::undecodable(Format::Jpeg, reason))
        }
        _ => Ok(Some(seen)),
    }
}

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

/// A result looks to zune-jpeg as the file that was scored does to libjpeg.
pub(super) fn same_as_scored(result: &[u8], scored: &[u8], cancel: &Cancel) -> Result<()> {
    let thinned = Thinned::of(result)?;
    let mut comparison = Comparison::new(&thinned);
    let shape = libjpeg::decode_rows(scored, cancel, |_, y, row| {
        comparison.add(y, row);
        Ok(())
    })?;
    comparison.alike((shape.width, shape.height))
}

/// Some rows of a picture as zune-jpeg sees it.
struct Thinned {
    width: usize,
    height: usize,
    /// 3, or 1 for greys.
    channels: usize,
    samples: Vec<u8>,
}

impl Thinned {
    fn of(file: &[u8]) -> Result<Thinned> {
        let options = DecoderOptions::default()
            .set_max_width(usize::MAX)
            .set_max_height(usize::MAX)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
        let mut samples = decoder
            .decode()
            .map_err(|error| Error::failed_check(format!("another decoder refuses it: {error}")))?;
        let info = decoder
            .info()
            .ok_or_else(|| Error::failed_check("it has no header"))?;
        let (width, height) = (usize::from(info.width), usize::from(info.height));
        let channels = samples.len() / (width * height).max(1);
        let line = width * channels;
        let kept = height.div_ceil(EVERY);
        for row in 1..kept {
            samples.copy_within(row * EVERY * line..(row * EVERY + 1) * line, row * line);
        }
        samples.truncate(kept * line);
        samples.shrink_to_fit();
        Ok(Thinned {
            width,
            height,
            channels,
            samples,
        })
    }
}

/// How far what libjpeg sees is from what zune-jpeg saw.
struct Comparison<'a> {
    thinned: &'a Thinned,
    difference: u64,
}

impl Comparison<'_> {
    fn new(thinned: &Thinned) -> Comparison<'_> {
        Comparison {
            thinned,
            difference: 0,
        }
    }

    /// Takes in row `y` of red, green and blue.
    fn add(&mut self, y: usize, row: &[u8]) {
        let Thinned {
            width,
            channels,
            samples,
            ..
        } = self.thinned;
        let line = width * channels;
        let place = y / EVERY * line;
        let Some(seen) = samples.get(place..place + line) else {
            return;
        };
        if y.is_multiple_of(EVERY) && *channels > 0 {
            self.difference += seen
                .chunks_exact(*channels)
                .zip(row.chunks_exact(3))
                .flat_map(|(a, b)| a.iter().zip(b))
                .map(|(a, b)| u64::from(a.abs_diff(*b)))
                .sum::<u64>();
        }
    }

    /// Fails when the picture of libjpeg, which has this size, is another one.
    fn alike(&self, (width, height): (u32, u32)) -> Result<()> {
        if (width as usize, height as usize) != (self.thinned.width, self.thinned.height) {
            return Err(Error::failed_check("its size changed"));
        }
        if width.min(height) < SMALL {
            return Ok(());
        }
        if self.difference as f64 / self.thinned.samples.len() as f64 > MEAN_DIFFERENCE {
            return Err(Error::failed_check("two decoders see different pictures"));
        }
        Ok(())
    }
}
