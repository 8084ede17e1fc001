//! How close a picture is to its original: SSIMULACRA2, whole and for the worst block.

use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Reference, compute_ssimulacra2};
use whittle_core::Score;

use crate::pixels::Image;
use crate::{Error, Result};

/// Side of the blocks in which local damage is looked for, in pixels.
const BLOCK: u32 = 128;

/// How many of the most suspicious blocks are scored.
const SUSPECTS: usize = 4;

/// Backgrounds on which a picture with alpha is judged: what shows through must look right on both.
const BACKGROUNDS: [u8; 2] = [255, 0];

/// An original, prepared once to be compared with many results.
pub(crate) struct Reference {
    width: u32,
    height: u32,
    /// One for each background; only one when the picture is opaque.
    flattened: Vec<(Option<u8>, Ssimulacra2Reference)>,
}

impl Reference {
    /// Prepares an sRGB picture.
    pub fn new(image: &Image) -> Result<Reference> {
        let backgrounds: Vec<Option<u8>> = if image.has_alpha() {
            BACKGROUNDS.map(Some).to_vec()
        } else {
            vec![None]
        };
        let flattened = backgrounds
            .into_iter()
            .map(|background| {
                let rgb = flatten(image, background);
                let slice = slice(&rgb, image.width, image.height)?;
                Ok((
                    background,
                    Ssimulacra2Reference::new(&slice).map_err(Error::internal)?,
                ))
            })
            .collect::<Result<_>>()?;
        Ok(Reference {
            width: image.width,
            height: image.height,
            flattened,
        })
    }

    /// The score of an sRGB picture of the same size; on the background where it is worst.
    pub fn score(&self, image: &Image) -> Result<Score> {
        if (image.width, image.height) != (self.width, self.height) {
            return Err(Error::failed_check("its size changed"));
        }
        let mut worst = Score::IDENTICAL;
        for (background, reference) in &self.flattened {
            let rgb = flatten(image, *background);
            let slice = slice(&rgb, image.width, image.height)?;
            let score = Score(reference.compare(&slice).map_err(Error::internal)?);
            if score < worst {
                worst = score;
            }
        }
        Ok(worst)
    }
}

/// The score of the worst block of `result`, both in sRGB and of the same size.
///
/// A mean hides local damage. Scoring every block would cost as much as the whole picture again, so
/// the blocks are ranked by their error relative to the texture that could mask it, and the most
/// suspicious few are scored.
pub(crate) fn worst_block(original: &Image, result: &Image) -> Result<Score> {
    if original.width <= BLOCK && original.height <= BLOCK {
        return Reference::new(original)?.score(result);
    }
    let mut blocks = Vec::new();
    for top in (0..original.height).step_by(BLOCK as usize) {
        for left in (0..original.width).step_by(BLOCK as usize) {
            // Blocks at the far edges are moved inwards to be whole.
            let left = left.min(original.width.saturating_sub(BLOCK));
            let top = top.min(original.height.saturating_sub(BLOCK));
            blocks.push((suspicion(original, result, left, top), left, top));
        }
    }
    blocks.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut worst = Score::IDENTICAL;
    for &(suspicion, left, top) in blocks.iter().take(SUSPECTS) {
        if suspicion == 0.0 {
            break;
        }
        let background = original.has_alpha().then_some(BACKGROUNDS[0]);
        let (a, b) = (block(original, left, top), block(result, left, top));
        let (a_rgb, b_rgb) = (flatten(&a, background), flatten(&b, background));
        let score = compute_ssimulacra2(
            &slice(&a_rgb, a.width, a.height)?,
            &slice(&b_rgb, b.width, b.height)?,
        )
        .map_err(Error::internal)?;
        if Score(score) < worst {
            worst = Score(score);
        }
    }
    Ok(worst)
}

/// Squared error of a block over the squared steps between neighbours, which mask errors.
fn suspicion(original: &Image, result: &Image, left: u32, top: u32) -> f64 {
    let right = (left + BLOCK).min(original.width);
    let bottom = (top + BLOCK).min(original.height);
    let (mut error, mut texture) = (0u64, 0u64);
    for y in top..bottom {
        let row = (y * original.width) as usize * 4;
        let range = row + left as usize * 4..row + right as usize * 4;
        let (a, b) = (&original.rgba[range.clone()], &result.rgba[range]);
        for (x, (p, q)) in a.chunks_exact(4).zip(b.chunks_exact(4)).enumerate() {
            let step = |p: &[u8], q: &[u8]| -> u64 {
                (0..4).map(|c| u64::from(p[c].abs_diff(q[c])).pow(2)).sum()
            };
            error += step(p, q);
            if x > 0 {
                texture += step(p, &a[(x - 1) * 4..x * 4]);
            }
        }
    }
    let pixels = f64::from((right - left) * (bottom - top));
    // The constant is about the squared step that is just visible on a flat area.
    (error as f64 / pixels) / (texture as f64 / pixels + 16.0)
}

fn block(image: &Image, left: u32, top: u32) -> Image {
    let width = BLOCK.min(image.width - left);
    let height = BLOCK.min(image.height - top);
    let mut rgba = Vec::with_capacity((width * height * 4) as usize);
    for y in top..top + height {
        let start = (y as usize * image.width as usize + left as usize) * 4;
        rgba.extend_from_slice(&image.rgba[start..start + width as usize * 4]);
    }
    Image {
        width,
        height,
        rgba,
    }
}

/// Three bytes a pixel, laid over a grey background when there is alpha.
fn flatten(image: &Image, background: Option<u8>) -> Vec<u8> {
    match background {
        None => image.rgb(),
        Some(under) => image
            .rgba
            .chunks_exact(4)
            .flat_map(|pixel| {
                let alpha = u32::from(pixel[3]);
                let over = |c: u8| {
                    ((u32::from(c) * alpha + u32::from(under) * (255 - alpha) + 127) / 255) as u8
                };
                [over(pixel[0]), over(pixel[1]), over(pixel[2])]
            })
            .collect(),
    }
}

fn slice(rgb: &[u8], width: u32, height: u32) -> Result<PixelSlice<'_>> {
    PixelSlice::new(
        rgb,
        width,
        height,
        width as usize * 3,
        PixelDescriptor::RGB8_SRGB,
    )
    .map_err(|error| Error::internal(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> Image {
        let mut image = Image::transparent(width, height);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % width, at as u32 / width);
            pixel.copy_from_slice(&[(x * 255 / width) as u8, (y * 255 / height) as u8, 128, 255]);
        }
        image
    }

    #[test]
    fn identical_pictures_score_100() {
        for (width, height) in [(1, 1), (3, 5), (8, 8), (300, 200)] {
            let image = gradient(width, height);
            let score = Reference::new(&image).unwrap().score(&image).unwrap();
            assert_eq!(score, Score::IDENTICAL, "{width}×{height}");
        }
    }

    #[test]
    fn a_change_that_shows_only_on_black_counts() {
        let mut original = gradient(64, 64);
        for pixel in original.rgba.chunks_exact_mut(4) {
            pixel.copy_from_slice(&[255, 255, 255, 128]);
        }
        let mut opaque = original.clone();
        for pixel in opaque.rgba.chunks_exact_mut(4).take(64 * 32) {
            pixel[3] = 255;
        }
        let score = Reference::new(&original).unwrap().score(&opaque).unwrap();
        assert!(score < Score(60.0), "{score:?}");
    }

    #[test]
    fn local_damage_is_found_in_a_large_picture() {
        let mut original = gradient(1024, 1024);
        let mut noise = 1u32;
        for pixel in original.rgba.chunks_exact_mut(4) {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            pixel[0] = pixel[0] / 2 + (noise >> 26) as u8;
            pixel[1] = pixel[1] / 2 + (noise >> 27) as u8;
        }
        let mut damaged = original.clone();
        for y in 500..560 {
            for x in 500..560 {
                damaged.rgba[(y * 1024 + x) * 4 + 1] ^= 16;
            }
        }
        let whole = Reference::new(&original).unwrap().score(&damaged).unwrap();
        let worst = worst_block(&original, &damaged).unwrap();
        assert!(worst.0 < whole.0 - 10.0, "whole {whole:?}, worst {worst:?}");
        assert_eq!(worst_block(&original, &original).unwrap(), Score::IDENTICAL);
    }

    #[test]
    fn another_size_is_refused() {
        let reference = Reference::new(&gradient(20, 10)).unwrap();
        assert!(reference.score(&gradient(10, 20)).is_err());
    }
}
