//! The search for the coarsest setting of an encoder that still reaches a score.

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
            // Scores do not fall evenly, so each miss is answered by aiming higher, and from the third on
            // twice as far.
            (None, _) => {
                let higher = aim.near * 0.5 * f64::from(count - 1);
                let far = if count > 2 { 2.0 } else { 1.0 };
                next + far * (wanted + higher - score.0) / slope
            }
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
    }
}
