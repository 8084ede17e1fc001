//! Puts packed frames into a file.

use super::geometry::Rect;
use super::layout::{Dispose, Kind, LOSS, Layout};
use whittle_core::{Metadata, Score};

/// What stands before a frame's pixels.
pub(super) struct FrameHead<'a> {
    pub rect: Rect,
    pub dispose: Dispose,
    pub delay: u16,
    pub user_input: bool,
    pub transparent: Option<u8>,
    /// A local palette, filled up to a power of two.
    pub palette: Option<&'a [u8]>,
}

/// The signature, the screen and what stands before the first frame. `global` is filled up to a
/// power of two; `loss` is the score that a file with loss aims at.
pub(super) fn header(
    original: &[u8],
    layout: &Layout,
    size: (u32, u32),
    global: &[u8],
    background: u8,
    metadata: Metadata,
    loss: Option<Score>,
) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.extend_from_slice(&(size.0 as u16).to_le_bytes());
    out.extend_from_slice(&(size.1 as u16).to_le_bytes());
    // The colour resolution is of no use to anybody; eight bits is the truth.
    let flags = if global.is_empty() {
        0x70
    } else {
        0xf0 | palette_flags(global)
    };
    out.extend_from_slice(&[flags, background, layout.aspect]);
    out.extend_from_slice(global);
    repeat(&mut out, layout.first_repeat);
    for extension in &layout.extensions {
        // Viewers draw no plain text, and here it would stand before the wrong frame.
        let elsewhere = match extension.kind {
            Kind::Repeat | Kind::PlainText => true,
            Kind::Loss => loss.is_some(),
            _ => false,
        };
        if extension.kind.stays(metadata) && !elsewhere {
            out.extend_from_slice(&original[extension.at.clone()]);
        }
    }
    if let Some(Score(score)) = loss {
        out.extend_from_slice(&[0x21, 0xff, LOSS.len() as u8]);
        out.extend_from_slice(LOSS);
        out.extend_from_slice(&[1, score.round().clamp(0.0, 100.0) as u8, 0]);
    }
    out
}

/// Appends what stands after the first frame: a loop count that overrules the one before.
pub(super) fn after_first_frame(out: &mut Vec<u8>, layout: &Layout) {
    if layout.repeat != layout.first_repeat {
        repeat(out, layout.repeat);
    }
}

fn repeat(out: &mut Vec<u8>, count: Option<u16>) {
    if let Some(count) = count {
        out.extend_from_slice(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
        out.extend_from_slice(&count.to_le_bytes());
        out.push(0);
    }
}

/// Appends one frame; `packed` is what [`super::lzw::packed`] made.
pub(super) fn frame(out: &mut Vec<u8>, head: &FrameHead, packed: &[u8]) {
    let dispose: u8 = match head.dispose {
        Dispose::Keep => 1,
        Dispose::Background => 2,
        Dispose::Previous => 3,
    };
    let plain = head.delay == 0 && !head.user_input && head.transparent.is_none();
    if !(plain && head.dispose == Dispose::Keep) {
        let flags =
            dispose << 2 | u8::from(head.user_input) << 1 | u8::from(head.transparent.is_some());
        let [low, high] = head.delay.to_le_bytes();
        let transparent = head.transparent.unwrap_or(0);
        out.extend_from_slice(&[0x21, 0xf9, 4, flags, low, high, transparent, 0]);
    }
    out.push(0x2c);
    for length in [
        head.rect.left,
        head.rect.top,
        head.rect.width,
        head.rect.height,
    ] {
        out.extend_from_slice(&(length as u16).to_le_bytes());
    }
    let palette = head.palette.unwrap_or(&[]);
    let local = if palette.is_empty() {
        0
    } else {
        0x80 | palette_flags(palette)
    };
    out.push(local);
    out.extend_from_slice(palette);
    out.extend_from_slice(packed);
}

/// The size of a palette as its flags have it.
fn palette_flags(palette: &[u8]) -> u8 {
    ((palette.len() / 3).trailing_zeros() as u8).saturating_sub(1)
}
