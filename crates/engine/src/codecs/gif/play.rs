//! Shows an animation frame by frame, as browsers do: the canvas begins transparent, and
//! restoring the background makes transparent again.

use std::io::{Chain, Read};
use std::num::NonZeroU64;

use whittle_core::Limits;

use super::geometry::{CLEAR, Canvas, Rect, opaque};
use super::layout::{Dispose, Layout, damaged};
use super::made::MadePlayer;
use crate::{Error, Result};

/// Shows the frames of an animation, wherever they come from.
pub(super) enum Player<'a> {
    /// From a file.
    File(Box<FilePlayer<'a>>),
    /// From pictures that were made here.
    Made(MadePlayer<'a>),
}

impl Player<'_> {
    /// What is shown.
    pub fn canvas(&self) -> &Canvas {
        match self {
            Player::File(player) => player.canvas(),
            Player::Made(player) => player.canvas(),
        }
    }

    /// Shows the next frame; `None` after the last.
    pub fn next(&mut self) -> Result<Option<Shown>> {
        match self {
            Player::File(player) => player.next(),
            Player::Made(player) => player.next(),
        }
    }
}

/// One canvas and one decoded frame in memory, however long the animation is.
pub(super) struct FilePlayer<'a> {
    decoder: gif::Decoder<Chain<&'a [u8], &'static [u8]>>,
    global: Vec<u32>,
    canvas: Canvas,
    /// What the shown frame covered, when it restores it.
    saved: Vec<u32>,
    /// The shown frame's rectangle and how it is disposed of.
    shown: Option<(Rect, Dispose)>,
}

/// What one step changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Outside of it the canvas is as it was one frame before.
    pub dirty: Rect,
    /// Hundredths of a second.
    pub delay: u16,
    pub user_input: bool,
}

impl<'a> FilePlayer<'a> {
    /// Ready to show the first frame of a file with this layout.
    pub fn open(bytes: &'a [u8], layout: &Layout, limits: &Limits) -> Result<FilePlayer<'a>> {
        let mut options = gif::DecodeOptions::new();
        // One byte a pixel: the layout has checked that no frame has more.
        let most = NonZeroU64::new(limits.pixels).unwrap_or(NonZeroU64::MIN);
        options.set_memory_limit(gif::MemoryLimit::Bytes(most));
        options.allow_unknown_blocks(true);
        let reader = bytes[..layout.end].chain(&b";"[..]);
        Ok(FilePlayer {
            decoder: options.read_info(reader).map_err(failed)?,
            global: layout
                .global_palette(bytes)
                .map(colours)
                .unwrap_or_default(),
            canvas: Canvas::clear(layout.width.into(), layout.height.into()),
            saved: Vec::new(),
            shown: None,
        })
    }

    /// What is shown.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Gives the shown picture away.
    pub fn into_canvas(self) -> Canvas {
        self.canvas
    }

    /// Shows the next frame; `None` after the last.
    pub fn next(&mut self) -> Result<Option<Shown>> {
        let Some(frame) = self.decoder.read_next_frame().map_err(failed)? else {
            return Ok(None);
        };
        let whole = Rect::new(
            frame.left.into(),
            frame.top.into(),
            frame.width.into(),
            frame.height.into(),
        );
        let rect = whole.within(self.canvas.rect());
        let mut dirty = rect;
        match self.shown {
            Some((last, Dispose::Background)) => {
                self.canvas.wipe(last);
                dirty = dirty.around(last);
            }
            Some((last, Dispose::Previous)) => {
                self.canvas.paste(last, &self.saved);
                dirty = dirty.around(last);
            }
            Some((_, Dispose::Keep)) | None => {}
        }
        let dispose = match frame.dispose {
            gif::DisposalMethod::Background => Dispose::Background,
            gif::DisposalMethod::Previous => Dispose::Previous,
            gif::DisposalMethod::Any | gif::DisposalMethod::Keep => Dispose::Keep,
        };
        if dispose == Dispose::Previous {
            self.saved = self.canvas.cut(rect);
        }
        let local;
        let palette = match &frame.palette {
            Some(palette) => {
                local = colours(palette);
                &local
            }
            None => &self.global,
        };
        // An index beyond the palette draws nothing, as in browsers.
        let mut looks = [CLEAR; 256];
        looks[..palette.len()].copy_from_slice(palette);
        if let Some(index) = frame.transparent {
            looks[usize::from(index)] = CLEAR;
        }
        for y in 0..rect.height {
            let start = y as usize * whole.width as usize;
            let indices = &frame.buffer[start..start + rect.width as usize];
            for (pixel, &index) in self.canvas.row_mut(rect, y).iter_mut().zip(indices) {
                let look = looks[usize::from(index)];
                if look != CLEAR {
                    *pixel = look;
                }
            }
        }
        self.shown = Some((rect, dispose));
        Ok(Some(Shown {
            dirty,
            delay: frame.delay,
            user_input: frame.needs_user_input,
        }))
    }

    /// The next frame as it is stored, without showing it.
    pub fn next_stored(&mut self) -> Result<Option<&gif::Frame<'static>>> {
        self.decoder.read_next_frame().map_err(failed)
    }
}

fn colours(palette: &[u8]) -> Vec<u32> {
    palette
        .chunks_exact(3)
        .take(256)
        .map(|rgb| opaque([rgb[0], rgb[1], rgb[2]]))
        .collect()
}

fn failed(error: gif::DecodingError) -> Error {
    match error {
        gif::DecodingError::UnexpectedEof => damaged("it ends within a frame"),
        gif::DecodingError::LzwError(_) => damaged("a frame's pixels do not unpack"),
        other => damaged(other.to_string().trim_end_matches('.')),
    }
}
