//! Pictures in all their colours with a little loss: pixels that are nearly what they were, chosen so
//! that what the filters leave costs few bits.
//!
//! A decoder adds what is stored to its prediction; so whatever an encoder stores, it knows the
//! outcome, and may store a cheaper difference as long as the outcome is near enough. Here each sample
//! takes, among the values that are near it, the one with the least of bits plus distortion, where
//! bits are those of the code that fits the rows before, and distortion weighs less where the picture
//! is busy. That is rate-distortion optimized quantization (Sullivan and Wiegand 1998) of PNG's filter
//! differences; the differences gather on few values by themselves.

use whittle_core::Cancel;

use super::filter::{FILTERS, predicted};
use super::form::{Colour, Form};
use crate::Result;
use crate::pixels::Image;

/// What a sample's distortion counts in bits when it is as large as the loss.
const TRADE: f32 = 2.2;

/// No sample is farther away than so many times the loss.
const FARTHEST: f32 = 1.6;

/// A step between neighbours that doubles what may be lost, of 255.
const MASKING: f32 = 24.0;

/// No place may lose more than so many times as much as a smooth one.
const BUSIEST: f32 = 3.0;

/// How much more of blue and of red may be lost than of green.
const CHANNELS: [f32; 3] = [1.2, 1.0, 1.8];

/// Symbols that the code remembers: about those of a block.
const MEMORY: f32 = 24_000.0;

/// Losses come in quarters of a step and end before 32, so that what follows from them can be kept.
const LEVELS: f32 = 4.0;
const LOSSES: usize = 128;

/// After so many bytes the code is fitted anew.
const RELEARNED: usize = 4096;

/// A picture with a loss of about so many steps of 255 in smooth places, stored in a form of 8 bits
/// without palette or key. Each row, with the number of its filter, is given in filtered and in
/// plain values. Alpha stays exact.
pub(super) fn approximate(
    image: &Image,
    form: &Form,
    loss: f32,
    cancel: &Cancel,
    mut each: impl FnMut(u8, &[u8], &[u8]),
) -> Result<()> {
    let stride = form.stride();
    let mut pen = Pen {
        unit: form.unit(),
        colours: match form.colour {
            Colour::Grey | Colour::GreyAlpha | Colour::Palette => 1,
            Colour::Rgb | Colour::Rgba => 3,
        },
        alpha: matches!(form.colour, Colour::GreyAlpha | Colour::Rgba),
        loss,
        bits: [0.0; 256],
        unlearned: RELEARNED,
        known: vec![None; LOSSES * 511],
        counts: std::array::from_fn(|byte| {
            60.0 / (1.0 + f32::from((byte as u8 as i8).unsigned_abs()))
        }),
        losses: vec![0; stride],
    };
    let mut above = vec![0u8; stride];
    let mut lines: [Line; FILTERS] = std::array::from_fn(|_| Line::new(stride));
    // The original's row, the one over and the one under it.
    let mut originals = [(); 3].map(|()| vec![0u8; stride]);
    let mut rows = image.rgba.chunks_exact(image.width as usize * 4);
    if let Some(first) = rows.next() {
        form.stored(first, &mut originals[2]);
    }
    for y in 0..image.height {
        cancel.check()?;
        originals.rotate_left(1);
        let next = rows.next();
        if let Some(next) = next {
            form.stored(next, &mut originals[2]);
        }
        let [over, row, under] = &originals;
        pen.measure(row, (y > 0).then_some(&over[..]), next.map(|_| &under[..]));
        if pen.unlearned >= RELEARNED {
            pen.learn();
        }
        let mut best = 0;
        let mut least = f32::MAX;
        // Unfiltered values have no small differences to choose from.
        for (filter, line) in lines.iter_mut().enumerate().skip(1) {
            let cost = pen.write(filter as u8, row, &above, line, least);
            if cost < least {
                (best, least) = (filter, cost);
            }
        }
        let line = &lines[best];
        pen.count(&line.filtered);
        each(best as u8, &line.filtered, &line.plain);
        above.copy_from_slice(&line.plain);
    }
    Ok(())
}

/// A row in one filter: what is stored, and what it stands for.
struct Line {
    filtered: Vec<u8>,
    plain: Vec<u8>,
}

impl Line {
    fn new(stride: usize) -> Line {
        Line {
            filtered: vec![0; stride],
            plain: vec![0; stride],
        }
    }
}

struct Pen {
    unit: usize,
    colours: usize,
    alpha: bool,
    loss: f32,
    /// Bits of each difference.
    bits: [f32; 256],
    /// Bytes that were counted since.
    unlearned: usize,
    /// What became of a difference at a loss, in this code.
    known: Vec<Option<(i16, f32)>>,
    counts: [f32; 256],
    /// What each sample of the row at hand may lose, in parts of [`LEVELS`].
    losses: Vec<u8>,
}

impl Pen {
    /// What may be lost of each sample, by how busy the original is around it.
    fn measure(&mut self, row: &[u8], over: Option<&[u8]>, under: Option<&[u8]>) {
        let unit = self.unit;
        for at in (0..row.len()).step_by(unit) {
            let pixel = &row[at..at + unit];
            // The second smallest of the four steps: beside an edge, a smooth side is smooth.
            let mut steps = [0u8; 4];
            let step = |other: Option<&[u8]>| {
                let pairs = pixel.iter().zip(other.unwrap_or(pixel));
                pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
            };
            steps[0] = step(at.checked_sub(unit).map(|left| &row[left..at]));
            steps[1] = step(row.get(at + unit..at + 2 * unit));
            steps[2] = step(over.map(|over| &over[at..at + unit]));
            steps[3] = step(under.map(|under| &under[at..at + unit]));
            steps.sort_unstable();
            let busy = f32::from(steps[1]) * 0.5 + f32::from(steps[2]) * 0.5;
            let mut loss = self.loss * (1.0 + busy / MASKING).min(BUSIEST);
            if self.alpha {
                let alpha = f32::from(pixel[unit - 1]).max(1.0);
                loss *= (255.0 / alpha).min(8.0);
            }
            let channels = if self.colours == 3 {
                CHANNELS
            } else {
                [1.0; 3]
            };
            for (c, channel) in channels.into_iter().enumerate().take(self.colours) {
                let parts = (loss * channel * LEVELS).round();
                self.losses[at + c] = parts.clamp(0.0, (LOSSES - 1) as f32) as u8;
            }
        }
    }

    /// A row in a filter; its bits and distortion, or anything from `limit` on.
    fn write(&mut self, filter: u8, row: &[u8], above: &[u8], line: &mut Line, limit: f32) -> f32 {
        let unit = self.unit;
        let mut cost = 0.0;
        for at in (0..row.len()).step_by(unit) {
            let clear = self.alpha && row[at + unit - 1] == 0;
            for i in at..at + unit {
                let left = if i >= unit { line.plain[i - unit] } else { 0 };
                let corner = if i >= unit { above[i - unit] } else { 0 };
                let guess = predicted(filter, left, above[i], corner);
                let value = if i - at >= self.colours {
                    cost += self.bits[usize::from(row[i].wrapping_sub(guess))];
                    row[i]
                } else if clear {
                    cost += self.bits[0];
                    guess
                } else {
                    let (value, paid) = self.nearest(row[i], guess, self.losses[i]);
                    cost += paid;
                    value
                };
                line.plain[i] = value;
                line.filtered[i] = value.wrapping_sub(guess);
            }
            if cost > limit {
                break;
            }
        }
        cost
    }

    /// The value near a sample that costs least behind a guess, and what it costs.
    #[inline(always)]
    fn nearest(&mut self, wanted: u8, guess: u8, parts: u8) -> (u8, f32) {
        let difference = i32::from(wanted) - i32::from(guess);
        let place = usize::from(parts) * 511 + (difference + 255) as usize;
        let (chosen, cost) = match self.known[place] {
            Some(known) => known,
            None => {
                let found = self.cheapest(difference, parts, i32::MIN, i32::MAX);
                self.known[place] = Some(found);
                found
            }
        };
        let value = i32::from(guess) + i32::from(chosen);
        if let Ok(value) = u8::try_from(value) {
            return (value, cost);
        }
        // Near black and white not everything that is near is a value.
        let guess = i32::from(guess);
        let (chosen, cost) = self.cheapest(difference, parts, -guess, 255 - guess);
        ((guess + i32::from(chosen)) as u8, cost)
    }

    /// The difference near another that costs least, between bounds.
    fn cheapest(&self, difference: i32, parts: u8, least: i32, most: i32) -> (i16, f32) {
        let loss = f32::from(parts) / LEVELS;
        let reach = (loss * FARTHEST) as i32;
        let weight = TRADE / (loss * loss).max(1e-3);
        let mut best = (difference as i16, f32::MAX);
        for chosen in (difference - reach).max(least)..=(difference + reach).min(most) {
            let off = (chosen - difference) as f32;
            let cost = self.bits[usize::from(chosen as u8)] + off * off * weight;
            if cost < best.1 {
                best = (chosen as i16, cost);
            }
        }
        best
    }

    /// Fits the code to what was counted.
    fn learn(&mut self) {
        const LEAST: f32 = 0.2;
        let total: f32 = self.counts.iter().map(|count| count + LEAST).sum();
        let all = total.log2();
        self.unlearned = 0;
        self.known.fill(None);
        self.bits = self
            .counts
            .map(|count| (all - (count + LEAST).log2()).min(14.0));
    }

    fn count(&mut self, filtered: &[u8]) {
        let part = (1.0 - filtered.len() as f32 / MEMORY).clamp(0.5, 1.0);
        self.counts.iter_mut().for_each(|count| *count *= part);
        self.unlearned += filtered.len();
        for byte in filtered {
            self.counts[usize::from(*byte)] += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::{Facts, Space, plain};
    use super::*;

    fn noisy(colour: Colour, width: u32, height: u32) -> (Image, Form) {
        let mut seed = 9u32;
        let mut image = Image::transparent(width, height);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let mut value = || {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (at as u32 % width) as u8 + (seed >> 28) as u8
            };
            let [r, g, b] = [value(), value(), value()];
            let alpha = [0, 200, 255, 255][(seed >> 30) as usize];
            pixel.copy_from_slice(&match colour {
                Colour::Grey | Colour::Palette => [r, r, r, 255],
                Colour::GreyAlpha => [r, r, r, alpha],
                Colour::Rgb => [r, g, b, 255],
                Colour::Rgba => [r, g, b, alpha],
            });
        }
        let form = plain(&image, &Facts::of(&image), Space::Any);
        assert_eq!(form.colour, colour);
        (image, form)
    }

    #[test]
    fn rows_stand_for_pixels_that_are_near() {
        for colour in [Colour::Grey, Colour::GreyAlpha, Colour::Rgb, Colour::Rgba] {
            let (image, form) = noisy(colour, 61, 40);
            let (stride, unit) = (form.stride(), form.unit());
            let mut original = vec![0; stride];
            let mut above = vec![0u8; stride];
            let mut rows = image.rgba.chunks_exact(61 * 4);
            approximate(
                &image,
                &form,
                2.0,
                &Cancel::new(),
                |filter, filtered, plain| {
                    // Decoded anew.
                    let mut decoded = vec![0u8; stride];
                    for i in 0..stride {
                        let (left, corner) = match i.checked_sub(unit) {
                            Some(before) => (decoded[before], above[before]),
                            None => (0, 0),
                        };
                        decoded[i] =
                            filtered[i].wrapping_add(predicted(filter, left, above[i], corner));
                    }
                    assert_eq!(decoded, plain, "{colour:?}");
                    form.stored(rows.next().unwrap(), &mut original);
                    let alpha = matches!(colour, Colour::GreyAlpha | Colour::Rgba);
                    for (a, b) in decoded.chunks_exact(unit).zip(original.chunks_exact(unit)) {
                        if alpha {
                            assert_eq!(a[unit - 1], b[unit - 1], "{colour:?}");
                        }
                        if !alpha || b[unit - 1] == 255 {
                            let far = 2.0 * FARTHEST * BUSIEST * 1.8;
                            assert!(
                                a.iter()
                                    .zip(b)
                                    .all(|(a, b)| f32::from(a.abs_diff(*b)) <= far + 0.5)
                            );
                        }
                    }
                    above = decoded;
                },
            )
            .unwrap();
        }
    }

    #[test]
    fn more_loss_takes_fewer_bytes() {
        let (image, form) = noisy(Colour::Rgb, 200, 100);
        let bytes = |loss| {
            let mut rows = Vec::new();
            approximate(
                &image,
                &form,
                loss,
                &Cancel::new(),
                |filter, filtered, _| {
                    rows.push(filter);
                    rows.extend_from_slice(filtered);
                },
            )
            .unwrap();
            super::super::deflate::deflated(&rows, 6).unwrap().len()
        };
        let (little, some, much) = (bytes(0.25), bytes(1.5), bytes(4.0));
        assert!(
            some < little * 9 / 10 && much < some * 9 / 10,
            "{little} {some} {much}"
        );
    }
}
