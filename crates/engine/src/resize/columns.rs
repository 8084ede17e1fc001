//! The filter across a row.

use multiversion::{multiversion, target::target_cfg_f};

use super::filter::Taps;
use crate::score::ssimulacra2::fused;

/// Filters rows of `channels` samples a pixel.
pub(super) struct Columns {
    taps: Taps,
    channels: usize,
    pixels: Vec<[f32; 4]>,
}

impl Columns {
    pub fn new(taps: Taps, channels: usize) -> Columns {
        Columns {
            pixels: vec![[0.0; 4]; taps.outputs.len()],
            taps,
            channels,
        }
    }

    /// The row's pixels; where there are three channels, the fourth means nothing. `row` is longer
    /// than its pixels, by [`super::rows::MARGIN`].
    pub fn across(&mut self, row: &[f32]) -> &[[f32; 4]] {
        across(row, self.channels, &self.taps, &mut self.pixels);
        &self.pixels
    }
}

/// Four samples are taken for each pixel even where there are three: that fits the registers.
#[multiversion(targets("x86_64+avx2+fma"))]
fn across(row: &[f32], channels: usize, taps: &Taps, pixels: &mut [[f32; 4]]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    for (pixel, output) in pixels.iter_mut().zip(&taps.outputs) {
        let weights = taps.weights(output);
        let mut at = output.start * channels;
        // Two sums, since each step waits for the one before.
        let mut sums = [[0.0f32; 4]; 2];
        let (pairs, last) = weights.as_chunks::<2>();
        for pair in pairs {
            for (sum, weight) in sums.iter_mut().zip(pair) {
                add::<FMA>(sum, *weight, &row[at..]);
                at += channels;
            }
        }
        for weight in last {
            add::<FMA>(&mut sums[0], *weight, &row[at..]);
        }
        *pixel = std::array::from_fn(|c| sums[0][c] + sums[1][c]);
    }
}

#[inline(always)]
fn add<const FMA: bool>(sum: &mut [f32; 4], weight: f32, row: &[f32]) {
    let Some(samples) = row.first_chunk::<4>() else {
        return;
    };
    for c in 0..4 {
        sum[c] = fused::<FMA>(weight, samples[c], sum[c]);
    }
}
