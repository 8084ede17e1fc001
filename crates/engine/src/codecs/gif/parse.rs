//! The fewest bits for pixels of which each has one symbol.
//!
//! LZW leaves two things to the packer: where a match ends, and when the dictionary is thrown away. The
//! longest match is not always the best one, as the next may begin better a little earlier; and a
//! picture is cheapest where it is cut at the right places, which is a search for a shortest path.

use whittle_core::{Cancel, Effort};

use super::lzw::{Bits, CODES, clear_code, code_size};
use crate::Result;

/// How many symbols shorter than the longest a match may be.
const SHORTER: usize = 4;

/// A longer match is taken as it is: what a few symbols less might gain is nothing beside it.
const LONG: usize = 64;

/// Packs the symbols: what follows a frame's palette.
pub(super) fn packed(symbols: &[u8], effort: Effort, cancel: &Cancel) -> Result<Vec<u8>> {
    let size = code_size(symbols.iter().copied().max().unwrap_or(0));
    let mut parser = Parser::new(size, effort, symbols.len());
    let cuts = parser.cuts(symbols, cancel)?;
    let mut out = Bits::default();
    out.push(clear_code(size), u32::from(size) + 1);
    let mut start = 0;
    for (number, &end) in cuts.iter().enumerate() {
        let block = &symbols[start..end];
        let mut best = (u64::MAX, 0);
        for &shorter in parser.shorter {
            best = best.min((parser.bits(block, shorter, cancel)?, shorter));
        }
        parser.begin();
        let mut at = 0;
        while at < block.len() {
            let (code, width) = parser.step(block, &mut at, best.1);
            out.push(code, width);
        }
        let last = number + 1 == cuts.len();
        out.push(clear_code(size) + u16::from(last), parser.width());
        start = end;
    }
    Ok(out.blocks(size))
}

/// Places in the dictionary's table for each code, so that few collide.
const ROOM: usize = 4;
const EMPTY: u32 = u32::MAX;

struct Parser {
    size: u8,
    /// How much shorter than the longest matches may be, each tried.
    shorter: &'static [usize],
    effort: Effort,
    /// Each entry holds a node (12 bits), a symbol (8) and the node that they lead to (12).
    table: Vec<u32>,
    /// How much of a hash is not a place in the table.
    shift: u32,
    next: u32,
    /// The match before, which becomes a node with the first symbol of the one to come.
    before: Option<u32>,
}

impl Parser {
    fn new(size: u8, effort: Effort, symbols: usize) -> Parser {
        // Emptying a large table would be most of the work for a small frame.
        let places = (ROOM * symbols.clamp(16, CODES)).next_power_of_two();
        Parser {
            size,
            shorter: match effort {
                Effort::Fast => &[0],
                Effort::Default => &[0, SHORTER],
                Effort::Max => &[0, 1, 2, SHORTER, 2 * SHORTER],
            },
            effort,
            table: vec![EMPTY; places],
            shift: 32 - places.trailing_zeros(),
            next: 0,
            before: None,
        }
    }

    /// Forgets everything.
    fn begin(&mut self) {
        self.table.fill(EMPTY);
        self.next = u32::from(clear_code(self.size)) + 2;
        self.before = None;
    }

    fn is_full(&self) -> bool {
        self.next as usize >= CODES
    }

    /// Bits of the next code.
    fn width(&self) -> u32 {
        (32 - self.next.leading_zeros()).clamp(u32::from(self.size) + 1, 12)
    }

    #[inline]
    fn place(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    #[inline]
    fn find(&self, node: u32, symbol: u8) -> Option<u32> {
        let key = node << 8 | u32::from(symbol);
        let mut place = self.place(key);
        loop {
            match self.table[place] {
                EMPTY => return None,
                entry if entry >> 12 == key => return Some(entry & 0xfff),
                _ => place = (place + 1) & (self.table.len() - 1),
            }
        }
    }

    /// Adds the node that the decoder adds; one that is there already only takes a number away.
    fn add(&mut self, node: u32, symbol: u8) {
        if self.is_full() {
            return;
        }
        let key = node << 8 | u32::from(symbol);
        let mut place = self.place(key);
        loop {
            let entry = self.table[place];
            if entry == EMPTY {
                self.table[place] = key << 12 | self.next;
            }
            if entry == EMPTY || entry >> 12 == key {
                break;
            }
            place = (place + 1) & (self.table.len() - 1);
        }
        self.next += 1;
    }

    /// The length of the longest match.
    #[inline]
    fn reach(&self, symbols: &[u8], at: usize) -> usize {
        let Some((&first, rest)) = symbols[at..].split_first() else {
            return 0;
        };
        let mut node = u32::from(first);
        for (length, &symbol) in rest.iter().enumerate() {
            match self.find(node, symbol) {
                Some(child) => node = child,
                None => return length + 1,
            }
        }
        symbols.len() - at
    }

    /// Takes the next match; gives its code and width.
    fn step(&mut self, symbols: &[u8], at: &mut usize, shorter: usize) -> (u16, u32) {
        const PATH: usize = 16;
        let start = *at;
        let width = self.width();
        if let Some(before) = self.before {
            self.add(before, symbols[start]);
        }
        let mut path = [u32::from(symbols[start]); PATH];
        let mut node = path[0];
        let mut length = 1;
        for &symbol in &symbols[start + 1..] {
            let Some(child) = self.find(node, symbol) else {
                break;
            };
            node = child;
            path[length % PATH] = node;
            length += 1;
        }
        let longest = length;
        if shorter > 0 && (2..LONG).contains(&longest) && start + longest < symbols.len() {
            let mut most = longest + self.reach(symbols, start + longest);
            // What is shorter teaches the dictionary nothing new, so it must win clearly, until the
            // dictionary is full.
            most += usize::from(!self.is_full());
            for less in (longest.saturating_sub(shorter).max(1)..longest).rev() {
                let total = less + self.reach(symbols, start + less);
                if total > most {
                    most = total;
                    length = less;
                }
            }
            node = path[(length - 1) % PATH];
        }
        self.before = Some(node);
        *at = start + length;
        (node as u16, width)
    }

    /// What a block costs without its clear code.
    fn bits(&mut self, block: &[u8], shorter: usize, cancel: &Cancel) -> Result<u64> {
        self.begin();
        let (mut at, mut bits, mut steps) = (0, 0u64, 0u32);
        while at < block.len() {
            bits += u64::from(self.step(block, &mut at, shorter).1);
            steps += 1;
            if steps.is_multiple_of(1 << 12) {
                cancel.check()?;
            }
        }
        Ok(bits)
    }

    /// The ends of the blocks that are packed with a dictionary each.
    fn cuts(&mut self, symbols: &[u8], cancel: &Cancel) -> Result<Vec<usize>> {
        // Cuts that are tried while one dictionary fills, and how long a full one is kept.
        let (density, patience, shorter) = match self.effort {
            Effort::Fast => (3, 1024, 0),
            Effort::Default => (8, 4096, 0),
            Effort::Max => (12, 3 * 4096, SHORTER),
        };
        let whole = vec![symbols.len()];
        // How far a dictionary reaches.
        self.begin();
        let mut reach = 0;
        while reach < symbols.len() && !self.is_full() {
            self.step(symbols, &mut reach, 0);
        }
        if reach == symbols.len() {
            return Ok(whole);
        }
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
                bits += u64::from(self.step(symbols, &mut at, shorter).1);
                full += u32::from(self.is_full());
                let cell = at / cell;
                if cell == from || at == symbols.len() {
                    continue;
                }
                let cost = bits + u64::from(self.width());
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
            return Ok(whole);
        };
        // A dictionary that stays good for longer than was looked at.
        let shorter = self.shorter[self.shorter.len() - 1];
        if self.bits(symbols, shorter, cancel)? < bits {
            return Ok(whole);
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
}

#[cfg(test)]
mod tests {
    use super::super::lzw::tests::{any_pixels, unpacked};
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
        // Noise of one kind, then of another: the strings of the first are of no use to the second.
        let mut seed = 1u32;
        let mut noise = |from: u8, count: usize| -> Vec<u8> {
            (0..count)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    from + (seed >> 30) as u8
                })
                .collect()
        };
        let symbols = [noise(0, 30_000), noise(200, 30_000)].concat();
        let uncut = {
            let mut parser = Parser::new(8, Effort::Default, symbols.len());
            parser.bits(&symbols, 0, &Cancel::new()).unwrap() as usize / 8
        };
        let [fast, default, max] =
            [Effort::Fast, Effort::Default, Effort::Max].map(|effort| checked(&symbols, effort));
        assert!(fast * 10 < uncut * 9, "{fast} {uncut}");
        assert!(default <= fast && max <= default, "{fast} {default} {max}");
    }
}
