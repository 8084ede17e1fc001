//! JPEG: coefficients transcoded without loss, or the picture compressed anew to a score.

mod coefficients;
mod compress;
mod facts;
mod huffman;
mod libjpeg;
mod markers;
mod plain;
mod planes;
mod quantize;
mod sample;
mod scan;
mod script;
mod transcode;
mod verify;
mod write;

use whittle_core::{Cancel, Effort, Format, Limits, Recipe, Score, Way};

use crate::colour::{Profile, RowsToSrgb, ToSrgb, cmyk_to_srgb};
use crate::metadata::{Orientation, kept_exif};
use crate::pixels::{Image, Opaque, check_size};
use crate::{Derivative, Encoded, Error, Info, Result, Trials, light, resize};
use compress::{Bounds, Chosen, Compression};
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
const WORTH_REQUANTIZING: f64 = 1.2;

/// The same for files that were made here. On the corpus, a second pass for the same score wants
/// steps 1.3 to 1.6 times as coarse, and 2.1 times where a block and not the mean set them.
const WORTH_ANOTHER_PASS: f64 = 2.5;

/// What derivatives aim at when nothing may be lost: their pixels are new, so some codec has to
/// round them.
const NEARLY_LOSSLESS: Score = Score(95.0);

/// A file that somebody else made of another one, with what the policy keeps of that one's metadata. What
/// it shows stays as it is, byte for byte.
pub(crate) fn with_metadata_of(
    original: &[u8],
    made: Vec<u8>,
    policy: whittle_core::Metadata,
    limits: &Limits,
) -> Result<Vec<u8>> {
    let (before, after) = (checked(original, limits)?, checked(&made, limits)?);
    let theirs = Facts::read(&made, &after, limits);
    let ours = Facts::read(original, &before, limits);
    let Some(segments) = ours.carried(&before, (&theirs, &after), policy) else {
        return Ok(made);
    };
    let end = after.end.unwrap_or(made.len());
    markers::with_metadata(&made[..end], &segments)
        .ok_or_else(|| Error::failed_check("its parts are in disorder"))
}

/// What of the metadata can be taken away, in words.
pub(crate) fn removable(bytes: &[u8], limits: &Limits) -> Result<Vec<String>> {
    let layout = checked(bytes, limits)?;
    let facts = Facts::read(bytes, &layout, limits);
    Ok(facts.kept(whittle_core::Metadata::Strip, &layout).removed)
}

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
        peak_memory: pixels * pixel_memory(frame.components) + bytes.len() as u64 * 3 + (16 << 20),
    })
}

/// Bytes for each pixel at the peak. Coefficients of a component without reduced resolution take two, their masks
/// a half; a result is scored with the picture, its copy in sRGB and itself in memory, three each.
/// Derivatives of nearly the same size come on top of the picture.
fn pixel_memory(components: u8) -> u64 {
    match components {
        4 => 15,
        _ => 12,
    }
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let layout = checked(bytes, &recipe.limits)?;
    let facts = Facts::read(bytes, &layout, &recipe.limits);
    let kept = facts.kept(recipe.metadata, &layout);

    let picture = if recipe.target().is_some() || !recipe.styles.is_empty() {
        verify::seen_alike(bytes, &layout, cancel)?
    } else {
        None
    };
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
        || picture.as_ref().is_some_and(Opaque::is_grey) && facts.profile_fits_grey();
    // The picture is given back here: what follows needs as much for coefficients.
    let mut trials = Trials::default();
    let chosen = match (picture, recipe.target()) {
        (Some(image), Some(target)) => {
            let bounds = Bounds {
                bytes: (limit as f64 * WORTH_LOSS) as usize,
                scale: layout.steps.as_ref().map_or(0.0, coarse_enough),
            };
            Compression {
                image: &image,
                to_srgb: RowsToSrgb::of(&facts.to_srgb(grey)),
                orientation: facts.orientation,
                grey,
            }
            .to_score(target, Some(bounds), &mut trials, cancel)?
        }
        _ => None,
    };
    let mut best: Option<(Vec<u8>, Score)> = None;
    if let Some(chosen) = chosen {
        let mut segments = vec![transcode::jfif(&layout)];
        segments.extend_from_slice(&kept.segments);
        let made = chosen.finished(&segments, recipe.effort, cancel)?;
        let made = kept.finish(made, bytes, &layout);
        trials.finished(made.len(), chosen.score);
        best = Some((made, chosen.score));
    }
    cancel.progress(0.6);
    if best
        .as_ref()
        .is_none_or(|(made, _)| made.len() as f64 > limit as f64 * SURELY_WORTH_LOSS)
    {
        let lossless = transcode::transcoded(bytes, &layout, &kept, recipe.effort, cancel)?;
        if let Some(made) = &lossless {
            trials.made(Way::Packed, made.len(), Score::IDENTICAL);
        }
        limit = lossless.as_ref().map_or(limit, Vec::len).min(bytes.len());
        best = best
            .filter(|(made, _)| (made.len() as f64) < limit as f64 * WORTH_LOSS)
            .or(lossless.map(|made| (made, Score::IDENTICAL)));
    }
    cancel.progress(0.8);

    let derivatives = if recipe.styles.is_empty() {
        Vec::new()
    } else {
        derive(bytes, grey, &layout, &facts, recipe, cancel)?
    };
    let best = best.filter(|(made, _)| made.len() < bytes.len());
    let turns = facts.orientation.turns();
    let mut notes = facts.notes(&layout);
    notes.extend(kept.notes.iter().cloned());
    let score = best.as_ref().map_or(Score::IDENTICAL, |(_, score)| *score);
    Ok(Encoded {
        format: Format::Jpeg,
        score,
        width: if turns { layout.height } else { layout.width },
        height: if turns { layout.width } else { layout.height },
        frames: 1,
        removed: if best.is_some() {
            kept.removed
        } else {
            Vec::new()
        },
        notes,
        tried: trials.judged(best.as_ref().map(|(made, _)| made.as_slice()), score),
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
    let (mut image, profile) = colours(bytes, &layout, &facts, cancel)?;
    if let Some(profile) = profile {
        let grey = layout.components == 1 || image.is_grey() && facts.profile_fits_grey();
        RowsToSrgb::of(&profile.to_srgb(grey)).apply(&mut image);
    }
    Ok(facts.orientation.upright_opaque(image).image())
}

/// The picture as stored, with the profile that its colours are meant by. Inks become sRGB.
fn colours<'f>(
    bytes: &[u8],
    layout: &Layout,
    facts: &'f Facts,
    cancel: &Cancel,
) -> Result<(Opaque, Option<&'f Profile>)> {
    Ok(match libjpeg::decode(bytes, cancel)? {
        Samples::Colours(image) => (image, facts.profile.as_ref()),
        Samples::Inks {
            width,
            height,
            inks,
        } => {
            let shown = shown_inks(width, height, inks, layout, facts.profile.as_ref());
            (Opaque::colours_of(&shown), None)
        }
    })
}

/// Reads a file in every way that there is: markers, pixels twice, coefficients.
pub(crate) fn read_every_way(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<()> {
    let layout = checked(bytes, limits)?;
    first_frame(bytes, limits, cancel)?;
    verify::seen_alike(bytes, &layout, cancel)?;
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
        image: &Opaque::colours_of(image),
        to_srgb: RowsToSrgb::Same,
        orientation: Orientation::UPRIGHT,
        grey: false,
    };
    let Some(chosen) = compression.to_score(target, None, &mut Trials::default(), cancel)? else {
        return Ok(None);
    };
    let file = chosen.finished(&[], Effort::Fast, cancel)?;
    Ok(Some((file, chosen.score)))
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
        return Err(Error::undecodable(Format::Jpeg, "it ends too early"));
    }
    Ok(layout)
}

/// One picture for each resize style, upright, in the original's colours.
fn derive(
    bytes: &[u8],
    grey: bool,
    layout: &Layout,
    facts: &Facts,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Vec<Derivative>> {
    let (image, profile) = colours(bytes, layout, facts, cancel)?;
    let image = facts.orientation.upright_opaque(image);
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
    segments.extend(
        profile
            .into_iter()
            .flat_map(|profile| Segment::icc(&profile.0)),
    );
    let to_srgb = profile.map_or(ToSrgb::Same, |profile| profile.to_srgb(grey));
    let own_light = to_srgb.light();
    let light = own_light.as_ref().unwrap_or_else(|| light::srgb());
    recipe
        .styles
        .iter()
        .map(|style| {
            let placement = style.place(image.width, image.height);
            // The resized picture is given back before its coefficients are read.
            let chosen = {
                let resized = resize::resized_opaque(light, &image, &placement)?;
                let compression = Compression {
                    image: &resized,
                    to_srgb: RowsToSrgb::of(&to_srgb),
                    orientation: Orientation::UPRIGHT,
                    grey,
                };
                derived(
                    &compression,
                    recipe.target().unwrap_or(NEARLY_LOSSLESS),
                    cancel,
                )?
            };
            Ok(Derivative {
                style: style.name.clone(),
                strategy: style.strategy,
                width: placement.width,
                height: placement.height,
                bytes: chosen.finished(&segments, recipe.effort, cancel)?,
                score: chosen.score,
            })
        })
        .collect()
}

fn derived(compression: &Compression<'_>, target: Score, cancel: &Cancel) -> Result<Chosen> {
    match compression.to_score(target, None, &mut Trials::default(), cancel)? {
        Some(chosen) => Ok(chosen),
        None => compression.finest(cancel),
    }
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
