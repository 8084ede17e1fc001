//! Where the blocks of a GIF lie, told without decoding a pixel.

use std::ops::Range;

use whittle_core::{Cancel, Format, Limits, Metadata};

use super::geometry::Rect;
use crate::pixels::check_size;
use crate::{Error, Result};

/// The blocks of a file whose structure is sound up to the trailer, or up to the end of a block
/// where the trailer is missing.
pub(super) struct Layout {
    pub width: u16,
    pub height: u16,
    /// The aspect byte of the screen descriptor.
    pub aspect: u8,
    /// The background's index in the global palette.
    pub background: u8,
    /// Three bytes a colour.
    pub global: Option<Range<usize>>,
    pub frames: Vec<FrameLayout>,
    /// `None` plays once, 0 for ever.
    pub repeat: Option<u16>,
    /// Some decoders only look at the first loop count where there are several.
    pub first_repeat: Option<u16>,
    pub extensions: Vec<Extension>,
    /// The score that Whittle aimed at when it made the file with loss. Nothing else tells that an
    /// animation has lost already what may be lost, whoever copied or renamed it.
    pub loss: Option<u8>,
    /// Where the blocks end, the trailer not included.
    pub end: usize,
    /// Whether bytes follow the trailer.
    pub trailing: bool,
}

/// What the file says of one frame before its pixels.
pub(super) struct FrameLayout {
    pub rect: Rect,
    pub dispose: Dispose,
    /// Hundredths of a second.
    pub delay: u16,
    pub transparent: Option<u8>,
    pub user_input: bool,
}

/// What happens to a frame's rectangle before the next frame is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dispose {
    Keep,
    Background,
    Previous,
}

/// A block that holds no picture.
#[derive(Clone)]
pub(super) struct Extension {
    /// From its introducer to its terminator.
    pub at: Range<usize>,
    pub kind: Kind,
}

/// What an extension is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Comment,
    Xmp,
    Icc,
    Repeat,
    PlainText,
    Application,
    /// Our own note that colours were lost, see [`Layout::loss`].
    Loss,
}

impl Kind {
    /// Whether the policy lets it stay. A profile is colour, not metadata.
    pub fn stays(self, policy: Metadata) -> bool {
        match self {
            Kind::Icc | Kind::Repeat | Kind::Loss => true,
            // No viewer draws these, and they would take away the next frame's timing.
            Kind::PlainText => policy == Metadata::Keep,
            Kind::Comment | Kind::Xmp | Kind::Application => policy == Metadata::Keep,
        }
    }

    /// The words for what is missing when it does not stay.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Comment => "comments",
            Kind::Xmp => "XMP metadata",
            Kind::Icc => "colour profile",
            Kind::Repeat => "loop count",
            Kind::PlainText => "plain text",
            Kind::Application => "application data",
            Kind::Loss => "note of loss",
        }
    }
}

/// The application extension that holds [`Layout::loss`].
pub(super) const LOSS: &[u8] = b"WHITTLE-1.0";

/// The graphic control extension that waits for its image.
#[derive(Clone, Copy)]
struct Control {
    dispose: Dispose,
    delay: u16,
    transparent: Option<u8>,
    user_input: bool,
}

impl Layout {
    /// Walks the blocks.
    pub fn read(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Layout> {
        let mut layout = Layout::header(bytes, limits)?;
        let mut at = layout.end;
        let mut control = None;
        loop {
            match bytes.get(at) {
                // A missing trailer after whole blocks harms nothing.
                None => break,
                Some(0x3b) => {
                    layout.trailing = at + 1 < bytes.len();
                    break;
                }
                Some(0x21) => {
                    let end = sub_blocks_end(bytes, at + 2)?;
                    layout.extension(bytes, at..end, &mut control)?;
                    at = end;
                }
                Some(0x2c) => {
                    cancel.check()?;
                    at = layout.image(bytes, at, control.take(), limits)?;
                }
                Some(_) => return Err(damaged("an unknown block")),
            }
            layout.end = at;
        }
        if layout.frames.is_empty() {
            return Err(damaged("there is no frame in it"));
        }
        Ok(layout)
    }

    fn header(bytes: &[u8], limits: &Limits) -> Result<Layout> {
        let Some(head) = bytes.get(..13) else {
            return Err(damaged("it ends within its header"));
        };
        let width = u16::from_le_bytes([head[6], head[7]]);
        let height = u16::from_le_bytes([head[8], head[9]]);
        if width == 0 || height == 0 {
            return Err(damaged("its canvas is empty"));
        }
        check_size(width.into(), height.into(), limits)?;
        let global = (head[10] & 0x80 != 0).then(|| 13..13 + palette_length(head[10]));
        let end = global.as_ref().map_or(13, |range| range.end);
        if end > bytes.len() {
            return Err(damaged("it ends within its palette"));
        }
        Ok(Layout {
            width,
            height,
            aspect: head[12],
            background: head[11],
            global,
            frames: Vec::new(),
            repeat: None,
            first_repeat: None,
            extensions: Vec::new(),
            loss: None,
            end,
            trailing: false,
        })
    }

    fn extension(
        &mut self,
        bytes: &[u8],
        at: Range<usize>,
        control: &mut Option<Control>,
    ) -> Result<()> {
        let data = first_sub_block(&bytes[at.start + 2..at.end]);
        let kind = match bytes[at.start + 1] {
            0xf9 => {
                let &[flags, low, high, transparent, ..] = data else {
                    return Err(damaged("a frame's control block is too short"));
                };
                *control = Some(Control {
                    dispose: match flags >> 2 & 7 {
                        2 => Dispose::Background,
                        3 => Dispose::Previous,
                        _ => Dispose::Keep,
                    },
                    delay: u16::from_le_bytes([low, high]),
                    transparent: (flags & 1 != 0).then_some(transparent),
                    user_input: flags & 2 != 0,
                });
                return Ok(());
            }
            0xfe => Kind::Comment,
            0x01 => Kind::PlainText,
            0xff => match data {
                b"NETSCAPE2.0" | b"ANIMEXTS1.0" => {
                    let rest = &bytes[at.start + 3 + data.len()..at.end];
                    if let &[1, low, high, ..] = first_sub_block(rest) {
                        // The last one counts where there are several.
                        self.repeat = Some(u16::from_le_bytes([low, high]));
                        self.first_repeat = self.first_repeat.or(self.repeat);
                    }
                    Kind::Repeat
                }
                b"XMP DataXMP" => Kind::Xmp,
                b"ICCRGBG1012" => Kind::Icc,
                LOSS => {
                    let rest = &bytes[at.start + 3 + data.len()..at.end];
                    self.loss = first_sub_block(rest).first().copied();
                    Kind::Loss
                }
                _ => Kind::Application,
            },
            _ => Kind::Application,
        };
        self.extensions.push(Extension { at, kind });
        Ok(())
    }

    fn image(
        &mut self,
        bytes: &[u8],
        at: usize,
        control: Option<Control>,
        limits: &Limits,
    ) -> Result<usize> {
        let Some(&[x0, x1, y0, y1, w0, w1, h0, h1, flags]) = bytes
            .get(at + 1..at + 10)
            .and_then(|part| part.first_chunk())
        else {
            return Err(damaged("it ends within a frame's header"));
        };
        let word = |low, high| u32::from(u16::from_le_bytes([low, high]));
        let rect = Rect::new(word(x0, x1), word(y0, y1), word(w0, w1), word(h0, h1));
        if rect.is_empty() {
            return Err(damaged("a frame is empty"));
        }
        check_size(rect.width, rect.height, limits)?;
        if self.frames.len() >= limits.frames as usize {
            return Err(Error::TooManyFrames {
                limit: limits.frames,
            });
        }
        let local = if flags & 0x80 != 0 {
            palette_length(flags)
        } else if self.global.is_some() {
            0
        } else {
            return Err(damaged("a frame has no palette"));
        };
        let data = at + 10 + local;
        match bytes.get(data) {
            None => return Err(damaged("it ends within a frame")),
            Some(1..=11) => {}
            Some(_) => return Err(damaged("a frame has an impossible code size")),
        }
        let control = control.unwrap_or(Control {
            dispose: Dispose::Keep,
            delay: 0,
            transparent: None,
            user_input: false,
        });
        self.frames.push(FrameLayout {
            rect,
            dispose: control.dispose,
            delay: control.delay,
            transparent: control.transparent,
            user_input: control.user_input,
        });
        sub_blocks_end(bytes, data + 1)
    }

    /// The whole canvas.
    pub fn canvas(&self) -> Rect {
        Rect::new(0, 0, self.width.into(), self.height.into())
    }

    /// The colours of the global palette.
    pub fn global_palette<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        self.global.clone().map(|range| &bytes[range])
    }

    /// The embedded colour profile.
    pub fn profile(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let extension = self.extensions.iter().find(|e| e.kind == Kind::Icc)?;
        let mut rest = &bytes[extension.at.start + 14..extension.at.end];
        let mut profile = Vec::new();
        loop {
            let part = first_sub_block(rest);
            if part.is_empty() {
                return Some(profile);
            }
            profile.extend_from_slice(part);
            rest = &rest[1 + part.len()..];
        }
    }

    /// The words for what this policy removes, each once.
    pub fn removed(&self, policy: Metadata) -> Vec<String> {
        let mut words: Vec<&str> = Vec::new();
        for extension in &self.extensions {
            let word = extension.kind.words();
            if !extension.kind.stays(policy) && !words.contains(&word) {
                words.push(word);
            }
        }
        if self.trailing {
            words.push("data after the picture");
        }
        words.into_iter().map(str::to_owned).collect()
    }

    /// Whether decoders disagree on what is behind the frames: some show the background colour
    /// where others, browsers among them, show nothing, or they enlarge the canvas for a frame that
    /// stands over. Such a file is only packed better, frame by frame.
    pub fn ambiguous(&self) -> bool {
        let canvas = self.canvas();
        let stands_over = |frame: &FrameLayout| frame.rect.within(canvas) != frame.rect;
        let undefined_behind = |frame: &FrameLayout| {
            frame.dispose == Dispose::Background && frame.transparent.is_none()
        };
        let first = &self.frames[0];
        (first.rect != canvas && first.transparent.is_none())
            || self.frames.iter().any(stands_over)
            // What the last frame leaves is never seen.
            || self.frames[..self.frames.len() - 1].iter().any(undefined_behind)
    }

    /// The file as it is, without what the policy removes and without what follows the trailer.
    pub fn stripped(&self, bytes: &[u8], policy: Metadata) -> Vec<u8> {
        let mut kept = Vec::with_capacity(self.end + 1);
        let mut from = 0;
        for extension in &self.extensions {
            if !extension.kind.stays(policy) {
                kept.extend_from_slice(&bytes[from..extension.at.start]);
                from = extension.at.end;
            }
        }
        kept.extend_from_slice(&bytes[from..self.end]);
        kept.push(0x3b);
        kept
    }
}

fn palette_length(flags: u8) -> usize {
    3 * (2 << (flags & 7))
}

/// The data of the sub-block that these bytes begin with; empty for the terminator.
fn first_sub_block(bytes: &[u8]) -> &[u8] {
    let length = bytes.first().map_or(0, |&length| length.into());
    bytes.get(1..1 + length).unwrap_or(&[])
}

/// Where a chain of sub-blocks ends, its terminator included.
fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Result<usize> {
    loop {
        match bytes.get(at) {
            Some(0) => return Ok(at + 1),
            Some(&length) => at += 1 + usize::from(length),
            None => return Err(damaged("it ends within a block")),
        }
    }
}

pub(super) fn damaged(reason: impl ToString) -> Error {
    Error::undecodable(Format::Gif, reason)
}
