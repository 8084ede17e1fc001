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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
