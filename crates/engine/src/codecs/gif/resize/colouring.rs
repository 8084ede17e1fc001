//! Resized frames with few colours.

use std::collections::HashMap;

use whittle_core::{Effort, Placement};

use super::super::colours::Colours;
use super::super::encode::Context;
use super::super::geometry::{CLEAR, Canvas, Rect, opaque};
use super::super::made::COLOURS;
use super::super::perceive::{Eye, Lab, squared};
use super::playing::part;
use super::samples;
use crate::Result;
use crate::pixels::Image;
use crate::quantize::quantized;

/// How much of the error of a colour goes to its neighbours: all of it would be noise that costs
/// more bytes than it is worth.
pub(super) const DITHER: f32 = 0.6;

/// Which colours frames are drawn with.
pub(super) enum Colouring<'a> {
    /// All with the same ones: no palette needs to be stored with each frame.
    Shared(&'a [(u32, Lab)]),
    /// Each with the best ones for it.
    Each { dither: f32 },
}

impl Colouring<'_> {
    /// Gives a picture its colours. The nearest ones are remembered for the next.
    pub fn apply(
        &self,
        part: &mut Canvas,
        nearest: &mut HashMap<u32, u32>,
        eye: &mut Eye,
    ) -> Result<()> {
        match self {
            Colouring::Shared(palette) => {
                approach(part, palette, nearest, eye);
                Ok(())
            }
            Colouring::Each { dither } => reduce(part, *dither),
        }
    }
}

/// Colours for a whole animation, chosen by looking at a few frames.
pub(super) fn shared_palette(context: &Context, placement: &Placement) -> Result<Vec<(u32, Lab)>> {
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

/// Draws a picture with few new colours. What did not change since the picture before stays as it
/// was drawn, so that nothing flickers.
pub(super) fn redrawn(
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
