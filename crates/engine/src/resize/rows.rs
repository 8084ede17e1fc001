//! Weighted sums of rows of light.

use std::collections::VecDeque;
use std::ops::Range;

use multiversion::{multiversion, target::target_cfg_f};

use super::filter::Taps;
use crate::light::Light;
use crate::pixels::Pixels;
use crate::score::ssimulacra2::fused;

/// Source rows that are added at once: reading and writing a sum costs more than adding to it.
const GROUP: usize = 4;

/// Pixels whose light is worked out at once. For all rows of a group it fits the fastest cache.
const STRETCH: usize = 256;

/// Samples that are readable beyond the last pixel of a sum.
pub(super) const MARGIN: usize = 1;

/// The output rows that source rows are being added to.
pub(super) struct Sums {
    taps: Taps,
    /// Samples in a row.
    length: usize,
    /// The source rows that are still to come.
    left: Range<usize>,
    /// The first output row that is not finished.
    first: usize,
    /// The sums of that row and of those after it.
    open: VecDeque<Vec<f32>>,
    spare: Vec<Vec<f32>>,
    samples: Vec<f32>,
}

impl Sums {
    /// For rows of so many samples.
    pub fn new(taps: Taps, length: usize) -> Sums {
        let start = taps.outputs.first().map_or(0, |output| output.start);
        let end = taps.outputs.last().map_or(0, |output| taps.end(output));
        Sums {
            taps,
            length,
            left: start..end,
            first: 0,
            open: VecDeque::new(),
            spare: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// The next source rows to add.
    pub fn next_group(&mut self) -> Option<Range<usize>> {
        let end = (self.left.start + GROUP).min(self.left.end);
        let group = self.left.start..end;
        self.left.start = end;
        (!group.is_empty()).then_some(group)
    }

    /// Adds rows of a picture of `B` bytes a pixel, with `C` samples each, to the outputs that they
    /// reach.
    pub fn add<const B: usize, const C: usize>(
        &mut self,
        light: &Light,
        image: Pixels<'_>,
        group: &Range<usize>,
    ) {
        let next = self.first + self.open.len();
        for output in &self.taps.outputs[next..] {
            if output.start >= group.end {
                break;
            }
            let mut sum = self.spare.pop().unwrap_or_default();
            sum.clear();
            sum.resize(self.length + MARGIN, 0.0);
            self.open.push_back(sum);
        }
        let weights: Vec<[f32; GROUP]> = self.taps.outputs[self.first..][..self.open.len()]
            .iter()
            .map(|output| {
                std::array::from_fn(|row| {
                    let row = group.start + row;
                    let weights = self.taps.weights(output);
                    let at = row.checked_sub(output.start);
                    at.and_then(|at| weights.get(at)).copied().unwrap_or(0.0)
                })
            })
            .collect();
        let width = image.width as usize;
        self.samples.resize(GROUP * STRETCH * C, 0.0);
        for left in (0..width).step_by(STRETCH) {
            let right = (left + STRETCH).min(width);
            for (row, samples) in group
                .clone()
                .zip(self.samples.chunks_exact_mut(STRETCH * C))
            {
                let bytes = (row * width + left) * B..(row * width + right) * B;
                lit::<B, C>(light, &image.data[bytes], samples);
            }
            for (sum, weights) in self.open.iter_mut().zip(&weights) {
                mix(&mut sum[left * C..right * C], weights, &self.samples);
            }
        }
    }

    /// The next output row that is complete once this group is added.
    pub fn finished(&mut self, group: &Range<usize>) -> Option<Vec<f32>> {
        let output = self.taps.outputs.get(self.first)?;
        if self.taps.end(output) > group.end {
            return None;
        }
        let sum = self.open.pop_front()?;
        self.first += 1;
        Some(sum)
    }

    /// Takes the memory of a sum back.
    pub fn give_back(&mut self, sum: Vec<f32>) {
        self.spare.push(sum);
    }
}

/// The light of straight pixels of `B` bytes: `C` samples each, multiplied by alpha where `C` is 4.
fn lit<const B: usize, const C: usize>(light: &Light, row: &[u8], samples: &mut [f32]) {
    let [red, green, blue] = &light.0;
    let (pixels, _) = row.as_chunks::<B>();
    let (samples, _) = samples.as_chunks_mut::<C>();
    // Written one by one: by way of an array on the stack, each pixel waited for its stores, and
    // resizing took twice as long.
    for (sample, pixel) in samples.iter_mut().zip(pixels) {
        let alpha = match C {
            4 => f32::from(pixel[B - 1]) * (1.0 / 255.0),
            _ => 1.0,
        };
        sample[0] = red.forward[usize::from(pixel[0])] * alpha;
        sample[1] = green.forward[usize::from(pixel[1])] * alpha;
        sample[2] = blue.forward[usize::from(pixel[2])] * alpha;
        if C == 4 {
            sample[C - 1] = alpha;
        }
    }
}

/// Adds a group of rows, which lie one after the other in `samples`.
#[multiversion(targets("x86_64+avx2+fma"))]
fn mix(sum: &mut [f32], weights: &[f32; GROUP], samples: &[f32]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    let stretch = samples.len() / GROUP;
    let row = |at: usize| &samples[at * stretch..at * stretch + sum.len()];
    let (a, b, c, d) = (row(0), row(1), row(2), row(3));
    for (at, sum) in sum.iter_mut().enumerate() {
        let first = fused::<FMA>(weights[1], b[at], weights[0] * a[at]);
        let second = fused::<FMA>(weights[3], d[at], weights[2] * c[at]);
        *sum += first + second;
    }
}
