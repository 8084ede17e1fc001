//! A small picture that stands for a large one.

use crate::pixels::Opaque;

/// Tiles from all over a picture.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// Their side, in pixels: whole groups of blocks at half colour resolution.
    side: u32,
    across: u32,
    down: u32,
}

impl Tiles {
    /// Few enough to try several settings on.
    const FEW: Tiles = Tiles {
        side: 96,
        across: 5,
        down: 4,
    };

    /// An eighth of a picture of so many pixels.
    fn many(width: u32, height: u32) -> Tiles {
        const SIDE: u32 = 192;
        let count = |side: u32| (f64::from(side) / f64::from(SIDE) / 8f64.sqrt()) as u32;
        Tiles {
            side: SIDE,
            across: count(width),
            down: count(height),
        }
    }

    fn size(self) -> (u32, u32) {
        (self.side * self.across, self.side * self.down)
    }

    /// These tiles side by side.
    ///
    /// The seams are in the original and in the result alike, so they hardly touch a score.
    fn cut(self, image: &Opaque) -> Opaque {
        let Tiles { side, across, down } = self;
        let (width, height) = self.size();
        let mut sample = Opaque::black(width, height);
        let line = width as usize * 3;
        for tile_row in 0..down {
            for tile in 0..across {
                // In the middle of equal parts, on the grid of blocks.
                let place = |n: u32, count: u32, size: u32| {
                    ((2 * n + 1) * size / (2 * count))
                        .saturating_sub(side / 2)
                        .min(size - side)
                        / 16
                        * 16
                };
                let left = place(tile, across, image.width) as usize;
                let top = place(tile_row, down, image.height) as usize;
                let bytes = side as usize * 3;
                for y in 0..side as usize {
                    let from = ((top + y) * image.width as usize + left) * 3;
                    let to = ((tile_row * side) as usize + y) * line + tile as usize * bytes;
                    sample.rgb[to..to + bytes].copy_from_slice(&image.rgb[from..from + bytes]);
                }
            }
        }
        sample
    }
}

/// A small picture that stands for a large one; `None` for a picture that is hardly larger itself.
pub(super) fn sampled(image: &Opaque) -> Option<Opaque> {
    let (width, height) = Tiles::FEW.size();
    if u64::from(image.width) * u64::from(image.height) < u64::from(width * height) * 2
        || image.width < width
        || image.height < height
    {
        return None;
    }
    Some(Tiles::FEW.cut(image))
}

/// An eighth of a large picture, which tells more; `None` for a picture that is not large.
pub(super) fn sampled_well(image: &Opaque) -> Option<Opaque> {
    /// Below this, [`sampled`] is an eighth already.
    const LARGE: u64 = 1_500_000;
    let tiles = Tiles::many(image.width, image.height);
    let large = u64::from(image.width) * u64::from(image.height) >= LARGE;
    (large && tiles.across > 0 && tiles.down > 0).then(|| tiles.cut(image))
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
        assert_eq!((sample.width, sample.height), (480, 384));
        let first = &sample.rgb[..3];
        let last = &sample.rgb[sample.rgb.len() - 3..];
        assert!(first[0] < 40 && last[0] > 200, "{first:?} {last:?}");
        assert!(first[1] < 20 && last[1] > 90, "{first:?} {last:?}");
        assert!(sampled(&Opaque::black(500, 500)).is_none());
        assert!(sampled(&Opaque::black(20_000, 90)).is_none());
        let larger = sampled_well(&image).unwrap();
        assert_eq!((larger.width, larger.height), (192 * 3, 192));
        assert!(sampled_well(&Opaque::black(20_000, 90)).is_none());
        assert!(sampled_well(&Opaque::black(1000, 1000)).is_none());
    }
}
