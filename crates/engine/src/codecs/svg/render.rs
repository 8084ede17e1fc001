//! Pictures of an SVG, drawn by resvg without any file, font or network, and their comparison.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, ImageHrefResolver, ImageKind, Options, Tree};

use whittle_core::Placement;

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

/// Pixels of layers that may be there at one time: 512 MiB.
const LAYERS: f64 = 128e6;

/// Pixels that may be painted in all, for layers and filters: some tens of seconds.
const PAINTED: f64 = 4e9;

/// What drawing a group takes.
#[derive(Clone, Copy, Debug, Default)]
struct Burden {
    /// Pixels of the layers that lie upon each other.
    deepest: f64,
    /// Pixels painted, weighted by what each costs.
    painted: f64,
}

impl Burden {
    fn of(group: &usvg::Group, area: f64, canvas: f64) -> Burden {
        let mut inside = Burden::default();
        for node in group.children() {
            let burden = match node {
                usvg::Node::Group(group) => Burden::of(group, area, canvas),
                usvg::Node::Path(path) => {
                    let paints = [
                        path.fill().map(usvg::Fill::paint),
                        path.stroke().map(usvg::Stroke::paint),
                    ];
                    let mut burden = Burden::default();
                    for paint in paints.into_iter().flatten() {
                        if let usvg::Paint::Pattern(pattern) = paint {
                            burden.join(Burden::of(pattern.root(), area, canvas).layered(canvas));
                        }
                    }
                    burden
                }
                usvg::Node::Image(image) => match image.kind() {
                    ImageKind::SVG(tree) => {
                        Burden::of(tree.root(), area, canvas).layered(canvas / 25.0)
                    }
                    _ => Burden::default(),
                },
                usvg::Node::Text(text) => Burden::of(text.flattened(), area, canvas),
            };
            inside.join(burden);
        }
        if !group.should_isolate() {
            return inside;
        }
        let bounds = group.abs_layer_bounding_box();
        let layer = (f64::from(bounds.width()) * f64::from(bounds.height()) * area).min(canvas);
        let mut whole = inside.layered(layer);
        for filter in group.filters() {
            for primitive in filter.primitives() {
                whole.painted += layer * filter_cost(primitive.kind(), area.sqrt());
                whole.deepest += layer;
            }
        }
        let mut mask = group.mask();
        while let Some(masking) = mask {
            whole.join(Burden::of(masking.root(), area, canvas).layered(2.0 * layer));
            mask = masking.mask();
        }
        let mut clip = group.clip_path();
        while let Some(clipping) = clip {
            whole.join(Burden::of(clipping.root(), area, canvas).layered(2.0 * layer));
            clip = clipping.clip_path();
        }
        whole
    }

    fn layered(self, layer: f64) -> Burden {
        Burden {
            deepest: self.deepest + layer,
            painted: self.painted + 3.0 * layer,
        }
    }

    /// One after the other.
    fn join(&mut self, next: Burden) {
        self.deepest = self.deepest.max(next.deepest);
        self.painted += next.painted;
    }
}

/// What a filter costs for each pixel, in simple operations.
fn filter_cost(kind: &usvg::filter::Kind, scale: f64) -> f64 {
    use usvg::filter::Kind;
    match kind {
        Kind::ConvolveMatrix(convolve) => {
            let matrix = convolve.matrix();
            3.0 + f64::from(matrix.columns() * matrix.rows())
        }
        Kind::Morphology(morphology) => {
            let (x, y) = (morphology.radius_x().get(), morphology.radius_y().get());
            3.0 + 4.0 * f64::from(x * y) * scale * scale
        }
        Kind::Turbulence(turbulence) => 20.0 * f64::from(turbulence.num_octaves().max(1)),
        Kind::GaussianBlur(_) | Kind::DropShadow(_) => 20.0,
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 20.0,
        _ => 5.0,
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

/// The picture at most about `side` pixels large, by averaging whole squares of pixels.
pub(super) fn shrunk(pixmap: &Pixmap, side: u32) -> Pixmap {
    let factor = pixmap.width().max(pixmap.height()).div_ceil(side);
    let (width, height) = (pixmap.width() / factor, pixmap.height() / factor);
    let (Some(mut small), true) = (Pixmap::new(width.max(1), height.max(1)), factor > 1) else {
        return pixmap.clone();
    };
    if width == 0 || height == 0 {
        return pixmap.clone();
    }
    let stride = pixmap.width() as usize * 4;
    let count = factor * factor;
    let data = pixmap.data();
    for (index, out) in small.data_mut().chunks_exact_mut(4).enumerate() {
        let left = (index as u32 % width * factor) as usize * 4;
        let top = (index as u32 / width * factor) as usize;
        let mut sums = [0u32; 4];
        for row in top..top + factor as usize {
            let start = row * stride + left;
            for pixel in data[start..start + factor as usize * 4].chunks_exact(4) {
                for (sum, channel) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*channel);
                }
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = ((sum + count / 2) / count) as u8;
        }
    }
    small
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

/// How two pictures of one size differ, over white and over nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// The largest of a channel, of 255.
    pub most: u8,
    /// The part of all pixels that is off by more than [`VISIBLE`].
    pub share: f64,
    /// Whether such pixels lie so thick that more than an edge has changed.
    pub lump: bool,
}

/// A difference in a channel that may be seen.
pub(super) const VISIBLE: u8 = 32;

/// Compares two pictures; a channel that is off by more than `visible` is seen.
pub(super) fn difference(a: &Pixmap, b: &Pixmap, visible: u8) -> Option<Difference> {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return None;
    }
    let mut most = 0;
    let off: Vec<bool> = a
        .pixels()
        .iter()
        .zip(b.pixels())
        .map(|(a, b)| {
            let channels = |pixel: &resvg::tiny_skia::PremultipliedColorU8| {
                [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()].map(i16::from)
            };
            let (a, b) = (channels(a), channels(b));
            let over_white = |pixel: [i16; 4], channel: usize| pixel[channel] + 255 - pixel[3];
            let apart = (0..4)
                .map(|channel| (a[channel] - b[channel]).abs())
                .chain((0..3).map(|c| (over_white(a, c) - over_white(b, c)).abs()))
                .max()
                .unwrap_or(0)
                .min(255) as u8;
            most = apart.max(most);
            apart > visible
        })
        .collect();
    let count = off.iter().filter(|off| **off).count();
    Some(Difference {
        most,
        share: count as f64 / off.len() as f64,
        lump: count >= 9 && has_lump(&off, a.width() as usize),
    })
}

/// Whether somewhere three by three pixels are all off.
fn has_lump(off: &[bool], width: usize) -> bool {
    let mut rows = off.chunks_exact(width);
    let (Some(mut first), Some(mut second)) = (rows.next(), rows.next()) else {
        return false;
    };
    for third in rows {
        let mut run = 0;
        for column in 0..width {
            run = if first[column] && second[column] && third[column] {
                run + 1
            } else {
                0
            };
            if run == 3 {
                return true;
            }
        }
        (first, second) = (second, third);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(inner: &str, side: u32) -> Pixmap {
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}'>{inner}</svg>"
        );
        Drawing::of(&svg).unwrap().render(side, side).unwrap()
    }

    #[test]
    fn differences_are_measured() {
        let empty = drawn("", 100);
        let none = difference(&empty, &empty, VISIBLE).unwrap();
        assert_eq!(none, Difference::default());

        // White on nothing shows on nothing.
        let white = difference(
            &empty,
            &drawn("<path fill='#fff' d='M0 0h10v10H0z'/>", 100),
            VISIBLE,
        )
        .unwrap();
        assert_eq!((white.most, white.share, white.lump), (255, 0.01, true));

        // A line is off, but not thick; a small square is.
        let line = difference(&empty, &drawn("<path d='M0 10h100v2H0z'/>", 100), VISIBLE).unwrap();
        assert!(!line.lump && line.share == 0.02);
        let dot = difference(&empty, &drawn("<path d='M97 97h3v3h-3z'/>", 100), VISIBLE).unwrap();
        assert!(dot.lump && dot.share == 0.0009);

        assert_eq!(difference(&empty, &drawn("", 99), VISIBLE), None);
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
    fn pictures_shrink_by_averaging() {
        let picture = drawn("<path d='M0 0h50v100H0z'/>", 100);
        let small = shrunk(&picture, 30);
        assert_eq!((small.width(), small.height()), (25, 25));
        let alphas: Vec<u8> = small.pixels()[..25]
            .iter()
            .map(|pixel| pixel.alpha())
            .collect();
        assert_eq!(alphas[..12], [255; 12]);
        assert_eq!((alphas[12], alphas[13]), (128, 0));
        assert_eq!(shrunk(&picture, 100), picture);
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
