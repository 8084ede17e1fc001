//! A small picture that stands for a large one.

use crate::pixels::Opaque;

/// Side of the tiles, in pixels: whole groups of blocks at half colour resolution.
const TILE: u32 = 96;

/// Tiles across and down.
const ACROSS: u32 = 5;
const DOWN: u32 = 4;

/// Tiles from all over a picture, side by side; `None` for a picture that is hardly larger itself.
///
/// The seams are in the original and in the result alike, so they hardly touch a score.
pub(super) fn sampled(image: &Opaque) -> Option<Opaque> {
    let (width, height) = (TILE * ACROSS, TILE * DOWN);
    if u64::from(image.width) * u64::from(image.height) < u64::from(width * height) * 2
        || image.width < width
        || image.height < height
    {
        return None;
    }
    let mut sample = Opaque::black(width, height);
    let line = width as usize * 3;
    for tile_row in 0..DOWN {
        for tile in 0..ACROSS {
            // In the middle of equal parts, on the grid of blocks.
            let place = |n: u32, count: u32, size: u32| {
                ((2 * n + 1) * size / (2 * count))
                    .saturating_sub(TILE / 2)
                    .min(size - TILE)
                    / 16
                    * 16
            };
            let left = place(tile, ACROSS, image.width) as usize;
            let top = place(tile_row, DOWN, image.height) as usize;
            for y in 0..TILE as usize {
                let from = ((top + y) * image.width as usize + left) * 3;
                let to = (tile_row * TILE) as usize * line + y * line + (tile * TILE) as usize * 3;
                let bytes = TILE as usize * 3;
                sample.rgb[to..to + bytes].copy_from_slice(&image.rgb[from..from + bytes]);
            }
        }
    }
    Some(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_made_of_tiles_from_everywhere() {
        let mut image = Opaque::black(2000, 1001);
        for (at, pixel) in image.rgb.chunks_exact_mut(3).enumerate() {
            pixel.copy_from_slice(&[(at % 2000 / 8) as u8, (at / 2000 / 8) as u8, 0]);
        }
        let sample = sampled(&image).unwrap();
        assert_eq!((sample.width, sample.height), (TILE * ACROSS, TILE * DOWN));
        let first = &sample.rgb[..3];
        let last = &sample.rgb[sample.rgb.len() - 3..];
        assert!(first[0] < 40 && last[0] > 200, "{first:?} {last:?}");
        assert!(first[1] < 20 && last[1] > 90, "{first:?} {last:?}");
        assert!(sampled(&Opaque::black(500, 500)).is_none());
        assert!(sampled(&Opaque::black(20_000, 90)).is_none());
    }
}
