//! What is really on the screen, pixel by pixel.

use anyhow::Result;
use whittle_tests::window::{App, Desk, Element};

/// A picture of the page.
#[derive(Clone, PartialEq)]
pub struct Shot {
    pub width: usize,
    pub height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Shot {
    /// Asks `pixel` for every pixel.
    pub fn new(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Shot {
        let all = (0..width * height).map(|at| pixel(at % width, at / width));
        Shot {
            width,
            height,
            pixels: all.collect(),
        }
    }

    /// Draws the page.
    pub async fn of(desk: &Desk, app: &App<'_>) -> Result<Shot> {
        let file = desk.data().join("shot.png");
        app.screenshot(&file).await?;
        let drawn = lodepng::decode32_file(&file)?;
        Ok(Shot {
            width: drawn.width,
            height: drawn.height,
            pixels: drawn.buffer.iter().map(|p| [p.r, p.g, p.b]).collect(),
        })
    }

    /// The part of it that an element takes, without what lies at the edges; nothing while it has no room for more.
    pub async fn within(&self, element: &Element, margin: usize) -> Result<Option<Shot>> {
        let (x, y, width, height) = element.rectangle().await?;
        let (left, top) = (x.round() as usize + margin, y.round() as usize + margin);
        let right = ((x + width).round() as usize).min(self.width);
        let bottom = ((y + height).round() as usize).min(self.height);
        let (right, bottom) = (right.saturating_sub(margin), bottom.saturating_sub(margin));
        if right <= left || bottom <= top {
            return Ok(None);
        }
        let rows = (top..bottom).flat_map(|y| {
            let row = y * self.width;
            self.pixels[row + left..row + right].iter().copied()
        });
        Ok(Some(Shot {
            width: right - left,
            height: bottom - top,
            pixels: rows.collect(),
        }))
    }

    /// One pixel.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels[y * self.width + x]
    }

    /// The pixel in the middle.
    pub fn middle(&self) -> [u8; 3] {
        self.at(self.width / 2, self.height / 2)
    }

    /// All pixels.
    pub fn pixels(&self) -> impl Iterator<Item = [u8; 3]> {
        self.pixels.iter().copied()
    }

    /// How far two are apart, as a mean over all channels of all pixels: without end if they differ in size, as
    /// while the window takes another form.
    pub fn apart(&self, other: &Shot) -> f64 {
        if (self.width, self.height) != (other.width, other.height) {
            return f64::INFINITY;
        }
        let pairs = self.pixels().zip(other.pixels());
        let sum: u64 = pairs.map(|(a, b)| u64::from(distance(a, b))).sum();
        sum as f64 / (self.pixels.len() * 3) as f64
    }
}

/// How far two colours are apart, all channels together.
pub fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let channels = a.into_iter().zip(b);
    channels.map(|(a, b)| u32::from(a.abs_diff(b))).sum()
}
