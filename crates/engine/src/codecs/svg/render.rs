//! Pictures of an SVG, drawn by resvg without any file, font or network, and their comparison.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, ImageHrefResolver, ImageKind, Options, Tree};

use whittle_core::Placement;

use super::burden::{Burden, LAYERS, PAINTED};
use super::font;
use super::scan::too_complex;
use crate::pixels::Image;
use crate::{Error, Result};

/// A drawing that can be rendered.
pub(super) struct Drawing {
    tree: Tree,
}

impl Drawing {
    /// Takes text that went through [`super::open`]. Its text is drawn as boxes.
    pub(super) fn of(text: &str) -> Result<Drawing> {
        let options = Options {
            font_resolver: font::boxes(),
            ..options()
        };
        Drawing::made(text, &options)
    }

    /// The same without text, for people to look at.
    pub(super) fn without_text(text: &str) -> Result<Drawing> {
        Drawing::made(text, &options())
    }

    fn made(text: &str, options: &Options) -> Result<Drawing> {
        Tree::from_str(text, options)
            .map(|tree| Drawing { tree })
            .map_err(|error| Error::undecodable(whittle_core::Format::Svg, error))
    }

    /// Width and height in CSS pixels, as the renderer sees them.
    pub(super) fn size(&self) -> (f32, f32) {
        (self.tree.size().width(), self.tree.size().height())
    }

    /// The picture, stretched to this many pixels.
    pub(super) fn render(&self, width: u32, height: u32) -> Result<Pixmap> {
        let mut pixmap = Pixmap::new(width, height)
            .ok_or_else(|| Error::internal("the picture is too large to draw"))?;
        let (w, h) = self.size();
        let scale = Transform::from_scale(width as f32 / w, height as f32 / h);
        resvg::render(&self.tree, scale, &mut pixmap.as_mut());
        Ok(pixmap)
    }
}

impl Drawing {
    /// The picture as it lies in a box of the placed size, stretched to this many pixels.
    pub(super) fn render_placed(
        &self,
        width: u32,
        height: u32,
        placed: &Placement,
        [sx, sy, dx, dy]: [f64; 4],
    ) -> Result<Pixmap> {
        let mut pixmap = Pixmap::new(width, height)
            .ok_or_else(|| Error::internal("the picture is too large to draw"))?;
        let (px, py) = (
            f64::from(width) / f64::from(placed.width),
            f64::from(height) / f64::from(placed.height),
        );
        let transform = Transform::from_row(
            (sx * px) as f32,
            0.0,
            0.0,
            (sy * py) as f32,
            (dx * px) as f32,
            (dy * py) as f32,
        );
        resvg::render(&self.tree, transform, &mut pixmap.as_mut());
        Ok(pixmap)
    }

    /// The largest size up to this one at which drawing takes bearable time and memory.
    pub(super) fn bearable(&self, mut width: u32, mut height: u32) -> Result<(u32, u32)> {
        while !self.is_bearable(width, height) {
            if width.max(height) < 128 {
                return Err(too_complex("drawing it takes too much memory or time"));
            }
            (width, height) = ((width / 2).max(1), (height / 2).max(1));
        }
        Ok((width, height))
    }

    pub(super) fn is_bearable(&self, width: u32, height: u32) -> bool {
        let (w, h) = self.size();
        let scale = f64::from((width as f32 / w).max(height as f32 / h));
        // The renderer bounds its layers by five times the canvas in each direction.
        let canvas = 25.0 * f64::from(width) * f64::from(height);
        let burden = Burden::of(self.tree.root(), scale * scale, canvas);
        burden.deepest <= LAYERS && burden.painted <= PAINTED
    }
}

/// How many pixels a picture of a drawing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub width: u32,
    pub height: u32,
}

impl View {
    /// A drawing of this size so that its longer side has as many pixels as that of a well visible one:
    /// small ones are seen larger, and large ones no larger than is needed.
    pub(super) fn of(width: f64, height: f64) -> View {
        View::fitted(width, height, width.max(height).clamp(128.0, 1024.0))
    }

    /// A drawing of this size so that its longer side has as many pixels.
    pub(super) fn fitted(width: f64, height: f64, side: f64) -> View {
        let longest = width.max(height);
        let whole = |length: f64| ((length * side / longest).round() as u32).max(1);
        View {
            width: whole(width),
            height: whole(height),
        }
    }
}

/// Straight alpha, as the rest of the engine has it.
pub(super) fn image(pixmap: &Pixmap) -> Image {
    Image {
        width: pixmap.width(),
        height: pixmap.height(),
        rgba: pixmap
            .pixels()
            .iter()
            .flat_map(|pixel| {
                let colour = pixel.demultiply();
                [colour.red(), colour.green(), colour.blue(), colour.alpha()]
            })
            .collect(),
    }
}

/// Nothing outside the text is looked at; linked and embedded pictures show as a pattern that tells
/// their place, so that their pixels need no decoder.
fn options() -> Options<'static> {
    Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _: Arc<Vec<u8>>, _| placeholder()),
            resolve_string: Box::new(|_, _| placeholder()),
        },
        ..Options::default()
    }
}

fn placeholder() -> Option<ImageKind> {
    const PATTERN: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'>\
        <path fill='#777' d='M0 0h40v30H0z'/><path fill='#c44' d='M0 0h20v15H0z'/>\
        <path fill='#48c' d='M20 15h20v15H20z'/></svg>";
    usvg::Tree::from_str(PATTERN, &Options::default())
        .ok()
        .map(ImageKind::SVG)
}

#[cfg(test)]
mod tests {
    use super::super::difference::{Difference, VISIBLE, difference};
    use super::*;

    fn drawn(inner: &str, side: u32) -> Pixmap {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'>{inner}</svg>"
        );
        Drawing::of(&svg).unwrap().render(side, side).unwrap()
    }

    #[test]
    fn nothing_outside_is_opened() {
        // A file that exists draws the same placeholder as one that does not.
        let inside = drawn(
            "<image width='50' height='50' href='data:image/png;base64,AAAA'/>",
            60,
        );
        for href in [
            "Cargo.toml",
            "/etc/passwd",
            "file:///etc/passwd",
            "http://127.0.0.1:9/a.png",
        ] {
            let image = drawn(
                &format!("<image width='50' height='50' href='{href}'/>"),
                60,
            );
            assert_eq!(
                difference(&inside, &image, VISIBLE),
                Some(Difference::default()),
                "{href}"
            );
        }
        assert!(difference(&inside, &drawn("", 60), VISIBLE).unwrap().lump);
    }

    #[test]
    fn views_are_neither_tiny_nor_huge() {
        for (size, expected) in [
            ((24.0, 24.0), (128, 128)),
            ((500.0, 100.0), (500, 100)),
            ((9000.0, 3.0), (1024, 1)),
            ((9000.0, 4500.0), (1024, 512)),
        ] {
            let view = View::of(size.0, size.1);
            assert_eq!((view.width, view.height), expected, "{size:?}");
        }
    }

    #[test]
    fn what_takes_too_much_is_drawn_smaller_or_not_at_all() {
        let svg = |inner: &str| {
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='4000' height='4000'>{inner}</svg>"
            )
        };
        let plain = Drawing::of(&svg("<path d='M0 0h4000v4000H0z'/>")).unwrap();
        assert_eq!(plain.bearable(2048, 2048).unwrap(), (2048, 2048));

        let layers = |count: usize| {
            svg(&format!(
                "{}<path d='M0 0h4000v4000H0z'/>{}",
                "<g opacity='.9'>".repeat(count),
                "</g>".repeat(count)
            ))
        };
        let deep = Drawing::of(&layers(100)).unwrap();
        assert_eq!(deep.bearable(2048, 2048).unwrap(), (1024, 1024));

        let morphology = svg("<filter id='f'><feMorphology radius='2000'/></filter>\
             <path filter='url(#f)' d='M0 0h4000v4000H0z'/>");
        let slow = Drawing::of(&morphology).unwrap();
        assert!(!slow.is_bearable(2048, 2048));
    }
}
