//! Where a new code is worth its table.
//!
//! Steps are counted in small parts; a block is any number of neighbouring parts, and the best blocks are the
//! cheapest way over all parts, where a block costs what the entropy of its symbols says and about what its table
//! takes.

use super::code::{Counts, DISTANCES, LITERALS};
use super::parse::Step;

/// About how many parts there are, and the bounds of how many steps each has.
#[derive(Clone, Copy)]
pub(super) struct Grain {
    parts: usize,
    fewest: usize,
    most: usize,
}

/// For what may be written.
pub(super) const FINE: Grain = Grain {
    parts: 640,
    fewest: 64,
    most: 1024,
};

/// While costs are only looked for.
pub(super) const COARSE: Grain = Grain {
    parts: 160,
    fewest: 256,
    most: 4096,
};

/// Blocks of up to so many parts are all tried; of longer ones, those that are longer by a quarter.
const ALL: usize = 8;

/// Bits of a block beside its symbols, and of each symbol in its table; measured.
const TABLE: f32 = 60.0;
const ENTRY: f32 = 3.6;

const SYMBOLS: usize = LITERALS + DISTANCES;

/// Steps that share a code.
pub(super) struct Block {
    pub steps: std::ops::Range<usize>,
    pub counts: Counts,
}

/// Splits steps into blocks.
pub(super) struct Splitter {
    /// n log2 n.
    logs: Vec<f32>,
}

impl Splitter {
    pub fn new() -> Splitter {
        Splitter {
            logs: (0..1 << 14).map(|n| logarithmic(n as f32)).collect(),
        }
    }

    pub fn split(&self, steps: &[Step], grain: Grain) -> Vec<Block> {
        let size = (steps.len() / grain.parts).clamp(grain.fewest, grain.most);
        // How often each symbol came before each part.
        let mut before: Vec<[u32; SYMBOLS]> = vec![[0; SYMBOLS]];
        for part in steps.chunks(size) {
            let mut counts = Counts::none();
            counts.literals[super::code::END] = 0;
            part.iter().for_each(|step| step.count(&mut counts));
            let last = before[before.len() - 1];
            before.push(std::array::from_fn(|symbol| {
                last[symbol]
                    + match symbol.checked_sub(LITERALS) {
                        Some(distance) => counts.distances[distance],
                        None => counts.literals[symbol],
                    }
            }));
        }
        let parts = before.len() - 1;
        let mut best = vec![(0.0f32, 0usize); parts + 1];
        for end in 1..=parts {
            best[end].0 = f32::MAX;
            let mut length = 1;
            while length <= end {
                let start = end - length;
                let sum = best[start].0 + self.bits(&before[start], &before[end]);
                if sum < best[end].0 {
                    best[end] = (sum, start);
                }
                length = if length == end {
                    end + 1
                } else if length < ALL {
                    length + 1
                } else {
                    // The whole is tried as well.
                    (length + length / 4).min(end)
                };
            }
        }
        let mut blocks = Vec::new();
        let mut end = parts;
        // No steps make a block, too.
        while end > 0 || blocks.is_empty() {
            let start = best[end].1;
            let range = start * size..(end * size).min(steps.len());
            let mut counts = Counts::none();
            steps[range.clone()]
                .iter()
                .for_each(|step| step.count(&mut counts));
            blocks.push(Block {
                steps: range,
                counts,
            });
            end = start;
        }
        blocks.reverse();
        blocks
    }

    /// About how many bits a block takes, without extra bits.
    fn bits(&self, before: &[u32; SYMBOLS], after: &[u32; SYMBOLS]) -> f32 {
        let mut bits = TABLE;
        for range in [0..LITERALS, LITERALS..SYMBOLS] {
            let (mut all, mut used, mut sum) = (0u32, 0u32, 0.0f32);
            let mut most = 0;
            for (b, a) in before[range.clone()].iter().zip(&after[range]) {
                let n = a.wrapping_sub(*b);
                all = all.wrapping_add(n);
                used = used.wrapping_add(u32::from(n > 0));
                most = most.max(n);
                sum += self.log(n);
            }
            bits += used as f32 * ENTRY + self.log(all) - sum;
            // No code is shorter than one bit.
            let rest = all - most;
            if most > rest {
                bits += most as f32 - (most as f32 * (all as f32 / most as f32).log2());
            }
        }
        bits
    }

    #[inline(always)]
    fn log(&self, n: u32) -> f32 {
        match self.logs.get(n as usize) {
            Some(&known) => known,
            None => logarithmic(n as f32),
        }
    }
}

fn logarithmic(n: f32) -> f32 {
    if n > 0.0 { n * n.log2() } else { 0.0 }
}
