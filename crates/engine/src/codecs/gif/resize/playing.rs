//! An animation as it is shown, resized frame after frame.

use whittle_core::Placement;

use super::super::encode::Context;
use super::super::geometry::{CLEAR, Canvas, Rect, opaque};
use super::super::play::{Player, Shown};
use crate::Result;

/// Plays the original, and resizes what is shown.
pub(in super::super) struct Resizing<'a> {
    player: Player<'a>,
    placement: &'a Placement,
    canvas: Canvas,
    begun: bool,
}

impl<'a> Resizing<'a> {
    pub fn new(context: &'a Context, placement: &'a Placement) -> Result<Resizing<'a>> {
        Ok(Resizing {
            player: context.play()?,
            placement,
            canvas: Canvas::clear(placement.width, placement.height),
            begun: false,
        })
    }

    /// What is shown, in all its colours.
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// Shows the next frame; `None` after the last.
    pub fn next(&mut self) -> Result<Option<Shown>> {
        let Some(shown) = self.player.next()? else {
            return Ok(None);
        };
        let dirty = if std::mem::replace(&mut self.begun, true) {
            touched(shown.dirty, self.placement)
        } else {
            self.canvas.rect()
        };
        if !dirty.is_empty() {
            let part = part(self.player.canvas(), dirty, self.placement)?;
            self.canvas.paste(dirty, &part);
        }
        Ok(Some(Shown { dirty, ..shown }))
    }
}

/// How far the resizing filter reaches, in pixels of whichever picture has the larger ones.
const REACH: f64 = 3.0;

/// The part of the output that a part of the source has an influence on.
fn touched(source: Rect, placement: &Placement) -> Rect {
    let side = |at: u32, length: u32, start: f64, whole: f64, pixels: u32| {
        if length == 0 {
            return (0, 0);
        }
        let scale = f64::from(pixels) / whole;
        let reach = REACH * scale.max(1.0) + 1.0;
        let from = ((f64::from(at) - start) * scale - reach).floor();
        let to = ((f64::from(at + length) - start) * scale + reach).ceil();
        let within = |at: f64| at.clamp(0.0, f64::from(pixels)) as u32;
        (within(from), within(to) - within(from))
    };
    let (left, width) = side(
        source.left,
        source.width,
        placement.left,
        placement.source_width,
        placement.width,
    );
    let (top, height) = side(
        source.top,
        source.height,
        placement.top,
        placement.source_height,
        placement.height,
    );
    Rect::new(left, top, width, height)
}

/// Resizes only what a part of the output needs. A pixel is opaque afterwards or it is not.
pub(super) fn part(canvas: &Canvas, touched: Rect, placement: &Placement) -> Result<Vec<u32>> {
    let scale_x = placement.source_width / f64::from(placement.width);
    let scale_y = placement.source_height / f64::from(placement.height);
    // A margin in whole output pixels, so that the filter sees at the edges what it would see in
    // the whole picture.
    let margin = |scale: f64| (REACH / scale.min(1.0)).ceil() as u32 + 1;
    let (x, y) = (margin(scale_x), margin(scale_y));
    let left = touched.left.saturating_sub(x);
    let top = touched.top.saturating_sub(y);
    let whole = Rect::new(0, 0, placement.width, placement.height);
    let larger = Rect::new(
        left,
        top,
        touched.right() + x - left,
        touched.bottom() + y - top,
    )
    .within(whole);
    // The pixels of the source that this covers, whole ones.
    let from_x = placement.left + f64::from(larger.left) * scale_x;
    let from_y = placement.top + f64::from(larger.top) * scale_y;
    let (width, height) = (
        f64::from(larger.width) * scale_x,
        f64::from(larger.height) * scale_y,
    );
    let source = Rect::new(
        from_x as u32,
        from_y as u32,
        (from_x + width).ceil() as u32 - from_x as u32,
        (from_y + height).ceil() as u32 - from_y as u32,
    )
    .within(canvas.rect());
    let cut = Canvas {
        width: source.width,
        height: source.height,
        pixels: canvas.cut(source),
    };
    let (left, top) = (
        from_x - f64::from(source.left),
        from_y - f64::from(source.top),
    );
    let resized = crate::resize::resized(
        &cut.image(),
        &Placement {
            left,
            top,
            source_width: width.min(f64::from(source.width) - left),
            source_height: height.min(f64::from(source.height) - top),
            width: larger.width,
            height: larger.height,
        },
    )?;
    let pixels = resized.rgba.chunks_exact(4).map(|pixel| match pixel[3] {
        128.. => opaque([pixel[0], pixel[1], pixel[2]]),
        _ => CLEAR,
    });
    let resized = Canvas {
        width: larger.width,
        height: larger.height,
        pixels: pixels.collect(),
    };
    Ok(resized.cut(Rect {
        left: touched.left - larger.left,
        top: touched.top - larger.top,
        ..touched
    }))
}
