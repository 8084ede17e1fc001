//! Resized animations: each frame is resized as it is shown, then drawn with few colours again.

mod colouring;
mod playing;

use std::collections::HashMap;

use whittle_core::{Effort, Placement, ResizeStyle, Score};

use self::colouring::{Colouring, DITHER, redrawn, shared_palette};
pub(super) use self::playing::Resizing;
use super::encode::Context;
use super::geometry::{Canvas, Rect};
use super::layout::{Dispose, FrameLayout, Layout};
use super::made::Made;
use super::perceive::Eye;
use super::search::{self, Found};
use super::{Plan, encode, verify};
use crate::pixels::{Image, check_size};
use crate::score::Reference;
use crate::{Derivative, Error, Result};

/// What a derivative aims at when nothing else is asked for: GIF's few colours cannot hold every
/// blend that resizing makes.
const LOSSLESS_TARGET: Score = Score(95.0);

/// Makes one derivative.
pub(super) fn derivative(context: &Context, style: &ResizeStyle) -> Result<Derivative> {
    let original = context.layout;
    let placement = style.place(original.width.into(), original.height.into());
    check_size(placement.width, placement.height, &context.recipe.limits)?;
    let target = context.recipe.target().unwrap_or(LOSSLESS_TARGET);
    let shared = shared_palette(context, &placement)?;
    let mut best: Option<Drawn> = None;
    for colouring in [
        Colouring::Shared(&shared),
        Colouring::Each { dither: 0.0 },
        Colouring::Each { dither: DITHER },
    ] {
        // Where frames with colours of their own are partly cleared, what is drawn again may have
        // the colours of many. The shared ones always fit.
        let Some(drawn) = Drawn::new(context, &placement, &colouring)? else {
            continue;
        };
        if best.as_ref().is_none_or(|best| drawn.score > best.score) {
            best = Some(drawn);
        }
        if best.as_ref().is_some_and(|best| best.score >= target) {
            break;
        }
    }
    let Some(Drawn {
        made,
        plan,
        layout,
        score,
    }) = best
    else {
        return Err(too_many_colours());
    };
    let drawn = Context {
        layout: &layout,
        made: Some(&made),
        ..*context
    };
    let exact = encode::planned_file(&drawn, &plan.frames, &plan.palettes)?;
    let mut best = Found {
        file: exact,
        score,
        lowest: score,
    };
    if score > target {
        let truth = Resizing::new(context, &placement)?;
        let found = search::searched(
            &drawn,
            &plan.frames,
            &plan.palettes,
            (target, target),
            Some(truth),
        )?;
        if found.file.len() < best.file.len() {
            best = found;
        }
    }
    let context = drawn;
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

/// A resized animation, drawn with few colours.
struct Drawn {
    made: Made,
    plan: Plan,
    layout: Layout,
    score: Score,
}

impl Drawn {
    /// `None` when it cannot be packed.
    fn new(
        context: &Context,
        placement: &Placement,
        colouring: &Colouring,
    ) -> Result<Option<Drawn>> {
        let (made, truth) = made(context, placement, colouring)?;
        let layout = layout(context.layout, placement, made.len());
        let context = Context {
            layout: &layout,
            made: Some(&made),
            ..*context
        };
        let Some(plan) = Plan::made(&context)? else {
            return Ok(None);
        };
        let score = scored(&context, &truth)?;
        Ok(Some(Drawn {
            made,
            plan,
            layout,
            score,
        }))
    }
}

/// What the original's frames with these numbers really look like.
type Truth = HashMap<usize, Image>;

/// The mean score of what is played, before further loss.
fn scored(context: &Context, truth: &Truth) -> Result<Score> {
    let mut player = context.play()?;
    let (mut sum, mut count) = (0.0, 0.0);
    let mut number = 0;
    while player.next()?.is_some() {
        context.cancel.check()?;
        if let Some(image) = truth.get(&number) {
            sum += Reference::new(image)?
                .score(&context.judged(player.canvas()))?
                .0;
            count += 1.0;
        }
        number += 1;
    }
    Ok(Score(sum / f64::max(count, 1.0)))
}

/// Some frames spread over the animation; all when they are few.
fn samples(effort: Effort, area: usize, frames: usize) -> Vec<usize> {
    let budget = match effort {
        Effort::Fast => 1 << 20,
        Effort::Default => 3 << 20,
        Effort::Max => 12 << 20,
    };
    let count = (budget / area).clamp(2, 48).min(frames);
    let mut samples: Vec<usize> = (0..count)
        .map(|nth| (nth * (frames - 1)) / (count - 1).max(1))
        .collect();
    samples.dedup();
    samples
}

fn too_many_colours() -> Error {
    Error::internal("a resized frame has too many colours")
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
        first_repeat: original.first_repeat,
        extensions: original.extensions.clone(),
        loss: original.loss,
        end: 0,
        trailing: false,
    }
}

/// Resizes every frame, and remembers some of them as they were before they lost colours.
fn made(context: &Context, placement: &Placement, colouring: &Colouring) -> Result<(Made, Truth)> {
    let mut eye = Eye::new();
    let mut nearest = HashMap::new();
    let (width, height) = (placement.width, placement.height);
    let mut made = Made::new(width, height);
    let mut truth: Truth = HashMap::new();
    let samples = samples(
        context.recipe.effort,
        width as usize * height as usize,
        context.layout.frames.len(),
    );
    let mut resizing = Resizing::new(context, placement)?;
    let mut before = Canvas::clear(width, height);
    let mut drawn = before.clone();
    let mut number = 0;
    while let Some(shown) = resizing.next()? {
        context.cancel.check()?;
        let wanted = resizing.canvas();
        let next = redrawn(&before, wanted, &drawn, |part| {
            colouring.apply(part, &mut nearest, &mut eye)
        })?;
        made.push(&drawn, &next, shown.delay, shown.user_input)?;
        if samples.contains(&number) {
            truth.insert(number, context.judged(wanted));
        }
        before.copy(shown.dirty, wanted);
        drawn = next;
        number += 1;
    }
    Ok((made, truth))
}
