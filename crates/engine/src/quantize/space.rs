//! The space in which colours are compared: SSIMULACRA2's, over black and over white.

use std::sync::LazyLock;

use crate::light;

/// A colour as it looks over black and over white; of an opaque colour only the first half counts.
pub(super) type Looks = [f32; 6];

/// Weights of red–green, brightness and blue–yellow in distances. The score weighs steps of
/// brightness most.
const WEIGHTS: [f32; 3] = [8.0, 1.0, 1.0];

/// Premultiplied red, green, blue and alpha, each 0 to 255.
pub(super) fn premultiplied([r, g, b, a]: [u8; 4]) -> [f32; 4] {
    let alpha = f32::from(a);
    let by = alpha / 255.0;
    [
        f32::from(r) * by,
        f32::from(g) * by,
        f32::from(b) * by,
        alpha,
    ]
}

/// The nearest colour of 8 bits; nothing of it is left where it is clear.
pub(super) fn straight([r, g, b, a]: [f32; 4]) -> [u8; 4] {
    let alpha = a.round().clamp(0.0, 255.0);
    if alpha == 0.0 {
        return [0; 4];
    }
    let value = |c: f32| (c * 255.0 / a.max(0.5)).round().clamp(0.0, 255.0) as u8;
    [value(r), value(g), value(b), alpha as u8]
}

/// How premultiplied values look over black and, with `translucent`, over white.
pub(super) fn looks(color: [f32; 4], translucent: bool) -> Looks {
    let [r, g, b, a] = color;
    let [x, y, z] = xyb([r, g, b]);
    if !translucent {
        return [x, y, z, 0.0, 0.0, 0.0];
    }
    let under = 255.0 - a;
    let [u, v, w] = xyb([r + under, g + under, b + under]);
    // Halves, so that an opaque colour is as far from others as in an opaque picture.
    let half = std::f32::consts::FRAC_1_SQRT_2;
    [x * half, y * half, z * half, u * half, v * half, w * half]
}

/// JPEG XL's XYB, weighted: cube roots of cone responses, as differences and sums.
fn xyb(values: [f32; 3]) -> [f32; 3] {
    let [r, g, b] = values.map(light_of);
    let root = |response: f32| (response + 0.003_793_073_3).cbrt();
    let l = root(0.3 * r + 0.622 * g + 0.078 * b);
    let m = root(0.23 * r + 0.692 * g + 0.078 * b);
    let s = root(0.243_422_7 * r + 0.204_767_44 * g + 0.551_809_9 * b);
    let y = (l + m) / 2.0;
    [
        (l - m) / 2.0 * WEIGHTS[0],
        y * WEIGHTS[1],
        (s - y) * WEIGHTS[2],
    ]
}

/// The light of an sRGB value of 0 to 255, which may lie between two.
fn light_of(value: f32) -> f32 {
    static TABLE: LazyLock<[f32; 257]> = LazyLock::new(|| {
        let curve = &light::srgb().0[0].forward;
        std::array::from_fn(|at| curve[at.min(255)])
    });
    let value = value.clamp(0.0, 255.0);
    let below = value as usize;
    let part = value - below as f32;
    TABLE[below] + (TABLE[below + 1] - TABLE[below]) * part
}

/// The squared distance of two colours.
#[cfg(test)]
pub(super) fn distance(a: &Looks, b: &Looks) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
