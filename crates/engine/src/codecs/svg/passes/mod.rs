//! The ways to make a document smaller, each in a file of its own, and the order in which they go.

mod apply;
mod colour;
pub(super) mod css;
mod defaults;
mod extent;
mod groups;
mod hidden;
mod ids;
mod inherit;
mod lengths;
mod merge;
mod number;
mod path;
mod path_simplify;
mod path_write;
mod properties;
mod references;
mod selectors;
mod shapes;
mod sheets;
mod styles;
mod transform;
mod twins;
mod values;

use std::collections::HashSet;

use whittle_core::Cancel;

use self::defaults::Known;
pub(super) use self::hidden::is_out_of_reach;
use self::references::References;
use super::tree::{Element, Tree};
use crate::Result;

/// How much the passes may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The values of attributes, but every element and attribute stays where it is.
    Values,
    /// Everything.
    Structure,
}

/// What the passes may do.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub reach: Reach,
    /// How far a point may move, in pixels of the closest view. Zero: numbers keep their value.
    pub moves: f64,
    /// Pixels of the closest view for a unit of the root's coordinates.
    pub scale: f64,
    /// The longer side of the picture in the root's coordinates.
    pub extent: f64,
    /// How many times larger than itself something is shown that is used elsewhere.
    pub copies: f64,
    /// Whether path data is written anew.
    pub paths: bool,
    /// Whether the document moves, so that segments have to stay what they are.
    pub still_only: bool,
}

/// The document after all passes that the plan allows, and the new names of private identifiers.
pub(super) fn shortened(
    tree: &Tree,
    plan: &Plan,
    cancel: &Cancel,
) -> Result<(Tree, HashSet<String>)> {
    let mut tree = tree.clone();
    let root = &mut tree.root;
    let styled = has(root, |one| {
        one.local() == "style" || one.attribute("style").is_some()
    });
    let has_text = has(root, |one| {
        !one.is_svg()
            || matches!(
                one.local(),
                "text" | "foreignObject" | "font" | "glyph" | "tref"
            )
    }) || depends_on_font(root);
    if plan.reach >= Reach::Structure && sheets::inlined(root) {
        styles::without_left_overs(root, has_text);
        styles::taken_apart(root);
        cancel.check()?;
        simplify(root, plan, has_text, cancel)?;
        if styled {
            styles::put_together(root);
        }
    } else {
        sheets::minified(root);
        let references = References::of(root);
        let markers = has_markers(root);
        values::shortened(root, plan, &references, markers);
    }
    cancel.check()?;
    let references = References::of(root);
    let renamed = ids::shortened(root, &references);
    Ok((tree, renamed))
}

/// The passes that need no style sheet to look at.
fn simplify(root: &mut Element, plan: &Plan, has_text: bool, cancel: &Cancel) -> Result<()> {
    twins::merged(root, &References::of(root));
    let references = References::of(root);
    let markers = has_markers(root);
    for round in 0..2 {
        let has_clip = has(root, |one| one.local() == "clipPath");
        let known = Known {
            references: &references,
            has_text,
            has_clip,
        };
        defaults::dropped(root, known);
        hidden::removed(root, &references);
        groups::collapsed(root, &references);
        cancel.check()?;
        if round == 0 {
            shapes::into_paths(root, markers);
            apply::applied(root, &references, plan.scale, plan.moves);
            cancel.check()?;
        }
    }
    if plan.moves > 0.0 {
        merge::merged(root);
    }
    cancel.check()?;
    values::shortened(root, plan, &references, markers);
    // Shorter numbers may have made more of them equal.
    twins::merged(root, &references);
    let references = References::of(root);
    cancel.check()?;
    groups::gathered(root, &references);
    groups::collapsed(root, &references);
    Ok(())
}

fn has(root: &Element, wanted: impl Fn(&Element) -> bool) -> bool {
    let mut found = false;
    root.visit(&mut |element| found |= wanted(element));
    found
}

fn has_markers(root: &Element) -> bool {
    has(root, |one| one.local() == "marker")
}

/// Whether a length is told in the size of a font.
fn depends_on_font(root: &Element) -> bool {
    has(root, |one| {
        one.attributes.iter().any(|attribute| {
            let value = attribute.value.trim();
            ["em", "ex", "rem", "ch"].iter().any(|unit| {
                value
                    .strip_suffix(unit)
                    .is_some_and(|number| number.parse::<f64>().is_ok())
            })
        })
    })
}

/// The longest factor by which a `use` shows something larger than it is.
pub(super) fn copies(root: &Element) -> f64 {
    fn walk(element: &Element, scale: f64, most: &mut f64) {
        let own = element
            .attribute("transform")
            .and_then(transform::parsed)
            .map_or(1.0, transform::Matrix::stretch);
        let scale = scale * own;
        if element.local() == "use" {
            *most = most.max(scale);
        }
        for child in element.elements() {
            walk(child, scale, most);
        }
    }
    let mut most = 1.0;
    walk(root, 1.0, &mut most);
    most
}

#[cfg(test)]
mod tests {
    use super::super::open::SVG;
    use super::super::tree::{Element, Tree};

    /// The root of a document around some elements.
    pub(super) fn tree(inner: &str) -> Element {
        let text = format!("<svg xmlns='{SVG}'>{inner}</svg>");
        let document = roxmltree::Document::parse(&text).unwrap();
        Tree::of(&document).root
    }

    /// What a pass makes of some elements.
    pub(super) fn changed(inner: &str, pass: impl FnOnce(&mut Element)) -> String {
        let mut root = tree(inner);
        pass(&mut root);
        let written = Tree {
            before: Vec::new(),
            root,
            after: Vec::new(),
        }
        .written();
        written
            .split_once('>')
            .map_or("", |(_, rest)| rest)
            .trim_end_matches("</svg>")
            .to_owned()
    }
}
