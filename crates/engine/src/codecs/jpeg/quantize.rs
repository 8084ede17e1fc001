//! Quantization that weighs what a coefficient costs against what it shows.
//!
//! The steps grow with frequency by a formula rather than by a table, so that quality is a
//! continuous scale. Which coefficients stay is decided block by block: the cheapest path over the
//! coefficients that might stay, where leaving one out costs its squared error and keeping one costs
//! the bits that this picture's own statistics say (as in trellis quantization, Crouse and Ramchandran 1997).
//! Where a block is busy it masks errors, so that bits count for more there.

use super::coefficients::{Block, ZIGZAG};
use super::huffman::Counts;

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

/// Below this scale most luma steps are 1 already.
const UNROUNDED: f32 = 0.3;

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
    /// Colour at half resolution wants finer steps: each sample stands for four pixels.
    const HALF: Tuning = Tuning {
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

    const FULL: Tuning = Tuning {
        chroma: 1.6,
        chroma_slope: 1.4,
        ..Tuning::HALF
    };

    pub fn of(chroma: Chroma) -> Tuning {
        match chroma {
            Chroma::Full => Tuning::FULL,
            Chroma::Half | Chroma::None => Tuning::HALF,
        }
    }

    /// The scale of a table: how many times its steps are those of scale 1, in the mean over the
    /// frequencies that carry most of a picture.
    pub fn scale_of(table: &[u16; 64]) -> f64 {
        const LOW: [usize; 12] = [1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 24, 25];
        let sum: f64 = LOW
            .iter()
            .map(|&at| f64::from(table[at].max(1)) / f64::from(Tuning::HALF.shape(at, false)))
            .map(f64::ln)
            .sum();
        (sum / LOW.len() as f64).exp()
    }

    /// Whether a luma table is one of those made here: whether there is a scale at which all its steps
    /// are rounded to what they are.
    pub fn made(table: &[u16; 64]) -> bool {
        let (mut least, mut most) = (0.0f64, f64::INFINITY);
        for (at, &step) in table.iter().enumerate() {
            let (step, shape) = (f64::from(step), f64::from(Tuning::HALF.shape(at, false)));
            // The smallest and the largest step stand for all beyond.
            if step > 1.0 {
                least = least.max((step - 0.5) / shape);
            }
            if step < 255.0 {
                most = most.min((step + 0.5) / shape);
            }
        }
        // The smallest or the largest alone say nothing. The scale had fewer digits when the table was made.
        least > 0.0 && most.is_finite() && least <= most * (1.0 + 1e-6)
    }

    /// Quantization steps for luma or colour at a scale, row by row.
    pub fn table(&self, scale: f32, chroma: bool) -> [u16; 64] {
        std::array::from_fn(|at| (scale * self.shape(at, chroma)).round().clamp(1.0, 255.0) as u16)
    }

    /// A step at scale 1.
    fn shape(&self, at: usize, chroma: bool) -> f32 {
        let (base, slope) = if chroma {
            (self.chroma, self.chroma_slope)
        } else {
            (1.0, self.slope)
        };
        if at == 0 {
            return base * self.dc;
        }
        let (u, v) = ((at % 8) as f32, (at / 8) as f32);
        let radius = (u * u + v * v).sqrt();
        base * (1.0 + slope * (radius - 1.0).powf(self.power))
    }
}

/// How often symbols occur in a component, when coefficients are only rounded.
pub(super) struct Statistics {
    /// Zeros and sizes, and the end of a block.
    ac: [f32; 256],
    /// Sizes of the steps from one DC value to the next.
    dc: [u32; 12],
    last: i32,
}

impl Default for Statistics {
    fn default() -> Statistics {
        Statistics {
            // What was not met is as rare as can be.
            ac: [0.5; 256],
            dc: [1; 12],
            last: 0,
        }
    }
}

impl Statistics {
    /// What comes next does not follow what came before.
    pub fn begin_row(&mut self) {
        self.last = 0;
    }

    /// Counts what the block with these frequencies needs.
    pub fn count(&mut self, values: &[f32; 64], steps: &Steps) {
        let dc = steps.dc(values);
        let size = 32 - (dc - self.last).unsigned_abs().leading_zeros();
        self.dc[size.min(11) as usize] += 1;
        self.last = dc;
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
                self.ac[0xf0] += 1.0;
                zeros -= 16;
            }
            self.ac[zeros << 4 | (32 - size.leading_zeros()) as usize] += 1.0;
            zeros = 0;
        }
        if zeros > 0 {
            self.ac[0] += 1.0;
        }
    }

    /// Adds them to the counts of a DC table and of the AC table after it, for everything that a
    /// block may need.
    pub fn add_to(&self, counts: &mut [Counts; 4], table: usize) {
        for (total, &count) in counts[table].iter_mut().zip(&self.dc) {
            *total += count;
        }
        for (symbol, (total, &count)) in counts[table + 1].iter_mut().zip(&self.ac).enumerate() {
            if matches!(symbol & 15, 1..=10) || matches!(symbol, 0 | 0xf0) {
                *total += (count * 2.0) as u32;
            }
        }
    }
}

/// Bits of each symbol of zeros and size, and of the end of a block.
pub(super) struct Costs([f32; 256]);

impl Costs {
    pub fn of(statistics: &Statistics) -> Costs {
        let all: f32 = statistics.ac.iter().sum();
        Costs(std::array::from_fn(|symbol| {
            (all / statistics.ac[symbol]).log2() + (symbol & 15) as f32
        }))
    }
}

/// A quantization table, ready for use.
pub(super) struct Steps {
    /// One over the steps, in zigzag order.
    inverse: [f32; 64],
    lambda: f32,
    masking: f32,
    middling: f32,
}

impl Steps {
    /// Those of luma or of colour at a scale.
    pub fn new(table: &[u16; 64], scale: f32, chroma: bool, tuning: &Tuning) -> Steps {
        let lambda = if chroma {
            tuning.chroma_lambda
        } else {
            tuning.lambda
        };
        Steps {
            inverse: std::array::from_fn(|at| 1.0 / f32::from(table[usize::from(ZIGZAG[at])])),
            // Steps cannot fall below 1: what is asked for beyond that comes from leaving less out.
            lambda: lambda * (scale / UNROUNDED).min(1.0),
            masking: tuning.masking,
            middling: tuning.middling,
        }
    }

    /// The rounded mean of a block; colours that were sharpened may lie beyond what can be stored.
    fn dc(&self, values: &[f32; 64]) -> i32 {
        round(values[0] * self.inverse[0]).clamp(-1024, 1023)
    }

    /// Squared steps that a bit is worth in a block of this energy.
    fn bit_worth(&self, energy: f32) -> f32 {
        // The constant is about the variance of noise that no picture is free of.
        let texture = (energy / 64.0 + 20.0) / self.middling;
        self.lambda * texture.powf(self.masking).clamp(0.25, 3.0)
    }

    /// The block's coefficients, chosen for the least sum of errors and bits.
    pub fn chosen(&self, values: &[f32; 64], costs: &Costs) -> Block {
        let mut block = [0i16; 64];
        block[0] = self.dc(values) as i16;
        // Sizes in steps, and the error of leaving out everything before.
        let mut sizes = [0.0f32; 64];
        let mut left_out = [0.0f32; 65];
        let mut energy = 0.0;
        for at in 1..64 {
            let value = values[usize::from(ZIGZAG[at])];
            energy += value * value;
            // No coefficient of 8-bit samples is larger, but for rounding.
            sizes[at] = (value * self.inverse[at]).abs().min(1023.0);
            left_out[at + 1] = left_out[at] + sizes[at] * sizes[at];
        }
        let lambda = self.bit_worth(energy);
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
                    let symbol =
                        costs.0[(zeros & 15) << 4 | bits] + (zeros >> 4) as f32 * costs.0[0xf0];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_tables_are_known_again() {
        for step in 0..2000 {
            let scale = 0.4 * (step as f32 * 0.0028).exp();
            let table = Tuning::HALF.table(scale, false);
            assert!(Tuning::made(&table), "{scale}");
        }
        for scale in [1.3, 2.7, 3.456, 5.0, 12.0, 31.0] {
            let table = Tuning::HALF.table(scale, false);
            let found = Tuning::scale_of(&table) / f64::from(scale);
            assert!((found - 1.0).abs() < 0.15, "{scale}: {found}");
        }
        assert!(!Tuning::made(&[16; 64]));
        assert!(!Tuning::made(&[1; 64]));
        assert!(!Tuning::made(&std::array::from_fn(|at| at as u16 + 3)));
    }

    /// The choice is never worse than plain rounding by its own measure of errors and bits.
    #[test]
    fn chosen_coefficients_beat_rounded_ones() {
        let tuning = Tuning::HALF;
        let steps = Steps::new(&tuning.table(4.0, false), 4.0, false, &tuning);
        // Noise: the higher the frequency, the weaker.
        let mut noise = 5u32;
        let blocks: Vec<[f32; 64]> = (0..64)
            .map(|_| {
                std::array::from_fn(|at| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let strength = 60.0 / (1 + at % 8 + at / 8) as f32;
                    (noise as f32 / u32::MAX as f32 - 0.5) * strength
                })
            })
            .collect();
        let mut statistics = Statistics::default();
        for values in &blocks {
            statistics.count(values, &steps);
        }
        let costs = Costs::of(&statistics);
        for values in blocks {
            let chosen = steps.chosen(&values, &costs);
            let rounded: Block = std::array::from_fn(|at| {
                let place = ZIGZAG.iter().position(|&place| usize::from(place) == at);
                round(values[at] * steps.inverse[place.expect("every place is there")]) as i16
            });
            assert!(
                measure(&steps, &costs, &values, &chosen)
                    <= measure(&steps, &costs, &values, &rounded) + 1e-3
            );
        }
    }

    fn measure(steps: &Steps, costs: &Costs, values: &[f32; 64], block: &Block) -> f32 {
        let (mut error, mut bits, mut zeros, mut energy) = (0.0, 0.0, 0, 0.0);
        for (at, &place) in ZIGZAG.iter().enumerate().skip(1) {
            let place = usize::from(place);
            energy += values[place] * values[place];
            let value = block[place];
            error += (values[place] * steps.inverse[at] - f32::from(value)).powi(2);
            if value == 0 {
                zeros += 1;
                continue;
            }
            bits += (zeros / 16) as f32 * costs.0[0xf0];
            let size = 16 - value.unsigned_abs().leading_zeros() as usize;
            bits += costs.0[(zeros % 16) << 4 | size];
            zeros = 0;
        }
        if zeros > 0 {
            bits += costs.0[0];
        }
        error + steps.bit_worth(energy) * bits
    }
}
