//! The errors of one channel, row after row: the rows are blurred, and what SSIM and edges tell is added up.

use crate::score::ssimulacra2::norms::Sums;

/// How far the blur reaches, in pixels of its scale.
pub(super) const REACH: u32 = 4;

/// The blur, σ = 1.5: the impulse response of libjxl's recursive filter (Charalampidis 2016), from
/// its middle outwards. Its other taps are nought.
const TAPS: [f32; REACH as usize + 1] = [
    0.264_621_1,
    0.212_928_6,
    0.109_335_37,
    0.036_011_115,
    0.009_414_368,
];

/// Keeps SSIM from dividing by nought; libjxl, `tools/ssimulacra2.cc`.
const C2: f32 = 0.000_9;

/// What is blurred: the original, the result, the sum of their squares, their product.
const PLANES: usize = 4;
/// Rows that the vertical blur looks at.
const ROWS: usize = 2 * REACH as usize + 1;

/// The rows of one channel that are at hand.
pub(super) struct Band {
    width: usize,
    /// The row that comes in, of both pictures, with margins.
    pub row: [Vec<f32>; 2],
    /// Rows as they came in, without margins; row y is at y modulo [`ROWS`].
    plain: [[Vec<f32>; 2]; ROWS],
    /// Rows blurred horizontally.
    blurred: [[Vec<f32>; PLANES]; ROWS],
    /// Sums down the columns: the error maps, then their fourth powers.
    columns: [Vec<f32>; 6],
}

impl Band {
    pub fn new(width: usize) -> Band {
        let row = || vec![0.0; width];
        Band {
            width,
            row: std::array::from_fn(|_| vec![0.0; width + 2 * REACH as usize]),
            plain: std::array::from_fn(|_| std::array::from_fn(|_| row())),
            blurred: std::array::from_fn(|_| std::array::from_fn(|_| row())),
            columns: std::array::from_fn(|_| row()),
        }
    }

    pub fn push(&mut self, y: u32) {
        let at = y as usize % ROWS;
        let reach = REACH as usize;
        let [a, b] = &self.row;
        for (plain, row) in self.plain[at].iter_mut().zip([a, b]) {
            plain.copy_from_slice(&row[reach..reach + self.width]);
        }
        let squares: Vec<f32> = a.iter().zip(b).map(|(a, b)| a * a + b * b).collect();
        let products: Vec<f32> = a.iter().zip(b).map(|(a, b)| a * b).collect();
        for (blurred, row) in self.blurred[at].iter_mut().zip([a, b, &squares, &products]) {
            across(row, blurred);
        }
    }

    /// Adds the errors of a row whose neighbours are at hand.
    pub fn errors(&mut self, y: u32) {
        let middle = y as usize + ROWS;
        let mut blurred = [const { Vec::new() }; PLANES];
        for (plane, blurred) in blurred.iter_mut().enumerate() {
            let rows: [&[f32]; ROWS] = std::array::from_fn(|n| {
                &self.blurred[(middle + n - REACH as usize) % ROWS][plane][..]
            });
            *blurred = down(rows, self.width);
        }
        let [a, b] = &self.plain[y as usize % ROWS];
        errors(a, b, &blurred, &mut self.columns);
    }

    pub fn sums(&self, columns: std::ops::Range<usize>) -> Sums {
        let total = |map: usize| f64::from(self.columns[map][columns.clone()].iter().sum::<f32>());
        Sums {
            errors: [total(0), total(1), total(2)],
            fourth_powers: [total(3), total(4), total(5)],
        }
    }

    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.fill(0.0);
        }
    }
}

/// Blurs a row with margins.
fn across(row: &[f32], blurred: &mut [f32]) {
    for (out, near) in blurred.iter_mut().zip(row.windows(ROWS)) {
        *out = TAPS[0] * near[4]
            + TAPS[1] * (near[3] + near[5])
            + TAPS[2] * (near[2] + near[6])
            + TAPS[3] * (near[1] + near[7])
            + TAPS[4] * (near[0] + near[8]);
    }
}

/// Blurs down the columns.
fn down(rows: [&[f32]; ROWS], width: usize) -> Vec<f32> {
    let rows = rows.map(|row| &row[..width]);
    (0..width)
        .map(|x| {
            TAPS[0] * rows[4][x]
                + TAPS[1] * (rows[3][x] + rows[5][x])
                + TAPS[2] * (rows[2][x] + rows[6][x])
                + TAPS[3] * (rows[1][x] + rows[7][x])
                + TAPS[4] * (rows[0][x] + rows[8][x])
        })
        .collect()
}

/// Adds the errors of a row to the sums of the columns: what SSIM lacks to one, edges that were not
/// there, and edges that are lost.
fn errors(a: &[f32], b: &[f32], blurred: &[Vec<f32>; PLANES], columns: &mut [Vec<f32>; 6]) {
    let width = a.len();
    let [mean_a, mean_b, squares, product] = blurred.each_ref().map(|plane| &plane[..width]);
    let [c0, c1, c2, c3, c4, c5] = columns.each_mut().map(|column| &mut column[..width]);
    for x in 0..width {
        let (m, n) = (mean_a[x], mean_b[x]);
        let apart = m - n;
        let covariance = product[x] - m * n;
        // In this order, what is equal leaves nothing but noughts.
        let variances = squares[x] - (m * m + n * n);
        let likeness = (1.0 - apart * apart) * (2.0 * covariance + C2) / (variances + C2);
        let unlike = (1.0 - likeness).max(0.0);
        let edge = (1.0 + (b[x] - n).abs()) / (1.0 + (a[x] - m).abs()) - 1.0;
        let (artifact, lost) = (edge.max(0.0), (-edge).max(0.0));
        c0[x] += unlike;
        c1[x] += artifact;
        c2[x] += lost;
        let fourth = |error: f32| (error * error) * (error * error);
        c3[x] += fourth(unlike);
        c4[x] += fourth(artifact);
        c5[x] += fourth(lost);
    }
}
