//! The strings that a decoder of GIF's LZW knows at a moment, for pixels of which each has one symbol.

use super::lzw::{CODES, clear_code};

/// Symbols, with how often each repeats from where it stands: most pictures have long runs, which
/// are then followed in one step.
pub(super) struct Pixels<'a> {
    pub symbols: &'a [u8],
    repeats: Vec<u16>,
}

impl Pixels<'_> {
    pub fn new(symbols: &[u8]) -> Pixels<'_> {
        let mut repeats = vec![1u16; symbols.len()];
        for at in (1..symbols.len()).rev() {
            if symbols[at - 1] == symbols[at] {
                repeats[at - 1] = repeats[at].saturating_add(1);
            }
        }
        Pixels { symbols, repeats }
    }
}

/// Places in the table for each code, so that few collide.
const ROOM: usize = 4;
const EMPTY: u32 = u32::MAX;

/// A first child that is not there: its symbol is none.
const CHILDLESS: u32 = 0x1ff << 12;
/// More children are in the table.
const MORE: u32 = 1 << 21;

/// How many nodes of a match, its last ones, are remembered.
const PATH: usize = 16;

/// A tree; a node's number is its code.
pub(super) struct Strings {
    size: u8,
    /// For each node its first child (12 bits), that one's symbol (9), and [`MORE`]. Most nodes have no
    /// other.
    first: Box<[u32; CODES]>,
    /// The other children: a node (12 bits), a symbol (8) and the node that they lead to (12).
    others: Vec<u32>,
    /// How much of a hash is not a place in the table.
    shift: u32,
    /// For each symbol, the nodes of two of it, of three, and so on.
    runs: Vec<Vec<u16>>,
    /// For the nodes of runs, how long they are; nought for all others.
    run: Box<[u16; CODES]>,
    next: u32,
}

/// The longest string that pixels begin with.
pub(super) struct Match {
    pub node: u32,
    pub length: usize,
    /// The symbol and length of the run that it begins with.
    run: (u8, usize),
    path: [u16; PATH],
}

impl Strings {
    /// For so many pixels at the most: emptying a large table would be most of the work for few.
    pub fn new(size: u8, pixels: usize) -> Strings {
        let places = (ROOM * pixels.clamp(16, CODES)).next_power_of_two();
        let mut strings = Strings {
            size,
            first: Box::new([CHILDLESS; CODES]),
            others: vec![EMPTY; places],
            shift: 32 - places.trailing_zeros(),
            runs: vec![Vec::new(); 1 << size],
            run: Box::new([0; CODES]),
            next: 0,
        };
        strings.forget();
        strings
    }

    /// As after a clear code.
    pub fn forget(&mut self) {
        let roots = 1 << self.size;
        self.first[..roots].fill(CHILDLESS);
        self.run[..roots].fill(1);
        self.runs.iter_mut().for_each(Vec::clear);
        self.others.fill(EMPTY);
        self.next = u32::from(clear_code(self.size)) + 2;
    }

    pub fn is_full(&self) -> bool {
        self.next as usize >= CODES
    }

    /// Bits of the next code.
    pub fn width(&self) -> u32 {
        width(self.next, self.size)
    }

    #[inline]
    fn place(&self, key: u32) -> usize {
        (key.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    #[inline]
    fn child(&self, node: u32, symbol: u8) -> Option<u32> {
        let first = self.first[node as usize % CODES];
        if first >> 12 & 0x1ff == u32::from(symbol) {
            return Some(first & 0xfff);
        }
        if first & MORE == 0 {
            return None;
        }
        let key = node << 8 | u32::from(symbol);
        let mut place = self.place(key);
        loop {
            match self.others[place] {
                EMPTY => return None,
                entry if entry >> 12 == key => return Some(entry & 0xfff),
                _ => place = (place + 1) & (self.others.len() - 1),
            }
        }
    }

    /// Adds the string that the decoder adds; one that is there already only takes a number away.
    pub fn add(&mut self, node: u32, symbol: u8) {
        if self.is_full() {
            return;
        }
        let new = self.next;
        self.next += 1;
        if self.child(node, symbol).is_some() {
            return;
        }
        self.first[new as usize] = CHILDLESS;
        let first = &mut self.first[node as usize];
        if *first == CHILDLESS {
            *first = u32::from(symbol) << 12 | new;
        } else {
            *first |= MORE;
            let key = node << 8 | u32::from(symbol);
            let mut place = self.place(key);
            while self.others[place] != EMPTY {
                place = (place + 1) & (self.others.len() - 1);
            }
            self.others[place] = key << 12 | new;
        }
        let repeats = usize::from(self.run[node as usize]);
        let goes_on = match repeats {
            0 => false,
            1 => node == u32::from(symbol),
            _ => self.runs[usize::from(symbol)].get(repeats - 2) == Some(&(node as u16)),
        };
        self.run[new as usize] = 0;
        if goes_on {
            self.run[new as usize] = repeats as u16 + 1;
            self.runs[usize::from(symbol)].push(new as u16);
        }
    }

    /// Follows the pixels from a position as far as they are known; tells each node after the
    /// run that they begin with. Gives the node, the length, and the length of that run.
    #[inline]
    fn follow(
        &self,
        pixels: &Pixels,
        at: usize,
        end: usize,
        mut step: impl FnMut(usize, u32),
    ) -> (u32, usize, usize) {
        let symbol = pixels.symbols[at];
        let (mut node, mut length) = (u32::from(symbol), 1);
        let repeats = usize::from(pixels.repeats[at]).min(end - at);
        if repeats > 1 {
            let known = &self.runs[usize::from(symbol)];
            let run = known.len().min(repeats - 1);
            if run > 0 {
                node = known[run - 1].into();
                length += run;
            }
            if length < repeats {
                return (node, length, length);
            }
        }
        let run = length;
        for &symbol in &pixels.symbols[at + length..end] {
            let Some(child) = self.child(node, symbol) else {
                break;
            };
            node = child;
            length += 1;
            step(length, node);
        }
        (node, length, run)
    }

    /// The length of the longest match of the pixels from a position up to an end.
    #[inline]
    pub fn reach(&self, pixels: &Pixels, at: usize, end: usize) -> usize {
        if at == end {
            return 0;
        }
        self.follow(pixels, at, end, |_, _| {}).1
    }

    /// The longest match of the pixels from a position up to an end behind it.
    #[inline]
    pub fn longest(&self, pixels: &Pixels, at: usize, end: usize) -> Match {
        let mut path = [0; PATH];
        let (node, length, run) = self.follow(pixels, at, end, |length, node| {
            path[length % PATH] = node as u16;
        });
        Match {
            node,
            length,
            run: (pixels.symbols[at], run),
            path,
        }
    }

    /// The node of a match that is shorter than [`PATH`] symbols less.
    pub fn shortened(&self, longest: &Match, length: usize) -> u32 {
        let (symbol, run) = longest.run;
        match length {
            1 => symbol.into(),
            _ if length <= run => self.runs[usize::from(symbol)][length - 2].into(),
            _ => longest.path[length % PATH].into(),
        }
    }
}

/// Bits of a code when the next string will have the number `next`.
pub(super) fn width(next: u32, size: u8) -> u32 {
    (32 - next.leading_zeros()).clamp(u32::from(size) + 1, 12)
}
