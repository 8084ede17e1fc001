//! The fewest bits for pixels of which each has one symbol.
//!
//! LZW leaves two things to the packer: where a match ends, and when the dictionary is thrown away. The
//! longest match is not always the best one, as the next may begin better a little earlier; and a
//! picture is cheapest where it is cut at the right places, which is a search for a shortest path.

use whittle_core::{Cancel, Effort};

use super::bits::Bits;
use super::lzw::{CODES, clear_code, code_size};
use super::strings::{Pixels, Strings, width};
use crate::Result;

/// How many symbols shorter than the longest a match may be.
const SHORTER: usize = 4;

/// A longer match is taken as it is: what a few symbols less might gain is nothing beside it.
const LONG: usize = 64;

/// Packs the symbols: what follows a frame's palette.
pub(super) fn packed(symbols: &[u8], effort: Effort, cancel: &Cancel) -> Result<Vec<u8>> {
    let size = code_size(symbols.iter().copied().max().unwrap_or(0));
    let pixels = Pixels::new(symbols);
    let mut parser = Parser::new(size, effort, symbols.len());
    let mut codes = Vec::new();
    let mut best = Vec::new();
    // How far a dictionary reaches.
    parser.begin();
    let mut reach = 0;
    while reach < symbols.len() && !parser.strings.is_full() {
        codes.push(parser.step(&pixels, &mut reach, symbols.len(), 0));
    }
    let cuts = if reach == symbols.len() {
        std::mem::swap(&mut best, &mut codes);
        vec![reach]
    } else {
        parser.cuts(&pixels, reach, cancel)?
    };
    let mut out = Bits::default();
    out.push(clear_code(size), u32::from(size) + 1);
    let mut start = 0;
    for (number, &end) in cuts.iter().enumerate() {
        for &shorter in parser.shorter {
            if shorter == 0 && !best.is_empty() {
                continue;
            }
            parser.parse(&pixels, (start, end), shorter, &mut codes, cancel)?;
            // What has fewer codes has fewer bits.
            if best.is_empty() || codes.len() < best.len() {
                std::mem::swap(&mut best, &mut codes);
            }
        }
        // The decoder knows a string for each code but the first.
        let mut next = u32::from(clear_code(size)) + 1;
        for &code in &best {
            out.push(code, width(next.max(u32::from(clear_code(size)) + 2), size));
            next = (next + 1).min(CODES as u32);
        }
        let last = number + 1 == cuts.len();
        out.push(clear_code(size) + u16::from(last), width(next, size));
        best.clear();
        start = end;
    }
    Ok(out.blocks(size))
}

struct Parser {
    /// How much shorter than the longest matches may be, each tried.
    shorter: &'static [usize],
    effort: Effort,
    strings: Strings,
    /// The match before, which becomes a string with the first symbol of the one to come.
    before: Option<u32>,
}

impl Parser {
    fn new(size: u8, effort: Effort, symbols: usize) -> Parser {
        Parser {
            shorter: match effort {
                Effort::Fast => &[0],
                Effort::Default => &[0, SHORTER],
                Effort::Max => &[0, 1, 2, SHORTER, 2 * SHORTER],
            },
            effort,
            strings: Strings::new(size, symbols),
            before: None,
        }
    }

    /// Forgets everything.
    fn begin(&mut self) {
        self.strings.forget();
        self.before = None;
    }

    /// Takes the next match before the end; gives its code.
    fn step(&mut self, pixels: &Pixels, at: &mut usize, end: usize, shorter: usize) -> u16 {
        let start = *at;
        if let Some(before) = self.before {
            self.strings.add(before, pixels.symbols[start]);
        }
        let longest = self.strings.longest(pixels, start, end);
        let (mut node, mut length) = (longest.node, longest.length);
        if shorter > 0 && (2..LONG).contains(&length) && start + length < end {
            let reach = |length: usize| length + self.strings.reach(pixels, start + length, end);
            let mut most = reach(length);
            // What is shorter teaches the dictionary nothing new, so it must win clearly, until the
            // dictionary is full.
            most += usize::from(!self.strings.is_full());
            for less in (longest.length.saturating_sub(shorter).max(1)..longest.length).rev() {
                let total = reach(less);
                if total > most {
                    most = total;
                    length = less;
                }
            }
            if length < longest.length {
                node = self.strings.shortened(&longest, length);
            }
        }
        self.before = Some(node);
        *at = start + length;
        node as u16
    }

    /// The codes of a block, which has a dictionary of its own.
    fn parse(
        &mut self,
        pixels: &Pixels,
        (start, end): (usize, usize),
        shorter: usize,
        codes: &mut Vec<u16>,
        cancel: &Cancel,
    ) -> Result<()> {
        self.begin();
        codes.clear();
        let mut at = start;
        while at < end {
            codes.push(self.step(pixels, &mut at, end, shorter));
            if codes.len().is_multiple_of(1 << 12) {
                cancel.check()?;
            }
        }
        Ok(())
    }

    /// The ends of the blocks that are packed with a dictionary each.
    /// The first one would reach so far.
    fn cuts(&mut self, pixels: &Pixels, reach: usize, cancel: &Cancel) -> Result<Vec<usize>> {
        let symbols = pixels.symbols;
        // Cuts that are tried while one dictionary fills, and how long a full one is kept.
        let (density, patience, shorter) = match self.effort {
            Effort::Fast => (3, 1024, 0),
            Effort::Default => (8, 4096, 0),
            Effort::Max => (12, 3 * 4096, SHORTER),
        };
        let cell = (reach / density).max(16);
        // The best block begin in each cell: bits so far, where it is, and the cell it came from.
        let mut begins: Vec<Option<(u64, usize, usize)>> = vec![None; symbols.len() / cell + 1];
        begins[0] = Some((0, 0, 0));
        let mut best: Option<(u64, usize)> = None;
        let (mut all_bits, mut all_symbols) = (0u64, 1u64);
        for from in 0..begins.len() {
            let Some((bits_before, start, _)) = begins[from] else {
                continue;
            };
            cancel.check()?;
            self.begin();
            let (mut at, mut bits, mut full) = (start, bits_before, 0);
            while at < symbols.len() && full < patience {
                bits += u64::from(self.strings.width());
                self.step(pixels, &mut at, symbols.len(), shorter);
                full += u32::from(self.strings.is_full());
                let cell = at / cell;
                if cell == from || at == symbols.len() {
                    continue;
                }
                let cost = bits + u64::from(self.strings.width());
                // Begins at different places are held against each other by what a symbol costs on
                // the average.
                let excess = |bits: u64, at: usize| {
                    i128::from(bits) * i128::from(all_symbols) - at as i128 * i128::from(all_bits)
                };
                let better = begins[cell]
                    .is_none_or(|(bits, other, _)| excess(cost, at) < excess(bits, other));
                if better {
                    begins[cell] = Some((cost, at, from));
                }
            }
            all_bits += bits - bits_before;
            all_symbols += (at - start) as u64;
            if at == symbols.len() && best.is_none_or(|(least, _)| bits < least) {
                best = Some((bits, from));
            }
        }
        let Some((bits, mut from)) = best else {
            return Ok(vec![symbols.len()]);
        };
        // A dictionary that stays good for longer than was looked at.
        let shorter = self.shorter[self.shorter.len() - 1];
        if self.bits(pixels, shorter, cancel)? < bits {
            return Ok(vec![symbols.len()]);
        }
        let mut cuts = vec![symbols.len()];
        while let Some((_, start, earlier)) = begins[from] {
            if start == 0 {
                break;
            }
            cuts.push(start);
            from = earlier;
        }
        cuts.reverse();
        Ok(cuts)
    }

    /// What all pixels cost with one dictionary, without its clear code.
    fn bits(&mut self, pixels: &Pixels, shorter: usize, cancel: &Cancel) -> Result<u64> {
        self.begin();
        let (mut at, mut bits, mut steps) = (0, 0, 0u32);
        while at < pixels.symbols.len() {
            bits += u64::from(self.strings.width());
            self.step(pixels, &mut at, pixels.symbols.len(), shorter);
            steps += 1;
            if steps.is_multiple_of(1 << 12) {
                cancel.check()?;
            }
        }
        Ok(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lzw::tests::{any_pixels, noise_of_two_kinds, unpacked};
    use super::*;
    use proptest::prelude::*;

    fn checked(symbols: &[u8], effort: Effort) -> usize {
        let bytes = packed(symbols, effort, &Cancel::new()).unwrap();
        assert_eq!(unpacked(&bytes, symbols.len()), symbols);
        bytes.len()
    }

    proptest! {
        #[test]
        fn symbols_come_back(
            symbols in any_pixels(),
            effort in prop::sample::select(vec![Effort::Fast, Effort::Default, Effort::Max]),
        ) {
            checked(&symbols, effort);
        }
    }

    #[test]
    fn long_pictures_are_cut_where_they_change() {
        let symbols = noise_of_two_kinds();
        let uncut = {
            let mut parser = Parser::new(8, Effort::Default, symbols.len());
            parser
                .bits(&Pixels::new(&symbols), 0, &Cancel::new())
                .unwrap() as usize
                / 8
        };
        let [fast, default, max] =
            [Effort::Fast, Effort::Default, Effort::Max].map(|effort| checked(&symbols, effort));
        assert!(fast * 10 < uncut * 9, "{fast} {uncut}");
        assert!(default <= fast && max <= default, "{fast} {default} {max}");
    }
}
