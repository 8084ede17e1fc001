//! Resized pictures, still and animated, as files of their own.

use whittle_core::{Cancel, Format, Placement, Recipe, ResizeStyle, Score};

use super::chunks::Chunks;
use super::decode::{Frames, composed};
use super::lossy::Reduction;
use super::pack::Packing;
use super::verify::{same_pictures, same_size};
use super::{Facts, WORTH_LOSS, recompressed};
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::{Derivative, Error, Result, resize};

/// A still picture in the size of a style, optimized in the recipe's mode.
pub(super) fn derived(
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
        to_srgb: &to_srgb,
        sixteen: false,
        chunks: &extra,
        packing: Packing {
            effort: recipe.effort,
            space: chunks.space(facts.grey),
            indexed: false,
            cancel,
        },
    };
    let mut best = (reduction.unreduced()?, Score::IDENTICAL);
    if let Some(target) = recipe.target().filter(|_| !chunks.is_hdr())
        && let Some(reduced) = reduction.to_score(target)?
        && (reduced.bytes.len() as f64) < best.0.len() as f64 * WORTH_LOSS
    {
        best = (reduced.bytes, reduced.score);
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
pub(super) fn derived_animation(
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
