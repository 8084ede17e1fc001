//! SSIMULACRA2 of sRGB pixels.

use anyhow::{Result, anyhow};
use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Reference, compute_ssimulacra2};

/// An original that many results are compared with: what only depends on it is worked out once.
pub struct Judge {
    rgba: Vec<u8>,
    width: u32,
    /// One for each ground; fewer when the scorer refuses the picture.
    grounds: Vec<(u8, Ssimulacra2Reference)>,
    translucent: bool,
}

impl Judge {
    /// Prepares a picture of this width, four bytes a pixel.
    pub fn new(original: &[u8], width: u32) -> Judge {
        let translucent = translucent(original);
        let reference = |ground: u8| {
            let rgb = laid_over(original, ground);
            Some((
                ground,
                Ssimulacra2Reference::new(&slice(&rgb, width).ok()?).ok()?,
            ))
        };
        Judge {
            rgba: original.to_vec(),
            width,
            grounds: grounds(translucent)
                .iter()
                .copied()
                .filter_map(reference)
                .collect(),
            translucent,
        }
    }

    /// As [`score`] of the original and this.
    ///
    /// # Errors
    /// When their sizes differ.
    pub fn score(&self, result: &[u8]) -> Result<f64> {
        let prepared = self.grounds.len() == grounds(self.translucent).len();
        if !prepared || (translucent(result) && !self.translucent) {
            return score(&self.rgba, result, self.width);
        }
        if self.rgba == result {
            return Ok(100.0);
        }
        let mut worst = 100.0f64;
        for (ground, reference) in &self.grounds {
            let rgb = laid_over(result, *ground);
            let score = reference
                .compare(&slice(&rgb, self.width)?)
                .map_err(|error| anyhow!("{error}"))?;
            worst = worst.min(score);
        }
        Ok(worst)
    }

    /// The score of the whole, and as [`worst_block`].
    ///
    /// # Errors
    /// As [`score`].
    pub fn score_and_block(&self, result: &[u8], side: u32) -> Result<(f64, f64)> {
        let block = worst_block(&self.rgba, result, self.width, side)?;
        Ok((self.score(result)?, block))
    }
}

/// The score of two pictures of this width, four bytes a pixel. With alpha it is the worse of the
/// scores over white and over black, because either may be what lies behind.
///
/// # Errors
/// When their sizes differ.
pub fn score(original: &[u8], result: &[u8], width: u32) -> Result<f64> {
    if original == result {
        return Ok(100.0);
    }
    let mut worst = 100.0f64;
    for &ground in grounds(translucent(original) || translucent(result)) {
        let (a, b) = (laid_over(original, ground), laid_over(result, ground));
        let score = compute_ssimulacra2(&slice(&a, width)?, &slice(&b, width)?)
            .map_err(|error| anyhow!("{error}"))?;
        worst = worst.min(score);
    }
    Ok(worst)
}

/// The score of the worst of all blocks of this side; blocks at the far edges are moved inwards.
///
/// # Errors
/// As [`score`].
pub fn worst_block(original: &[u8], result: &[u8], width: u32, side: u32) -> Result<f64> {
    let height = (original.len() / 4) as u32 / width;
    let mut worst = 100.0f64;
    for top in (0..height).step_by(side as usize) {
        for left in (0..width).step_by(side as usize) {
            let (left, top) = (
                left.min(width.saturating_sub(side)),
                top.min(height.saturating_sub(side)),
            );
            let block = |rgba: &[u8]| -> Vec<u8> {
                (top..(top + side).min(height))
                    .flat_map(|y| {
                        let start = (y as usize * width as usize + left as usize) * 4;
                        rgba[start..start + side.min(width) as usize * 4].to_vec()
                    })
                    .collect()
            };
            worst = worst.min(score(&block(original), &block(result), side.min(width))?);
        }
    }
    Ok(worst)
}

fn translucent(rgba: &[u8]) -> bool {
    rgba.chunks_exact(4).any(|pixel| pixel[3] < 255)
}

/// What a picture is laid over, to be scored.
fn grounds(translucent: bool) -> &'static [u8] {
    if translucent { &[255, 0] } else { &[255] }
}

fn laid_over(rgba: &[u8], ground: u8) -> Vec<u8> {
    rgba.chunks_exact(4)
        .flat_map(|pixel| {
            let alpha = u32::from(pixel[3]);
            [pixel[0], pixel[1], pixel[2]].map(|c| {
                ((u32::from(c) * alpha + u32::from(ground) * (255 - alpha) + 127) / 255) as u8
            })
        })
        .collect()
}

fn slice(rgb: &[u8], width: u32) -> Result<PixelSlice<'_>> {
    let height = (rgb.len() / 3) as u32 / width;
    PixelSlice::new(
        rgb,
        width,
        height,
        width as usize * 3,
        PixelDescriptor::RGB8_SRGB,
    )
    .map_err(|error| anyhow!("{error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Picture;

    #[test]
    fn a_prepared_original_gives_the_same_scores() {
        let photo = Picture::photo(96, 64, 7);
        let sprite = Picture::sprite(96, 64);
        for original in [photo.rgba, sprite.rgba] {
            let judge = Judge::new(&original, 96);
            assert_eq!(judge.score(&original).unwrap(), 100.0);
            let coarse: Vec<u8> = original.iter().map(|&value| value & 0xf0).collect();
            let expected = score(&original, &coarse, 96).unwrap();
            assert!(expected < 95.0, "{expected}");
            assert!((judge.score(&coarse).unwrap() - expected).abs() < 1e-3);
        }
    }
}
