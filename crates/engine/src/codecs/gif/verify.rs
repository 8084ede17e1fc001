//! Reads a result again and holds it against the original.

use whittle_core::{Cancel, Limits};

use super::encode::Context;
use super::geometry::{CLEAR, Rect};
use super::layout::Layout;
use super::plan::Planned;
use super::play::FilePlayer;
use crate::{Error, Result};

/// Checks that the result is the same animation: every picture, how long it is shown, how often
/// it is repeated, and the colour profile. `stands_for` says how many of the original's frames
/// each of the result's frames stands for.
pub(super) fn same_animation(
    original: &[u8],
    layout: &Layout,
    result: &[u8],
    stands_for: impl Iterator<Item = u32>,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<()> {
    let found = Layout::read(result, limits, cancel)?;
    same_frame_of_reference(original, layout, result, &found)?;
    let mut before = FilePlayer::open(original, layout, limits)?;
    let mut after = FilePlayer::open(result, &found, limits)?;
    for count in stands_for {
        cancel.check()?;
        let shown = after.next()?.ok_or_else(|| missing("a frame"))?;
        let mut delay = 0u32;
        // Outside of what either changed, both are as they were found equal before.
        let mut dirty = shown.dirty;
        let mut first = true;
        for _ in 0..count {
            let step = before
                .next()?
                .ok_or_else(|| missing("a frame of the original"))?;
            if !first && (step.delay < 2 || delay < 2) {
                return Err(Error::failed_check(
                    "frames with clamped delays were merged",
                ));
            }
            if step.user_input != shown.user_input {
                return Err(Error::failed_check("a frame waits differently"));
            }
            delay += u32::from(step.delay);
            dirty = dirty.around(step.dirty);
            if !before.canvas().same_within(dirty, after.canvas()) {
                return Err(Error::failed_check("a frame looks different"));
            }
            first = false;
            dirty = Rect::default();
        }
        if delay != u32::from(shown.delay) {
            return Err(Error::failed_check("a frame's duration is different"));
        }
    }
    if before.next()?.is_some() || after.next()?.is_some() {
        return Err(Error::failed_check("the number of frames is different"));
    }
    Ok(())
}

/// Checks that the result has the same frames, durations and transparent pixels; its colours may
/// differ.
pub(super) fn like_animation(context: &Context, result: &[u8], frames: &[Planned]) -> Result<()> {
    let Context {
        bytes,
        layout,
        recipe,
        cancel,
        ..
    } = context;
    let found = Layout::read(result, &recipe.limits, cancel)?;
    same_frame_of_reference(bytes, layout, result, &found)?;
    let mut before = context.play()?;
    let mut after = FilePlayer::open(result, &found, &recipe.limits)?;
    for planned in frames {
        cancel.check()?;
        let shown = after.next()?.ok_or_else(|| missing("a frame"))?;
        let mut dirty = shown.dirty;
        for _ in 0..planned.stands_for {
            let step = before
                .next()?
                .ok_or_else(|| missing("a frame of the original"))?;
            dirty = dirty.around(step.dirty);
        }
        let clear = |a: u32, b: u32| (a == CLEAR) != (b == CLEAR);
        if !before
            .canvas()
            .bounds(dirty, after.canvas(), clear)
            .is_empty()
        {
            return Err(Error::failed_check("transparency is different"));
        }
        if shown.delay != planned.delay || shown.user_input != planned.user_input {
            return Err(Error::failed_check("a frame's duration is different"));
        }
    }
    if before.next()?.is_some() || after.next()?.is_some() {
        return Err(Error::failed_check("the number of frames is different"));
    }
    Ok(())
}

/// Checks what belongs to the whole animation.
pub(super) fn same_frame_of_reference(
    original: &[u8],
    layout: &Layout,
    result: &[u8],
    found: &Layout,
) -> Result<()> {
    if (layout.width, layout.height) != (found.width, found.height) {
        return Err(Error::failed_check("the size is different"));
    }
    if (layout.repeat, layout.first_repeat) != (found.repeat, found.first_repeat) {
        return Err(Error::failed_check("the loop count is different"));
    }
    if layout.profile(original) != found.profile(result) {
        return Err(Error::failed_check("the colour profile is different"));
    }
    Ok(())
}

fn missing(what: &str) -> Error {
    Error::failed_check(format!("{what} is missing"))
}
