//! GIF, still or animated.
//!
//! Long animations are never in memory as a whole: they are played again for every purpose.

mod bits;
mod choices;
mod colours;
mod compare;
mod encode;
mod geometry;
mod guesses;
mod judge;
mod layout;
mod limits;
mod look;
mod lossy;
mod lzw;
mod made;
mod memo;
mod parse;
mod perceive;
mod plan;
mod play;
mod resize;
mod search;
mod still;
mod strings;
#[cfg(test)]
mod tests;
mod verify;
mod write;

use whittle_core::{Cancel, Effort, Format, Limits, Recipe, Score, Way};

use self::colours::Palettes;
pub(crate) use self::compare::{compared, same_play};
use self::encode::Context;
use self::layout::{Kind, Layout};
pub(crate) use self::look::{frames, timing};
use self::memo::Memo;
use self::plan::Planned;
use self::play::FilePlayer;
use crate::colour::{Profile, ToSrgb};
use crate::pixels::Image;
use crate::{Encoded, Info, Result, Trials};

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    let layout = Layout::read(bytes, limits, &Cancel::new())?;
    let largest = layout.frames.iter().map(|frame| frame.rect.area()).max();
    Ok(Info {
        format: Format::Gif,
        width: layout.width.into(),
        height: layout.height.into(),
        // Up to four canvases of a word for each pixel, and of a frame what lossy packing weighs: that of
        // animations and of what is resized. A single picture takes a fifth of it.
        peak_memory: 16 * layout.canvas().area() as u64
            + 56 * largest.unwrap_or(0) as u64
            + 4 * bytes.len() as u64
            + (16 << 20),
    })
}

pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    let layout = Layout::read(bytes, limits, cancel)?;
    let mut player = FilePlayer::open(bytes, &layout, limits)?;
    player.next()?;
    Ok(looks(bytes, &layout).apply(&player.into_canvas().image()))
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let memo = &Memo::default();
    let layout = Layout::read(bytes, &recipe.limits, cancel)?;
    let looks = looks(bytes, &layout);
    let context = Context {
        bytes,
        layout: &layout,
        made: None,
        looks: &looks,
        memo,
        recipe,
        cancel,
    };
    let plan = Plan::made(&context)?;
    let mut trials = Trials::default();
    let mut best = lossless(&context, plan.as_ref(), &mut trials)?;
    if let Some(file) = best.take_if(|file| file.len() <= LOOKED_AT_AGAIN) {
        let before = file.len();
        let file = polished(file, recipe, memo, cancel)?;
        trials.smaller(before, file.len());
        best = Some(file);
    }
    let mut score = Score::IDENTICAL;
    if let (Some(target), Some(plan)) = (worthwhile_target(&layout, recipe), &plan) {
        let found = search::kept(&context, &plan.frames, &plan.palettes, target)?;
        let least = best.as_ref().map_or(bytes.len(), Vec::len);
        if let Some(found) = &found {
            trials.made(Way::Reduced, found.file.len(), found.score);
        }
        // Loss must be worth it.
        if let Some(found) = found
            && found.file.len() < least - least / 20
        {
            verify::like_animation(&context, &found.file, &plan.frames)?;
            score = found.score;
            let file = polished(found.file, recipe, memo, cancel)?;
            trials.finished(file.len(), score);
            best = Some(file);
        }
    }
    let derivatives = recipe
        .styles
        .iter()
        .map(|style| resize::derivative(&context, style))
        .collect::<Result<_>>()?;
    let removed = match best {
        Some(_) => layout.removed(recipe.metadata),
        None => Vec::new(),
    };
    Ok(Encoded {
        format: Format::Gif,
        tried: trials.judged(best.as_deref(), score),
        bytes: best,
        score,
        width: layout.width.into(),
        height: layout.height.into(),
        frames: layout.frames.len() as u32,
        removed,
        notes: notes(&layout),
        derivatives,
    })
}

/// Files of up to so many bytes are packed again until nothing is gained: for them a few bytes of
/// headers count, which only the packed file shows to be useless.
const LOOKED_AT_AGAIN: usize = 1 << 18;

/// What a lossy mode aims at; `None` where the file has lost about as much already.
fn worthwhile_target(layout: &Layout, recipe: &Recipe) -> Option<Score> {
    /// Fewer points than this do not show.
    const MORE: f64 = 3.0;
    let kept = layout.loss.map_or(f64::INFINITY, f64::from);
    recipe.target().filter(|target| target.0 < kept - MORE)
}

/// The same animation, made smaller without further loss: the search for loss does not think as
/// long about each frame, and nothing should be left for a second run.
fn polished(mut file: Vec<u8>, recipe: &Recipe, memo: &Memo, cancel: &Cancel) -> Result<Vec<u8>> {
    while let Some(smaller) = packed_again(&file, recipe, memo, cancel)? {
        file = smaller;
    }
    Ok(file)
}

fn packed_again(
    file: &[u8],
    recipe: &Recipe,
    memo: &Memo,
    cancel: &Cancel,
) -> Result<Option<Vec<u8>>> {
    let layout = Layout::read(file, &recipe.limits, cancel)?;
    let looks = looks(file, &layout);
    let context = Context {
        bytes: file,
        layout: &layout,
        made: None,
        looks: &looks,
        memo,
        recipe,
        cancel,
    };
    let plan = Plan::made(&context)?;
    lossless(&context, plan.as_ref(), &mut Trials::default())
}

/// How the file's colours become sRGB.
fn looks(bytes: &[u8], layout: &Layout) -> ToSrgb {
    match layout.profile(bytes) {
        Some(profile) => Profile(profile).to_srgb(false),
        None => ToSrgb::Same,
    }
}

/// How to draw the animation anew.
struct Plan {
    frames: Vec<Planned>,
    palettes: Palettes,
}

impl Plan {
    /// `None` when it cannot be drawn anew: then only the original's own frames can be packed
    /// better.
    fn made(context: &Context) -> Result<Option<Plan>> {
        if context.made.is_none() && context.layout.ambiguous() {
            return Ok(None);
        }
        let Some(frames) = plan::planned(context)? else {
            return Ok(None);
        };
        Ok(colours::palettes(&frames).map(|palettes| Plan { frames, palettes }))
    }
}

/// The smallest file that shows exactly the same, if any is smaller than the original.
fn lossless(
    context: &Context,
    plan: Option<&Plan>,
    trials: &mut Trials,
) -> Result<Option<Vec<u8>>> {
    let Context {
        bytes,
        layout,
        recipe,
        cancel,
        ..
    } = context;
    let each_alone = || vec![1; layout.frames.len()];
    let mut candidates = Vec::new();
    let mut candidate = |way, file: Vec<u8>, stands_for: Vec<_>| {
        trials.made(way, file.len(), Score::IDENTICAL);
        candidates.push((file, stands_for));
    };
    let stripped = layout.stripped(bytes, recipe.metadata);
    candidate(Way::Stripped, stripped, each_alone());
    let mut drawn = None;
    if let Some(Plan { frames, palettes }) = plan {
        let file = encode::planned_file(context, frames, palettes)?;
        drawn = Some(file.len());
        let stands_for = frames.iter().map(|f| f.stands_for).collect();
        candidate(Way::Redrawn, file, stands_for);
    }
    cancel.progress(0.2);
    if may_win(context, drawn)? {
        let file = encode::repacked_file(context, recipe.effort)?;
        candidate(Way::Packed, file, each_alone());
    }
    cancel.progress(0.3);
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

/// Whether the original's own frames may take fewer bytes than those that were drawn anew.
fn may_win(context: &Context, drawn: Option<usize>) -> Result<bool> {
    let Some(drawn) = drawn else {
        return Ok(true);
    };
    // A single frame is the same either way.
    if context.layout.frames.len() == 1 {
        return Ok(false);
    }
    let quick = encode::repacked_file(context, Effort::Fast)?;
    // More thought saves one or two percent.
    Ok(quick.len() < drawn + drawn / 32)
}

/// What is special about the file, in a few words.
fn notes(layout: &Layout) -> Vec<String> {
    let mut notes = Vec::new();
    if layout
        .frames
        .iter()
        .any(|frame| frame.transparent.is_some())
    {
        notes.push("transparent".to_owned());
    }
    if layout.extensions.iter().any(|e| e.kind == Kind::Icc) {
        notes.push("colour profile kept".to_owned());
    }
    notes
}
