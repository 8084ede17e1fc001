//! Entropy coding of scans (ITU-T T.81 annexes F.1 and G.1): the same walk counts symbols, to price
//! a scan, and writes them.

use super::coefficients::{Block, Coefficients, Component, ZIGZAG};
use super::huffman::{Code, Counts};

/// Successive approximation begins at most here: further bits never paid in the corpus.
pub(super) const LOWEST_BITS: usize = 4;

/// The most ends of blocks that one symbol can announce.
const MOST_ENDS: u32 = 0x7fff;

/// Sixteen zeros.
const ZEROS: u8 = 0xf0;

/// What one scan holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scan {
    /// Indices of the components.
    pub components: Vec<usize>,
    /// First coefficient, in zigzag order.
    pub start: u8,
    /// Last coefficient.
    pub end: u8,
    /// How many low bits were left out so far; 0 when none was sent yet.
    pub high: u8,
    /// How many low bits are left out still.
    pub low: u8,
}

impl Scan {
    /// The single scan of a sequential file.
    pub fn everything(components: usize) -> Scan {
        Scan {
            components: (0..components).collect(),
            start: 0,
            end: 63,
            high: 0,
            low: 0,
        }
    }
}

/// Takes what a walk over a scan says. `table` numbers the scan's Huffman tables: twice the slot,
/// plus one for AC.
pub(super) trait Sink {
    fn symbol(&mut self, table: usize, symbol: u8);
    /// `count` low bits of `bits`, at most 16.
    fn bits(&mut self, bits: u32, count: u32);
}

/// Counts, for a price.
pub(super) struct Tally {
    pub counts: [Counts; 4],
    /// Bits that are no symbols.
    pub plain: u64,
}

impl Tally {
    pub fn new() -> Tally {
        Tally {
            counts: [[0; 256]; 4],
            plain: 0,
        }
    }
}

impl Sink for Tally {
    #[inline]
    fn symbol(&mut self, table: usize, symbol: u8) {
        self.counts[table][usize::from(symbol)] += 1;
    }

    #[inline]
    fn bits(&mut self, _: u32, count: u32) {
        self.plain += u64::from(count);
    }
}

/// Writes the bits, with a zero byte after each of ones.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    codes: [Option<&'a Code>; 4],
    /// Bits not yet written, at the low end.
    held: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub fn new(out: &'a mut Vec<u8>, codes: [Option<&'a Code>; 4]) -> BitWriter<'a> {
        BitWriter {
            out,
            codes,
            held: 0,
            count: 0,
        }
    }

    #[inline]
    fn put(&mut self, bits: u32, count: u32) {
        self.held = self.held << count | u64::from(bits & ((1 << count) - 1));
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
        }
    }

    /// Fills the last byte with ones.
    pub fn finish(mut self) {
        if self.count > 0 {
            self.put(0x7f, 8 - self.count);
        }
    }
}

impl Sink for BitWriter<'_> {
    #[inline]
    fn symbol(&mut self, table: usize, symbol: u8) {
        let (code, length) = self.codes[table].map_or((0, 0), |code| code.of(symbol));
        self.put(u32::from(code), u32::from(length));
    }

    #[inline]
    fn bits(&mut self, bits: u32, count: u32) {
        self.put(bits, count);
    }
}

/// For each block of a component, which coefficients are not zero once `n` low bits are left out;
/// bit 0 is the first in zigzag order.
pub(super) struct Masks([Vec<u64>; LOWEST_BITS]);

impl Masks {
    /// `None` when a coefficient is larger than the format can hold.
    pub fn of(component: &Component<'_>) -> Option<Masks> {
        let count = component.across * component.rows.len();
        let mut masks = [(); LOWEST_BITS].map(|()| Vec::with_capacity(count));
        for block in component.blocks() {
            let mut own = [0u64; LOWEST_BITS];
            for (at, &place) in ZIGZAG.iter().enumerate() {
                let size = u32::from(block[usize::from(place)].unsigned_abs());
                if size > 0 {
                    if size > if at == 0 { 2047 } else { 1023 } {
                        return None;
                    }
                    for (low, mask) in own.iter_mut().enumerate() {
                        *mask |= u64::from(size >> low > 0) << at;
                    }
                }
            }
            for (mask, own) in masks.iter_mut().zip(own) {
                mask.push(own);
            }
        }
        Some(Masks(masks))
    }
}

/// A picture that is ready to be coded.
pub(super) struct Coder<'a> {
    pub picture: &'a Coefficients<'a>,
    masks: Vec<Masks>,
}

impl<'a> Coder<'a> {
    /// `None` when a coefficient is larger than the format can hold.
    pub fn new(picture: &'a Coefficients<'a>) -> Option<Coder<'a>> {
        let masks = picture
            .components
            .iter()
            .map(Masks::of)
            .collect::<Option<_>>()?;
        Some(Coder { picture, masks })
    }

    /// Says everything that a scan of a progressive file holds.
    pub fn progressive(&self, scan: &Scan, sink: &mut impl Sink) {
        match (scan.start, scan.high) {
            (0, 0) => self.first_dc(scan, sink),
            (0, _) => self.refined_dc(scan, sink),
            (_, 0) => self.first_ac(scan, sink),
            _ => self.refined_ac(scan, sink),
        }
    }

    /// Says everything of the single scan of a sequential file.
    pub fn sequential(&self, sink: &mut impl Sink) {
        let all: Vec<usize> = (0..self.picture.components.len()).collect();
        let mut sequence = Sequence::default();
        self.walk(&all, |index, at, block| {
            let block = block.map(|block| (block, self.masks[index].0[0][at]));
            sequence.block(sink, index, block);
        });
    }

    /// Visits blocks in the order of a scan: component, place among its blocks, and the block;
    /// `None` for those that only fill up a group.
    fn walk(&self, components: &[usize], mut visit: impl FnMut(usize, usize, Option<&Block>)) {
        if let &[index] = components {
            for (at, block) in self.picture.components[index].blocks().enumerate() {
                visit(index, at, Some(block));
            }
            return;
        }
        let (groups_across, groups_down) = self.picture.groups();
        for group_row in 0..groups_down {
            for group in 0..groups_across {
                for &index in components {
                    let component = &self.picture.components[index];
                    let (wide, high) = (
                        usize::from(component.sampling.0),
                        usize::from(component.sampling.1),
                    );
                    for row in group_row * high..(group_row + 1) * high {
                        for column in group * wide..(group + 1) * wide {
                            let inside = row < component.rows.len() && column < component.across;
                            let at = row * component.across + column;
                            visit(index, at, inside.then(|| &component.rows[row][column]));
                        }
                    }
                }
            }
        }
    }

    fn first_dc(&self, scan: &Scan, sink: &mut impl Sink) {
        let mut last = [0i32; 4];
        self.walk(&scan.components, |index, _, block| {
            let value = block.map_or(last[index], |block| i32::from(block[0]) >> scan.low);
            difference(sink, slot(index) * 2, value - last[index]);
            last[index] = value;
        });
    }

    fn refined_dc(&self, scan: &Scan, sink: &mut impl Sink) {
        let mut last = [0u32; 4];
        self.walk(&scan.components, |index, _, block| {
            let bit = block.map_or(last[index], |block| {
                (i32::from(block[0]) >> scan.low) as u32 & 1
            });
            sink.bits(bit, 1);
            last[index] = bit;
        });
    }

    fn first_ac(&self, scan: &Scan, sink: &mut impl Sink) {
        let index = scan.components[0];
        let masks = &self.masks[index].0[usize::from(scan.low)];
        let band = band(scan);
        let mut ends = 0;
        for (block, mask) in self.picture.components[index].blocks().zip(masks) {
            let mut left = mask & band;
            if left == 0 {
                ends += 1;
                if ends == MOST_ENDS {
                    announce(sink, &mut ends);
                }
                continue;
            }
            announce(sink, &mut ends);
            let mut next = u32::from(scan.start);
            while left != 0 {
                next = coefficient(sink, 1, block, &mut left, next, scan.low);
            }
            if next <= u32::from(scan.end) {
                ends = 1;
            }
        }
        announce(sink, &mut ends);
    }

    fn refined_ac(&self, scan: &Scan, sink: &mut impl Sink) {
        let index = scan.components[0];
        let now = &self.masks[index].0[usize::from(scan.low)];
        let before = &self.masks[index].0[usize::from(scan.high)];
        let band = band(scan);
        let mut ends = 0;
        // Correction bits that follow the announced ends.
        let mut waiting: Vec<u8> = Vec::new();
        for ((block, &now), &before) in self.picture.components[index].blocks().zip(now).zip(before)
        {
            let mut left = now & band;
            let known = before & band;
            let mut new = left & !known;
            if left == 0 {
                ends += 1;
            } else {
                if new != 0 {
                    announce_with(sink, &mut ends, &mut waiting);
                }
                let bit = |at: u32| {
                    (block[usize::from(ZIGZAG[at as usize])].unsigned_abs() >> scan.low & 1) as u8
                };
                let mut next = u32::from(scan.start);
                let mut zeros = 0;
                // Correction bits of known coefficients since the last symbol.
                let mut corrections: (u64, u32) = (0, 0);
                while new != 0 {
                    let at = left.trailing_zeros();
                    left &= left - 1;
                    zeros += at - next;
                    next = at + 1;
                    while zeros > 15 {
                        sink.symbol(1, ZEROS);
                        put_long(sink, &mut corrections);
                        zeros -= 16;
                    }
                    if known >> at & 1 == 1 {
                        corrections = (corrections.0 << 1 | u64::from(bit(at)), corrections.1 + 1);
                        continue;
                    }
                    new &= new - 1;
                    sink.symbol(1, (zeros << 4 | 1) as u8);
                    sink.bits((block[usize::from(ZIGZAG[at as usize])] > 0).into(), 1);
                    put_long(sink, &mut corrections);
                    zeros = 0;
                }
                if next <= u32::from(scan.end) {
                    ends += 1;
                    while left != 0 {
                        waiting.push(bit(left.trailing_zeros()));
                        left &= left - 1;
                    }
                }
            }
            if ends == MOST_ENDS {
                announce_with(sink, &mut ends, &mut waiting);
            }
        }
        announce_with(sink, &mut ends, &mut waiting);
    }
}

/// The blocks of the single scan of a sequential file, one after the other.
#[derive(Default)]
pub(super) struct Sequence {
    last: [i32; 4],
}

impl Sequence {
    /// Says the next block of a component, with the mask of its coefficients that are not zero;
    /// `None` for one beyond the picture, which is as cheap as can be.
    #[inline]
    pub fn block(&mut self, sink: &mut impl Sink, index: usize, block: Option<(&Block, u64)>) {
        let slot = slot(index);
        let Some((block, mask)) = block else {
            sink.symbol(slot * 2, 0);
            sink.symbol(slot * 2 + 1, 0);
            return;
        };
        let value = i32::from(block[0]);
        difference(sink, slot * 2, value - self.last[index]);
        self.last[index] = value;
        let mut left = mask & !1;
        let mut next = 1;
        while left != 0 {
            next = coefficient(sink, slot * 2 + 1, block, &mut left, next, 0);
        }
        if next < 64 {
            sink.symbol(slot * 2 + 1, 0);
        }
    }
}

/// The coefficients of a block that are not zero; bit 0 is the first in zigzag order.
pub(super) fn mask(block: &Block) -> u64 {
    ZIGZAG.iter().enumerate().fold(0, |mask, (at, &place)| {
        mask | u64::from(block[usize::from(place)] != 0) << at
    })
}

/// Colour shares tables; what comes first has its own.
pub(super) fn slot(index: usize) -> usize {
    usize::from(index == 1 || index == 2)
}

/// The coefficients of a scan, as bits of a mask.
fn band(scan: &Scan) -> u64 {
    (u64::MAX >> (63 - scan.end)) & (u64::MAX << scan.start)
}

/// The step from one DC value to the next.
#[inline]
fn difference(sink: &mut impl Sink, table: usize, step: i32) {
    let size = 32 - step.unsigned_abs().leading_zeros();
    sink.symbol(table, size as u8);
    sink.bits((step + (step >> 31)) as u32, size);
}

/// The first coefficient that is `left`, with the zeros before it; answers where the next begins.
#[inline]
fn coefficient(
    sink: &mut impl Sink,
    table: usize,
    block: &Block,
    left: &mut u64,
    next: u32,
    low: u8,
) -> u32 {
    let at = left.trailing_zeros();
    *left &= *left - 1;
    let mut zeros = at - next;
    while zeros > 15 {
        sink.symbol(table, ZEROS);
        zeros -= 16;
    }
    let value = block[usize::from(ZIGZAG[at as usize])];
    let size = u32::from(value.unsigned_abs()) >> low;
    let count = 32 - size.leading_zeros();
    sink.symbol(table, (zeros << 4 | count) as u8);
    sink.bits(if value < 0 { !size } else { size }, count);
    at + 1
}

/// Says that so many blocks end here.
#[inline]
fn announce(sink: &mut impl Sink, ends: &mut u32) {
    if *ends > 0 {
        let count = 31 - ends.leading_zeros();
        sink.symbol(1, (count << 4) as u8);
        sink.bits(*ends, count);
        *ends = 0;
    }
}

fn announce_with(sink: &mut impl Sink, ends: &mut u32, waiting: &mut Vec<u8>) {
    announce(sink, ends);
    for bit in waiting.drain(..) {
        sink.bits(bit.into(), 1);
    }
}

fn put_long(sink: &mut impl Sink, (bits, count): &mut (u64, u32)) {
    while *count > 0 {
        let part = (*count).min(16);
        *count -= part;
        sink.bits((*bits >> *count) as u32, part);
    }
    *bits = 0;
}
