//! The values of attributes in few characters: numbers, colours, transforms, path data.

use super::super::tree::Element;
use super::colour;
use super::css;
use super::extent::{own_scale, reach, widest};
use super::inherit::Inherited;
use super::lengths::{length, length_or_percent, offset, plain};
use super::number;
use super::path;
use super::path_simplify::{Keep, simplified};
use super::path_write::{self, STRAIGHT};
use super::references::References;
use super::transform::{self, Matrix, Slack};
use super::{Plan, Reach};

/// Shortens the values of all attributes.
pub(super) fn shortened(root: &mut Element, plan: &Plan, references: &References, markers: bool) {
    let mut walk = Walk {
        plan,
        references,
        markers,
        above: Inherited::default(),
        widest: widest(root),
    };
    walk.element(root, plan.scale, true);
}

struct Walk<'a> {
    plan: &'a Plan,
    references: &'a References,
    /// Whether anything in the document carries markers.
    markers: bool,
    above: Inherited,
    /// The largest width of a stroke, which scales markers.
    widest: f64,
}

impl Walk<'_> {
    /// `scale`: pixels of the closest view for a unit of the coordinates around the element.
    fn element(&mut self, element: &mut Element, scale: f64, is_root: bool) {
        if !element.is_svg() {
            return;
        }
        let matrix = element.attribute("transform").and_then(transform::parsed);
        let inner = scale
            * matrix.map_or(1.0, Matrix::stretch)
            * own_scale(element, is_root, self.plan, self.references, self.widest);
        let inner = if inner.is_finite() && inner > 0.0 {
            inner
        } else {
            scale
        };
        let slack = self.plan.moves / inner;
        if let Some(matrix) = matrix {
            self.transform(element, matrix, scale);
        }
        self.gradient(element);
        let name = element.local().to_owned();
        let keep = self.keep(element);
        let plan = self.plan;
        for attribute in &mut element.attributes {
            if !attribute.space.is_empty() {
                continue;
            }
            let value = &mut attribute.value;
            match attribute.name.as_str() {
                "d" if name == "path" => {
                    if let Some(data) = data(value, plan, slack, keep) {
                        *value = data;
                    }
                }
                "points" => {
                    if let Some(points) = number::list(value) {
                        let mut out = String::new();
                        let numbers: Vec<_> = points
                            .iter()
                            .map(|point| number::Decimal::near(*point, slack))
                            .collect();
                        number::End::LETTER.write(&numbers, &mut out);
                        *value = out;
                    }
                }
                "style" => *value = style(value),
                "viewBox" => {
                    if let Some(numbers) = number::list(value) {
                        let texts: Vec<String> = numbers.iter().map(|one| plain(*one)).collect();
                        *value = texts.join(" ");
                    }
                }
                "width" | "height" if is_root => {
                    if let Some(text) = length(value, plain) {
                        *value = text;
                    }
                }
                "x" | "y" | "cx" | "cy" | "r" | "rx" | "ry" | "x1" | "y1" | "x2" | "y2"
                | "width" | "height"
                    if is_placed(&name) =>
                {
                    let slack = match name.as_str() {
                        "circle" | "ellipse" => slack,
                        "text" => slack / 2.0,
                        // Level and upright lines, or what may hold them.
                        _ => slack * STRAIGHT,
                    };
                    if let Some(text) = length(value, |one| number::shortest(one, slack)) {
                        *value = text;
                    }
                }
                "stroke-width" => {
                    if let Some(text) =
                        length(value, |one| number::shortest(one, slack.min(one * 0.02)))
                    {
                        *value = text;
                    }
                }
                "opacity" | "fill-opacity" | "stroke-opacity" | "stop-opacity"
                | "flood-opacity" => {
                    // Half a step of eight bits.
                    let slack = if plan.moves > 0.0 { 0.5 / 255.0 } else { 0.0 };
                    if let Some(text) = length(value, |one| number::shortest(one, slack)) {
                        *value = text;
                    }
                }
                "offset" if name == "stop" => {
                    let slack = if plan.moves > 0.0 { 0.5 / 255.0 } else { 0.0 };
                    if let Some(text) = offset(value, slack) {
                        *value = text;
                    }
                }
                "fill" | "stroke" | "stop-color" | "flood-color" | "lighting-color" | "color" => {
                    if let Some(short) = colour::shortened(value) {
                        *value = short;
                    }
                }
                "stroke-dasharray" | "stdDeviation" | "stroke-miterlimit" | "stroke-dashoffset"
                | "font-size" | "letter-spacing" | "word-spacing" | "fx" | "fy" | "refX"
                | "refY" | "markerWidth" | "markerHeight" | "dx" | "dy" | "width" | "height"
                | "x" | "y"
                    if !matches!(name.as_str(), "foreignObject" | "view" | "cursor") =>
                {
                    let texts: Option<Vec<String>> = value
                        .split([' ', ',', '\n', '\t'])
                        .filter(|part| !part.is_empty())
                        .map(|part| length(part, |one| number::shortest(one, 0.0)))
                        .collect();
                    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
                        let text = texts.join(" ");
                        if text.len() < value.len() {
                            *value = text;
                        }
                    }
                }
                _ => {}
            }
        }
        let depth = self.above.depth();
        self.above.enter(element);
        for child in element.elements_mut() {
            self.element(child, inner, false);
        }
        self.above.leave(depth);
    }

    fn transform(&self, element: &mut Element, matrix: Matrix, scale: f64) {
        // What is level or upright within it stays so, and has the place that it has.
        let turned = matrix.b != 0.0 || matrix.c != 0.0;
        let offset = self.plan.moves / scale * if turned { 1.0 } else { STRAIGHT };
        let linear = if self.plan.moves > 0.0 {
            offset / reach(element, self.plan.extent)
        } else {
            0.0
        };
        let slack = Slack {
            linear,
            offset: offset / 2.0,
        };
        set_transform(element, "transform", matrix, slack);
    }

    /// Where a gradient begins and ends, which shows far less than where a line is: what moves by a
    /// thousandth of its length changes a colour by a quarter of a step.
    fn gradient(&self, element: &mut Element) {
        if !matches!(
            element.local(),
            "linearGradient" | "radialGradient" | "pattern"
        ) {
            return;
        }
        const PLACES: [&str; 9] = ["x1", "y1", "x2", "y2", "cx", "cy", "r", "fx", "fy"];
        let part = if self.plan.moves > 0.0 { 0.001 } else { 0.0 };
        let numbers = PLACES.map(|name| {
            let text = element.attribute(name)?.trim().trim_end_matches('%');
            text.parse::<f64>().ok()
        });
        let number = |index: usize| numbers[index].unwrap_or(0.0);
        let length = if element.local() == "linearGradient" {
            (number(0) - number(2)).hypot(number(1) - number(3))
        } else {
            number(6)
        };
        let largest = numbers
            .iter()
            .flatten()
            .fold(length, |most, one| most.max(one.abs()));
        if element.local() != "pattern" {
            for name in PLACES {
                if let Some(text) = element.attribute(name).and_then(|value| {
                    length_or_percent(value, |one| number::shortest(one, part * length))
                }) {
                    element.set(name, text);
                }
            }
        }
        for name in ["gradientTransform", "patternTransform"] {
            if let Some(matrix) = element.attribute(name).and_then(transform::parsed) {
                let offset = part * length * matrix.stretch();
                let linear = if largest > 0.0 { offset / largest } else { 0.0 };
                set_transform(element, name, matrix, Slack { linear, offset });
            }
        }
    }

    fn keep(&self, element: &Element) -> Keep {
        let followed = element
            .attribute("id")
            .is_some_and(|id| self.references.all.contains(id));
        let animated = element.elements().next().is_some();
        let whole = followed || animated || self.plan.reach < Reach::Structure;
        let stroke = self.above.computed(element, "stroke");
        Keep {
            points: self.markers || whole && self.plan.still_only,
            dots: stroke != Some("none"),
            closing: true,
        }
    }
}

fn set_transform(element: &mut Element, name: &str, matrix: Matrix, slack: Slack) {
    let text = transform::written(matrix, slack);
    let before = element.attribute(name).unwrap_or("").len();
    if text.is_empty() {
        element.remove(name);
    } else if text.len() < before {
        element.set(name, text);
    }
}

/// Path data within a slack; `None` when it is damaged.
fn data(text: &str, plan: &Plan, slack: f64, keep: Keep) -> Option<String> {
    let segments = path::parsed(text)?;
    if !plan.paths {
        return None;
    }
    let simple = simplified(&segments, slack, keep);
    let short = path_write::written(&simple, slack);
    (short.len() < text.len()).then_some(short)
}

fn style(text: &str) -> String {
    let parts: Vec<String> = css::declarations(text)
        .into_iter()
        .map(|one| {
            let value = match one.name.as_str() {
                "fill" | "stroke" | "stop-color" | "flood-color" | "color" => {
                    colour::shortened(&one.value)
                }
                "stroke-width" | "opacity" | "fill-opacity" | "stroke-opacity" | "stop-opacity" => {
                    one.value
                        .parse::<f64>()
                        .ok()
                        .map(|number| number::shortest(number, 0.0))
                }
                _ => None,
            };
            format!("{}:{}", one.name, value.unwrap_or(one.value))
        })
        .collect();
    let joined = parts.join(";");
    if joined.len() < text.len() {
        joined
    } else {
        text.to_owned()
    }
}

/// Whether an element's place and size are what its coordinates say, in the units around it.
fn is_placed(name: &str) -> bool {
    matches!(
        name,
        "rect" | "circle" | "ellipse" | "line" | "use" | "text" | "image"
    )
}
