//! A picture compressed anew, to a score.
//!
//! A small sample of the picture is tried first: it tells the colour resolution and about the
//! scale, so that the whole picture is encoded and scored once or twice.

use std::borrow::Cow;

use whittle_core::{Cancel, Effort, Score};

use super::libjpeg::{self, Samples};
use super::markers::Segment;
use super::quantize::{Chroma, Tuning, quantized};
use super::sample::sampled;
use super::scan::Coder;
use super::script::{Script, best_script};
use super::{verify, write};
use crate::colour::ToSrgb;
use crate::metadata::Orientation;
use crate::pixels::Image;
use crate::score::Reference;
use crate::search::{Aim, Attempt, coarsest_reaching};
use crate::{Error, Result};

/// How far the worst block may lie below the target.
const BLOCK_ALLOWANCE: f64 = 17.0;

/// A score this little above the target is near enough.
const NEAR: f64 = 0.5;

/// The finest and the coarsest scale of quantization. At the finest every step is 1, colour included.
const SCALES: (f64, f64) = (0.04, 120.0);

/// Whole encodes at the most, unless none of them reaches the target.
const TRIES: u32 = 3;

/// How much smaller one point of score makes a file, about: the change of the logarithm.
const BYTES_FOR_A_POINT: f64 = 0.045;

/// How much higher a sample scores than the whole, in the mean.
const SAMPLE_FLATTERS: f64 = 1.1;

/// A file so many times coarser than what is usual for the target need not even be sampled.
const HOPELESSLY_COARSE: f64 = 2.5;

/// How much smaller the search for scans makes a file, about.
const SEARCHED: f64 = 0.93;

/// A picture to be compressed.
pub(super) struct Compression<'a> {
    /// In its own colours.
    pub image: &'a Image,
    pub to_srgb: ToSrgb,
    /// How it is turned to be shown.
    pub orientation: Orientation,
    pub grey: bool,
    /// All markers of the result before its tables.
    pub segments: &'a [Segment],
    pub effort: Effort,
}

/// Where not to go on.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes that a result must stay below.
    pub bytes: usize,
    /// Scale that a result must be above: that of a file which is quantized already, and some more.
    pub scale: f64,
}

/// A picture at one setting. Its pixels are decoded again when they are needed: that costs less than
/// to hold them.
struct Try {
    /// In one plain scan, without markers.
    file: Vec<u8>,
    scale: f64,
}

impl Compression<'_> {
    /// The smallest file found that reaches the target; `None` when none does within the bounds.
    pub fn to_score(
        &self,
        target: Score,
        bounds: Option<Bounds>,
        cancel: &Cancel,
    ) -> Result<Option<(Vec<u8>, Score)>> {
        if bounds.is_some_and(|bounds| bounds.scale > usual_scale(target) * HOPELESSLY_COARSE) {
            return Ok(None);
        }
        let guess = match sampled(self.image) {
            Some(sample) => self.guess(&sample, target.0 + SAMPLE_FLATTERS, cancel)?,
            None => self.guess(self.image, target.0, cancel)?,
        };
        if bounds.is_some_and(|bounds| guess.scale < bounds.scale) {
            return Ok(None);
        }
        let original = self.shown(Cow::Borrowed(self.image));
        let reference = Reference::of(&original);
        let attempt = |scale: f64| -> Result<Option<(Try, Score)>> {
            cancel.check()?;
            let one = self.at(self.image, scale, guess.chroma, cancel)?;
            let score = reference.score(&self.shown(Cow::Owned(one.decoded(cancel)?)))?;
            // Finer steps only make it larger.
            let size = one.file.len() as f64 * SEARCHED;
            let hopeless =
                score < target && bounds.is_some_and(|bounds| size >= bounds.bytes as f64);
            Ok((!hopeless).then_some((one, score)))
        };
        let aim = Aim {
            bounds: SCALES,
            guess: guess.scale,
            slope: guess.slope,
            target,
            near: NEAR,
            tries: TRIES,
        };
        let found = coarsest_reaching(aim, attempt)?;
        let Some(mut found) = found else {
            return Ok(None);
        };
        // A mean hides local damage: make the steps finer until no block is far worse.
        let floor = Score(target.0 - BLOCK_ALLOWANCE);
        loop {
            let shown = self.shown(Cow::Owned(found.made.decoded(cancel)?));
            let missing = floor.0 - reference.judge(&shown, floor)?.worst_block.0;
            drop(shown);
            if missing <= 0.0 {
                break;
            }
            let finer = found.made.scale * (-(missing / -guess.slope).clamp(0.1, 0.5)).exp();
            if finer < SCALES.0 {
                return Ok(None);
            }
            match attempt(finer)? {
                Some((made, score)) => found = Attempt { score, made },
                None => return Ok(None),
            }
            if bounds.is_some_and(|bounds| finer < bounds.scale) {
                return Ok(None);
            }
        }
        let file = self.finished(&found.made, cancel)?;
        Ok(Some((file, found.score)))
    }

    /// The best there is, for pictures of so few pixels that no setting reaches their target.
    pub fn finest(&self, cancel: &Cancel) -> Result<(Vec<u8>, Score)> {
        let chroma = if self.grey {
            Chroma::None
        } else {
            Chroma::Full
        };
        let finest = self.at(self.image, SCALES.0, chroma, cancel)?;
        let original = self.shown(Cow::Borrowed(self.image));
        let shown = self.shown(Cow::Owned(finest.decoded(cancel)?));
        let score = Reference::of(&original).score(&shown)?;
        Ok((self.finished(&finest, cancel)?, score))
    }

    /// As it is looked at: in sRGB, and upright, because the metric's blur runs downwards and its
    /// rounding with it. A photo under a flat sky scores a point more upside down.
    fn shown<'b>(&self, image: Cow<'b, Image>) -> Cow<'b, Image> {
        let image = match self.to_srgb {
            ToSrgb::Same => image,
            _ => Cow::Owned(self.to_srgb.apply(&image)),
        };
        if self.orientation == Orientation::UPRIGHT {
            return image;
        }
        Cow::Owned(self.orientation.upright(image.into_owned()))
    }

    fn at(&self, image: &Image, scale: f64, chroma: Chroma, cancel: &Cancel) -> Result<Try> {
        let quantized = quantized(image, scale as f32, chroma, &Tuning::of(chroma), cancel)?;
        let picture = quantized.coefficients();
        let coder =
            Coder::new(&picture).ok_or_else(|| Error::internal("a coefficient is too large"))?;
        let file = write::written(&coder, &Script::Sequential, &[]);
        Ok(Try { file, scale })
    }

    /// The file with its markers and the best scans, held against what was scored.
    fn finished(&self, one: &Try, cancel: &Cancel) -> Result<Vec<u8>> {
        let (file, fingerprint) = {
            let mut stored = libjpeg::stored(&one.file, cancel)?;
            let picture = stored.coefficients()?;
            let coder = Coder::new(&picture)
                .ok_or_else(|| Error::internal("a coefficient is too large"))?;
            let script = best_script(&coder, self.effort, cancel)?;
            (
                write::written(&coder, &script, self.segments),
                picture.fingerprint(),
            )
        };
        verify::same_coefficients(&file, fingerprint, cancel)?;
        verify::same_as_decoded(&file, &one.decoded(cancel)?)?;
        Ok(file)
    }

    /// Colour resolution and scale, by trying them on a small picture.
    fn guess(&self, sample: &Image, target: f64, cancel: &Cancel) -> Result<Guess> {
        let reference = Reference::new(&self.shown(Cow::Borrowed(sample)))?;
        let tried = |scale: f64, chroma: Chroma| -> Result<(f64, f64)> {
            cancel.check()?;
            let one = self.at(sample, scale, chroma, cancel)?;
            let score = reference.score(&self.shown(Cow::Owned(one.decoded(cancel)?)))?;
            Ok((score.0, (one.file.len() as f64).ln()))
        };
        // From one try to a guess; more tries follow the line through the last two.
        let guessed = |chroma: Chroma, start: f64, tries: u32| -> Result<(f64, Guess)> {
            let mut slope = usual_slope(target);
            let mut last = (start, tried(start, chroma)?);
            for _ in 1..tries {
                let missing = target - last.1.0;
                if missing.abs() < 1.0 {
                    break;
                }
                let step = (missing / slope).clamp(-1.5, 1.5);
                let next = (last.0 * step.exp()).clamp(SCALES.0, SCALES.1);
                if next == last.0 {
                    break;
                }
                let found = (next, tried(next, chroma)?);
                let steepness = (found.1.0 - last.1.0) / (found.0.ln() - last.0.ln());
                if (-60.0..-2.0).contains(&steepness) {
                    slope = steepness;
                }
                last = found;
            }
            let missing = target - last.1.0;
            let step = (missing / slope).clamp(-1.0, 1.0);
            let guess = Guess {
                chroma,
                scale: (last.0 * step.exp()).clamp(SCALES.0, SCALES.1),
                slope,
            };
            Ok((last.1.1 + missing * BYTES_FOR_A_POINT, guess))
        };
        let start = usual_scale(Score(target));
        if self.grey {
            return Ok(guessed(Chroma::None, start, 3)?.1);
        }
        let (half_bytes, half) = guessed(Chroma::Half, start, 3)?;
        let (full_bytes, mut full) = guessed(Chroma::Full, half.scale, 1)?;
        if full_bytes < half_bytes {
            full.slope = half.slope;
            Ok(full)
        } else {
            Ok(half)
        }
    }
}

impl Try {
    fn decoded(&self, cancel: &Cancel) -> Result<Image> {
        match libjpeg::decode(&self.file, cancel)? {
            Samples::Rgba(image) => Ok(image),
            Samples::Cmyk { .. } => Err(Error::internal("lights came back as inks")),
        }
    }
}

/// What a sample foretells.
struct Guess {
    chroma: Chroma,
    scale: f64,
    /// Points of score for each step of the logarithm of the scale.
    slope: f64,
}

/// Scores and the scales that reach them on a middling photograph: medians over the development corpus.
const USUAL: [(f64, f64); 7] = [
    (10.0, 80.0),
    (50.0, 24.0),
    (72.0, 10.0),
    (80.0, 5.5),
    (85.0, 3.5),
    (90.0, 1.85),
    (95.0, 0.85),
];

fn around(target: Score) -> ((f64, f64), (f64, f64)) {
    let at = USUAL
        .iter()
        .position(|&(score, _)| target.0 <= score)
        .unwrap_or(USUAL.len() - 1)
        .max(1);
    (USUAL[at - 1], USUAL[at])
}

fn usual_scale(target: Score) -> f64 {
    let ((low, coarse), (high, fine)) = around(target);
    (coarse.ln() + (target.0 - low) * (fine.ln() - coarse.ln()) / (high - low)).exp()
}

fn usual_slope(target: f64) -> f64 {
    let ((low, coarse), (high, fine)) = around(Score(target));
    (high - low) / (fine.ln() - coarse.ln())
}
