//! Rectangles, lines and polygons as paths, which take fewer characters.

use super::super::tree::Element;
use super::number;
use super::path::{Point, Segment};
use super::path_write;

/// Turns shapes into paths where that means the same. With `markers`, only those that carry them
/// alike.
pub(super) fn into_paths(root: &mut Element, markers: bool) {
    root.visit_mut(&mut |element| {
        if !element.is_svg()
            || !element.children.is_empty()
            || element.attribute("pathLength").is_some()
        {
            return;
        }
        round_ellipse(element);
        let segments = match element.local() {
            "rect" if !markers => rectangle(element),
            "line" => line(element),
            "polyline" => polygon(element, false),
            "polygon" => polygon(element, true),
            _ => None,
        };
        if let Some(segments) = segments {
            for name in [
                "x", "y", "width", "height", "x1", "y1", "x2", "y2", "points", "rx", "ry",
            ] {
                element.remove(name);
            }
            let prefix = element.name.len() - element.local().len();
            element.name = format!("{}path", &element.name[..prefix]);
            element.set("d", path_write::written(&segments, 0.0));
        }
    });
}

/// An ellipse with two equal radii is a circle.
fn round_ellipse(element: &mut Element) {
    if element.local() == "ellipse"
        && let Some(rx) = element.attribute("rx")
        && element.attribute("ry") == Some(rx)
        && rx.trim().parse::<f64>().is_ok()
    {
        let radius = rx.to_owned();
        element.remove("rx");
        element.remove("ry");
        element.set("r", radius);
        element.name = element.name.replace("ellipse", "circle");
    }
}

/// A length without unit, or in pixels; zero when it is not there.
fn length(element: &Element, name: &str) -> Option<f64> {
    let Some(text) = element.attribute(name) else {
        return Some(0.0);
    };
    let text = text.trim();
    text.strip_suffix("px")
        .unwrap_or(text)
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

fn rectangle(element: &Element) -> Option<Vec<Segment>> {
    let square = ["rx", "ry"].iter().all(|name| {
        element
            .attribute(name)
            .is_none_or(|value| value.trim() == "0")
    });
    let (x, y) = (length(element, "x")?, length(element, "y")?);
    let (width, height) = (length(element, "width")?, length(element, "height")?);
    (square && width > 0.0 && height > 0.0).then(|| {
        vec![
            Segment::Move(Point::new(x, y)),
            Segment::Line(Point::new(x + width, y)),
            Segment::Line(Point::new(x + width, y + height)),
            Segment::Line(Point::new(x, y + height)),
            Segment::Close,
        ]
    })
}

fn line(element: &Element) -> Option<Vec<Segment>> {
    let [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map(|name| length(element, name));
    Some(vec![
        Segment::Move(Point::new(x1?, y1?)),
        Segment::Line(Point::new(x2?, y2?)),
    ])
}

fn polygon(element: &Element, close: bool) -> Option<Vec<Segment>> {
    let numbers = number::list(element.attribute("points")?)?;
    let (pairs, rest) = numbers.as_chunks::<2>();
    if pairs.len() < 2 || !rest.is_empty() {
        return None;
    }
    let mut segments: Vec<Segment> = pairs
        .iter()
        .enumerate()
        .map(|(index, [x, y])| {
            let point = Point::new(*x, *y);
            if index == 0 {
                Segment::Move(point)
            } else {
                Segment::Line(point)
            }
        })
        .collect();
    if close {
        segments.push(Segment::Close);
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    #[test]
    fn shapes_become_paths() {
        for (inner, expected) in [
            (
                r#"<rect x="1" y="2" width="3" height="4" fill="red"/>"#,
                r#"<path fill="red" d="M1 2h3v4H1z"/>"#,
            ),
            (r#"<line x2="5px" y2="6"/>"#, r#"<path d="M0 0l5 6"/>"#),
            (
                r#"<polyline points="0,0 5,5 9,0"/>"#,
                r#"<path d="M0 0l5 5 4-5"/>"#,
            ),
            (
                r#"<polygon points="0,0 5,5 9,0"/>"#,
                r#"<path d="M0 0l5 5 4-5z"/>"#,
            ),
            (r#"<ellipse rx="5" ry="5"/>"#, r#"<circle r="5"/>"#),
        ] {
            assert_eq!(changed(inner, |root| into_paths(root, false)), expected);
        }
        for kept in [
            r#"<rect width="3" height="4" rx="1"/>"#,
            r#"<rect width="100%" height="4"/>"#,
            r#"<rect width="3"/>"#,
            r#"<polygon points="0,0 5,5 9"/>"#,
            r#"<rect width="3" height="4"><title>a</title></rect>"#,
        ] {
            assert_eq!(changed(kept, |root| into_paths(root, false)), kept);
        }
    }
}
