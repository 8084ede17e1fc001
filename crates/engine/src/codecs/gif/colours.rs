//! Sets of colours, and the palettes that they are drawn from.

use std::collections::HashMap;

use super::geometry::rgb;
use super::plan::Planned;

/// Up to 256 opaque colours; more make it overflow.
#[derive(Clone, Debug, Default)]
pub(super) struct Colours {
    /// In no particular order.
    found: Vec<u32>,
    /// Where each colour's place in `found` is looked up.
    places: Vec<u16>,
    last: Option<u32>,
    overflowed: bool,
}

const PLACES: usize = 1024;
const FREE: u16 = u16::MAX;

impl Colours {
    pub fn add(&mut self, pixel: u32) {
        if self.last == Some(pixel) || self.overflowed {
            return;
        }
        self.last = Some(pixel);
        if self.places.is_empty() {
            self.places = vec![FREE; PLACES];
        }
        let mut at = (pixel.wrapping_mul(0x9e37_79b1) >> 22) as usize;
        while self.places[at] != FREE {
            if self.found[usize::from(self.places[at])] == pixel {
                return;
            }
            at = (at + 1) % PLACES;
        }
        if self.found.len() == 256 {
            self.overflowed = true;
            return;
        }
        self.places[at] = self.found.len() as u16;
        self.found.push(pixel);
    }

    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    pub fn as_slice(&self) -> &[u32] {
        &self.found
    }

    /// Frees what only adding needs.
    pub fn settled(mut self) -> Colours {
        self.places = Vec::new();
        self
    }
}

/// Colours by index.
#[derive(Clone, Debug, Default)]
pub(super) struct Palette {
    /// The transparent entry is [`super::geometry::CLEAR`].
    pub entries: Vec<u32>,
    pub transparent: Option<u8>,
    places: HashMap<u32, u8>,
}

impl Palette {
    /// With the transparent entry first, so that frames of few colours have small codes.
    pub fn new(colours: &[u32], transparent: bool) -> Palette {
        let mut entries = Vec::with_capacity(colours.len() + 1);
        if transparent {
            entries.push(super::geometry::CLEAR);
        }
        entries.extend_from_slice(colours);
        let places = (0..=255)
            .zip(&entries)
            .map(|(at, &entry)| (entry, at))
            .collect();
        Palette {
            transparent: transparent.then_some(0),
            places,
            entries,
        }
    }

    pub fn index(&self, pixel: u32) -> Option<u8> {
        self.places.get(&pixel).copied()
    }

    pub fn holds(&self, pixels: &[u32]) -> bool {
        pixels.iter().all(|pixel| self.places.contains_key(pixel))
    }

    /// Three bytes a colour, filled up to a power of two.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.entries.iter().flat_map(|&entry| rgb(entry)).collect();
        bytes.resize(3 * self.entries.len().next_power_of_two().max(2), 0);
        bytes
    }
}

impl Palettes {
    /// The global palette as it is written; empty when no frame uses it.
    pub fn global_bytes(&self) -> Vec<u8> {
        if self.global.entries.is_empty() {
            return Vec::new();
        }
        self.global.bytes()
    }
}

/// The palettes of an animation.
pub(super) struct Palettes {
    pub global: Palette,
    /// For each frame, its own palette unless the global one serves.
    pub local: Vec<Option<Palette>>,
}

/// Chooses the global palette and the local ones; `None` when a frame's pixels fit in none.
pub(super) fn palettes(frames: &[Planned]) -> Option<Palettes> {
    let wants_clear = |frame: &Planned| frame.holes || !frame.unchanged.as_slice().is_empty();
    let room = 256 - usize::from(frames.iter().any(wants_clear));
    let mut shared: Vec<bool> = vec![true; frames.len()];
    let global = loop {
        let ranked = ranked(frames, &shared);
        if ranked.len() <= room {
            break ranked;
        }
        // The frames that need the rarest colours get palettes of their own.
        let rare = &ranked[room..];
        let mut dropped = false;
        for (frame, shared) in frames.iter().zip(&mut shared) {
            if *shared && frame.changed.as_slice().iter().any(|c| rare.contains(c)) {
                *shared = false;
                dropped = true;
            }
        }
        if !dropped || !shared.contains(&true) {
            break Vec::new();
        }
    };
    let transparent = frames
        .iter()
        .zip(&shared)
        .any(|(frame, shared)| *shared && wants_clear(frame));
    let global = Palette::new(&global, transparent);
    let local = frames
        .iter()
        .map(|frame| {
            let serves = global.holds(frame.changed.as_slice())
                && (!wants_clear(frame)
                    || global.transparent.is_some()
                    || (!frame.holes
                        && !frame.unchanged.overflowed()
                        && global.holds(frame.unchanged.as_slice())));
            if serves && !global.entries.is_empty() {
                Some(None)
            } else {
                own(frame).map(Some)
            }
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Palettes { global, local })
}

/// The colours of the sharing frames, those that most frames need first.
fn ranked(frames: &[Planned], shared: &[bool]) -> Vec<u32> {
    let mut users: HashMap<u32, u32> = HashMap::new();
    for (frame, _) in frames.iter().zip(shared).filter(|(_, shared)| **shared) {
        for &colour in frame.changed.as_slice() {
            *users.entry(colour).or_default() += 1;
        }
    }
    let mut ranked: Vec<(u32, u32)> = users.into_iter().collect();
    ranked.sort_unstable_by_key(|&(colour, users)| (std::cmp::Reverse(users), colour));
    ranked.into_iter().map(|(colour, _)| colour).collect()
}

/// A palette for a frame of so few colours that the shorter codes may be worth its bytes.
pub(super) fn small_palette(frame: &Planned) -> Option<Palette> {
    (frame.changed.as_slice().len() < 64)
        .then(|| own(frame))
        .flatten()
}

/// A palette for one frame.
fn own(frame: &Planned) -> Option<Palette> {
    let changed = frame.changed.as_slice();
    let unchanged = frame.unchanged.as_slice();
    if !frame.holes && unchanged.is_empty() {
        return Some(Palette::new(changed, false));
    }
    let extra = unchanged.iter().filter(|c| !changed.contains(c)).copied();
    if changed.len() < 256 {
        // Colours of unchanged pixels cost nothing where the palette has room for them.
        let room = (changed.len() + 1).next_power_of_two().max(2) - changed.len() - 1;
        let colours: Vec<u32> = changed.iter().copied().chain(extra.take(room)).collect();
        return Some(Palette::new(&colours, true));
    }
    let colours: Vec<u32> = changed.iter().copied().chain(extra).collect();
    (!frame.holes && !frame.unchanged.overflowed() && colours.len() <= 256)
        .then(|| Palette::new(&colours, false))
}
