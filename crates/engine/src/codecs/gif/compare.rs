//! Scores one animation against another, frame by frame.

use whittle_core::{Cancel, Limits, Score};

use super::layout::Layout;
use super::play::{FilePlayer, Shown};
use crate::score::Reference;
use crate::{Error, Result};

/// The scores of all frames: their mean, and the worst.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compared {
    pub mean: Score,
    pub worst: Score,
}

/// Compares what is shown at each of the original's frames with what the result shows at that time.
pub(crate) fn compared(
    original: &[u8],
    result: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Compared> {
    let before = Layout::read(original, limits, cancel)?;
    let after = Layout::read(result, limits, cancel)?;
    if (before.width, before.height) != (after.width, after.height) {
        return Err(Error::failed_check("the sizes are different"));
    }
    let in_step = before.frames.len() == after.frames.len();
    let mut original = FilePlayer::open(original, &before, limits)?;
    let mut result = FilePlayer::open(result, &after, limits)?;
    let ends = |shown: Option<Shown>| shown.map_or(u64::MAX, |shown| shown.delay.into());
    let mut now = 0u64;
    let mut until = ends(result.next()?);
    let mut frames_left = after.frames.len() - 1;
    let (mut sum, mut worst, mut count) = (0.0, f64::INFINITY, 0u32);
    while let Some(shown) = original.next()? {
        cancel.check()?;
        while frames_left > 0 && if in_step { count > 0 } else { until <= now } {
            until = until.saturating_add(ends(result.next()?));
            frames_left -= 1;
            if in_step {
                break;
            }
        }
        let score = if original.canvas() == result.canvas() {
            Score::IDENTICAL
        } else {
            Reference::new(&original.canvas().image())?.score(&result.canvas().image())?
        };
        sum += score.0;
        worst = score.0.min(worst);
        count += 1;
        now += u64::from(shown.delay);
    }
    Ok(Compared {
        mean: Score(sum / f64::from(count.max(1))),
        worst: Score(worst),
    })
}
