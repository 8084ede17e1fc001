//! PNG: packed better without loss, or reduced to a palette that keeps a score.

mod chunks;
mod decode;
mod lossy;
mod pack;

use oxipng::{Options, StripChunks};
use whittle_core::{
    Cancel, Effort, Format, Limits, Metadata, Placement, Recipe, ResizeStyle, Score,
};

use crate::colour::ToSrgb;
use crate::pixels::{Image, check_size};
use crate::{Derivative, Encoded, Error, Info, Result, resize};
use chunks::Chunks;
use decode::{Frames, composed};
use lossy::{OwnedChunk, Reduction};
use pack::{Packing, Space, packed};

/// A lossy result must be smaller than the lossless one by this factor.
const WORTH_LOSS: f64 = 0.95;

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    // The header is the first chunk, always at the same place.
    let header = bytes
        .get(16..24)
        .ok_or_else(|| Error::undecodable(Format::Png, "it ends too early"))?;
    let long = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let (width, height) = (long(0), long(4));
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
        // Pixels, a copy in sRGB, the scorer's pyramid, oxipng's filtered attempts.
        peak_memory: u64::from(width) * u64::from(height) * 130 + bytes.len() as u64 * 3,
    })
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let limits = &recipe.limits;
    let chunks = checked(bytes, limits)?;
    let (kept, removed) = chunks.kept(recipe.metadata);
    let facts = Facts::read(&kept, limits)?;
    cancel.check()?;

    let picture = if chunks.animated {
        None
    } else {
        Some(decoded(&kept, limits)?)
    };
    let packing = Packing {
        effort: recipe.effort,
        space: chunks.space(facts.grey),
        cancel,
    };
    let mut best = match &picture {
        Some(image) if !facts.sixteen && recipe.metadata != Metadata::Keep => {
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
    same_pictures(bytes, &best, limits, cancel)?;
    cancel.progress(0.4);
    let mut score = Score::IDENTICAL;

    // What no score can judge is only packed.
    let target = recipe.target().filter(|_| !chunks.is_hdr());
    if let (Some(image), Some(target)) = (&picture, target) {
        let limit = best.len().min(bytes.len()) as f64 * WORTH_LOSS;
        let extra = carried(&kept, limits)?;
        let reduction = Reduction {
            image,
            to_srgb: chunks.to_srgb(facts.grey, limits),
            sixteen: facts.sixteen,
            chunks: &extra,
            packing,
        };
        if let Some((made, made_score)) = reduction.to_score(target)?
            && (made.len() as f64) < limit
        {
            same_size(&made, image, limits)?;
            best = made;
            score = made_score;
        }
    }
    cancel.progress(0.8);

    let derivatives = recipe
        .styles
        .iter()
        .map(|style| match &picture {
            Some(image) => derived(style, image, &chunks, &facts, recipe, cancel),
            None => derived_animation(style, &kept, &chunks, recipe, cancel),
        })
        .collect::<Result<_>>()?;
    let smaller = best.len() < bytes.len();
    let (width, height) = turned(&chunks);
    Ok(Encoded {
        format: Format::Png,
        score: if smaller { score } else { Score::IDENTICAL },
        width,
        height,
        frames: facts.frames,
        removed: if smaller { removed } else { Vec::new() },
        notes: facts.notes(&chunks, picture.as_ref(), limits),
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

/// A part of a picture as a file of its own that reaches the target: a first impression, for a
/// fraction of what the whole takes.
pub(crate) fn sampled(
    image: &Image,
    target: Score,
    cancel: &Cancel,
) -> Result<Option<(Vec<u8>, Score)>> {
    let reduction = Reduction {
        image,
        to_srgb: ToSrgb::Same,
        sixteen: false,
        chunks: &[],
        packing: Packing {
            effort: Effort::Fast,
            space: Space::Any,
            cancel,
        },
    };
    reduction.to_score(target)
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
    sixteen: bool,
    frames: u32,
}

impl Facts {
    fn read(bytes: &[u8], limits: &Limits) -> Result<Facts> {
        let frames = Frames::open(bytes, limits)?;
        Ok(Facts {
            grey: frames.grey,
            sixteen: frames.sixteen(),
            frames: frames.count,
        })
    }

    fn notes(&self, chunks: &Chunks<'_>, image: Option<&Image>, limits: &Limits) -> Vec<String> {
        let mut notes = Vec::new();
        if image.is_some_and(Image::has_alpha) {
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

/// Both files hold the same stored frames, decoded by the `png` crate, which shares no code with
/// oxipng's decoder.
fn same_pictures(original: &[u8], result: &[u8], limits: &Limits, cancel: &Cancel) -> Result<()> {
    let (mut a, mut b) = (
        Frames::open(original, limits)?,
        Frames::open(result, limits)?,
    );
    if a.size() != b.size() || a.count != b.count || a.plays != b.plays {
        return Err(Error::failed_check("its size or its frames changed"));
    }
    loop {
        cancel.check()?;
        match (a.next()?, b.next()?) {
            (None, None) => return Ok(()),
            (Some(a), Some(b))
                if (a.left, a.top, a.width, a.height) == (b.left, b.top, b.width, b.height)
                    && a.timing == b.timing
                    && a.pixels.same_looks(&b.pixels) => {}
            _ => return Err(Error::failed_check("its pixels changed")),
        }
    }
}

fn same_size(result: &[u8], image: &Image, limits: &Limits) -> Result<()> {
    let frames = Frames::open(result, limits)?;
    if frames.size() != (image.width, image.height) || frames.plays.is_some() {
        return Err(Error::failed_check("its size changed"));
    }
    Ok(())
}

/// The optional chunks of a file that was reduced to what stays.
fn carried(kept: &[u8], limits: &Limits) -> Result<Vec<OwnedChunk>> {
    Ok(chunks::read(kept, limits)?
        .optional()
        .map(|chunk| (chunk.name, chunk.data.to_vec()))
        .collect())
}

fn derived(
    style: &ResizeStyle,
    image: &Image,
    chunks: &Chunks<'_>,
    facts: &Facts,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Derivative> {
    cancel.check()?;
    let upright = chunks.orientation.upright(image.clone());
    let placement = style.place(upright.width, upright.height);
    let to_srgb = chunks.to_srgb(facts.grey, &recipe.limits);
    let resized = resized(&to_srgb, &upright, &placement)?;
    let extra = chunks.for_derivative(recipe.metadata);
    let reduction = Reduction {
        image: &resized,
        to_srgb,
        sixteen: false,
        chunks: &extra,
        packing: Packing {
            effort: recipe.effort,
            space: chunks.space(facts.grey),
            cancel,
        },
    };
    let mut best = (reduction.unreduced()?, Score::IDENTICAL);
    if let Some(target) = recipe.target().filter(|_| !chunks.is_hdr())
        && let Some(reduced) = reduction.to_score(target)?
        && (reduced.0.len() as f64) < best.0.len() as f64 * WORTH_LOSS
    {
        best = reduced;
    }
    same_size(&best.0, &resized, &recipe.limits)?;
    Ok(Derivative {
        style: style.name.clone(),
        strategy: style.strategy,
        width: resized.width,
        height: resized.height,
        bytes: best.0,
        score: best.1,
    })
}

/// The picture resized in its own light.
fn resized(to_srgb: &ToSrgb, image: &Image, placement: &Placement) -> Result<Image> {
    match to_srgb.light() {
        Some(light) => resize::resized_in(&light, image, placement),
        None => resize::resized(image, placement),
    }
}

/// Every picture of an animation resized, with its delays and repetitions.
fn derived_animation(
    style: &ResizeStyle,
    kept: &[u8],
    chunks: &Chunks<'_>,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Derivative> {
    let limits = &recipe.limits;
    let frames = Frames::open(kept, limits)?;
    let (count, plays) = (frames.count, frames.plays.unwrap_or(0));
    let to_srgb = chunks.to_srgb(frames.grey, limits);
    let placement = style.place(chunks.width, chunks.height);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, placement.width, placement.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .set_animated(count, plays)
        .map_err(Error::internal)?;
    let mut writer = encoder.write_header().map_err(Error::internal)?;
    for (name, data) in chunks.for_derivative(recipe.metadata) {
        writer
            .write_chunk(png::chunk::ChunkType(name), &data)
            .map_err(Error::internal)?;
    }
    let mut written = 0;
    composed(kept, limits, cancel, |picture, (numerator, denominator)| {
        let resized = resized(&to_srgb, picture, &placement)?;
        writer
            .set_frame_delay(numerator, denominator)
            .map_err(Error::internal)?;
        writer
            .write_image_data(&resized.rgba)
            .map_err(Error::internal)?;
        written += 1;
        Ok(())
    })?;
    if written != count {
        return Err(Error::undecodable(Format::Png, "frames are missing"));
    }
    writer.finish().map_err(Error::internal)?;
    let bytes = recompressed(&file, recipe.effort, limits, cancel)?;
    same_pictures(&file, &bytes, limits, cancel)?;
    Ok(Derivative {
        style: style.name.clone(),
        strategy: style.strategy,
        width: placement.width,
        height: placement.height,
        bytes,
        score: Score::IDENTICAL,
    })
}
