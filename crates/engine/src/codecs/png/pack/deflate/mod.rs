//! Deflate at several efforts: libdeflate's where candidates are compared, our own for the winner.
//!
//! Our own goes over the text in stretches. All matches of a stretch are found once; then, round after round, the cheapest way
//! through it is found at the costs of the codes that the blocks of the round before had, and split into blocks
//! anew (as in Zopfli, Alakuijala and Vandevenne 2013, but with all block bounds at once and costs of each block's own).

mod bits;
mod blocks;
mod code;
mod matches;
mod parse;

use libdeflater::{CompressionLvl, Compressor};
use whittle_core::Cancel;

use self::bits::Bits;
use self::blocks::{Block, COARSE, FINE, Splitter};
use self::code::{Counts, END, Table};
pub(super) use self::code::{distance_code, distance_extra, length_code};
use self::matches::{Finder, Matches};
pub(super) use self::matches::{LONGEST, WINDOW, same};
use self::parse::{Costs, Parser, Step};
use crate::{Error, Result};

/// Bytes that are looked at together.
const STRETCH: usize = 512 * 1024;

/// A round that makes a stretch smaller by less than one in so many bits is the last.
const WORTH: u64 = 20_000;

/// zlib data at one of libdeflate's levels, 1 to 12.
pub(super) fn deflated(data: &[u8], level: i32) -> Result<Vec<u8>> {
    let level =
        CompressionLvl::new(level).map_err(|error| Error::internal(format!("{error:?}")))?;
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.zlib_compress_bound(data.len())];
    let length = compressor
        .zlib_compress(data, &mut out)
        .map_err(Error::internal)?;
    out.truncate(length);
    out.shrink_to_fit();
    Ok(out)
}

/// How often the shortest match is expected for each byte at the starts. Which leads to the shorter way is seen after a few
/// rounds only, on a sample: photographs do better from many matches, flat pictures from few.
const SHARES: [f32; 3] = [0.15, 0.02, 0.5];
const SAMPLED: usize = 3;

/// The first rounds only find what symbols cost, so their blocks need no exact bounds.
const ROUGH: usize = 2;

/// Costs up to places.
type Model = Vec<(usize, Costs)>;

/// How long to search for short data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// How often the way through a stretch is found anew, at most.
    pub rounds: usize,
    /// Earlier places that each place is compared with.
    pub depth: usize,
    /// Bytes of the sample that tells what to start from.
    pub sample: usize,
    /// Rounds without a gain after which the rest are not worth their time.
    pub patience: usize,
}

/// zlib data by our own search.
pub(super) fn squeezed(data: &[u8], search: Search, cancel: &Cancel) -> Result<Vec<u8>> {
    // The usual window and the highest level (RFC 1950).
    let mut out = Bits::after(vec![0x78, 0xDA]);
    let mut finder = Finder::new(search.depth);
    let mut matches = Matches::default();
    let mut squeezer = Squeezer {
        splitter: Splitter::new(),
        parser: Parser::default(),
        search,
        cancel,
    };
    let mut start = 0;
    let mut costs = None;
    loop {
        let end = (start + STRETCH).min(data.len());
        cancel.check()?;
        finder.find(data, start + matches.places()..end, &mut matches);
        let end = start + matches.places();
        let text = &data[start..end];
        let mut way = squeezer.way(text, &matches, costs.take())?;
        let last = end == data.len();
        // The bounds of a stretch are none of the data: what its last block begins with, it may not end with.
        if !last && way.blocks.len() > 1 {
            way.blocks.pop();
        }
        let count = way.blocks.len();
        for (number, block) in way.blocks.iter().enumerate() {
            write(
                &mut out,
                &data[start..],
                &way.steps,
                block,
                last && number + 1 == count,
            );
            let steps = &way.steps[block.steps.clone()];
            start += steps.iter().map(|step| step.length()).sum::<usize>();
        }
        if last {
            break;
        }
        matches.forget(start - (end - text.len()));
        let block = way.blocks.last();
        costs = block.map(|block| Costs::of(&block.counts, &Table::of(&block.counts)));
    }
    out.align();
    out.bytes(&libdeflater::adler32(data).to_be_bytes());
    Ok(out.finish())
}

/// A way through a stretch, and its blocks.
struct Way {
    bits: u64,
    steps: Vec<Step>,
    blocks: Vec<Block>,
}

struct Squeezer<'a> {
    splitter: Splitter,
    parser: Parser,
    search: Search,
    cancel: &'a Cancel,
}

impl Squeezer<'_> {
    /// The best way, from known costs or from what suits a sample.
    fn way(&mut self, text: &[u8], matches: &Matches, known: Option<Costs>) -> Result<Way> {
        let start = match known {
            Some(costs) => costs,
            None => self.start(text, matches)?,
        };
        let mut model = vec![(text.len(), start)];
        self.rounds(text, 0, matches, &mut model, self.search.rounds)
    }

    /// Costs to start from: of several expectations, what became of the one that led to the shortest way.
    fn start(&mut self, text: &[u8], matches: &Matches) -> Result<Costs> {
        let length = text.len().min(self.search.sample);
        let first = (text.len() - length) / 2;
        let text = &text[first..first + length];
        let mut best: Option<Way> = None;
        for share in SHARES {
            let mut model = vec![(length, Costs::expected(text, share))];
            let way = self.rounds(text, first, matches, &mut model, SAMPLED)?;
            if best.as_ref().is_none_or(|best| way.bits < best.bits) {
                best = Some(way);
            }
        }
        let mut counts = Counts::none();
        for step in best.iter().flat_map(|way| &way.steps) {
            step.count(&mut counts);
        }
        Ok(Costs::of(&counts, &Table::of(&counts)))
    }

    /// The best way through a text after at most so many rounds; its first place is not always that of the matches.
    fn rounds(
        &mut self,
        text: &[u8],
        first: usize,
        matches: &Matches,
        model: &mut Model,
        rounds: usize,
    ) -> Result<Way> {
        let mut best = Way {
            bits: u64::MAX,
            steps: Vec::new(),
            blocks: Vec::new(),
        };
        let mut vain = 0;
        for round in 0..rounds {
            self.cancel.check()?;
            let mut steps = Vec::new();
            self.parser
                .cheapest(text, first, matches, model, &mut steps);
            let grain = if round < ROUGH { COARSE } else { FINE };
            let blocks = self.splitter.split(&steps, grain);
            let mut bits: u64 = steps.iter().map(|step| step.extra()).sum();
            let before = std::mem::take(model);
            let mut end = 0;
            for block in &blocks {
                let start = end;
                let steps = steps[block.steps.clone()].iter();
                end += steps.map(|step| step.length()).sum::<usize>();
                let table = Table::of(&block.counts);
                bits += table.bits(&block.counts);
                let costs = Costs::of(&block.counts, &table);
                let old = before.iter().find(|(until, _)| *until > (start + end) / 2);
                model.push((
                    end,
                    match old {
                        Some((_, old)) => costs.beyond(old),
                        None => costs,
                    },
                ));
            }
            let gains = bits + bits / WORTH < best.bits;
            vain = if gains { 0 } else { vain + 1 };
            if bits < best.bits {
                best = Way {
                    bits,
                    steps,
                    blocks,
                };
            }
            if vain >= self.search.patience && round >= ROUGH {
                break;
            }
        }
        Ok(best)
    }
}

/// Writes a block; stored as it is where that is shorter.
fn write(out: &mut Bits, text: &[u8], steps: &[Step], block: &Block, last: bool) {
    let steps = &steps[block.steps.clone()];
    let table = Table::of(&block.counts);
    let bits = table.bits(&block.counts) + steps.iter().map(|step| step.extra()).sum::<u64>();
    let length = steps.iter().map(|step| step.length()).sum::<usize>();
    // Each part of at most 65 535 bytes has a head of about five.
    let parts = length.div_ceil(65_535).max(1);
    if ((length + parts * 5) as u64) * 8 < bits {
        let mut rest = &text[..length];
        while !rest.is_empty() {
            let (part, others) = rest.split_at(rest.len().min(65_535));
            rest = others;
            out.put(u32::from(last && rest.is_empty()), 3);
            out.align();
            out.put(part.len() as u32 | (!part.len() as u32) << 16, 32);
            out.bytes(part);
        }
        return;
    }
    table.write(last, out);
    let (literals, distances) = table.codes();
    for step in steps {
        if let Some(byte) = step.byte() {
            let at = usize::from(byte);
            out.put(u32::from(literals[at]), u32::from(table.literals[at]));
            continue;
        }
        let (code, extra) = length_code(step.length());
        let at = END + 1 + code;
        out.put(u32::from(literals[at]), u32::from(table.literals[at]));
        let least = (step.length() - 3) as u32;
        out.put(least & ((1 << extra) - 1), extra as u32);
        let at = distance_code(step.distance());
        out.put(u32::from(distances[at]), u32::from(table.distances[at]));
        let extra = distance_extra(at) as u32;
        out.put((step.distance() as u32 - 1) & ((1 << extra) - 1), extra);
    }
    out.put(u32::from(literals[END]), u32::from(table.literals[END]));
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const SEARCH: Search = Search {
        rounds: 3,
        depth: 50,
        sample: 1000,
        patience: 2,
    };

    fn opened(packed: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::ZlibDecoder::new(packed)
            .read_to_end(&mut out)
            .unwrap();
        out
    }

    fn noise(bytes: usize, kinds: u32) -> Vec<u8> {
        let mut seed = 5u32;
        let next = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) % kinds) as u8
        };
        (0..bytes).map(next).collect()
    }

    #[test]
    fn others_open_what_was_squeezed() {
        let repeated = noise(40_000, 256).repeat(3);
        let lines: Vec<u8> = (0..700_000u32)
            .map(|at| (at % 977 / 900 * (at / 977)) as u8)
            .collect();
        let long_code: Vec<u8> = (0..24u32)
            .flat_map(|n| vec![n as u8; 1 << (n * 2 / 3)])
            .collect();
        for data in [
            Vec::new(),
            vec![7],
            b"abc".to_vec(),
            vec![0; 1 << 21],
            noise(1000, 3),
            noise(200_000, 256),
            noise(1_200_000, 5),
            repeated,
            lines,
            long_code,
        ] {
            let packed = squeezed(&data, SEARCH, &Cancel::new()).unwrap();
            assert!(opened(&packed) == data, "{} bytes", data.len());
            let other = deflated(&data, 9).unwrap();
            assert!(
                packed.len() <= other.len() + 8,
                "{} {}",
                packed.len(),
                other.len()
            );
        }
    }

    #[test]
    fn it_stops_when_told() {
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(squeezed(&noise(5000, 9), SEARCH, &cancel).is_err());
    }

    proptest::proptest! {
        #[test]
        fn anything_comes_back(data in proptest::collection::vec(0u8..6, 0..3000)) {
            let packed = squeezed(&data, SEARCH, &Cancel::new()).unwrap();
            proptest::prop_assert_eq!(opened(&packed), data);
        }
    }
}
