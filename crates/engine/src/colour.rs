//! Colour profiles: kept in files, and used to judge pictures in sRGB.

use std::borrow::Cow;
use std::sync::Arc;

use moxcms::{
    Chromaticity, CmsError, ColorPrimaries, ColorProfile, DataColorSpace, Layout, ProfileText,
    ToneReprCurve, Transform8BitExecutor, TransformOptions, XyY,
};

use crate::pixels::{Image, Opaque};

/// The bytes of an ICC profile, as embedded in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile(pub Vec<u8>);

/// Turns a file's pixels into sRGB, so that they can be compared and shown.
#[derive(Clone)]
pub(crate) enum ToSrgb {
    /// They are sRGB, or nothing says otherwise.
    Same,
    /// By a profile.
    Profile(Box<ColorProfile>),
    /// By a gamma alone: the exponent that leads from values to light.
    Gamma(f64),
}

impl Profile {
    /// What the profile calls itself, cut to a length that fits a row.
    pub fn name(&self) -> Option<String> {
        let profile = ColorProfile::new_from_slice(&self.0).ok()?;
        let text = match profile.description? {
            ProfileText::PlainString(text) => text,
            ProfileText::Localizable(texts) => texts.into_iter().next()?.value,
            ProfileText::Description(text) => text.ascii_string,
        };
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!text.is_empty()).then(|| text.chars().take(48).collect())
    }

    /// Whether it is one for colours that says nothing else than sRGB: a grid of colours and all
    /// greys come out as they are, within one step of 255.
    pub fn is_srgb(&self) -> bool {
        let Ok(profile) = ColorProfile::new_from_slice(&self.0) else {
            return false;
        };
        if profile.color_space != DataColorSpace::Rgb {
            return false;
        }
        let level = |step: u32| (step * 255 / 16) as u8;
        let grid = (0..17u32.pow(3))
            .flat_map(|at| [level(at % 17), level(at / 17 % 17), level(at / 289), 255]);
        let greys = (0..=255u8).flat_map(|grey| [grey, grey, grey, 255]);
        let rgba: Vec<u8> = grid.chain(greys).collect();
        let image = Image {
            width: (rgba.len() / 4) as u32,
            height: 1,
            rgba,
        };
        transformed(&profile, &image).is_some_and(|shown| {
            let mut pairs = shown.rgba.iter().zip(&image.rgba);
            pairs.all(|(a, b)| a.abs_diff(*b) <= 1)
        })
    }

    /// How pixels of this profile become sRGB. A profile that does not fit the pixels (broken, or
    /// grey in a colour picture) is ignored, as viewers do.
    pub fn to_srgb(&self, grey: bool) -> ToSrgb {
        match ColorProfile::new_from_slice(&self.0) {
            Ok(profile) if profile.color_space == DataColorSpace::Rgb => {
                let is_srgb = self.name().is_some_and(|name| name.contains("sRGB"));
                if is_srgb {
                    ToSrgb::Same
                } else {
                    ToSrgb::Profile(Box::new(profile))
                }
            }
            Ok(profile) if grey && profile.color_space == DataColorSpace::Gray => {
                ToSrgb::Profile(Box::new(profile))
            }
            _ => ToSrgb::Same,
        }
    }
}

impl ToSrgb {
    /// The picture in sRGB; itself where nothing changes.
    pub fn shown<'a>(&self, image: &'a Image) -> Cow<'a, Image> {
        match self {
            ToSrgb::Same => Cow::Borrowed(image),
            _ => Cow::Owned(self.apply(image)),
        }
    }

    /// The picture in sRGB.
    pub fn apply(&self, image: &Image) -> Image {
        match self {
            ToSrgb::Same => image.clone(),
            ToSrgb::Profile(profile) => {
                transformed(profile, image).unwrap_or_else(|| image.clone())
            }
            ToSrgb::Gamma(gamma) => {
                let table = gamma_table(*gamma);
                let mut result = image.clone();
                for pixel in result.rgba.chunks_exact_mut(4) {
                    for channel in &mut pixel[..3] {
                        *channel = table[usize::from(*channel)];
                    }
                }
                result
            }
        }
    }
}

/// Turns rows of red, green and blue into sRGB, one at a time, so that no second picture is needed.
pub(crate) enum RowsToSrgb {
    Same,
    Table(Vec<u8>),
    Colour(Arc<Transform8BitExecutor>),
    Grey(Arc<Transform8BitExecutor>),
}

impl RowsToSrgb {
    /// By the profile or the gamma of a file. A profile that cannot be followed is ignored.
    pub fn of(to_srgb: &ToSrgb) -> RowsToSrgb {
        let profile = match to_srgb {
            ToSrgb::Same => return RowsToSrgb::Same,
            ToSrgb::Gamma(gamma) => return RowsToSrgb::Table(gamma_table(*gamma)),
            ToSrgb::Profile(profile) => profile,
        };
        let srgb = ColorProfile::new_srgb();
        let transform = |from| {
            profile.create_transform_8bit(from, &srgb, Layout::Rgb, TransformOptions::default())
        };
        if profile.color_space == DataColorSpace::Gray {
            transform(Layout::Gray).map_or(RowsToSrgb::Same, RowsToSrgb::Grey)
        } else {
            transform(Layout::Rgb).map_or(RowsToSrgb::Same, RowsToSrgb::Colour)
        }
    }

    /// Whether nothing changes.
    pub fn is_same(&self) -> bool {
        matches!(self, RowsToSrgb::Same)
    }

    /// Turns a whole picture into sRGB.
    pub fn apply(&self, image: &mut Opaque) {
        if self.is_same() {
            return;
        }
        let mut buffer = Vec::new();
        let line = (image.width as usize * 3).max(1);
        for row in image.rgb.chunks_exact_mut(line) {
            self.row(row, &mut buffer);
            row.copy_from_slice(&buffer);
        }
    }

    /// The row in sRGB, in `buffer` if it is not the same.
    pub fn row<'a>(&self, row: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
        buffer.clear();
        match self {
            RowsToSrgb::Same => return row,
            RowsToSrgb::Table(table) => {
                buffer.extend(row.iter().map(|&value| table[usize::from(value)]));
            }
            RowsToSrgb::Colour(transform) => {
                buffer.resize(row.len(), 0);
                followed(transform.transform(row, buffer));
            }
            RowsToSrgb::Grey(transform) => {
                let grey: Vec<u8> = row.iter().copied().step_by(3).collect();
                buffer.resize(row.len(), 0);
                followed(transform.transform(&grey, buffer));
            }
        }
        buffer
    }
}

/// A transform only refuses rows of the wrong length.
fn followed(result: Result<(), CmsError>) {
    debug_assert!(result.is_ok(), "{result:?}");
}

/// What each of 256 values of a gamma is in sRGB.
fn gamma_table(gamma: f64) -> Vec<u8> {
    (0..=255u32)
        .map(|value| to_srgb_value((f64::from(value) / 255.0).powf(gamma)))
        .collect()
}

fn transformed(profile: &ColorProfile, image: &Image) -> Option<Image> {
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let mut rgba = vec![0; image.rgba.len()];
    if profile.color_space == DataColorSpace::Gray {
        let transform = profile
            .create_transform_8bit(Layout::GrayAlpha, &srgb, Layout::Rgba, options)
            .ok()?;
        let grey: Vec<u8> = image
            .rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[3]])
            .collect();
        transform.transform(&grey, &mut rgba).ok()?;
    } else {
        let transform = profile
            .create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options)
            .ok()?;
        transform.transform(&image.rgba, &mut rgba).ok()?;
    }
    Some(Image {
        width: image.width,
        height: image.height,
        rgba,
    })
}

/// How pixels become sRGB whose gamma and chromaticities a PNG tells: the exponent from values to
/// light, then x and y of white, red, green and blue. `None` when those span no colours.
pub(crate) fn chromaticities_to_srgb(gamma: Option<f64>, points: [f64; 8]) -> Option<ToSrgb> {
    let [white, red, green, blue] = [0, 2, 4, 6].map(|at| (points[at], points[at + 1]));
    let area = (green.0 - red.0) * (blue.1 - red.1) - (blue.0 - red.0) * (green.1 - red.1);
    if area.abs() < 1e-3 || white.1 <= 0.0 {
        return None;
    }
    let xy = |(x, y): (f64, f64)| Chromaticity {
        x: x as f32,
        y: y as f32,
    };
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(
        XyY {
            x: white.0,
            y: white.1,
            yb: 1.0,
        },
        ColorPrimaries {
            red: xy(red),
            green: xy(green),
            blue: xy(blue),
        },
    );
    if let Some(gamma) = gamma {
        let curve = ToneReprCurve::Parametric(vec![gamma as f32]);
        profile.red_trc = Some(curve.clone());
        profile.green_trc = Some(curve.clone());
        profile.blue_trc = Some(curve);
    }
    Some(ToSrgb::Profile(Box::new(profile)))
}

/// How pixels become sRGB that a code point names (ITU-T H.273: colour primaries, transfer).
/// Combinations that are no ordinary display space are shown as they are.
pub(crate) fn cicp_to_srgb(primaries: u8, transfer: u8) -> ToSrgb {
    match (primaries, transfer) {
        // BT.709 primaries with an sRGB-like curve.
        (1, 1 | 6 | 13) => ToSrgb::Same,
        // SMPTE EG 432, "Display P3", with the sRGB curve.
        (12, 13) => ToSrgb::Profile(Box::new(ColorProfile::new_display_p3())),
        _ => match (
            moxcms::CicpColorPrimaries::try_from(primaries),
            moxcms::TransferCharacteristics::try_from(transfer),
        ) {
            (Ok(color_primaries), Ok(transfer_characteristics)) => {
                ToSrgb::Profile(Box::new(ColorProfile::new_from_cicp(moxcms::CicpProfile {
                    color_primaries,
                    transfer_characteristics,
                    matrix_coefficients: moxcms::MatrixCoefficients::Identity,
                    full_range: true,
                })))
            }
            _ => ToSrgb::Same,
        },
    }
}

/// CMYK pixels (0 is no ink), four bytes each, as an opaque sRGB picture; by the profile when it is
/// one for CMYK, else by the plain formula.
pub(crate) fn cmyk_to_srgb(
    width: u32,
    height: u32,
    cmyk: &[u8],
    profile: Option<&Profile>,
) -> Image {
    let mut image = Image::transparent(width, height);
    let by_profile = profile
        .and_then(|profile| ColorProfile::new_from_slice(&profile.0).ok())
        .filter(|profile| profile.color_space == DataColorSpace::Cmyk)
        .and_then(|profile| {
            profile
                .create_transform_8bit(
                    // Four inks take the layout of four channels.
                    Layout::Rgba,
                    &ColorProfile::new_srgb(),
                    Layout::Rgba,
                    TransformOptions::default(),
                )
                .ok()
        })
        .is_some_and(|transform| transform.transform(cmyk, &mut image.rgba).is_ok());
    if by_profile {
        for pixel in image.rgba.chunks_exact_mut(4) {
            pixel[3] = 255;
        }
    } else {
        for (pixel, inks) in image.rgba.chunks_exact_mut(4).zip(cmyk.chunks_exact(4)) {
            let light = |ink: u8| {
                ((255 - u32::from(ink)) * (255 - u32::from(inks[3])) + 127).div_euclid(255) as u8
            };
            pixel.copy_from_slice(&[light(inks[0]), light(inks[1]), light(inks[2]), 255]);
        }
    }
    image
}

/// The sRGB curve (IEC 61966-2-1) from light, 0 to 1.
fn to_srgb_value(light: f64) -> u8 {
    let value = if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pixel: [u8; 4]) -> Image {
        Image {
            width: 1,
            height: 1,
            rgba: pixel.to_vec(),
        }
    }

    #[test]
    fn wide_colours_become_stronger_in_srgb() {
        let p3 = Profile(ColorProfile::new_display_p3().encode().unwrap());
        assert_eq!(p3.name().as_deref(), Some("Display P3"));
        let to_srgb = p3.to_srgb(false);
        let shown = to_srgb.apply(&one([200, 50, 50, 77]));
        assert!(shown.rgba[0] > 205, "{:?}", shown.rgba);
        assert_eq!(shown.rgba[3], 77);
    }

    #[test]
    fn rows_become_what_the_whole_picture_becomes() {
        let mut noise = 1u32;
        let mut image = Image::transparent(97, 5);
        for pixel in image.rgba.chunks_exact_mut(4) {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = noise.to_be_bytes();
            pixel.copy_from_slice(&[a, b, c, 255]);
        }
        let grey = ColorProfile::new_gray_with_gamma(1.8);
        let mut grey_image = image.clone();
        for pixel in grey_image.rgba.chunks_exact_mut(4) {
            pixel[1] = pixel[0];
            pixel[2] = pixel[0];
        }
        for (to_srgb, image) in [
            (ToSrgb::Same, &image),
            (ToSrgb::Gamma(1.8), &image),
            (
                ToSrgb::Profile(Box::new(ColorProfile::new_display_p3())),
                &image,
            ),
            (ToSrgb::Profile(Box::new(grey)), &grey_image),
        ] {
            let whole = Opaque::colours_of(&to_srgb.apply(image));
            let (rows, mut buffer) = (RowsToSrgb::of(&to_srgb), Vec::new());
            for (row, wanted) in Opaque::colours_of(image).rows().zip(whole.rows()) {
                assert_eq!(rows.row(row, &mut buffer), wanted);
            }
        }
    }

    #[test]
    fn only_srgb_is_srgb() {
        let is_srgb = |profile: ColorProfile| Profile(profile.encode().unwrap()).is_srgb();
        assert!(is_srgb(ColorProfile::new_srgb()));
        assert!(!is_srgb(ColorProfile::new_display_p3()));
        assert!(!is_srgb(ColorProfile::new_adobe_rgb()));
        assert!(!is_srgb(ColorProfile::new_gray_with_gamma(2.2)));
        assert!(!Profile(vec![1, 2, 3]).is_srgb());
    }

    #[test]
    fn profiles_that_do_not_fit_are_ignored() {
        let grey = Profile(ColorProfile::new_gray_with_gamma(1.0).encode().unwrap());
        let pixel = one([200, 50, 50, 255]);
        assert_eq!(grey.to_srgb(false).apply(&pixel), pixel);
        assert_eq!(Profile(vec![1, 2, 3]).to_srgb(false).apply(&pixel), pixel);
        assert_eq!(Profile(vec![1, 2, 3]).name(), None);
        let shown = grey.to_srgb(true).apply(&one([55, 55, 55, 255]));
        assert!(shown.rgba[0].abs_diff(128) <= 2, "{:?}", shown.rgba);
    }

    #[test]
    fn chromaticities_stand_for_a_profile() {
        let p3 = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
        let shown = chromaticities_to_srgb(None, p3)
            .unwrap()
            .apply(&one([200, 50, 50, 77]));
        let known = ToSrgb::Profile(Box::new(ColorProfile::new_display_p3()))
            .apply(&one([200, 50, 50, 77]));
        for (a, b) in shown.rgba.iter().zip(&known.rgba) {
            assert!(a.abs_diff(*b) <= 1, "{:?} {:?}", shown.rgba, known.rgba);
        }
        assert!(chromaticities_to_srgb(None, [0.3; 8]).is_none());
    }

    #[test]
    fn linear_values_are_brightened() {
        let shown = ToSrgb::Gamma(1.0).apply(&one([55, 0, 255, 255]));
        assert!(shown.rgba[0].abs_diff(128) <= 1);
        assert_eq!(&shown.rgba[1..], [0, 255, 255]);
    }

    #[test]
    fn no_ink_is_white_and_black_ink_is_black() {
        let image = cmyk_to_srgb(2, 1, &[0, 0, 0, 0, 9, 9, 9, 255], None);
        assert_eq!(image.rgba, [255, 255, 255, 255, 0, 0, 0, 255]);
    }
}
