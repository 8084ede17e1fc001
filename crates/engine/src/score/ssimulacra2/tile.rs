//! The error maps of a small rectangle, computed and summed while it is in the fastest cache.

use multiversion::{multiversion, target::target_cfg_f};

use super::fused;
use super::norms::Sums;

/// Columns of a tile.
pub const WIDTH: usize = 128;

/// Rows of a tile.
pub const HEIGHT: usize = 8;

/// How far the blur reaches in each direction.
pub const REACH: usize = 4;

/// Columns and rows of a tile with what its blur reaches.
pub const OUTER_WIDTH: usize = WIDTH + 2 * REACH;
pub const OUTER_HEIGHT: usize = HEIGHT + 2 * REACH;

/// The blur from its middle outwards, in each direction.
///
/// The reference blurs with the recursive Gaussian of Charalampidis (2016), σ = 1.5. Its impulse
/// response is a sum of three cosines which ends after four pixels, so it is computed here as what
/// it is, a short symmetric filter. `the_blur_is_the_recursive_gaussian` holds the derivation.
const BLUR: [f32; REACH + 1] = [
    0.264_621_1,
    0.212_928_6,
    0.109_335_37,
    0.036_011_115,
    0.009_414_368,
];

/// Keeps quotients stable where there is no structure; C2 of SSIM in libjxl.
pub const C2: f32 = 0.0009;

type Plane = [[f32; OUTER_WIDTH]; OUTER_HEIGHT];
type Row = [f32; WIDTH];

/// One channel of both pictures, and the room to work on it.
pub struct Tile {
    original: Plane,
    result: Plane,
    /// original² + result²
    squares: Plane,
    /// (original − result)²
    difference: Plane,
    maps: Maps,
}

/// Sums down the columns of a tile: each error map, then its fourth powers.
struct Maps {
    errors: [Row; 3],
    fourth_powers: [Row; 3],
}

impl Tile {
    pub fn new() -> Box<Tile> {
        let plane = [[0.0; OUTER_WIDTH]; OUTER_HEIGHT];
        Box::new(Tile {
            original: plane,
            result: plane,
            squares: plane,
            difference: plane,
            maps: Maps {
                errors: [[0.0; WIDTH]; 3],
                fourth_powers: [[0.0; WIDTH]; 3],
            },
        })
    }

    /// Takes in one row of both pictures, with what the blur reaches on each side. Tells whether
    /// they differ.
    pub fn set_row(
        &mut self,
        row: usize,
        original: &[f32; OUTER_WIDTH],
        result: &[f32; OUTER_WIDTH],
    ) -> bool {
        self.original[row] = *original;
        self.result[row] = *result;
        original != result
    }

    /// Measures the errors in the first `rows` rows. Only where the pictures differ: elsewhere
    /// they are nought, which [`set_row`](Tile::set_row) tells at less cost.
    pub fn measure(&mut self, rows: usize) {
        measure(self, rows);
    }

    /// The sums over some columns, of what was last measured.
    pub fn sums(&self, columns: std::ops::Range<usize>) -> Sums {
        let total = |row: &Row| row[columns.clone()].iter().copied().map(f64::from).sum();
        Sums {
            errors: self.maps.errors.each_ref().map(total),
            fourth_powers: self.maps.fourth_powers.each_ref().map(total),
        }
    }
}

#[multiversion(targets("x86_64+avx2+fma"))]
fn measure(tile: &mut Tile, rows: usize) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    square::<FMA>(tile, rows);
    let Tile {
        original,
        result,
        squares,
        difference,
        maps,
    } = tile;
    maps.errors = [[0.0; WIDTH]; 3];
    maps.fourth_powers = [[0.0; WIDTH]; 3];
    for row in 0..rows {
        let mean = blurred::<FMA>(original, row);
        let result_mean = blurred::<FMA>(result, row);
        structure::<FMA>(
            [&mean, &result_mean],
            [
                &blurred::<FMA>(squares, row),
                &blurred::<FMA>(difference, row),
            ],
            maps,
        );
        let inner = |plane: &Plane| -> Row {
            std::array::from_fn(|column| plane[row + REACH][column + REACH])
        };
        edges::<FMA>(
            [&inner(original), &mean],
            [&inner(result), &result_mean],
            maps,
        );
    }
}

#[inline(always)]
fn square<const FMA: bool>(tile: &mut Tile, rows: usize) {
    for row in 0..rows + 2 * REACH {
        let (a, b) = (&tile.original[row], &tile.result[row]);
        let (squares, difference) = (&mut tile.squares[row], &mut tile.difference[row]);
        for column in 0..OUTER_WIDTH {
            let (a, b) = (a[column], b[column]);
            squares[column] = fused::<FMA>(a, a, b * b);
            difference[column] = (a - b) * (a - b);
        }
    }
}

/// A row of the plane, blurred.
#[inline(always)]
fn blurred<const FMA: bool>(plane: &Plane, row: usize) -> Row {
    let rows = &plane[row..row + 2 * REACH + 1];
    let down: [f32; OUTER_WIDTH] = std::array::from_fn(|column| {
        blur::<FMA>(rows[REACH][column], |step| {
            rows[REACH - step][column] + rows[REACH + step][column]
        })
    });
    std::array::from_fn(|column| {
        let middle = column + REACH;
        blur::<FMA>(down[middle], |step| {
            down[middle - step] + down[middle + step]
        })
    })
}

/// The filter over a value and the pairs at both sides of it.
#[inline(always)]
fn blur<const FMA: bool>(middle: f32, pair: impl Fn(usize) -> f32) -> f32 {
    let mut sum = BLUR[0] * middle;
    sum = fused::<FMA>(BLUR[1], pair(1), sum);
    sum = fused::<FMA>(BLUR[2], pair(2), sum);
    sum = fused::<FMA>(BLUR[3], pair(3), sum);
    fused::<FMA>(BLUR[4], pair(4), sum)
}

/// Adds the dissimilarity of structure, 1 − SSIM without its term of contrast.
///
/// With m and n the means and σ², τ² and κ the (co)variances, the reference computes
/// 1 − (1 − (m−n)²)·(2κ + C2)/(σ² + τ² + C2). The blurred (a−b)² less (m−n)² is σ² + τ² − 2κ, so
/// two blurs do for three, and nothing is lost to cancellation between pictures that are nearly
/// equal.
#[inline(always)]
fn structure<const FMA: bool>(means: [&Row; 2], blurred: [&Row; 2], maps: &mut Maps) {
    for column in 0..WIDTH {
        let (m, n) = (means[0][column], means[1][column]);
        let shift = (m - n) * (m - n);
        let spread = blurred[0][column] - fused::<FMA>(m, m, n * n) + C2;
        let unlike = (blurred[1][column] - shift) / spread;
        let error = positive(fused::<FMA>(shift, 1.0 - unlike, unlike));
        maps.add(0, column, error);
    }
}

/// Adds the artifacts (the result has an edge where the original is smooth) and the lost detail (the
/// other way round): the ratio of the distances from the mean.
#[inline(always)]
fn edges<const FMA: bool>(original: [&Row; 2], result: [&Row; 2], maps: &mut Maps) {
    for column in 0..WIDTH {
        let before = (original[0][column] - original[1][column]).abs();
        let after = (result[0][column] - result[1][column]).abs();
        let ratio = (after - before) / (1.0 + before);
        maps.add(1, column, positive(ratio));
        maps.add(2, column, positive(-ratio));
    }
}

impl Maps {
    #[inline(always)]
    fn add(&mut self, map: usize, column: usize, error: f32) {
        self.errors[map][column] += error;
        let square = error * error;
        self.fourth_powers[map][column] += square * square;
    }
}

/// Unlike `f32::max` it need not mind what is no number: one instruction.
#[inline(always)]
fn positive(value: f32) -> f32 {
    if value > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equations of D. Charalampidis, "Recursive implementation of the Gaussian filter using
    /// truncated cosine functions", IEEE Transactions on Signal Processing 64 (2016), as numbered
    /// there.
    #[test]
    fn the_blur_is_the_recursive_gaussian() {
        let sigma = 1.5f64;
        let radius = (3.2795 * sigma + 0.2546).round(); // (57)
        let omega = [1.0, 3.0, 5.0].map(|k| k * std::f64::consts::PI / (2.0 * radius));
        let p: [f64; 3] = std::array::from_fn(|k| [1.0, -1.0, 1.0][k] / (0.5 * omega[k]).tan()); // (37)
        let r: [f64; 3] =
            std::array::from_fn(|k| [1.0, -1.0, 1.0][k] * p[k] * p[k] / omega[k].sin()); // (44)
        let rho = omega.map(|w| (-0.5 * sigma * sigma * w * w).exp() / radius); // (50)
        // (52): the three amplitudes sum to one, have the variance σ², and lie nearest to the
        // Gaussian.
        let d = |i: usize, k: usize| p[i] * r[k] - r[i] * p[k];
        let (z15, z35) = (d(1, 2) / d(0, 1), d(2, 0) / d(0, 1));
        let rows = [p, r, [z15, z35, 1.0]];
        let target = [
            1.0,
            radius * radius - sigma * sigma,
            z15 * rho[0] + z35 * rho[1] + rho[2],
        ];
        let determinant = |m: [[f64; 3]; 3]| {
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
                - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        };
        let amplitude: [f64; 3] = std::array::from_fn(|k| {
            let mut replaced = rows;
            for (row, value) in replaced.iter_mut().zip(target) {
                row[k] = value;
            }
            determinant(replaced) / determinant(rows)
        });
        let response =
            |n: f64| -> f64 { (0..3).map(|k| amplitude[k] * (omega[k] * n).cos()).sum() };
        for (n, tap) in BLUR.iter().enumerate() {
            assert!(
                (response(n as f64) - f64::from(*tap)).abs() < 1e-7,
                "{n}: {tap}"
            );
        }
        assert!(response(radius).abs() < 1e-9);
    }
}
