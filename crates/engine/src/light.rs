//! From a picture's values to light and back, because only light can be averaged.

use std::sync::LazyLock;

use moxcms::{ColorProfile, DataColorSpace, TransferCharacteristics};

use crate::colour::ToSrgb;

/// Cells of the table that leads back from light. It is read at the square root of the light, so that even
/// the darkest of 256 values of a gamma of 2.2 has several to itself.
const BACK: usize = 1 << 12;

/// How much light each of 256 values of a channel stands for, 0 to 1, and the way back.
pub(crate) struct Curve {
    pub forward: [f32; 256],
    /// The value at the beginning of each cell.
    back: Vec<u8>,
    /// For each value, the place where the next one begins.
    ends: [f32; 256],
}

/// The curves of red, green and blue.
pub(crate) struct Light(pub [Curve; 3]);

impl Curve {
    /// A curve from its light for each value; light that falls with rising values is levelled.
    fn new(mut forward: [f32; 256]) -> Curve {
        let mut most = 0.0f32;
        for light in &mut forward {
            most = if light.is_finite() {
                most.max(*light)
            } else {
                most
            };
            *light = most;
        }
        let most = if most > 0.0 { most } else { 1.0 };
        forward.iter_mut().for_each(|light| *light /= most);
        let ends = std::array::from_fn(|value| match value {
            255 => f32::INFINITY,
            _ => place(half_way(&forward, value)),
        });
        let mut value = 0usize;
        let back = (0..=BACK)
            .map(|at| {
                while at as f32 >= ends[value] {
                    value += 1;
                }
                value as u8
            })
            .collect();
        Curve {
            forward,
            back,
            ends,
        }
    }

    /// The nearest value for an amount of light that has this place.
    #[inline]
    pub fn value_at(&self, place: f32) -> u8 {
        let value = self.back[(place as usize).min(BACK)];
        // Hardly ever do two values end in one cell, and never for profiles in use.
        value + u8::from(place >= self.ends[usize::from(value)])
    }
}

/// The light half way between a value and the next one, where they part: by the cubic through the four
/// values around it, since a curve's light is not half way between theirs.
fn half_way(forward: &[f32; 256], value: usize) -> f32 {
    let (low, high) = (forward[value], forward[value + 1]);
    // Beyond the ends as it went on the way there.
    let before = value
        .checked_sub(1)
        .map_or(2.0 * low - high, |at| forward[at]);
    let after = forward.get(value + 2).copied();
    let after = after.unwrap_or(2.0 * high - low);
    ((9.0 * (low + high) - before - after) / 16.0).clamp(low, high)
}

/// The place of an amount of light in the tables that lead back.
#[inline(always)]
pub(crate) fn place(light: f32) -> f32 {
    light.clamp(0.0, 1.0).sqrt() * BACK as f32
}

impl Light {
    fn of(curve: impl Fn(f64) -> f64) -> Light {
        let table = std::array::from_fn(|value| curve(value as f64 / 255.0) as f32);
        Light([0, 1, 2].map(|_| Curve::new(table)))
    }

    /// The curves of a profile's three channels, if it has such curves.
    fn of_profile(profile: &ColorProfile) -> Option<Light> {
        if let Some(transfer) = profile.cicp.map(|cicp| cicp.transfer_characteristics)
            && !matches!(
                transfer,
                TransferCharacteristics::Reserved | TransferCharacteristics::Unspecified
            )
        {
            return Some(Light::of(|value| transfer.linearize(value)));
        }
        let table = |curve| profile.build_8bit_lin_table(curve).ok();
        if profile.color_space == DataColorSpace::Gray {
            let grey = table(&profile.gray_trc)?;
            return Some(Light([0, 1, 2].map(|_| Curve::new(*grey))));
        }
        Some(Light([
            Curve::new(*table(&profile.red_trc)?),
            Curve::new(*table(&profile.green_trc)?),
            Curve::new(*table(&profile.blue_trc)?),
        ]))
    }
}

/// The light of sRGB (IEC 61966-2-1).
pub(crate) fn srgb() -> &'static Light {
    static SRGB: LazyLock<Light> =
        LazyLock::new(|| Light::of(|value| TransferCharacteristics::Srgb.linearize(value)));
    &SRGB
}

/// Stored values taken for light, as programs do that resize without regard to it.
pub(crate) fn stored() -> &'static Light {
    static STORED: LazyLock<Light> = LazyLock::new(|| Light::of(|value| value));
    &STORED
}

impl ToSrgb {
    /// The light of pictures in this space; that of sRGB where a profile has no plain curves.
    pub fn light(&self) -> Option<Light> {
        match self {
            ToSrgb::Same => None,
            ToSrgb::Profile(profile) => Light::of_profile(profile),
            ToSrgb::Gamma(gamma) => Some(Light::of(|value| value.powf(*gamma))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        let steep = Light::of(|value| value.powf(2.6));
        let plain = Light::of(|value| value);
        for light in [srgb(), &steep, &plain] {
            for value in 0..=255u8 {
                let curve = &light.0[0];
                let light = curve.forward[usize::from(value)];
                assert_eq!(curve.value_at(place(light)), value);
            }
        }
    }

    #[test]
    fn light_becomes_the_nearest_value_of_srgb() {
        for at in 0..=100_000 {
            let light = f64::from(at) / 100_000.0;
            let value = 255.0
                * if light <= 0.003_130_8 {
                    12.92 * light
                } else {
                    1.055 * light.powf(1.0 / 2.4) - 0.055
                };
            let found = srgb().0[0].value_at(place(light as f32));
            let off = (f64::from(found) - value).abs();
            // The curve has a knee between its tenth value and the next one.
            assert!(off < 0.505, "{light}: {found}, not {value}");
        }
    }

    #[test]
    fn half_the_light_is_188_in_srgb() {
        for (light, value) in [(0.5, 188), (-3.0, 0), (f32::NAN, 0), (7.0, 255)] {
            assert_eq!(srgb().0[1].value_at(place(light)), value);
        }
    }

    #[test]
    fn a_profile_tells_its_curve() {
        let linear = ToSrgb::Profile(Box::new(ColorProfile::new_gray_with_gamma(1.0)));
        let light = linear.light().unwrap();
        assert!((light.0[2].forward[128] - 128.0 / 255.0).abs() < 1e-3);
    }
}
