//! The cheapest way through a text: literals and matches, at the costs of the codes that are expected.

use super::code::{
    Counts, DISTANCES, END, LITERALS, Table, distance_code, distance_extra, length_code,
};
use super::matches::{LONGEST, Matches};

/// Parts of a bit in which costs are counted.
const PARTS: f32 = 256.0;

/// What a symbol that does not come counts as, so that it may come in the next round.
const RARE: f32 = 0.4;

/// Costs go this much farther than the last round moved them: rounds come to rest in half the time.
const FURTHER: f32 = 0.6;

/// A literal, or a match.
#[derive(Clone, Copy)]
pub(super) struct Step(u32);

impl Step {
    fn literal(byte: u8) -> Step {
        Step(u32::from(byte))
    }

    fn copy(length: usize, distance: u16) -> Step {
        Step((length as u32) << 16 | u32::from(distance))
    }

    /// Bytes that it stands for.
    pub fn length(self) -> usize {
        (self.0 >> 16).max(1) as usize
    }

    /// The byte, if it is a literal.
    pub fn byte(self) -> Option<u8> {
        (self.0 < 1 << 16).then_some(self.0 as u8)
    }

    pub fn distance(self) -> usize {
        (self.0 & 0xFFFF) as usize
    }

    pub fn count(self, counts: &mut Counts) {
        match self.byte() {
            Some(byte) => counts.literals[usize::from(byte)] += 1,
            None => {
                counts.literals[END + 1 + length_code(self.length()).0] += 1;
                counts.distances[distance_code(self.distance())] += 1;
            }
        }
    }

    /// The extra bits of its length and its distance.
    pub fn extra(self) -> u64 {
        match self.byte() {
            Some(_) => 0,
            None => {
                let distance = distance_extra(distance_code(self.distance()));
                (length_code(self.length()).1 + distance) as u64
            }
        }
    }
}

/// What literals, lengths and distances cost, extra bits included.
#[derive(Clone)]
pub(super) struct Costs {
    literals: [u32; 256],
    lengths: [u32; LONGEST + 1],
    distances: [u32; DISTANCES],
}

impl Costs {
    /// By how often symbols came, and the codes that they got: what only the one or the other says comes to rest at
    /// more bits than their mean.
    pub fn of(counts: &Counts, table: &Table) -> Costs {
        let mut costs = Costs::from(
            counts.literals.map(|count| count as f32),
            counts.distances.map(|count| count as f32),
        );
        let meet = |cost: &mut u32, bits: u8, extra: usize| {
            if bits > 0 {
                *cost = (*cost + (u32::from(bits) + extra as u32) * PARTS as u32) / 2;
            }
        };
        for (cost, &bits) in costs.literals.iter_mut().zip(&table.literals) {
            meet(cost, bits, 0);
        }
        for (length, cost) in costs.lengths.iter_mut().enumerate().skip(3) {
            let (code, extra) = length_code(length);
            meet(cost, table.literals[END + 1 + code], extra);
        }
        for (code, (cost, &bits)) in costs.distances.iter_mut().zip(&table.distances).enumerate() {
            meet(cost, bits, distance_extra(code));
        }
        costs
    }

    /// Before anything is known but the text: its bytes, lengths that are the rarer the longer they are, the
    /// shortest so often for each byte, and all distances alike.
    pub fn expected(text: &[u8], share: f32) -> Costs {
        let mut literals = [0f32; LITERALS];
        text.iter()
            .for_each(|&byte| literals[usize::from(byte)] += 0.7);
        let share = text.len() as f32 * share;
        for (at, count) in literals[END + 1..].iter_mut().enumerate() {
            *count = share / (1.0 + at as f32 * 0.1);
        }
        Costs::from(literals, [1.0; DISTANCES])
    }

    /// As far beyond these costs as they are from older ones, times a factor: rounds come to rest sooner so.
    pub fn beyond(mut self, old: &Costs) -> Costs {
        let further = |new: &mut [u32], old: &[u32]| {
            for (new, old) in new.iter_mut().zip(old) {
                let step = (*new as f32 - *old as f32) * FURTHER;
                *new = (*new as f32 + step).max(PARTS) as u32;
            }
        };
        further(&mut self.literals, &old.literals);
        further(&mut self.lengths, &old.lengths);
        further(&mut self.distances, &old.distances);
        self
    }

    fn from(literals: [f32; LITERALS], distances: [f32; DISTANCES]) -> Costs {
        fn bits(counts: &[f32]) -> impl Fn(f32) -> f32 {
            let all = counts
                .iter()
                .map(|count| count.max(RARE))
                .sum::<f32>()
                .log2();
            move |count| (all - count.max(RARE).log2()).clamp(1.0, 15.0)
        }
        let symbol = bits(&literals);
        let distance = bits(&distances);
        let parts = |bits: f32| (bits * PARTS) as u32;
        Costs {
            literals: std::array::from_fn(|byte| parts(symbol(literals[byte]))),
            lengths: std::array::from_fn(|length| {
                let (code, extra) = length_code(length.max(3));
                parts(symbol(literals[END + 1 + code]) + extra as f32)
            }),
            distances: std::array::from_fn(|code| {
                parts(distance(distances[code]) + distance_extra(code) as f32)
            }),
        }
    }
}

/// Finds ways, with room that is used again.
#[derive(Default)]
pub(super) struct Parser {
    cost: Vec<u32>,
    steps: Vec<Step>,
}

impl Parser {
    /// The cheapest way from the start of a text, which is at such a place of the matches, to its end; the costs of each block hold up to its end.
    pub fn cheapest(
        &mut self,
        text: &[u8],
        first: usize,
        matches: &Matches,
        blocks: &[(usize, Costs)],
        way: &mut Vec<Step>,
    ) {
        let end = text.len();
        let cost = &mut self.cost;
        let steps = &mut self.steps;
        cost.clear();
        cost.resize(end + 1, 0);
        steps.clear();
        steps.resize(end, Step(0));
        for (number, (until, costs)) in blocks.iter().enumerate().rev() {
            let from = number.checked_sub(1).map_or(0, |before| blocks[before].0);
            for at in (from..(*until).min(end)).rev() {
                let mut least = cost[at + 1].wrapping_add(costs.literals[usize::from(text[at])]);
                let mut best = Step::literal(text[at]);
                let mut shorter = 2;
                let found = matches.of(first + at);
                for &known in found {
                    let paid = costs.distances[known.code()];
                    let most = known.length().min(end - at);
                    // The inside of a long repetition: anything shorter is as dear.
                    let shortest = if found.len() == 1 && most == LONGEST {
                        LONGEST
                    } else {
                        shorter + 1
                    };
                    if shortest > most {
                        break;
                    }
                    let rest = &cost[at + shortest..=at + most];
                    let own = &costs.lengths[shortest..=most];
                    for (length, (rest, own)) in (shortest..).zip(rest.iter().zip(own)) {
                        let sum = rest.wrapping_add(own.wrapping_add(paid));
                        if sum < least {
                            least = sum;
                            best = Step::copy(length, known.distance);
                        }
                    }
                    shorter = most;
                }
                cost[at] = least;
                steps[at] = best;
            }
        }
        way.clear();
        let mut at = 0;
        while at < end {
            way.push(steps[at]);
            at += steps[at].length();
        }
    }
}
