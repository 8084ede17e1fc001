//! A picture compressed anew, to a score.
//!
//! A small sample of the picture is tried first: it tells the colour resolution and about the
//! scale, so that the whole picture is encoded and scored once or twice.

use std::borrow::Cow;

use whittle_core::{Cancel, Effort, Score, Way};

use super::libjpeg;
use super::markers::Segment;
use super::plain::plain;
use super::quantize::Chroma;
use super::sample::{sampled, sampled_well};
use super::scan::Coder;
use super::script::best_script;
use super::{verify, write};
use crate::colour::RowsToSrgb;
use crate::metadata::Orientation;
use crate::pixels::Opaque;
use crate::score::Reference;
use crate::search::{Aim, Attempt, coarsest_reaching};
use crate::{Error, Result, Trials};

/// How far the worst block may lie below the target.
const BLOCK_ALLOWANCE: f64 = 17.0;

/// A score this little above the target is near enough: half a point of score is worth two hundredths of
/// the bytes, and another encode as much time as the first.
const NEAR: f64 = 0.6;

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

/// A scale may turn out to be so many times as coarse as guessed.
const GUESSES_MISS: f64 = 1.6;

/// How much smaller the search for scans makes a file, about.
const SEARCHED: f64 = 0.93;

/// A picture to be compressed.
pub(super) struct Compression<'a> {
    /// In its own colours.
    pub image: &'a Opaque,
    pub to_srgb: RowsToSrgb,
    /// How it is turned to be shown.
    pub orientation: Orientation,
    pub grey: bool,
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
    /// Points by which the worst block lies below what it may; of a result that reaches the target.
    missing: f64,
}

/// The setting that was chosen. The picture itself is needed no more.
pub(super) struct Chosen {
    /// In one plain scan, without markers.
    file: Vec<u8>,
    pub score: Score,
}

impl Compression<'_> {
    /// The smallest file found that reaches the target; `None` when none does within the bounds.
    pub fn to_score(
        &self,
        target: Score,
        bounds: Option<Bounds>,
        trials: &mut Trials,
        cancel: &Cancel,
    ) -> Result<Option<Chosen>> {
        if bounds.is_some_and(|bounds| bounds.scale > usual_scale(target) * HOPELESSLY_COARSE) {
            return Ok(None);
        }
        // To the middle of what is near enough.
        let aimed_at = target.0 + NEAR * 0.5;
        let mut guess = match sampled(self.image) {
            Some(sample) => self.guess(&sample, aimed_at + SAMPLE_FLATTERS, cancel)?,
            None => self.guess(self.image, aimed_at, cancel)?,
        };
        if let Some(sample) = sampled_well(self.image) {
            self.refine(&mut guess, &sample, aimed_at + SAMPLE_FLATTERS, cancel)?;
        }
        if bounds.is_some_and(|bounds| guess.scale * GUESSES_MISS < bounds.scale) {
            return Ok(None);
        }
        let original = self.original_shown(self.image);
        let reference = Reference::of(&*original);
        // A mean hides local damage: no block may be far worse.
        let floor = Score(target.0 - BLOCK_ALLOWANCE);
        let mut encodes = 0;
        let mut attempt = |scale: f64| -> Result<Option<(Try, Score)>> {
            cancel.check()?;
            encodes += 1;
            let file = plain(self.image, scale as f32, guess.chroma, cancel)?;
            let judged = reference.judge_reaching(&self.shown(&file, cancel)?, target, floor)?;
            if judged.score >= target && judged.worst_block >= floor {
                trials.made(Way::Reduced, file.len(), judged.score);
            } else {
                trials.missed(Way::Reduced, file.len(), judged.score);
            }
            tracing::trace!(scale, score = judged.score.0, "tried");
            // Finer steps only make it larger.
            let size = file.len() as f64 * SEARCHED;
            let hopeless = judged.score < target
                && bounds
                    .is_some_and(|bounds| size >= bounds.bytes as f64 || scale <= bounds.scale);
            let one = Try {
                file,
                scale,
                missing: floor.0 - judged.worst_block.0,
            };
            Ok((!hopeless).then_some((one, judged.score)))
        };
        let aim = Aim {
            bounds: SCALES,
            guess: guess.scale,
            slope: guess.slope,
            target,
            near: NEAR,
            tries: TRIES,
        };
        let mut found = coarsest_reaching(aim, &mut attempt)?;
        // The steps become finer until every block is good enough.
        while let Some(Attempt { made, .. }) = &found
            && made.missing > 0.0
        {
            let finer = made.scale * (-(made.missing / -guess.slope).clamp(0.1, 0.5)).exp();
            found = match attempt(finer)? {
                Some((made, score)) if score >= target && finer >= SCALES.0 => {
                    Some(Attempt { score, made })
                }
                _ => None,
            };
        }
        found = found.filter(|found| bounds.is_none_or(|bounds| found.made.scale > bounds.scale));
        tracing::debug!(
            encodes,
            score = found.as_ref().map(|found| found.score.0),
            "compressed a picture of {} × {}",
            self.image.width,
            self.image.height
        );
        Ok(found.map(|Attempt { made, score }| Chosen {
            file: made.file,
            score,
        }))
    }

    /// The best there is, for pictures of so few pixels that no setting reaches their target.
    pub fn finest(&self, cancel: &Cancel) -> Result<Chosen> {
        let chroma = if self.grey {
            Chroma::None
        } else {
            Chroma::Full
        };
        let file = plain(self.image, SCALES.0 as f32, chroma, cancel)?;
        let original = self.original_shown(self.image);
        let score = Reference::of(&*original).score(&self.shown(&file, cancel)?)?;
        Ok(Chosen { file, score })
    }

    /// A picture of its colours and direction as it is looked at: in sRGB, and upright, because the
    /// metric's blur runs downwards and its rounding with it. A photo under a flat sky scores a point
    /// more upside down.
    fn original_shown<'b>(&self, image: &'b Opaque) -> Cow<'b, Opaque> {
        if self.to_srgb.is_same() && self.orientation == Orientation::UPRIGHT {
            return Cow::Borrowed(image);
        }
        let mut canvas = Canvas::new(self, image.width, image.height);
        for (y, row) in image.rows().enumerate() {
            canvas.put(y, row);
        }
        Cow::Owned(canvas.upright)
    }

    /// What a file of ours shows.
    fn shown(&self, file: &[u8], cancel: &Cancel) -> Result<Opaque> {
        let mut canvas: Option<Canvas<'_>> = None;
        libjpeg::decode_rows(file, cancel, |shape, y, row| {
            canvas
                .get_or_insert_with(|| Canvas::new(self, shape.width, shape.height))
                .put(y, row);
            Ok(())
        })?;
        canvas
            .map(|canvas| canvas.upright)
            .ok_or_else(|| Error::internal("a JPEG without rows"))
    }

    /// A better scale, by trying it on a larger sample.
    fn refine(
        &self,
        guess: &mut Guess,
        sample: &Opaque,
        target: f64,
        cancel: &Cancel,
    ) -> Result<()> {
        let original = self.original_shown(sample);
        let file = plain(sample, guess.scale as f32, guess.chroma, cancel)?;
        let score = Reference::of(&*original).score(&self.shown(&file, cancel)?)?;
        let step = ((target - score.0) / guess.slope).clamp(-1.0, 1.0);
        guess.scale = (guess.scale * step.exp()).clamp(SCALES.0, SCALES.1);
        Ok(())
    }

    /// Colour resolution and scale, by trying them on a small picture.
    fn guess(&self, sample: &Opaque, target: f64, cancel: &Cancel) -> Result<Guess> {
        let original = self.original_shown(sample);
        let reference = Reference::of(&*original);
        let tried = |scale: f64, chroma: Chroma| -> Result<(f64, f64)> {
            cancel.check()?;
            let file = plain(sample, scale as f32, chroma, cancel)?;
            let score = reference.score(&self.shown(&file, cancel)?)?;
            Ok((score.0, (file.len() as f64).ln()))
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

impl Chosen {
    /// The file with its markers and the best scans, held against what was scored.
    pub fn finished(
        &self,
        segments: &[Segment],
        effort: Effort,
        cancel: &Cancel,
    ) -> Result<Vec<u8>> {
        let (file, fingerprint) = {
            let mut stored = libjpeg::stored(&self.file, cancel)?;
            let picture = stored.coefficients()?;
            let coder = Coder::new(&picture)
                .ok_or_else(|| Error::internal("a coefficient is too large"))?;
            let script = best_script(&coder, effort, cancel)?;
            (
                write::written(&coder, &script, segments),
                picture.fingerprint(),
            )
        };
        verify::same_coefficients(&file, fingerprint, cancel)?;
        verify::same_as_scored(&file, &self.file, cancel)?;
        Ok(file)
    }
}

/// A picture that comes row by row, as it is looked at.
struct Canvas<'a> {
    to_srgb: &'a RowsToSrgb,
    orientation: Orientation,
    /// Width and height as stored.
    stored: (u32, u32),
    upright: Opaque,
    buffer: Vec<u8>,
}

impl<'a> Canvas<'a> {
    fn new(compression: &'a Compression<'_>, width: u32, height: u32) -> Canvas<'a> {
        let (upright_width, upright_height) = compression.orientation.size((width, height));
        Canvas {
            to_srgb: &compression.to_srgb,
            orientation: compression.orientation,
            stored: (width, height),
            upright: Opaque::black(upright_width, upright_height),
            buffer: Vec::new(),
        }
    }

    fn put(&mut self, y: usize, row: &[u8]) {
        let row = self.to_srgb.row(row, &mut self.buffer);
        self.orientation
            .put_row::<3>(self.stored, y, row, &mut self.upright.rgb);
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
