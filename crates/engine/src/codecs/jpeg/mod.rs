//! JPEG: coefficients transcoded without loss, or the picture compressed anew to a score.

mod coefficients;
mod compress;
mod facts;
mod huffman;
mod libjpeg;
mod markers;
mod planes;
mod quantize;
mod sample;
mod scan;
mod script;
mod transcode;
mod verify;
mod write;

use whittle_core::{Cancel, Effort, Format, Limits, Recipe, ResizeStyle, Score};

use crate::colour::{Profile, ToSrgb, cmyk_to_srgb};
use crate::metadata::{Orientation, kept_exif};
use crate::pixels::{Image, check_size};
use crate::{Derivative, Encoded, Error, Info, Result};
use compress::{Bounds, Compression};
use facts::Facts;
use libjpeg::Samples;
use markers::{Layout, Segment};
use quantize::Tuning;

/// A lossy result must be smaller than the lossless one by this factor: a generation of loss is not
/// worth less.
const WORTH_LOSS: f64 = 0.9;

/// No lossless result is as small as this part of a file, so that one need not be made to know.
const SURELY_WORTH_LOSS: f64 = 0.7;

/// How much coarser than those of the file the steps of a lossy result must be: less saves little,
/// and adds a generation of loss.
const WORTH_REQUANTIZING: f64 = 1.5;

/// The same for files that were made here. On the corpus, a second pass for the same score wants
/// steps 1.3 to 1.6 times as coarse, and 2.1 times where a block and not the mean set them.
const WORTH_ANOTHER_PASS: f64 = 2.5;

/// What derivatives aim at when nothing may be lost: their pixels are new, so some codec has to
/// round them.
const NEARLY_LOSSLESS: Score = Score(95.0);

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    let frame = markers::frame(bytes)?;
    check_size(frame.width, frame.height, limits)?;
    let turns = Facts::read(bytes, &frame, limits).orientation.turns();
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    let (width, height) = if turns {
        (frame.height, frame.width)
    } else {
        (frame.width, frame.height)
    };
    Ok(Info {
        format: Format::Jpeg,
        width,
        height,
        // The picture, its copy in sRGB, a result and its copy, and coefficients.
        peak_memory: pixels * 120 + bytes.len() as u64 * 4,
    })
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let layout = checked(bytes, &recipe.limits)?;
    let facts = Facts::read(bytes, &layout, &recipe.limits);
    let kept = facts.kept(recipe.metadata, &layout);

    let mut best: Option<(Vec<u8>, Score)> = None;
    let mut picture = None;
    if recipe.target().is_some() || !recipe.styles.is_empty() {
        picture = match libjpeg::decode(bytes, cancel)? {
            Samples::Rgba(image) => Some(image),
            Samples::Cmyk { .. } => None,
        };
    }
    // What the picture and all that stays with it take now.
    let removable: usize = layout
        .segments
        .iter()
        .map(|segment| segment.data.len())
        .sum();
    let kept_bytes: usize = kept.segments.iter().map(|segment| segment.data.len()).sum();
    let mut limit = (bytes.len() + kept_bytes)
        .saturating_sub(removable)
        .min(bytes.len());
    // A picture without a colour needs no components for it, and a profile for greys fits it.
    let grey = layout.components == 1
        || picture.as_ref().is_some_and(Image::is_grey) && facts.profile_fits_grey();
    if let Some(image) = &picture {
        verify::read_alike(bytes, image, &layout)?;
    }
    if let (Some(image), Some(target)) = (&picture, recipe.target()) {
        let mut segments = vec![transcode::jfif(&layout)];
        segments.extend_from_slice(&kept.segments);
        let compression = Compression {
            image,
            to_srgb: facts.to_srgb(grey),
            orientation: facts.orientation,
            grey,
            segments: &segments,
            effort: recipe.effort,
        };
        let bounds = Bounds {
            bytes: (limit as f64 * WORTH_LOSS) as usize,
            scale: layout.steps.as_ref().map_or(0.0, coarse_enough),
        };
        best = compression
            .to_score(target, Some(bounds), cancel)?
            .map(|(made, score)| (kept.finish(made, bytes, &layout), score));
        cancel.progress(0.6);
    }
    if best
        .as_ref()
        .is_none_or(|(made, _)| made.len() as f64 > limit as f64 * SURELY_WORTH_LOSS)
    {
        let lossless = transcode::transcoded(bytes, &layout, &kept, recipe.effort, cancel)?;
        limit = lossless.as_ref().map_or(limit, Vec::len).min(bytes.len());
        best = best
            .filter(|(made, _)| (made.len() as f64) < limit as f64 * WORTH_LOSS)
            .or(lossless.map(|made| (made, Score::IDENTICAL)));
    }
    cancel.progress(0.8);

    let derivatives = if recipe.styles.is_empty() {
        Vec::new()
    } else {
        derive(bytes, picture, grey, &layout, &facts, recipe, cancel)?
    };
    let best = best.filter(|(made, _)| made.len() < bytes.len());
    let turns = facts.orientation.turns();
    let mut notes = facts.notes(&layout);
    notes.extend(kept.notes.iter().cloned());
    Ok(Encoded {
        format: Format::Jpeg,
        score: best.as_ref().map_or(Score::IDENTICAL, |(_, score)| *score),
        width: if turns { layout.height } else { layout.width },
        height: if turns { layout.width } else { layout.height },
        frames: 1,
        removed: if best.is_some() {
            kept.removed
        } else {
            Vec::new()
        },
        notes,
        bytes: best.map(|(made, _)| made),
        derivatives,
    })
}

/// The scale from which on a file with these steps is worth quantizing anew.
fn coarse_enough(steps: &[u16; 64]) -> f64 {
    let factor = if Tuning::made(steps) {
        WORTH_ANOTHER_PASS
    } else {
        WORTH_REQUANTIZING
    };
    Tuning::scale_of(steps) * factor
}

/// The upright sRGB picture.
pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    let layout = checked(bytes, limits)?;
    let facts = Facts::read(bytes, &layout, limits);
    let image = match libjpeg::decode(bytes, cancel)? {
        Samples::Rgba(image) => {
            let grey = layout.components == 1 || image.is_grey() && facts.profile_fits_grey();
            facts.to_srgb(grey).apply(&image)
        }
        Samples::Cmyk {
            width,
            height,
            inks,
        } => shown_inks(width, height, inks, &layout, facts.profile.as_ref()),
    };
    Ok(facts.orientation.upright(image))
}

/// Reads a file in every way that there is: markers, pixels twice, coefficients.
pub(crate) fn read_every_way(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<()> {
    let layout = checked(bytes, limits)?;
    first_frame(bytes, limits, cancel)?;
    if let Samples::Rgba(image) = libjpeg::decode(bytes, cancel)? {
        verify::read_alike(bytes, &image, &layout)?;
    }
    libjpeg::stored(bytes, cancel)?
        .coefficients()?
        .fingerprint();
    Ok(())
}

/// A part of a picture as a file of its own that reaches the target: a first impression, for a
/// fraction of what the whole takes.
pub(crate) fn sampled(
    image: &Image,
    target: Score,
    cancel: &Cancel,
) -> Result<Option<(Vec<u8>, Score)>> {
    let compression = Compression {
        image,
        to_srgb: ToSrgb::Same,
        orientation: Orientation::UPRIGHT,
        grey: false,
        segments: &[],
        effort: Effort::Fast,
    };
    compression.to_score(target, None, cancel)
}

/// Walks over the markers and refuses what cannot be worked on, before anything is decoded.
fn checked(bytes: &[u8], limits: &Limits) -> Result<Layout> {
    let layout = markers::layout(bytes)?;
    if layout.width == 0 || layout.height == 0 {
        return Err(Error::undecodable(Format::Jpeg, "it has no pixels"));
    }
    check_size(layout.width, layout.height, limits)?;
    if layout.exotic() {
        return Err(Error::unsupported(
            Format::Jpeg,
            "This JPEG uses a rare kind of compression, so it is left as it is.",
        ));
    }
    if !layout.complete {
        return Err(Error::undecodable(
            Format::Jpeg,
            "it ends before its picture does",
        ));
    }
    Ok(layout)
}

/// One picture for each resize style, upright, in the original's colours.
fn derive(
    bytes: &[u8],
    picture: Option<Image>,
    grey: bool,
    layout: &Layout,
    facts: &Facts,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Vec<Derivative>> {
    let (image, profile) = match picture {
        Some(image) => (image, facts.profile.clone()),
        None => {
            let Samples::Cmyk {
                width,
                height,
                inks,
            } = libjpeg::decode(bytes, cancel)?
            else {
                return Err(Error::internal("a picture came back with other channels"));
            };
            let image = shown_inks(width, height, inks, layout, facts.profile.as_ref());
            (image, None)
        }
    };
    let image = facts.orientation.upright(image);
    let mut segments: Vec<Segment> = vec![transcode::jfif(layout)];
    let exif = match recipe.metadata {
        // The direction is in the pixels now, and the thumbnail shows another picture: what the
        // Exif block says is reduced to the rights even when everything else is kept.
        whittle_core::Metadata::Keep => kept_exif(
            whittle_core::Metadata::Copyright,
            None,
            Orientation::UPRIGHT,
            &facts.rights,
        ),
        policy => kept_exif(policy, None, Orientation::UPRIGHT, &facts.rights),
    };
    segments.extend(exif.and_then(|tiff| Segment::exif(&tiff)));
    segments.extend(profile.iter().flat_map(|profile| Segment::icc(&profile.0)));
    recipe
        .styles
        .iter()
        .map(|style| {
            let placement = style.place(image.width, image.height);
            let resized = crate::resize::resized(&image, &placement)?;
            let compression = Compression {
                image: &resized,
                to_srgb: profile
                    .as_ref()
                    .map_or(ToSrgb::Same, |profile| profile.to_srgb(grey)),
                orientation: Orientation::UPRIGHT,
                grey,
                segments: &segments,
                effort: recipe.effort,
            };
            derived(
                style,
                &compression,
                recipe.target().unwrap_or(NEARLY_LOSSLESS),
                cancel,
            )
        })
        .collect()
}

fn derived(
    style: &ResizeStyle,
    compression: &Compression<'_>,
    target: Score,
    cancel: &Cancel,
) -> Result<Derivative> {
    let (bytes, score) = match compression.to_score(target, None, cancel)? {
        Some(found) => found,
        None => compression.finest(cancel)?,
    };
    Ok(Derivative {
        style: style.name.clone(),
        strategy: style.strategy,
        width: compression.image.width,
        height: compression.image.height,
        bytes,
        score,
    })
}

/// Stored inks as an sRGB picture. Files with an Adobe marker store them inverted.
fn shown_inks(
    width: u32,
    height: u32,
    mut inks: Vec<u8>,
    layout: &Layout,
    profile: Option<&Profile>,
) -> Image {
    if layout.segment(markers::Kind::Adobe).is_some() {
        for ink in &mut inks {
            *ink = 255 - *ink;
        }
    }
    cmyk_to_srgb(width, height, &inks, profile)
}
