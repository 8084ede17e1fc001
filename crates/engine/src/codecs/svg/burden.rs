//! What drawing takes of memory and time, told before anything is drawn.

use resvg::usvg::{self, ImageKind};

/// Pixels of layers that may be there at one time: 512 MiB.
pub(super) const LAYERS: f64 = 128e6;

/// Pixels that may be painted in all, for layers and filters: some tens of seconds.
pub(super) const PAINTED: f64 = 4e9;

/// What drawing a group takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Burden {
    /// Pixels of the layers that lie upon each other.
    pub deepest: f64,
    /// Pixels painted, weighted by what each costs.
    pub painted: f64,
}

impl Burden {
    pub fn of(group: &usvg::Group, area: f64, canvas: f64) -> Burden {
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
