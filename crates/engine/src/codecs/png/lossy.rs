//! As few bytes as keep a score: fewer colours, or differences that are chosen to be cheap.

use std::borrow::Cow;

use whittle_core::Score;

use super::pack::{Channels, Packing, Rows, estimated, packed, packed_indices};
use crate::Result;
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::quantize::{Colours, Drawing, Palette, Quantized};
use crate::score::Reference;
use crate::search::{Aim, coarsest_reaching};

/// How far the worst block may lie below the target.
const BLOCK_ALLOWANCE: f64 = 12.0;

/// The score of a picture whose 16 bits were rounded to 8 and nothing else.
const ROUNDED: Score = Score(99.9);

/// Drawings that compete. Full diffusion costs 12 points of score; none bands.
const FLAT: Drawing = Drawing {
    dither: 0.0,
    repeat: 0.5,
};
const DITHERED: Drawing = Drawing {
    dither: 0.5,
    repeat: 0.5,
};

/// Points that dithering can add to a score; measured: up to 6.
const DITHER_ADDS: f64 = 6.0;

/// Points from which on dithering is worth its bytes.
const DITHER_PAYS: f64 = 1.0;

/// The most colours of a palette.
const ALL: f64 = 256.0;

/// From so many colours on, more of them drawn with more repetitions are tried.
const MANY: usize = 96;

/// No lossless file is smaller than this part of what a first look says; measured: from 0.53 on.
const LOSSLESS_AT_LEAST: f64 = 0.5;

/// A chunk of a PNG: name and data.
pub(super) type OwnedChunk = ([u8; 4], Vec<u8>);

/// A still picture to be reduced.
pub(super) struct Reduction<'a> {
    pub image: &'a Image,
    pub to_srgb: &'a ToSrgb,
    /// The original has 16 bits a channel, so that 8 are a reduction too.
    pub sixteen: bool,
    pub chunks: &'a [OwnedChunk],
    pub packing: Packing<'a>,
}

/// A file with its score.
pub(super) struct Reduced {
    pub bytes: Vec<u8>,
    pub score: Score,
    /// No lossless file of the picture is smaller than this.
    pub lossless_at_least: usize,
}

/// A picture drawn in few colours, with about how many bytes it takes.
struct Drawn {
    few: Quantized,
    drawing: Drawing,
    score: Score,
    bytes: usize,
}

impl Reduction<'_> {
    /// The smallest file found that reaches the target, if any does.
    pub fn to_score(&self, target: Score) -> Result<Option<Reduced>> {
        let channels = Channels::of(self.image, self.packing)?;
        let lossless_at_least = (channels.bytes() as f64 * LOSSLESS_AT_LEAST) as usize;
        let original = self.to_srgb.shown(self.image);
        let sight = Sight {
            reference: Reference::of(&*original),
            target,
        };
        // A palette of colours would not fit a profile for greys.
        let few = if self.packing.space == super::Space::Greys {
            None
        } else {
            self.few_colours(&sight)?
        };
        // Where a palette reaches the target it takes fewer bytes, except that greys are numbers
        // that filters suit as well as an order of a palette.
        let near =
            if few.is_none() || (channels.is_grey() && few.as_ref().is_some_and(Drawn::is_rich)) {
                self.near(&sight, &channels)?
            } else {
                None
            };
        let near = near.filter(|near| few.as_ref().is_none_or(|few| near.bytes < few.bytes));
        let (bytes, score) = match (near, few) {
            (Some(near), _) => {
                let score = near.score;
                (self.in_all_colours(&channels, near)?, score)
            }
            (None, Some(few)) => (self.indexed(&few.few)?, few.score),
            (None, None) if self.sixteen => (self.unreduced()?, Score::IDENTICAL),
            (None, None) => return Ok(None),
        };
        // Rounding 16 bits to 8 is below what the score can see, but not identical.
        let rounded = self.sixteen && score > ROUNDED;
        Ok(Some(Reduced {
            bytes,
            score: if rounded { ROUNDED } else { score },
            lossless_at_least,
        }))
    }

    /// The file with all colours.
    pub fn unreduced(&self) -> Result<Vec<u8>> {
        Ok(packed(Cow::Borrowed(self.image), self.packing)?.file(self.chunks))
    }

    fn indexed(&self, few: &Quantized) -> Result<Vec<u8>> {
        let (width, height) = (self.image.width, self.image.height);
        Ok(packed_indices(width, height, few, self.packing)?.file(self.chunks))
    }

    fn in_all_colours(&self, channels: &Channels, near: Approximation) -> Result<Vec<u8>> {
        let Approximation { loss, rows, .. } = near;
        let bytes = channels
            .packed(&rows, self.packing.cancel)?
            .file(self.chunks);
        // They take as much as the picture, which is made once more below.
        drop(rows);
        if !self.image.has_alpha() {
            return Ok(bytes);
        }
        // Without the channel for alpha, where a colour can stand for it, other filters may do better.
        let image = channels.approximated(self.image, loss, self.packing.cancel)?;
        let other = packed(Cow::Owned(image), self.packing)?.file(self.chunks);
        Ok(if other.len() < bytes.len() {
            other
        } else {
            bytes
        })
    }

    /// The picture in as few colours as reach the target.
    fn few_colours(&self, sight: &Sight<'_>) -> Result<Option<Drawn>> {
        let colours = Colours::of(self.image);
        let flat = self.fewest(sight, &colours, FLAT, None)?;
        let mut best = match flat {
            Fewest::Found(flat) => {
                // Where diffusion does not help at this number of colours, it does not at others.
                let count = flat.few.palette.len();
                let palette = Palette::new(&colours, count);
                let dithered = self.drawn(sight, &palette, DITHERED)?;
                if dithered.score.0 >= flat.score.0 + DITHER_PAYS {
                    match self.fewest(sight, &colours, DITHERED, Some((count, dithered.score)))? {
                        Fewest::Found(dithered) if dithered.bytes < flat.bytes => dithered,
                        _ => flat,
                    }
                } else {
                    flat
                }
            }
            Fewest::Above(score) if score.0 >= sight.target.0 - DITHER_ADDS => {
                match self.fewest(sight, &colours, DITHERED, None)? {
                    Fewest::Found(dithered) => dithered,
                    Fewest::Above(_) => return Ok(None),
                }
            }
            Fewest::Above(_) => return Ok(None),
        };
        if best.is_rich() {
            // Repetitions of the whole palette cost photographs less than fewer colours.
            let palette = Palette::new(&colours, ALL as usize);
            let drawing = best.drawing;
            let aim = Aim {
                bounds: (0.75, 4.0),
                guess: 1.5,
                slope: -5.0,
                target: sight.target,
                near: NEAR,
                tries: 3,
            };
            let found = coarsest_reaching(aim, |repeat| {
                let repeat = repeat as f32;
                let drawn = self.drawn(sight, &palette, Drawing { repeat, ..drawing })?;
                let score = drawn.score;
                Ok(Some((drawn, score)))
            })?;
            if let Some(found) = found
                && found.made.bytes < best.bytes
            {
                best = found.made;
            }
        }
        Ok(Some(best))
    }

    /// The fewest colours in one manner of drawing; `known` is a number of colours and its score.
    fn fewest(
        &self,
        sight: &Sight<'_>,
        colours: &Colours,
        drawing: Drawing,
        known: Option<(usize, Score)>,
    ) -> Result<Fewest> {
        const SLOPE: f64 = -8.0;
        let guess = known.map_or(1.0, |(count, score)| {
            ALL / count as f64 * ((sight.target.0 - score.0) / SLOPE).exp()
        });
        let aim = Aim {
            bounds: (1.0, ALL / 2.0),
            guess,
            slope: SLOPE,
            target: sight.target,
            near: NEAR,
            tries: 6,
        };
        let mut highest = Score(f64::MIN);
        let mut last = 0;
        let found = coarsest_reaching(aim, |part| {
            let count = (ALL / part).round() as usize;
            // Steps that end at the same number lead nowhere.
            if count == last {
                return Ok(None);
            }
            last = count;
            let drawn = self.drawn(sight, &Palette::new(colours, count), drawing)?;
            let score = drawn.score;
            highest = if score > highest { score } else { highest };
            Ok(Some((drawn, score)))
        })?;
        Ok(match found {
            Some(found) => Fewest::Found(found.made),
            None => Fewest::Above(highest),
        })
    }

    fn drawn(&self, sight: &Sight<'_>, palette: &Palette, drawing: Drawing) -> Result<Drawn> {
        self.packing.cancel.check()?;
        let few = palette.draw(self.image, drawing);
        let score = sight.score(self, &few.image(self.image.width, self.image.height))?;
        Ok(Drawn {
            bytes: estimated(&few)?,
            few,
            drawing,
            score,
        })
    }

    /// The picture in all its colours with as much loss as the target allows.
    fn near(&self, sight: &Sight<'_>, channels: &Channels) -> Result<Option<Approximation>> {
        let aim = Aim {
            bounds: (0.3, 12.0),
            // Measured on photographs: a loss of 2 has a score of about 84, of 3 about 72.
            guess: 1.95 * ((85.0 - sight.target.0) / 35.0).exp(),
            slope: -24.0,
            target: sight.target,
            near: NEAR,
            tries: 5,
        };
        let found = coarsest_reaching(aim, |loss| {
            let loss = loss as f32;
            let image = channels.approximated(self.image, loss, self.packing.cancel)?;
            Ok(Some((loss, sight.score(self, &image)?)))
        })?;
        let Some(found) = found else {
            return Ok(None);
        };
        // Made once more: to keep those of each attempt would take the memory of two pictures.
        let rows = channels.rows(self.image, found.made, self.packing.cancel)?;
        Ok(Some(Approximation {
            loss: found.made,
            bytes: rows.estimated()?,
            rows,
            score: found.score,
        }))
    }
}

/// A score this little above the target is near enough.
const NEAR: f64 = 0.5;

/// A picture in all its colours with a little loss.
struct Approximation {
    loss: f32,
    rows: Rows,
    score: Score,
    bytes: usize,
}

/// What became of a search for few colours.
enum Fewest {
    Found(Drawn),
    /// The target lies above the best score.
    Above(Score),
}

impl Drawn {
    fn is_rich(&self) -> bool {
        self.few.palette.len() >= MANY
    }
}

/// What drawings are judged by.
struct Sight<'a> {
    reference: Reference<'a>,
    target: Score,
}

impl Sight<'_> {
    /// The score; below the target as well where a block is far worse than the whole.
    fn score(&self, reduction: &Reduction<'_>, image: &Image) -> Result<Score> {
        reduction.packing.cancel.check()?;
        let shown = reduction.to_srgb.shown(image);
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
