//! Fewer colours, as few as keep a score.

use whittle_core::Score;

use super::pack::{Packing, estimated, packed, packed_indices};
use crate::Result;
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::quantize::{Colours, Drawing, Palette, Quantized};
use crate::score::Reference;
use crate::search::lowest_reaching;

/// How far the worst block may lie below the target.
const BLOCK_ALLOWANCE: f64 = 12.0;

/// The score of a picture whose 16 bits were rounded to 8 and nothing else.
const ROUNDED: Score = Score(99.9);

/// Drawings that compete. Full diffusion costs 12 points of score; none bands.
const DRAWINGS: [Drawing; 2] = [
    Drawing {
        dither: 0.0,
        repeat: 0.5,
    },
    Drawing {
        dither: 0.5,
        repeat: 0.5,
    },
];

/// From so many colours on, more of them drawn with more repetitions are tried.
const MANY: usize = 96;

/// The most repetition that is tried, in quarters of a step of brightness.
const QUARTERS: u32 = 16;

/// A chunk of a PNG: name and data.
pub(super) type OwnedChunk = ([u8; 4], Vec<u8>);

/// A still picture to be reduced to few colours.
pub(super) struct Reduction<'a> {
    pub image: &'a Image,
    pub to_srgb: ToSrgb,
    /// The original has 16 bits a channel, so that 8 are a reduction too.
    pub sixteen: bool,
    pub chunks: &'a [OwnedChunk],
    pub packing: Packing<'a>,
}

/// A picture with its score and about how many bytes it takes.
type Found = (Quantized, Score, usize);

impl Reduction<'_> {
    /// The smallest file found that reaches the target, if any does.
    pub fn to_score(&self, target: Score) -> Result<Option<(Vec<u8>, Score)>> {
        let best = self.reduced(target)?;
        let (bytes, score) = match best {
            Some((few, score, _)) => (self.indexed(&few)?, score),
            None if self.sixteen => (self.unreduced()?, Score::IDENTICAL),
            None => return Ok(None),
        };
        // Rounding 16 bits to 8 is below what the score can see, but not identical.
        let rounded = self.sixteen && score > ROUNDED;
        Ok(Some((bytes, if rounded { ROUNDED } else { score })))
    }

    /// The file with all colours.
    pub fn unreduced(&self) -> Result<Vec<u8>> {
        Ok(packed(self.image, self.packing)?.file(self.chunks))
    }

    fn indexed(&self, few: &Quantized) -> Result<Vec<u8>> {
        let (width, height) = (self.image.width, self.image.height);
        Ok(packed_indices(width, height, few, self.packing)?.file(self.chunks))
    }

    fn reduced(&self, target: Score) -> Result<Option<Found>> {
        // A palette of colours would not fit a profile for greys.
        if self.packing.space == super::Space::Greys {
            return Ok(None);
        }
        let original = self.to_srgb.shown(self.image);
        let sight = Sight {
            reference: Reference::of(&*original),
            target,
        };
        let colours = Colours::of(self.image);
        let mut best: Option<Found> = None;
        for drawing in DRAWINGS {
            // The most colours first: where these do not reach the target, nothing does.
            let found = lowest_reaching((2, 256), 256, target, |count| {
                let few = self.drawn(&colours, count as usize, drawing)?;
                let score = sight.score(self, &few)?;
                Ok((count < 256 || score >= target).then_some((few, score)))
            })?;
            let Some(found) = found else {
                continue;
            };
            let many = found.made.palette.len() >= MANY;
            best = smaller(best, found.made, found.score)?;
            if many {
                // Repetitions of the whole palette cost photographs less than fewer colours.
                let palette = Palette::new(&colours, 256);
                let found = lowest_reaching((0, QUARTERS - 3), QUARTERS / 2, target, |strict| {
                    self.packing.cancel.check()?;
                    let repeat = (QUARTERS - strict) as f32 / 4.0;
                    let few = palette.draw(self.image, Drawing { repeat, ..drawing });
                    let score = sight.score(self, &few)?;
                    Ok(Some((few, score)))
                })?;
                if let Some(found) = found {
                    best = smaller(best, found.made, found.score)?;
                }
            }
        }
        Ok(best)
    }

    fn drawn(&self, colours: &Colours, count: usize, drawing: Drawing) -> Result<Quantized> {
        self.packing.cancel.check()?;
        Ok(Palette::new(colours, count).draw(self.image, drawing))
    }
}

fn smaller(best: Option<Found>, few: Quantized, score: Score) -> Result<Option<Found>> {
    let bytes = estimated(&few)?;
    Ok(match best {
        Some(best) if best.2 <= bytes => Some(best),
        _ => Some((few, score, bytes)),
    })
}

/// What drawings are judged by.
struct Sight<'a> {
    reference: Reference<'a>,
    target: Score,
}

impl Sight<'_> {
    /// The score; below the target as well where a block is far worse than the whole.
    fn score(&self, reduction: &Reduction<'_>, few: &Quantized) -> Result<Score> {
        reduction.packing.cancel.check()?;
        let image = reduction.image;
        let drawn = few.image(image.width, image.height);
        let shown = reduction.to_srgb.shown(&drawn);
        let floor = Score(self.target.0 - BLOCK_ALLOWANCE);
        let judged = self.reference.judge(&*shown, floor)?;
        let mut score = judged.score;
        // A mean hides local damage.
        if score >= self.target && judged.worst_block < floor {
            score = Score(self.target.0 - 1.0);
        }
        Ok(score)
    }
}
