//! Finds the smallest file that still looks good enough: by measuring, not by guessing.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

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

/// About how many points a score falls when the limit grows by the factor e.
const POINTS_FOR_E: f64 = 20.0;

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

/// The mean score of what is played, before further loss.
pub(super) fn scored(context: &Context, truth: &Truth) -> Result<Score> {
    let mut player = context.play()?;
    let mut scores = Scores(Vec::new());
    let mut number = 0;
    while player.next()?.is_some() {
        context.cancel.check()?;
        if let Some(image) = truth.get(&number) {
            let score = Reference::new(image)?.score(&context.judged(player.canvas()))?;
            scores.0.push((number, score.0));
        }
        number += 1;
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
                    let reference = match known.as_ref().and_then(|known| known.get(&number)) {
                        Some(image) => Reference::new(image)?,
                        None => Reference::new(&context.judged(original))?,
                    };
                    scores
                        .0
                        .push((number, reference.score(&context.judged(shown))?.0));
                }
                Ok(())
            },
        )?;
        Ok::<(Trial, Scores), crate::Error>((trial, scores))
    };
    // Scores fall about evenly with the logarithm of the limit.
    let mut good: Option<(f32, f64)> = None;
    let mut bad: Option<(f32, f64)> = None;
    let mut limit = 0.02 * (1.0 + (90.0 - target as f32).max(0.0) / 10.0);
    let mut best = None;
    let rounds = match context.recipe.effort {
        Effort::Fast => 4,
        Effort::Default => 7,
        Effort::Max => 12,
    };
    for round in 0..rounds {
        let began = Instant::now();
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
        context
            .cancel
            .progress(0.4 + 0.5 * (round + 1) as f32 / rounds as f32);
        // What was found so far is better than running out of time.
        let tight = context
            .cancel
            .time_left()
            .is_some_and(|left| left < began.elapsed() * 5);
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
            even_out(&mut scales, &scores);
            if tight {
                break;
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
        if tight || !(0.002..=0.6).contains(&limit) {
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

/// Allows less where frames came out worse than the mean, and more where better; frames between
/// two that are scored lie between them in this too.
fn even_out(scales: &mut [f32], scores: &Scores) {
    let mean = scores.mean();
    let factor = |score: f64| (((score - mean) / POINTS_FOR_E).clamp(-1.0, 0.5)) as f32;
    let Some(&(first, first_score)) = scores.0.first() else {
        return;
    };
    let mut left = (first, factor(first_score));
    for scale in &mut scales[..first] {
        *scale *= left.1.exp();
    }
    for &(number, score) in &scores.0[1..] {
        let right = (number, factor(score));
        let span = (right.0 - left.0) as f32;
        for (step, scale) in scales[left.0..right.0].iter_mut().enumerate() {
            *scale *= (left.1 + (right.1 - left.1) * step as f32 / span).exp();
        }
        left = right;
    }
    for scale in &mut scales[left.0..] {
        *scale *= left.1.exp();
    }
}
