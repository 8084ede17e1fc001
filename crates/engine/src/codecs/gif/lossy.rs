//! Smaller files that look alike: pixels may take a near colour where that packs better.
//!
//! Every error is measured against the original's picture, never against the frame before, so
//! errors do not add up over time. Which pixels are transparent never changes.

use whittle_core::Cancel;

use super::colours::{Palette, Palettes};
use super::encode::Context;
use super::geometry::{CLEAR, Canvas, Rect};
use super::layout::{Dispose, damaged};
use super::lzw::{self, Choices, Exact, PIXEL, Packed, Thought};
use super::perceive::{Eye, squared};
use super::plan::Planned;
use super::write::{self, FrameHead};
use crate::Result;

/// A file and what became of its pictures.
pub(super) struct Trial {
    pub file: Vec<u8>,
    /// For each written frame, how wrong its picture is: the mean of squared distances.
    pub errors: Vec<f32>,
}

/// Writes the planned animation. `limits` tells for each frame how far a colour may be off in an
/// area of middling detail; `shown` gets every written frame's number, its picture and the
/// original's.
pub(super) fn lossy_file(
    context: &Context,
    frames: &[Planned],
    palettes: &Palettes,
    limits: &[f32],
    attempts: &[Thought],
    mut shown: impl FnMut(usize, &Canvas, &Canvas) -> Result<()>,
) -> Result<Trial> {
    let layout = context.layout;
    let size = (layout.width.into(), layout.height.into());
    let global = palettes.global_bytes();
    let metadata = context.recipe.metadata;
    let mut out = write::header(context.bytes, layout, size, &global, 0, metadata);
    let mut player = context.play()?;
    let mut base = Canvas::clear(size.0, size.1);
    let mut eye = Eye::new();
    let mut errors = Vec::with_capacity(frames.len());
    for (number, (planned, local)) in frames.iter().zip(&palettes.local).enumerate() {
        for _ in 0..planned.stands_for {
            context.cancel.check()?;
            player
                .next()?
                .ok_or_else(|| damaged("a frame went missing"))?;
        }
        let now = player.canvas();
        let palette = local.as_ref().unwrap_or(&palettes.global);
        let mut drawing = Drawing::new(planned, palette, &base, now, limits[number], &mut eye);
        drawing.crop();
        let packed = lzw::packed(&drawing, Thought::LITTLE, context.cancel)?;
        let rect = drawing.rect;
        let before = base.cut(rect);
        for (y, row) in (0..rect.height).zip(packed.symbols.chunks_exact(rect.width as usize)) {
            for (pixel, &symbol) in base.row_mut(rect, y).iter_mut().zip(row) {
                if Some(symbol) != palette.transparent {
                    *pixel = palette.entries[usize::from(symbol)];
                }
            }
        }
        errors.push(drawing.mean_error(&packed.symbols));
        shown(number, &base, now)?;
        match planned.dispose {
            Dispose::Keep => {}
            Dispose::Background => base.wipe(rect),
            Dispose::Previous => base.paste(rect, &before),
        }
        let (packed, local, transparent) =
            repacked(packed, palette, local.is_some(), attempts, context.cancel)?;
        let head = FrameHead {
            rect,
            dispose: planned.dispose,
            delay: planned.delay,
            user_input: planned.user_input,
            transparent,
            palette: local.as_deref(),
        };
        write::frame(&mut out, &head, &packed);
        if number == 0 {
            write::after_first_frame(&mut out, layout);
        }
    }
    out.push(0x3b);
    Ok(Trial { file: out, errors })
}

/// Packed symbols, the palette they count in if it is their own, and its transparent entry.
type Repacked = (Vec<u8>, Option<Vec<u8>>, Option<u8>);

/// The same symbols, packed with more thought, and with a palette of only the colours in use.
fn repacked(
    packed: Packed,
    palette: &Palette,
    local: bool,
    attempts: &[Thought],
    cancel: &Cancel,
) -> Result<Repacked> {
    let Packed { bytes, mut symbols } = packed;
    if !local {
        let other = lzw::smallest(&Exact(&symbols), attempts, cancel)?.bytes;
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
    let best = lzw::smallest(&Exact(&symbols), attempts, cancel)?.bytes;
    Ok((best, Some(smaller.bytes()), smaller.transparent))
}

/// A frame's pixels with all that may stand for them.
struct Drawing {
    rect: Rect,
    dispose: Dispose,
    /// The best symbol for each pixel.
    wanted: Vec<u8>,
    /// The squared distance to what is there already; infinite where that will not do.
    kept: Vec<f32>,
    /// One divided by the largest squared distance that will do.
    weight: Vec<f32>,
    transparent: Option<u8>,
    /// Squared distances of all symbols, by the wanted one and the one that stands for it.
    distances: Vec<f32>,
    /// For each wanted symbol, the others from the farthest to the nearest.
    near: Vec<Vec<u8>>,
}

impl Drawing {
    fn new(
        planned: &Planned,
        palette: &Palette,
        base: &Canvas,
        now: &Canvas,
        limit: f32,
        eye: &mut Eye,
    ) -> Drawing {
        let rect = planned.rect;
        let mut drawing = Drawing {
            rect,
            dispose: planned.dispose,
            wanted: Vec::with_capacity(rect.area()),
            kept: Vec::with_capacity(rect.area()),
            weight: Vec::with_capacity(rect.area()),
            transparent: palette.transparent,
            distances: Vec::new(),
            near: Vec::new(),
        };
        drawing.compare(palette, eye);
        let mut last = (CLEAR, palette.transparent);
        for y in 0..rect.height {
            let tolerances = tolerances(now, rect, y, eye);
            let rows = base.row(rect, y).iter().zip(now.row(rect, y));
            for ((&before, &after), tolerance) in rows.zip(tolerances) {
                if last.0 != after {
                    last = (after, palette.index(after));
                }
                let kept = if palette.transparent.is_none() {
                    f32::INFINITY
                } else if before == after || last.1.is_none() {
                    // A colour that the palette lacks belongs to a pixel that did not change: what
                    // was good enough before still is.
                    0.0
                } else if before == CLEAR || after == CLEAR {
                    f32::INFINITY
                } else {
                    squared(eye.lab(before), eye.lab(after))
                };
                drawing
                    .wanted
                    .push(last.1.or(palette.transparent).unwrap_or(0));
                drawing.kept.push(kept);
                let most = limit * tolerance;
                drawing.weight.push(1.0 / (most * most).max(1e-12));
            }
        }
        drawing
    }

    fn compare(&mut self, palette: &Palette, eye: &mut Eye) {
        let count = palette.entries.len();
        self.distances = vec![f32::INFINITY; count * 256];
        for (wanted, &a) in palette.entries.iter().enumerate() {
            let row = &mut self.distances[wanted * 256..][..count];
            for (distance, &b) in row.iter_mut().zip(&palette.entries) {
                if a != CLEAR && b != CLEAR {
                    *distance = squared(eye.lab(a), eye.lab(b));
                }
            }
            let mut near: Vec<u8> = (0..=255).take(count).collect();
            near.retain(|&index| row[usize::from(index)].is_finite());
            near.sort_by(|&a, &b| row[usize::from(b)].total_cmp(&row[usize::from(a)]));
            self.near.push(near);
        }
    }

    /// Leaves away what may stay as it is at the edges.
    fn crop(&mut self) {
        if self.dispose == Dispose::Background {
            return;
        }
        let width = self.rect.width as usize;
        let mut needed = Rect::default();
        for (y, row) in (0u32..).zip(self.kept.chunks_exact(width)) {
            let weights = &self.weight[y as usize * width..][..width];
            let redrawn = |(kept, weight): (&f32, &f32)| kept * weight > 1.0;
            let mut pairs = row.iter().zip(weights);
            if let Some(first) = pairs.clone().position(redrawn) {
                let last = pairs.rposition(redrawn).unwrap_or(first);
                needed = needed.around(Rect::new(first as u32, y, (last - first + 1) as u32, 1));
            }
        }
        if needed.is_empty() {
            needed = Rect::new(0, 0, 1, 1);
        }
        let cut = |from: usize| {
            let rows = needed.top as usize..needed.bottom() as usize;
            rows.flat_map(move |y| {
                let start = y * from + needed.left as usize;
                start..start + needed.width as usize
            })
        };
        self.wanted = cut(width).map(|at| self.wanted[at]).collect();
        self.kept = cut(width).map(|at| self.kept[at]).collect();
        self.weight = cut(width).map(|at| self.weight[at]).collect();
        self.rect = Rect::new(
            self.rect.left + needed.left,
            self.rect.top + needed.top,
            needed.width,
            needed.height,
        );
    }
}

impl Drawing {
    /// The mean squared distance of the chosen symbols.
    fn mean_error(&self, symbols: &[u8]) -> f32 {
        let sum: f32 = symbols
            .iter()
            .enumerate()
            .map(|(at, &symbol)| self.distance(at, symbol))
            .sum();
        sum / symbols.len() as f32
    }

    #[inline]
    fn distance(&self, at: usize, symbol: u8) -> f32 {
        if Some(symbol) == self.transparent {
            self.kept[at]
        } else {
            self.distances[usize::from(self.wanted[at]) * 256 + usize::from(symbol)]
        }
    }
}

impl Choices for Drawing {
    fn len(&self) -> usize {
        self.wanted.len()
    }

    fn largest(&self) -> u8 {
        (self.distances.len() / 256).saturating_sub(1) as u8
    }

    #[inline]
    fn error(&self, at: usize, symbol: u8) -> Option<u32> {
        let error = self.distance(at, symbol) * self.weight[at];
        (error <= 1.0).then_some((error * PIXEL as f32) as u32)
    }

    #[inline]
    fn symbols(&self, at: usize, found: &mut Vec<u8>) {
        let wanted = usize::from(self.wanted[at]);
        let row = &self.distances[wanted * 256..];
        let farther = self.near[wanted]
            .partition_point(|&symbol| row[usize::from(symbol)] * self.weight[at] > 1.0);
        found.extend_from_slice(&self.near[wanted][farther..]);
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
