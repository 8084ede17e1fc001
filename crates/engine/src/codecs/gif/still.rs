//! Loss in a single picture that fills its canvas: it is kept as places in its palette, so that a large one
//! takes a fifth of the memory that an animation takes for each pixel.

use whittle_core::{Effort, Score};

use super::colours::Palette;
use super::encode::Context;
use super::geometry::Rect;
use super::guesses::Guesses;
use super::layout::damaged;
use super::limits::{Range, Trial, nearest};
use super::lossy::{Drawing, Nearness, repacked};
use super::perceive::Eye;
use super::plan::Planned;
use super::search::{Found, WORST};
use super::write::{self, FrameHead};
use crate::Result;
use crate::pixels::{Image, Pixels};
use crate::score::Reference;

/// Limits that are tried. Nothing is known from earlier frames, and one picture is all there is to do.
fn trials(effort: Effort) -> usize {
    match effort {
        Effort::Fast => 3,
        Effort::Default => 8,
        Effort::Max => 12,
    }
}

/// Whether the only frame is such a picture.
pub(super) fn serves(context: &Context, planned: &Planned) -> bool {
    planned.stands_for == 1 && planned.rect == context.layout.canvas()
}

/// The picture with as much loss as the target allows; `None` where it allows none.
pub(super) fn searched(
    context: &Context,
    planned: &Planned,
    palette: &Palette,
    target: Score,
) -> Result<Option<Found>> {
    let Context { layout, cancel, .. } = context;
    let canvas = layout.canvas();
    let mut eye = Eye::new();
    let nearness = Nearness::new(palette, &mut eye);
    let drawing = {
        let mut player = context.play()?;
        player
            .next()?
            .ok_or_else(|| damaged("a frame went missing"))?;
        Drawing::first(planned, palette, &nearness, player.canvas(), &mut eye)
    };
    let looks = looks(context, palette);
    let reference = Reference::of(picture(canvas, drawing.wanted(), &looks));
    let floor = Score(target.0 - WORST);
    let range = Range {
        // What was right for photographs and scans.
        guess: (0.02 * (1.0 + (90.0 - target.0).max(0.0) / 40.0)) as f32,
        most: Guesses::new(target.0).most,
        all_or_nothing: false,
        trials: trials(context.recipe.effort),
        step: 1.02,
        near: 0.2,
        gain: f64::NEG_INFINITY,
    };
    let best = nearest(range, |limit| {
        cancel.check()?;
        let painted = drawing.painted_whole(limit, cancel)?;
        let shown = picture(canvas, &painted.packed.symbols, &looks);
        let judged = reference.judge_reaching(shown, target, floor)?;
        let spare = judged.score.0 - target.0;
        Ok(Trial {
            bytes: painted.packed.bytes.len(),
            spare: spare.min(judged.worst_block.0 - floor.0),
            made: (painted, judged.score),
        })
    })?;
    let Some(((painted, score), limit)) = best else {
        return Ok(None);
    };
    drop(drawing);
    if limit == 0.0 {
        return Ok(None);
    }
    cancel.progress(0.8);
    let effort = context.recipe.effort;
    let (packed, own, transparent) = repacked(painted.packed, palette, true, effort, cancel)?;
    let size = (canvas.width, canvas.height);
    let metadata = context.recipe.metadata;
    let global = own.unwrap_or_default();
    let mut out = write::header(
        context.bytes,
        layout,
        size,
        &global,
        0,
        metadata,
        Some(target),
    );
    let head = FrameHead {
        rect: planned.rect,
        dispose: planned.dispose,
        delay: planned.delay,
        user_input: planned.user_input,
        transparent,
        palette: None,
    };
    write::frame(&mut out, &head, &packed);
    write::after_first_frame(&mut out, layout);
    out.push(0x3b);
    Ok(Some(Found {
        file: out,
        score,
        lowest: score,
    }))
}

fn picture<'a>(canvas: Rect, symbols: &'a [u8], looks: &'a [[u8; 4]]) -> Pixels<'a> {
    Pixels {
        width: canvas.width,
        height: canvas.height,
        channels: 1,
        data: symbols,
        palette: looks,
    }
}

/// A palette's colours in sRGB.
fn looks(context: &Context, palette: &Palette) -> Vec<[u8; 4]> {
    let shown = context.looks.apply(&Image {
        width: palette.entries.len() as u32,
        height: 1,
        rgba: palette
            .entries
            .iter()
            .flat_map(|entry| entry.to_le_bytes())
            .collect(),
    });
    shown.rgba.as_chunks::<4>().0.to_vec()
}
