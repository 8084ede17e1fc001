//! Finds the smallest file in which every frame still looks good enough.
//!
//! Frame after frame is drawn with more or less loss until its score is just above the target. What
//! stands still is measured once, so this costs about as much as what moves.

use whittle_core::{Effort, Score};

use super::colours::{Palette, Palettes};
use super::encode::Context;
use super::geometry::{Canvas, Rect};
use super::guesses::{Checks, Guesses};
use super::judge::Judge;
use super::layout::{Dispose, damaged};
use super::limits::{POINTS_FOR_E, Range, Trial, nearest};
use super::lossy::{Drawing, Nearness, Painted, repacked};
use super::perceive::Eye;
use super::plan::Planned;
use super::resize::Resizing;
use super::still;
use super::write::{self, FrameHead};
use crate::Result;
use crate::score::Reference;

/// How far below the target the worst block of a frame may be.
pub(super) const WORST: f64 = 12.0;

/// A file that keeps the target.
pub(super) struct Found {
    pub file: Vec<u8>,
    /// The mean over the frames.
    pub score: Score,
    /// The worst frame's.
    pub lowest: Score,
}

/// How far below the target the mean may end: guesses of frames that are not measured as a whole.
const MEAN_SLACK: f64 = 0.25;

/// How far below the target one frame may end.
const FRAME_SLACK: f64 = 1.0;

/// As [`searched`], and the target is kept by all frames together and by each; `None` where that
/// cannot be had. What a frame leaves behind may only show in later ones, which cannot repair it: then
/// the whole is drawn again for more than the target.
pub(super) fn kept(
    context: &Context,
    frames: &[Planned],
    palettes: &Palettes,
    target: Score,
) -> Result<Option<Found>> {
    if let ([planned], [local]) = (frames, &palettes.local[..])
        && still::serves(context, planned)
    {
        let palette = local.as_ref().unwrap_or(&palettes.global);
        return still::searched(context, planned, palette, target);
    }
    let mut aim = target.0;
    for _ in 0..3 {
        let found = searched(context, frames, palettes, (target, Score(aim)), None)?;
        let mean = target.0 - MEAN_SLACK - found.score.0;
        let missing = mean.max(target.0 - FRAME_SLACK - found.lowest.0);
        if missing <= 0.0 {
            return Ok(Some(found));
        }
        aim = (aim + missing.max(1.0)).min(Score::IDENTICAL.0);
    }
    Ok(None)
}

/// Draws the planned animation with as much loss as the target allows to each frame. What the
/// frames are judged by is `truth` where it is there: then frames that cannot reach the target are
/// drawn without further loss. The file notes the target; frames are drawn for the aim.
pub(super) fn searched(
    context: &Context,
    frames: &[Planned],
    palettes: &Palettes,
    (target, aim): (Score, Score),
    mut truth: Option<Resizing>,
) -> Result<Found> {
    let Context { layout, cancel, .. } = context;
    let canvas = layout.canvas();
    let global = palettes.global_bytes();
    let size = (canvas.width, canvas.height);
    let metadata = context.recipe.metadata;
    let loss = Some(target);
    let mut out = write::header(context.bytes, layout, size, &global, 0, metadata, loss);
    let mut player = context.play()?;
    let mut eye = Eye::new();
    let shared = Nearness::new(&palettes.global, &mut eye);
    let holes = frames.iter().any(|frame| frame.holes) || truth.is_some();
    let mut search = Search {
        context,
        judge: Judge::new(canvas, holes, context.looks),
        target: aim.0,
        noise: 0.0,
        exact_is_enough: truth.is_some(),
        guesses: Guesses::new(aim.0),
        shown: Canvas::clear(canvas.width, canvas.height),
    };
    let checks = Checks::new(context.recipe.effort, canvas.area(), frames.len());
    // What the original showed before.
    let mut last = Canvas::clear(canvas.width, canvas.height);
    let mut dirty = canvas;
    let (mut sum, mut count, mut lowest) = (0.0, 0.0, Score::IDENTICAL.0);
    for (number, (planned, local)) in frames.iter().zip(&palettes.local).enumerate() {
        for _ in 0..planned.stands_for {
            cancel.check()?;
            let missing = || damaged("a frame went missing");
            dirty = dirty.around(player.next()?.ok_or_else(missing)?.dirty);
            if let Some(truth) = &mut truth {
                dirty = dirty.around(truth.next()?.ok_or_else(missing)?.dirty);
            }
        }
        let palette = local.as_ref().unwrap_or(&palettes.global);
        let own = local.as_ref().map(|local| Nearness::new(local, &mut eye));
        let now = player.canvas();
        let scene = Scene {
            drawing: Drawing::new(
                planned,
                palette,
                own.as_ref().unwrap_or(&shared),
                [&last, now, &search.shown],
                &mut eye,
            ),
            palette,
            rect: planned.rect,
            dirty,
            ideal: truth.as_ref().map_or(now, Resizing::canvas),
            before: search.shown.cut(planned.rect),
        };
        let (painted, score) = search.painted(&scene, checks.includes(number))?;
        last.copy(dirty, now);
        sum += score * f64::from(planned.stands_for);
        lowest = score.min(lowest);
        count += f64::from(planned.stands_for);
        dirty = match planned.dispose {
            Dispose::Keep => Rect::default(),
            Dispose::Background => {
                search.shown.wipe(planned.rect);
                planned.rect
            }
            Dispose::Previous => {
                search.shown.paste(planned.rect, &scene.before);
                planned.rect
            }
        };
        let rect = painted.rect;
        let (packed, local, transparent) = repacked(
            painted.packed,
            palette,
            local.is_some(),
            context.recipe.effort,
            cancel,
        )?;
        let head = FrameHead {
            rect,
            dispose: planned.dispose,
            delay: planned.delay,
            user_input: planned.user_input,
            transparent,
            palette: local.as_deref(),
        };
        write::frame(&mut out, &head, &packed);
        if number == 0 {
            write::after_first_frame(&mut out, layout);
        }
        cancel.progress(0.4 + 0.5 * (number + 1) as f32 / frames.len() as f32);
    }
    out.push(0x3b);
    Ok(Found {
        file: out,
        score: Score(sum / count),
        lowest: Score(lowest),
    })
}

/// A frame that is to be drawn.
struct Scene<'a> {
    drawing: Drawing<'a>,
    palette: &'a Palette,
    /// The most that it draws.
    rect: Rect,
    /// Where pictures changed since the frame before.
    dirty: Rect,
    /// What it should look like.
    ideal: &'a Canvas,
    /// What its rectangle holds before it is drawn.
    before: Vec<u32>,
}

struct Search<'a> {
    context: &'a Context<'a>,
    judge: Judge<'a>,
    target: f64,
    /// By how much the judge is too kind.
    noise: f64,
    exact_is_enough: bool,
    guesses: Guesses,
    /// What decoders show.
    shown: Canvas,
}

impl Search<'_> {
    /// Draws a frame with as much loss as may be; gives its score too. With `check`, the score is
    /// measured by the whole picture, as others will.
    fn painted(&mut self, scene: &Scene, check: bool) -> Result<(Painted, f64)> {
        let mut dirty = scene.dirty;
        let mut guess = self.guesses.first(scene.rect);
        loop {
            let (painted, limit) = self.nearest(scene, dirty, guess)?;
            self.guesses.learn(scene.rect, limit);
            let score = self.judge.score();
            if !check || painted.packed.symbols.is_empty() {
                return Ok((painted, score - self.noise));
            }
            let (ideal, shown) = (
                self.context.judged(scene.ideal),
                self.context.judged(&self.shown),
            );
            let real = Reference::new(&ideal)?.score(&shown)?.0;
            let noise = score - real;
            let too_kind = noise > self.noise + 0.1;
            self.noise = noise.clamp(-0.5, 8.0);
            if real >= self.target || !too_kind || limit == 0.0 {
                return Ok((painted, real));
            }
            dirty = scene.rect;
            guess = limit * (((real - self.target) / POINTS_FOR_E).exp() as f32).min(0.95);
        }
    }

    /// Tries limits until the score is near the target; what it gives is what is shown and judged.
    fn nearest(&mut self, scene: &Scene, dirty: Rect, guess: f32) -> Result<(Painted, f32)> {
        let target = self.target + self.noise;
        let mut dirty = dirty.around(scene.rect);
        let range = Range {
            guess,
            most: self.guesses.most,
            all_or_nothing: self.exact_is_enough,
            trials: match self.context.recipe.effort {
                Effort::Fast => 2,
                Effort::Default => 4,
                Effort::Max => 7,
            },
            step: 1.12,
            near: 0.5,
            gain: 1.0 / 512.0,
        };
        let best = nearest(range, |limit| {
            let painted = self.tried(scene, dirty, limit)?;
            dirty = scene.rect;
            let worst = self.judge.worst_block(scene.rect) - target + WORST;
            Ok(Trial {
                bytes: painted.packed.bytes.len(),
                spare: (self.judge.score() - target).min(worst),
                made: painted,
            })
        })?;
        let (best, limit) = match best {
            Some(best) => best,
            None => (self.tried(scene, dirty, 0.0)?, 0.0),
        };
        // The last trial may have been another.
        self.show(scene, scene.rect, &best)?;
        Ok((best, limit))
    }

    fn tried(&mut self, scene: &Scene, dirty: Rect, limit: f32) -> Result<Painted> {
        self.context.cancel.check()?;
        let painted = scene.drawing.painted(limit, self.context.cancel)?;
        self.show(scene, dirty, &painted)?;
        Ok(painted)
    }

    /// Draws it on what was there before, and judges the result.
    fn show(&mut self, scene: &Scene, dirty: Rect, painted: &Painted) -> Result<()> {
        self.shown.paste(scene.rect, &scene.before);
        painted.onto(&mut self.shown, scene.palette);
        self.judge.update(dirty, scene.ideal, &self.shown)
    }
}
