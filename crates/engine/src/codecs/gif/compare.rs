//! Scores one animation against another, frame by frame.

use whittle_core::{Cancel, Limits, Score};

use super::layout::Layout;
use super::play::{FilePlayer, Shown};
use crate::score::Reference;
use crate::{Error, Result};

/// The score of each frame of the original; there is at least one.
#[derive(Clone, Debug)]
pub(crate) struct Compared(Vec<Score>);

impl Compared {
    pub fn mean(&self) -> Score {
        Score(self.0.iter().map(|score| score.0).sum::<f64>() / self.0.len() as f64)
    }

    #[cfg(test)]
    pub fn worst(&self) -> Score {
        Score(
            self.0
                .iter()
                .fold(f64::INFINITY, |worst, score| worst.min(score.0)),
        )
    }
}

/// Checks that a result lasts as long as the original, and is repeated as often.
pub(crate) fn same_play(
    original: &[u8],
    result: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<()> {
    let before = Layout::read(original, limits, cancel)?;
    let after = Layout::read(result, limits, cancel)?;
    super::verify::same_frame_of_reference(original, &before, result, &after)?;
    let lasts = |layout: &Layout| -> u64 {
        let delays = layout.frames.iter().map(|frame| u64::from(frame.delay));
        delays.sum()
    };
    if lasts(&before) != lasts(&after) || after.frames.len() > before.frames.len() {
        return Err(Error::failed_check("a frame's duration is different"));
    }
    Ok(())
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
    let looks = super::looks(original, &before);
    let in_step = before.frames.len() == after.frames.len();
    let mut original = FilePlayer::open(original, &before, limits)?;
    let mut result = FilePlayer::open(result, &after, limits)?;
    let ends = |shown: Option<Shown>| shown.map_or(u64::MAX, |shown| shown.delay.into());
    let mut now = 0u64;
    let mut until = ends(result.next()?);
    let mut frames_left = after.frames.len() - 1;
    let mut scores = Vec::new();
    while let Some(shown) = original.next()? {
        cancel.check()?;
        while frames_left > 0
            && if in_step {
                !scores.is_empty()
            } else {
                until <= now
            }
        {
            until = until.saturating_add(ends(result.next()?));
            frames_left -= 1;
            if in_step {
                break;
            }
        }
        let score = if original.canvas() == result.canvas() {
            Score::IDENTICAL
        } else {
            Reference::new(&looks.apply(&original.canvas().image()))?
                .score(&looks.apply(&result.canvas().image()))?
        };
        scores.push(score);
        now += u64::from(shown.delay);
    }
    if scores.is_empty() {
        return Err(Error::failed_check("there is no frame"));
    }
    Ok(Compared(scores))
}
