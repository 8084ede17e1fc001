//! Another size for a drawing: attributes of its root, as the contract's last line on Resize says.

use whittle_core::{Placement, ResizeStyle, Strategy};

use super::open::SVG;
use super::size::Geometry;
use super::tree::{Element, Node, Tree};

/// The document at another size, not yet made smaller.
pub(super) fn resized(tree: &Tree, geometry: &Geometry, style: &ResizeStyle) -> Tree {
    let (width, height) = geometry.rounded();
    let placed = style.place(width, height);
    let mut tree = tree.clone();
    if !fills_its_box(&tree.root, geometry) {
        tree.root = wrapped(tree.root, geometry);
    }
    set_size(&mut tree.root, geometry, &placed);
    let ratio = match fitting(style) {
        Fitting::Slice => Some("xMidYMid slice"),
        Fitting::Stretch => Some("none"),
        Fitting::Meet => None,
    };
    // "Meet" in the middle is what the attribute means when it is missing.
    tree.root
        .attributes
        .retain(|attribute| attribute.name != "preserveAspectRatio");
    if let Some(ratio) = ratio {
        tree.root.set("preserveAspectRatio", ratio.to_owned());
    }
    tree
}

/// The document with its own size written out, so that every renderer agrees on it.
pub(super) fn with_own_size(tree: &Tree, geometry: &Geometry) -> Tree {
    let mut tree = tree.clone();
    tree.root.set("width", shortest(geometry.width));
    tree.root.set("height", shortest(geometry.height));
    tree
}

/// How the picture lies in its new box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fitting {
    Meet,
    Slice,
    Stretch,
}

pub(super) fn fitting(style: &ResizeStyle) -> Fitting {
    match style.strategy {
        Strategy::Exact => Fitting::Stretch,
        Strategy::Crop if style.width.is_some() && style.height.is_some() => Fitting::Slice,
        _ => Fitting::Meet,
    }
}

/// Where the whole picture lies in a box of the placed size: scale and offset in both directions.
pub(super) fn lies(geometry: &Geometry, placed: &Placement, fitting: Fitting) -> [f64; 4] {
    let (w, h) = (f64::from(placed.width), f64::from(placed.height));
    let (sx, sy) = (w / geometry.width, h / geometry.height);
    let (sx, sy) = match fitting {
        Fitting::Stretch => (sx, sy),
        Fitting::Meet => (sx.min(sy), sx.min(sy)),
        Fitting::Slice => (sx.max(sy), sx.max(sy)),
    };
    let middle = |length: f64, scale: f64, whole: f64| (length - whole * scale) / 2.0;
    [
        sx,
        sy,
        middle(w, sx, geometry.width),
        middle(h, sy, geometry.height),
    ]
}

/// Whether the root's view box and its size have one shape, so that changing the size alone scales
/// the picture.
fn fills_its_box(root: &Element, geometry: &Geometry) -> bool {
    let ratio = root.attribute("preserveAspectRatio").unwrap_or("").trim();
    match geometry.view_box {
        None => true,
        Some([.., w, h]) => {
            let shape = (geometry.width / geometry.height) / (w / h);
            // A stretched picture must stay stretched, unless there is nothing to stretch.
            (shape - 1.0).abs() < 1e-3 && !ratio.starts_with("defer")
        }
    }
}

/// A new root of the same size around a root that does not fill its own box.
fn wrapped(mut root: Element, geometry: &Geometry) -> Element {
    root.set("width", shortest(geometry.width));
    root.set("height", shortest(geometry.height));
    let prefix = root.name.strip_suffix("svg").unwrap_or("").to_owned();
    let space = prefix.trim_end_matches(':').to_owned();
    Element {
        name: format!("{prefix}svg"),
        space: SVG.to_owned(),
        declared: vec![(space, SVG.to_owned())],
        attributes: Vec::new(),
        children: vec![Node::Element(root)],
    }
}

fn set_size(root: &mut Element, geometry: &Geometry, placed: &Placement) {
    let good_view_box = root
        .attribute("viewBox")
        .is_some_and(|_| geometry.view_box.is_some());
    if !good_view_box {
        let (width, height) = (shortest(geometry.width), shortest(geometry.height));
        root.set("viewBox", format!("0 0 {width} {height}"));
    }
    root.set("width", placed.width.to_string());
    root.set("height", placed.height.to_string());
}

/// A length without needless digits.
fn shortest(length: f64) -> String {
    let text = format!("{length:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(attributes: &str, style: &str) -> String {
        let text = format!("<svg xmlns='{SVG}' {attributes}/>");
        let document = roxmltree::Document::parse(&text).unwrap();
        let geometry = Geometry::of(document.root_element());
        let written = resized(&Tree::of(&document), &geometry, &style.parse().unwrap()).written();
        written.replace(r#"<svg xmlns="http://www.w3.org/2000/svg""#, "<svg")
    }

    #[test]
    fn the_root_says_the_new_size() {
        for (attributes, style, expected) in [
            (
                "width='100' height='50'",
                "s:fit:20x20",
                r#"<svg width="20" height="10" viewBox="0 0 100 50"/>"#,
            ),
            (
                "viewBox='0 0 100 50'",
                "s:crop:20x20",
                r#"<svg viewBox="0 0 100 50" width="20" height="20" preserveAspectRatio="xMidYMid slice"/>"#,
            ),
            (
                "viewBox='0 0 100 50'",
                "s:crop:20x",
                r#"<svg viewBox="0 0 100 50" width="20" height="10"/>"#,
            ),
            (
                "viewBox='0 0 100 50' preserveAspectRatio='xMaxYMin slice'",
                "s:exact:300x300",
                r#"<svg viewBox="0 0 100 50" preserveAspectRatio="none" width="300" height="300"/>"#,
            ),
            (
                "width='1in' height='50%' viewBox='1 2 96 150'",
                "s:portrait:x75",
                r#"<svg width="48" height="75" viewBox="1 2 96 150"/>"#,
            ),
        ] {
            let normal = |text: &str| {
                let mut parts: Vec<String> = text
                    .trim_end_matches("/>")
                    .split("\" ")
                    .map(|part| part.trim_end_matches('"').replace("<svg ", ""))
                    .collect();
                parts.sort();
                parts
            };
            assert_eq!(
                normal(&root(attributes, style)),
                normal(expected),
                "{attributes} {style}"
            );
        }
    }

    #[test]
    fn a_root_that_leaves_room_is_put_into_a_new_one() {
        let written = root(
            "width='100' height='100' viewBox='0 0 100 50'",
            "s:fit:50x50",
        );
        assert_eq!(
            written,
            "<svg viewBox=\"0 0 100 100\" width=\"50\" height=\"50\">\
             <svg width=\"100\" height=\"100\" viewBox=\"0 0 100 50\"/></svg>"
        );
    }
}
