//! Which of PNG's five filters each row takes.

use libdeflater::{CompressionLvl, Compressor};
use whittle_core::Cancel;

use super::form::Form;
use super::weigh::Weigher;
use crate::Result;

/// None, Sub, Up, Average, Paeth, by their numbers in PNG.
pub(super) const FILTERS: usize = 5;

/// How the filter of a row is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice<'a> {
    /// The same for all rows.
    Always(u8),
    /// One for each row of the picture.
    Listed(&'a [u8]),
    /// The fewest bits in the cheapest parse, of so many earlier places for each match.
    Parse(usize),
    /// The fewest bytes after really deflating it with the rows before.
    Deflate,
}

/// Rows that go before a row that is really deflated.
const CONTEXT: usize = 4;

/// Filters rows by one choice, strip after strip.
pub(super) struct Chooser<'a> {
    judge: Judge<'a>,
    rows: Rows,
}

/// What tells the best of five filtered rows.
enum Judge<'a> {
    Always(u8),
    Listed(&'a [u8]),
    Parse(Box<Weigher>),
    Deflate(Brute),
}

impl<'a> Chooser<'a> {
    pub fn new(choice: Choice<'a>, form: &Form) -> Chooser<'a> {
        Chooser {
            judge: match choice {
                Choice::Always(filter) => Judge::Always(filter),
                Choice::Listed(filters) => Judge::Listed(filters),
                Choice::Parse(depth) => Judge::Parse(Box::new(Weigher::new(depth))),
                Choice::Deflate => Judge::Deflate(Brute::new(form.stride())),
            },
            rows: Rows::new(form.stride()),
        }
    }

    /// Rows of a form, each after the byte that names its filter, added to `out`. `above` is the row
    /// before as it is stored (hidden colours are whatever suits), and becomes the last of these.
    pub fn filter(
        &mut self,
        form: &Form,
        rows: std::ops::Range<usize>,
        above: &mut [u8],
        out: &mut Vec<u8>,
        cancel: &Cancel,
    ) -> Result<()> {
        let stride = form.stride();
        let data = &form.data[rows.start * stride..rows.end * stride];
        for (row, number) in data.chunks_exact(stride).zip(rows) {
            cancel.check()?;
            let filters: &[u8] = match &self.judge {
                Judge::Always(filter) => &[*filter],
                Judge::Listed(filters) => &filters[number..number + 1],
                _ => &[0, 1, 2, 3, 4],
            };
            self.rows.fill(form, row, above, filters);
            let filtered = &self.rows.filtered;
            let first = usize::from(filters[0]);
            let chosen = match &mut self.judge {
                Judge::Always(_) | Judge::Listed(_) => first,
                Judge::Parse(weigher) => weigher.take(filtered),
                Judge::Deflate(brute) => brute.best(filtered, out),
            };
            out.push(chosen as u8);
            out.extend_from_slice(&filtered[chosen]);
            above.copy_from_slice(&self.rows.plain[chosen]);
        }
        Ok(())
    }
}

/// One row in all filters.
struct Rows {
    filtered: [Vec<u8>; FILTERS],
    /// What each filter was applied to: hidden colours are whatever suits the filter.
    plain: [Vec<u8>; FILTERS],
}

impl Rows {
    fn new(stride: usize) -> Rows {
        Rows {
            filtered: std::array::from_fn(|_| vec![0; stride]),
            plain: std::array::from_fn(|_| vec![0; stride]),
        }
    }

    fn fill(&mut self, form: &Form, row: &[u8], above: &[u8], filters: &[u8]) {
        let unit = form.unit();
        let hidden = form.hides(row);
        for &filter in filters {
            let at = usize::from(filter);
            let plain = &mut self.plain[at];
            plain.copy_from_slice(row);
            if hidden {
                suit(plain, above, filter, unit);
            }
            apply(filter, plain, above, unit, &mut self.filtered[at]);
        }
    }
}

/// Gives fully transparent pixels the colours that leave nothing after this filter.
fn suit(row: &mut [u8], above: &[u8], filter: u8, unit: usize) {
    for at in (0..row.len()).step_by(unit) {
        if row[at + unit - 1] != 0 {
            continue;
        }
        for i in at..at + unit - 1 {
            let left = if i >= unit { row[i - unit] } else { 0 };
            let corner = if i >= unit { above[i - unit] } else { 0 };
            row[i] = predicted(filter, left, above[i], corner);
        }
    }
}

#[inline(always)]
pub(super) fn predicted(filter: u8, left: u8, up: u8, corner: u8) -> u8 {
    match filter {
        0 => 0,
        1 => left,
        2 => up,
        3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
        _ => paeth(left, up, corner),
    }
}

#[inline(always)]
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_a, to_b, to_c) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}

/// PNG's filters (section 9.2), written so that they can run on many bytes at once.
fn apply(filter: u8, row: &[u8], above: &[u8], unit: usize, out: &mut [u8]) {
    let unit = unit.min(row.len());
    for i in 0..unit {
        out[i] = row[i].wrapping_sub(predicted(filter, 0, above[i], 0));
    }
    let rest = out[unit..].iter_mut().zip(&row[unit..]);
    let (left, up, corner) = (row, &above[unit..], above);
    match filter {
        0 => out.copy_from_slice(row),
        1 => rest
            .zip(left)
            .for_each(|((out, value), left)| *out = value.wrapping_sub(*left)),
        2 => rest
            .zip(up)
            .for_each(|((out, value), up)| *out = value.wrapping_sub(*up)),
        3 => rest
            .zip(left)
            .zip(up)
            .for_each(|(((out, value), left), up)| {
                *out = value.wrapping_sub(((u16::from(*left) + u16::from(*up)) / 2) as u8);
            }),
        _ => rest.zip(left).zip(up.iter().zip(corner)).for_each(
            |(((out, value), left), (up, corner))| {
                *out = value.wrapping_sub(paeth(*left, *up, *corner));
            },
        ),
    }
}

/// Really deflates rows behind those before them.
struct Brute {
    stride: usize,
    compressor: Compressor,
    packed: Vec<u8>,
    window: Vec<u8>,
}

impl Brute {
    fn new(stride: usize) -> Brute {
        Brute {
            stride,
            compressor: Compressor::new(CompressionLvl::new(1).unwrap_or_default()),
            packed: Vec::new(),
            window: Vec::new(),
        }
    }

    fn best(&mut self, rows: &[Vec<u8>; FILTERS], before: &[u8]) -> usize {
        let start = before.len().saturating_sub((self.stride + 1) * CONTEXT);
        let mut best = 0;
        let mut least = usize::MAX;
        for (filter, row) in rows.iter().enumerate() {
            self.window.clear();
            self.window.extend_from_slice(&before[start..]);
            self.window.push(filter as u8);
            self.window.extend_from_slice(row);
            // It fails as soon as it would not be shorter than the best so far.
            let bound = self.compressor.deflate_compress_bound(self.window.len());
            self.packed.resize(bound.min(least.saturating_sub(1)), 0);
            let packed = self
                .compressor
                .deflate_compress(&self.window, &mut self.packed);
            if let Ok(bytes) = packed {
                (best, least) = (filter, bytes);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_undone_by_their_prediction() {
        let above: Vec<u8> = (0..60u32).map(|i| (i * 37 % 251) as u8).collect();
        let row: Vec<u8> = (0..60u32).map(|i| (i * 91 % 253) as u8).collect();
        for unit in [1, 2, 3, 4, 6, 8] {
            for filter in 0..5 {
                let mut out = vec![0; 60];
                apply(filter, &row, &above, unit, &mut out);
                let mut back = vec![0u8; 60];
                for i in 0..60 {
                    let at = |from: &[u8]| if i >= unit { from[i - unit] } else { 0 };
                    let guess = predicted(filter, at(&back), above[i], at(&above));
                    back[i] = out[i].wrapping_add(guess);
                }
                assert_eq!(back, row, "{filter} {unit}");
            }
        }
    }

    #[test]
    fn hidden_colours_leave_nothing() {
        let above = [9, 8, 7, 255, 6, 5, 4, 255, 1, 2, 3, 0];
        for filter in 0..5 {
            let mut row = [50, 60, 70, 255, 1, 2, 3, 0, 4, 5, 6, 0];
            suit(&mut row, &above, filter, 4);
            let mut out = [0; 12];
            apply(filter, &row, &above, 4, &mut out);
            assert_eq!(&out[4..7], [0; 3], "{filter}");
            assert_eq!(&out[8..11], [0; 3], "{filter}");
        }
    }
}
