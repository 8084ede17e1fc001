//! The error maps of one channel in the order in which the reference computes them, with its
//! rounding.
//!
//! Its recursive blur never forgets a rounding, and variances are small differences of such blurs:
//! where two pictures are flat and nearly equal, the noise of the reference is larger than what it
//! measures. The channels whose mean dissimilarity has a large weight would score up to two points
//! more without that noise (measured on a photo with a flat background at 85). Their scales have few
//! pixels, so doing alike costs little.

use multiversion::{multiversion, target::target_cfg_f};

use super::fused;
use super::norms::Sums;
use super::tile::{C2, HEIGHT};

/// The blur's radius N for σ = 1.5: output n is made of inputs n − N − 1 and n + N − 1.
const RADIUS: usize = 5;

/// What is blurred: original, result, the square of each, their product.
const PLANES: usize = 5;

/// The planes of one pixel side by side; the rest is idle.
const LANES: usize = 8;
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Lanes([f32; LANES]);

const DARK: Lanes = Lanes([0.0; LANES]);

/// Rows that the vertical blur looks back on.
const KEPT: usize = 2 * RADIUS + 1;

/// Nothing before and after a row, as far as the blur sees.
const BEFORE: usize = 2 * RADIUS;
const AFTER: usize = RADIUS;

/// The three recursions, y(n) = gain·x + turn·y(n−1) − y(n−2), whose sum is the blur; Charalampidis
/// (2016), equation 33: gain = −β·cos(ω(N+1)), turn = 2·cos ω.
const GAINS: [f64; 3] = [
    0.055_295_235_726_086_61,
    -0.058_836_687_026_949_99,
    0.012_955_819_110_517_068,
];
const TURNS: [f64; 3] = [1.902_113_032_590_307, 1.175_570_504_584_946_3, 0.0];

/// The coefficients of a recursion that takes four steps at once: for each step those of the last
/// and the older output, and for each step between that of an input.
struct Four {
    input: [f32; 4],
    last: [f32; 4],
    older: [f32; 4],
}

const FOUR: [Four; 3] = [four(0), four(1), four(2)];

/// What a step contributes to those after it are Chebyshev polynomials of the second kind.
const fn four(term: usize) -> Four {
    let (gain, turn) = (GAINS[term], TURNS[term]);
    let square = turn * turn;
    let two = square - 1.0;
    let three = square * turn - 2.0 * turn;
    let four = square * square - 3.0 * square + 1.0;
    Four {
        input: [
            gain as f32,
            (turn * gain) as f32,
            (two * gain) as f32,
            (three * gain) as f32,
        ],
        last: [turn as f32, two as f32, three as f32, four as f32],
        older: [-1.0, -turn as f32, -two as f32, -three as f32],
    }
}

/// The last two outputs of each recursion.
type State = [[Lanes; 2]; 3];

/// One channel at one scale; rows go in, sums come out once for each band of [`HEIGHT`] rows.
pub struct Recursive {
    width: usize,
    height: usize,
    rows_in: usize,
    /// The row that came in.
    row: Vec<Lanes>,
    /// The last rows, blurred horizontally; row y is at y modulo [`KEPT`].
    kept: Vec<Lanes>,
    /// The recursions down each column. Which of the two outputs is the last alternates.
    state: Vec<State>,
    /// The planes of the row that is blurred in both directions.
    blurred: [Vec<f32>; PLANES],
    /// Sums down the columns of the band at hand: the maps, then their fourth powers.
    columns: [Vec<f32>; 6],
}

impl Recursive {
    /// Of a channel of this size.
    pub fn new(width: usize, height: usize) -> Recursive {
        Recursive {
            width,
            height,
            rows_in: 0,
            row: vec![DARK; BEFORE + width + AFTER],
            kept: vec![DARK; width * KEPT],
            state: vec![[[DARK; 2]; 3]; width],
            blurred: std::array::from_fn(|_| vec![0.0; width]),
            columns: std::array::from_fn(|_| vec![0.0; width]),
        }
    }

    /// Takes the next row of both pictures in; below the last row, none. Tells which row is now
    /// blurred and waits for [`measure`](Recursive::measure).
    pub fn push(&mut self, rows: Option<[&[f32]; 2]>) -> Option<usize> {
        let (width, bottom) = (self.width, self.rows_in);
        self.rows_in += 1;
        let at = |y: usize| y % KEPT * width..(y % KEPT + 1) * width;
        match rows {
            Some([original, result]) => {
                let inner = &mut self.row[BEFORE..BEFORE + width];
                for ((lanes, &a), &b) in inner.iter_mut().zip(original).zip(result) {
                    *lanes = Lanes([a, b, a * a, b * b, a * b, 0.0, 0.0, 0.0]);
                }
                across(&self.row, &mut self.kept[at(bottom)]);
            }
            None => self.kept[at(bottom)].fill(DARK),
        }
        // Above the picture the kept rows are still dark: the oldest is 2·RADIUS above the newest.
        down(
            &self.kept[at(bottom + 1)],
            &self.kept[at(bottom)],
            bottom % 2,
            &mut self.state,
            &mut self.blurred,
        );
        bottom.checked_sub(RADIUS - 1)
    }

    /// Measures the errors of the row that was last blurred, given as it was before. Tells whether
    /// it ends a band.
    pub fn measure(&mut self, y: usize, original: &[f32], result: &[f32]) -> bool {
        if y.is_multiple_of(HEIGHT) {
            for columns in &mut self.columns {
                columns.fill(0.0);
            }
        }
        errors(original, result, &self.blurred, &mut self.columns);
        (y + 1).is_multiple_of(HEIGHT) || y + 1 == self.height
    }

    /// The sums of the band over some columns.
    pub fn sums(&self, columns: std::ops::Range<usize>) -> Sums {
        let total = |map: usize| {
            let row = &self.columns[map][columns.clone()];
            row.iter().copied().map(f64::from).sum()
        };
        Sums {
            errors: [total(0), total(1), total(2)],
            fourth_powers: [total(3), total(4), total(5)],
        }
    }
}

/// Blurs a row. The reference takes four steps at a time where no edge is near, which rounds
/// otherwise than single steps.
#[multiversion(targets("x86_64+avx2+fma"))]
fn across(row: &[Lanes], blurred: &mut [Lanes]) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    /// Whole fours start here, and end before the blur sees the right edge.
    const FIRST: usize = 8;
    const LOOK: usize = 2 * RADIUS;
    let width = blurred.len();
    let row = &row[..width + BEFORE + AFTER];
    let mut state = [[DARK; 2]; 3];
    // Step n makes output n − RADIUS + 1.
    for n in 0..RADIUS - 1 {
        step::<FMA>(add(&row[n], &row[n + LOOK]), &mut state);
    }
    let mut n = 0;
    while n < width {
        let at = n + RADIUS - 1;
        if n >= FIRST && n + RADIUS + 2 < width {
            let (left, right) = (&row[at..at + 4], &row[at + LOOK..at + LOOK + 4]);
            let sums = [
                add(&left[0], &right[0]),
                add(&left[1], &right[1]),
                add(&left[2], &right[2]),
                add(&left[3], &right[3]),
            ];
            let four = four_steps::<FMA>(&sums, &mut state);
            blurred[n..n + 4].copy_from_slice(&four);
            n += 4;
        } else {
            blurred[n] = step::<FMA>(add(&row[at], &row[at + LOOK]), &mut state);
            n += 1;
        }
    }
}

#[inline(always)]
fn step<const FMA: bool>(sum: Lanes, state: &mut State) -> Lanes {
    let mut outs = [DARK; 3];
    for term in 0..3 {
        let [last, older] = state[term];
        let mut out = scaled(GAINS[term] as f32, &sum);
        out = add_scaled::<FMA>(-1.0, &older, out);
        out = add_scaled::<FMA>(TURNS[term] as f32, &last, out);
        outs[term] = out;
        state[term] = [out, last];
    }
    total(&outs)
}

#[inline(always)]
fn four_steps<const FMA: bool>(sums: &[Lanes; 4], state: &mut State) -> [Lanes; 4] {
    let mut outs = [[DARK; 3]; 4];
    for term in 0..3 {
        let [last, older] = state[term];
        outs[0][term] = ahead::<FMA, 0>(&FOUR[term], sums, &last, &older);
        outs[1][term] = ahead::<FMA, 1>(&FOUR[term], sums, &last, &older);
        outs[2][term] = ahead::<FMA, 2>(&FOUR[term], sums, &last, &older);
        outs[3][term] = ahead::<FMA, 3>(&FOUR[term], sums, &last, &older);
        state[term] = [outs[3][term], outs[2][term]];
    }
    [
        total(&outs[0]),
        total(&outs[1]),
        total(&outs[2]),
        total(&outs[3]),
    ]
}

/// The output of a recursion AT steps after the next.
#[inline(always)]
fn ahead<const FMA: bool, const AT: usize>(
    four: &Four,
    sums: &[Lanes; 4],
    last: &Lanes,
    older: &Lanes,
) -> Lanes {
    let mut out = scaled(four.input[AT], &sums[0]);
    for (later, sum) in sums.iter().enumerate().take(AT + 1).skip(1) {
        out = add_scaled::<FMA>(four.input[AT - later], sum, out);
    }
    out = add_scaled::<FMA>(four.older[AT], older, out);
    add_scaled::<FMA>(four.last[AT], last, out)
}

#[inline(always)]
fn total(outs: &[Lanes; 3]) -> Lanes {
    add(&outs[0], &add(&outs[1], &outs[2]))
}

#[inline(always)]
fn add(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = DARK;
    for lane in 0..LANES {
        sum.0[lane] = a.0[lane] + b.0[lane];
    }
    sum
}

#[inline(always)]
fn scaled(factor: f32, lanes: &Lanes) -> Lanes {
    let mut product = DARK;
    for lane in 0..LANES {
        product.0[lane] = factor * lanes.0[lane];
    }
    product
}

#[inline(always)]
fn add_scaled<const FMA: bool>(factor: f32, lanes: &Lanes, to: Lanes) -> Lanes {
    let mut sum = DARK;
    for lane in 0..LANES {
        sum.0[lane] = fused::<FMA>(factor, lanes.0[lane], to.0[lane]);
    }
    sum
}

/// One step of the recursions in every column.
#[multiversion(targets("x86_64+avx2+fma"))]
fn down(
    top: &[Lanes],
    bottom: &[Lanes],
    older: usize,
    state: &mut [State],
    blurred: &mut [Vec<f32>; PLANES],
) {
    const FMA: bool = target_cfg_f!(any(target_feature = "fma", target_arch = "aarch64"));
    let [a, b, c, d, e] = blurred.each_mut().map(|plane| &mut plane[..top.len()]);
    for (x, ((top, bottom), state)) in top.iter().zip(bottom).zip(state).enumerate() {
        let sum = add(top, bottom);
        let mut outs = [DARK; 3];
        for term in 0..3 {
            let (last, before) = (state[term][1 - older], state[term][older]);
            let turned = add_scaled::<FMA>(TURNS[term] as f32, &last, scaled(-1.0, &before));
            outs[term] = add_scaled::<FMA>(GAINS[term] as f32, &sum, turned);
            state[term][older] = outs[term];
        }
        [a[x], b[x], c[x], d[x], e[x], ..] = total(&outs).0;
    }
}

/// Adds the errors of a row to the sums of the columns. The maps are explained in `tile`; here the
/// dissimilarity is written as the reference has it.
#[multiversion(targets("x86_64+avx2+fma"))]
fn errors(
    original: &[f32],
    result: &[f32],
    blurred: &[Vec<f32>; PLANES],
    columns: &mut [Vec<f32>; 6],
) {
    let width = original.len();
    let [m, n, mm, nn, mn] = blurred.each_ref().map(|plane| &plane[..width]);
    let [c0, c1, c2, c3, c4, c5] = columns.each_mut().map(|column| &mut column[..width]);
    let result = &result[..width];
    for x in 0..width {
        let (m, n) = (m[x], n[x]);
        let alike = (1.0 - (m - n) * (m - n)) * (2.0 * (mn[x] - m * n) + C2);
        let spread = (mm[x] - m * m) + (nn[x] - n * n) + C2;
        let unlike = positive(1.0 - alike / spread);
        let (before, after) = ((original[x] - m).abs(), (result[x] - n).abs());
        let ratio = (after - before) / (1.0 + before);
        let (artifact, lost) = (positive(ratio), positive(-ratio));
        c0[x] += unlike;
        c1[x] += artifact;
        c2[x] += lost;
        c3[x] += fourth_power(unlike);
        c4[x] += fourth_power(artifact);
        c5[x] += fourth_power(lost);
    }
}

#[inline(always)]
fn positive(value: f32) -> f32 {
    if value > 0.0 { value } else { 0.0 }
}

#[inline(always)]
fn fourth_power(value: f32) -> f32 {
    let square = value * value;
    square * square
}
