//! GIF's flavour of LZW, for pixels of which some may be shown in more than one way.

use whittle_core::{Cancel, Effort};

use super::bits::Bits;
use super::choices::{Choices, PIXEL};
use crate::Result;

/// Codes have at most 12 bits.
pub(super) const CODES: usize = 1 << 12;
const NONE: u16 = u16::MAX;
/// Packed pixels.
pub(super) struct Packed {
    /// The minimum code size, sub-blocks and the terminator: what follows a frame's palette.
    pub bytes: Vec<u8>,
    /// The symbol that was chosen for each pixel.
    pub symbols: Vec<u8>,
}

/// The smallest code size that these symbols fit in.
pub(super) fn code_size(largest: u8) -> u8 {
    (8 - largest.leading_zeros() as u8).max(2)
}

/// How hard the packer thinks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thought {
    /// How much shorter than the longest match one may be, when the next one gains by it.
    shorter: u32,
    /// With a full dictionary, how many codes pass before it is held against a fresh one.
    patience: u32,
}

impl Thought {
    /// For trials.
    pub const LITTLE: Thought = Thought {
        shorter: 0,
        patience: 4096,
    };

    /// The attempts that are worth their time; the first is the cheapest.
    pub fn attempts(effort: Effort) -> &'static [Thought] {
        const ATTEMPTS: [Thought; 5] = {
            const fn attempt(shorter: u32, patience: u32) -> Thought {
                Thought { shorter, patience }
            }
            [
                attempt(0, 1024),
                attempt(1, 256),
                attempt(0, 128),
                attempt(2, 64),
                attempt(4, 64),
            ]
        };
        match effort {
            Effort::Fast => &ATTEMPTS[..1],
            Effort::Default => &ATTEMPTS[..2],
            Effort::Max => &ATTEMPTS,
        }
    }
}

/// Packs the pixels.
pub(super) fn packed(choices: &impl Choices, thought: Thought, cancel: &Cancel) -> Result<Packed> {
    let size = code_size(choices.largest());
    let mut packer = Packer {
        choices,
        size,
        thought,
        found: Vec::new(),
        stack: Vec::new(),
    };
    let mut state = State::new(size);
    let mut out = Bits::default();
    let mut symbols = Vec::with_capacity(choices.len());
    out.push(clear_code(size), u32::from(size) + 1);
    let mut steps = 0u32;
    while state.at < choices.len() {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(1 << 12) {
            cancel.check()?;
        }
        if state.is_full() && packer.is_stale(&state) {
            out.push(clear_code(size), state.width(size));
            state.reset(size);
        }
        let (code, width) = packer.step(&mut state);
        out.push(code, width);
        state.dictionary.spell(code, &mut symbols);
    }
    out.push(clear_code(size) + 1, state.width(size));
    Ok(Packed {
        bytes: out.blocks(size),
        symbols,
    })
}

pub(super) fn clear_code(size: u8) -> u16 {
    1 << size
}

/// The strings seen since the last clear code, as a tree: a node's number is its code.
#[derive(Clone)]
struct Dictionary {
    first_child: [u16; CODES],
    sibling: [u16; CODES],
    parent: [u16; CODES],
    symbol: [u8; CODES],
    /// The first symbol of a node's string.
    head: [u8; CODES],
}

impl Dictionary {
    fn add(&mut self, node: u16, parent: u16, symbol: u8) {
        let (at, under) = (usize::from(node), usize::from(parent));
        self.symbol[at] = symbol;
        self.parent[at] = parent;
        self.head[at] = self.head[under];
        self.first_child[at] = NONE;
        self.sibling[at] = self.first_child[under];
        self.first_child[under] = node;
    }

    /// Appends a node's string.
    fn spell(&self, mut node: u16, symbols: &mut Vec<u8>) {
        let start = symbols.len();
        while node != NONE {
            symbols.push(self.symbol[usize::from(node)]);
            node = self.parent[usize::from(node)];
        }
        symbols[start..].reverse();
    }
}

/// Everything that decides about the next code.
#[derive(Clone)]
struct State {
    dictionary: Box<Dictionary>,
    /// The next pixel.
    at: usize,
    /// The next node's number.
    next: u16,
    /// The code before, which becomes a new node with the first symbol of the next one.
    before: u16,
    /// Bits of all codes so far.
    bits: u64,
    /// Codes since the dictionary was full.
    since_full: u32,
}

impl State {
    fn new(size: u8) -> State {
        let mut state = State {
            dictionary: Box::new(Dictionary {
                first_child: [NONE; CODES],
                sibling: [NONE; CODES],
                parent: [NONE; CODES],
                symbol: [0; CODES],
                head: [0; CODES],
            }),
            at: 0,
            next: 0,
            before: NONE,
            bits: 0,
            since_full: 0,
        };
        for symbol in 0..clear_code(size) {
            let at = usize::from(symbol);
            state.dictionary.symbol[at] = symbol as u8;
            state.dictionary.head[at] = symbol as u8;
        }
        state.reset(size);
        state
    }

    fn reset(&mut self, size: u8) {
        self.dictionary.first_child[..1 << size].fill(NONE);
        self.next = clear_code(size) + 2;
        self.before = NONE;
        self.since_full = 0;
    }

    fn is_full(&self) -> bool {
        usize::from(self.next) >= CODES
    }

    /// Bits of the next code: the decoder knows one node less than we do.
    fn width(&self, size: u8) -> u32 {
        (16 - self.next.leading_zeros()).clamp(u32::from(size) + 1, 12)
    }
}

struct Packer<'a, C> {
    choices: &'a C,
    size: u8,
    thought: Thought,
    found: Vec<u8>,
    stack: Vec<(u16, u32, u32)>,
}

/// A match: its node, its length, and its worth: a [`PIXEL`] for each less what is wrong with it.
#[derive(Clone, Copy)]
struct Match {
    node: u16,
    length: u32,
    worth: u32,
}

impl<C: Choices> Packer<'_, C> {
    /// Takes the next match and grows the dictionary. Gives the code and its width.
    fn step(&mut self, state: &mut State) -> (u16, u32) {
        let width = state.width(self.size);
        let grows = state.before != NONE && !state.is_full();
        if grows {
            // The new node's symbol is the first one of the match to come. A match can only reach
            // the new node when it begins like the node itself, so this guess serves the search.
            let head = state.dictionary.head[usize::from(state.before)];
            state.dictionary.add(state.next, state.before, head);
        }
        let mut chosen = self.longest(&state.dictionary, state.at);
        if self.thought.shorter > 0 {
            chosen = self.looking_ahead(&state.dictionary, state.at, chosen);
        }
        if grows {
            let head = state.dictionary.head[usize::from(chosen.node)];
            state.dictionary.symbol[usize::from(state.next)] = head;
            state.next += 1;
        }
        state.before = chosen.node;
        state.at += chosen.length as usize;
        state.bits += u64::from(width);
        state.since_full += u32::from(state.is_full());
        (chosen.node, width)
    }

    /// The longest match from a position, less what is wrong with it.
    fn longest(&mut self, dictionary: &Dictionary, at: usize) -> Match {
        let mut best = Match {
            node: 0,
            length: 0,
            worth: 0,
        };
        self.found.clear();
        self.choices.symbols(at, &mut self.found);
        for &symbol in &self.found {
            let error = self.choices.error(at, symbol).unwrap_or(PIXEL);
            self.stack.push((symbol.into(), 1, 1 + PIXEL - error));
        }
        let end = self.choices.len();
        while let Some((node, length, worth)) = self.stack.pop() {
            if worth > best.worth {
                best = Match {
                    node,
                    length,
                    worth,
                };
            }
            let next = at + length as usize;
            if next == end {
                continue;
            }
            let mut child = dictionary.first_child[usize::from(node)];
            while child != NONE {
                let symbol = dictionary.symbol[usize::from(child)];
                if let Some(error) = self.choices.error(next, symbol) {
                    self.stack.push((child, length + 1, worth + PIXEL - error));
                }
                child = dictionary.sibling[usize::from(child)];
            }
        }
        best
    }

    /// A shorter match, where the one after it makes up for more than it lacks.
    fn looking_ahead(&mut self, dictionary: &Dictionary, at: usize, longest: Match) -> Match {
        let mut chosen = longest;
        let mut reach = 0;
        let mut node = longest.node;
        let end = self.choices.len();
        for lacking in 0..=self.thought.shorter {
            let length = longest.length - lacking;
            let next = at + length as usize;
            if next >= end {
                return longest;
            }
            let total = length + self.longest(dictionary, next).length;
            // A shorter match only grows the dictionary by what it knows already, so it must win
            // clearly.
            if total > reach + u32::from(lacking > 0) {
                reach = total;
                chosen = Match {
                    node,
                    length,
                    worth: 0,
                };
            }
            node = dictionary.parent[usize::from(node)];
            if node == NONE {
                break;
            }
        }
        chosen
    }

    /// Whether a fresh dictionary would pack the pixels to come better than the full one, told by
    /// trying both.
    fn is_stale(&mut self, state: &State) -> bool {
        if !state.since_full.is_multiple_of(self.thought.patience) {
            return false;
        }
        let thought = std::mem::replace(&mut self.thought, Thought::LITTLE);
        let end = self.choices.len();
        let mut fresh = state.clone();
        fresh.bits += u64::from(fresh.width(self.size));
        fresh.reset(self.size);
        while fresh.at < end && !fresh.is_full() {
            self.step(&mut fresh);
        }
        let mut full = state.clone();
        while full.at < fresh.at && full.bits < fresh.bits {
            self.step(&mut full);
        }
        self.thought = thought;
        full.at < fresh.at
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::choices::{Exact, Free};
    use super::*;

    /// Unpacks with another's decoder.
    pub fn unpacked(packed: &[u8], pixels: usize) -> Vec<u8> {
        let mut bytes = b"GIF89a\x01\x00\x01\x00\x80\x00\x00".to_vec();
        bytes.extend_from_slice(&[0; 6]);
        bytes.extend_from_slice(&[0x2c, 0, 0, 0, 0]);
        bytes.extend_from_slice(&(pixels as u16).to_le_bytes());
        bytes.extend_from_slice(&[1, 0, 0]);
        bytes.extend_from_slice(packed);
        bytes.push(0x3b);
        let mut options = gif::DecodeOptions::new();
        options.check_lzw_end_code(true);
        let mut decoder = options.read_info(&bytes[..]).unwrap();
        decoder.read_next_frame().unwrap().unwrap().buffer.to_vec()
    }

    /// Pixels of up to `symbols` colours with runs and repeats of some length.
    pub fn any_pixels() -> impl Strategy<Value = Vec<u8>> {
        (1..=255u8, 1..40usize).prop_flat_map(|(largest, repeats)| {
            prop::collection::vec((0..=largest, 1..=repeats), 1..600).prop_map(|runs| {
                runs.into_iter()
                    .flat_map(|(symbol, length)| std::iter::repeat_n(symbol, length))
                    .collect()
            })
        })
    }

    /// Noise of one kind, then of another: the strings of the first are of no use to the second.
    pub fn noise_of_two_kinds() -> Vec<u8> {
        let mut seed = 1u32;
        let mut noise = |from: u8, count: usize| -> Vec<u8> {
            (0..count)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    from + (seed >> 30) as u8
                })
                .collect()
        };
        [noise(0, 30_000), noise(200, 30_000)].concat()
    }

    fn any_thought() -> impl Strategy<Value = Thought> {
        prop::sample::select(Thought::attempts(Effort::Max).to_vec())
    }

    proptest! {
        #[test]
        fn pixels_come_back(pixels in any_pixels(), thought in any_thought()) {
            let packed = packed(&Exact(&pixels), thought, &Cancel::new()).unwrap();
            prop_assert_eq!(&packed.symbols, &pixels);
            prop_assert_eq!(unpacked(&packed.bytes, pixels.len()), pixels);
        }

        #[test]
        fn free_pixels_are_drawn_or_left(
            pixels in any_pixels(),
            stays in prop::collection::vec(any::<bool>(), 64),
            thought in any_thought(),
        ) {
            let free: Vec<bool> = (0..pixels.len()).map(|at| stays[at % stays.len()]).collect();
            let choices = Free { wanted: &pixels, free: &free, transparent: 3 };
            let packed = packed(&choices, thought, &Cancel::new()).unwrap();
            prop_assert_eq!(&unpacked(&packed.bytes, pixels.len()), &packed.symbols);
            for ((&chosen, &wanted), &free) in packed.symbols.iter().zip(&pixels).zip(&free) {
                prop_assert!(chosen == wanted || (free && chosen == 3));
            }
        }
    }

    #[test]
    fn a_full_dictionary_is_thrown_away_when_the_picture_changes() {
        let pixels = noise_of_two_kinds();
        let size = |patience| {
            let thought = Thought {
                shorter: 0,
                patience,
            };
            packed(&Exact(&pixels), thought, &Cancel::new())
                .unwrap()
                .bytes
                .len()
        };
        assert!(
            size(256) * 10 < size(u32::MAX) * 9,
            "{} {}",
            size(256),
            size(u32::MAX)
        );
    }
}
