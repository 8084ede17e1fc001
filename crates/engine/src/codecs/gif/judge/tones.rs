//! Colours as they are measured.

use super::super::geometry::{CLEAR, rgb};
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::score::ssimulacra2::norms::CHANNELS;

/// A colour as it is measured.
#[derive(Clone, Copy)]
pub(super) struct Tone {
    pixel: u32,
    /// Of red, green and blue, from 0 to 1.
    pub light: [f32; 3],
    pub xyb: [f32; CHANNELS],
}

/// Converts pixels, and remembers those that come again.
pub(super) struct Tones<'a> {
    pub looks: &'a ToSrgb,
    linear: [f32; 256],
    seen: Vec<Tone>,
}

const SEEN_BITS: u32 = 12;

impl<'a> Tones<'a> {
    pub fn new(looks: &'a ToSrgb) -> Tones<'a> {
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

    pub fn of_srgb(&self, pixel: u32) -> Tone {
        let light = rgb(pixel).map(|value| self.linear[usize::from(value)]);
        Tone {
            pixel,
            light,
            xyb: std::array::from_fn(|channel| xyb(channel, light)),
        }
    }

    /// An opaque pixel.
    #[inline]
    pub fn of(&mut self, pixel: u32) -> &Tone {
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
pub(super) fn xyb(channel: usize, [r, g, b]: [f32; 3]) -> f32 {
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
