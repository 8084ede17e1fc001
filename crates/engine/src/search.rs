//! The search for the lowest setting of an encoder that still reaches a score.

use whittle_core::Score;

use crate::Result;

/// What one setting gave.
#[derive(Clone, Debug)]
pub(crate) struct Attempt<T> {
    /// Its score against the original.
    pub score: Score,
    /// What was made.
    pub made: T,
}

/// A score this little above the target is near enough: a lower setting gains next to nothing.
const NEAR: f64 = 0.35;

/// Finds the lowest setting in `lowest..=highest` whose score reaches `target`, assuming that scores
/// rise with settings; `None` when not even the highest does. `attempt` answers `None` to give up.
///
/// A secant search from `guess` on, kept inside a shrinking bracket: each try costs an encode and a
/// score, and a good guess needs two or three.
pub(crate) fn lowest_reaching<T>(
    (lowest, highest): (u32, u32),
    guess: u32,
    target: Score,
    mut attempt: impl FnMut(u32) -> Result<Option<(T, Score)>>,
) -> Result<Option<Attempt<T>>> {
    // Settings below `low` and from `high` on are decided.
    let (mut low, mut high) = (lowest, highest + 1);
    let mut best: Option<Attempt<T>> = None;
    let mut known: Vec<(f64, f64)> = Vec::new();
    let mut next = guess.clamp(lowest, highest);
    while low < high {
        let setting = next.clamp(low, high - 1);
        let Some((made, score)) = attempt(setting)? else {
            break;
        };
        known.push((f64::from(setting), score.0));
        if score >= target {
            let near = score.0 - target.0 <= NEAR;
            best = Some(Attempt { score, made });
            high = setting;
            if near {
                break;
            }
        } else {
            low = setting + 1;
        }
        next = estimate(&known, target.0, low, high);
    }
    Ok(best)
}

/// Where the line through the two tries nearest to the target meets it.
fn estimate(known: &[(f64, f64)], target: f64, low: u32, high: u32) -> u32 {
    let mut near = known.to_vec();
    near.sort_by(|a, b| (a.1 - target).abs().total_cmp(&(b.1 - target).abs()));
    let slope = match near[..] {
        [a, b, ..] if a.0 != b.0 && (a.1 - b.1) / (a.0 - b.0) > 0.05 => (a.1 - b.1) / (a.0 - b.0),
        // About what JPEG qualities around 85 and palettes give for one step.
        _ => 0.7,
    };
    let (setting, score) = near[0];
    let ideal = setting + (target - score) / slope;
    let middle = f64::from(low) + (f64::from(high) - f64::from(low)) / 2.0;
    // A wild line is not followed out of the bracket: the middle is the better bet then.
    let inside = ideal > f64::from(low) - 4.0 && ideal < f64::from(high) + 4.0;
    (if inside { ideal.ceil() } else { middle }).max(0.0) as u32
}

/// What the coarsest setting is looked for by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aim {
    /// The finest and the coarsest setting.
    pub bounds: (f64, f64),
    /// Where to begin.
    pub guess: f64,
    /// Points of score for each step of the setting's logarithm, below zero; about.
    pub slope: f64,
    pub target: Score,
    /// A score this little above the target is near enough; after two tries, twice as much.
    pub near: f64,
    /// Tries to stop after, once one has reached the target.
    pub tries: u32,
}

/// Finds a coarse setting on a continuous scale whose score is just above the target, assuming that
/// scores fall as the setting grows; `None` when none reaches it. `attempt` answers `None` to give up.
///
/// A secant search over the logarithm of the setting, inside a bracket once both sides are known.
pub(crate) fn coarsest_reaching<T>(
    aim: Aim,
    mut attempt: impl FnMut(f64) -> Result<Option<(T, Score)>>,
) -> Result<Option<Attempt<T>>> {
    // Beyond the tries, as many more to reach the target at all.
    const MORE: u32 = 6;
    let (finest, coarsest) = (aim.bounds.0.ln(), aim.bounds.1.ln());
    // A little above, so that the next try is not below again.
    let wanted = aim.target.0 + aim.near * 0.5;
    let mut slope = aim.slope;
    let mut best: Option<(f64, Attempt<T>)> = None;
    let mut failed: Option<(f64, f64)> = None;
    let mut last: Option<(f64, f64)> = None;
    let mut next = aim.guess.ln().clamp(finest, coarsest);
    for count in 1..=aim.tries + MORE {
        let Some((made, score)) = attempt(next.exp())? else {
            break;
        };
        if let Some((before, its_score)) = last {
            let found = (score.0 - its_score) / (next - before);
            if found < aim.slope * 0.3 && found > aim.slope * 4.0 {
                slope = found;
            }
        }
        last = Some((next, score.0));
        if score >= aim.target {
            if best.as_ref().is_none_or(|(at, _)| next > *at) {
                best = Some((next, Attempt { score, made }));
            }
            if score.0 - aim.target.0 <= aim.near || next >= coarsest {
                break;
            }
        } else {
            if failed.is_none_or(|(at, _)| next < at) {
                failed = Some((next, score.0));
            }
            if next <= finest {
                break;
            }
        }
        // A third try would gain half a point at most.
        let well = |attempt: &Attempt<T>| attempt.score.0 - aim.target.0 <= aim.near * 2.0;
        let enough = if count >= aim.tries {
            best.is_some()
        } else {
            count > 1 && best.as_ref().is_some_and(|(_, best)| well(best))
        };
        if enough {
            break;
        }
        let step = next + (wanted - score.0) / slope;
        next = match (&best, failed) {
            (Some((passed, attempt)), Some((failed, its_score))) => {
                let width = failed - passed;
                let share = (attempt.score.0 - wanted) / (attempt.score.0 - its_score);
                if width < 1e-3 {
                    break;
                }
                passed + width * share.clamp(0.1, 0.9)
            }
            // Twice as far as the line says when the target is missed again and again.
            (None, _) if count > 2 => step - 0.1 * f64::from(count),
            _ => step,
        }
        .clamp(finest, coarsest);
    }
    Ok(best.map(|(_, attempt)| attempt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn aim(guess: f64) -> Aim {
        Aim {
            bounds: (0.3, 100.0),
            guess,
            slope: -9.0,
            target: Score(85.0),
            near: 0.4,
            tries: 3,
        }
    }

    #[test]
    fn a_good_guess_of_the_scale_needs_two_tries() {
        let mut tries = 0;
        let found = coarsest_reaching(aim(3.0), |scale| {
            tries += 1;
            Ok(Some((scale, Score(95.0 - 8.0 * scale.ln()))))
        })
        .unwrap()
        .unwrap();
        assert!((85.0..=85.4).contains(&found.score.0), "{:?}", found.score);
        assert!(tries <= 2, "{tries}");
    }

    #[test]
    fn a_scale_that_cannot_be_reached_is_not_found() {
        let found = coarsest_reaching(aim(3.0), |_| Ok(Some(((), Score(60.0))))).unwrap();
        assert!(found.is_none());
        let gave_up = coarsest_reaching(aim(3.0), |_| Ok(None::<((), Score)>)).unwrap();
        assert!(gave_up.is_none());
    }

    #[test]
    fn a_good_guess_needs_few_tries() {
        let mut tries = 0;
        let best = lowest_reaching((1, 100), 88, Score(85.0), |quality| {
            tries += 1;
            Ok(Some((quality, Score(f64::from(quality) * 0.8 + 14.0))))
        })
        .unwrap()
        .unwrap();
        assert_eq!(best.made, 89);
        assert!(tries <= 3, "{tries}");
    }

    #[test]
    fn nothing_is_found_where_nothing_reaches_the_target() {
        let best =
            lowest_reaching((1, 100), 50, Score(85.0), |_| Ok(Some(((), Score(40.0))))).unwrap();
        assert!(best.is_none());
    }

    proptest! {
        /// Whatever the curve, what is found passes; and something is, where the finest passes well.
        #[test]
        fn what_is_found_reaches_the_target(
            top in 86.0f64..100.0,
            slope in 2.0f64..25.0,
            bend in 0.0f64..3.0,
            guess in 0.3f64..100.0,
        ) {
            let curve = |scale: f64| {
                let x = (scale / 0.3).ln();
                top - slope * x - bend * x * x
            };
            let found = coarsest_reaching(aim(guess), |scale| {
                Ok(Some((scale, Score(curve(scale)))))
            }).unwrap();
            if let Some(found) = &found {
                prop_assert!(found.score.0 >= 85.0);
                prop_assert!((curve(found.made) - found.score.0).abs() < 1e-9);
            }
            prop_assert!(found.is_some() || top < 87.0, "nothing found");
        }

        /// The result always passes, and is the lowest unless it is near enough.
        #[test]
        fn the_lowest_passing_setting_is_found(
            steps in proptest::collection::vec(0.0f64..4.0, 60),
            guess in 0u32..80,
            target in 20.0f64..95.0,
        ) {
            let scores: Vec<f64> = steps
                .iter()
                .scan(0.0, |sum, step| { *sum += step; Some(*sum) })
                .collect();
            let lowest = scores.iter().position(|&score| score >= target);
            let found = lowest_reaching((0, 59), guess, Score(target), |at| {
                Ok(Some((at, Score(scores[at as usize]))))
            }).unwrap();
            prop_assert_eq!(found.is_some(), lowest.is_some());
            if let (Some(found), Some(lowest)) = (found, lowest) {
                prop_assert!(found.score.0 >= target);
                prop_assert!(found.made as usize == lowest || found.score.0 - target <= NEAR);
            }
        }
    }
}
