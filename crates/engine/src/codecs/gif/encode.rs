//! Makes whole files: from a plan, or of the original's own frames.

use whittle_core::{Cancel, Effort, Recipe};

use super::choices::Free;
use super::colours::{Palette, Palettes, small_palette};
use super::geometry::{CLEAR, Canvas};
use super::layout::{Layout, damaged};
use super::lzw::{self, Thought};
use super::made::Made;
use super::memo::Memo;
use super::parse;
use super::plan::{Planned, dispose_of};
use super::play::{FilePlayer, Player};
use super::write::{self, FrameHead};
use crate::colour::ToSrgb;
use crate::pixels::Image;
use crate::{Error, Result};

/// What the packing of frames needs to know.
pub(super) struct Context<'a> {
    pub bytes: &'a [u8],
    pub layout: &'a Layout,
    /// Pictures to be written instead of the file's own.
    pub made: Option<&'a Made>,
    pub looks: &'a ToSrgb,
    pub memo: &'a Memo,
    pub recipe: &'a Recipe,
    pub cancel: &'a Cancel,
}

impl Context<'_> {
    pub fn play(&self) -> Result<Player<'_>> {
        Ok(match self.made {
            Some(made) => Player::Made(made.play()),
            None => Player::File(Box::new(self.play_file()?)),
        })
    }

    pub fn play_file(&self) -> Result<FilePlayer<'_>> {
        FilePlayer::open(self.bytes, self.layout, &self.recipe.limits)
    }

    /// A picture as the scorer wants it.
    pub fn judged(&self, canvas: &Canvas) -> Image {
        match self.looks {
            ToSrgb::Same => canvas.image(),
            _ => self.looks.apply(&canvas.image()),
        }
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
    let global = palettes.global_bytes();
    // Resized pictures have lost colours already.
    let loss = context.made.and(recipe.target());
    let mut out = write::header(
        context.bytes,
        layout,
        size,
        &global,
        0,
        recipe.metadata,
        loss,
    );
    let mut player = context.play()?;
    let mut base = Canvas::clear(size.0, size.1);
    for (number, (planned, local)) in frames.iter().zip(&palettes.local).enumerate() {
        for _ in 0..planned.stands_for {
            player
                .next()?
                .ok_or_else(|| damaged("a frame went missing"))?;
        }
        let now = player.canvas();
        let drawing = Drawing {
            context,
            planned,
            base: &base,
            now,
        };
        let mut best = drawing.packed(local.as_ref().unwrap_or(&palettes.global))?;
        let mut local = local.clone();
        if local.is_none()
            && let Some(own) = small_palette(planned)
            // The packed pixels begin with their code size.
            && 1 << best[0] > own.entries.len().next_power_of_two()
        {
            let packed = drawing.packed(&own)?;
            if packed.len() + own.bytes().len() < best.len() {
                (best, local) = (packed, Some(own));
            }
        }
        let palette = local.as_ref().unwrap_or(&palettes.global);
        let bytes = local.as_ref().map(Palette::bytes);
        let head = FrameHead {
            rect: planned.rect,
            dispose: planned.dispose,
            delay: planned.delay,
            user_input: planned.user_input,
            transparent: palette.transparent,
            palette: bytes.as_deref(),
        };
        write::frame(&mut out, &head, &best);
        if number == 0 {
            write::after_first_frame(&mut out, layout);
        }
        dispose_of(&mut base, now, planned.rect, planned.dispose);
    }
    out.push(0x3b);
    Ok(out)
}

/// What changed between two canvases, to be drawn with one palette or another.
struct Drawing<'a> {
    context: &'a Context<'a>,
    planned: &'a Planned,
    base: &'a Canvas,
    now: &'a Canvas,
}

impl Drawing<'_> {
    /// The smallest of the ways to draw it: what is unchanged may be transparent, or have its
    /// colour, or now this and now that.
    fn packed(&self, palette: &Palette) -> Result<Vec<u8>> {
        let area = self.planned.rect.area();
        let (mut own, mut free) = (Vec::with_capacity(area), Vec::with_capacity(area));
        let mut last = (CLEAR, palette.transparent);
        for y in 0..self.planned.rect.height {
            let (base, now) = (
                self.base.row(self.planned.rect, y),
                self.now.row(self.planned.rect, y),
            );
            for (&before, &after) in base.iter().zip(now) {
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
        match palette.transparent {
            Some(transparent) if free.contains(&true) => {
                let clear: Vec<u8> = own
                    .iter()
                    .zip(&free)
                    .map(|(&own, &free)| if free { transparent } else { own })
                    .collect();
                let memo = self.context.memo;
                memo.packed((&own, &clear, transparent), || {
                    self.smallest([&own, &clear], &free, transparent)
                })
            }
            _ => packed(self.context, &own, self.context.recipe.effort),
        }
    }

    /// The smallest of the ways to draw pixels of which some may be transparent as well.
    fn smallest(
        &self,
        [own, clear]: [&[u8]; 2],
        free: &[bool],
        transparent: u8,
    ) -> Result<Vec<u8>> {
        let (effort, cancel) = (self.context.recipe.effort, self.context.cancel);
        let choices = Free {
            wanted: own,
            free,
            transparent,
        };
        let [first, others @ ..] = Thought::attempts(effort) else {
            return Err(Error::internal("there is no way to pack"));
        };
        let mut mixed = lzw::packed(&choices, *first, cancel)?;
        let quick = |symbols: &[u8]| -> Result<usize> {
            Ok(parse::packed(symbols, Effort::Fast, cancel)?.len())
        };
        let (drawn, left) = (quick(own)?, quick(clear)?);
        // More thought is not worth its time where it would have to win by much.
        if mixed.bytes.len() < drawn.min(left) + drawn.min(left) / 32 {
            for &thought in others {
                let other = lzw::packed(&choices, thought, cancel)?;
                if other.bytes.len() < mixed.bytes.len() {
                    mixed = other;
                }
            }
        }
        let least = mixed.bytes.len().min(drawn).min(left);
        let symbols = match least {
            least if least == left => clear,
            least if least == drawn => own,
            _ => &mixed.symbols,
        };
        let best = parse::packed(symbols, effort, cancel)?;
        Ok(if mixed.bytes.len() < best.len() {
            mixed.bytes
        } else {
            best
        })
    }
}

/// The symbols packed, unless that was done before.
fn packed(context: &Context, symbols: &[u8], effort: Effort) -> Result<Vec<u8>> {
    context.memo.packed((symbols, effort as u8), || {
        parse::packed(symbols, effort, context.cancel)
    })
}

/// The original's own frames, only packed better: right in every decoder, even where decoders
/// disagree on what a file looks like.
pub(super) fn repacked_file(context: &Context, effort: Effort) -> Result<Vec<u8>> {
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
    let mut player = context.play_file()?;
    for (number, described) in layout.frames.iter().enumerate() {
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
        let packed = packed(context, &stored.buffer, effort)?;
        write::frame(&mut body, &head, &packed);
        if number == 0 {
            write::after_first_frame(&mut body, layout);
        }
    }
    let entries = global.len() / 3;
    let global = match needed {
        0 => &[],
        needed => &global[..3 * needed.next_power_of_two().max(2).min(entries)],
    };
    let size = (layout.width.into(), layout.height.into());
    let background = if ambiguous { layout.background } else { 0 };
    let mut out = write::header(
        bytes,
        layout,
        size,
        global,
        background,
        recipe.metadata,
        None,
    );
    out.append(&mut body);
    out.push(0x3b);
    Ok(out)
}
