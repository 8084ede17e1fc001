//! How large things are shown, which says how many digits they need.

use super::super::tree::Element;
use super::Plan;
use super::number;
use super::path;
use super::references::References;
use super::transform::{self, Matrix};

/// How many times larger what is inside an element may be shown, besides its transform. Strokes are
/// as wide as `widest` at the most, which scales markers.
pub(super) fn own_scale(
    element: &Element,
    is_root: bool,
    plan: &Plan,
    references: &References,
    widest: f64,
) -> f64 {
    let whole = plan.extent;
    let used = element
        .attribute("id")
        .is_some_and(|id| references.used.contains(id));
    let copies = if used { plan.copies } else { 1.0 };
    let boxed = element
        .attribute("viewBox")
        .and_then(number::list)
        .filter(|numbers| numbers.len() == 4)
        .map(|numbers| numbers[2].min(numbers[3]))
        .filter(|least| *least > 0.0);
    let own = match element.local() {
        "svg" if is_root => 1.0,
        "svg" | "symbol" | "pattern" => boxed.map_or(1.0, |least| whole / least),
        "marker" => {
            let size = ["markerWidth", "markerHeight"]
                .iter()
                .filter_map(|name| element.attribute(name)?.trim().parse::<f64>().ok())
                .fold(3.0, f64::max);
            widest * boxed.map_or(1.0, |least| size / least)
        }
        _ => 1.0,
    };
    let turned = ["patternTransform"]
        .iter()
        .filter_map(|name| transform::parsed(element.attribute(name)?))
        .map(Matrix::stretch)
        .fold(1.0, f64::max);
    let relative = ["clipPathUnits", "maskContentUnits", "patternContentUnits"]
        .iter()
        .any(|name| element.attribute(name) == Some("objectBoundingBox"));
    copies
        * own.max(if own < 1.0 { own } else { 1.0 })
        * turned
        * if relative { whole } else { 1.0 }
}

/// How far from the origin an element draws, at the most; at least the whole picture's size when it
/// holds something whose place is not plain to see.
pub(super) fn reach(element: &Element, extent: f64) -> f64 {
    let mut most = 1.0f64;
    let mut unknown = false;
    element.visit(&mut |one| {
        for attribute in &one.attributes {
            match attribute.name.as_str() {
                "d" => {
                    if let Some(segments) = path::parsed(&attribute.value) {
                        for point in segments.iter().flat_map(path::Segment::points) {
                            most = most.max(point.x.abs()).max(point.y.abs());
                        }
                    }
                }
                "points" | "x" | "y" | "width" | "height" | "cx" | "cy" | "r" | "rx" | "ry"
                | "x1" | "y1" | "x2" | "y2" => match number::list(&attribute.value) {
                    Some(numbers) => {
                        most = numbers
                            .iter()
                            .fold(most, |most, one| most.max(2.0 * one.abs()))
                    }
                    None => unknown = true,
                },
                "transform" if !std::ptr::eq(one, element) => unknown = true,
                _ => {}
            }
        }
        unknown |= matches!(
            one.local(),
            "use" | "text" | "image" | "svg" | "foreignObject"
        );
    });
    if unknown { most.max(extent) } else { most }
}

pub(super) fn widest(root: &Element) -> f64 {
    let mut widest = 1.0f64;
    root.visit(&mut |element| {
        let width = element
            .attribute("stroke-width")
            .and_then(|text| text.trim().parse().ok());
        widest = widest.max(width.unwrap_or(1.0));
    });
    widest
}
