//! Where in the picture the errors are.

use std::ops::Range;

use super::norms::{self, CHANNELS, Sums};
use super::tile;

/// Side of the blocks in pixels. As wide as a tile, so that sums are never split but at the end of
/// a row of tiles.
pub const SIDE: usize = tile::WIDTH;

/// Scales that are told apart by block. At the next one a block would be less than half a tile high,
/// and it counts for nothing.
const SCALES: usize = 5;

/// The errors of every block of a picture, by scale.
pub struct Blocks {
    width: usize,
    height: usize,
    /// Blocks in a row.
    across: usize,
    sums: Vec<[[Sums; CHANNELS]; SCALES]>,
}

/// A block, and about what it would score if it were all of the picture.
#[derive(Clone, Copy, Debug)]
pub struct Suspect {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
    pub estimate: f64,
}

impl Blocks {
    /// Those of a picture of this size.
    pub fn new(width: usize, height: usize) -> Blocks {
        let across = width.div_ceil(SIDE);
        Blocks {
            width,
            height,
            across,
            sums: vec![Default::default(); across * height.div_ceil(SIDE)],
        }
    }

    /// The blocks that a tile covers at a scale, and the columns of it that are theirs.
    pub fn columns(
        &self,
        scale: usize,
        left: usize,
        columns: usize,
    ) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let side = (SIDE >> scale).max(1);
        let first = left / side;
        (0..columns.div_ceil(side))
            .map(move |at| (first + at, at * side..((at + 1) * side).min(columns)))
    }

    /// Adds the errors of a part of a band of tiles, in the column of blocks `block`.
    pub fn add(&mut self, scale: usize, block: usize, top: usize, channel: usize, sums: &Sums) {
        if scale < SCALES {
            let row = (top << scale) / SIDE;
            self.sums[row * self.across + block][scale][channel].add(sums);
        }
    }

    /// All blocks, the worst first. They lie on a grid, but those that would stick out of the picture
    /// are moved inwards. `scales` is the number of scales of the picture.
    pub fn suspects(&self, scales: usize) -> Vec<Suspect> {
        let down = self.height.div_ceil(SIDE);
        let mut suspects: Vec<Suspect> = (0..down)
            .flat_map(|row| (0..self.across).map(move |column| (column, row)))
            .map(|(column, row)| self.suspect(column, row, scales))
            .collect();
        suspects.sort_by(|a, b| a.estimate.total_cmp(&b.estimate));
        suspects
    }

    fn suspect(&self, column: usize, row: usize, scales: usize) -> Suspect {
        let (left, columns) = placed(column, self.width);
        let (top, rows) = placed(row, self.height);
        let (width, height) = (self.width.min(SIDE), self.height.min(SIDE));
        // A moved block lies in two places of the grid, and at worst has the errors of both.
        let mut sums = [[Sums::default(); CHANNELS]; SCALES];
        for at in rows.flat_map(|row| columns.clone().map(move |column| (row, column))) {
            let part = &self.sums[at.0 * self.across + at.1];
            for (sum, part) in sums.iter_mut().flatten().zip(part.iter().flatten()) {
                sum.add(part);
            }
        }
        let scales: Vec<norms::Scale> = (0..scales)
            .map(|scale| norms::Scale {
                pixels: (width.div_ceil(1 << scale) * height.div_ceil(1 << scale)) as f64,
                channels: sums.get(scale).copied().unwrap_or_default(),
            })
            .collect();
        Suspect {
            left,
            top,
            width,
            height,
            estimate: norms::score(&scales),
        }
    }
}

/// Where the block at this place of the grid begins, and the places of the grid that it covers.
fn placed(place: usize, size: usize) -> (usize, Range<usize>) {
    let start = (place * SIDE).min(size.saturating_sub(SIDE));
    (start, start / SIDE..place + 1)
}
