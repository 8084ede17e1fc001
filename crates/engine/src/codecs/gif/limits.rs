//! How much loss a frame bears: a search along one limit.

use crate::Result;

/// What a guess aims at above the target, because half of all guesses miss to the wrong side.
const AIM: f64 = 0.2;

/// About how many points the score of a whole picture falls when the limit grows by the factor e.
pub(super) const POINTS_FOR_E: f64 = 18.0;

/// Where limits are looked for.
pub(super) struct Range {
    pub guess: f32,
    pub most: f32,
    /// What bears next to no loss is made without any.
    pub all_or_nothing: bool,
    /// How many are tried, once one is good enough.
    pub trials: usize,
    /// Smaller steps than by this factor are not worth a trial.
    pub step: f32,
    /// A score this little above the target is near enough.
    pub near: f64,
    /// How much smaller the result of one more trial must be, as a share, for another one.
    pub gain: f64,
}

/// What was made with some limit.
pub(super) struct Trial<T> {
    pub made: T,
    pub bytes: usize,
    /// How many points worse it might be, or below nought, how much better it must be.
    pub spare: f64,
}

/// Tries limits until little is left to spare; gives the best that was good enough, with its limit. `None`
/// where even no loss is not.
pub(super) fn nearest<T>(
    range: Range,
    mut tried: impl FnMut(f32) -> Result<Trial<T>>,
) -> Result<Option<(T, f32)>> {
    let mut good: Option<(f32, f64)> = None;
    let mut bad: Option<(f32, f64)> = None;
    let mut limit = range.guess;
    let mut best: Option<(Trial<T>, f32)> = None;
    let mut slope = POINTS_FOR_E;
    for trial in 0usize.. {
        let made = tried(limit)?;
        let spare = made.spare;
        if spare >= 0.0 || limit == 0.0 {
            let gained = best.as_ref().is_none_or(|(best, _)| {
                (made.bytes as f64) < best.bytes as f64 * (1.0 - range.gain)
            });
            good = Some((limit, spare));
            if best
                .as_ref()
                .is_none_or(|(best, _)| made.bytes < best.bytes)
            {
                best = Some((made, limit));
            }
            if spare < range.near || limit >= range.most || !gained {
                break;
            }
        } else {
            bad = Some((limit, spare));
        }
        // Without a good one, going on is a must.
        if trial + 1 >= range.trials && good.is_some() {
            break;
        }
        if let (Some((low, above)), Some((high, below))) = (good, bad)
            && low < high
        {
            slope = ((above - below) / f64::from((high / low).ln())).clamp(3.0, 60.0);
        }
        let step = |points: f64| ((points / slope).exp()) as f32;
        limit = match (good, bad) {
            (Some((low, above)), Some((high, below))) => {
                if high < low * range.step {
                    break;
                }
                let share = ((above - AIM) / (above - below)).clamp(0.1, 0.9) as f32;
                (low.ln() + (high.ln() - low.ln()) * share).exp()
            }
            (Some((low, spare)), None) => {
                (low * step(spare - AIM).clamp(range.step, 3.0)).min(range.most)
            }
            (None, _) if trial >= 3 => 0.0,
            // Far misses are undone in larger steps.
            (None, _) => limit * step(spare - AIM).clamp(0.2, 0.9 - 0.2 * trial as f32),
        };
        if range.all_or_nothing && limit < range.most / 40.0 {
            limit = 0.0;
        }
    }
    Ok(best.map(|(best, limit)| (best.made, limit)))
}
