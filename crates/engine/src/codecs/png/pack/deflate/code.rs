//! Prefix codes of a block (RFC 1951, 3.2), and how they are told to the decoder.

use super::bits::Bits;

/// Symbols of literals, the end and lengths; and of distances.
pub(super) const LITERALS: usize = 286;
pub(super) const DISTANCES: usize = 30;

/// The symbol that ends a block.
pub(super) const END: usize = 256;

/// The longest codes, and those of the lengths of codes.
const LONGEST_CODE: usize = 15;
const LONGEST_LENGTH_CODE: usize = 7;

/// The order in which lengths of the codes of lengths are told.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Counts nearer than this are taken for equal, where that makes the table shorter.
const ALIKE: u32 = 4;

/// How often each symbol comes in a block.
#[derive(Clone)]
pub(super) struct Counts {
    pub literals: [u32; LITERALS],
    pub distances: [u32; DISTANCES],
}

impl Counts {
    /// Of no symbol but the end.
    pub fn none() -> Counts {
        let mut counts = Counts {
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
        };
        counts.literals[END] = 1;
        counts
    }
}

/// The lengths of a block's codes, and its header.
pub(super) struct Table {
    pub literals: [u8; LITERALS],
    pub distances: [u8; DISTANCES],
    header: Header,
    fixed: bool,
}

impl Table {
    /// The table for these counts that makes the block shortest.
    pub fn of(counts: &Counts) -> Table {
        let plain = Table::fitted(counts, counts);
        let smooth = Table::fitted(&smoothed(counts), counts);
        let fixed = Table::fixed();
        [plain, smooth, fixed]
            .into_iter()
            .min_by_key(|table| table.bits(counts))
            .unwrap_or_else(Table::fixed)
    }

    fn fitted(model: &Counts, counts: &Counts) -> Table {
        let mut literals = [0; LITERALS];
        let mut distances = [0; DISTANCES];
        lengths(&model.literals, LONGEST_CODE, &mut literals);
        lengths(&model.distances, LONGEST_CODE, &mut distances);
        if counts.distances.iter().all(|&count| count == 0) {
            distances = [0; DISTANCES];
        }
        Table {
            header: Header::of(&literals, &distances),
            literals,
            distances,
            fixed: false,
        }
    }

    fn fixed() -> Table {
        Table {
            literals: std::array::from_fn(|symbol| match symbol {
                0..144 | 280.. => 8,
                144..256 => 9,
                _ => 7,
            }),
            distances: [5; DISTANCES],
            header: Header::default(),
            fixed: true,
        }
    }

    /// Bits of a block with these counts: all but the extra bits of lengths and distances.
    pub fn bits(&self, counts: &Counts) -> u64 {
        let of = |counts: &[u32], lengths: &[u8]| -> u64 {
            let pairs = counts.iter().zip(lengths);
            pairs
                .map(|(&n, &bits)| u64::from(n) * u64::from(bits))
                .sum()
        };
        3 + self.header.bits
            + of(&counts.literals, &self.literals)
            + of(&counts.distances, &self.distances)
    }

    /// Writes the start of a block, up to its first symbol.
    pub fn write(&self, last: bool, out: &mut Bits) {
        out.put(u32::from(last), 1);
        out.put(if self.fixed { 1 } else { 2 }, 2);
        if !self.fixed {
            self.header.write(out);
        }
    }

    /// The codes themselves, their first bit lowest.
    pub fn codes(&self) -> ([u16; 288], [u16; DISTANCES]) {
        let mut literals = [0; 288];
        let mut distances = [0; DISTANCES];
        if self.fixed {
            // The code is that of 288 symbols, of which the last two are never used.
            let lengths: [u8; 288] =
                std::array::from_fn(|at| self.literals.get(at).copied().unwrap_or(8));
            codes(&lengths, &mut literals);
        } else {
            codes(&self.literals, &mut literals);
        }
        codes(&self.distances, &mut distances);
        (literals, distances)
    }
}

/// The lengths of codes as they are told: symbols with the values of their extra bits.
#[derive(Default)]
struct Header {
    literals: usize,
    distances: usize,
    told: Vec<(u8, u8)>,
    lengths: [u8; 19],
    bits: u64,
}

/// Extra bits of the symbols that tell of repetitions.
fn extra(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

impl Header {
    fn of(literals: &[u8], distances: &[u8]) -> Header {
        let used = |lengths: &[u8], least: usize| {
            let last = lengths.iter().rposition(|&length| length > 0);
            last.map_or(0, |last| last + 1).max(least)
        };
        let (literals, distances) = (
            &literals[..used(literals, 257)],
            &distances[..used(distances, 1)],
        );
        let all = [literals, distances].concat();
        // What repetitions cost follows from the code that follows from them.
        let mut costs = [4u32; 19];
        let mut best: Option<Header> = None;
        for _ in 0..3 {
            let told = told(&all, &costs);
            let mut counts = [0u32; 19];
            told.iter()
                .for_each(|&(symbol, _)| counts[usize::from(symbol)] += 1);
            let mut lengths = [0; 19];
            self::lengths(&counts, LONGEST_LENGTH_CODE, &mut lengths);
            let last = ORDER
                .iter()
                .rposition(|&at| lengths[at] > 0)
                .unwrap_or(0)
                .max(3);
            let symbols: u64 = told
                .iter()
                .map(|&(symbol, _)| {
                    u64::from(lengths[usize::from(symbol)]) + u64::from(extra(symbol))
                })
                .sum();
            let bits = 14 + (last as u64 + 1) * 3 + symbols;
            costs = std::array::from_fn(|at| match lengths[at] {
                0 => 7,
                length => u32::from(length),
            });
            if best.as_ref().is_none_or(|best| bits < best.bits) {
                best = Some(Header {
                    literals: literals.len(),
                    distances: distances.len(),
                    told,
                    lengths,
                    bits,
                });
            }
        }
        best.unwrap_or_default()
    }

    fn write(&self, out: &mut Bits) {
        let last = ORDER
            .iter()
            .rposition(|&at| self.lengths[at] > 0)
            .unwrap_or(0)
            .max(3);
        out.put(self.literals as u32 - 257, 5);
        out.put(self.distances as u32 - 1, 5);
        out.put(last as u32 - 3, 4);
        for &at in &ORDER[..=last] {
            out.put(u32::from(self.lengths[at]), 3);
        }
        let mut codes = [0; 19];
        self::codes(&self.lengths, &mut codes);
        for &(symbol, value) in &self.told {
            let at = usize::from(symbol);
            out.put(u32::from(codes[at]), u32::from(self.lengths[at]));
            out.put(u32::from(value), extra(symbol));
        }
    }
}

/// The cheapest way to tell lengths, each as itself or in repetitions, at these costs.
fn told(all: &[u8], costs: &[u32; 19]) -> Vec<(u8, u8)> {
    let mut cost = vec![u32::MAX; all.len() + 1];
    let mut steps = vec![(0u8, 0usize); all.len() + 1];
    cost[0] = 0;
    for at in 0..all.len() {
        let value = all[at];
        let run = all[at..]
            .iter()
            .take(138)
            .take_while(|&&other| other == value)
            .count();
        let mut reach = |symbol: u8, count: usize| {
            let sum = cost[at] + costs[usize::from(symbol)] + extra(symbol);
            if sum < cost[at + count] {
                cost[at + count] = sum;
                steps[at + count] = (symbol, count);
            }
        };
        reach(value, 1);
        if value == 0 {
            (3..=run.min(10)).for_each(|count| reach(17, count));
            (11..=run).for_each(|count| reach(18, count));
        }
        if at > 0 && all[at - 1] == value {
            (3..=run.min(6)).for_each(|count| reach(16, count));
        }
    }
    let mut told = Vec::new();
    let mut at = all.len();
    while at > 0 {
        let (symbol, count) = steps[at];
        let least = match symbol {
            16 | 17 => 3,
            18 => 11,
            _ => count,
        };
        told.push((symbol, (count - least) as u8));
        at -= count;
    }
    told.reverse();
    told
}

/// Counts with neighbours that are nearly alike made equal, so that their codes are as long and the table is short.
fn smoothed(counts: &Counts) -> Counts {
    fn smooth(counts: &mut [u32]) {
        let mut start = 0;
        while start < counts.len() {
            let mut sum = u64::from(counts[start]);
            let mut end = start + 1;
            while end < counts.len() {
                let mean = (sum / (end - start) as u64) as u32;
                if (counts[end] == 0) != (counts[start] == 0)
                    || counts[end].abs_diff(mean) > ALIKE + mean / 16
                {
                    break;
                }
                sum += u64::from(counts[end]);
                end += 1;
            }
            if end - start >= 4 {
                let mean = (sum / (end - start) as u64) as u32;
                counts[start..end].fill(mean);
            }
            start = end;
        }
    }
    let mut counts = counts.clone();
    smooth(&mut counts.literals[..END]);
    smooth(&mut counts.literals[END + 1..]);
    smooth(&mut counts.distances);
    counts
}

/// The lengths of a prefix code (Huffman 1952), none longer than `longest`. A single symbol gets one bit.
fn lengths(counts: &[u32], longest: usize, out: &mut [u8]) {
    out.fill(0);
    let mut leaves: Vec<(u32, usize)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, &count)| (count, symbol))
        .collect();
    if leaves.len() < 3 {
        leaves.iter().for_each(|&(_, symbol)| out[symbol] = 1);
        return;
    }
    leaves.sort_unstable();
    // Two queues, of leaves and of nodes, each in order (van Leeuwen 1976).
    let n = leaves.len();
    let mut weights: Vec<u64> = leaves.iter().map(|&(count, _)| u64::from(count)).collect();
    let mut parents = vec![0; 2 * n - 1];
    let (mut leaf, mut node) = (0, n);
    while weights.len() < 2 * n - 1 {
        let this = weights.len();
        let mut sum = 0;
        for _ in 0..2 {
            let at = if leaf < n && (node >= this || weights[leaf] <= weights[node]) {
                leaf += 1;
                leaf - 1
            } else {
                node += 1;
                node - 1
            };
            parents[at] = this;
            sum += weights[at];
        }
        weights.push(sum);
    }
    let mut depths = vec![0usize; 2 * n - 1];
    // How many codes have each length; those that are too long are shortened, and others made longer until
    // there is room (Kraft's inequality).
    let mut numbers = vec![0usize; longest + 1];
    for at in (0..2 * n - 2).rev() {
        depths[at] = depths[parents[at]] + 1;
        if at < n {
            numbers[depths[at].min(longest)] += 1;
        }
    }
    let room = 1usize << longest;
    let mut taken: usize = (1..=longest)
        .map(|length| numbers[length] << (longest - length))
        .sum();
    while taken > room {
        let Some(length) = (1..longest).rev().find(|&length| numbers[length] > 0) else {
            break;
        };
        numbers[length] -= 1;
        numbers[length + 1] += 2;
        numbers[longest] -= 1;
        taken -= 1;
    }
    // The rarest get the longest.
    let mut length = longest;
    for &(_, symbol) in &leaves {
        while numbers[length] == 0 {
            length -= 1;
        }
        numbers[length] -= 1;
        out[symbol] = length as u8;
    }
}

/// The codes that follow from their lengths, bits turned round as deflate wants them.
fn codes(lengths: &[u8], out: &mut [u16]) {
    let mut numbers = [0u16; LONGEST_CODE + 1];
    lengths
        .iter()
        .for_each(|&length| numbers[usize::from(length)] += 1);
    numbers[0] = 0;
    let mut next = [0u16; LONGEST_CODE + 1];
    for length in 1..=LONGEST_CODE {
        next[length] = (next[length - 1].wrapping_add(numbers[length - 1])) << 1;
    }
    for (&length, code) in lengths.iter().zip(out) {
        if length > 0 {
            let place = &mut next[usize::from(length)];
            *code = place.reverse_bits() >> (16 - u32::from(length));
            *place = place.wrapping_add(1);
        }
    }
}

/// The symbol of a distance, its extra bits and their value; from symbol 2 on `symbol / 2 - 1` bits.
#[inline(always)]
pub(in crate::codecs::png::pack) fn distance_code(distance: usize) -> usize {
    let below = distance - 1;
    if below < 4 {
        return below;
    }
    let bits = below.ilog2() as usize;
    bits * 2 + (below >> (bits - 1) & 1)
}

/// The extra bits of a distance's symbol.
#[inline(always)]
pub(in crate::codecs::png::pack) fn distance_extra(code: usize) -> usize {
    (code / 2).saturating_sub(1)
}

/// The symbol of a length, counted from 257, and its extra bits.
#[inline(always)]
pub(in crate::codecs::png::pack) fn length_code(length: usize) -> (usize, usize) {
    let below = length - 3;
    match below {
        0..8 => (below, 0),
        255.. => (28, 0),
        _ => {
            let bits = below.ilog2() as usize;
            (bits * 4 - 4 + (below >> (bits - 2) & 3), bits - 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_deflate() {
        for (length, code) in [
            (3, (0, 0)),
            (10, (7, 0)),
            (11, (8, 1)),
            (12, (8, 1)),
            (13, (9, 1)),
            (18, (11, 1)),
            (19, (12, 2)),
            (257, (27, 5)),
            (258, (28, 0)),
        ] {
            assert_eq!(length_code(length), code, "{length}");
        }
        for (distance, code) in [
            (1, 0),
            (4, 3),
            (5, 4),
            (6, 4),
            (7, 5),
            (9, 6),
            (24_577, 29),
            (32_768, 29),
        ] {
            assert_eq!(distance_code(distance), code, "{distance}");
        }
    }

    #[test]
    fn lengths_make_a_full_code_within_bounds() {
        // Fibonacci's numbers make the longest codes.
        let mut counts = vec![1u32, 1];
        while counts.len() < 40 {
            counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
        }
        for longest in [7, 15] {
            let mut out = [0; 40];
            lengths(&counts, longest, &mut out);
            let full: usize = out
                .iter()
                .map(|&length| 1 << (longest - usize::from(length)))
                .sum();
            assert_eq!(full, 1 << longest, "{out:?}");
            assert!(out.is_sorted_by(|a, b| a >= b), "{out:?}");
        }
    }

    #[test]
    fn what_is_told_of_lengths_are_the_lengths() {
        let mut all = vec![0; 300];
        for (at, length) in all.iter_mut().enumerate() {
            *length = [0, 0, 5, 5, 5, 7][at / 25 % 6];
        }
        let mut read = Vec::new();
        for (symbol, value) in told(&all, &[4; 19]) {
            let value = usize::from(value);
            match symbol {
                16 => read.extend(vec![read[read.len() - 1]; value + 3]),
                17 => read.extend(vec![0; value + 3]),
                18 => read.extend(vec![0; value + 11]),
                length => read.push(length),
            }
        }
        assert_eq!(read, all);
    }
}
