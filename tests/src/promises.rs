//! What the engine promises for every image, checked by decoders that are not its own.

use anyhow::{Context, Result, bail, ensure};
use whittle_core::{Cancel, Format, Limits, Metadata, Mode, Recipe, ResizeStyle, Strategy};
use whittle_engine::{Derivative, Encoded};

use crate::decode::{self, Frame, Raster, compare, resize, score, svg};

/// How far a score measured here may lie below the target: colours are managed by other code, and
/// another decoder rounds differently.
pub const TOLERANCE: f64 = 1.0;

/// How far the worst block of 128 × 128 pixels may lie below the target of the whole.
pub const BLOCK_TOLERANCE: f64 = 20.0;

/// How far a derivative may lie below the target when it is held against our own slow resize: two
/// correct resizers differ by some points already.
pub const RESIZE_TOLERANCE: f64 = 8.0;

/// The part of a drawing's pixels that may be visibly different; in lossy mode, which promises a
/// score, several times as many.
pub const VISIBLE_SHARE: f64 = 0.0005;

/// Sides below this are not scored against our own resize: decoders smooth the halved colours of so
/// small a picture in their own ways.
const RESIZED_SIDE: u32 = 8;

/// Frames of an animation that are scored; all of them are compared in lossless mode.
const SCORED_FRAMES: usize = 12;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At everything.
    Closely,
    /// Not at the scores of lossy results; everything else.
    Quickly,
}

/// Every promise that this result breaks, in words; none when all is well.
pub fn broken(input: &[u8], recipe: &Recipe, made: &Encoded, look: Look) -> Vec<String> {
    let mut broken = Vec::new();
    let mut check = |what: &str, result: Result<()>| {
        if let Err(error) = result {
            broken.push(format!("{what}: {error:#}"));
        }
    };
    match &made.bytes {
        Some(bytes) => {
            check("smaller", smaller(input, bytes));
            check("detected", detected(made.format, bytes));
            check("picture", same_picture(input, bytes, recipe, made, look));
            check(
                "metadata",
                private_parts_gone(made.format, bytes, recipe.metadata),
            );
        }
        None => check("score of the original", {
            (made.score.0 == 100.0)
                .then_some(())
                .with_context(|| format!("{:?}", made.score))
        }),
    }
    check("made once", made_once(recipe, made));
    check("derivatives", derivatives_complete(recipe, made));
    for (style, derivative) in recipe.styles.iter().zip(&made.derivatives) {
        let held = match made.format {
            Format::Svg => drawn_derivative(input, made, style, derivative),
            _ => derivative_held(input, recipe, made, style, derivative, look),
        };
        check(&format!("derivative {}", style.name), held);
    }
    broken
}

fn smaller(input: &[u8], bytes: &[u8]) -> Result<()> {
    ensure!(
        bytes.len() < input.len(),
        "{} bytes became {}",
        input.len(),
        bytes.len()
    );
    Ok(())
}

fn detected(format: Format, bytes: &[u8]) -> Result<()> {
    let found = whittle_engine::detect(bytes);
    ensure!(found == Some(format), "{format} became {found:?}");
    let info = whittle_engine::inspect(bytes, &Limits::default())?;
    ensure!(info.format == format, "inspected as {}", info.format);
    Ok(())
}

fn same_picture(
    input: &[u8],
    bytes: &[u8],
    recipe: &Recipe,
    made: &Encoded,
    look: Look,
) -> Result<()> {
    if made.format == Format::Svg {
        return same_drawing(input, bytes, recipe);
    }
    let original = decode::open(made.format, input).context("the original")?;
    let result = decode::open(made.format, bytes).context("the result")?;
    ensure!(
        (made.width, made.height) == (original.width, original.height),
        "{} × {} is reported as {} × {}",
        original.width,
        original.height,
        made.width,
        made.height
    );
    ensure!(
        original.colour.same(&result.colour),
        "{} became {}",
        original.colour,
        result.colour
    );
    let Some(target) = recipe.target() else {
        return compare::in_step(original, result, |_, a, b| compare::identical(a, b));
    };
    let colours = (original.colour.clone(), result.colour.clone());
    let width = original.width;
    let every = (made.frames as usize).div_ceil(SCORED_FRAMES);
    let mut lowest = 100.0f64;
    compare::in_step(original, result, |index, a, b| {
        if look == Look::Quickly || index % every != 0 {
            return Ok(());
        }
        let (a, b) = (shown(&colours.0, a), shown(&colours.1, b));
        lowest = lowest.min(score::score(&a, &b, width)?);
        if made.frames == 1 {
            let block = score::worst_block(&a, &b, width, 128)?;
            ensure!(
                block >= target.0 - BLOCK_TOLERANCE,
                "a block has only {block:.1}, the target is {:.1}",
                target.0
            );
        }
        Ok(())
    })?;
    ensure!(
        lowest >= target.0 - TOLERANCE,
        "the score is {lowest:.2}, the target is {:.2}",
        target.0
    );
    if look == Look::Closely && made.frames == 1 {
        ensure!(
            (lowest - made.score.0).abs() <= TOLERANCE,
            "the score is {lowest:.2}, but {:.2} is reported",
            made.score.0
        );
    }
    Ok(())
}

/// What a viewer shows: where a profile is unusable, it takes the numbers for sRGB.
fn shown(colour: &decode::colour::Colour, frame: &Frame) -> Vec<u8> {
    colour.to_srgb(frame).unwrap_or_else(|_| frame.rgba.clone())
}

fn same_drawing(input: &[u8], bytes: &[u8], recipe: &Recipe) -> Result<()> {
    let (before, after) = (
        svg::text(input).context("the original")?,
        svg::text(bytes).context("the result")?,
    );
    let (facts, kept) = (svg::structure(&before)?, svg::structure(&after)?);
    for (fact, count) in &facts {
        ensure!(
            fact.starts_with(svg::DANGLING) || kept.get(fact) == Some(count),
            "\"{fact}\" was there {count} times, now {:?}",
            kept.get(fact)
        );
    }
    for fact in kept.keys() {
        ensure!(facts.contains_key(fact), "\"{fact}\" was not there");
    }
    ensure!(
        svg::size(&before)? == svg::size(&after)?,
        "{:?} became {:?}",
        svg::size(&before)?,
        svg::size(&after)?
    );
    // Sides that are no power of two and none of the engine's.
    for side in [97, 600] {
        let ((a, width), (b, _)) = (svg::drawn(&before, side)?, svg::drawn(&after, side)?);
        ensure!(a.len() == b.len(), "another size");
        let share = svg::visible_difference(&a, &b);
        ensure!(
            share <= VISIBLE_SHARE * if recipe.mode == Mode::Lossy { 8.0 } else { 1.0 },
            "{:.3} % of the pixels differ visibly at {side} px",
            share * 100.0
        );
        let target = recipe.target().map_or(95.0, |target| target.0);
        let score = score::score(&a, &b, width)?;
        ensure!(
            score >= target - TOLERANCE,
            "the score is {score:.2} at {side} px, the target is {target:.2}"
        );
    }
    Ok(())
}

/// Positions and thumbnails go by default; what points into a file points at something.
fn private_parts_gone(format: Format, bytes: &[u8], policy: Metadata) -> Result<()> {
    let exif = decode::exif(format, bytes);
    if policy != Metadata::Keep {
        ensure!(!exif.gps, "the position is still there");
        ensure!(!exif.thumbnail, "the thumbnail is still there");
    }
    if format == Format::Jpeg {
        decode::further_pictures_found(bytes)?;
    }
    Ok(())
}

fn derivatives_complete(recipe: &Recipe, made: &Encoded) -> Result<()> {
    let names = |made: &Encoded| -> Vec<String> {
        made.derivatives
            .iter()
            .map(|one| one.style.clone())
            .collect()
    };
    let wanted: Vec<String> = recipe
        .styles
        .iter()
        .map(|style| style.name.clone())
        .collect();
    ensure!(
        names(made) == wanted,
        "{:?} instead of {wanted:?}",
        names(made)
    );
    Ok(())
}

fn derivative_held(
    input: &[u8],
    recipe: &Recipe,
    made: &Encoded,
    style: &ResizeStyle,
    derivative: &Derivative,
    look: Look,
) -> Result<()> {
    detected(made.format, &derivative.bytes)?;
    private_parts_gone(made.format, &derivative.bytes, recipe.metadata)?;
    let original = decode::open(made.format, input).context("the original")?;
    let result = decode::open(made.format, &derivative.bytes).context("the result")?;
    let placed = style.place(original.width, original.height);
    ensure!(
        (derivative.width, derivative.height) == (placed.width, placed.height)
            && (result.width, result.height) == (placed.width, placed.height),
        "{} × {} by the contract, {} × {} reported, {} × {} found",
        placed.width,
        placed.height,
        derivative.width,
        derivative.height,
        result.width,
        result.height
    );
    let unscored = original.colour.is_hdr() || original.width.min(original.height) < RESIZED_SIDE;
    if look == Look::Quickly || unscored {
        return Ok(());
    }
    let colours = (original.colour.clone(), result.colour.clone());
    let width = original.width;
    let floor = lowest_resized_score(made.format, recipe);
    let every = (made.frames as usize).div_ceil(3);
    // As the clock sees it, but with another size.
    let original = Raster {
        width: result.width,
        height: result.height,
        ..original
    };
    compare::in_step(original, result, |index, a, b| {
        if index % every != 0 {
            return Ok(());
        }
        let wanted = resize::resized(&shown(&colours.0, a), width, &placed);
        let score = score::score(&wanted, &shown(&colours.1, b), placed.width)?;
        ensure!(
            score >= floor,
            "the score against a plain resize is {score:.2}, less than {floor:.2}"
        );
        Ok(())
    })
}

/// GIF has 256 colours and no soft edges: what a resize mixes cannot all be kept.
fn lowest_resized_score(format: Format, recipe: &Recipe) -> f64 {
    let target = recipe.target().map_or(90.0, |target| target.0);
    match format {
        Format::Gif => target.min(60.0) - RESIZE_TOLERANCE,
        _ => target - RESIZE_TOLERANCE,
    }
}

fn drawn_derivative(
    input: &[u8],
    made: &Encoded,
    style: &ResizeStyle,
    derivative: &Derivative,
) -> Result<()> {
    detected(Format::Svg, &derivative.bytes)?;
    let (before, after) = (svg::text(input)?, svg::text(&derivative.bytes)?);
    let placed = style.place(made.width, made.height);
    let (width, height) = svg::size(&after)?;
    if (f64::from(width) - f64::from(placed.width)).abs() > 0.5
        || (f64::from(height) - f64::from(placed.height)).abs() > 0.5
    {
        bail!(
            "{width} × {height} instead of {} × {}",
            placed.width,
            placed.height
        );
    }
    // What is cut or distorted by its own rules is not drawn again here.
    if matches!(style.strategy, Strategy::Crop | Strategy::Exact) {
        return Ok(());
    }
    // Twice as large, so that small drawings show something.
    let (width, height) = (placed.width * 2, placed.height * 2);
    let (a, b) = (
        svg::drawn_within(&before, width, height)?,
        svg::drawn_within(&after, width, height)?,
    );
    let score = score::score(&a, &b, width)?;
    ensure!(score >= 70.0, "the score is {score:.2}");
    Ok(())
}

/// What was made is not made again: a second run in the same mode writes nothing. PNG is held to it over the
/// corpus alone, where its search costs least.
///
/// # Errors
/// Says how much the second run changed.
pub fn made_once(recipe: &Recipe, made: &Encoded) -> Result<()> {
    let once = matches!(made.format, Format::Gif | Format::Jpeg | Format::Svg);
    let Some(bytes) = made.bytes.as_ref().filter(|_| once) else {
        return Ok(());
    };
    left_alone(recipe, bytes)
}

/// A result that is taken for an original: nothing may be written then, or pictures would lose a little at every run.
///
/// # Errors
/// Says how much the run changed.
pub fn left_alone(recipe: &Recipe, bytes: &[u8]) -> Result<()> {
    let recipe = Recipe {
        styles: Vec::new(),
        ..recipe.clone()
    };
    let again = whittle_engine::optimize(bytes, &recipe, &Cancel::new())?;
    if let Some(smaller) = &again.bytes {
        bail!(
            "a second run made {} bytes of {}",
            smaller.len(),
            bytes.len()
        );
    }
    Ok(())
}

/// The three modes, as the tests use them.
pub fn modes() -> [Mode; 3] {
    [Mode::Lossless, Mode::Balanced, Mode::Lossy]
}
