//! How far two pictures of a drawing are apart.

use resvg::tiny_skia::Pixmap;

/// The picture at most about `side` pixels large, by averaging whole squares of pixels.
pub(super) fn shrunk(pixmap: &Pixmap, side: u32) -> Pixmap {
    let factor = pixmap.width().max(pixmap.height()).div_ceil(side);
    let (width, height) = (pixmap.width() / factor, pixmap.height() / factor);
    let (Some(mut small), true) = (Pixmap::new(width.max(1), height.max(1)), factor > 1) else {
        return pixmap.clone();
    };
    if width == 0 || height == 0 {
        return pixmap.clone();
    }
    let stride = pixmap.width() as usize * 4;
    let count = factor * factor;
    let data = pixmap.data();
    for (index, out) in small.data_mut().chunks_exact_mut(4).enumerate() {
        let left = (index as u32 % width * factor) as usize * 4;
        let top = (index as u32 / width * factor) as usize;
        let mut sums = [0u32; 4];
        for row in top..top + factor as usize {
            let start = row * stride + left;
            for pixel in data[start..start + factor as usize * 4].chunks_exact(4) {
                for (sum, channel) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*channel);
                }
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = ((sum + count / 2) / count) as u8;
        }
    }
    small
}

/// How two pictures of one size differ, over white and over nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// The largest of a channel, of 255.
    pub most: u8,
    /// The part of all pixels that is off by more than [`VISIBLE`].
    pub share: f64,
    /// Whether such pixels lie so thick that more than an edge has changed.
    pub lump: bool,
}

/// A difference in a channel that may be seen.
pub(super) const VISIBLE: u8 = 32;

/// Compares two pictures; a channel that is off by more than `visible` is seen.
pub(super) fn difference(a: &Pixmap, b: &Pixmap, visible: u8) -> Option<Difference> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let mut most = 0;
    let off: Vec<bool> = a
        .pixels()
        .iter()
        .zip(b.pixels())
        .map(|(a, b)| {
            // Most are, and comparing costs as much as drawing.
            if a == b {
                return false;
            }
            let channels = |pixel: &resvg::tiny_skia::PremultipliedColorU8| {
                [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()].map(i16::from)
            };
            let (a, b) = (channels(a), channels(b));
            let over_white = |pixel: [i16; 4], channel: usize| pixel[channel] + 255 - pixel[3];
            let apart = (0..4)
                .map(|channel| (a[channel] - b[channel]).abs())
                .chain((0..3).map(|c| (over_white(a, c) - over_white(b, c)).abs()))
                .max()
                .unwrap_or(0)
                .min(255) as u8;
            most = apart.max(most);
            apart > visible
        })
        .collect();
    let count = off.iter().filter(|off| **off).count();
    Some(Difference {
        most,
        share: count as f64 / off.len() as f64,
        lump: count >= 9 && has_lump(&off, a.width() as usize),
    })
}

/// Whether somewhere three by three pixels are all off.
fn has_lump(off: &[bool], width: usize) -> bool {
    let mut rows = off.chunks_exact(width);
    let (Some(mut first), Some(mut second)) = (rows.next(), rows.next()) else {
        return false;
    };
    for third in rows {
        let mut run = 0;
        for column in 0..width {
            run = if first[column] && second[column] && third[column] {
                run + 1
            } else {
                0
            };
            if run == 3 {
                return true;
            }
        }
        (first, second) = (second, third);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::render::Drawing;
    use super::*;

    fn drawn(inner: &str, side: u32) -> Pixmap {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'>{inner}</svg>"
        );
        Drawing::of(&svg).unwrap().render(side, side).unwrap()
    }

    #[test]
    fn differences_are_measured() {
        let empty = drawn("", 100);
        let none = difference(&empty, &empty, VISIBLE).unwrap();
        assert_eq!(none, Difference::default());

        // White on nothing shows on nothing.
        let white = difference(
            &empty,
            &drawn("<path fill='#fff' d='M0 0h10v10H0z'/>", 100),
            VISIBLE,
        )
        .unwrap();
        assert_eq!((white.most, white.share, white.lump), (255, 0.01, true));

        // A line is off, but not thick; a small square is.
        let line = difference(&empty, &drawn("<path d='M0 10h100v2H0z'/>", 100), VISIBLE).unwrap();
        assert!(!line.lump && line.share == 0.02);
        let dot = difference(&empty, &drawn("<path d='M97 97h3v3h-3z'/>", 100), VISIBLE).unwrap();
        assert!(dot.lump && dot.share == 0.0009);

        assert_eq!(difference(&empty, &drawn("", 99), VISIBLE), None);
    }

    #[test]
    fn pictures_shrink_by_averaging() {
        let picture = drawn("<path d='M0 0h50v100H0z'/>", 100);
        let small = shrunk(&picture, 30);
        assert_eq!((small.width(), small.height()), (25, 25));
        let alphas: Vec<u8> = small.pixels()[..25]
            .iter()
            .map(|pixel| pixel.alpha())
            .collect();
        assert_eq!(alphas[..12], [255; 12]);
        assert_eq!((alphas[12], alphas[13]), (128, 0));
        assert_eq!(shrunk(&picture, 100), picture);
    }
}
