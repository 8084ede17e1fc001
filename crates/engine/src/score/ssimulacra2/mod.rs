//! SSIMULACRA2, the metric by Jon Sneyers that tells how good a compressed picture looks: 100 is
//! identical, 90 hardly to be told apart, 70 good, 50 medium, and there is no lower end.
//!
//! This is an own implementation of version 2.1 of libjxl's `tools/ssimulacra2.cc` (BSD-3-Clause).
//! It takes rows, keeps a few of them for each scale, and works on tiles that fit the fastest cache,
//! so its memory grows with the width only, and nothing is computed that the weights make nothing
//! of. Its scores differ from the reference's by rounding.

mod blocks;
mod colour;
pub(crate) mod norms;
mod recursive;
mod scale;
#[cfg(test)]
mod tests;
mod tile;

use blocks::Blocks;
pub use blocks::Suspect;
use scale::{Light, Scale};
use tile::Tile;

/// A scale is made from one whose sides are no smaller than this.
const SMALLEST: usize = 8;

/// Two pictures of one size, which are compared row by row from the top.
pub struct Comparison {
    width: usize,
    height: usize,
    scales: Vec<Scale>,
    /// The row at hand.
    light: Light,
    /// The rows of a picture too low for a scale, which are mirrored at the end.
    low: Vec<[Vec<u8>; 2]>,
    tile: Box<Tile>,
    blocks: Option<Blocks>,
}

impl Comparison {
    /// Of pictures of this size in pixels, neither side nought.
    pub fn new(width: usize, height: usize) -> Comparison {
        let padded = (width.max(SMALLEST), height.max(SMALLEST));
        let mut sizes = vec![padded];
        while let Some((width, height)) = sizes.last()
            && sizes.len() < norms::SCALES
            && *width.min(height) >= SMALLEST
        {
            sizes.push((width.div_ceil(2), height.div_ceil(2)));
        }
        let scales = (0..sizes.len())
            .map(|index| Scale::new(index, sizes.len(), sizes[index].0, sizes[index].1))
            .collect();
        Comparison {
            width,
            height,
            scales,
            light: scale::dark(padded.0),
            low: Vec::new(),
            tile: Tile::new(),
            blocks: None,
        }
    }

    /// The same, which also tells where the errors are.
    pub fn by_block(width: usize, height: usize) -> Comparison {
        Comparison {
            blocks: Some(Blocks::new(width, height)),
            ..Comparison::new(width, height)
        }
    }

    /// Takes the next row of both: sRGB, three bytes a pixel, or four of which the last is ignored.
    pub fn push(&mut self, original: &[u8], result: &[u8]) {
        if self.height < SMALLEST {
            self.low.push([original.to_vec(), result.to_vec()]);
        }
        self.push_row([original, result]);
    }

    /// The score, after the last row.
    pub fn finish(self) -> f64 {
        self.finish_by_block().0
    }

    /// The score and, when they were asked for, all blocks, the worst first.
    pub fn finish_by_block(mut self) -> (f64, Vec<Suspect>) {
        let low = std::mem::take(&mut self.low);
        for y in low.len()..SMALLEST {
            if !low.is_empty() {
                let [original, result] = &low[mirrored(y, low.len())];
                self.push_row([original, result]);
            }
        }
        for scale in &mut self.scales {
            scale.finish(&mut self.tile, self.blocks.as_mut());
        }
        let sums: Vec<_> = self.scales.iter().map(Scale::sums).collect();
        let suspects = self.blocks.map(|blocks| blocks.suspects(sums.len()));
        (norms::score(&sums), suspects.unwrap_or_default())
    }

    fn push_row(&mut self, rows: [&[u8]; 2]) {
        for (row, light) in rows.into_iter().zip(&mut self.light) {
            colour::linearize(row, row.len() / self.width, light);
            for channel in light {
                for x in self.width..SMALLEST {
                    channel[x] = channel[mirrored(x, self.width)];
                }
            }
        }
        let blocks = &mut self.blocks;
        let (first, rest) = self.scales.split_first_mut().expect("there is a scale");
        let mut finer = first;
        let mut more = finer.push(&self.light, &mut self.tile, blocks.as_mut());
        for scale in rest {
            if !more {
                break;
            }
            more = scale.push(finer.half(), &mut self.tile, blocks.as_mut());
            finer = scale;
        }
    }
}

/// Where a coordinate outside of a picture lands when the picture is mirrored at its last pixel.
fn mirrored(at: usize, size: usize) -> usize {
    if size == 1 {
        return 0;
    }
    let period = 2 * (size - 1);
    let at = at % period;
    at.min(period - at)
}

/// `a * b + c`, in one instruction where the processor has it. Elsewhere `mul_add` would be a slow
/// call.
#[inline(always)]
pub(crate) fn fused<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}
