//! What became of a picture, seen by decoders that none of the tools uses.

use std::cell::RefCell;

use anyhow::{Context, Result, ensure};
use whittle_core::Format;

use super::corpus::Picture;
use super::tools::Promise;
use crate::decode::colour::Colour;
use crate::decode::score::Judge;
use crate::decode::{self, Frame, compare, svg};
use crate::promises::VISIBLE_SHARE;

/// Pixels of an animation that are scored for each result; of longer ones, frames at even distances.
const SCORED_PIXELS: f64 = 64e6;
/// As many in a quick run.
const SCORED_PIXELS_QUICK: f64 = 6e6;

/// Side of the blocks of a still picture, in pixels.
const BLOCK: u32 = 128;

/// How large drawings are compared: in their own size and four times as large, within these sides.
const DRAWN: (f32, f32) = (16.0, 2048.0);

/// An original, prepared to be compared with many results.
pub struct Original<'a> {
    picture: &'a Picture,
    frames: usize,
    alpha: bool,
    /// Every so many frames of an animation are scored.
    stride: usize,
    /// The first frame with its colours, and the scorer that knows it.
    still: Option<(Frame, Colour, Judge)>,
    /// The scorers of an animation's frames, kept while they are the same for the next result.
    film: RefCell<Vec<Option<Judge>>>,
}

/// What the judge found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// 100 when nothing visible changed; `None` when it cannot be told.
    pub score: Option<f64>,
    /// Of the worst block, or frame.
    pub worst: Option<f64>,
    /// Why the result does not count.
    pub problem: Option<String>,
}

impl<'a> Original<'a> {
    /// Decodes it. What cannot be decoded is never scored: results of it have a problem, unless they are the same file.
    pub fn new(picture: &'a Picture, quick: bool) -> Original<'a> {
        let mut original = Original {
            picture,
            frames: 1,
            alpha: false,
            stride: 1,
            still: None,
            film: RefCell::default(),
        };
        if let Ok(raster) = decode::open(picture.format, &picture.bytes) {
            let (width, colour) = (raster.width, raster.colour.clone());
            let mut first = None;
            original.frames = 0;
            for frame in raster.frames.map_while(Result::ok) {
                let translucent = frame.rgba.chunks_exact(4).any(|pixel| pixel[3] < 255);
                original.alpha |= translucent;
                original.frames += 1;
                first.get_or_insert(frame);
            }
            let pixels = if quick {
                SCORED_PIXELS_QUICK
            } else {
                SCORED_PIXELS
            };
            let scored = (pixels / picture.pixels()).max(1.0) as usize;
            original.stride = original.frames.div_ceil(scored).max(1);
            if let Some(frame) = first.filter(|_| original.frames == 1) {
                let judge = Judge::new(&shown(&colour, &frame), width);
                original.still = Some((frame, colour, judge));
            }
        }
        original
    }

    /// How many there are.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Whether a pixel of any frame is not opaque.
    pub fn alpha(&self) -> bool {
        self.alpha
    }

    /// Compares a result with it.
    pub fn judge(&self, result: &[u8], promise: Promise) -> Verdict {
        // What was left as it is, is the same, be it that the judge cannot read it.
        if result == self.picture.bytes && self.picture.format != Format::Svg {
            return Verdict {
                score: Some(100.0),
                worst: Some(100.0),
                problem: None,
            };
        }
        let judged = match (self.picture.format, &self.still) {
            (Format::Svg, _) => drawing(&self.picture.bytes, result),
            (_, Some(still)) => self.still(still, result, promise),
            (_, None) => self.film(result, promise),
        };
        judged.unwrap_or_else(|error| Verdict {
            problem: Some(format!("{error:#}")),
            ..Verdict::default()
        })
    }

    fn still(
        &self,
        (frame, colour, judge): &(Frame, Colour, Judge),
        result: &[u8],
        promise: Promise,
    ) -> Result<Verdict> {
        let mut raster = decode::open(self.picture.format, result).context("the result")?;
        ensure!(
            (raster.width, raster.height) == (self.picture.width, self.picture.height),
            "its size changed"
        );
        let made = raster.frames.next().context("a frame")??;
        ensure!(
            colour.same(&raster.colour),
            "its colours changed their meaning"
        );
        if compare::identical(frame, &made).is_ok() {
            return Ok(Verdict {
                score: Some(100.0),
                worst: Some(100.0),
                problem: None,
            });
        }
        ensure!(promise == Promise::Looks, "pixels changed");
        // Too small a picture has no score.
        let Ok((score, worst)) = judge.score_and_block(&shown(&raster.colour, &made), BLOCK) else {
            return Ok(Verdict::default());
        };
        Ok(Verdict {
            score: Some(score),
            worst: Some(worst),
            problem: None,
        })
    }

    fn film(&self, result: &[u8], promise: Promise) -> Result<Verdict> {
        let format = self.picture.format;
        let original = decode::open(format, &self.picture.bytes).context("the original")?;
        let result = decode::open(format, result).context("the result")?;
        let width = original.width;
        let colours = (original.colour.clone(), result.colour.clone());
        ensure!(
            colours.0.same(&colours.1),
            "its colours changed their meaning"
        );
        let (mut scores, mut changed) = (Vec::new(), false);
        let mut film = self.film.borrow_mut();
        compare::in_step(original, result, |index, a, b| {
            let same = compare::identical(a, b);
            if promise == Promise::Same {
                return same;
            }
            changed |= same.is_err();
            if index % self.stride != 0 {
                return Ok(());
            }
            let at = index / self.stride;
            if film.len() <= at {
                film.resize_with(at + 1, || None);
            }
            if same.is_ok() {
                scores.push(100.0);
                return Ok(());
            }
            // Scorers of large films would not fit into memory.
            let fits = self.picture.pixels() * ((self.frames / self.stride) as f64) < 4e6;
            let score = match &film[at] {
                Some(judge) => judge.score(&shown(&colours.1, b)),
                None => {
                    let judge = Judge::new(&shown(&colours.0, a), width);
                    let score = judge.score(&shown(&colours.1, b));
                    if fits {
                        film[at] = Some(judge);
                    }
                    score
                }
            };
            // Too small a frame has no score.
            scores.extend(score);
            Ok(())
        })?;
        if !changed {
            return Ok(Verdict {
                score: Some(100.0),
                worst: Some(100.0),
                problem: None,
            });
        }
        let all: f64 = scores.iter().sum();
        let mean = (!scores.is_empty()).then_some(all / scores.len() as f64);
        Ok(Verdict {
            // Frames changed, be it that none of the scored ones did.
            score: mean.map(|mean| mean.min(99.999)),
            worst: scores.into_iter().reduce(f64::min),
            problem: None,
        })
    }
}

/// What a viewer shows: where a profile is unusable, it takes the numbers for sRGB.
fn shown(colour: &Colour, frame: &Frame) -> Vec<u8> {
    colour.to_srgb(frame).unwrap_or_else(|_| frame.rgba.clone())
}

/// The acceptance rule for drawings: hardly a pixel visibly off, in its own size and four times as
/// large. The score is the lower of the two.
fn drawing(before: &[u8], after: &[u8]) -> Result<Verdict> {
    let before = svg::text(before).context("the original")?;
    let after = svg::text(after).context("the result")?;
    let (width, height) = svg::size(&before)?;
    let mut lowest = 100.0f64;
    for scale in [1.0, 4.0] {
        let side = |side: f32| (side * scale).round().clamp(DRAWN.0, DRAWN.1) as u32;
        let (width, height) = (side(width), side(height));
        let a = svg::drawn_within(&before, width, height)?;
        let b = svg::drawn_within(&after, width, height).context("the result")?;
        let share = svg::visible_difference(&a, &b);
        ensure!(
            share <= VISIBLE_SHARE,
            "{:.3} % of the pixels differ visibly at {scale}×",
            share * 100.0
        );
        lowest = lowest.min(decode::score::score(&a, &b, width)?);
    }
    Ok(Verdict {
        score: Some(lowest),
        worst: None,
        problem: None,
    })
}
