//! The colours of a picture, with how much each counts.

use std::collections::HashMap;

use super::space::{Looks, looks, premultiplied};
use crate::pixels::Image;

/// More colours than these are merged with their neighbours: the palettes are as good, and made
/// many times faster.
const MANY: usize = 24_000;

/// A step between neighbours that halves how much an error beside it shows, of 255.
const MASKING: f32 = 12.0;

/// How the weight of a colour grows with its pixels: linearly, rare colours of lines and letters
/// would be lost; the score punishes strong local errors.
const RARITY: f32 = 0.6;

/// A colour, or the mean of some that are much alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub looks: Looks,
    pub premultiplied: [f32; 4],
    /// How much it counts when places in the palette are given away.
    pub weight: f32,
    /// How much it counts within the place that it shares with others.
    pub mass: f32,
}

/// The colours of a picture.
pub(crate) struct Colours {
    pub(super) samples: Vec<Sample>,
    /// Whether some pixels are neither opaque nor clear.
    pub(super) translucent: bool,
    /// Whether some pixels are fully transparent.
    pub(super) clear: bool,
}

#[derive(Default, Clone, Copy)]
struct Bin {
    sum: [f32; 4],
    pixels: f32,
    weight: f32,
}

impl Colours {
    pub fn of(image: &Image) -> Colours {
        let mut clear = false;
        let mut translucent = false;
        for pixel in image.rgba.chunks_exact(4) {
            clear |= pixel[3] == 0;
            translucent |= pixel[3] != 0 && pixel[3] != 255;
        }
        let mut shift = 0;
        let bins = loop {
            // Each round of merging halves the steps of every channel.
            match gathered(image, shift) {
                Some(bins) => break bins,
                None => shift += 1,
            }
        };
        let mut samples: Vec<(u32, Sample)> = bins
            .into_iter()
            .map(|(key, bin)| {
                let mean = bin.sum.map(|sum| sum / bin.pixels);
                let sample = Sample {
                    looks: looks(mean, translucent),
                    premultiplied: mean,
                    weight: bin.weight.powf(RARITY),
                    mass: bin.weight,
                };
                (key, sample)
            })
            .collect();
        // The map's order differs from run to run; results must not.
        samples.sort_unstable_by_key(|(key, _)| *key);
        Colours {
            samples: samples.into_iter().map(|(_, sample)| sample).collect(),
            translucent,
            clear,
        }
    }
}

/// The visible colours with the low bits of each channel left out; `None` when they are too many.
fn gathered(image: &Image, shift: u32) -> Option<HashMap<u32, Bin>> {
    let mask = 0x0101_0101u32 * (0xFF >> shift << shift);
    let mut bins: HashMap<u32, Bin> = HashMap::new();
    let stride = image.width as usize * 4;
    let (mut last_key, mut run) = (None, Bin::default());
    let mut above: Option<&[u8]> = None;
    for row in image.rgba.chunks_exact(stride) {
        let mut left = &row[..4];
        for (x, pixel) in row.chunks_exact(4).enumerate() {
            let over = above.map_or(pixel, |above| &above[x * 4..x * 4 + 4]);
            let step = difference(pixel, left).max(difference(pixel, over));
            left = pixel;
            let value = [pixel[0], pixel[1], pixel[2], pixel[3]];
            if value[3] == 0 {
                continue;
            }
            let key = u32::from_le_bytes(value) & mask;
            if last_key != Some(key) {
                if let Some(last) = last_key {
                    add(&mut bins, last, &run);
                    if bins.len() > MANY && shift < 6 {
                        return None;
                    }
                }
                (last_key, run) = (Some(key), Bin::default());
            }
            for (sum, value) in run.sum.iter_mut().zip(premultiplied(value)) {
                *sum += value;
            }
            run.pixels += 1.0;
            run.weight += MASKING / (MASKING + step);
        }
        above = Some(row);
    }
    if let Some(last) = last_key {
        add(&mut bins, last, &run);
    }
    (bins.len() <= MANY || shift >= 6).then_some(bins)
}

fn add(bins: &mut HashMap<u32, Bin>, key: u32, run: &Bin) {
    let bin = bins.entry(key).or_default();
    for (sum, more) in bin.sum.iter_mut().zip(run.sum) {
        *sum += more;
    }
    bin.pixels += run.pixels;
    bin.weight += run.weight;
}

/// The largest step of a channel.
fn difference(a: &[u8], b: &[u8]) -> f32 {
    let step = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
    f32::from(step.unwrap_or(0))
}
