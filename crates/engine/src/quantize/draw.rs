//! Drawing a picture with a palette.

use super::space::{Looks, looks, premultiplied};
use super::{Palette, Quantized};
use crate::pixels::Image;

/// How a picture is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drawing {
    /// The part of an error that is handed on to the neighbours, 0 to 1, on smooth ground; beside
    /// edges less, where it would only be noise.
    pub dither: f32,
    /// How much farther than the nearest colour one may be that repeats what came before; 1 is about
    /// one step of 255 in brightness.
    pub repeat: f32,
}

/// A step between neighbours that halves the diffusion of errors, of 255.
const EDGE: f32 = 16.0;

/// About a step of 255 in brightness, in the space of looks.
const STEP: f32 = 0.0035;

/// Colours that are met no farther than this (squared) are met exactly: no error is handed on from
/// or to them.
const EXACT: f32 = 1e-9;

/// Places of the memory for colours that were looked up, and for what followed three indices.
const MEMORY: usize = 1 << 14;

impl Palette {
    /// The picture in this palette's colours.
    pub fn draw(&self, image: &Image, drawing: Drawing) -> Quantized {
        let width = image.width as usize;
        let mut pen = Pen {
            palette: self,
            drawing,
            found: vec![None; MEMORY],
            indices: Vec::with_capacity(width * image.height as usize),
            followers: vec![0; MEMORY],
            source: 0,
            width,
        };
        // One more at each side, so that errors can be handed on without looking.
        let mut errors = vec![[0.0f32; 4]; width + 2];
        let mut next = errors.clone();
        let mut above: Option<&[u8]> = None;
        for row in image.rgba.chunks_exact(width * 4) {
            pen.row(row, above, &mut errors, &mut next);
            std::mem::swap(&mut errors, &mut next);
            next.fill([0.0; 4]);
            above = Some(row);
        }
        Quantized {
            palette: self.entries.clone(),
            indices: pen.indices,
        }
    }
}

struct Pen<'p> {
    palette: &'p Palette,
    drawing: Drawing,
    /// Colour, nearest entry and its distance.
    found: Vec<Option<(u32, u8, f32)>>,
    indices: Vec<u8>,
    /// Where the same three indices came before, plus one.
    followers: Vec<u32>,
    /// The place whose index is repeated next, if the repetition goes on.
    source: usize,
    width: usize,
}

impl Pen<'_> {
    fn row(
        &mut self,
        row: &[u8],
        above: Option<&[u8]>,
        errors: &mut [[f32; 4]],
        next: &mut [[f32; 4]],
    ) {
        let dither = self.drawing.dither;
        for (x, pixel) in row.chunks_exact(4).enumerate() {
            let value = [pixel[0], pixel[1], pixel[2], pixel[3]];
            if let (0, Some(clear)) = (value[3], self.palette.clear) {
                self.push(clear);
                continue;
            }
            let step = busy(row, above, x);
            let plain = premultiplied(value);
            let (exact, distance) = self.nearest(value, plain);
            if dither == 0.0 || distance <= EXACT {
                let chosen = self.repeated(exact, distance, step, || {
                    looks(plain, self.palette.translucent)
                });
                self.push(chosen);
                continue;
            }
            let calm = EDGE / (EDGE + step);
            let carried = errors[x + 1];
            let wanted: [f32; 4] =
                std::array::from_fn(|c| (plain[c] + carried[c] * calm * dither).clamp(0.0, 255.0));
            let seen = looks(wanted, self.palette.translucent);
            let (nearest, distance) = self.palette.nearest(&seen);
            let chosen = self.repeated(nearest, distance, step, || seen);
            self.push(chosen);
            let got = self.palette.premultiplied[usize::from(chosen)];
            for c in 0..4 {
                let error = wanted[c] - got[c];
                errors[x + 2][c] += error * (7.0 / 16.0);
                next[x][c] += error * (3.0 / 16.0);
                next[x + 1][c] += error * (5.0 / 16.0);
                next[x + 2][c] += error * (1.0 / 16.0);
            }
        }
    }

    /// The nearest entry of a colour of the picture.
    fn nearest(&mut self, value: [u8; 4], plain: [f32; 4]) -> (u8, f32) {
        let key = u32::from_le_bytes(value);
        let place = key.wrapping_mul(0x9E37_79B1) as usize >> 18 & (MEMORY - 1);
        if let Some((known, entry, distance)) = self.found[place]
            && known == key
        {
            return (entry, distance);
        }
        let (entry, distance) = self
            .palette
            .nearest(&looks(plain, self.palette.translucent));
        self.found[place] = Some((key, entry, distance));
        (entry, distance)
    }

    /// The nearest entry, or one almost as near that repeats what came before.
    fn repeated(&self, nearest: u8, distance: f32, step: f32, seen: impl Fn() -> Looks) -> u8 {
        if self.drawing.repeat == 0.0 {
            return nearest;
        }
        let at = self.indices.len();
        let continued = self.indices.get(self.source).copied();
        let left = at.checked_sub(1).map(|at| self.indices[at]);
        let over = at.checked_sub(self.width).map(|at| self.indices[at]);
        if continued == Some(nearest) {
            return nearest;
        }
        // Errors show less in busy places.
        let allowed = STEP * self.drawing.repeat * (1.0 + step / EDGE);
        let limit = distance.sqrt() + allowed;
        let limit = limit * limit;
        let seen = seen();
        [continued, left, over]
            .into_iter()
            .flatten()
            .find(|&entry| {
                Some(entry) != self.palette.clear && self.palette.distance(entry, &seen) <= limit
            })
            .unwrap_or(nearest)
    }

    fn push(&mut self, index: u8) {
        let goes_on = self.indices.get(self.source) == Some(&index);
        self.indices.push(index);
        if self.drawing.repeat == 0.0 {
            return;
        }
        let at = self.indices.len();
        let Some(&[a, b, c]) = self.indices.last_chunk() else {
            return;
        };
        let key = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(0x9E37_79B1);
        let place = key as usize >> 18 & (MEMORY - 1);
        let known = self.followers[place] as usize;
        self.followers[place] = at as u32;
        self.source = if goes_on { self.source + 1 } else { known };
    }
}

/// The largest step of a channel to the neighbours of a pixel.
fn busy(row: &[u8], above: Option<&[u8]>, x: usize) -> f32 {
    let at = x * 4;
    let pixel = &row[at..at + 4];
    let mut step = 0;
    let mut look = |other: &[u8]| {
        for (a, b) in pixel.iter().zip(other) {
            step = step.max(a.abs_diff(*b));
        }
    };
    if x > 0 {
        look(&row[at - 4..at]);
    }
    if let Some(right) = row.get(at + 4..at + 8) {
        look(right);
    }
    if let Some(above) = above {
        look(&above[at..at + 4]);
    }
    f32::from(step)
}
