//! An animation of pictures that were made here, kept packed, to be played again and again.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::geometry::{Canvas, Rect};
use super::play::Shown;
use crate::{Error, Result};

/// Leaves a pixel as it is.
const STAYS: u8 = 0;
/// The first index of a colour, which may be [`super::geometry::CLEAR`].
const FIRST: u8 = 1;
/// How many colours one step may bring.
pub(super) const COLOURS: usize = 255;

/// A sequence of changes to a canvas. Its size in memory is about that of the file it becomes.
pub(super) struct Made {
    width: u32,
    height: u32,
    steps: Vec<Step>,
}

struct Step {
    shown: Shown,
    palette: Vec<u32>,
    deflated: Vec<u8>,
}

impl Made {
    pub fn new(width: u32, height: u32) -> Made {
        Made {
            width,
            height,
            steps: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Appends what leads from one picture to the next; at most [`COLOURS`] may be new.
    pub fn push(&mut self, from: &Canvas, to: &Canvas, delay: u16, user_input: bool) -> Result<()> {
        let dirty = from.bounds(from.rect(), to, |a, b| a != b);
        let mut palette: Vec<u32> = Vec::new();
        let mut indices = Vec::with_capacity(dirty.area());
        for y in 0..dirty.height {
            for (&before, &after) in from.row(dirty, y).iter().zip(to.row(dirty, y)) {
                if before == after {
                    indices.push(STAYS);
                    continue;
                }
                let place = palette.iter().position(|&colour| colour == after);
                let place = place.unwrap_or_else(|| {
                    palette.push(after);
                    palette.len() - 1
                });
                if place >= COLOURS {
                    return Err(Error::internal("a made frame has too many colours"));
                }
                indices.push(place as u8 + FIRST);
            }
        }
        let mut deflater = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflater.write_all(&indices).map_err(Error::internal)?;
        self.steps.push(Step {
            shown: Shown {
                dirty,
                delay,
                user_input,
            },
            palette,
            deflated: deflater.finish().map_err(Error::internal)?,
        });
        Ok(())
    }

    pub fn play(&self) -> MadePlayer<'_> {
        MadePlayer {
            steps: self.steps.iter(),
            canvas: Canvas::clear(self.width, self.height),
        }
    }
}

/// Plays a [`Made`].
pub(super) struct MadePlayer<'a> {
    steps: std::slice::Iter<'a, Step>,
    canvas: Canvas,
}

impl MadePlayer<'_> {
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    pub fn next(&mut self) -> Result<Option<Shown>> {
        let Some(step) = self.steps.next() else {
            return Ok(None);
        };
        let rect: Rect = step.shown.dirty;
        let mut indices = vec![STAYS; rect.area()];
        DeflateDecoder::new(&step.deflated[..])
            .read_exact(&mut indices)
            .map_err(Error::internal)?;
        for (y, row) in (0..rect.height).zip(indices.chunks_exact(rect.width.max(1) as usize)) {
            for (pixel, &index) in self.canvas.row_mut(rect, y).iter_mut().zip(row) {
                if index != STAYS {
                    *pixel = step.palette[usize::from(index - FIRST)];
                }
            }
        }
        Ok(Some(step.shown))
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{CLEAR, opaque};
    use super::*;

    #[test]
    fn pictures_come_back() {
        let mut pictures = vec![Canvas::clear(3, 2); 4];
        pictures[1].pixels[4] = opaque([9, 8, 7]);
        pictures[2].pixels = (0..6).map(|n| opaque([n, 0, 0])).collect();
        pictures[3].pixels[0] = CLEAR;
        let mut made = Made::new(3, 2);
        let mut before = Canvas::clear(3, 2);
        for picture in &pictures {
            made.push(&before, picture, 7, false).unwrap();
            before = picture.clone();
        }
        let mut player = made.play();
        for picture in &pictures {
            assert_eq!(player.next().unwrap().unwrap().delay, 7);
            assert_eq!(player.canvas(), picture);
        }
        assert!(player.next().unwrap().is_none());
    }
}
