//! How different two colours look.

use super::geometry::rgb;

/// A colour in Oklab, where distances are about as large as they look.
pub(super) type Lab = [f32; 3];

/// Converts pixels, and remembers those that come again.
pub(super) struct Eye {
    linear: [f32; 256],
    seen: Vec<(u32, Lab)>,
}

const SEEN: usize = 1 << 12;

impl Eye {
    pub fn new() -> Eye {
        let linear = std::array::from_fn(|value| {
            let value = value as f32 / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        });
        Eye {
            linear,
            // The clear pixel stands for an empty place: it has no colour to be asked for.
            seen: vec![(0, [0.0; 3]); SEEN],
        }
    }

    /// The colour of an opaque pixel.
    pub fn lab(&mut self, pixel: u32) -> Lab {
        let place = (pixel.wrapping_mul(0x9e37_79b1) >> 20) as usize;
        if self.seen[place].0 != pixel {
            let [r, g, b] = rgb(pixel).map(|value| self.linear[usize::from(value)]);
            let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
            let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
            let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
            let lab = [
                0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
                1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
                0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
            ];
            self.seen[place] = (pixel, lab);
        }
        self.seen[place].1
    }
}

/// The squared distance of two colours; 1 lies between black and white.
pub(super) fn squared(a: Lab, b: Lab) -> f32 {
    let [l, x, y] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    l * l + x * x + y * y
}
