//! Resized animations: each frame is resized as it is shown, then drawn with few colours again.

use std::collections::HashMap;

use whittle_core::{Placement, ResizeStyle, Score};

use super::colours::Colours;
use super::encode::Context;
use super::geometry::{CLEAR, Canvas, Rect, opaque};
use super::layout::{Dispose, FrameLayout, Layout};
use super::made::{COLOURS, Made};
use super::search::{self, Found, Truth};
use super::{Plan, encode, verify};
use crate::pixels::{Image, check_size};
use crate::quantize::quantized;
use crate::{Derivative, Error, Result};

/// What a derivative aims at when nothing else is asked for: GIF's few colours cannot hold every
/// blend that resizing makes.
const LOSSLESS_TARGET: Score = Score(95.0);

/// How much of the error of a colour goes to its neighbours: all of it would be noise that costs
/// more bytes than it is worth.
const DITHER: f32 = 0.6;

/// Makes one derivative.
pub(super) fn derivative(context: &Context, style: &ResizeStyle) -> Result<Derivative> {
    let original = context.layout;
    let placement = style.place(original.width.into(), original.height.into());
    check_size(placement.width, placement.height, &context.recipe.limits)?;
    let (made, truth) = made(context, &placement)?;
    let layout = layout(original, &placement, made.len());
    let context = Context {
        layout: &layout,
        made: Some(&made),
        ..*context
    };
    let plan = Plan::made(&context)?
        .ok_or_else(|| Error::internal("a resized frame has too many colours"))?;
    let exact = encode::planned_file(&context, &plan.frames, &plan.palettes)?;
    let score = search::scored(&context, &plan.frames, &truth)?;
    let mut best = Found { file: exact, score };
    let target = context.recipe.target().unwrap_or(LOSSLESS_TARGET);
    if score > target
        && let Some(found) =
            search::searched(&context, &plan.frames, &plan.palettes, target, Some(&truth))?
        && found.file.len() < best.file.len()
    {
        best = found;
    }
    verify::like_animation(&context, &best.file, &plan.frames)?;
    Ok(Derivative {
        style: style.name.clone(),
        strategy: style.strategy,
        width: placement.width,
        height: placement.height,
        bytes: best.file,
        score: best.score,
    })
}

/// The original's layout with another canvas.
fn layout(original: &Layout, placement: &Placement, frames: usize) -> Layout {
    let canvas = Rect::new(0, 0, placement.width, placement.height);
    Layout {
        width: placement.width as u16,
        height: placement.height as u16,
        aspect: original.aspect,
        background: 0,
        global: None,
        frames: (0..frames)
            .map(|_| FrameLayout {
                rect: canvas,
                dispose: Dispose::Keep,
                delay: 0,
                transparent: None,
                user_input: false,
            })
            .collect(),
        repeat: original.repeat,
        extensions: original.extensions.clone(),
        end: 0,
        trailing: false,
    }
}

/// Resizes every frame, and remembers some of them as they were before they lost colours.
fn made(context: &Context, placement: &Placement) -> Result<(Made, Truth)> {
    let (width, height) = (placement.width, placement.height);
    let mut made = Made::new(width, height);
    let mut truth: Truth = HashMap::new();
    let samples = search::samples(
        context.recipe.effort,
        width as usize * height as usize,
        context.layout.frames.len(),
    );
    let mut player = context.play()?;
    let mut before = Canvas::clear(width, height);
    let mut drawn = before.clone();
    let mut number = 0;
    while let Some(shown) = player.next()? {
        context.cancel.check()?;
        let same = number > 0 && shown.dirty.is_empty();
        let resized = if same {
            before.image()
        } else {
            crate::resize::resized(&player.canvas().image(), placement)?
        };
        let wanted = thresholded(&resized);
        let next = redrawn(&before, &wanted, &drawn)?;
        made.push(&drawn, &next, shown.delay, shown.user_input)?;
        if samples.contains(&number) {
            truth.insert(number, context.judged(&wanted));
        }
        (before, drawn) = (wanted, next);
        number += 1;
    }
    Ok((made, truth))
}

/// A pixel is opaque or it is not.
fn thresholded(image: &Image) -> Canvas {
    let pixels = image
        .rgba
        .chunks_exact(4)
        .map(|pixel| match pixel[3] {
            128.. => opaque([pixel[0], pixel[1], pixel[2]]),
            _ => CLEAR,
        })
        .collect();
    Canvas {
        width: image.width,
        height: image.height,
        pixels,
    }
}

/// Draws a picture with few new colours. What did not change since the picture before stays as it
/// was drawn, so that nothing flickers.
fn redrawn(before: &Canvas, wanted: &Canvas, drawn: &Canvas) -> Result<Canvas> {
    let changed = before.bounds(before.rect(), wanted, |a, b| a != b);
    let mut next = drawn.clone();
    if changed.is_empty() {
        return Ok(next);
    }
    let mut part = Canvas::clear(changed.width, changed.height);
    let mut colours = Colours::default();
    for y in 0..changed.height {
        let rows = before.row(changed, y).iter().zip(wanted.row(changed, y));
        for ((&before, &after), pixel) in rows.zip(part.row_mut(part.rect(), y)) {
            if before != after && after != CLEAR {
                *pixel = after;
                colours.add(after);
            }
        }
    }
    if colours.overflowed() || colours.as_slice().len() >= COLOURS {
        // One place is for what becomes clear, and one for what stays.
        let few = quantized(&part.image(), COLOURS as u16 - 1, DITHER)?;
        for (pixel, &index) in part.pixels.iter_mut().zip(&few.indices) {
            let [r, g, b, alpha] = few.palette[usize::from(index)];
            if alpha != 0 {
                *pixel = opaque([r, g, b]);
            }
        }
    }
    for y in 0..changed.height {
        let rows = before.row(changed, y).iter().zip(wanted.row(changed, y));
        let pixels = part.row(part.rect(), y).iter().zip(next.row_mut(changed, y));
        for ((&before, &after), (&pixel, target)) in rows.zip(pixels) {
            if before != after {
                *target = pixel;
            }
        }
    }
    Ok(next)
}
