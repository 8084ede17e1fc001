//! Smaller files that look alike: pixels may take a near colour where that packs better.
//!
//! Every error is measured against the original's picture, never against the frame before, so
//! errors do not add up over time. Which pixels are transparent never changes.

use std::borrow::Cow;

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
    let (entries, all) = (smaller.bytes(), palette.bytes());
    // Symbols were chosen for the strings that were known at their places: parsed anew, they may take more.
    Ok(if bytes.len() + all.len() < best.len() + entries.len() {
        (bytes, Some(all), palette.transparent)
    } else {
        (best, Some(entries), smaller.transparent)
    })
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
    /// The squared distance to what is there already; infinite where that will not do. `None` where
    /// nothing was there: then only what is clear stays so.
    kept: Option<Vec<f32>>,
    /// How much goes unnoticed: a step of [`tolerance_of`].
    tolerance: Vec<u8>,
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
        let mut drawing = Drawing::first(planned, palette, nearness, now, eye);
        let rect = planned.rect;
        let mut kept = Vec::with_capacity(rect.area());
        let mut found = (CLEAR, palette.index(CLEAR));
        for y in 0..rect.height {
            let rows = shown.row(rect, y).iter().zip(now.row(rect, y));
            for ((&before, &after), &last) in rows.zip(last.row(rect, y)) {
                if found.0 != after {
                    found = (after, palette.index(after));
                }
                kept.push(if palette.transparent.is_none() {
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
                });
            }
        }
        drawing.kept = Some(kept);
        drawing
    }

    /// What leads to the picture `now` where nothing is there yet.
    pub fn first(
        planned: &Planned,
        palette: &Palette,
        nearness: &'a Nearness,
        now: &Canvas,
        eye: &mut Eye,
    ) -> Drawing<'a> {
        let rect = planned.rect;
        let mut wanted = Vec::with_capacity(rect.area());
        let mut tolerance = Vec::with_capacity(rect.area());
        let mut found = (CLEAR, palette.transparent);
        for y in 0..rect.height {
            for &pixel in now.row(rect, y) {
                if found.0 != pixel {
                    found = (pixel, palette.index(pixel));
                }
                wanted.push(found.1.or(palette.transparent).unwrap_or(0));
            }
            tolerances(now, rect, y, eye, &mut tolerance);
        }
        Drawing {
            rect,
            dispose: planned.dispose,
            transparent: palette.transparent,
            nearness,
            wanted,
            kept: None,
            tolerance,
        }
    }

    /// The best symbol for each pixel.
    pub fn wanted(&self) -> &[u8] {
        &self.wanted
    }

    /// Draws it where colours may be off by `limit` in an area of middling detail.
    pub fn painted(&self, limit: f32, cancel: &Cancel) -> Result<Painted> {
        let weights = weights(limit);
        self.painted_within(self.needed(&weights), weights, cancel)
    }

    /// As [`Drawing::painted`], with all pixels of the plan.
    pub fn painted_whole(&self, limit: f32, cancel: &Cancel) -> Result<Painted> {
        let whole = Rect::new(0, 0, self.rect.width, self.rect.height);
        self.painted_within(whole, weights(limit), cancel)
    }

    fn painted_within(
        &self,
        rect: Rect,
        weights: Box<[f32; 256]>,
        cancel: &Cancel,
    ) -> Result<Painted> {
        let loose = Loose {
            transparent: self.transparent,
            nearness: self.nearness,
            wanted: self.part(&self.wanted, rect),
            kept: self.kept.as_ref().map(|kept| self.part(kept, rect)),
            tolerance: self.part(&self.tolerance, rect),
            weights,
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

    /// What belongs to a part of the rectangle.
    fn part<'s, T: Copy>(&self, values: &'s [T], part: Rect) -> Cow<'s, [T]> {
        let width = self.rect.width as usize;
        if part.area() == values.len() {
            return Cow::Borrowed(values);
        }
        let rows = values.chunks_exact(width).skip(part.top as usize);
        let columns = part.left as usize..part.right() as usize;
        let rows = rows.take(part.height as usize);
        Cow::Owned(
            rows.flat_map(|row| &row[columns.clone()])
                .copied()
                .collect(),
        )
    }

    /// The part without the edges that may stay as they are, within the rectangle.
    fn needed(&self, weights: &[f32; 256]) -> Rect {
        if self.dispose == Dispose::Background {
            return Rect::new(0, 0, self.rect.width, self.rect.height);
        }
        let width = self.rect.width as usize;
        let mut needed = Rect::default();
        for y in 0..self.rect.height as usize {
            let row = y * width..(y + 1) * width;
            let redrawn = |at: usize| {
                let kept = match &self.kept {
                    Some(kept) => kept[at],
                    None => kept_clear(self.wanted[at], self.transparent),
                };
                kept * weights[usize::from(self.tolerance[at])] > 1.0
            };
            if let Some(first) = row.clone().find(|&at| redrawn(at)) {
                let last = row.clone().rfind(|&at| redrawn(at)).unwrap_or(first);
                let left = (first - row.start) as u32;
                let drawn = Rect::new(left, y as u32, (last - first + 1) as u32, 1);
                needed = needed.around(drawn);
            }
        }
        if needed.is_empty() {
            needed = Rect::new(0, 0, 1, 1);
        }
        needed
    }
}

/// The distance of what is clear where nothing was there before.
fn kept_clear(wanted: u8, transparent: Option<u8>) -> f32 {
    if Some(wanted) == transparent {
        0.0
    } else {
        f32::INFINITY
    }
}

/// Pixels that may be off a little.
struct Loose<'a> {
    transparent: Option<u8>,
    nearness: &'a Nearness,
    wanted: Cow<'a, [u8]>,
    kept: Option<Cow<'a, [f32]>>,
    tolerance: Cow<'a, [u8]>,
    /// One divided by the largest squared distance that will do, for each tolerance.
    weights: Box<[f32; 256]>,
}

impl Loose<'_> {
    #[inline]
    fn distance(&self, at: usize, symbol: u8) -> f32 {
        if Some(symbol) == self.transparent {
            self.kept(at)
        } else {
            self.nearness.distances[usize::from(self.wanted[at]) * 256 + usize::from(symbol)]
        }
    }

    #[inline]
    fn kept(&self, at: usize) -> f32 {
        match &self.kept {
            Some(kept) => kept[at],
            None => kept_clear(self.wanted[at], self.transparent),
        }
    }

    #[inline]
    fn weight(&self, at: usize) -> f32 {
        self.weights[usize::from(self.tolerance[at])]
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
        let error = self.distance(at, symbol) * self.weight(at);
        (error <= 1.0).then_some((error * PIXEL as f32) as u32)
    }

    #[inline]
    fn symbols(&self, at: usize, found: &mut Vec<u8>) {
        let wanted = usize::from(self.wanted[at]);
        let row = &self.nearness.distances[wanted * 256..];
        let near = &self.nearness.near[wanted];
        let weight = self.weight(at);
        let farther = near.partition_point(|&symbol| row[usize::from(symbol)] * weight > 1.0);
        found.extend_from_slice(&near[farther..]);
        if let Some(transparent) = self.transparent
            && self.kept(at) * weight <= 1.0
        {
            found.push(transparent);
        }
    }
}

/// The least and the largest tolerance, and what detail adds: these gave the smallest files at equal scores.
const TOLERANCES: [f32; 2] = [0.6, 2.5];
const FOR_DETAIL: f32 = 3.0;

/// How much larger an error goes unnoticed than in middling detail, by step.
fn tolerance_of(step: usize) -> f32 {
    TOLERANCES[0] + (TOLERANCES[1] - TOLERANCES[0]) * step as f32 / 255.0
}

/// One divided by the largest squared distance that will do with a limit, by step of tolerance.
fn weights(limit: f32) -> Box<[f32; 256]> {
    let sharpness = 1.0 / (limit * limit).max(1e-12);
    let mut weights = Box::new([0.0; 256]);
    for (step, weight) in weights.iter_mut().enumerate() {
        *weight = sharpness / tolerance_of(step).powi(2);
    }
    weights
}

/// The steps of tolerance of a row's pixels, by the detail around each.
fn tolerances(picture: &Canvas, rect: Rect, y: u32, eye: &mut Eye, steps: &mut Vec<u8>) {
    let whole = Rect::new(0, 0, picture.width, picture.height);
    let y = rect.top + y;
    let row = picture.row(whole, y);
    let above = picture.row(whole, y.saturating_sub(1));
    let below = picture.row(whole, (y + 1).min(picture.height - 1));
    let last = picture.width as usize - 1;
    let scale = 255.0 / (TOLERANCES[1] - TOLERANCES[0]);
    steps.extend((rect.left as usize..rect.right() as usize).map(|x| {
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
        // A float becomes a byte at most 255.
        (detail * FOR_DETAIL * scale).round() as u8
    }));
}
