//! GIF, still or animated.
//!
//! Long animations are never in memory as a whole: they are played again for every purpose.

mod colours;
mod encode;
mod geometry;
mod layout;
mod lzw;
mod plan;
mod play;
mod verify;
mod write;

use whittle_core::{Cancel, Format, Limits, Recipe, Score};

use self::encode::Context;
use self::layout::{Kind, Layout};
use self::play::Player;
use crate::pixels::Image;
use crate::{Encoded, Info, Result};

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    let layout = Layout::read(bytes, limits, &Cancel::new())?;
    let largest = layout.frames.iter().map(|frame| frame.rect.area()).max();
    Ok(Info {
        format: Format::Gif,
        width: layout.width.into(),
        height: layout.height.into(),
        // Up to four canvases of a word for each pixel, and a few bytes for each pixel of a frame.
        peak_memory: 16 * layout.canvas().area() as u64
            + 8 * largest.unwrap_or(0) as u64
            + 4 * bytes.len() as u64
            + (4 << 20),
    })
}

pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    let layout = Layout::read(bytes, limits, cancel)?;
    let canvas = encode::first_canvas(Player::open(bytes, &layout, limits)?)?;
    Ok(canvas.image())
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let layout = Layout::read(bytes, &recipe.limits, cancel)?;
    let context = Context {
        bytes,
        layout: &layout,
        recipe,
        cancel,
    };
    let best = lossless(&context)?;
    let removed = match best {
        Some(_) => layout.removed(recipe.metadata),
        None => Vec::new(),
    };
    Ok(Encoded {
        format: Format::Gif,
        bytes: best,
        score: Score::IDENTICAL,
        width: layout.width.into(),
        height: layout.height.into(),
        frames: layout.frames.len() as u32,
        removed,
        notes: notes(&layout),
        derivatives: Vec::new(),
    })
}

/// The smallest file that shows exactly the same, if any is smaller than the original.
fn lossless(context: &Context) -> Result<Option<Vec<u8>>> {
    let Context {
        bytes,
        layout,
        recipe,
        cancel,
    } = context;
    let each_alone = || vec![1; layout.frames.len()];
    let mut candidates = vec![
        (layout.stripped(bytes, recipe.metadata), each_alone()),
        (encode::repacked_file(context)?, each_alone()),
    ];
    cancel.progress(0.2);
    if !layout.ambiguous() {
        if let Some(frames) = plan::planned(bytes, layout, &recipe.limits, cancel)? {
            cancel.progress(0.4);
            if let Some(palettes) = colours::palettes(&frames) {
                let file = encode::planned_file(context, &frames, &palettes)?;
                candidates.push((file, frames.iter().map(|f| f.stands_for).collect()));
            }
        }
    }
    cancel.progress(0.8);
    candidates.retain(|(file, _)| file.len() < bytes.len());
    candidates.sort_by_key(|(file, _)| file.len());
    for (file, stands_for) in candidates {
        let frames = stands_for.into_iter();
        match verify::same_animation(bytes, layout, &file, frames, &recipe.limits, cancel) {
            Ok(()) => return Ok(Some(file)),
            Err(crate::Error::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(error) => tracing::warn!(%error, "a GIF candidate failed its check"),
        }
    }
    Ok(None)
}

/// What is special about the file, in a few words.
fn notes(layout: &Layout) -> Vec<String> {
    let mut notes = Vec::new();
    if layout.frames.len() > 1 {
        notes.push(format!("{} frames", layout.frames.len()));
    }
    if layout.frames.iter().any(|frame| frame.transparent.is_some()) {
        notes.push("transparent".to_owned());
    }
    if layout.extensions.iter().any(|e| e.kind == Kind::Icc) {
        notes.push("colour profile kept".to_owned());
    }
    notes
}
