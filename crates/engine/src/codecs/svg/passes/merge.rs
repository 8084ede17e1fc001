//! Paths that follow each other and look alike become one.

use super::super::tree::{Element, Node};
use super::inherit::Inherited;
use super::path::{self, Point, Segment};
use super::path_write;

/// Merges neighbouring paths with the same attributes that nowhere touch each other, so that neither
/// order, winding nor transparency can tell them from one.
pub(super) fn merged(root: &mut Element) {
    let mut walk = Walk {
        above: Inherited::default(),
    };
    walk.element(root);
}

/// Most paths that a new one is compared with.
const COMPARED: usize = 64;

struct Walk {
    above: Inherited,
}

/// Left, top, right and bottom.
type Bounds = [f64; 4];

impl Walk {
    fn element(&mut self, element: &mut Element) {
        if !element.is_svg() || matches!(element.local(), "switch" | "clipPath") {
            return;
        }
        let depth = self.above.depth();
        self.above.enter(element);
        element.elements_mut().for_each(|child| self.element(child));
        let children = std::mem::take(&mut element.children);
        let mut parts: Vec<Bounds> = Vec::new();
        for child in children {
            if let Node::Element(path) = &child {
                match self.extent(path) {
                    Some((segments, bounds)) => {
                        if let Some(Node::Element(last)) = element.children.last_mut()
                            && !parts.is_empty()
                            && parts.len() < COMPARED
                            && has_same_looks(last, path)
                            && parts.iter().all(|part| are_apart(part, &bounds))
                        {
                            let d = last.attribute("d").unwrap_or("").to_owned();
                            last.set("d", d + &path_write::written(&segments, 1e-9));
                            parts.push(bounds);
                            continue;
                        }
                        parts = vec![bounds];
                    }
                    None => parts.clear(),
                }
            } else {
                parts.clear();
            }
            element.children.push(child);
        }
        self.above.leave(depth);
    }

    /// The segments of a path that may be merged, and the area that it paints at the most.
    fn extent(&self, path: &Element) -> Option<(Vec<Segment>, Bounds)> {
        const LOOKS: [&str; 14] = [
            "d",
            "fill",
            "fill-opacity",
            "fill-rule",
            "stroke",
            "stroke-width",
            "stroke-linecap",
            "stroke-linejoin",
            "stroke-miterlimit",
            "stroke-opacity",
            "opacity",
            "transform",
            "stroke-dasharray",
            "stroke-dashoffset",
        ];
        let plain = path.is_svg()
            && path.local() == "path"
            && path.children.is_empty()
            && path.attributes.iter().all(|one| {
                one.space.is_empty()
                    && LOOKS.contains(&one.name.as_str())
                    && !one.value.contains("url(")
            });
        let unmarked = ["marker-start", "marker-mid", "marker-end"]
            .iter()
            .all(|name| self.above.get(name) == Some("none"));
        if !plain || !unmarked || self.above.computed(path, "fill")?.contains("url(") {
            return None;
        }
        let stroke = self.above.computed(path, "stroke")?;
        let around = if stroke == "none" {
            0.0
        } else if stroke.contains("url(") {
            return None;
        } else {
            let number = |name| self.above.computed(path, name)?.parse::<f64>().ok();
            number("stroke-width")? * number("stroke-miterlimit")?.max(1.5) / 2.0
        };
        let segments = path::parsed(path.attribute("d")?)?;
        let bounds = bounds(&segments, around)?;
        Some((segments, bounds))
    }
}

fn has_same_looks(a: &Element, b: &Element) -> bool {
    let looks = |element: &Element| {
        let mut all: Vec<(String, String)> = element
            .attributes
            .iter()
            .filter(|one| one.name != "d")
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect();
        all.sort();
        all
    };
    looks(a) == looks(b)
}

fn bounds(segments: &[Segment], around: f64) -> Option<Bounds> {
    let mut bounds = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    let mut at = Point::default();
    for segment in segments {
        // An arc stays within its diameter around either of its ends.
        let (reach, from) = match segment {
            Segment::Arc { radii, to, .. } => (
                2.0 * radii.x.max(radii.y).max(to.minus(at).length()),
                Some(at),
            ),
            _ => (0.0, None),
        };
        for point in segment.points().chain(from) {
            bounds[0] = bounds[0].min(point.x - reach);
            bounds[1] = bounds[1].min(point.y - reach);
            bounds[2] = bounds[2].max(point.x + reach);
            bounds[3] = bounds[3].max(point.y + reach);
        }
        at = segment.end().unwrap_or(at);
    }
    let [left, top, right, bottom] = bounds;
    (left <= right).then_some([left - around, top - around, right + around, bottom + around])
}

fn are_apart(a: &Bounds, b: &Bounds) -> bool {
    a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    #[test]
    fn alike_and_apart_become_one() {
        for (inner, expected) in [
            (
                r#"<path fill="red" d="M0 0h9v9z"/><path d="m20 0h9v9" fill="red"/>"#,
                r#"<path fill="red" d="M0 0h9v9zM20 0h9v9"/>"#,
            ),
            (
                r#"<path d="M0 0h9v9z"/><path d="M5 5h9v9z"/><path d="M30 0h9v9z"/>"#,
                r#"<path d="M0 0h9v9z"/><path d="M5 5h9v9zM30 0h9v9z"/>"#,
            ),
        ] {
            assert_eq!(changed(inner, merged), expected);
        }
        for kept in [
            r#"<path d="M0 0h9v9z"/><path fill="red" d="M20 0h9v9z"/>"#,
            r#"<path d="M0 0h9v9z"/><rect/><path d="M20 0h9v9z"/>"#,
            r#"<path d="M0 0h9v9z"/><path id="a" d="M20 0h9v9z"/>"#,
            r#"<path stroke="red" stroke-width="9" d="M0 0h9v9z"/><path stroke="red" stroke-width="9" d="M20 0h9v9z"/>"#,
            r#"<g fill="url(#a)"><path d="M0 0h9v9z"/><path d="M20 0h9v9z"/></g>"#,
            r#"<g marker-end="url(#a)"><path d="M0 0h9v9z"/><path d="M20 0h9v9z"/></g>"#,
        ] {
            assert_eq!(changed(kept, merged), kept);
        }
    }
}
