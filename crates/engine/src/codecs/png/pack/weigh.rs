//! What a row costs after deflate: its cheapest parse into literals and matches.
//!
//! Sums and entropies of a filtered row do not see what deflate makes most of, repetitions of what
//! came before, and even photographs have enough of these to decide between filters. So a row is
//! really parsed in the window of the rows before it, and paid for in the code of the rows before
//! it, which is about the code that its block will have.

use super::deflate::{LONGEST, WINDOW, distance_code, distance_extra, length_code, same};
use super::filter::FILTERS;

/// Places of the ring of earlier positions: a row's own must not overwrite those still in reach.
const RING: usize = 1 << 16;

const HASHES: usize = 1 << 15;

/// From so many bytes on, what is out of reach is forgotten.
const KEPT: usize = 1 << 20;

/// A match as long as this is taken as it is.
const LONG_ENOUGH: usize = 96;

/// Symbols that the code remembers: about those of a block.
const MEMORY: f32 = 24_000.0;

/// A filter that costs so much more than the best is passed over for some rows.
const FAR: f32 = 1.07;
const PASSED_OVER: u8 = 8;

/// A row that costs so much more than another before its end is given up.
const GIVEN_UP: f32 = 1.02;

/// Weighs rows one after the other.
pub(super) struct Weigher {
    /// The rows so far, or the last of them.
    text: Vec<u8>,
    /// The last position with each hash, plus one.
    heads: Vec<u32>,
    /// The position before with the same hash, plus one.
    before: Vec<u32>,
    /// Earlier positions that are looked at for a match.
    depth: usize,
    code: Code,
    counts: Counts,
    path: Path,
    best: Path,
    replaced: Vec<(u32, u32)>,
    last: usize,
    /// For how many rows each filter is still passed over.
    lost: [u8; FILTERS],
}

/// Bits of literals, of lengths with their extra bits, and of distances with theirs.
struct Code {
    literals: [f32; 256],
    lengths: [f32; LONGEST + 1],
    distances: [f32; 30],
}

struct Counts {
    literals: [f32; 256],
    lengths: [f32; 29],
    distances: [f32; 30],
}

/// The cheapest way to each position of a row.
#[derive(Default)]
struct Path {
    cost: Vec<f32>,
    /// How each position is reached: the length of the step (1 is a literal), and the distance.
    steps: Vec<(u16, u16)>,
}

impl Weigher {
    pub fn new(depth: usize) -> Weigher {
        let counts = Counts::expected();
        Weigher {
            text: Vec::new(),
            heads: vec![0; HASHES],
            before: vec![0; RING],
            depth,
            code: counts.code(),
            counts,
            path: Path::default(),
            best: Path::default(),
            replaced: Vec::new(),
            last: 0,
            lost: [0; FILTERS],
        }
    }

    /// The cheapest of the rows that could come next, which becomes the next; by its filter.
    pub fn take(&mut self, rows: &[Vec<u8>; FILTERS]) -> usize {
        let mut least = f32::MAX;
        let mut chosen = self.last;
        // The last winner first: the others can be given up the sooner.
        let last = self.last;
        let others = (0..FILTERS).filter(|&filter| filter != last);
        for filter in std::iter::once(last).chain(others) {
            let lost = &mut self.lost[filter];
            if *lost > 0 {
                *lost -= 1;
                continue;
            }
            let cost = self.weigh(filter as u8, &rows[filter], least);
            if cost < least {
                (least, chosen) = (cost, filter);
                std::mem::swap(&mut self.path, &mut self.best);
            } else if cost > least * FAR {
                self.lost[filter] = PASSED_OVER;
            }
        }
        self.last = chosen;
        self.lost[chosen] = 0;
        self.append(chosen as u8, &rows[chosen]);
        chosen
    }

    /// Bits of a row, or anything from `limit` on.
    fn weigh(&mut self, filter: u8, row: &[u8], limit: f32) -> f32 {
        let start = self.text.len();
        self.text.push(filter);
        self.text.extend_from_slice(row);
        let length = row.len() + 1;
        let Path { cost, steps } = &mut self.path;
        cost.clear();
        cost.resize(length + 1, f32::MAX);
        steps.clear();
        steps.resize(length + 1, (0, 0));
        cost[0] = 0.0;
        let mut skipped = 0;
        for i in 0..length {
            let here = cost[i];
            // No way around this place saves more than a long match costs.
            if here > limit * GIVEN_UP {
                return self.put_back(start, here);
            }
            let at = start + i;
            let literal = here + self.code.literals[usize::from(self.text[at])];
            if literal < cost[i + 1] {
                cost[i + 1] = literal;
                steps[i + 1] = (1, 0);
            }
            if i + 3 > length {
                continue;
            }
            let hash = hashed(&self.text[at..at + 3]);
            let mut candidate = self.heads[hash];
            self.replaced.push((hash as u32, candidate));
            self.heads[hash] = at as u32 + 1;
            self.before[at % RING] = candidate;
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            let most = (length - i).min(LONGEST);
            let mut longest = 2;
            for _ in 0..self.depth {
                let Some(from) = (candidate as usize).checked_sub(1) else {
                    break;
                };
                let distance = at - from;
                if distance > WINDOW {
                    break;
                }
                // A row longer than the ring leaves wrong entries behind.
                candidate = self.before[from % RING].min(from as u32);
                if self.text[from + longest] != self.text[at + longest] {
                    continue;
                }
                let same = same(&self.text, from, at, 0, most);
                if same <= longest {
                    continue;
                }
                let paid = here + self.code.distances[distance_code(distance)];
                let shortest = if same >= LONG_ENOUGH {
                    same
                } else {
                    longest + 1
                };
                for length in shortest..=same {
                    let sum = paid + self.code.lengths[length];
                    if sum < cost[i + length] {
                        cost[i + length] = sum;
                        steps[i + length] = (length as u16, (distance - 1) as u16);
                    }
                }
                longest = same;
                if same >= most {
                    break;
                }
                if same >= LONG_ENOUGH {
                    skipped = same - 1;
                    break;
                }
            }
        }
        let total = cost[length];
        self.put_back(start, total)
    }

    /// Forgets a row that was only weighed.
    fn put_back(&mut self, start: usize, cost: f32) -> f32 {
        for (hash, head) in self.replaced.drain(..).rev() {
            self.heads[hash as usize] = head;
        }
        self.text.truncate(start);
        cost
    }

    /// The row becomes part of the window, and its parse, which is in `best`, of the code.
    fn append(&mut self, filter: u8, row: &[u8]) {
        let start = self.text.len();
        self.text.push(filter);
        self.text.extend_from_slice(row);
        let length = row.len() + 1;
        self.remember(start);
        self.counts.fade(length);
        let mut i = length;
        while i > 0 {
            let (length, distance) = self.best.steps[i];
            if length <= 1 {
                self.counts.literals[usize::from(self.text[start + i - 1])] += 1.0;
                i -= 1;
            } else {
                self.counts.lengths[length_code(usize::from(length)).0] += 1.0;
                self.counts.distances[distance_code(usize::from(distance) + 1)] += 1.0;
                i -= usize::from(length);
            }
        }
        self.code = self.counts.code();
        if self.text.len() > KEPT {
            self.text.drain(..self.text.len() - WINDOW);
            self.heads.fill(0);
            self.remember(0);
        }
    }

    /// Makes matches with what is from a place on possible.
    fn remember(&mut self, start: usize) {
        for at in start..self.text.len().saturating_sub(2) {
            let hash = hashed(&self.text[at..at + 3]);
            self.before[at % RING] = self.heads[hash];
            self.heads[hash] = at as u32 + 1;
        }
    }
}

impl Counts {
    /// About what filtered pictures have: small differences, short matches.
    fn expected() -> Counts {
        Counts {
            literals: std::array::from_fn(|byte| {
                60.0 / (1.0 + f32::from((byte as u8 as i8).unsigned_abs()))
            }),
            lengths: std::array::from_fn(|code| 60.0 / (1.0 + code as f32)),
            distances: [8.0; 30],
        }
    }

    /// Forgets a part before so many bytes are added.
    fn fade(&mut self, bytes: usize) {
        let part = (1.0 - bytes as f32 / MEMORY).clamp(0.5, 1.0);
        let all = self
            .literals
            .iter_mut()
            .chain(&mut self.lengths)
            .chain(&mut self.distances);
        all.for_each(|count| *count *= part);
    }

    fn code(&self) -> Code {
        const LEAST: f32 = 0.3;
        let bits =
            |total: f32, count: f32| (total.log2() - (count + LEAST).log2()).clamp(1.0, 15.0);
        let sum = |counts: &[f32]| counts.iter().map(|count| count + LEAST).sum::<f32>();
        let symbols = sum(&self.literals) + sum(&self.lengths);
        let distances = sum(&self.distances);
        Code {
            literals: self.literals.map(|count| bits(symbols, count)),
            lengths: std::array::from_fn(|length| {
                let (code, extra) = length_code(length.max(3));
                bits(symbols, self.lengths[code]) + extra as f32
            }),
            distances: std::array::from_fn(|code| {
                bits(distances, self.distances[code]) + distance_extra(code) as f32
            }),
        }
    }
}

fn hashed(three: &[u8]) -> usize {
    let key = u32::from_le_bytes([three[0], three[1], three[2], 0]);
    (key.wrapping_mul(0x9E37_79B1) >> 17) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_taken_and_noise_is_not() {
        let mut seed = 1u32;
        let mut noise = || {
            (0..300)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 24) as u8
                })
                .collect::<Vec<u8>>()
        };
        let (a, b, c) = (noise(), noise(), noise());
        let flat = vec![7u8; 300];
        let mut weigher = Weigher::new(8);
        weigher.take(&[a.clone(), b.clone(), c.clone(), b.clone(), c.clone()]);
        let known = [b.clone(), c.clone(), b.clone(), a.clone(), c.clone()];
        let found = weigher.take(&known);
        assert!([0, 3].contains(&found), "{found}");
        let mut weigher = Weigher::new(8);
        assert_eq!(weigher.take(&[noise(), noise(), flat, noise(), noise()]), 2);
    }
}
