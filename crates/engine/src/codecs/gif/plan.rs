//! Decides, frame by frame, which part is drawn anew and what is left for the next frame.

use super::colours::Colours;
use super::encode::Context;
use super::geometry::{CLEAR, Canvas, Rect};
use super::layout::Dispose;
use super::play::Shown;
use crate::Result;

/// Delays below this are shown as a tenth of a second by browsers, so they must not be added up.
const SHORTEST_KEPT_DELAY: u16 = 2;

/// A frame to be written.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub rect: Rect,
    pub dispose: Dispose,
    pub delay: u16,
    pub user_input: bool,
    /// How many of the original's frames it stands for.
    pub stands_for: u32,
    /// Colours of the pixels that change.
    pub changed: Colours,
    /// Colours of those that could stay as they are.
    pub unchanged: Colours,
    /// Whether the rectangle holds pixels that stay without any colour.
    pub holes: bool,
}

/// Plans a whole animation; `None` when some frame would need more colours than a palette has.
pub(super) fn planned(context: &Context) -> Result<Option<Vec<Planned>>> {
    let Context { layout, cancel, .. } = context;
    let mut player = context.play()?;
    let mut frames: Vec<Planned> = Vec::with_capacity(layout.frames.len());
    let mut base = Canvas::clear(layout.width.into(), layout.height.into());
    let mut now = base.clone();
    let mut dirty = Rect::default();
    let Some(mut shown) = player.next()? else {
        return Ok(None);
    };
    loop {
        cancel.check()?;
        now.copy(shown.dirty, player.canvas());
        dirty = dirty.around(shown.dirty);
        let (mut delay, mut stands_for) = (shown.delay, 1);
        // What the next frame changes, skipping frames that change nothing.
        let following = loop {
            let Some(next) = player.next()? else {
                break None;
            };
            match merged_delay(delay, &shown, &next) {
                Some(sum) if !frames.is_empty() && now.same_within(next.dirty, player.canvas()) => {
                    delay = sum;
                    stands_for += 1;
                }
                _ => break Some(next),
            }
        };
        let mut rect = base.bounds(dirty, &now, |a, b| a != b);
        if frames.is_empty() && (layout.frames[0].transparent.is_none() || rect.is_empty()) {
            // Without transparency, decoders differ in what they show around a first frame.
            rect = base.rect();
        }
        if rect.is_empty() {
            rect = Rect::new(0, 0, 1, 1);
        }
        let dispose = match &following {
            None => Dispose::Keep,
            Some(next) => {
                let Some((dispose, larger)) =
                    disposal(&base, &now, rect, player.canvas(), next.dirty)
                else {
                    return Ok(None);
                };
                rect = larger;
                dispose
            }
        };
        let (mut changed, mut unchanged, mut holes) =
            (Colours::default(), Colours::default(), false);
        for y in 0..rect.height {
            for (&before, &after) in base.row(rect, y).iter().zip(now.row(rect, y)) {
                if before != after {
                    changed.add(after);
                } else if after == CLEAR {
                    holes = true;
                } else {
                    unchanged.add(after);
                }
            }
            if changed.overflowed() {
                return Ok(None);
            }
        }
        frames.push(Planned {
            rect,
            dispose,
            delay,
            user_input: shown.user_input,
            stands_for,
            changed: changed.settled(),
            unchanged: unchanged.settled(),
            holes,
        });
        let Some(next) = following else {
            return Ok(Some(frames));
        };
        dispose_of(&mut base, &now, rect, dispose);
        dirty = match dispose {
            Dispose::Keep => Rect::default(),
            Dispose::Background | Dispose::Previous => rect,
        };
        shown = next;
    }
}

/// Makes of the canvas before a frame the canvas before the next one.
pub(super) fn dispose_of(base: &mut Canvas, now: &Canvas, rect: Rect, dispose: Dispose) {
    match dispose {
        Dispose::Keep => base.copy(rect, now),
        Dispose::Background => base.wipe(rect),
        Dispose::Previous => {}
    }
}

/// The delay of two frames that show the same picture, when adding it up changes nothing for
/// anybody.
fn merged_delay(delay: u16, shown: &Shown, next: &Shown) -> Option<u16> {
    let kept = |delay: u16| delay >= SHORTEST_KEPT_DELAY;
    if !kept(delay) || !kept(next.delay) || shown.user_input || next.user_input {
        return None;
    }
    delay.checked_add(next.delay)
}

/// What leaves the fewest pixels to the next frame, and the rectangle that it needs. `None` when
/// no way of disposal makes clear what the next frame has clear.
fn disposal(
    base: &Canvas,
    now: &Canvas,
    rect: Rect,
    next: &Canvas,
    next_dirty: Rect,
) -> Option<(Dispose, Rect)> {
    let cleared = now.bounds(next_dirty, next, |a, b| a != CLEAR && b == CLEAR);
    let larger = rect.around(cleared);
    let drawn = rect.area();
    let mut best = None;
    for (dispose, rect) in [
        (Dispose::Keep, rect),
        (Dispose::Previous, rect),
        (Dispose::Background, larger),
    ] {
        if dispose == Dispose::Keep && !cleared.is_empty() {
            continue;
        }
        let region = next_dirty.around(if dispose == Dispose::Keep {
            Rect::default()
        } else {
            rect
        });
        // Pixels that are only drawn to be disposed of are cheap, but not free.
        let mut cost = (rect.area() - drawn) / 16;
        let mut possible = true;
        for y in 0..region.height {
            let row = region.top + y;
            let inside_rows = row >= rect.top && row < rect.bottom();
            let inside = |x: u32| inside_rows && x >= rect.left && x < rect.right();
            let rows = base
                .row(region, y)
                .iter()
                .zip(now.row(region, y))
                .zip(next.row(region, y));
            for (x, ((&base, &now), &next)) in (region.left..).zip(rows) {
                let left = match dispose {
                    Dispose::Keep => now,
                    Dispose::Background if inside(x) => CLEAR,
                    Dispose::Previous if inside(x) => base,
                    _ => now,
                };
                if left != next {
                    cost += 1;
                    possible &= next != CLEAR;
                }
            }
            if !possible {
                break;
            }
        }
        // Keeping is preferred unless much is won: it also leaves the most to later frames.
        if dispose != Dispose::Keep {
            cost += 16 + cost / 8;
        }
        if possible && best.is_none_or(|(least, _, _)| cost < least) {
            best = Some((cost, dispose, rect));
        }
    }
    best.map(|(_, dispose, rect)| (dispose, rect))
}
