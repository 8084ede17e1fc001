//! JPEG: coefficients transcoded without loss, or the picture compressed anew to a score.

mod coefficients;
mod facts;
mod huffman;
mod libjpeg;
mod markers;
mod scan;
mod script;
mod transcode;
mod verify;
mod write;

use whittle_core::{Cancel, Format, Limits, Recipe, ResizeStyle, Score};

use crate::colour::{Profile, ToSrgb, cmyk_to_srgb};
use crate::metadata::{Orientation, kept_exif};
use crate::pixels::{Image, check_size};
use crate::score::{Reference, worst_block};
use crate::search::lowest_reaching;
use crate::{Derivative, Encoded, Error, Info, Result};
use facts::Facts;
use libjpeg::{Chroma, Samples};
use markers::{Layout, Segment};

/// A lossy result must be smaller than the lossless one by this factor: a generation of loss is not
/// worth less.
const WORTH_LOSS: f64 = 0.95;

/// How far the worst block may lie below the target.
const BLOCK_ALLOWANCE: f64 = 12.0;

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
        // Pixels, a copy in sRGB, the scorer's pyramid and libjpeg's coefficients.
        peak_memory: pixels * 120 + bytes.len() as u64 * 4,
    })
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let layout = checked(bytes, &recipe.limits)?;
    let facts = Facts::read(bytes, &layout, &recipe.limits);
    let kept = facts.kept(recipe.metadata, &layout);

    let mut best = transcode::transcoded(bytes, &layout, &facts, &kept, recipe.effort, cancel)?
        .unwrap_or_else(|| bytes.to_vec());
    cancel.progress(0.3);
    let mut score = Score::IDENTICAL;

    let picture = match libjpeg::decode(bytes, cancel)? {
        Samples::Rgba(image) => Some(image),
        Samples::Cmyk { .. } => None,
    };
    if let (Some(image), Some(target)) = (&picture, recipe.target()) {
        let compression = Compression {
            image,
            to_srgb: facts.to_srgb(layout.components == 1),
            chroma: preferred_chroma(&layout),
            segments: &kept.segments,
        };
        // Measured against the smaller of the lossless result and the source.
        let limit = best.len().min(bytes.len()) as f64 * WORTH_LOSS;
        if let Some((made, made_score)) =
            compression.to_score(target, Some(limit as usize), cancel)?
        {
            let made = kept.finish(made, bytes, &layout);
            if (made.len() as f64) < limit {
                best = made;
                score = made_score;
            }
        }
    }
    cancel.progress(0.8);

    let derivatives = if recipe.styles.is_empty() {
        Vec::new()
    } else {
        derive(bytes, picture, &layout, &facts, recipe, cancel)?
    };
    let smaller = best.len() < bytes.len();
    let turns = facts.orientation.turns();
    let mut notes = facts.notes(&layout);
    notes.extend(kept.notes.iter().cloned());
    Ok(Encoded {
        format: Format::Jpeg,
        score: if smaller { score } else { Score::IDENTICAL },
        width: if turns { layout.height } else { layout.width },
        height: if turns { layout.width } else { layout.height },
        frames: 1,
        removed: if smaller { kept.removed } else { Vec::new() },
        notes,
        bytes: smaller.then_some(best),
        derivatives,
    })
}

/// The upright sRGB picture.
pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    let layout = checked(bytes, limits)?;
    let facts = Facts::read(bytes, &layout, limits);
    let image = match libjpeg::decode(bytes, cancel)? {
        Samples::Rgba(image) => facts.to_srgb(layout.components == 1).apply(&image),
        Samples::Cmyk {
            width,
            height,
            inks,
        } => shown_inks(width, height, inks, &layout, facts.profile.as_ref()),
    };
    Ok(facts.orientation.upright(image))
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

/// Colour sampling to try first: half, unless the picture is grey or small enough that every pixel
/// of an icon counts.
fn preferred_chroma(layout: &Layout) -> Chroma {
    if layout.components == 1 {
        Chroma::None
    } else {
        Chroma::Half
    }
}

/// A picture to be compressed to a score.
struct Compression<'a> {
    image: &'a Image,
    to_srgb: ToSrgb,
    chroma: Chroma,
    segments: &'a [Segment],
}

impl Compression<'_> {
    /// The smallest file found that reaches the target; `None` when none does, or none below `limit`
    /// bytes.
    fn to_score(
        &self,
        target: Score,
        limit: Option<usize>,
        cancel: &Cancel,
    ) -> Result<Option<(Vec<u8>, Score)>> {
        let original = self.to_srgb.apply(self.image);
        let reference = Reference::new(&original)?;
        cancel.check()?;
        let mut best = self.searched(self.chroma, target, limit, &reference, &original, cancel)?;
        // Half the colour resolution may not reach a high target at all, or only by wasting bytes
        // on everything else.
        let strained = best.as_ref().is_none_or(|best| best.quality >= 95);
        if self.chroma == Chroma::Half && strained {
            let limit = best.as_ref().map(|best| best.bytes.len()).or(limit);
            let full = self.searched(Chroma::Full, target, limit, &reference, &original, cancel)?;
            if let Some(full) = full
                && best
                    .as_ref()
                    .is_none_or(|best| full.bytes.len() < best.bytes.len())
            {
                best = Some(full);
            }
        }
        let Some(best) = best else { return Ok(None) };
        verify::same_as_decoded(&best.bytes, &best.decoded)?;
        Ok(Some((best.bytes, best.score)))
    }

    fn searched(
        &self,
        chroma: Chroma,
        target: Score,
        limit: Option<usize>,
        reference: &Reference,
        original: &Image,
        cancel: &Cancel,
    ) -> Result<Option<Compressed>> {
        let attempt = |quality: u32| -> Result<Compressed> {
            let bytes = libjpeg::encode(self.image, quality as u8, chroma, self.segments, cancel)?;
            let Samples::Rgba(decoded) = libjpeg::decode(&bytes, cancel)? else {
                return Err(Error::internal("a picture came back with other channels"));
            };
            let shown = self.to_srgb.apply(&decoded);
            let score = reference.score(&shown)?;
            Ok(Compressed {
                quality,
                bytes,
                decoded,
                shown,
                score,
            })
        };
        let found = lowest_reaching((1, 100), guessed_quality(target), target, |quality| {
            cancel.check()?;
            let made = attempt(quality)?;
            // More quality only makes it larger.
            let hopeless =
                made.score < target && limit.is_some_and(|limit| made.bytes.len() >= limit);
            let score = made.score;
            Ok((!hopeless).then_some((made, score)))
        })?;
        let Some(found) = found else { return Ok(None) };
        let mut best = found.made;
        // A mean hides local damage: raise the quality until no block is far worse.
        while worst_block(original, &best.shown)?.0 < target.0 - BLOCK_ALLOWANCE {
            cancel.check()?;
            if best.quality >= 99 || limit.is_some_and(|limit| best.bytes.len() >= limit) {
                return Ok(None);
            }
            best = attempt((best.quality + 2).min(100))?;
        }
        Ok(Some(best))
    }
}

/// One try of an encoder.
struct Compressed {
    quality: u32,
    bytes: Vec<u8>,
    /// In the picture's own colours.
    decoded: Image,
    /// In sRGB.
    shown: Image,
    score: Score,
}

/// The quality that reaches a score on a middling photograph: medians over the development corpus.
fn guessed_quality(target: Score) -> u32 {
    const POINTS: [(f64, f64); 8] = [
        (10.0, 8.0),
        (50.0, 38.0),
        (60.0, 52.0),
        (70.0, 68.0),
        (80.0, 84.0),
        (85.0, 90.0),
        (90.0, 94.0),
        (95.0, 98.0),
    ];
    let at = POINTS
        .iter()
        .position(|&(score, _)| target.0 <= score)
        .unwrap_or(POINTS.len() - 1)
        .max(1);
    let ((x0, y0), (x1, y1)) = (POINTS[at - 1], POINTS[at]);
    (y0 + (target.0 - x0) * (y1 - y0) / (x1 - x0)).round() as u32
}

/// One picture for each resize style, upright, in the original's colours.
fn derive(
    bytes: &[u8],
    picture: Option<Image>,
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
    let mut segments: Vec<Segment> = Vec::new();
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
    let grey = layout.components == 1;
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
                chroma: preferred_chroma(layout),
                segments: &segments,
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
        // A picture of few pixels may miss the target at every quality: the best there is, then.
        None => {
            let chroma = if compression.chroma == Chroma::None {
                Chroma::None
            } else {
                Chroma::Full
            };
            let bytes =
                libjpeg::encode(compression.image, 100, chroma, compression.segments, cancel)?;
            let Samples::Rgba(decoded) = libjpeg::decode(&bytes, cancel)? else {
                return Err(Error::internal("a picture came back with other channels"));
            };
            verify::same_as_decoded(&bytes, &decoded)?;
            let original = compression.to_srgb.apply(compression.image);
            let score = Reference::new(&original)?.score(&compression.to_srgb.apply(&decoded))?;
            (bytes, score)
        }
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
