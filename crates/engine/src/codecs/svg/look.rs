//! A drawing for people to look at.

use whittle_core::{Cancel, Limits, ResizeStyle};

use super::open::Source;
use super::render::{self, Drawing};
use super::resize::{self, with_own_size};
use super::size::Geometry;
use super::tree::Tree;
use super::{PICTURE, on_large_stack, weight};
use crate::Result;
use crate::pixels::Image;

/// The drawing with a size of its own, and that size. Refused when drawing it would take too much.
pub(crate) fn opened(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<(String, u32, u32)> {
    on_large_stack(|| {
        let source = Source::open(bytes, limits)?;
        let document = source.parse()?;
        weight::check(&document, limits)?;
        cancel.check()?;
        let geometry = Geometry::of(document.root_element());
        let text = with_own_size(&Tree::of(&document), &geometry).written();
        let drawing = Drawing::of(&text)?;
        let (width, height) = sized(&drawing);
        drawing.bearable(width, height)?;
        let (width, height) = geometry.rounded();
        Ok((text, width.max(1), height.max(1)))
    })
}

/// A drawing that was opened, at another size.
pub(crate) fn resized(text: &str, style: &ResizeStyle, limits: &Limits) -> Result<String> {
    on_large_stack(|| {
        let source = Source::open(text.as_bytes(), limits)?;
        let document = source.parse()?;
        let geometry = Geometry::of(document.root_element());
        Ok(resize::resized(&Tree::of(&document), &geometry, style).written())
    })
}

/// The drawing's pixels for comparing, its text as boxes; the longest side is what pictures of
/// drawings have.
pub(crate) fn drawn(text: &str, cancel: &Cancel) -> Result<Image> {
    cancel.check()?;
    on_large_stack(|| {
        let drawing = Drawing::of(text)?;
        let (width, height) = sized(&drawing);
        let (width, height) = drawing.bearable(width, height)?;
        Ok(render::image(&drawing.render(width, height)?))
    })
}

/// The same, stretched to a size.
pub(crate) fn drawn_as(text: &str, width: u32, height: u32) -> Result<Image> {
    on_large_stack(|| Ok(render::image(&Drawing::of(text)?.render(width, height)?)))
}

fn sized(drawing: &Drawing) -> (u32, u32) {
    let (width, height) = drawing.size();
    let scale = PICTURE / f64::from(width.max(height));
    let whole = |length: f32| ((f64::from(length) * scale).round() as u32).max(1);
    (whole(width), whole(height))
}
