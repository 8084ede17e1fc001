//! From bytes to the colours in which errors are measured.

use std::sync::LazyLock;

use multiversion::{multiversion, target::target_cfg_f};

use super::fused;

/// The absorbance of red, green and blue by the three cones of XYB, and the bias before the cube
/// root; libjxl, `lib/jxl/cms/opsin_params.h`.
const LONG: [f32; 3] = [0.3, 0.622, 0.078];
const MIDDLE: [f32; 3] = [0.23, 0.692, 0.078];
const SHORT: [f32; 3] = [0.243_422_69, 0.204_767_45, 0.551_809_87];
const BIAS: f32 = 0.003_793_073_3;
const CUBE_ROOT_OF_BIAS: f32 = 0.155_954_2;

/// Light of each sRGB byte, from 0 to 1; libjxl's approximation, rounding included (BSD-3-Clause,
/// `lib/jxl/cms/transfer_functions-inl.h`).
static LIGHT: LazyLock<[f32; 256]> = LazyLock::new(|| {
    const ABOVE: [f32; 5] = [
        8.210_152_6e-1,
        7.961_565e-1,
        1.624_820_3e-1,
        1.043_637_6e-2,
        2.200_248_4e-4,
    ];
    const BELOW: [f32; 5] = [
        6.521_209e-3,
        -5.512_498_5e-2,
        4.987_528_4e-1,
        1.076_976_5,
        2.631_847e-1,
    ];
    std::array::from_fn(|byte| {
        let value = byte as f32 * (1.0 / 255.0);
        if value <= 0.04045 {
            return value * (1.0 / 12.92);
        }
        let polynomial = |terms: [f32; 5]| {
            terms
                .into_iter()
                .reduce(|sum, term| sum.mul_add(value, term))
        };
        polynomial(ABOVE).unwrap_or(0.0) / polynomial(BELOW).unwrap_or(1.0)
    })
});

/// Splits a row of sRGB bytes, three or four a pixel, into the light of each channel.
pub fn linearize(row: &[u8], bytes: usize, light: &mut [Vec<f32>; 3]) {
    match bytes {
        3 => linearize_pixels(row.as_chunks::<3>().0, light),
        _ => linearize_pixels(row.as_chunks::<4>().0, light),
    }
}

fn linearize_pixels<const BYTES: usize>(row: &[[u8; BYTES]], light: &mut [Vec<f32>; 3]) {
    let table = &*LIGHT;
    let [red, green, blue] = light;
    let channels = red.iter_mut().zip(green).zip(blue);
    for (pixel, ((red, green), blue)) in row.iter().zip(channels) {
        *red = table[usize::from(pixel[0])];
        *green = table[usize::from(pixel[1])];
        *blue = table[usize::from(pixel[2])];
    }
}

/// Opponent colours of a row, all positive as SSIM wants them: X (red against green), Y
/// (luminance), B (blue against Y).
///
/// Channels that are not `wanted` may be left as they are.
pub fn to_xyb(light: [&[f32]; 3], wanted: [bool; 3], xyb: [&mut [f32]; 3]) {
    let [x, y, b] = xyb;
    match wanted {
        // The finest scale, which takes most of the time, is about luminance only.
        [false, _, false] => luminance(light[0], light[1], light[2], y),
        _ => opponents(light[0], light[1], light[2], x, y, b),
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn luminance(red: &[f32], green: &[f32], blue: &[f32], y: &mut [f32]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    let light = red.iter().zip(green).zip(blue);
    for (((&red, &green), &blue), y) in light.zip(y) {
        let rgb = [red, green, blue];
        *y = 0.5 * (root::<FMA>(LONG, rgb) + root::<FMA>(MIDDLE, rgb)) + 0.01;
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn opponents(
    red: &[f32],
    green: &[f32],
    blue: &[f32],
    x: &mut [f32],
    y: &mut [f32],
    b: &mut [f32],
) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    let light = red.iter().zip(green).zip(blue);
    for ((((&red, &green), &blue), x), (y, b)) in light.zip(x).zip(y.iter_mut().zip(b)) {
        let rgb = [red, green, blue];
        let (long, middle) = (root::<FMA>(LONG, rgb), root::<FMA>(MIDDLE, rgb));
        let luminance = 0.5 * (long + middle);
        *x = 0.5 * (long - middle) * 14.0 + 0.42;
        *y = luminance + 0.01;
        *b = root::<FMA>(SHORT, rgb) - luminance + 0.55;
    }
}

/// The response of one cone: the cube root of what it absorbs.
#[inline(always)]
fn root<const FMA: bool>(absorbance: [f32; 3], light: [f32; 3]) -> f32 {
    let absorbed = fused::<FMA>(
        absorbance[0],
        light[0],
        fused::<FMA>(
            absorbance[1],
            light[1],
            fused::<FMA>(absorbance[2], light[2], BIAS),
        ),
    );
    cube_root::<FMA>(absorbed, -CUBE_ROOT_OF_BIAS)
}

/// The cube root of a number that is neither negative nor denormal, plus another number; right to a
/// few units in the last place.
///
/// 1/∛v is guessed from the exponent and improved by Newton's iteration, which needs no division; the
/// same steps as libjxl's (`CubeRootAndAdd`), so that the two round alike.
#[inline(always)]
fn cube_root<const FMA: bool>(value: f32, plus: f32) -> f32 {
    let exponent = (value.to_bits() >> 23) as i32;
    let mut inverse = f32::from_bits((0x5480_0000 - exponent * 0x002a_aaaa) as u32);
    let third = value * (1.0 / 3.0);
    for _ in 0..3 {
        let square = inverse * inverse;
        inverse = fused::<FMA>(-third, square * square, inverse * (4.0 / 3.0));
    }
    let square = inverse * inverse;
    let miss = fused::<FMA>(-value, square * square, inverse);
    inverse = fused::<FMA>(1.0 / 3.0, miss, inverse);
    fused::<FMA>(inverse * inverse, value, plus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cube_roots_are_exact_to_a_few_units() {
        for step in 0..=100_000 {
            let value = BIAS + step as f32 / 100_000.0;
            let exact = f64::from(value).cbrt();
            let off = (f64::from(cube_root::<false>(value, 0.0)) / exact - 1.0).abs();
            assert!(off < 6.0 * f64::from(f32::EPSILON), "{value}: {off:e}");
        }
        let bias = f64::from(BIAS).cbrt() - f64::from(CUBE_ROOT_OF_BIAS);
        assert!(bias.abs() < 1e-7, "{bias}");
    }

    #[test]
    fn light_is_that_of_srgb() {
        for (byte, light) in LIGHT.iter().enumerate() {
            let value = byte as f64 / 255.0;
            // IEC 61966-2-1
            let exact = if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            };
            assert!(
                (f64::from(*light) - exact).abs() < 1e-5 * exact.max(1e-3),
                "{byte}"
            );
        }
    }

    #[test]
    fn grey_has_no_colour() {
        let light: Vec<f32> = (0..50).map(|step| step as f32 / 49.0).collect();
        let mut xyb = [vec![0.0f32; 50], vec![0.0f32; 50], vec![0.0f32; 50]];
        let [x, y, b] = &mut xyb;
        to_xyb([&light, &light, &light], [true; 3], [x, y, b]);
        assert!(
            xyb[0].iter().all(|x| (x - 0.42).abs() < 1e-5),
            "{:?}",
            xyb[0]
        );
        assert!(xyb[1].is_sorted());
        assert!(
            xyb[2].iter().all(|b| (b - 0.55).abs() < 1e-5),
            "{:?}",
            xyb[2]
        );
        let mut alone = vec![0.0f32; 50];
        let y = xyb[1].clone();
        to_xyb(
            [&light; 3].map(|row| &row[..]),
            [false, true, false],
            [&mut [], &mut alone, &mut []],
        );
        assert_eq!(alone, y);
    }
}
