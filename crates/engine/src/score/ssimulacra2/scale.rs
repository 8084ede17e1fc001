//! One scale of the comparison: rows go in, sums of errors and rows of half the size come out.

use std::ops::Range;

use super::blocks::Blocks;
use super::colour::to_xyb;
use super::norms::{self, CHANNELS, Sums};
use super::recursive::Recursive;
use super::tile::{self, OUTER_HEIGHT, OUTER_WIDTH, REACH, Tile};

/// Red, green and blue light of a row, of both pictures.
pub type Light = [[Vec<f32>; 3]; 2];

/// Rows without content, of a picture of this width.
pub fn dark(width: usize) -> Light {
    std::array::from_fn(|_| std::array::from_fn(|_| vec![0.0; width]))
}

pub struct Scale {
    index: usize,
    width: usize,
    height: usize,
    wanted: [bool; CHANNELS],
    /// Channels that are measured with the reference's rounding, not by tiles.
    recursive: [Option<Recursive>; CHANNELS],
    /// The last rows of each channel of both pictures, with dark margins. Row y is at y modulo their
    /// number. Empty when no channel is wanted.
    window: [[Vec<f32>; CHANNELS]; 2],
    /// Floats from one row of the window to the next.
    stride: usize,
    rows_in: usize,
    rows_out: usize,
    sums: [Sums; CHANNELS],
    /// The sum of two rows so far, of half the width: the next scale's row, when there are two.
    half: Light,
}

impl Scale {
    /// The scale of this index of so many, of a picture of this size at this scale.
    pub fn new(index: usize, scales: usize, width: usize, height: usize) -> Scale {
        let wanted = norms::wanted(index, scales);
        let stride = width.next_multiple_of(tile::WIDTH) + 2 * REACH;
        let rows = if wanted.contains(&true) {
            OUTER_HEIGHT
        } else {
            0
        };
        let planes = || std::array::from_fn(|_| vec![0.0; stride * rows]);
        let next = if index + 1 < scales {
            width.div_ceil(2)
        } else {
            0
        };
        Scale {
            index,
            width,
            height,
            wanted,
            recursive: norms::sensitive(index, scales, width * height)
                .map(|sensitive| sensitive.then(|| Recursive::new(width, height))),
            window: [planes(), planes()],
            stride,
            rows_in: 0,
            rows_out: 0,
            sums: Default::default(),
            half: dark(next),
        }
    }

    /// Takes the next row in. Tells whether [`half`](Scale::half) now holds the next scale's row.
    pub fn push(&mut self, light: &Light, tile: &mut Tile, blocks: Option<&mut Blocks>) -> bool {
        if self.wanted.contains(&true) {
            for (light, window) in light.iter().zip(&mut self.window) {
                let start = self.rows_in % OUTER_HEIGHT * self.stride + REACH;
                let end = start + self.width;
                to_xyb(
                    light.each_ref().map(Vec::as_slice),
                    self.wanted,
                    window.each_mut().map(|plane| &mut plane[start..end]),
                );
            }
        }
        self.measure_ready(tile, blocks);
        self.halve(light)
    }

    /// The next scale's row.
    pub fn half(&self) -> &Light {
        &self.half
    }

    /// Measures what waited for rows below the last.
    pub fn finish(&mut self, tile: &mut Tile, mut blocks: Option<&mut Blocks>) {
        debug_assert_eq!(self.rows_in, self.height);
        while self.rows_out < self.height {
            let start = self.rows_in % OUTER_HEIGHT * self.stride;
            for plane in self.window.iter_mut().flatten() {
                if let Some(row) = plane.get_mut(start..start + self.stride) {
                    row.fill(0.0);
                }
            }
            self.measure_ready(tile, blocks.as_deref_mut());
        }
    }

    /// The sums over all pixels.
    pub fn sums(&self) -> norms::Scale {
        norms::Scale {
            pixels: self.width as f64 * self.height as f64,
            channels: self.sums,
        }
    }

    /// Measures what the row that came in makes ready.
    fn measure_ready(&mut self, tile: &mut Tile, mut blocks: Option<&mut Blocks>) {
        self.measure_recursive(blocks.as_deref_mut());
        self.rows_in += 1;
        if self.rows_in < self.rows_out + tile::HEIGHT + REACH {
            return;
        }
        let top = self.rows_out;
        let rows = tile::HEIGHT.min(self.height - top);
        let by_tile = |channel: &usize| self.wanted[*channel] && self.recursive[*channel].is_none();
        for channel in (0..CHANNELS).filter(by_tile) {
            for left in (0..self.width).step_by(tile::WIDTH) {
                let columns = tile::WIDTH.min(self.width - left);
                if self.fill(tile, channel, left) {
                    tile.measure(rows);
                    let band = Band {
                        scale: self.index,
                        top,
                        left,
                        channel,
                    };
                    band.add(
                        columns,
                        |columns| tile.sums(columns),
                        &mut self.sums[channel],
                        blocks.as_deref_mut(),
                    );
                }
            }
        }
        self.rows_out += rows;
    }

    fn measure_recursive(&mut self, mut blocks: Option<&mut Blocks>) {
        let row = |y: usize| {
            y % OUTER_HEIGHT * self.stride + REACH
                ..y % OUTER_HEIGHT * self.stride + REACH + self.width
        };
        for (channel, recursive) in self.recursive.iter_mut().enumerate() {
            let Some(recursive) = recursive else { continue };
            let rows = |y: usize| {
                self.window
                    .each_ref()
                    .map(|planes| &planes[channel][row(y)])
            };
            let newest = (self.rows_in < self.height).then(|| rows(self.rows_in));
            let Some(y) = recursive.push(newest).filter(|y| *y < self.height) else {
                continue;
            };
            let [original, result] = rows(y);
            if recursive.measure(y, original, result) {
                let band = Band {
                    scale: self.index,
                    top: y - y % tile::HEIGHT,
                    left: 0,
                    channel,
                };
                band.add(
                    self.width,
                    |columns| recursive.sums(columns),
                    &mut self.sums[channel],
                    blocks.as_deref_mut(),
                );
            }
        }
    }

    /// Copies what the tile sees from the window. Tells whether the pictures differ there.
    fn fill(&self, tile: &mut Tile, channel: usize, left: usize) -> bool {
        let mut differ = false;
        for row in 0..OUTER_HEIGHT {
            // The first row lies REACH above the tile; above the picture, the window is still dark.
            let slot = (self.rows_out + OUTER_HEIGHT - REACH + row) % OUTER_HEIGHT;
            let start = slot * self.stride + left;
            let [original, result] = self.window.each_ref().map(|planes| {
                planes[channel][start..]
                    .first_chunk::<OUTER_WIDTH>()
                    .expect("the stride has room for whole tiles")
            });
            differ |= tile.set_row(row, original, result);
        }
        differ
    }

    /// Adds a row to the half-sized one. A last row or column without a partner counts twice.
    fn halve(&mut self, light: &Light) -> bool {
        let first = self.rows_in % 2 == 1;
        let second = !first || self.rows_in == self.height;
        for (row, half) in light.iter().flatten().zip(self.half.iter_mut().flatten()) {
            let row = &row[..self.width];
            if first {
                half_begun(row, half);
            }
            if second {
                half_done(row, half);
            }
        }
        second && !self.half[0][0].is_empty()
    }
}

fn half_begun(row: &[f32], half: &mut [f32]) {
    for (half, pair) in half.iter_mut().zip(row.chunks(2)) {
        *half = pair[0] + pair[pair.len() - 1];
    }
}

fn half_done(row: &[f32], half: &mut [f32]) {
    for (half, pair) in half.iter_mut().zip(row.chunks(2)) {
        *half = (*half + pair[0] + pair[pair.len() - 1]) * 0.25;
    }
}

/// Where a row of sums belongs.
struct Band {
    scale: usize,
    top: usize,
    left: usize,
    channel: usize,
}

impl Band {
    /// Adds the sums of so many columns to those of the picture and of its blocks.
    fn add(
        &self,
        columns: usize,
        sums: impl Fn(Range<usize>) -> Sums,
        whole: &mut Sums,
        blocks: Option<&mut Blocks>,
    ) {
        let Some(blocks) = blocks else {
            return whole.add(&sums(0..columns));
        };
        for (block, columns) in blocks.columns(self.scale, self.left, columns) {
            let sums = sums(columns);
            whole.add(&sums);
            blocks.add(self.scale, block, self.top, self.channel, &sums);
        }
    }
}
