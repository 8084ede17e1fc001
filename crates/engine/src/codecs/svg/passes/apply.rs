//! Transforms worked into the paths that they move, where nothing else depends on them.

use super::super::tree::Element;
use super::inherit::Inherited;
use super::number;
use super::path::{self, Point, Segment};
use super::path_write;
use super::references::References;
use super::transform::{self, Matrix, Slack};

/// Works transforms into paths where that saves characters. `scale` is in pixels of the closest view for
/// a unit of the root, and no point may move by more than `moves` of these pixels.
pub(super) fn applied(root: &mut Element, references: &References, scale: f64, moves: f64) {
    let mut walk = Walk {
        references,
        above: Inherited::default(),
        moves,
    };
    walk.element(root, scale);
}

struct Walk<'a> {
    references: &'a References,
    above: Inherited,
    moves: f64,
}

impl Walk<'_> {
    fn element(&mut self, element: &mut Element, scale: f64) {
        if !element.is_svg() {
            return;
        }
        if element.local() == "path" {
            if let Some(changed) = element
                .attribute("transform")
                .and_then(transform::parsed)
                .and_then(|matrix| self.moved(element, matrix, scale))
            {
                *element = changed;
            }
            return;
        }
        let matrix = element.attribute("transform").and_then(transform::parsed);
        let inner = scale * matrix.map_or(1.0, Matrix::stretch);
        let depth = self.above.depth();
        self.above.enter(element);
        for child in element.elements_mut() {
            self.element(child, inner);
        }
        if element.local() == "g"
            && let Some(matrix) = matrix
        {
            self.push_down(element, matrix, scale);
        }
        self.above.leave(depth);
    }

    /// Works a group's transform into all its children, when each can take it and it saves something.
    fn push_down(&self, group: &mut Element, matrix: Matrix, scale: f64) {
        let plain = ["clip-path", "mask", "filter", "style"]
            .iter()
            .all(|name| group.attribute(name).is_none());
        if !plain || is_named(group, self.references) {
            return;
        }
        let Some(text) = group.attribute("transform") else {
            return;
        };
        let mut gain = text.len() as isize + 13;
        let mut changed = Vec::new();
        for child in group.elements() {
            if child.local() != "path" || child.attribute("transform").is_some() {
                return;
            }
            let Some(child_changed) = self.made(child, matrix, scale) else {
                return;
            };
            gain -= child_changed.1;
            changed.push(child_changed.0);
        }
        if gain > 0 {
            group.remove("transform");
            for (child, changed) in group.elements_mut().zip(changed) {
                *child = changed;
            }
        }
    }

    fn moved(&self, path: &Element, matrix: Matrix, scale: f64) -> Option<Element> {
        let (made, growth) = self.made(path, matrix, scale)?;
        let inner = scale * matrix.stretch();
        let slack = Slack {
            linear: 1e-5,
            offset: self.moves / scale,
        };
        let saved = transform::written(matrix, slack).len() as isize + 13;
        (growth < saved && inner > 0.0).then_some(made)
    }

    /// The path moved, and by how many characters it is longer than before.
    fn made(&self, path: &Element, matrix: Matrix, scale: f64) -> Option<(Element, isize)> {
        let fixed = [
            "clip-path",
            "mask",
            "filter",
            "style",
            "pathLength",
            "vector-effect",
        ]
        .iter()
        .any(|name| path.attribute(name).is_some());
        if fixed || !path.children.is_empty() || is_named(path, self.references) {
            return None;
        }
        let is_plain = |paint: &str| !paint.contains("url(");
        let fill = self.above.computed(path, "fill")?;
        let stroke = self.above.computed(path, "stroke")?;
        let markers = ["marker-start", "marker-mid", "marker-end"]
            .iter()
            .all(|name| self.above.computed(path, name) == Some("none"));
        if !is_plain(fill) || !is_plain(stroke) || !markers {
            return None;
        }
        let mut made = path.clone();
        made.remove("transform");
        let mut growth = 0;
        if stroke != "none" {
            let factor = matrix.uniform()?;
            if (factor - 1.0).abs() > 1e-9 {
                if self.above.computed(path, "stroke-dasharray") != Some("none") {
                    return None;
                }
                let width = self.above.computed(path, "stroke-width")?;
                let width: f64 = width.strip_suffix("px").unwrap_or(width).parse().ok()?;
                let before = path
                    .attribute("stroke-width")
                    .map_or(0, |text| text.len() + 16);
                let width = number::shortest(width * factor, self.moves / scale);
                growth += width.len() as isize + 16 - before as isize;
                made.set("stroke-width", width);
            }
        }
        let before = path::parsed(path.attribute("d")?)?;
        let after = segments(&before, matrix)?;
        let slack = self.moves / scale;
        let inner_slack = slack / matrix.stretch();
        growth += path_write::written(&after, slack).len() as isize
            - path_write::written(&before, inner_slack).len() as isize;
        made.set("d", exact(&after));
        Some((made, growth))
    }
}

fn is_named(element: &Element, references: &References) -> bool {
    element
        .attribute("id")
        .is_some_and(|id| references.all.contains(id))
}

/// The path with as many digits as a later pass wants to choose from.
fn exact(segments: &[Segment]) -> String {
    path_write::written(segments, 1e-9)
}

/// Segments after a transform; `None` when there are arcs that do not stay arcs of the same kind.
fn segments(before: &[Segment], matrix: Matrix) -> Option<Vec<Segment>> {
    let at = |point: Point| matrix.at(point);
    before
        .iter()
        .map(|segment| {
            Some(match *segment {
                Segment::Move(to) => Segment::Move(at(to)),
                Segment::Line(to) => Segment::Line(at(to)),
                Segment::Cubic(a, b, to) => Segment::Cubic(at(a), at(b), at(to)),
                Segment::Quad(a, to) => Segment::Quad(at(a), at(to)),
                Segment::Close => Segment::Close,
                Segment::Arc {
                    radii,
                    turn,
                    large,
                    sweep,
                    to,
                } => {
                    let factor = matrix.uniform()?;
                    let mirrored = matrix.a * matrix.d - matrix.b * matrix.c < 0.0;
                    let angle = matrix.b.atan2(matrix.a).to_degrees();
                    Segment::Arc {
                        radii: radii.times(factor),
                        turn: if mirrored { angle - turn } else { angle + turn },
                        large,
                        sweep: sweep != mirrored,
                        to: at(to),
                    }
                }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    fn moved(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            applied(root, &references, 1.0, 0.01);
        })
    }

    #[test]
    fn transforms_go_into_paths() {
        for (inner, expected) in [
            (
                r#"<path transform="translate(5 6)" d="M1 1h2"/>"#,
                r#"<path d="M6 7h2"/>"#,
            ),
            (
                r#"<g transform="translate(5)"><path d="M1 1h2"/><path d="M1 2v1"/></g>"#,
                r#"<g><path d="M6 1h2"/><path d="M6 2v1"/></g>"#,
            ),
            (
                r#"<path stroke="red" transform="scale(2)" d="M1 1h2"/>"#,
                r#"<path stroke="red" d="M2 2h4" stroke-width="2"/>"#,
            ),
            (
                r#"<path transform="scale(1 -1)" d="M0 0h9v9z"/>"#,
                r#"<path d="M0 0h9v-9z"/>"#,
            ),
            (
                r#"<path transform="scale(2 -2)" d="M0 0a1 2 30 0 1 3 3"/>"#,
                r#"<path d="M0 0a2 4-30 006-6"/>"#,
            ),
        ] {
            assert_eq!(moved(inner), expected, "{inner}");
        }
    }

    #[test]
    fn transforms_stay_where_something_depends_on_them() {
        for kept in [
            r#"<path transform="scale(2 3)" stroke="red" d="M1 1h2"/>"#,
            r#"<path transform="scale(2)" fill="url(#a)" d="M1 1h2"/>"#,
            r#"<g fill="url(#a)"><path transform="scale(2)" d="M1 1h2"/></g>"#,
            r#"<path transform="scale(2)" clip-path="url(#a)" d="M1 1h2"/>"#,
            r#"<path transform="scale(2)" stroke="red" stroke-dasharray="1" d="M1 1h2"/>"#,
            r#"<path transform="scale(2 3)" d="M0 0a1 2 30 0 1 3 3"/>"#,
            r##"<path id="a" transform="scale(2)" d="M1 1h2"/><use href="#a"/>"##,
        ] {
            assert_eq!(moved(kept), kept);
        }
    }
}
