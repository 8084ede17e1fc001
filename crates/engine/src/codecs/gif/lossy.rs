//! Smaller files that look alike: pixels may take a near colour where that packs better.
//!
//! Every error is measured against the original's picture, never against the frame before, so
//! errors do not add up over time. Which pixels are transparent never changes.

use whittle_core::{Cancel, Effort};

use super::choices::{Choices, PIXEL};
use super::colours::Palette;
use super::geometry::{CLEAR, Canvas, Rect};
use super::layout::Dispose;
use super::lzw::{self, Packed, Thought};
use super::parse;
use super::perceive::{Eye, squared};
use super::plan::Planned;
use crate::Result;

/// A frame drawn with some loss.
pub(super) struct Painted {
    pub rect: Rect,
    pub packed: Packed,
}

impl Painted {
    /// Draws it.
    pub fn onto(&self, canvas: &mut Canvas, palette: &Palette) {
        let rows = self.packed.symbols.chunks_exact(self.rect.width as usize);
        for (y, row) in (0..self.rect.height).zip(rows) {
            for (pixel, &symbol) in canvas.row_mut(self.rect, y).iter_mut().zip(row) {
                if Some(symbol) != palette.transparent {
                    *pixel = palette.entries[usize::from(symbol)];
                }
            }
        }
    }
}

/// How near the colours of a palette are to each other.
pub(super) struct Nearness {
    /// Squared distances of all symbols, by the wanted one and the one that stands for it.
    distances: Vec<f32>,
    /// For each wanted symbol, the others from the farthest to the nearest.
    near: Vec<Vec<u8>>,
}

impl Nearness {
    /// Compares all with all: done once for each palette.
    pub fn new(palette: &Palette, eye: &mut Eye) -> Nearness {
        let count = palette.entries.len();
        let mut distances = vec![f32::INFINITY; count * 256];
        let mut nearest = Vec::with_capacity(count);
        for (wanted, &a) in palette.entries.iter().enumerate() {
            let row = &mut distances[wanted * 256..][..count];
            for (distance, &b) in row.iter_mut().zip(&palette.entries) {
                if a != CLEAR && b != CLEAR {
                    *distance = squared(eye.lab(a), eye.lab(b));
                }
            }
            let mut near: Vec<u8> = (0..=255).take(count).collect();
            near.retain(|&index| row[usize::from(index)].is_finite());
            near.sort_by(|&a, &b| row[usize::from(b)].total_cmp(&row[usize::from(a)]));
            nearest.push(near);
        }
        Nearness {
            distances,
            near: nearest,
        }
    }
}

/// Packed symbols, the palette they count in if it is their own, and its transparent entry.
pub(super) type Repacked = (Vec<u8>, Option<Vec<u8>>, Option<u8>);

/// The same symbols, packed with more thought, and with a palette of only the colours in use where
/// they have one of their own.
pub(super) fn repacked(
    packed: Packed,
    palette: &Palette,
    local: bool,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Repacked> {
    let Packed { bytes, mut symbols } = packed;
    if !local {
        let other = parse::packed(&symbols, effort, cancel)?;
        let best = if other.len() < bytes.len() {
            other
        } else {
            bytes
        };
        return Ok((best, None, palette.transparent));
    }
    let mut used = [false; 256];
    for &symbol in &symbols {
        used[usize::from(symbol)] = true;
    }
    let clear = palette
        .transparent
        .is_some_and(|index| used[usize::from(index)]);
    let kept: Vec<u32> = (0..=255u8)
        .zip(&palette.entries)
        .filter(|&(index, _)| used[usize::from(index)] && Some(index) != palette.transparent)
        .map(|(_, &entry)| entry)
        .collect();
    let smaller = Palette::new(&kept, clear);
    for symbol in &mut symbols {
        *symbol = smaller
            .index(palette.entries[usize::from(*symbol)])
            .unwrap_or(0);
    }
    let best = parse::packed(&symbols, effort, cancel)?;
    Ok((best, Some(smaller.bytes()), smaller.transparent))
}

/// What the squared error of a pixel counts that stands still.
const STEADINESS: f32 = 0.5;

/// A frame's pixels and what may stand for them.
pub(super) struct Drawing<'a> {
    rect: Rect,
    dispose: Dispose,
    transparent: Option<u8>,
    nearness: &'a Nearness,
    /// The best symbol for each pixel.
    wanted: Vec<u8>,
    /// The squared distance to what is there already; infinite where that will not do.
    kept: Vec<f32>,
    /// One divided by the square of how much larger an error goes unnoticed than in middling detail.
    weight: Vec<f32>,
}

impl<'a> Drawing<'a> {
    /// What leads to the picture `now`, where `shown` is there already. Where the original stands
    /// still since its `last` picture, more may stay as it is, or it would flicker.
    pub fn new(
        planned: &Planned,
        palette: &Palette,
        nearness: &'a Nearness,
        [last, now, shown]: [&Canvas; 3],
        eye: &mut Eye,
    ) -> Drawing<'a> {
        let rect = planned.rect;
        let mut drawing = Drawing {
            rect,
            dispose: planned.dispose,
            transparent: palette.transparent,
            nearness,
            wanted: Vec::with_capacity(rect.area()),
            kept: Vec::with_capacity(rect.area()),
            weight: Vec::with_capacity(rect.area()),
        };
        let mut found = (CLEAR, palette.transparent);
        for y in 0..rect.height {
            let tolerances = tolerances(now, rect, y, eye);
            let rows = shown.row(rect, y).iter().zip(now.row(rect, y));
            let rows = rows.zip(last.row(rect, y)).zip(tolerances);
            for (((&before, &after), &last), tolerance) in rows {
                if found.0 != after {
                    found = (after, palette.index(after));
                }
                let kept = if palette.transparent.is_none() {
                    f32::INFINITY
                } else if before == after || found.1.is_none() {
                    // A colour that the palette lacks belongs to a pixel that did not change: what
                    // was good enough before still is.
                    0.0
                } else if before == CLEAR || after == CLEAR {
                    f32::INFINITY
                } else {
                    let steadiness = if last == after { STEADINESS } else { 1.0 };
                    squared(eye.lab(before), eye.lab(after)) * steadiness
                };
                let symbol = found.1.or(palette.transparent).unwrap_or(0);
                drawing.wanted.push(symbol);
                drawing.kept.push(kept);
                drawing.weight.push(1.0 / (tolerance * tolerance));
            }
        }
        drawing
    }

    /// Draws it where colours may be off by `limit` in an area of middling detail.
    pub fn painted(&self, limit: f32, cancel: &Cancel) -> Result<Painted> {
        let sharpness = 1.0 / (limit * limit).max(1e-12);
        let rect = self.needed(sharpness);
        let (width, from) = (self.rect.width as usize, rect);
        let places = (from.top..from.bottom()).flat_map(|y| {
            let start = y as usize * width + from.left as usize;
            start..start + from.width as usize
        });
        let loose = Loose {
            transparent: self.transparent,
            nearness: self.nearness,
            wanted: places.clone().map(|at| self.wanted[at]).collect(),
            kept: places.clone().map(|at| self.kept[at]).collect(),
            weight: places.map(|at| self.weight[at] * sharpness).collect(),
        };
        Ok(Painted {
            rect: Rect {
                left: self.rect.left + rect.left,
                top: self.rect.top + rect.top,
                ..rect
            },
            packed: lzw::packed(&loose, Thought::LITTLE, cancel)?,
        })
    }

    /// The part without the edges that may stay as they are, within the rectangle.
    fn needed(&self, sharpness: f32) -> Rect {
        if self.dispose == Dispose::Background {
            return Rect::new(0, 0, self.rect.width, self.rect.height);
        }
        let width = self.rect.width as usize;
        let mut needed = Rect::default();
        for (y, row) in (0u32..).zip(self.kept.chunks_exact(width)) {
            let weights = &self.weight[y as usize * width..][..width];
            let redrawn = |(kept, weight): (&f32, &f32)| kept * weight * sharpness > 1.0;
            let mut pairs = row.iter().zip(weights);
            if let Some(first) = pairs.clone().position(redrawn) {
                let last = pairs.rposition(redrawn).unwrap_or(first);
                needed = needed.around(Rect::new(first as u32, y, (last - first + 1) as u32, 1));
            }
        }
        if needed.is_empty() {
            needed = Rect::new(0, 0, 1, 1);
        }
        needed
    }
}

/// Pixels that may be off a little.
struct Loose<'a> {
    transparent: Option<u8>,
    nearness: &'a Nearness,
    wanted: Vec<u8>,
    kept: Vec<f32>,
    /// One divided by the largest squared distance that will do.
    weight: Vec<f32>,
}

impl Loose<'_> {
    #[inline]
    fn distance(&self, at: usize, symbol: u8) -> f32 {
        if Some(symbol) == self.transparent {
            self.kept[at]
        } else {
            self.nearness.distances[usize::from(self.wanted[at]) * 256 + usize::from(symbol)]
        }
    }
}

impl Choices for Loose<'_> {
    fn len(&self) -> usize {
        self.wanted.len()
    }

    fn largest(&self) -> u8 {
        (self.nearness.near.len()).saturating_sub(1) as u8
    }

    #[inline]
    fn error(&self, at: usize, symbol: u8) -> Option<u32> {
        let error = self.distance(at, symbol) * self.weight[at];
        (error <= 1.0).then_some((error * PIXEL as f32) as u32)
    }

    #[inline]
    fn symbols(&self, at: usize, found: &mut Vec<u8>) {
        let wanted = usize::from(self.wanted[at]);
        let row = &self.nearness.distances[wanted * 256..];
        let near = &self.nearness.near[wanted];
        let farther =
            near.partition_point(|&symbol| row[usize::from(symbol)] * self.weight[at] > 1.0);
        found.extend_from_slice(&near[farther..]);
        if let Some(transparent) = self.transparent
            && self.kept[at] * self.weight[at] <= 1.0
        {
            found.push(transparent);
        }
    }
}

/// For each pixel of a row, how much larger an error goes unnoticed than in middling detail. The
/// numbers gave the smallest files at equal scores.
fn tolerances(picture: &Canvas, rect: Rect, y: u32, eye: &mut Eye) -> Vec<f32> {
    let whole = Rect::new(0, 0, picture.width, picture.height);
    let y = rect.top + y;
    let row = picture.row(whole, y);
    let above = picture.row(whole, y.saturating_sub(1));
    let below = picture.row(whole, (y + 1).min(picture.height - 1));
    let last = picture.width as usize - 1;
    (rect.left as usize..rect.right() as usize)
        .map(|x| {
            let here = eye.lab(row[x])[0];
            let around = [
                row[x.saturating_sub(1)],
                row[(x + 1).min(last)],
                above[x],
                below[x],
            ];
            let detail: f32 = around
                .iter()
                .map(|&pixel| (eye.lab(pixel)[0] - here).abs())
                .sum();
            (0.6 + detail * 3.0).min(2.5)
        })
        .collect()
}
