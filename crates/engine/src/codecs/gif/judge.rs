//! SSIMULACRA2 of what is shown, kept up to date while an animation plays.
//!
//! The score is made of sums of errors over pixels, and an error depends on a few pixels around it.
//! So only the surroundings of what changed are measured anew: for a small change in a large picture
//! that is a thousandth of the work.

use super::geometry::{CLEAR, Canvas, Rect, rgb};
use crate::Result;
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::score::Reference;
use crate::score::ssimulacra2::norms::{self, CHANNELS, SCALES, Sums};

/// A scale is made from one whose sides are no smaller than this.
const SMALLEST: u32 = 8;

/// How far the blur reaches, in pixels of its scale.
const REACH: u32 = 4;

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

/// Side of the blocks that are judged alone, in pixels of the picture.
const BLOCK: u32 = 128;

/// Side of the tiles whose sums are kept, in pixels of their scale: a block is made of whole ones.
fn tile(scale: usize) -> u32 {
    (BLOCK >> scale).min(16)
}

/// Judges what is shown against what should be.
pub(super) struct Judge<'a> {
    tones: Tones<'a>,
    /// One for each background that may show through.
    grounds: Vec<Ground>,
    /// For pictures too small to be judged in parts: how good the whole is.
    small: Option<f64>,
}

/// The picture over one background.
struct Ground {
    under: Tone,
    scales: Vec<Scale>,
}

/// Both pictures as they are seen: what should be shown, and what is.
struct View<'v, 'a> {
    canvases: [&'v Canvas; 2],
    tones: &'v mut Tones<'a>,
    under: Tone,
}

struct Scale {
    size: Rect,
    wanted: [bool; CHANNELS],
    /// Light of both pictures; none at the finest scale, where the canvases are at hand.
    light: [[Vec<f32>; 3]; 2],
    /// Tiles in a row.
    across: u32,
    tiles: Vec<[Sums; CHANNELS]>,
}

impl<'a> Judge<'a> {
    /// Of pictures of this size. `holes` says whether any of them is transparent anywhere: then it is
    /// judged over white and over black, and the worse score counts.
    pub fn new(canvas: Rect, holes: bool, looks: &'a ToSrgb) -> Judge<'a> {
        let mut sizes = vec![canvas];
        while let Some(size) = sizes.last()
            && sizes.len() < SCALES
            && size.width.min(size.height) >= SMALLEST
        {
            sizes.push(halved(*size));
        }
        let small = canvas.width.min(canvas.height) < SMALLEST;
        let tones = Tones::new(looks);
        let grounds: &[u32] = if small {
            &[]
        } else if holes {
            &[0xffff_ffff, 0xff00_0000]
        } else {
            &[0xffff_ffff]
        };
        let grounds = grounds
            .iter()
            .map(|&ground| Ground {
                under: tones.of_srgb(ground),
                scales: (0..sizes.len())
                    .map(|scale| Scale::new(scale, &sizes))
                    .collect(),
            })
            .collect();
        Judge {
            tones,
            grounds,
            small: small.then_some(100.0),
        }
    }

    /// Takes note that either picture may have changed within a rectangle.
    pub fn update(&mut self, dirty: Rect, original: &Canvas, shown: &Canvas) -> Result<()> {
        if dirty.is_empty() {
            return Ok(());
        }
        if self.small.is_some() {
            let looks = self.tones.looks;
            let reference = Reference::new(&looks.apply(&original.image()))?;
            self.small = Some(reference.score(&looks.apply(&shown.image()))?.0);
            return Ok(());
        }
        for ground in &mut self.grounds {
            ground.update(dirty, [original, shown], &mut self.tones);
        }
        Ok(())
    }

    /// The score of the whole picture.
    pub fn score(&self) -> f64 {
        self.small.unwrap_or_else(|| {
            self.grounds
                .iter()
                .map(|ground| ground.score(ground.scales[0].size))
                .fold(100.0, f64::min)
        })
    }

    /// The score of the worst block that a rectangle touches, as if it were a picture of its own.
    pub fn worst_block(&self, within: Rect) -> f64 {
        let mut worst = self.small.unwrap_or(100.0);
        for ground in &self.grounds {
            let size = ground.scales[0].size;
            for top in (within.top / BLOCK * BLOCK..within.bottom()).step_by(BLOCK as usize) {
                for left in (within.left / BLOCK * BLOCK..within.right()).step_by(BLOCK as usize) {
                    let block = Rect::new(left, top, BLOCK, BLOCK).within(size);
                    worst = worst.min(ground.score(block));
                }
            }
        }
        worst
    }
}

impl Ground {
    fn update(&mut self, dirty: Rect, canvases: [&Canvas; 2], tones: &mut Tones) {
        let mut dirty = dirty;
        for scale in 0..self.scales.len() {
            if scale > 0 {
                dirty = halved_around(dirty).within(self.scales[scale].size);
                let (finer, coarser) = self.scales.split_at_mut(scale);
                for (picture, canvas) in canvases.iter().enumerate() {
                    let light = &mut coarser[0].light[picture];
                    match finer {
                        [_] => halve_canvas(canvas, dirty, tones, &self.under, light),
                        [.., finer] => halve(
                            &finer.light[picture],
                            finer.size,
                            dirty,
                            coarser[0].size,
                            light,
                        ),
                        [] => {}
                    }
                }
            }
            let mut view = View {
                canvases,
                tones,
                under: self.under,
            };
            self.scales[scale].measure(scale, dirty, &mut view);
        }
    }

    /// The score of a part made of whole tiles.
    fn score(&self, part: Rect) -> f64 {
        let mut part = part;
        let mut scales = Vec::with_capacity(self.scales.len());
        for (index, scale) in self.scales.iter().enumerate() {
            if index > 0 {
                part = halved_around(part);
            }
            let tile = tile(index);
            let mut sums = norms::Scale {
                pixels: part.area() as f64,
                ..Default::default()
            };
            for y in part.top / tile..part.bottom().div_ceil(tile) {
                for x in part.left / tile..part.right().div_ceil(tile) {
                    let errors = &scale.tiles[(y * scale.across + x) as usize];
                    for (sum, errors) in sums.channels.iter_mut().zip(errors) {
                        sum.add(errors);
                    }
                }
            }
            scales.push(sums);
        }
        norms::score(&scales)
    }
}

impl Scale {
    fn new(scale: usize, sizes: &[Rect]) -> Scale {
        let size = sizes[scale];
        let tile = tile(scale);
        let across = size.width.div_ceil(tile);
        let plane = || vec![0.0; if scale == 0 { 0 } else { size.area() }];
        Scale {
            size,
            wanted: norms::wanted(scale, sizes.len()),
            light: std::array::from_fn(|_| std::array::from_fn(|_| plane())),
            across,
            tiles: vec![Default::default(); (across * size.height.div_ceil(tile)) as usize],
        }
    }

    /// Measures the tiles anew that a change within `dirty` has an influence on.
    fn measure(&mut self, scale: usize, dirty: Rect, view: &mut View) {
        let side = tile(scale);
        let out = |at: u32| at.saturating_sub(REACH) / side * side;
        let (left, top) = (out(dirty.left), out(dirty.top));
        let right = (dirty.right() + REACH)
            .next_multiple_of(side)
            .min(self.size.width);
        let bottom = (dirty.bottom() + REACH)
            .next_multiple_of(side)
            .min(self.size.height);
        for channel in (0..CHANNELS).filter(|&channel| self.wanted[channel]) {
            let mut band = Band::new((right - left) as usize);
            for y in top..bottom + REACH {
                if y == top {
                    for above in top.saturating_sub(REACH)..top {
                        self.row(channel, above, left, view, &mut band);
                        band.push(above);
                    }
                }
                if y < self.size.height {
                    self.row(channel, y, left, view, &mut band);
                } else {
                    band.row = [vec![0.0; band.row[0].len()], vec![0.0; band.row[1].len()]];
                }
                band.push(y);
                if y < top + REACH {
                    continue;
                }
                let done = y - REACH;
                band.errors(done);
                if (done + 1).is_multiple_of(side) || done + 1 == bottom {
                    let row = done / side * self.across;
                    for (at, first) in (left..right).step_by(side as usize).enumerate() {
                        let columns = at * side as usize
                            ..((at + 1) * side as usize).min((right - left) as usize);
                        self.tiles[(row + first / side) as usize][channel] = band.sums(columns);
                    }
                    band.clear();
                }
            }
        }
    }

    /// Fetches one row of both pictures with a margin; outside of them there is nothing.
    fn row(&self, channel: usize, y: u32, left: u32, view: &mut View, band: &mut Band) {
        let reach = REACH as usize;
        let width = self.size.width as usize;
        let from = (left as usize).saturating_sub(reach);
        let skip = reach - (left as usize - from);
        for picture in 0..2 {
            let row = &mut band.row[picture];
            row[..skip].fill(0.0);
            let count = (row.len() - skip).min(width - from);
            row[skip + count..].fill(0.0);
            let start = y as usize * width + from;
            let out = &mut row[skip..skip + count];
            if self.light[picture][0].is_empty() {
                let pixels = &view.canvases[picture].pixels[start..start + count];
                for (out, &pixel) in out.iter_mut().zip(pixels) {
                    *out = if pixel == CLEAR {
                        view.under.xyb[channel]
                    } else {
                        view.tones.of(pixel).xyb[channel]
                    };
                }
            } else {
                let [r, g, b] = self.light[picture]
                    .each_ref()
                    .map(|plane| &plane[start..start + count]);
                for (((out, &r), &g), &b) in out.iter_mut().zip(r).zip(g).zip(b) {
                    *out = xyb(channel, [r, g, b]);
                }
            }
        }
    }
}

/// What is blurred: the original, the result, the sum of their squares, their product.
const PLANES: usize = 4;
/// Rows that the vertical blur looks at.
const ROWS: usize = 2 * REACH as usize + 1;

/// The rows of one channel that are at hand.
struct Band {
    width: usize,
    /// The row that comes in, of both pictures, with margins.
    row: [Vec<f32>; 2],
    /// Rows as they came in, without margins; row y is at y modulo [`ROWS`].
    plain: [[Vec<f32>; 2]; ROWS],
    /// Rows blurred horizontally.
    blurred: [[Vec<f32>; PLANES]; ROWS],
    /// Sums down the columns: the error maps, then their fourth powers.
    columns: [Vec<f32>; 6],
}

impl Band {
    fn new(width: usize) -> Band {
        let row = || vec![0.0; width];
        Band {
            width,
            row: std::array::from_fn(|_| vec![0.0; width + 2 * REACH as usize]),
            plain: std::array::from_fn(|_| std::array::from_fn(|_| row())),
            blurred: std::array::from_fn(|_| std::array::from_fn(|_| row())),
            columns: std::array::from_fn(|_| row()),
        }
    }

    fn push(&mut self, y: u32) {
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
    fn errors(&mut self, y: u32) {
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

    fn sums(&self, columns: std::ops::Range<usize>) -> Sums {
        let total = |map: usize| f64::from(self.columns[map][columns.clone()].iter().sum::<f32>());
        Sums {
            errors: [total(0), total(1), total(2)],
            fourth_powers: [total(3), total(4), total(5)],
        }
    }

    fn clear(&mut self) {
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

fn halved(size: Rect) -> Rect {
    Rect::new(0, 0, size.width.div_ceil(2), size.height.div_ceil(2))
}

/// The pixels of the next scale that a rectangle touches.
fn halved_around(rect: Rect) -> Rect {
    let (left, top) = (rect.left / 2, rect.top / 2);
    Rect::new(
        left,
        top,
        rect.right().div_ceil(2) - left,
        rect.bottom().div_ceil(2) - top,
    )
}

/// Halves a canvas within a rectangle of the result.
fn halve_canvas(
    canvas: &Canvas,
    within: Rect,
    tones: &mut Tones,
    under: &Tone,
    light: &mut [Vec<f32>; 3],
) {
    let width = canvas.width.div_ceil(2) as usize;
    for y in within.top..within.bottom() {
        let rows =
            [2 * y, (2 * y + 1).min(canvas.height - 1)].map(|y| canvas.row(canvas.rect(), y));
        for x in within.left as usize..within.right() as usize {
            let right = (2 * x + 1).min(canvas.width as usize - 1);
            let mut sum = [0.0; 3];
            for pixel in [
                rows[0][2 * x],
                rows[0][right],
                rows[1][2 * x],
                rows[1][right],
            ] {
                let light = if pixel == CLEAR {
                    under.light
                } else {
                    tones.of(pixel).light
                };
                for (sum, light) in sum.iter_mut().zip(light) {
                    *sum += light;
                }
            }
            for (plane, sum) in light.iter_mut().zip(sum) {
                plane[y as usize * width + x] = sum * 0.25;
            }
        }
    }
}

/// Halves the light of a finer scale within a rectangle of the result.
fn halve(finer: &[Vec<f32>; 3], from: Rect, within: Rect, size: Rect, light: &mut [Vec<f32>; 3]) {
    let (wide, width) = (from.width as usize, size.width as usize);
    for (finer, plane) in finer.iter().zip(light) {
        for y in within.top..within.bottom() {
            let above = &finer[2 * y as usize * wide..][..wide];
            let below = &finer[(2 * y + 1).min(from.height - 1) as usize * wide..][..wide];
            for x in within.left as usize..within.right() as usize {
                let right = (2 * x + 1).min(wide - 1);
                plane[y as usize * width + x] =
                    (above[2 * x] + above[right] + below[2 * x] + below[right]) * 0.25;
            }
        }
    }
}

/// A colour as it is measured.
#[derive(Clone, Copy)]
struct Tone {
    pixel: u32,
    /// Of red, green and blue, from 0 to 1.
    light: [f32; 3],
    xyb: [f32; CHANNELS],
}

/// Converts pixels, and remembers those that come again.
struct Tones<'a> {
    looks: &'a ToSrgb,
    linear: [f32; 256],
    seen: Vec<Tone>,
}

const SEEN_BITS: u32 = 12;

impl<'a> Tones<'a> {
    fn new(looks: &'a ToSrgb) -> Tones<'a> {
        let linear = std::array::from_fn(|value| {
            let value = value as f64 / 255.0;
            let light = if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            };
            light as f32
        });
        let mut tones = Tones {
            looks,
            linear,
            seen: Vec::new(),
        };
        // The clear pixel stands for an empty place: it is never asked for.
        let nothing = Tone {
            pixel: CLEAR,
            ..tones.of_srgb(CLEAR)
        };
        tones.seen = vec![nothing; 1 << SEEN_BITS];
        tones
    }

    fn of_srgb(&self, pixel: u32) -> Tone {
        let light = rgb(pixel).map(|value| self.linear[usize::from(value)]);
        Tone {
            pixel,
            light,
            xyb: std::array::from_fn(|channel| xyb(channel, light)),
        }
    }

    /// An opaque pixel.
    #[inline]
    fn of(&mut self, pixel: u32) -> &Tone {
        let place = (pixel.wrapping_mul(0x9e37_79b1) >> (32 - SEEN_BITS)) as usize;
        if self.seen[place].pixel != pixel {
            self.seen[place] = self.looked_up(pixel);
        }
        &self.seen[place]
    }

    #[cold]
    fn looked_up(&self, pixel: u32) -> Tone {
        let shown = match self.looks {
            ToSrgb::Same => pixel,
            looks => {
                let image = looks.apply(&Image {
                    width: 1,
                    height: 1,
                    rgba: pixel.to_le_bytes().to_vec(),
                });
                u32::from_le_bytes([image.rgba[0], image.rgba[1], image.rgba[2], 255])
            }
        };
        Tone {
            pixel,
            ..self.of_srgb(shown)
        }
    }
}

/// One of the opponent colours, all positive as SSIM wants them; libjxl,
/// `lib/jxl/cms/opsin_params.h` and `tools/ssimulacra2.cc`.
#[inline]
fn xyb(channel: usize, [r, g, b]: [f32; 3]) -> f32 {
    const BIAS: f32 = 0.003_793_073_3;
    const ROOT_OF_BIAS: f32 = 0.155_954_2;
    let cone = |red: f32, green: f32, blue: f32| {
        cube_root(red * r + green * g + blue * b + BIAS) - ROOT_OF_BIAS
    };
    let long = cone(0.3, 0.622, 0.078);
    let middle = cone(0.23, 0.692, 0.078);
    let luminance = 0.5 * (long + middle);
    match channel {
        0 => 7.0 * (long - middle) + 0.42,
        1 => luminance + 0.01,
        _ => cone(0.243_422_69, 0.204_767_44, 0.551_809_87) - luminance + 0.55,
    }
}

/// The cube root of a positive number, within a few units in the last place: a guess from the
/// exponent and two steps of Halley's method.
#[inline]
fn cube_root(value: f32) -> f32 {
    let mut root = f32::from_bits(value.to_bits() / 3 + 0x2a51_1cd0);
    for _ in 0..2 {
        let cube = root * root * root;
        root *= (cube + 2.0 * value) / (2.0 * cube + value);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::super::geometry::opaque;
    use super::*;

    fn canvas(width: u32, height: u32, colour: impl Fn(u32, u32) -> u32) -> Canvas {
        let mut canvas = Canvas::clear(width, height);
        for y in 0..height {
            for x in 0..width {
                canvas.pixels[(y * width + x) as usize] = colour(x, y);
            }
        }
        canvas
    }

    fn textured(width: u32, height: u32, seed: u32) -> Canvas {
        canvas(width, height, |x, y| {
            let grain = (x * 31 + y * 17 + seed * 7).wrapping_mul(2_654_435_769) >> 28;
            let wave = ((x as f32 / 9.0).sin() + (y as f32 / 13.0).cos()) * 50.0 + 110.0;
            opaque([
                wave as u8,
                (wave * 0.8) as u8 + grain as u8,
                200 - wave as u8 / 2,
            ])
        })
    }

    fn whole(a: &Canvas, b: &Canvas) -> f64 {
        Reference::new(&a.image())
            .unwrap()
            .score(&b.image())
            .unwrap()
            .0
    }

    /// What others say of two opaque pictures.
    fn oracle(a: &Canvas, b: &Canvas) -> f64 {
        let rgb =
            |canvas: &Canvas| -> Vec<u8> { canvas.pixels.iter().flat_map(|&p| rgb(p)).collect() };
        let (a, b, width) = (rgb(a), rgb(b), a.rect().width as usize);
        let slice = |rgb| {
            let height = a.len() / 3 / width;
            let descriptor = fast_ssim2::PixelDescriptor::RGB8_SRGB;
            fast_ssim2::PixelSlice::new(rgb, width as u32, height as u32, width * 3, descriptor)
                .unwrap()
        };
        fast_ssim2::compute_ssimulacra2(&slice(&a), &slice(&b)).unwrap()
    }

    /// The reference's rounding makes itself felt where nearly nothing is wrong.
    const NEAR: f64 = 0.5;

    #[test]
    fn it_agrees_with_the_score_of_the_whole() {
        for (width, height) in [(5, 9), (8, 8), (61, 40), (200, 130), (300, 280)] {
            let a = textured(width, height, 1);
            for flaw in [4, 20, 60] {
                let b = canvas(width, height, |x, y| {
                    let [r, g, b] = rgb(a.pixels[(y * width + x) as usize]);
                    let off = ((x * y) % 5 * flaw / 5) as u8;
                    opaque([r.saturating_add(off), g.saturating_sub(off / 2), b])
                });
                let mut judge = Judge::new(a.rect(), false, &ToSrgb::Same);
                judge.update(a.rect(), &a, &b).unwrap();
                let (found, expected) = (judge.score(), oracle(&a, &b));
                assert!(
                    (found - expected).abs() < NEAR,
                    "{width}×{height}, {flaw}: {found}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let (mut a, mut b) = (textured(150, 140, 1), textured(150, 140, 1));
        let mut judge = Judge::new(a.rect(), true, &ToSrgb::Same);
        judge.update(a.rect(), &a, &b).unwrap();
        assert_eq!(judge.score(), 100.0);
        for (step, dirty) in [
            Rect::new(0, 0, 3, 2),
            Rect::new(60, 50, 40, 30),
            Rect::new(140, 139, 10, 1),
        ]
        .into_iter()
        .enumerate()
        {
            for y in dirty.top..dirty.bottom() {
                for x in dirty.left..dirty.right() {
                    let at = (y * 150 + x) as usize;
                    let hole = x % 7 == 0;
                    let colour = |off| opaque([x as u8, y as u8 + off, 40 * step as u8]);
                    a.pixels[at] = if hole { CLEAR } else { colour(0) };
                    b.pixels[at] = if hole { CLEAR } else { colour(9) };
                }
            }
            judge.update(dirty, &a, &b).unwrap();
            let mut anew = Judge::new(a.rect(), true, &ToSrgb::Same);
            anew.update(a.rect(), &a, &b).unwrap();
            assert!((judge.score() - anew.score()).abs() < 1e-3);
            assert!(
                (judge.score() - whole(&a, &b)).abs() < NEAR,
                "{} {}",
                judge.score(),
                whole(&a, &b)
            );
            assert!(judge.worst_block(a.rect()) < judge.score() + 1.0);
        }
    }
}
