//! Resized animations: each frame is resized as it is shown, then drawn with few colours again.

use std::collections::HashMap;

use whittle_core::{Effort, Placement, ResizeStyle, Score};

use super::colours::Colours;
use super::encode::Context;
use super::geometry::{CLEAR, Canvas, Rect, opaque};
use super::layout::{Dispose, FrameLayout, Layout};
use super::made::{COLOURS, Made};
use super::perceive::{Eye, Lab, squared};
use super::play::{Player, Shown};
use super::search::{self, Found};
use super::{Plan, encode, verify};
use crate::pixels::{Image, check_size};
use crate::quantize::quantized;
use crate::score::Reference;
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

/// Plays the original, and resizes what is shown.
pub(super) struct Resizing<'a> {
    player: Player<'a>,
    placement: &'a Placement,
    canvas: Canvas,
    begun: bool,
}

impl<'a> Resizing<'a> {
    pub fn new(context: &'a Context, placement: &'a Placement) -> Result<Resizing<'a>> {
        Ok(Resizing {
            player: context.play()?,
            placement,
            canvas: Canvas::clear(placement.width, placement.height),
            begun: false,
        })
    }

    /// What is shown, in all its colours.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Shows the next frame; `None` after the last.
    pub fn next(&mut self) -> Result<Option<Shown>> {
        let Some(shown) = self.player.next()? else {
            return Ok(None);
        };
        let dirty = if std::mem::replace(&mut self.begun, true) {
            touched(shown.dirty, self.placement)
        } else {
            self.canvas.rect()
        };
        if !dirty.is_empty() {
            let part = part(self.player.canvas(), dirty, self.placement)?;
            self.canvas.paste(dirty, &part);
        }
        Ok(Some(Shown { dirty, ..shown }))
    }
}

/// Which colours frames are drawn with.
enum Colouring<'a> {
    /// All with the same ones: no palette needs to be stored with each frame.
    Shared(&'a [(u32, Lab)]),
    /// Each with the best ones for it.
    Each { dither: f32 },
}

/// Colours for a whole animation, chosen by looking at a few frames.
fn shared_palette(context: &Context, placement: &Placement) -> Result<Vec<(u32, Lab)>> {
    let area = placement.width as usize * placement.height as usize;
    let frames = context.layout.frames.len();
    let samples = samples(Effort::Fast, area, frames);
    let mut player = context.play()?;
    let mut stack = Image {
        width: placement.width,
        height: 0,
        rgba: Vec::new(),
    };
    for number in 0..frames {
        context.cancel.check()?;
        player.next()?;
        if samples.contains(&number) {
            let whole = Rect::new(0, 0, placement.width, placement.height);
            let pixels = part(player.canvas(), whole, placement)?;
            stack.height += placement.height;
            stack
                .rgba
                .extend(pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
        }
    }
    let mut eye = Eye::new();
    let few = quantized(&stack, COLOURS as u16 - 1, 0.0)?;
    Ok(few
        .palette
        .iter()
        .filter(|entry| entry[3] != 0)
        .map(|entry| opaque([entry[0], entry[1], entry[2]]))
        .map(|pixel| (pixel, eye.lab(pixel)))
        .collect())
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
        let next = redrawn(&before, wanted, &drawn, |part| match colouring {
            Colouring::Shared(palette) => {
                approach(part, palette, &mut nearest, &mut eye);
                Ok(())
            }
            Colouring::Each { dither } => reduce(part, *dither),
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

/// How far the resizing filter reaches, in pixels of whichever picture has the larger ones.
const REACH: f64 = 3.0;

/// The part of the output that a part of the source has an influence on.
fn touched(source: Rect, placement: &Placement) -> Rect {
    let side = |at: u32, length: u32, start: f64, whole: f64, pixels: u32| {
        if length == 0 {
            return (0, 0);
        }
        let scale = f64::from(pixels) / whole;
        let reach = REACH * scale.max(1.0) + 1.0;
        let from = ((f64::from(at) - start) * scale - reach).floor();
        let to = ((f64::from(at + length) - start) * scale + reach).ceil();
        let within = |at: f64| at.clamp(0.0, f64::from(pixels)) as u32;
        (within(from), within(to) - within(from))
    };
    let (left, width) = side(
        source.left,
        source.width,
        placement.left,
        placement.source_width,
        placement.width,
    );
    let (top, height) = side(
        source.top,
        source.height,
        placement.top,
        placement.source_height,
        placement.height,
    );
    Rect::new(left, top, width, height)
}

/// Resizes only what a part of the output needs. A pixel is opaque afterwards or it is not.
fn part(canvas: &Canvas, touched: Rect, placement: &Placement) -> Result<Vec<u32>> {
    let scale_x = placement.source_width / f64::from(placement.width);
    let scale_y = placement.source_height / f64::from(placement.height);
    // A margin in whole output pixels, so that the filter sees at the edges what it would see in
    // the whole picture.
    let margin = |scale: f64| (REACH / scale.min(1.0)).ceil() as u32 + 1;
    let (x, y) = (margin(scale_x), margin(scale_y));
    let left = touched.left.saturating_sub(x);
    let top = touched.top.saturating_sub(y);
    let whole = Rect::new(0, 0, placement.width, placement.height);
    let larger = Rect::new(
        left,
        top,
        touched.right() + x - left,
        touched.bottom() + y - top,
    )
    .within(whole);
    // The pixels of the source that this covers, whole ones.
    let from_x = placement.left + f64::from(larger.left) * scale_x;
    let from_y = placement.top + f64::from(larger.top) * scale_y;
    let (width, height) = (
        f64::from(larger.width) * scale_x,
        f64::from(larger.height) * scale_y,
    );
    let source = Rect::new(
        from_x as u32,
        from_y as u32,
        (from_x + width).ceil() as u32 - from_x as u32,
        (from_y + height).ceil() as u32 - from_y as u32,
    )
    .within(canvas.rect());
    let cut = Canvas {
        width: source.width,
        height: source.height,
        pixels: canvas.cut(source),
    };
    let (left, top) = (
        from_x - f64::from(source.left),
        from_y - f64::from(source.top),
    );
    let resized = crate::resize::resized(
        &cut.image(),
        &Placement {
            left,
            top,
            source_width: width.min(f64::from(source.width) - left),
            source_height: height.min(f64::from(source.height) - top),
            width: larger.width,
            height: larger.height,
        },
    )?;
    let pixels = resized.rgba.chunks_exact(4).map(|pixel| match pixel[3] {
        128.. => opaque([pixel[0], pixel[1], pixel[2]]),
        _ => CLEAR,
    });
    let resized = Canvas {
        width: larger.width,
        height: larger.height,
        pixels: pixels.collect(),
    };
    Ok(resized.cut(Rect {
        left: touched.left - larger.left,
        top: touched.top - larger.top,
        ..touched
    }))
}

/// Draws a picture with few new colours. What did not change since the picture before stays as it
/// was drawn, so that nothing flickers.
fn redrawn(
    before: &Canvas,
    wanted: &Canvas,
    drawn: &Canvas,
    colour: impl FnOnce(&mut Canvas) -> Result<()>,
) -> Result<Canvas> {
    let changed = before.bounds(before.rect(), wanted, |a, b| a != b);
    let mut next = drawn.clone();
    if changed.is_empty() {
        return Ok(next);
    }
    let mut part = Canvas::clear(changed.width, changed.height);
    for y in 0..changed.height {
        let rows = before.row(changed, y).iter().zip(wanted.row(changed, y));
        for ((&before, &after), pixel) in rows.zip(part.row_mut(part.rect(), y)) {
            if before != after {
                *pixel = after;
            }
        }
    }
    colour(&mut part)?;
    for y in 0..changed.height {
        let rows = before.row(changed, y).iter().zip(wanted.row(changed, y));
        let pixels = part
            .row(part.rect(), y)
            .iter()
            .zip(next.row_mut(changed, y));
        for ((&before, &after), (&pixel, target)) in rows.zip(pixels) {
            if before != after {
                *target = pixel;
            }
        }
    }
    Ok(next)
}

/// How many colours' nearest neighbours are remembered.
const MOST_REMEMBERED: usize = 1 << 18;

/// Gives each pixel the nearest colour of a palette.
fn approach(
    part: &mut Canvas,
    palette: &[(u32, Lab)],
    nearest: &mut HashMap<u32, u32>,
    eye: &mut Eye,
) {
    if nearest.len() > MOST_REMEMBERED {
        nearest.clear();
    }
    let mut last = (CLEAR, CLEAR);
    for pixel in part.pixels.iter_mut().filter(|pixel| **pixel != CLEAR) {
        if last.0 != *pixel {
            let found = nearest.entry(*pixel).or_insert_with(|| {
                let lab = eye.lab(*pixel);
                palette
                    .iter()
                    .min_by(|a, b| squared(a.1, lab).total_cmp(&squared(b.1, lab)))
                    .map_or(*pixel, |entry| entry.0)
            });
            last = (*pixel, *found);
        }
        *pixel = last.1;
    }
}

/// Reduces a picture to as many colours as a step may bring.
fn reduce(part: &mut Canvas, dither: f32) -> Result<()> {
    let mut colours = Colours::default();
    for &pixel in part.pixels.iter().filter(|pixel| **pixel != CLEAR) {
        colours.add(pixel);
    }
    // One place is for what becomes clear.
    if !colours.overflowed() && colours.as_slice().len() < COLOURS {
        return Ok(());
    }
    let few = quantized(&part.image(), COLOURS as u16 - 1, dither)?;
    for (pixel, &index) in part.pixels.iter_mut().zip(&few.indices) {
        let [r, g, b, alpha] = few.palette[usize::from(index)];
        if alpha != 0 && *pixel != CLEAR {
            *pixel = opaque([r, g, b]);
        }
    }
    Ok(())
}
