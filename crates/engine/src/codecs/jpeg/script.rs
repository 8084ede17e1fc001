//! The search for the scans that take the fewest bytes.
//!
//! Scans are priced from counts of their symbols, without writing a bit. Bands of coefficients are
//! chosen by dynamic programming over the places where a band may end, each with the bits that it
//! leaves for later scans.

use std::collections::HashMap;

use whittle_core::{Cancel, Cancelled, Effort};

use super::huffman::Code;
use super::scan::{Coder, LOWEST_BITS, Scan, Tally};

/// How a picture is split into scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// One scan of everything.
    Sequential,
    /// Several, each adding frequencies or precision.
    Progressive(Vec<Scan>),
}

/// Scans with what they cost.
#[derive(Clone)]
struct Priced {
    scans: Vec<Scan>,
    bits: u64,
}

impl Priced {
    fn nothing() -> Priced {
        Priced {
            scans: Vec::new(),
            bits: 0,
        }
    }

    fn then(mut self, mut other: Priced) -> Priced {
        self.scans.append(&mut other.scans);
        self.bits += other.bits;
        self
    }

    fn or(self, other: Priced) -> Priced {
        if other.bits < self.bits { other } else { self }
    }
}

/// Finds scans for a picture.
pub(super) fn best_script(
    coder: &Coder<'_>,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Script, Cancelled> {
    let mut search = Search {
        coder,
        cancel,
        known: HashMap::new(),
    };
    let count = coder.picture.components.len();
    let mut progressive = search.direct(count, effort)?;
    for component in 0..count {
        progressive = progressive.then(match effort {
            Effort::Fast => search.usual(component, &[])?,
            Effort::Default => search.usual(component, &[2, 5, 8, 12, 18])?,
            Effort::Max => search.widest(component)?,
        });
    }
    let mut tally = Tally::new();
    coder.sequential(&mut tally);
    let tables: u64 = tally
        .counts
        .iter()
        .filter(|counts| counts.iter().any(|&count| count > 0))
        .map(|counts| {
            let code = Code::best_for(counts);
            code.bits(counts).unwrap_or(u64::MAX) + code.definition_len() as u64 * 8
        })
        .sum();
    let sequential = tables + tally.plain + header_bits(count);
    Ok(if sequential <= progressive.bits {
        Script::Sequential
    } else {
        Script::Progressive(progressive.scans)
    })
}

/// Bits of a scan's header.
fn header_bits(components: usize) -> u64 {
    (8 + 2 * components as u64) * 8
}

struct Search<'a> {
    coder: &'a Coder<'a>,
    cancel: &'a Cancel,
    /// What AC scans cost, by component, band and bits.
    known: HashMap<(usize, u8, u8, u8, u8), u64>,
}

impl Search<'_> {
    fn price(&mut self, scan: Scan) -> Result<Priced, Cancelled> {
        let key = (
            scan.components[0],
            scan.start,
            scan.end,
            scan.high,
            scan.low,
        );
        if scan.start > 0
            && let Some(&bits) = self.known.get(&key)
        {
            return Ok(Priced {
                scans: vec![scan],
                bits,
            });
        }
        self.cancel.check()?;
        let mut tally = Tally::new();
        self.coder.progressive(&scan, &mut tally);
        let mut bits = tally.plain + header_bits(scan.components.len());
        for counts in &tally.counts {
            if counts.iter().any(|&count| count > 0) {
                let code = Code::best_for(counts);
                bits +=
                    code.bits(counts).unwrap_or(u64::MAX >> 8) + code.definition_len() as u64 * 8;
            }
        }
        if scan.start > 0 {
            self.known.insert(key, bits);
        }
        Ok(Priced {
            scans: vec![scan],
            bits,
        })
    }

    /// DC: together, or luma apart from colour, or each for itself; in one go, or the last bit later.
    fn direct(&mut self, count: usize, effort: Effort) -> Result<Priced, Cancelled> {
        let all: Vec<usize> = (0..count).collect();
        let mut groupings = vec![vec![all.clone()]];
        if count > 1 {
            groupings.push(all.iter().map(|&index| vec![index]).collect());
        }
        if count == 3 {
            groupings.push(vec![vec![0], vec![1, 2]]);
        }
        let lows = match effort {
            Effort::Max => 0..2,
            _ => 0..1,
        };
        let mut best: Option<Priced> = None;
        for low in lows {
            for grouping in &groupings {
                let mut whole = Priced::nothing();
                for components in grouping {
                    let scan = |high, low| Scan {
                        components: components.clone(),
                        start: 0,
                        end: 0,
                        high,
                        low,
                    };
                    whole = whole.then(self.price(scan(0, low))?);
                    for low in (0..low).rev() {
                        whole = whole.then(self.price(scan(low + 1, low))?);
                    }
                }
                best = Some(match best {
                    Some(best) => best.or(whole),
                    None => whole,
                });
            }
        }
        Ok(best.unwrap_or_else(Priced::nothing))
    }

    fn band(
        &mut self,
        component: usize,
        (start, end): (u8, u8),
        high: u8,
        low: u8,
    ) -> Result<Priced, Cancelled> {
        self.price(Scan {
            components: vec![component],
            start,
            end,
            high,
            low,
        })
    }

    /// The scans that send the low bits one by one, each for all frequencies.
    fn refinements(
        &mut self,
        component: usize,
        band: (u8, u8),
        low: u8,
    ) -> Result<Priced, Cancelled> {
        let mut all = Priced::nothing();
        for low in (0..low).rev() {
            all = all.then(self.band(component, band, low + 1, low)?);
        }
        Ok(all)
    }

    /// What mostly is best: the same bits of all frequencies, in one band or two.
    fn usual(&mut self, component: usize, splits: &[u8]) -> Result<Priced, Cancelled> {
        const ALL: (u8, u8) = (1, 63);
        let mut best: Option<(u8, Priced)> = None;
        for low in 0..LOWEST_BITS as u8 {
            let later = self.refinements(component, ALL, low)?;
            let whole = self.band(component, ALL, 0, low)?;
            let halves = self.band(component, (1, 8), 0, low)?.then(self.band(
                component,
                (9, 63),
                0,
                low,
            )?);
            let found = whole.or(halves).then(later);
            if best
                .as_ref()
                .is_some_and(|(_, best)| best.bits <= found.bits)
            {
                break;
            }
            best = Some((low, found));
        }
        let Some((low, mut best)) = best else {
            return Ok(Priced::nothing());
        };
        for &split in splits {
            let halves = self
                .band(component, (1, split), 0, low)?
                .then(self.band(component, (split + 1, 63), 0, low)?)
                .then(self.refinements(component, ALL, low)?);
            best = best.or(halves);
        }
        Ok(best)
    }

    /// Any number of bands, each with its own bits.
    fn widest(&mut self, component: usize) -> Result<Priced, Cancelled> {
        const ENDS: [u8; 15] = [1, 2, 3, 5, 7, 9, 12, 15, 20, 27, 35, 44, 50, 56, 63];
        let mut best = self.usual(component, &[2, 5, 8, 12, 18])?;
        // Bands that all leave the same bits, with the refinements split on their own.
        for low in 0..LOWEST_BITS as u8 {
            let mut whole =
                self.parted(&ENDS, |search, band| search.band(component, band, 0, low))?;
            for low in (0..low).rev() {
                whole = whole.then(self.parted(&ENDS, |search, band| {
                    search.band(component, band, low + 1, low)
                })?);
            }
            if whole.bits > best.bits + best.bits / 50 {
                break;
            }
            best = best.or(whole);
        }
        let mixed = self.parted(&ENDS, |search, band| {
            let mut best = search.band(component, band, 0, 0)?;
            for low in 1..3 {
                let later = search.refinements(component, band, low)?;
                best = best.or(search.band(component, band, 0, low)?.then(later));
            }
            Ok(best)
        })?;
        Ok(best.or(mixed))
    }

    /// The cheapest way to part all frequencies into bands.
    fn parted(
        &mut self,
        ends: &[u8],
        mut price: impl FnMut(&mut Self, (u8, u8)) -> Result<Priced, Cancelled>,
    ) -> Result<Priced, Cancelled> {
        // The cheapest bands up to each end.
        let mut up_to: Vec<Priced> = Vec::with_capacity(ends.len());
        for (at, &end) in ends.iter().enumerate() {
            let mut best = price(self, (1, end))?;
            for before in 0..at {
                let band = price(self, (ends[before] + 1, end))?;
                if up_to[before].bits + band.bits < best.bits {
                    best = up_to[before].clone().then(band);
                }
            }
            up_to.push(best);
        }
        Ok(up_to.pop().unwrap_or_else(Priced::nothing))
    }
}
