//! SSIMULACRA2 of what is shown, kept up to date while an animation plays.
//!
//! The score is made of sums of errors over pixels, and an error depends on a few pixels around it.
//! So only the surroundings of what changed are measured anew: for a small change in a large picture
//! that is a thousandth of the work.

mod bands;
mod scale;
mod tones;

use self::scale::{Scale, View, halve, halve_canvas, halved, halved_around, tile};
use self::tones::{Tone, Tones};
use super::geometry::{Canvas, Rect};
use crate::Result;
use crate::colour::ToSrgb;
use crate::score::Reference;
use crate::score::ssimulacra2::norms::{self, SCALES};

/// A scale is made from one whose sides are no smaller than this.
const SMALLEST: u32 = 8;

/// Side of the blocks that are judged alone, in pixels of the picture.
const BLOCK: u32 = 128;

/// Judges what is shown against what should be.
pub(super) struct Judge<'a> {
    tones: Tones<'a>,
    /// One for each background that may show through.
    grounds: Vec<Ground>,
    /// For pictures too small to be judged in parts: how good the whole is.
    small: Option<f64>,
}

/// The picture over one background.
struct Ground {
    under: Tone,
    scales: Vec<Scale>,
}

impl<'a> Judge<'a> {
    /// Of pictures of this size. `holes` says whether any of them is transparent anywhere: then it is
    /// judged over white and over black, and the worse score counts.
    pub fn new(canvas: Rect, holes: bool, looks: &'a ToSrgb) -> Judge<'a> {
        let mut sizes = vec![canvas];
        while let Some(size) = sizes.last()
            && sizes.len() < SCALES
            && size.width.min(size.height) >= SMALLEST
        {
            sizes.push(halved(*size));
        }
        let small = canvas.width.min(canvas.height) < SMALLEST;
        let tones = Tones::new(looks);
        let grounds: &[u32] = if small {
            &[]
        } else if holes {
            &[0xffff_ffff, 0xff00_0000]
        } else {
            &[0xffff_ffff]
        };
        let grounds = grounds
            .iter()
            .map(|&ground| Ground {
                under: tones.of_srgb(ground),
                scales: (0..sizes.len())
                    .map(|scale| Scale::new(scale, &sizes))
                    .collect(),
            })
            .collect();
        Judge {
            tones,
            grounds,
            small: small.then_some(100.0),
        }
    }

    /// Takes note that either picture may have changed within a rectangle.
    pub fn update(&mut self, dirty: Rect, original: &Canvas, shown: &Canvas) -> Result<()> {
        if dirty.is_empty() {
            return Ok(());
        }
        if self.small.is_some() {
            let looks = self.tones.looks;
            let reference = Reference::new(&looks.apply(&original.image()))?;
            self.small = Some(reference.score(&looks.apply(&shown.image()))?.0);
            return Ok(());
        }
        for ground in &mut self.grounds {
            ground.update(dirty, [original, shown], &mut self.tones);
        }
        Ok(())
    }

    /// The score of the whole picture.
    pub fn score(&self) -> f64 {
        self.small.unwrap_or_else(|| {
            self.grounds
                .iter()
                .map(|ground| ground.score(ground.scales[0].size))
                .fold(100.0, f64::min)
        })
    }

    /// The score of the worst block that a rectangle touches, as if it were a picture of its own.
    pub fn worst_block(&self, within: Rect) -> f64 {
        let mut worst = self.small.unwrap_or(100.0);
        for ground in &self.grounds {
            let size = ground.scales[0].size;
            for top in (within.top / BLOCK * BLOCK..within.bottom()).step_by(BLOCK as usize) {
                for left in (within.left / BLOCK * BLOCK..within.right()).step_by(BLOCK as usize) {
                    let block = Rect::new(left, top, BLOCK, BLOCK).within(size);
                    worst = worst.min(ground.score(block));
                }
            }
        }
        worst
    }
}

impl Ground {
    fn update(&mut self, dirty: Rect, canvases: [&Canvas; 2], tones: &mut Tones) {
        let mut dirty = dirty;
        for scale in 0..self.scales.len() {
            if scale > 0 {
                dirty = halved_around(dirty).within(self.scales[scale].size);
                let (finer, coarser) = self.scales.split_at_mut(scale);
                for (picture, canvas) in canvases.iter().enumerate() {
                    let light = &mut coarser[0].light[picture];
                    match finer {
                        [_] => halve_canvas(canvas, dirty, tones, &self.under, light),
                        [.., finer] => halve(
                            &finer.light[picture],
                            finer.size,
                            dirty,
                            coarser[0].size,
                            light,
                        ),
                        [] => {}
                    }
                }
            }
            let mut view = View {
                canvases,
                tones,
                under: self.under,
            };
            self.scales[scale].measure(scale, dirty, &mut view);
        }
    }

    /// The score of a part made of whole tiles.
    fn score(&self, part: Rect) -> f64 {
        let mut part = part;
        let mut scales = Vec::with_capacity(self.scales.len());
        for (index, scale) in self.scales.iter().enumerate() {
            if index > 0 {
                part = halved_around(part);
            }
            let tile = tile(index);
            let mut sums = norms::Scale {
                pixels: part.area() as f64,
                ..Default::default()
            };
            for y in part.top / tile..part.bottom().div_ceil(tile) {
                for x in part.left / tile..part.right().div_ceil(tile) {
                    let errors = &scale.tiles[(y * scale.across + x) as usize];
                    for (sum, errors) in sums.channels.iter_mut().zip(errors) {
                        sum.add(errors);
                    }
                }
            }
            scales.push(sums);
        }
        norms::score(&scales)
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{CLEAR, opaque, rgb};
    use super::*;

    fn canvas(width: u32, height: u32, colour: impl Fn(u32, u32) -> u32) -> Canvas {
        let mut canvas = Canvas::clear(width, height);
        for y in 0..height {
            for x in 0..width {
                canvas.pixels[(y * width + x) as usize] = colour(x, y);
            }
        }
        canvas
    }

    fn textured(width: u32, height: u32, seed: u32) -> Canvas {
        canvas(width, height, |x, y| {
            let grain = (x * 31 + y * 17 + seed * 7).wrapping_mul(2_654_435_769) >> 28;
            let wave = ((x as f32 / 9.0).sin() + (y as f32 / 13.0).cos()) * 50.0 + 110.0;
            opaque([
                wave as u8,
                (wave * 0.8) as u8 + grain as u8,
                200 - wave as u8 / 2,
            ])
        })
    }

    fn whole(a: &Canvas, b: &Canvas) -> f64 {
        Reference::new(&a.image())
            .unwrap()
            .score(&b.image())
            .unwrap()
            .0
    }

    /// What others say of two opaque pictures.
    fn oracle(a: &Canvas, b: &Canvas) -> f64 {
        let rgb =
            |canvas: &Canvas| -> Vec<u8> { canvas.pixels.iter().flat_map(|&p| rgb(p)).collect() };
        let (a, b, width) = (rgb(a), rgb(b), a.rect().width as usize);
        let slice = |rgb| {
            let height = a.len() / 3 / width;
            let descriptor = fast_ssim2::PixelDescriptor::RGB8_SRGB;
            fast_ssim2::PixelSlice::new(rgb, width as u32, height as u32, width * 3, descriptor)
                .unwrap()
        };
        fast_ssim2::compute_ssimulacra2(&slice(&a), &slice(&b)).unwrap()
    }

    /// The reference's rounding makes itself felt where nearly nothing is wrong.
    const NEAR: f64 = 0.5;

    #[test]
    fn it_agrees_with_the_score_of_the_whole() {
        for (width, height) in [(5, 9), (8, 8), (61, 40), (200, 130), (300, 280)] {
            let a = textured(width, height, 1);
            for flaw in [4, 20, 60] {
                let b = canvas(width, height, |x, y| {
                    let [r, g, b] = rgb(a.pixels[(y * width + x) as usize]);
                    let off = ((x * y) % 5 * flaw / 5) as u8;
                    opaque([r.saturating_add(off), g.saturating_sub(off / 2), b])
                });
                let mut judge = Judge::new(a.rect(), false, &ToSrgb::Same);
                judge.update(a.rect(), &a, &b).unwrap();
                let (found, expected) = (judge.score(), oracle(&a, &b));
                assert!(
                    (found - expected).abs() < NEAR,
                    "{width}×{height}, {flaw}: {found}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let (mut a, mut b) = (textured(150, 140, 1), textured(150, 140, 1));
        let mut judge = Judge::new(a.rect(), true, &ToSrgb::Same);
        judge.update(a.rect(), &a, &b).unwrap();
        assert_eq!(judge.score(), 100.0);
        for (step, dirty) in [
            Rect::new(0, 0, 3, 2),
            Rect::new(60, 50, 40, 30),
            Rect::new(140, 139, 10, 1),
        ]
        .into_iter()
        .enumerate()
        {
            for y in dirty.top..dirty.bottom() {
                for x in dirty.left..dirty.right() {
                    let at = (y * 150 + x) as usize;
                    let hole = x % 7 == 0;
                    let colour = |off| opaque([x as u8, y as u8 + off, 40 * step as u8]);
                    a.pixels[at] = if hole { CLEAR } else { colour(0) };
                    b.pixels[at] = if hole { CLEAR } else { colour(9) };
                }
            }
            judge.update(dirty, &a, &b).unwrap();
            let mut anew = Judge::new(a.rect(), true, &ToSrgb::Same);
            anew.update(a.rect(), &a, &b).unwrap();
            assert!((judge.score() - anew.score()).abs() < 1e-3);
            assert!(
                (judge.score() - whole(&a, &b)).abs() < NEAR,
                "{} {}",
                judge.score(),
                whole(&a, &b)
            );
            assert!(judge.worst_block(a.rect()) < judge.score() + 1.0);
        }
    }
}
