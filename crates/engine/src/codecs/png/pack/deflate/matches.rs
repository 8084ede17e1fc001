//! What came before: for each place of a text, the earlier places that go on in the same way.
//!
//! Places with the same four bytes form a binary tree, sorted by what follows, whose root is the latest; a
//! search walks down and makes the place itself the root (as in 7-Zip and libdeflate). Three bytes alone
//! have lists of their own, of which the latest place counts.

use super::code::distance_code;

/// How far back deflate reaches.
pub(in crate::codecs::png::pack) const WINDOW: usize = 1 << 15;

/// The longest match.
pub(in crate::codecs::png::pack) const LONGEST: usize = 258;

const HASH_BITS: u32 = 16;

/// Matches that are kept at once, about: 16 MiB.
const MOST: usize = 4 << 20;

/// Within a match that goes on for longer than the longest one, only every so many places are remembered: what
/// they would be found for is found at its distance.
const SPARSELY: usize = 4;
const FIRST: usize = 8;

/// Places with the hash of three bytes that are looked at until one has the bytes, too. In noisy photographs, which have
/// few longer matches, each that is missed shows.
const THREES: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// The symbol of the distance above nine bits of the length: the cheapest way asks for it in every round.
    packed: u16,
    pub distance: u16,
}

impl Match {
    pub fn new(length: usize, distance: usize) -> Match {
        Match {
            packed: (distance_code(distance) << 9 | length) as u16,
            distance: distance as u16,
        }
    }

    #[inline(always)]
    pub fn length(self) -> usize {
        usize::from(self.packed & 0x1FF)
    }

    #[inline(always)]
    pub fn code(self) -> usize {
        usize::from(self.packed >> 9)
    }
}

/// The matches of a stretch of places, the shortest and nearest first.
#[derive(Default)]
pub(super) struct Matches {
    /// Where the matches of each place end in the list.
    ends: Vec<u32>,
    list: Vec<Match>,
}

impl Matches {
    pub fn of(&self, place: usize) -> &[Match] {
        let start = match place.checked_sub(1) {
            Some(before) => self.ends[before] as usize,
            None => 0,
        };
        &self.list[start..self.ends[place] as usize]
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.ends.len()
    }

    /// Forgets the first places.
    pub fn forget(&mut self, places: usize) {
        if let Some(last) = places.checked_sub(1) {
            let gone = self.ends[last];
            self.list.drain(..gone as usize);
            self.ends.drain(..places);
            self.ends.iter_mut().for_each(|end| *end -= gone);
        }
    }

    fn close(&mut self) {
        self.ends.push(self.list.len() as u32);
    }
}

/// Goes over a text from its start to its end.
pub(super) struct Finder {
    depth: usize,
    /// The last place with each hash of three and of four bytes, plus one.
    threes: Vec<u32>,
    fours: Vec<u32>,
    /// The place before with the same hash of three bytes, plus one.
    before: Vec<u32>,
    /// The two children of each place in reach, plus one: what is sorted before and after it.
    children: Vec<[u32; 2]>,
    /// The distance of the last long match.
    distance: usize,
}

impl Finder {
    /// At most so many earlier places are compared with each place.
    pub fn new(depth: usize) -> Finder {
        Finder {
            depth,
            threes: vec![0; 1 << HASH_BITS],
            fours: vec![0; 1 << HASH_BITS],
            before: vec![0; WINDOW],
            children: vec![[0; 2]; WINDOW],
            distance: 0,
        }
    }

    /// Adds the matches of these places, or of the first of them where there are very many.
    pub fn find(&mut self, text: &[u8], places: std::ops::Range<usize>, found: &mut Matches) {
        let mut at = places.start;
        while at < places.end && found.list.len() < MOST {
            let known = found.list.len();
            self.search(text, at, &mut found.list);
            self.repeat(text, at, known, &mut found.list);
            found.close();
            at += 1;
            let Some(&last) = found.list[known..].last() else {
                continue;
            };
            if last.length() < LONGEST {
                continue;
            }
            // What goes on at the same distance need not be searched for, except that a run or a pattern which
            // begins within it may be nearer.
            let mut last = last;
            let start = at;
            while at < places.end
                && at + LONGEST <= text.len()
                && text[at + LONGEST - 1] == text[at + LONGEST - 1 - usize::from(last.distance)]
            {
                let length = found.list.len();
                if at - start < FIRST || at.is_multiple_of(SPARSELY) {
                    self.search(text, at, &mut found.list);
                }
                if let Some(&other) = found.list[length..].last()
                    && other.length() == LONGEST
                    && other.distance < last.distance
                {
                    last = other;
                }
                found.list.truncate(length);
                found.list.push(last);
                found.close();
                at += 1;
            }
            self.distance = usize::from(last.distance);
        }
    }

    /// The distance of the last long match, where the trees do not know it or know less.
    fn repeat(&mut self, text: &[u8], at: usize, known: usize, list: &mut Vec<Match>) {
        let longest = list[known..].last().map_or(3, |last| last.length());
        if longest > 3 {
            self.distance = usize::from(list[list.len() - 1].distance);
        }
        let distance = self.distance;
        let most = (text.len() - at).min(LONGEST);
        if distance == 0 || distance > at || most <= longest {
            return;
        }
        let length = same(text, at - distance, at, 0, most);
        if length > longest {
            list.push(Match::new(length, distance));
        }
    }

    fn search(&mut self, text: &[u8], at: usize, list: &mut Vec<Match>) {
        let most = (text.len() - at).min(LONGEST);
        if most < 4 {
            return;
        }
        let four = u32::from_le_bytes([text[at], text[at + 1], text[at + 2], text[at + 3]]);
        let number = at as u32 + 1;
        let three = &mut self.threes[hashed(four << 8)];
        let mut last = std::mem::replace(three, number);
        self.before[at % WINDOW] = last;
        for _ in 0..THREES {
            let from = (last as usize).wrapping_sub(1);
            if last == 0 || at - from >= WINDOW {
                break;
            }
            if text[from..from + 3] == text[at..at + 3] {
                list.push(Match::new(3, at - from));
                break;
            }
            last = self.before[from % WINDOW];
        }
        let mut next = std::mem::replace(&mut self.fours[hashed(four)], number);
        // Where the next place that is sorted before this one goes, and the next after it.
        let mut slots = [(at % WINDOW, 0), (at % WINDOW, 1)];
        let mut alike = [0; 2];
        let mut longest = 3;
        for left in (0..self.depth).rev() {
            let from = (next as usize).wrapping_sub(1);
            let distance = at.wrapping_sub(from);
            if next == 0 || distance >= WINDOW {
                break;
            }
            let length = same(text, from, at, alike[0].min(alike[1]), most);
            let below = self.children[from % WINDOW];
            if length > longest {
                longest = length;
                list.push(Match::new(length, distance));
                if length >= most {
                    for (slot, child) in slots.iter().zip(below) {
                        self.children[slot.0][slot.1] = child;
                    }
                    return;
                }
            }
            let side = usize::from(text[from + length] > text[at + length]);
            self.children[slots[side].0][slots[side].1] = next;
            slots[side] = (from % WINDOW, 1 - side);
            alike[side] = length;
            next = below[1 - side];
            if left == 0 {
                break;
            }
        }
        for slot in slots {
            self.children[slot.0][slot.1] = 0;
        }
    }
}

fn hashed(four: u32) -> usize {
    (four.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

/// How many bytes are the same from two places on, of which the first `known` are; at most `most`, which must
/// be there.
#[inline(always)]
pub(in crate::codecs::png::pack) fn same(
    text: &[u8],
    a: usize,
    b: usize,
    known: usize,
    most: usize,
) -> usize {
    let (a, b) = (&text[a + known..a + most], &text[b + known..b + most]);
    let (eights_a, rest_a) = a.as_chunks::<8>();
    let (eights_b, rest_b) = b.as_chunks::<8>();
    let mut length = known;
    for (x, y) in eights_a.iter().zip(eights_b) {
        let differ = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differ != 0 {
            return length + differ.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = rest_a.iter().zip(rest_b);
    length + rest.take_while(|(x, y)| x == y).count()
}
