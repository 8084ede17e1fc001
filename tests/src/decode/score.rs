//! SSIMULACRA2 of sRGB pixels.

use anyhow::{Result, anyhow};
use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};

/// The score of two pictures of this width, four bytes a pixel. With alpha it is the worse of the
/// scores over white and over black, because either may be what lies behind.
///
/// # Errors
/// When their sizes differ.
pub fn score(original: &[u8], result: &[u8], width: u32) -> Result<f64> {
    if original == result {
        return Ok(100.0);
    }
    let translucent = |rgba: &[u8]| rgba.chunks_exact(4).any(|pixel| pixel[3] < 255);
    let grounds: &[u8] = if translucent(original) || translucent(result) {
        &[255, 0]
    } else {
        &[255]
    };
    let mut worst = 100.0f64;
    for &ground in grounds {
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
