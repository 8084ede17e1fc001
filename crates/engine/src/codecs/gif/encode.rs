//! Makes whole files: from a plan, or of the original's own frames.

use whittle_core::{Cancel, Effort, Recipe};

use super::colours::{Palette, Palettes};
use super::geometry::{CLEAR, Canvas};
use super::layout::{Layout, damaged};
use super::lzw::{self, Exact, Free, Thought};
use super::plan::{Planned, dispose_of};
use super::play::Player;
use super::write::{self, FrameHead};
use crate::{Error, Result};

/// What the packing of frames needs to know.
pub(super) struct Context<'a> {
    pub bytes: &'a [u8],
    pub layout: &'a Layout,
    pub recipe: &'a Recipe,
    pub cancel: &'a Cancel,
}

impl Context<'_> {
    pub fn thought(&self) -> Thought {
        match self.recipe.effort {
            Effort::Fast => Thought::NONE,
            Effort::Default => Thought::SOME,
            Effort::Max => Thought::MUCH,
        }
    }

    pub fn play(&self) -> Result<Player<'_>> {
        Player::open(self.bytes, self.layout, &self.recipe.limits)
    }
}

/// The planned animation, with not a pixel changed.
pub(super) fn planned_file(
    context: &Context,
    frames: &[Planned],
    palettes: &Palettes,
) -> Result<Vec<u8>> {
    let Context { layout, recipe, .. } = context;
    let size = (layout.width.into(), layout.height.into());
    let global = match palettes.global.entries.is_empty() {
        true => Vec::new(),
        false => palettes.global.bytes(),
    };
    let mut out = write::header(context.bytes, layout, size, &global, 0, recipe.metadata);
    let mut player = context.play()?;
    let mut base = Canvas::clear(size.0, size.1);
    for (planned, local) in frames.iter().zip(&palettes.local) {
        for _ in 0..planned.stands_for {
            player
                .next()?
                .ok_or_else(|| damaged("a frame went missing"))?;
        }
        let palette = local.as_ref().unwrap_or(&palettes.global);
        let now = player.canvas();
        let packed = frame(context, planned, palette, &base, now)?;
        let local = local.as_ref().map(Palette::bytes);
        let head = FrameHead {
            rect: planned.rect,
            dispose: planned.dispose,
            delay: planned.delay,
            user_input: planned.user_input,
            transparent: palette.transparent,
            palette: local.as_deref(),
        };
        write::frame(&mut out, &head, &packed);
        dispose_of(&mut base, now, planned.rect, planned.dispose);
    }
    out.push(0x3b);
    Ok(out)
}

/// The smallest of the ways to draw what changed between two canvases.
fn frame(
    context: &Context,
    planned: &Planned,
    palette: &Palette,
    base: &Canvas,
    now: &Canvas,
) -> Result<Vec<u8>> {
    let area = planned.rect.area();
    let (mut own, mut free) = (Vec::with_capacity(area), Vec::with_capacity(area));
    let mut last = (CLEAR, palette.transparent);
    for y in 0..planned.rect.height {
        let rows = base
            .row(planned.rect, y)
            .iter()
            .zip(now.row(planned.rect, y));
        for (&before, &after) in rows {
            if last.0 != after {
                last = (after, palette.index(after));
            }
            let stays = before == after && palette.transparent.is_some();
            let index = match (last.1, palette.transparent) {
                (Some(index), _) => index,
                (None, Some(transparent)) if stays => transparent,
                _ => return Err(Error::internal("a palette lacks a colour")),
            };
            own.push(index);
            free.push(stays);
        }
    }
    let (thought, cancel) = (context.thought(), context.cancel);
    let transparent = match palette.transparent {
        Some(transparent) if free.contains(&true) => transparent,
        _ => return Ok(lzw::packed(&Exact(&own), thought, cancel)?.bytes),
    };
    let clear: Vec<u8> = own
        .iter()
        .zip(&free)
        .map(|(&own, &free)| if free { transparent } else { own })
        .collect();
    let choices = Free {
        wanted: &own,
        free: &free,
        transparent,
    };
    let mut best = lzw::packed(&Exact(&clear), thought, cancel)?.bytes;
    for other in [
        lzw::packed(&choices, thought, cancel)?.bytes,
        lzw::packed(&Exact(&own), thought, cancel)?.bytes,
    ] {
        if other.len() < best.len() {
            best = other;
        }
    }
    Ok(best)
}

/// The original's own frames, only packed better: right in every decoder, even where decoders
/// disagree on what a file looks like.
pub(super) fn repacked_file(context: &Context) -> Result<Vec<u8>> {
    let Context {
        bytes,
        layout,
        recipe,
        ..
    } = context;
    let ambiguous = layout.ambiguous();
    let global = layout.global_palette(bytes).unwrap_or(&[]);
    // How much of the global palette somebody needs.
    let mut needed = if ambiguous {
        usize::from(layout.background) + 1
    } else {
        0
    };
    let mut body = Vec::new();
    let mut player = context.play()?;
    for described in &layout.frames {
        context.cancel.check()?;
        let stored = player
            .next_stored()?
            .ok_or_else(|| damaged("a frame went missing"))?;
        let largest = stored.buffer.iter().copied().max().unwrap_or(0);
        let transparent = described
            .transparent
            .filter(|index| ambiguous || stored.buffer.contains(index));
        let used = usize::from(largest.max(transparent.unwrap_or(0))) + 1;
        let local = stored.palette.as_deref().map(|palette| {
            let entries = palette.len() / 3;
            &palette[..3 * used.min(entries).next_power_of_two().max(2).min(entries)]
        });
        let local = local.filter(|local| {
            let used = local.len().min(3 * used);
            global.get(..used) != Some(&local[..used])
        });
        if local.is_none() {
            needed = needed.max(used);
        }
        let head = FrameHead {
            rect: described.rect,
            dispose: described.dispose,
            delay: described.delay,
            user_input: described.user_input,
            transparent,
            palette: local,
        };
        let packed = lzw::packed(&Exact(&stored.buffer), context.thought(), context.cancel)?;
        write::frame(&mut body, &head, &packed.bytes);
    }
    let entries = global.len() / 3;
    let global = match needed {
        0 => &[],
        needed => &global[..3 * needed.next_power_of_two().max(2).min(entries)],
    };
    let size = (layout.width.into(), layout.height.into());
    let background = if ambiguous { layout.background } else { 0 };
    let mut out = write::header(bytes, layout, size, global, background, recipe.metadata);
    out.append(&mut body);
    out.push(0x3b);
    Ok(out)
}

/// The first frame of a file, drawn.
pub(super) fn first_canvas(mut player: Player) -> Result<Canvas> {
    player
        .next()?
        .ok_or_else(|| damaged("there is no frame in it"))?;
    Ok(player.into_canvas())
}
