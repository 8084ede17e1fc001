//! Rectangles and canvases of packed pixels.

use crate::pixels::Image;

/// A rectangle in canvas pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

impl Rect {
    pub fn new(left: u32, top: u32, width: u32, height: u32) -> Rect {
        Rect {
            left,
            top,
            width,
            height,
        }
    }

    pub fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    pub fn area(self) -> usize {
        self.width as usize * self.height as usize
    }

    pub fn right(self) -> u32 {
        self.left + self.width
    }

    pub fn bottom(self) -> u32 {
        self.top + self.height
    }

    /// The smallest rectangle around both.
    pub fn around(self, other: Rect) -> Rect {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        Rect::new(
            left,
            top,
            self.right().max(other.right()) - left,
            self.bottom().max(other.bottom()) - top,
        )
    }

    /// The part that lies within the other; empty when they are apart.
    pub fn within(self, other: Rect) -> Rect {
        let (left, top) = (self.left.max(other.left), self.top.max(other.top));
        let (right, bottom) = (
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        );
        if left >= right || top >= bottom {
            return Rect::default();
        }
        Rect::new(left, top, right - left, bottom - top)
    }
}

/// Pixels as one word each: red in the lowest byte, then green, blue and alpha. GIF knows only
/// fully opaque pixels and [`CLEAR`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Canvas {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<u32>,
}

/// A fully transparent pixel.
pub(super) const CLEAR: u32 = 0;

/// An opaque pixel.
pub(super) fn opaque(rgb: [u8; 3]) -> u32 {
    u32::from_le_bytes([rgb[0], rgb[1], rgb[2], 255])
}

/// The colour of an opaque pixel.
pub(super) fn rgb(pixel: u32) -> [u8; 3] {
    let [r, g, b, _] = pixel.to_le_bytes();
    [r, g, b]
}

impl Canvas {
    /// A fully transparent canvas.
    pub fn clear(width: u32, height: u32) -> Canvas {
        Canvas {
            width,
            height,
            pixels: vec![CLEAR; width as usize * height as usize],
        }
    }

    pub fn rect(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// One row of a rectangle that lies on the canvas.
    pub fn row(&self, rect: Rect, y: u32) -> &[u32] {
        let start = (rect.top + y) as usize * self.width as usize + rect.left as usize;
        &self.pixels[start..start + rect.width as usize]
    }

    /// As [`Canvas::row`], for writing.
    pub fn row_mut(&mut self, rect: Rect, y: u32) -> &mut [u32] {
        let start = (rect.top + y) as usize * self.width as usize + rect.left as usize;
        &mut self.pixels[start..start + rect.width as usize]
    }

    /// The pixels of a rectangle, row by row.
    pub fn cut(&self, rect: Rect) -> Vec<u32> {
        let mut pixels = Vec::with_capacity(rect.area());
        for y in 0..rect.height {
            pixels.extend_from_slice(self.row(rect, y));
        }
        pixels
    }

    /// Puts back what [`Canvas::cut`] took.
    pub fn paste(&mut self, rect: Rect, pixels: &[u32]) {
        for (y, row) in (0..rect.height).zip(pixels.chunks_exact(rect.width.max(1) as usize)) {
            self.row_mut(rect, y).copy_from_slice(row);
        }
    }

    pub fn copy(&mut self, rect: Rect, other: &Canvas) {
        for y in 0..rect.height {
            self.row_mut(rect, y).copy_from_slice(other.row(rect, y));
        }
    }

    pub fn wipe(&mut self, rect: Rect) {
        for y in 0..rect.height {
            self.row_mut(rect, y).fill(CLEAR);
        }
    }

    /// Whether both are equal within a rectangle.
    pub fn same_within(&self, rect: Rect, other: &Canvas) -> bool {
        (0..rect.height).all(|y| self.row(rect, y) == other.row(rect, y))
    }

    /// The smallest rectangle around the pixels of `rect` for which the two pixels pass the test.
    pub fn bounds(&self, rect: Rect, other: &Canvas, test: impl Fn(u32, u32) -> bool) -> Rect {
        let mut bounds = Rect::default();
        for y in 0..rect.height {
            let pairs = || self.row(rect, y).iter().zip(other.row(rect, y));
            let Some(first) = pairs().position(|(&a, &b)| test(a, b)) else {
                continue;
            };
            let last = pairs().rposition(|(&a, &b)| test(a, b)).unwrap_or(first);
            bounds = bounds.around(Rect::new(
                rect.left + first as u32,
                rect.top + y,
                (last - first + 1) as u32,
                1,
            ));
        }
        bounds
    }

    /// The same picture for the scorer and the resizer.
    pub fn image(&self) -> Image {
        Image {
            width: self.width,
            height: self.height,
            rgba: self
                .pixels
                .iter()
                .flat_map(|pixel| pixel.to_le_bytes())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_join_and_meet() {
        let (a, b) = (Rect::new(1, 2, 3, 4), Rect::new(3, 1, 5, 2));
        assert_eq!(a.around(b), Rect::new(1, 1, 7, 5));
        assert_eq!(a.within(b), Rect::new(3, 2, 1, 1));
        assert!(a.within(Rect::new(4, 0, 9, 9)).is_empty());
        assert_eq!(Rect::default().around(b), b);
    }

    #[test]
    fn bounds_are_tight() {
        let plain = Canvas::clear(5, 4);
        let mut other = plain.clone();
        other.pixels[5 + 2] = opaque([1, 2, 3]);
        other.pixels[2 * 5 + 4] = opaque([1, 2, 3]);
        let bounds = plain.bounds(plain.rect(), &other, |a, b| a != b);
        assert_eq!(bounds, Rect::new(2, 1, 3, 2));
        assert!(
            plain
                .bounds(Rect::new(0, 0, 2, 4), &other, |a, b| a != b)
                .is_empty()
        );
    }
}
