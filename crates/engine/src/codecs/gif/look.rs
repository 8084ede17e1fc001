//! An animation for people to look at.

use whittle_core::{Cancel, Limits};

use super::layout::Layout;
use super::looks;
use super::play::FilePlayer;
use crate::Result;
use crate::pixels::Image;

/// Width, height, and how long each frame stays, in hundredths of a second.
pub(crate) fn timing(
    bytes: &[u8],
    limits: &Limits,
    cancel: &Cancel,
) -> Result<(u32, u32, Vec<u16>)> {
    let layout = Layout::read(bytes, limits, cancel)?;
    let delays = layout.frames.iter().map(|frame| frame.delay).collect();
    Ok((layout.width.into(), layout.height.into(), delays))
}

/// The frames from `first` on, as many as fit into this many bytes, but at least one if there is
/// one. Those before it must be played first.
pub(crate) fn frames(
    bytes: &[u8],
    first: usize,
    memory: usize,
    limits: &Limits,
    cancel: &Cancel,
) -> Result<Vec<Image>> {
    let layout = Layout::read(bytes, limits, cancel)?;
    let looks = looks(bytes, &layout);
    let mut player = FilePlayer::open(bytes, &layout, limits)?;
    let room = (memory / (layout.canvas().area() * 4).max(1)).max(1);
    let mut images = Vec::new();
    let mut at = 0;
    while images.len() < room && player.next()?.is_some() {
        cancel.check()?;
        if at >= first {
            images.push(looks.apply(&player.canvas().image()));
        }
        at += 1;
    }
    Ok(images)
}
