//! PNG: packed better without loss, or reduced as far as keeps a score.

mod chunks;
mod decode;
mod derive;
mod lossy;
mod made;
mod pack;
mod verify;

use std::borrow::Cow;

use oxipng::{Options, StripChunks};
use whittle_core::{Cancel, Effort, Format, Limits, Metadata, Recipe, Score, Way};

use crate::colour::ToSrgb;
use crate::pixels::{Image, check_size};
use crate::{Encoded, Error, Info, Result, Trials};
use chunks::Chunks;
use decode::Frames;
use derive::{derived, derived_animation};
use lossy::{OwnedChunk, Reduced, Reduction};
use pack::{Packing, Space, packed};
use verify::{same_pictures, same_size};

/// A lossy result must be smaller than the lossless one by this factor.
const WORTH_LOSS: f64 = 0.95;

/// What has been reduced before must become smaller by this factor without loss to be written again.
const WORTH_AGAIN: f64 = 0.98;

/// Where a loss was asked for, a file that becomes smaller by fewer bytes is small enough: it may be
/// too small to tell whether it has been reduced before.
const LEAST_GAIN: usize = 64;

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    // The header is the first chunk, always at the same place.
    let header = bytes
        .get(16..24)
        .ok_or_else(|| Error::undecodable(Format::Png, "it ends too early"))?;
    let long = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let (width, height) = (long(0), long(4));
    let depth = bytes.get(24).copied().unwrap_or(8);
    check_size(width, height, limits)?;
    let (width, height) = if chunks::orientation(bytes).turns() {
        (height, width)
    } else {
        (width, height)
    };
    Ok(Info {
        format: Format::Png,
        width,
        height,
        // Measured: the picture, what it is compared with, and filtered rows or the next attempt;
        // oxipng holds several copies of 16-bit samples. The matches of a stretch are at most so many beside.
        peak_memory: u64::from(width) * u64::from(height) * if depth == 16 { 48 } else { 14 }
            + bytes.len() as u64 * 3
            + (64 << 20),
    })
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let limits = &recipe.limits;
    let mut chunks = checked(bytes, limits)?;
    if recipe.metadata != Metadata::Keep {
        chunks.shorten_colour(limits);
    }
    let (kept, removed) = chunks.kept(recipe.metadata);
    let facts = Facts::read(&kept, limits)?;
    cancel.check()?;

    let mut picture = if chunks.animated {
        None
    } else {
        Some(decoded(&kept, limits)?)
    };
    let alpha = picture.as_ref().is_some_and(Image::has_alpha);
    let packing = Packing {
        effort: recipe.effort,
        space: chunks.space(facts.grey),
        // With a palette it is known again as reduced.
        indexed: facts.indexed && recipe.target().is_some(),
        cancel,
    };
    let to_srgb = chunks.to_srgb(facts.grey, limits);
    // What no score can judge is only packed, and so is what has been reduced before: a palette is
    // a choice of few colours, and to choose again from these would go on at every run.
    let gaps = picture.is_some() && made::has_gaps(&chunks, cancel)?;
    let target = recipe
        .target()
        .filter(|_| !chunks.is_hdr() && !facts.indexed && !gaps);
    let mut trials = Trials::default();
    let mut reduced = None;
    if let (Some(image), Some(target)) = (&picture, target) {
        let reduction = Reduction {
            image,
            to_srgb: &to_srgb,
            sixteen: facts.sixteen,
            chunks: &carried(&kept, limits)?,
            packing,
        };
        reduced = reduction.to_score(target)?;
        if let Some(made) = &reduced {
            trials.made(Way::Reduced, made.bytes.len(), made.score);
            same_size(&made.bytes, image, limits)?;
        }
    }
    cancel.progress(0.6);
    // A loss is worth it where it makes a difference; that is seen at once where it is large.
    let worth = |made: &Reduced, lossless: usize| {
        (made.bytes.len() as f64) < lossless.min(bytes.len()) as f64 * WORTH_LOSS
    };
    let (best, score) = match reduced {
        Some(made) if worth(&made, made.lossless_at_least) => (made.bytes, made.score),
        other => {
            let lossless = match picture.take() {
                Some(image) if !facts.sixteen && recipe.metadata != Metadata::Keep => {
                    let image = Cow::Owned(image);
                    let made = packed(image, packing)?.file(&carried(&kept, limits)?);
                    if made.len() < kept.len() {
                        made
                    } else {
                        kept.clone()
                    }
                }
                // oxipng knows 16 bits, animations, and the hints that depend on the form.
                _ => recompressed(&kept, recipe.effort, limits, cancel)?,
            };
            same_pictures(bytes, &lossless, limits, cancel)?;
            trials.made(Way::Packed, lossless.len(), Score::IDENTICAL);
            match other {
                Some(made) if worth(&made, lossless.len()) => (made.bytes, made.score),
                _ => (lossless, Score::IDENTICAL),
            }
        }
    };
    cancel.progress(0.8);

    if picture.is_none() && !chunks.animated && !recipe.styles.is_empty() {
        // It was let go when it was packed, which takes as much memory.
        picture = Some(decoded(&kept, limits)?);
    }
    let derivatives = recipe
        .styles
        .iter()
        .map(|style| match &picture {
            Some(image) => derived(style, image, &chunks, &facts, recipe, cancel),
            None => derived_animation(style, &kept, &chunks, recipe, cancel),
        })
        .collect::<Result<_>>()?;
    // Where a loss was asked for, what may have lost before is not written again for next to nothing: its rows were chosen
    // together with the loss, and other filters may suit them by chance. A palette is packed as it was when it was made.
    let smaller = if recipe.target().is_none() || !removed.is_empty() || facts.indexed {
        best.len() < bytes.len()
    } else {
        let needed = if gaps { WORTH_AGAIN } else { 1.0 };
        (best.len() + LEAST_GAIN) as f64 <= bytes.len() as f64 * needed
    };
    let (width, height) = turned(&chunks);
    Ok(Encoded {
        format: Format::Png,
        score: if smaller { score } else { Score::IDENTICAL },
        width,
        height,
        frames: facts.frames,
        removed: if smaller { removed } else { Vec::new() },
        notes: facts.notes(&chunks, alpha, limits),
        tried: trials.judged(smaller.then_some(best.as_slice()), score),
        bytes: smaller.then_some(best),
        derivatives,
    })
}

/// The upright sRGB picture; the first of an animation.
pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    let chunks = checked(bytes, limits)?;
    let (kept, _) = chunks.kept(Metadata::Strip);
    cancel.check()?;
    let facts = Facts::read(&kept, limits)?;
    let image = decoded(&kept, limits)?;
    let shown = chunks.to_srgb(facts.grey, limits).apply(&image);
    Ok(chunks.orientation.upright(shown))
}

/// Reads a file in every way that there is: chunks, the picture, all frames.
pub(crate) fn read_every_way(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<()> {
    first_frame(bytes, limits, cancel)?;
    same_pictures(bytes, bytes, limits, cancel)
}

/// Whether two files hold the same pictures, sample by sample, for the same times.
///
/// # Errors
/// When either cannot be read.
pub(crate) fn has_same_pictures(
    original: &[u8],
    result: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<bool> {
    match same_pictures(original, result, limits, cancel) {
        Ok(()) => Ok(true),
        Err(Error::VerificationFailed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether there is more than one picture.
pub(crate) fn is_animated(bytes: &[u8], limits: &Limits) -> Result<bool> {
    Ok(checked(bytes, limits)?.animated)
}

/// Pictures of an animation; 1 for a still picture.
pub(crate) fn frame_count(bytes: &[u8], limits: &Limits) -> Result<u32> {
    Ok(Facts::read(bytes, limits)?.frames)
}

/// A file that somebody else made of another one, with what the policy keeps of that one's metadata.
pub(crate) fn with_metadata_of(
    original: &[u8],
    made: &[u8],
    policy: Metadata,
    limits: &Limits,
) -> Result<Vec<u8>> {
    let (before, after) = (checked(original, limits)?, checked(made, limits)?);
    Ok(after.with_metadata_of(&before, policy))
}

/// What of the metadata this policy takes away, in words.
pub(crate) fn removable(bytes: &[u8], policy: Metadata, limits: &Limits) -> Result<Vec<String>> {
    Ok(checked(bytes, limits)?.kept(policy).1)
}

/// A part of a picture as a file of its own that reaches the target: a first impression, for a
/// fraction of what the whole takes.
pub(crate) fn sampled(
    image: &Image,
    target: Score,
    cancel: &Cancel,
) -> Result<Option<(Vec<u8>, Score)>> {
    let reduction = Reduction {
        image,
        to_srgb: &ToSrgb::Same,
        sixteen: false,
        chunks: &[],
        packing: Packing {
            effort: Effort::Fast,
            space: Space::Any,
            indexed: false,
            cancel,
        },
    };
    let reduced = reduction.to_score(target)?;
    Ok(reduced.map(|made| (made.bytes, made.score)))
}

/// A picture as a PNG file, quickly.
pub(crate) fn written(image: &Image) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, image.width, image.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(Error::internal)?;
    writer
        .write_image_data(&image.rgba)
        .map_err(Error::internal)?;
    writer.finish().map_err(Error::internal)?;
    Ok(file)
}

fn checked<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Chunks<'a>> {
    // Sizes first: a bomb need not have valid chunks.
    inspect(bytes, limits)?;
    let chunks = chunks::read(bytes, limits)?;
    if chunks.width == 0 || chunks.height == 0 {
        return Err(Error::undecodable(Format::Png, "it has no pixels"));
    }
    Ok(chunks)
}

fn turned(chunks: &Chunks<'_>) -> (u32, u32) {
    if chunks.orientation.turns() {
        (chunks.height, chunks.width)
    } else {
        (chunks.width, chunks.height)
    }
}

/// What the decoder says about a file.
struct Facts {
    grey: bool,
    indexed: bool,
    sixteen: bool,
    frames: u32,
}

impl Facts {
    fn read(bytes: &[u8], limits: &Limits) -> Result<Facts> {
        let frames = Frames::open(bytes, limits)?;
        Ok(Facts {
            grey: frames.grey,
            indexed: frames.indexed,
            sixteen: frames.sixteen(),
            frames: frames.count,
        })
    }

    fn notes(&self, chunks: &Chunks<'_>, alpha: bool, limits: &Limits) -> Vec<String> {
        let mut notes = Vec::new();
        if alpha {
            notes.push("alpha".into());
        }
        if let Some(profile) = chunks.profile(limits) {
            notes.push(match profile.name() {
                Some(name) => format!("{name} kept"),
                None => "colour profile kept".into(),
            });
        } else if chunks.find(b"cICP").is_some() {
            notes.push("colour space kept".into());
        }
        if self.sixteen {
            notes.push("16 bit".into());
        }
        notes
    }
}

/// The first stored frame, rounded to 8 bits.
fn decoded(bytes: &[u8], limits: &Limits) -> Result<Image> {
    let mut frames = Frames::open(bytes, limits)?;
    let (width, height) = frames.size();
    let frame = frames
        .next()?
        .ok_or_else(|| Error::undecodable(Format::Png, "it has no pixels"))?;
    Ok(Image {
        width,
        height,
        rgba: frame.pixels.eight(),
    })
}

/// The same pixels, packed better.
fn recompressed(bytes: &[u8], effort: Effort, limits: &Limits, cancel: &Cancel) -> Result<Vec<u8>> {
    let options = options(effort, cancel, limits);
    match oxipng::optimize_from_memory(bytes, &options) {
        Ok(made) => Ok(made),
        // What it refuses but others read is left as it is.
        Err(error) => {
            tracing::debug!(%error, "oxipng refuses a file");
            Ok(bytes.to_vec())
        }
    }
}

fn options(effort: Effort, cancel: &Cancel, limits: &Limits) -> Options {
    let mut options = Options::from_preset(match effort {
        Effort::Fast => 1,
        Effort::Default => 4,
        Effort::Max => 6,
    });
    // Every chunk that is still there stays, but an sRGB profile may become an sRGB chunk.
    options.strip = StripChunks::Strip(Default::default());
    options.optimize_alpha = true;
    options.timeout = cancel.time_left();
    options.max_decompressed_size = Some(
        usize::try_from(limits.pixels.saturating_mul(8))
            .unwrap_or(usize::MAX)
            .max(limits.inflated_bytes),
    );
    options
}

/// The optional chunks of a file that was reduced to what stays.
fn carried(kept: &[u8], limits: &Limits) -> Result<Vec<OwnedChunk>> {
    Ok(chunks::read(kept, limits)?
        .optional()
        .map(|chunk| (chunk.name, chunk.data.to_vec()))
        .collect())
}

#[cfg(test)]
mod tests;
