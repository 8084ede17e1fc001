//! The filter across a row.

use multiversion::{multiversion, target::target_cfg_f};

use super::filter::Taps;
use crate::light::place;
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

    /// The places of the row's pixels in the tables that lead back from light, see
    /// [`crate::light::place`]; of four channels the last is the alpha itself, and the others are
    /// freed of it. `row` is longer than its pixels, by [`super::rows::MARGIN`].
    pub fn across(&mut self, row: &[f32]) -> &[[f32; 4]] {
        if self.channels == 4 {
            across_four(row, &self.taps, &mut self.pixels);
        } else {
            across_three(row, &self.taps, &mut self.pixels);
        }
        &self.pixels
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn across_three(row: &[f32], taps: &Taps, pixels: &mut [[f32; 4]]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    for (pixel, output) in pixels.iter_mut().zip(&taps.outputs) {
        *pixel = sum::<FMA, 3>(row, output.start, taps.weights(output)).map(place);
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn across_four(row: &[f32], taps: &Taps, pixels: &mut [[f32; 4]]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    for (pixel, output) in pixels.iter_mut().zip(&taps.outputs) {
        let light = sum::<FMA, 4>(row, output.start, taps.weights(output));
        // The filter overshoots beside edges of the alpha, and the colours with it: what is divided by
        // less or more than they were multiplied with is another colour.
        *pixel = light.map(|lit| place(lit / light[3]));
        pixel[3] = light[3].clamp(0.0, 1.0);
    }
}

/// The weighted sum of pixels of `C` samples. Four samples are taken for each even where there are
/// three: that fits the registers.
#[inline(always)]
fn sum<const FMA: bool, const C: usize>(row: &[f32], start: usize, weights: &[f32]) -> [f32; 4] {
    // Two sums, since each step waits for the one before.
    let (mut even, mut odd) = ([0.0f32; 4], [0.0f32; 4]);
    let mut left = &row[start * C..];
    let (pairs, last) = weights.as_chunks::<2>();
    for pair in pairs {
        let (two, rest) = (&left[..C + 4], &left[2 * C..]);
        for c in 0..4 {
            even[c] = fused::<FMA>(pair[0], two[c], even[c]);
            odd[c] = fused::<FMA>(pair[1], two[C + c], odd[c]);
        }
        left = rest;
    }
    if let &[weight] = last {
        for c in 0..4 {
            even[c] = fused::<FMA>(weight, left[c], even[c]);
        }
    }
    std::array::from_fn(|c| even[c] + odd[c])
}
