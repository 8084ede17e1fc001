//! Agreement with another implementation, which is bit-equal with libjxl's program.

use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};
use proptest::prelude::*;

use super::Comparison;

/// How far scores may lie apart. Those of photos differ by less than 0.1; near 100, where the
/// reference measures its own rounding in small pictures with much grain, by up to 0.2.
const CLOSE: f64 = 0.25;

fn ours(original: &[u8], result: &[u8], width: usize) -> f64 {
    let mut comparison = Comparison::new(width, original.len() / 3 / width);
    for (a, b) in original.chunks(width * 3).zip(result.chunks(width * 3)) {
        comparison.push(a, b);
    }
    comparison.finish()
}

fn oracle(original: &[u8], result: &[u8], width: usize) -> f64 {
    let slice = |rgb| {
        let height = original.len() / 3 / width;
        let descriptor = PixelDescriptor::RGB8_SRGB;
        PixelSlice::new(rgb, width as u32, height as u32, width * 3, descriptor).unwrap()
    };
    compute_ssimulacra2(&slice(original), &slice(result)).unwrap()
}

/// Something like a photo: soft light, a few edges, grain.
fn picture(width: usize, height: usize, seed: u64, grain: u8) -> Vec<u8> {
    let mut random = random(seed);
    let [fx, fy, phase, edge] = std::array::from_fn(|_| f64::from(random() >> 8) / 16_777_216.0);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f64, y as f64);
            let light =
                128.0 + 60.0 * (x * fx * 0.1 + phase * 6.0).sin() + 40.0 * (y * fy * 0.2).cos();
            let side = if x * edge + y > height as f64 * 0.7 {
                30.0
            } else {
                -10.0
            };
            for channel in 0..3 {
                let noise = f64::from(random() >> 24) * f64::from(grain) / 255.0;
                rgb.push((light + side * f64::from(channel) + noise).clamp(0.0, 255.0) as u8);
            }
        }
    }
    rgb
}

/// Coarser: rounded to steps, and every eighth column off by some.
fn damaged(rgb: &[u8], width: usize, step: u8) -> Vec<u8> {
    rgb.iter()
        .enumerate()
        .map(|(at, value)| {
            let column = at / 3 % width;
            let off = if column.is_multiple_of(8) {
                step / 4
            } else {
                0
            };
            (value / step * step).saturating_add(step / 2 + off)
        })
        .collect()
}

fn random(seed: u64) -> impl FnMut() -> u32 {
    let mut state = seed | 1;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 32) as u32
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scores_agree_with_the_oracle(
        width in 1usize..300,
        height in 1usize..200,
        seed: u64,
        grain in 0u8..60,
        step in 2u8..80,
    ) {
        let original = picture(width, height, seed, grain);
        let result = damaged(&original, width, step);
        let (ours, oracle) = (ours(&original, &result, width), oracle(&original, &result, width));
        prop_assert!((ours - oracle).abs() < CLOSE, "{ours} instead of {oracle}");
    }
}

#[test]
fn awkward_sizes_agree_with_the_oracle() {
    for (width, height) in [
        (1, 1),
        (1, 9),
        (3, 5),
        (7, 7),
        (7, 64),
        (8, 8),
        (9, 15),
        (16, 16),
        (17, 31),
        (112, 113),
        (113, 113),
        (127, 128),
        (129, 257),
        (1030, 8),
        (5, 700),
    ] {
        let original = picture(width, height, 7, 20);
        for step in [3, 20, 70] {
            let result = damaged(&original, width, step);
            let (ours, oracle) = (
                ours(&original, &result, width),
                oracle(&original, &result, width),
            );
            assert!(
                (ours - oracle).abs() < CLOSE,
                "{width}×{height}: {ours} instead of {oracle}"
            );
        }
    }
}

#[test]
fn identical_pictures_score_100() {
    for (width, height) in [(1, 1), (3, 5), (8, 8), (40, 7), (300, 200)] {
        let picture = picture(width, height, 3, 40);
        assert_eq!(ours(&picture, &picture, width), 100.0, "{width}×{height}");
    }
}

#[test]
fn a_small_change_is_seen_anywhere() {
    let original = picture(300, 290, 5, 30);
    for (x, y) in [
        (0, 0),
        (299, 0),
        (0, 289),
        (299, 289),
        (150, 144),
        (128, 128),
    ] {
        let mut result = original.clone();
        result[(y * 300 + x) * 3 + 1] ^= 64;
        let (ours, oracle) = (
            ours(&original, &result, 300),
            oracle(&original, &result, 300),
        );
        assert!(ours < 99.9, "{x}, {y}: {ours}");
        assert!(
            (ours - oracle).abs() < CLOSE,
            "{x}, {y}: {ours} instead of {oracle}"
        );
    }
}

#[test]
fn the_fourth_byte_is_ignored() {
    let original = picture(60, 50, 1, 30);
    let result = damaged(&original, 60, 12);
    let four = |rgb: &[u8], fourth: u8| -> Vec<u8> {
        rgb.as_chunks::<3>()
            .0
            .iter()
            .flat_map(|[r, g, b]| [*r, *g, *b, fourth])
            .collect()
    };
    let (a, b) = (four(&original, 255), four(&result, 9));
    let mut comparison = Comparison::new(60, 50);
    for (a, b) in a.chunks(240).zip(b.chunks(240)) {
        comparison.push(a, b);
    }
    assert_eq!(comparison.finish(), ours(&original, &result, 60));
}
