//! Whether a candidate may take the original's place: it must work the same, and look the same.

use std::cell::OnceCell;

use whittle_core::{Cancel, Mode, Recipe, Score};

use super::difference::{VISIBLE, difference, shrunk};
use super::guard::{Facts, Uncounted};
use super::open::parsed;
use super::render::{self, Drawing, View};
use super::size::Geometry;
use super::tree::Tree;
use super::weight;
use resvg::tiny_skia::Pixmap;

use crate::Result;
use crate::score::Reference;

/// The part of all pixels that may be off by more than [`VISIBLE`]: edges, never areas.
pub(super) const SHARE: f64 = 0.0005;

/// A drawing is looked at so many times larger than it is.
const CLOSE: f64 = 4.0;

/// Small ones are looked at in this size at least, for icons are made to be scaled. In pixels.
const LEAST: f64 = 600.0;

/// No one sees more of a drawing at one time. In pixels.
const MOST: f64 = 4096.0;

/// Pictures that are compared are no larger than this: drawing costs far more than all else. In pixels.
const DRAWN: f64 = 800.0;

/// Smaller pictures tell nothing. In pixels.
const SMALL: f64 = 90.0;

/// Small sizes that are no multiples of each other: an edge or a filter that lies just at the border
/// of a sample at one scale shows a move that another scale hides. In pixels.
const ODD: [f64; 2] = [73.0, 109.0];

/// The score is measured in a picture of this size. In pixels.
const SCORED: u32 = 192;

/// What candidates are compared with.
pub(super) struct Original {
    facts: Facts,
    drawing: Drawing,
    /// As large as it is, and then closer.
    views: Vec<Drawn>,
    size: (f32, f32),
    /// The longer side of what is shown, in units of the root.
    extent: f64,
    /// The longer side of the closest view, in pixels.
    closest: f64,
}

/// A view of the original, drawn when something is held against it.
struct Drawn {
    width: u32,
    height: u32,
    /// The difference that is visible in it.
    visible: u8,
    picture: OnceCell<Pixmap>,
}

impl Original {
    pub(super) fn of(text: &str, facts: Facts) -> Result<Original> {
        let drawing = Drawing::of(text)?;
        let size = drawing.size();
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let longest = width.max(height);
        let closest = (longest * CLOSE).clamp(LEAST, MOST);
        // Whole multiples, so that lines on the borders of pixels are seen as they will be.
        let natural = longest.min(DRAWN);
        let near = if closest == longest * CLOSE || closest > DRAWN {
            natural * (DRAWN / natural).floor().clamp(1.0, CLOSE)
        } else {
            closest
        };
        let mut views = Vec::new();
        // Smaller as well: lines then lie elsewhere between the pixels.
        let small = (natural * 0.75).max(SMALL);
        let mut sides = vec![ODD[0], ODD[1], small, natural, longest * CLOSE, near];
        sides.retain(|side| *side <= near);
        sides.dedup();
        for side in sides {
            let view = View::fitted(width, height, side);
            let (width, height) = drawing.bearable(view.width, view.height)?;
            // What moves in the closest view moves less in a smaller one.
            let shown = if side < near {
                1.0
            } else {
                (near / closest).max(0.5)
            };
            views.push(Drawn {
                width,
                height,
                visible: (f64::from(VISIBLE) * shown) as u8,
                picture: OnceCell::new(),
            });
        }
        let document = parsed(text)?;
        let extent = Geometry::of(document.root_element())
            .view_box
            .map_or(longest, |[.., w, h]| w.max(h));
        Ok(Original {
            facts,
            drawing,
            views,
            size,
            extent,
            closest,
        })
    }

    /// How many pixels of the closest view one unit of the outermost coordinates takes.
    pub(super) fn pixels_for_each_unit(&self) -> f64 {
        self.closest / self.extent
    }

    /// The longer side of what is shown, in units of the root.
    pub(super) fn extent(&self) -> f64 {
        self.extent
    }

    /// How close a candidate is, when it may take the original's place. Identifiers in
    /// `renamed` are new.
    pub(super) fn judged(
        &self,
        candidate: &str,
        renamed: &Uncounted,
        recipe: &Recipe,
        cancel: &Cancel,
    ) -> Result<Option<Score>> {
        let document = parsed(candidate)?;
        let facts = Facts::of(&Tree::of(&document), renamed);
        if let Some(lost) = self.facts.difference(&facts, true) {
            tracing::debug!(lost, "a smaller SVG lost something");
            return Ok(None);
        }
        weight::check(&document, &recipe.limits)?;
        self.looks_the_same(candidate, recipe, cancel)
    }

    /// How close a candidate looks, when it looks close enough.
    pub(super) fn looks_the_same(
        &self,
        candidate: &str,
        recipe: &Recipe,
        cancel: &Cancel,
    ) -> Result<Option<Score>> {
        let drawing = Drawing::of(candidate)?;
        if drawing.size() != self.size {
            tracing::debug!("a smaller SVG has another size");
            return Ok(None);
        }
        let mut score = Score::IDENTICAL;
        for (index, view) in self.views.iter().enumerate() {
            let &Drawn {
                width,
                height,
                visible,
                ..
            } = view;
            cancel.check()?;
            if !drawing.is_bearable(width, height) {
                return Ok(None);
            }
            let picture = match view.picture.get() {
                Some(picture) => picture,
                None => {
                    let drawn = self.drawing.render(width, height)?;
                    view.picture.get_or_init(|| drawn)
                }
            };
            let seen = drawing.render(width, height)?;
            let Some(apart) = difference(picture, &seen, visible) else {
                return Ok(None);
            };
            tracing::debug!(?apart, visible, width, "a smaller SVG was drawn");
            let fine = match recipe.mode {
                Mode::Lossless => apart.most == 0,
                Mode::Balanced | Mode::Lossy => apart.share <= SHARE && !apart.lump,
            };
            if !fine {
                return Ok(None);
            }
            if apart.most > 0 && index + 1 == self.views.len() {
                let [before, after] =
                    [picture, &seen].map(|picture| render::image(&shrunk(picture, SCORED)));
                score = Reference::new(&before)?.score(&after)?;
            }
        }
        Ok(recipe
            .target()
            .is_none_or(|target| score >= target)
            .then_some(score))
    }
}
