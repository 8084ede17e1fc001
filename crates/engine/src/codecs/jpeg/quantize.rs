//! Quantization that weighs what a coefficient costs against what it shows.
//!
//! The steps grow with frequency by a formula rather than by a table, so that quality is a
//! continuous scale. Which coefficients stay is decided block by block: the cheapest path over the
//! coefficients that might stay, where leaving one out costs its squared error and keeping one costs
//! the bits that this picture's own statistics say (as in trellis quantization, Crouse and Ramchandran 1997).
//! Where a block is busy it masks errors, so that bits count for more there.

use whittle_core::{Cancel, Cancelled};

use super::coefficients::{Block, Coefficients, Component, ZIGZAG};
use super::planes::{Plane, transformed};
use crate::pixels::Image;

/// How colour resolution is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chroma {
    /// One colour sample for each pixel (4:4:4).
    Full,
    /// One for each 2×2 pixels (4:2:0).
    Half,
    /// None: a grey picture.
    None,
}

/// What the trade between bits and errors is tuned by; found by search on crops of the development
/// corpus for the fewest bytes at equal score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuning {
    /// Step of the first luma coefficient of a block, relative to the scale.
    pub dc: f32,
    /// How luma steps grow with frequency.
    pub slope: f32,
    pub power: f32,
    /// Colour steps relative to those of luma.
    pub chroma: f32,
    pub chroma_slope: f32,
    /// Squared steps that a bit is worth in a block of middling texture.
    pub lambda: f32,
    pub chroma_lambda: f32,
    /// How much more a bit is worth where there is more texture.
    pub masking: f32,
    /// Variance of a middling block.
    pub middling: f32,
}

impl Tuning {
    pub const BEST: Tuning = Tuning {
        dc: 0.7,
        slope: 0.42,
        power: 1.0,
        chroma: 1.0,
        chroma_slope: 0.45,
        lambda: 0.07,
        chroma_lambda: 0.07,
        masking: 0.25,
        middling: 150.0,
    };

    /// Quantization steps for luma or colour at a scale, row by row.
    pub fn table(&self, scale: f32, chroma: bool) -> [u16; 64] {
        let (base, slope) = if chroma { (self.chroma, self.chroma_slope) } else { (1.0, self.slope) };
        std::array::from_fn(|at| {
            let (u, v) = ((at % 8) as f32, (at / 8) as f32);
            let radius = (u * u + v * v).sqrt();
            let shape = if at == 0 { self.dc } else { 1.0 + slope * (radius - 1.0).powf(self.power) };
            (scale * base * shape).round().clamp(1.0, 255.0) as u16
        })
    }
}

/// A quantized picture.
pub(super) struct Quantized {
    width: u32,
    height: u32,
    components: Vec<(Vec<Block>, usize, u8)>,
    tables: Vec<[u16; 64]>,
}

impl Quantized {
    pub fn coefficients(&self) -> Coefficients<'_> {
        let components = self
            .components
            .iter()
            .enumerate()
            .map(|(index, (blocks, across, factor))| Component {
                id: index as u8 + 1,
                sampling: (*factor, *factor),
                table: u8::from(index > 0),
                across: *across,
                rows: blocks.chunks_exact(*across).collect(),
            })
            .collect();
        Coefficients {
            width: self.width,
            height: self.height,
            components,
            tables: self.tables.clone(),
        }
    }
}

/// Quantizes a picture; `scale` is about the step of the lowest luma frequencies.
pub(super) fn quantized(
    image: &Image,
    scale: f32,
    chroma: Chroma,
    tuning: &Tuning,
    cancel: &Cancel,
) -> Result<Quantized, Cancelled> {
    let count = if chroma == Chroma::None { 1 } else { 3 };
    let mut tables = vec![tuning.table(scale, false)];
    if count > 1 {
        tables.push(tuning.table(scale, true));
    }
    let mut components = Vec::with_capacity(count);
    for index in 0..count {
        let mut plane = Plane::of(image, index);
        if index > 0 && chroma == Chroma::Half {
            plane = plane.halved();
        }
        let lambda = if index == 0 { tuning.lambda } else { tuning.chroma_lambda };
        let steps = Steps::new(&tables[usize::from(index > 0)], lambda, tuning);
        let (across, down) = (plane.width.div_ceil(8), plane.height.div_ceil(8));
        let costs = Costs::of(&plane, across, down, &steps);
        let mut blocks = Vec::with_capacity(across * down);
        for row in 0..down {
            cancel.check()?;
            for column in 0..across {
                blocks.push(steps.chosen(&transformed(plane.block(column, row)), &costs));
            }
        }
        let factor = if index == 0 && chroma == Chroma::Half { 2 } else { 1 };
        components.push((blocks, across, factor));
    }
    Ok(Quantized {
        width: image.width,
        height: image.height,
        components,
        tables,
    })
}

/// Bits of each symbol of zeros and size, and of the end of a block.
struct Costs([f32; 256]);

impl Costs {
    /// By how often symbols occur in every fourth row of blocks when coefficients are only rounded.
    fn of(plane: &Plane, across: usize, down: usize, steps: &Steps) -> Costs {
        let mut counts = [0.5f32; 256];
        for row in (down / 8 % 4..down).step_by(4) {
            for column in 0..across {
                let values = transformed(plane.block(column, row));
                let mut zeros = 0;
                for at in 1..64 {
                    let size = (values[usize::from(ZIGZAG[at])] * steps.inverse[at]).abs();
                    // Rounding with a dead zone comes near to what is chosen in the end.
                    let size = (size + 0.35) as u32;
                    if size == 0 {
                        zeros += 1;
                        continue;
                    }
                    while zeros > 15 {
                        counts[0xf0] += 1.0;
                        zeros -= 16;
                    }
                    counts[zeros << 4 | (32 - size.leading_zeros()) as usize] += 1.0;
                    zeros = 0;
                }
                if zeros > 0 {
                    counts[0] += 1.0;
                }
            }
        }
        let all: f32 = counts.iter().sum();
        Costs(std::array::from_fn(|symbol| {
            (all / counts[symbol]).log2() + (symbol & 15) as f32
        }))
    }
}

/// A quantization table, ready for use.
struct Steps {
    /// One over the steps, in zigzag order.
    inverse: [f32; 64],
    lambda: f32,
    masking: f32,
    middling: f32,
}

impl Steps {
    fn new(table: &[u16; 64], lambda: f32, tuning: &Tuning) -> Steps {
        Steps {
            inverse: std::array::from_fn(|at| 1.0 / f32::from(table[usize::from(ZIGZAG[at])])),
            lambda,
            masking: tuning.masking,
            middling: tuning.middling,
        }
    }

    /// The block's coefficients, chosen for the least sum of errors and bits.
    fn chosen(&self, values: &[f32; 64], costs: &Costs) -> Block {
        let mut block = [0i16; 64];
        block[0] = round(values[0] * self.inverse[0]) as i16;
        // Sizes in steps, and the error of leaving out everything before.
        let mut sizes = [0.0f32; 64];
        let mut left_out = [0.0f32; 65];
        let mut energy = 0.0;
        for at in 1..64 {
            let value = values[usize::from(ZIGZAG[at])];
            energy += value * value;
            sizes[at] = (value * self.inverse[at]).abs();
            left_out[at + 1] = left_out[at] + sizes[at] * sizes[at];
        }
        let texture = (energy / 64.0 + 20.0) / self.middling;
        let lambda = self.lambda * texture.powf(self.masking).clamp(0.25, 3.0);
        // The cheapest way to code up to a coefficient that stays: where it is, what precedes it, its
        // value and the cost so far. The first stands for the DC.
        let mut path: [(u8, u8, i16, f32); 64] = [(0, 0, 0, 0.0); 64];
        let mut count = 1;
        for at in 1..64 {
            if sizes[at] < 0.5 {
                continue;
            }
            let rounded = (sizes[at] + 0.5) as i16;
            let mut best = (0u8, 0u8, 0i16, f32::MAX);
            for value in [rounded, rounded - 1] {
                if value == 0 || (value < rounded && sizes[at] > f32::from(rounded)) {
                    continue;
                }
                let error = sizes[at] - f32::from(value);
                let bits = 16 - value.leading_zeros() as usize;
                let base = error * error;
                for before in (0..count).rev() {
                    let (place, _, _, so_far) = path[before];
                    let zeros = at - usize::from(place) - 1;
                    let skipped = left_out[at] - left_out[usize::from(place) + 1];
                    let symbol = costs.0[(zeros & 15) << 4 | bits] + (zeros >> 4) as f32 * costs.0[0xf0];
                    let cost = so_far + skipped + base + lambda * symbol;
                    if cost < best.3 {
                        best = (at as u8, before as u8, value, cost);
                    }
                    // Leaving out so much never pays.
                    if skipped > lambda * 24.0 {
                        break;
                    }
                }
            }
            path[count] = best;
            count += 1;
        }
        let ends = |&(place, _, _, so_far): &(u8, u8, i16, f32)| {
            let rest = left_out[64] - left_out[usize::from(place) + 1];
            so_far + rest + if place < 63 { lambda * costs.0[0] } else { 0.0 }
        };
        let mut last = 0;
        let mut least = f32::MAX;
        for (index, step) in path[..count].iter().enumerate() {
            let cost = ends(step);
            if cost < least {
                (last, least) = (index, cost);
            }
        }
        while last > 0 {
            let (place, before, value, _) = path[last];
            let at = usize::from(ZIGZAG[usize::from(place)]);
            block[at] = if values[at] < 0.0 { -value } else { value };
            last = usize::from(before);
        }
        block
    }
}

/// To the nearest whole number; the library's is a slow call without SSE 4.1.
fn round(value: f32) -> i32 {
    (value + 16384.5) as i32 - 16384
}
