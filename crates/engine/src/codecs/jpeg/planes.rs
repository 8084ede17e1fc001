//! From pixels to planes of luma and colour differences (ITU-T T.871), at full or half resolution.

use std::ops::Range;

use crate::pixels::Opaque;

/// What one step of 8 bits is in a plane's samples: fractions survive until they are quantized.
pub(super) const UNIT: f32 = 64.0;

/// Samples of one component, row by row; [`UNIT`] times the value, 128 already taken off.
pub(super) struct Plane {
    pub width: usize,
    pub height: usize,
    pub samples: Vec<i16>,
}

/// Weights of red, green and blue for Y, Cb and Cr.
const WEIGHTS: [[f32; 3]; 3] = [
    [0.299, 0.587, 0.114],
    [-0.168_735_9, -0.331_264_1, 0.5],
    [0.5, -0.418_687_6, -0.081_312_4],
];

impl Plane {
    /// Some rows of component 0 (Y), 1 (Cb) or 2 (Cr) of a picture.
    pub fn of(image: &Opaque, component: usize, rows: Range<usize>) -> Plane {
        let [red, green, blue] = WEIGHTS[component].map(|weight| weight * UNIT);
        let offset = if component == 0 { -128.0 * UNIT } else { 0.0 };
        let width = image.width as usize;
        let (pixels, _) = image.rgb[rows.start * width * 3..rows.end * width * 3].as_chunks::<3>();
        Plane {
            width,
            height: rows.len(),
            samples: pixels
                .iter()
                .map(|pixel| {
                    let [r, g, b] = pixel.map(f32::from);
                    let value = r * red + g * green + b * blue + offset;
                    // Rounds half up; `round` is a slow call without SSE 4.1.
                    ((value + 32768.5) as i32 - 32768) as i16
                })
                .collect(),
        }
    }

    /// What the row `row` of blocks of a component is made of, at full or half resolution.
    pub fn band(image: &Opaque, component: usize, row: usize, halved: bool) -> Plane {
        let height = image.height as usize;
        if !halved {
            return Plane::of(image, component, row * 8..(row * 8 + 8).min(height));
        }
        // One row more at each side: halving looks at the neighbours.
        let above = usize::from(row > 0);
        let rows = (row * 8 - above) * 2..(row * 16 + 18).min(height);
        let mut half = Plane::of(image, component, rows).halved();
        half.samples.drain(..above * half.width);
        half.height -= above;
        half
    }

    /// Half as wide and high, so that what readers make of it (by a triangle filter, as libjpeg does)
    /// comes close to this plane: means of four, sharpened by what the first try got wrong.
    pub fn halved(&self) -> Plane {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mut half = Plane {
            width,
            height,
            samples: vec![0; width * height],
        };
        let mut lines = [vec![0i32; self.width], vec![0i32; self.width]];
        for y in 0..height {
            for (line, lines) in lines.iter_mut().enumerate() {
                let row = self.row((2 * y + line).min(self.height - 1));
                for (to, &from) in lines.iter_mut().zip(row) {
                    *to = i32::from(from);
                }
            }
            half.put_means(y, &lines);
        }
        let first = half.samples.clone();
        let first = Plane {
            samples: first,
            ..half
        };
        let mut error = Plane {
            width,
            height,
            samples: vec![0; width * height],
        };
        for y in 0..height {
            for (line, lines) in lines.iter_mut().enumerate() {
                let at = (2 * y + line).min(self.height - 1);
                first.tripled_row(at, lines);
                for (to, &from) in lines.iter_mut().zip(self.row(at)) {
                    *to = i32::from(from) - *to;
                }
            }
            error.put_means(y, &lines);
        }
        half.samples = first.samples;
        for (sample, error) in half.samples.iter_mut().zip(&error.samples) {
            *sample = sample.saturating_add(*error);
        }
        half
    }

    fn row(&self, y: usize) -> &[i16] {
        &self.samples[y * self.width..(y + 1) * self.width]
    }

    fn put_means(&mut self, y: usize, lines: &[Vec<i32>; 2]) {
        let row = &mut self.samples[y * self.width..(y + 1) * self.width];
        let last = lines[0].len() - 1;
        for (x, to) in row.iter_mut().enumerate() {
            let (left, right) = (2 * x, (2 * x + 1).min(last));
            let sum = lines[0][left] + lines[0][right] + lines[1][left] + lines[1][right];
            *to = ((sum + 2) >> 2) as i16;
        }
    }

    /// Row `y` of this plane at twice the size, as readers make it.
    fn tripled_row(&self, y: usize, line: &mut [i32]) {
        let near = self.row(y / 2);
        let far = if y.is_multiple_of(2) {
            (y / 2).saturating_sub(1)
        } else {
            (y / 2 + 1).min(self.height - 1)
        };
        let far = self.row(far);
        let column = |x: usize| 3 * i32::from(near[x]) + i32::from(far[x]);
        for (x, to) in line.iter_mut().enumerate() {
            let beside = if x % 2 == 0 {
                (x / 2).saturating_sub(1)
            } else {
                (x / 2 + 1).min(self.width - 1)
            };
            *to = (3 * column(x / 2) + column(beside) + 8) >> 4;
        }
    }

    /// The samples of a block in steps of 8 bits; the picture's edge goes on beyond it.
    pub fn block(&self, column: usize, row: usize) -> [[f32; 8]; 8] {
        let mut block = [[0.0; 8]; 8];
        for (y, line) in block.iter_mut().enumerate() {
            let samples = self.row((row * 8 + y).min(self.height - 1));
            if let Some(whole) = samples.get(column * 8..column * 8 + 8) {
                for (to, &from) in line.iter_mut().zip(whole) {
                    *to = f32::from(from) * (1.0 / UNIT);
                }
            } else {
                for (x, to) in line.iter_mut().enumerate() {
                    *to = f32::from(samples[(column * 8 + x).min(self.width - 1)]) * (1.0 / UNIT);
                }
            }
        }
        block
    }
}

/// The two-dimensional cosine transform of a block, as JPEG defines it (ITU-T T.81 annex A.3.3).
pub(super) fn transformed(mut block: [[f32; 8]; 8]) -> [f32; 64] {
    columns(&mut block);
    let mut turned = [[0.0; 8]; 8];
    for (y, line) in block.iter().enumerate() {
        for (x, &value) in line.iter().enumerate() {
            turned[x][y] = value;
        }
    }
    columns(&mut turned);
    let mut out = [0.0; 64];
    for (x, line) in turned.iter().enumerate() {
        for (y, &value) in line.iter().enumerate() {
            out[y * 8 + x] = value;
        }
    }
    out
}

/// Cosines of k π / 16, halved.
const C: [f32; 8] = [
    0.5,
    0.490_392_64,
    0.461_939_77,
    0.415_734_8,
    0.353_553_4,
    0.277_785_12,
    0.191_341_72,
    0.097_545_16,
];

/// Transforms all eight columns at once: even and odd parts apart.
fn columns(block: &mut [[f32; 8]; 8]) {
    let old = *block;
    for x in 0..8 {
        let at = |y: usize| old[y][x];
        let sum = [at(0) + at(7), at(1) + at(6), at(2) + at(5), at(3) + at(4)];
        let gap = [at(0) - at(7), at(1) - at(6), at(2) - at(5), at(3) - at(4)];
        let even = [
            sum[0] + sum[3],
            sum[1] + sum[2],
            sum[0] - sum[3],
            sum[1] - sum[2],
        ];
        block[0][x] = (even[0] + even[1]) * C[4];
        block[4][x] = (even[0] - even[1]) * C[4];
        block[2][x] = even[2] * C[2] + even[3] * C[6];
        block[6][x] = even[2] * C[6] - even[3] * C[2];
        block[1][x] = gap[0] * C[1] + gap[1] * C[3] + gap[2] * C[5] + gap[3] * C[7];
        block[3][x] = gap[0] * C[3] - gap[1] * C[7] - gap[2] * C[1] - gap[3] * C[5];
        block[5][x] = gap[0] * C[5] - gap[1] * C[1] + gap[2] * C[7] + gap[3] * C[3];
        block[7][x] = gap[0] * C[7] - gap[1] * C[5] + gap[2] * C[3] - gap[3] * C[1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Opaque {
        let mut noise = 7u32;
        let mut image = Opaque::black(width, height);
        for byte in &mut image.rgb {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (noise >> 24) as u8;
        }
        image
    }

    fn whole(image: &Opaque, component: usize) -> Plane {
        Plane::of(image, component, 0..image.height as usize)
    }

    #[test]
    fn bands_make_up_the_whole_plane() {
        for (width, height) in [(1, 1), (5, 7), (33, 40), (16, 49), (20, 65)] {
            let image = picture(width, height);
            for halved in [false, true] {
                let mut plane = whole(&image, 1);
                if halved {
                    plane = plane.halved();
                }
                for row in 0..plane.height.div_ceil(8) {
                    let band = Plane::band(&image, 1, row, halved);
                    for column in 0..plane.width.div_ceil(8) {
                        assert_eq!(
                            band.block(column, 0),
                            plane.block(column, row),
                            "{width}×{height}, {row}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn colours_are_those_of_jfif() {
        let mut image = Opaque::black(2, 1);
        image.rgb = vec![255, 0, 0, 255, 255, 255];
        let of = |component| -> Vec<f32> {
            let plane = whole(&image, component);
            plane.samples.iter().map(|&s| f32::from(s) / UNIT).collect()
        };
        for (component, wanted) in [(0, [-51.755, 127.0]), (1, [-43.03, 0.0]), (2, [127.5, 0.0])] {
            for (found, wanted) in of(component).iter().zip(wanted) {
                assert!(
                    (found - wanted).abs() < 0.02,
                    "{component}: {found} {wanted}"
                );
            }
        }
    }

    #[test]
    fn the_transform_is_the_one_of_the_standard() {
        let block = whole(&picture(8, 8), 0).block(0, 0);
        let found = transformed(block);
        let cosine = |x: usize, u: usize| {
            ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos()
        };
        let scale = |u: usize| if u == 0 { 0.5f64.sqrt() } else { 1.0 };
        for v in 0..8 {
            for u in 0..8 {
                let mut sum = 0.0;
                for (y, line) in block.iter().enumerate() {
                    for (x, &value) in line.iter().enumerate() {
                        sum += f64::from(value) * cosine(x, u) * cosine(y, v);
                    }
                }
                let wanted = sum * scale(u) * scale(v) / 4.0;
                assert!((f64::from(found[v * 8 + u]) - wanted).abs() < 0.01);
            }
        }
    }

    #[test]
    fn halved_planes_keep_flat_colours_and_every_size() {
        for (width, height) in [(1, 1), (1, 5), (2, 2), (7, 3), (16, 16)] {
            let mut image = Opaque::black(width, height);
            image.rgb.fill(77);
            let plane = whole(&image, 0);
            let half = plane.halved();
            assert_eq!(
                (half.width, half.height),
                (width.div_ceil(2) as usize, height.div_ceil(2) as usize)
            );
            assert!(
                half.samples
                    .iter()
                    .all(|&sample| sample == plane.samples[0])
            );
        }
    }
}
