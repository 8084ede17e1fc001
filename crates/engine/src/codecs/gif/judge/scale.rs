//! One of the sizes at which pictures are compared.

use super::super::geometry::{CLEAR, Canvas, Rect};
use super::BLOCK;
use super::bands::{Band, REACH};
use super::tones::{Tone, Tones, xyb};
use crate::score::ssimulacra2::norms::{self, CHANNELS, Sums};

/// Side of the tiles whose sums are kept, in pixels of their scale: a block is made of whole ones.
pub(super) fn tile(scale: usize) -> u32 {
    (BLOCK >> scale).min(16)
}

/// Both pictures as they are seen: what should be shown, and what is.
pub(super) struct View<'v, 'a> {
    pub canvases: [&'v Canvas; 2],
    pub tones: &'v mut Tones<'a>,
    pub under: Tone,
}

/// Both pictures at one size, and how far they are apart in each tile.
pub(super) struct Scale {
    pub size: Rect,
    wanted: [bool; CHANNELS],
    /// Light of both pictures; none at the finest scale, where the canvases are at hand.
    pub light: [[Vec<f32>; 3]; 2],
    /// Tiles in a row.
    pub across: u32,
    pub tiles: Vec<[Sums; CHANNELS]>,
}

impl Scale {
    pub fn new(scale: usize, sizes: &[Rect]) -> Scale {
        let size = sizes[scale];
        let tile = tile(scale);
        let across = size.width.div_ceil(tile);
        let plane = || vec![0.0; if scale == 0 { 0 } else { size.area() }];
        Scale {
            size,
            wanted: norms::wanted(scale, sizes.len()),
            light: std::array::from_fn(|_| std::array::from_fn(|_| plane())),
            across,
            tiles: vec![Default::default(); (across * size.height.div_ceil(tile)) as usize],
        }
    }

    /// Measures the tiles anew that a change within `dirty` has an influence on.
    pub fn measure(&mut self, scale: usize, dirty: Rect, view: &mut View) {
        let side = tile(scale);
        let out = |at: u32| at.saturating_sub(REACH) / side * side;
        let (left, top) = (out(dirty.left), out(dirty.top));
        let right = (dirty.right() + REACH)
            .next_multiple_of(side)
            .min(self.size.width);
        let bottom = (dirty.bottom() + REACH)
            .next_multiple_of(side)
            .min(self.size.height);
        for channel in (0..CHANNELS).filter(|&channel| self.wanted[channel]) {
            let mut band = Band::new((right - left) as usize);
            for y in top..bottom + REACH {
                if y == top {
                    for above in top.saturating_sub(REACH)..top {
                        self.row(channel, above, left, view, &mut band);
                        band.push(above);
                    }
                }
                if y < self.size.height {
                    self.row(channel, y, left, view, &mut band);
                } else {
                    band.row = [vec![0.0; band.row[0].len()], vec![0.0; band.row[1].len()]];
                }
                band.push(y);
                if y < top + REACH {
                    continue;
                }
                let done = y - REACH;
                band.errors(done);
                if (done + 1).is_multiple_of(side) || done + 1 == bottom {
                    let row = done / side * self.across;
                    for (at, first) in (left..right).step_by(side as usize).enumerate() {
                        let columns = at * side as usize
                            ..((at + 1) * side as usize).min((right - left) as usize);
                        self.tiles[(row + first / side) as usize][channel] = band.sums(columns);
                    }
                    band.clear();
                }
            }
        }
    }

    /// Fetches one row of both pictures with a margin; outside of them there is nothing.
    fn row(&self, channel: usize, y: u32, left: u32, view: &mut View, band: &mut Band) {
        let reach = REACH as usize;
        let width = self.size.width as usize;
        let from = (left as usize).saturating_sub(reach);
        let skip = reach - (left as usize - from);
        for picture in 0..2 {
            let row = &mut band.row[picture];
            row[..skip].fill(0.0);
            let count = (row.len() - skip).min(width - from);
            row[skip + count..].fill(0.0);
            let start = y as usize * width + from;
            let out = &mut row[skip..skip + count];
            if self.light[picture][0].is_empty() {
                let pixels = &view.canvases[picture].pixels[start..start + count];
                for (out, &pixel) in out.iter_mut().zip(pixels) {
                    *out = if pixel == CLEAR {
                        view.under.xyb[channel]
                    } else {
                        view.tones.of(pixel).xyb[channel]
                    };
                }
            } else {
                let [r, g, b] = self.light[picture]
                    .each_ref()
                    .map(|plane| &plane[start..start + count]);
                for (((out, &r), &g), &b) in out.iter_mut().zip(r).zip(g).zip(b) {
                    *out = xyb(channel, [r, g, b]);
                }
            }
        }
    }
}

pub(super) fn halved(size: Rect) -> Rect {
    Rect::new(0, 0, size.width.div_ceil(2), size.height.div_ceil(2))
}

/// The pixels of the next scale that a rectangle touches.
pub(super) fn halved_around(rect: Rect) -> Rect {
    let (left, top) = (rect.left / 2, rect.top / 2);
    Rect::new(
        left,
        top,
        rect.right().div_ceil(2) - left,
        rect.bottom().div_ceil(2) - top,
    )
}

/// Halves a canvas within a rectangle of the result.
pub(super) fn halve_canvas(
    canvas: &Canvas,
    within: Rect,
    tones: &mut Tones,
    under: &Tone,
    light: &mut [Vec<f32>; 3],
) {
    let width = canvas.width.div_ceil(2) as usize;
    for y in within.top..within.bottom() {
        let rows =
            [2 * y, (2 * y + 1).min(canvas.height - 1)].map(|y| canvas.row(canvas.rect(), y));
        for x in within.left as usize..within.right() as usize {
            let right = (2 * x + 1).min(canvas.width as usize - 1);
            let mut sum = [0.0; 3];
            for pixel in [
                rows[0][2 * x],
                rows[0][right],
                rows[1][2 * x],
                rows[1][right],
            ] {
                let light = if pixel == CLEAR {
                    under.light
                } else {
                    tones.of(pixel).light
                };
                for (sum, light) in sum.iter_mut().zip(light) {
                    *sum += light;
                }
            }
            for (plane, sum) in light.iter_mut().zip(sum) {
                plane[y as usize * width + x] = sum * 0.25;
            }
        }
    }
}

/// Halves the light of a finer scale within a rectangle of the result.
pub(super) fn halve(
    finer: &[Vec<f32>; 3],
    from: Rect,
    within: Rect,
    size: Rect,
    light: &mut [Vec<f32>; 3],
) {
    let (wide, width) = (from.width as usize, size.width as usize);
    for (finer, plane) in finer.iter().zip(light) {
        for y in within.top..within.bottom() {
            let above = &finer[2 * y as usize * wide..][..wide];
            let below = &finer[(2 * y + 1).min(from.height - 1) as usize * wide..][..wide];
            for x in within.left as usize..within.right() as usize {
                let right = (2 * x + 1).min(wide - 1);
                plane[y as usize * width + x] =
                    (above[2 * x] + above[right] + below[2 * x] + below[right]) * 0.25;
            }
        }
    }
}
