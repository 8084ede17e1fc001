//! Finds the smallest file that still looks good enough: by measuring, not by guessing.

use std::collections::{BTreeMap, HashMap};

use whittle_core::{Effort, Score};

use super::colours::Palettes;
use super::encode::Context;
use super::lossy::{Trial, lossy_file};
use super::lzw::Thought;
use super::plan::Planned;
use crate::Result;
use crate::pixels::Image;
use crate::score::Reference;

/// How far below the target the worst frame may be.
const WORST: f64 = 5.0;

/// A file that keeps the target.
pub(super) struct Found {
    pub file: Vec<u8>,
    /// The mean over the scored frames.
    pub score: Score,
}

/// Scores of a trial's sampled frames.
struct Scores(Vec<(usize, f64)>);

impl Scores {
    fn mean(&self) -> f64 {
        self.0.iter().map(|(_, score)| score).sum::<f64>() / self.0.len().max(1) as f64
    }

    fn worst(&self) -> f64 {
        self.0
            .iter()
            .map(|&(_, score)| score)
            .fold(f64::INFINITY, f64::min)
    }
}

/// What the original's frames with these numbers really look like.
pub(super) type Truth = HashMap<usize, Image>;

/// The frames to write that stand for those whose truth is known, with that truth.
fn known<'t>(frames: &[Planned], truth: &'t Truth) -> BTreeMap<usize, &'t Image> {
    let mut first = 0;
    let mut known = BTreeMap::new();
    for (number, frame) in frames.iter().enumerate() {
        let next = first + frame.stands_for as usize;
        if let Some(image) = (first..next).find_map(|original| truth.get(&original)) {
            known.insert(number, image);
        }
        first = next;
    }
    known
}

/// The mean score of what is written without further loss.
pub(super) fn scored(context: &Context, frames: &[Planned], truth: &Truth) -> Result<Score> {
    let known = known(frames, truth);
    let mut player = context.play()?;
    let mut scores = Scores(Vec::new());
    for (number, frame) in frames.iter().enumerate() {
        context.cancel.check()?;
        for _ in 0..frame.stands_for {
            player.next()?;
        }
        if let Some(image) = known.get(&number) {
            let score = Reference::new(image)?.score(&context.judged(player.canvas()))?;
            scores.0.push((number, score.0));
        }
    }
    Ok(Score(scores.mean()))
}

/// Searches for the largest errors that keep the target; `None` when no lossy file does. Without a
/// known truth, the frames that are played are the truth.
pub(super) fn searched(
    context: &Context,
    frames: &[Planned],
    palettes: &Palettes,
    target: Score,
    truth: Option<&Truth>,
) -> Result<Option<Found>> {
    let target = target.0;
    let known = truth.map(|truth| known(frames, truth));
    let mut samples = match &known {
        Some(known) => known.keys().copied().collect(),
        None => {
            let area = context.layout.canvas().area();
            samples(context.recipe.effort, area, frames.len())
        }
    };
    let mut scales = vec![1.0f32; frames.len()];
    let trial = |limit: f32, scales: &[f32], samples: &[usize], attempts: &[Thought]| {
        let limits: Vec<f32> = scales.iter().map(|scale| scale * limit).collect();
        let mut scores = Scores(Vec::new());
        let trial = lossy_file(
            context,
            frames,
            palettes,
            &limits,
            attempts,
            |number, shown, original| {
                if samples.contains(&number) {
                    let reference = Reference::new(&original.image())?;
                    scores.0.push((number, reference.score(&shown.image())?.0));
                }
                Ok(())
            },
        )?;
        Ok::<(Trial, Scores), crate::Error>((trial, scores))
    };
    // Scores fall about evenly with the logarithm of the limit.
    let (mut good, mut bad): (Option<(f32, f64)>, Option<(f32, f64)>) = (None, None);
    let mut limit = 0.02 * (1.0 + (90.0 - target as f32).max(0.0) / 10.0);
    let mut best = None;
    for round in 0..9 {
        let (trial, scores) = trial(limit, &scales, &samples, &[Thought::LITTLE])?;
        let (mean, worst) = (scores.mean(), scores.worst());
        tracing::debug!(
            round,
            limit,
            mean,
            worst,
            bytes = trial.file.len(),
            "GIF trial"
        );
        if round == 0 && known.is_none() {
            add_suspects(&mut samples, &trial.errors);
        }
        if mean >= target && worst >= target - WORST {
            best = Some((limit, scales.clone(), mean));
            good = Some((limit, mean));
            if mean < target + 0.5 {
                break;
            }
        } else if mean >= target {
            // Only some frames are too bad.
            for &(number, score) in &scores.0 {
                if score < target - WORST {
                    soften(&mut scales, &samples, number);
                }
            }
            continue;
        } else {
            bad = Some((limit, mean));
        }
        limit = match (good, bad) {
            (Some((low, above)), Some((high, below))) => {
                let share = ((above - target - 0.2) / (above - below)).clamp(0.1, 0.9) as f32;
                (low.ln() + (high.ln() - low.ln()) * share).exp()
            }
            (Some((low, _)), None) => low * 1.8,
            (None, Some((high, _))) => high / 1.8,
            (None, None) => limit,
        };
        if !(0.002..=0.6).contains(&limit) {
            break;
        }
    }
    let Some((limit, scales, mean)) = best else {
        return Ok(None);
    };
    let attempts = Thought::attempts(context.recipe.effort);
    let (trial, _) = trial(limit, &scales, &[], attempts)?;
    Ok(Some(Found {
        file: trial.file,
        score: Score(mean),
    }))
}

/// Frames to score: all when they are few, else some spread over the animation.
pub(super) fn samples(effort: Effort, area: usize, frames: usize) -> Vec<usize> {
    let budget = match effort {
        Effort::Fast => 1 << 20,
        Effort::Default => 3 << 20,
        Effort::Max => 12 << 20,
    };
    let count = (budget / area).clamp(2, 48).min(frames);
    let mut samples: Vec<usize> = (0..count)
        .map(|nth| (nth * (frames - 1)) / (count - 1).max(1))
        .collect();
    samples.dedup();
    samples
}

/// Adds the frames that look worst by their errors.
fn add_suspects(samples: &mut Vec<usize>, errors: &[f32]) {
    let mut ranked: Vec<usize> = (0..errors.len()).filter(|n| !samples.contains(n)).collect();
    ranked.sort_by(|&a, &b| errors[b].total_cmp(&errors[a]));
    samples.extend(ranked.into_iter().take(samples.len().div_ceil(4).min(4)));
    samples.sort_unstable();
}

/// Allows less in a frame and in those around it, up to the next ones that are scored.
fn soften(scales: &mut [f32], samples: &[usize], number: usize) {
    let place = samples.partition_point(|&sample| sample < number);
    let from = place.checked_sub(1).map_or(0, |before| samples[before] + 1);
    let to = samples.get(place + 1).copied().unwrap_or(scales.len());
    for scale in &mut scales[from..to] {
        *scale *= 0.7;
    }
}
