//! Huffman codes of at most 16 bits (ITU-T T.81 annex K.2), made for what a scan holds.

/// The longest code that a table can name.
const LONGEST: usize = 16;

/// How often each symbol occurs.
pub(super) type Counts = [u32; 256];

/// A code, as a file defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// How many symbols have a code of 1 to 16 bits.
    lengths: [u8; LONGEST],
    /// All symbols that have a code, the shortest first.
    symbols: Vec<u8>,
    /// Code and its length for each symbol; length 0 where there is none.
    codes: Box<[(u16, u8); 256]>,
}

impl Code {
    /// The code that takes the fewest bits for these symbols.
    ///
    /// Package-merge (Larmore and Hirschberg 1990) finds the shortest code within the limit. One more
    /// symbol that never occurs takes the code of ones alone, which the format forbids.
    pub fn best_for(counts: &Counts) -> Code {
        let mut used: Vec<(u32, u8)> = (0..=255u8)
            .filter(|&symbol| counts[usize::from(symbol)] > 0)
            .map(|symbol| (counts[usize::from(symbol)], symbol))
            .collect();
        used.sort_unstable();
        let weights: Vec<u64> = std::iter::once(0)
            .chain(used.iter().map(|&(count, _)| u64::from(count)))
            .collect();
        let lengths = shortest_lengths(&weights);
        let mut by_length: Vec<(u8, u8)> = used
            .iter()
            .zip(&lengths[1..])
            .map(|(&(_, symbol), &length)| (length, symbol))
            .collect();
        by_length.sort_unstable();
        Code::from_lengths(&by_length)
    }

    /// `by_length` holds lengths and symbols in rising order.
    fn from_lengths(by_length: &[(u8, u8)]) -> Code {
        let mut lengths = [0; LONGEST];
        let mut codes = Box::new([(0u16, 0u8); 256]);
        let (mut next, mut last) = (0u32, 0u8);
        for &(length, symbol) in by_length {
            next <<= length - last;
            last = length;
            codes[usize::from(symbol)] = (next as u16, length);
            next += 1;
            lengths[usize::from(length) - 1] += 1;
        }
        Code {
            lengths,
            symbols: by_length.iter().map(|&(_, symbol)| symbol).collect(),
            codes,
        }
    }

    /// Code and length of a symbol.
    pub fn of(&self, symbol: u8) -> (u16, u8) {
        self.codes[usize::from(symbol)]
    }

    /// What follows class and number in a table's definition.
    pub fn definition(&self) -> impl Iterator<Item = u8> + '_ {
        self.lengths
            .iter()
            .copied()
            .chain(self.symbols.iter().copied())
    }

    /// Bytes that defining it takes, with its marker.
    pub fn definition_len(&self) -> usize {
        2 + 2 + 1 + LONGEST + self.symbols.len()
    }

    /// Bits that these symbols take; `None` when one of them has no code.
    pub fn bits(&self, counts: &Counts) -> Option<u64> {
        let mut bits = 0;
        for (&count, &(_, length)) in counts.iter().zip(self.codes.iter()) {
            if count > 0 {
                if length == 0 {
                    return None;
                }
                bits += u64::from(count) * u64::from(length);
            }
        }
        Some(bits)
    }
}

/// The code length of each weight, which are in rising order.
fn shortest_lengths(weights: &[u64]) -> Vec<u8> {
    let count = weights.len();
    if count == 1 {
        return vec![1];
    }
    // Each level merges all leaves with pairs of the level before; only what kind each item is
    // matters later, as items are always taken from the front.
    let mut levels: Vec<Vec<bool>> = Vec::with_capacity(LONGEST);
    let mut items: Vec<u64> = weights.to_vec();
    levels.push(vec![true; count]);
    for _ in 1..LONGEST {
        let mut merged = Vec::with_capacity(count * 2);
        let mut is_leaf = Vec::with_capacity(count * 2);
        let mut pairs = items
            .chunks_exact(2)
            .map(|pair| pair[0] + pair[1])
            .peekable();
        for &weight in weights {
            while let Some(pair) = pairs.next_if(|&pair| pair < weight) {
                merged.push(pair);
                is_leaf.push(false);
            }
            merged.push(weight);
            is_leaf.push(true);
        }
        for pair in pairs {
            merged.push(pair);
            is_leaf.push(false);
        }
        items = merged;
        levels.push(is_leaf);
    }
    let mut lengths = vec![0u8; count];
    let mut taken = 2 * count - 2;
    for level in levels.iter().rev() {
        let leaves = level[..taken].iter().filter(|&&leaf| leaf).count();
        for length in &mut lengths[..leaves] {
            *length += 1;
        }
        taken = (taken - leaves) * 2;
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(of: &[u32]) -> Counts {
        let mut counts = [0; 256];
        counts[..of.len()].copy_from_slice(of);
        counts
    }

    #[test]
    fn frequent_symbols_get_short_codes() {
        let code = Code::best_for(&counts(&[1, 100, 10, 1]));
        assert_eq!(code.of(1), (0, 1));
        assert_eq!(code.of(2), (0b10, 2));
        assert_eq!(code.of(4).1, 0);
        assert_eq!(Code::best_for(&counts(&[7])).of(0), (0, 1));
    }

    #[test]
    fn no_code_is_longer_than_16_bits() {
        // Fibonacci counts make the deepest trees.
        let mut fibonacci = vec![1u32, 1];
        while fibonacci.len() < 40 {
            fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
        }
        let code = Code::best_for(&counts(&fibonacci));
        assert_eq!(code.symbols.len(), 40);
        assert!((0..40).all(|symbol| (1..=16).contains(&code.of(symbol).1)));
    }

    proptest! {
        /// No code begins another, none is all ones, and the space of codes is not overfull.
        #[test]
        fn codes_are_valid(of in proptest::collection::vec(0u32..100_000, 1..256)) {
            let counts = counts(&of);
            prop_assume!(counts.iter().any(|&count| count > 0));
            let code = Code::best_for(&counts);
            let mut space = 0u64;
            for symbol in 0..=255u8 {
                let (bits, length) = code.of(symbol);
                prop_assert_eq!(length > 0, counts[usize::from(symbol)] > 0);
                if length > 0 {
                    space += 1 << (16 - length);
                    prop_assert!(u32::from(bits) < (1 << length) - 1, "all ones");
                }
            }
            prop_assert!(space < 1 << 16);
            prop_assert!(code.bits(&counts).is_some());
        }
    }
}
