//! What the numbers of a pixel mean, and whether two files mean the same.

use std::sync::Arc;

use anyhow::{Context, Result};
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    ToneReprCurve, TransferCharacteristics, Transform8BitExecutor, TransformOptions,
};

use super::Frame;

/// A colour space, as a file tells it.
#[derive(Clone, Debug, PartialEq)]
pub enum Colour {
    /// Said to be sRGB, or nothing said.
    Srgb,
    /// By an ICC profile.
    Icc(Vec<u8>),
    /// By PNG's gamma and, where given, the chromaticities of white, red, green and blue.
    Gamma {
        /// The file's exponent times 100000.
        gamma: u32,
        /// Times 100000.
        primaries: Option<[u32; 8]>,
    },
    /// By the four numbers of CICP.
    Cicp([u8; 4]),
}

impl Colour {
    /// Whether the same numbers are the same colours.
    ///
    /// Profiles may differ in bytes (a name, a date) and mean the same: then a grid of colours must
    /// come out the same in sRGB, within one step of 255.
    pub fn same(&self, other: &Colour) -> bool {
        if self == other {
            return true;
        }
        let level = |step: u32| (step * 255 / 8) as u8;
        let grid: Vec<u8> = (0..9 * 9 * 9)
            .flat_map(|at| [level(at % 9), level(at / 9 % 9), level(at / 81), 255])
            .collect();
        let greys: Vec<u8> = (0..=255u8)
            .flat_map(|grey| [grey, grey, grey, 255])
            .collect();
        let shown = |colour: &Colour| {
            let grid = colour.to_srgb(&Frame::still(if colour.is_grey() {
                greys.clone()
            } else {
                grid.clone()
            }));
            let greys = colour.to_srgb(&Frame::still(greys.clone()));
            (grid, greys)
        };
        let near = |a: &Result<Vec<u8>>, b: &Result<Vec<u8>>| match (a, b) {
            (Ok(a), Ok(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1)
            }
            _ => false,
        };
        let (mine, others) = (shown(self), shown(other));
        // A grey profile against one of colour: only greys can be told apart.
        (self.is_grey() || other.is_grey() || near(&mine.0, &others.0)) && near(&mine.1, &others.1)
    }

    /// Whether it is brighter than sRGB can show (by the PQ or HLG curve), so that no sRGB picture
    /// stands for it.
    pub fn is_hdr(&self) -> bool {
        matches!(self, Colour::Cicp([_, 16 | 18, _, _]))
    }

    fn is_grey(&self) -> bool {
        matches!(self.profile(), Ok(Some(profile)) if profile.color_space == DataColorSpace::Gray)
    }

    /// The picture's pixels in sRGB, four bytes each.
    ///
    /// # Errors
    /// When the profile cannot be used at all; viewers then show the numbers as sRGB.
    pub fn to_srgb(&self, frame: &Frame) -> Result<Vec<u8>> {
        let Some(profile) = self.profile()? else {
            return Ok(frame.rgba.clone());
        };
        let srgb = ColorProfile::new_srgb();
        let transform = |layout| -> Result<Arc<Transform8BitExecutor>> {
            profile
                .create_transform_8bit(layout, &srgb, Layout::Rgba, TransformOptions::default())
                .context("a transform to sRGB")
        };
        let mut out = vec![0; frame.rgba.len()];
        match (profile.color_space, &frame.inks) {
            (DataColorSpace::Cmyk, Some(inks)) => {
                transform(Layout::Rgba)?.transform(inks, &mut out)?;
            }
            (DataColorSpace::Gray, None) if is_grey(&frame.rgba) => {
                let grey: Vec<u8> = frame
                    .rgba
                    .chunks_exact(4)
                    .flat_map(|pixel| [pixel[0], pixel[3]])
                    .collect();
                transform(Layout::GrayAlpha)?.transform(&grey, &mut out)?;
            }
            (DataColorSpace::Rgb, None) => {
                transform(Layout::Rgba)?.transform(&frame.rgba, &mut out)?
            }
            // A profile for other channels than the file has is ignored, as viewers do.
            _ => return Ok(frame.rgba.clone()),
        }
        for (out, pixel) in out.chunks_exact_mut(4).zip(frame.rgba.chunks_exact(4)) {
            out[3] = pixel[3];
        }
        Ok(out)
    }

    /// `None` for sRGB.
    fn profile(&self) -> Result<Option<ColorProfile>> {
        Ok(Some(match self {
            Colour::Srgb => return Ok(None),
            Colour::Icc(bytes) => ColorProfile::new_from_slice(bytes).context("an ICC profile")?,
            Colour::Gamma { gamma, primaries } => {
                let mut profile = ColorProfile::new_srgb();
                if let Some(points) = primaries {
                    let [wx, wy, rx, ry, gx, gy, bx, by] =
                        points.map(|point| point as f32 / 100_000.0);
                    let xy = |x, y| moxcms::Chromaticity { x, y };
                    let white = moxcms::XyY {
                        x: f64::from(wx),
                        y: f64::from(wy),
                        yb: 1.0,
                    };
                    let primaries = moxcms::ColorPrimaries {
                        red: xy(rx, ry),
                        green: xy(gx, gy),
                        blue: xy(bx, by),
                    };
                    profile.update_rgb_colorimetry(white, primaries);
                }
                // 1/2.2 stands for sRGB's own curve by long custom.
                if gamma.abs_diff(45_455) > 100 {
                    let curve = ToneReprCurve::Parametric(vec![100_000.0 / *gamma as f32]);
                    profile.red_trc = Some(curve.clone());
                    profile.green_trc = Some(curve.clone());
                    profile.blue_trc = Some(curve);
                }
                profile.cicp = None;
                profile
            }
            Colour::Cicp([primaries, transfer, _, full]) => {
                ColorProfile::new_from_cicp(CicpProfile {
                    color_primaries: CicpColorPrimaries::try_from(*primaries)?,
                    transfer_characteristics: TransferCharacteristics::try_from(*transfer)?,
                    matrix_coefficients: MatrixCoefficients::Identity,
                    full_range: *full == 1,
                })
            }
        }))
    }
}

fn is_grey(rgba: &[u8]) -> bool {
    rgba.chunks_exact(4)
        .all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Colour::Srgb => f.write_str("sRGB"),
            Colour::Icc(profile) => write!(f, "a profile of {} bytes", profile.len()),
            Colour::Gamma { gamma, primaries } => {
                write!(f, "gamma {gamma} with primaries {primaries:?}")
            }
            Colour::Cicp(codes) => write!(f, "CICP {codes:?}"),
        }
    }
}
