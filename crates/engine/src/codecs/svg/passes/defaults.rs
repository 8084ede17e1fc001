//! Attributes that change nothing: what is so anyway, what is inherited anyway, and what has no effect.

use super::super::tree::Element;
use super::colour;
use super::inherit::Inherited;
use super::properties::{self, About};
use super::references::References;

/// What is known of a document beforehand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub references: &'a References,
    /// Whether it has text, or content that may be text.
    pub has_text: bool,
    pub has_clip: bool,
}

/// Takes away attributes without effect.
pub(super) fn dropped(root: &mut Element, known: Known) {
    let mut walk = Walk {
        known,
        above: Inherited::default(),
        in_clip: false,
    };
    walk.element(root, true);
}

struct Walk<'a> {
    known: Known<'a>,
    above: Inherited,
    in_clip: bool,
}

impl Walk<'_> {
    fn element(&mut self, element: &mut Element, is_root: bool) {
        if !element.is_svg() {
            return;
        }
        let was_in_clip = self.in_clip;
        let used = element
            .attribute("id")
            .is_some_and(|id| self.known.references.used.contains(id));
        let outside = self.above.depth();
        if used {
            self.above.forget(&self.known.references.tainted);
        }
        self.in_clip |= used || element.local() == "clipPath";
        useless_geometry(element, is_root);
        if element.attribute("style").is_none() {
            self.same_as_above(element);
            self.without_effect(element);
        }
        self.above.enter(element);
        for child in element.elements_mut() {
            self.element(child, false);
        }
        self.above.leave(outside);
        self.in_clip = was_in_clip;
    }

    fn same_as_above(&self, element: &mut Element) {
        element.attributes.retain(|attribute| {
            let Some(property) = properties::of(&attribute.name) else {
                return true;
            };
            if property.about == About::Text && !self.known.has_text {
                return false;
            }
            if property.name == "enable-background" {
                // Nothing has ever read it but one viewer that is gone.
                return false;
            }
            if property.name == "clip-rule" && !self.known.has_clip {
                return false;
            }
            let before = if property.inherited {
                self.above.get(property.name)
            } else {
                Some(property.initial).filter(|initial| !initial.is_empty())
            };
            let same = before.is_some_and(|before| is_same(before, attribute.value.trim()));
            !(same || property.inherited && attribute.value == "inherit")
        });
    }

    fn without_effect(&self, element: &mut Element) {
        let is_shape = is_shape(element.local());
        let is_group = matches!(element.local(), "g" | "svg" | "a");
        if !(is_shape || is_group) || is_group && draws_copies(element) {
            return;
        }
        let unpainted = |name: &str| {
            self.above.computed(element, name) == Some("none")
                && (is_shape || !sets_below(element, name))
        };
        let (no_stroke, no_fill) = (unpainted("stroke"), unpainted("fill"));
        let plain = matches!(element.local(), "rect" | "circle" | "ellipse" | "line");
        let in_clip = self.in_clip;
        let overridden: Vec<&'static str> = if is_group {
            element
                .attributes
                .iter()
                .filter_map(|one| properties::of(&one.name))
                .filter(|property| property.inherited && is_shadowed(element, property.name))
                .map(|property| property.name)
                .collect()
        } else {
            Vec::new()
        };
        element.attributes.retain(|attribute| {
            let name = attribute.name.as_str();
            let about = properties::of(name).map(|property| property.about);
            let idle = match about {
                Some(About::Stroke) => no_stroke && name != "stroke",
                Some(About::Fill) if name == "fill-rule" => no_fill || (plain && is_shape),
                Some(About::Fill) => no_fill && name != "fill",
                _ => name == "clip-rule" && is_shape && !in_clip,
            };
            !(idle || overridden.contains(&name))
        });
    }
}

fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "path" | "rect" | "circle" | "ellipse" | "line" | "polyline" | "polygon"
    )
}

/// Whether something below may draw what stands elsewhere, which inherits from here.
fn draws_copies(element: &Element) -> bool {
    element
        .elements()
        .any(|child| child.local() == "use" || !child.is_svg() || draws_copies(child))
}

fn sets_below(element: &Element, name: &str) -> bool {
    element.elements().any(|child| {
        child.attribute(name).is_some()
            || child
                .attribute("style")
                .is_some_and(|style| style.contains(name))
            || sets_below(child, name)
    })
}

/// Whether everything below that could take a property from here has its own.
fn is_shadowed(element: &Element, name: &str) -> bool {
    element.elements().all(|child| {
        if child
            .attribute(name)
            .is_some_and(|value| value != "inherit")
            || matches!(child.local(), "title" | "desc" | "metadata")
        {
            return true;
        }
        let container = matches!(
            child.local(),
            "g" | "a" | "defs" | "clipPath" | "mask" | "pattern" | "marker" | "symbol"
        );
        let paint = matches!(child.local(), "linearGradient" | "radialGradient");
        (container || paint) && is_shadowed(child, name)
            || child.local() == "stop" && !matches!(name, "color" | "color-interpolation")
    })
}

/// Whether two values of one property mean the same.
fn is_same(a: &str, b: &str) -> bool {
    let number = |text: &str| text.strip_suffix("px").unwrap_or(text).parse::<f64>().ok();
    colour::is_same(a, b)
        || number(a).is_some_and(|number_a| number(b) == Some(number_a))
        || matches!((a, b), ("normal", "400") | ("400", "normal"))
        || matches!((a, b), ("inline", "block"))
}

/// Geometry that is so when it is not written.
fn useless_geometry(element: &mut Element, is_root: bool) {
    let name = element.local().to_owned();
    let has_href = element.attributes.iter().any(|one| one.local() == "href");
    element.attributes.retain(|attribute| {
        if !attribute.space.is_empty() {
            return true;
        }
        let value = attribute.value.trim();
        let zero =
            matches!(value.trim_end_matches("px"), "0" | "0.0" | "0.00" | "0.000") || value == "0%";
        let useless = match (name.as_str(), attribute.name.as_str()) {
            ("rect" | "use" | "image", "x" | "y")
            | ("circle" | "ellipse", "cx" | "cy")
            | ("line", "x1" | "y1" | "x2" | "y2") => zero,
            ("svg", "x" | "y") => is_root || zero,
            ("svg", "version" | "baseProfile") => is_root,
            ("stop", "offset") => zero,
            ("linearGradient", "x1" | "y1" | "y2") => zero && !has_href,
            ("linearGradient", "x2") => !has_href && value == "100%",
            ("linearGradient" | "radialGradient", "spreadMethod") => !has_href && value == "pad",
            ("linearGradient" | "radialGradient", "gradientUnits") => {
                !has_href && value == "objectBoundingBox"
            }
            ("radialGradient", "cx" | "cy" | "r") => !has_href && value == "50%",
            ("clipPath", "clipPathUnits") => value == "userSpaceOnUse",
            ("mask", "maskUnits") => value == "objectBoundingBox",
            ("mask", "maskContentUnits") => value == "userSpaceOnUse",
            ("style", "type") => value == "text/css",
            ("svg" | "image" | "symbol" | "pattern", "preserveAspectRatio") => {
                !has_href && matches!(value, "xMidYMid meet" | "xMidYMid")
                    || name == "image" && value == "xMidYMid meet"
            }
            _ => false,
        };
        !useless
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    fn short(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            dropped(
                root,
                Known {
                    references: &references,
                    has_text: false,
                    has_clip: false,
                },
            );
        })
    }

    #[test]
    fn what_is_so_anyway_goes() {
        for (inner, expected) in [
            (
                r#"<path fill="black" stroke="none" opacity="1.0"/>"#,
                "<path/>",
            ),
            (
                r#"<path fill="red" fill-opacity="1.0000"/>"#,
                r#"<path fill="red"/>"#,
            ),
            (
                r##"<g fill="#f00"><path fill="red"/><path fill="blue"/><path/></g>"##,
                r##"<g fill="#f00"><path/><path fill="blue"/><path/></g>"##,
            ),
            (
                r#"<g fill="red"><path fill="black"/><path fill="inherit"/></g>"#,
                r#"<g fill="red"><path fill="black"/><path/></g>"#,
            ),
            (
                r#"<path stroke-width="2" stroke-linecap="round" font-size="12"/>"#,
                "<path/>",
            ),
            (
                r#"<path fill="none" fill-rule="evenodd" stroke="red" stroke-width="2"/>"#,
                r#"<path fill="none" stroke="red" stroke-width="2"/>"#,
            ),
            (
                r#"<g stroke-width="3"><path stroke="red"/></g><g stroke-width="3"><path/></g>"#,
                r#"<g stroke-width="3"><path stroke="red"/></g><g><path/></g>"#,
            ),
            (
                r#"<g fill="none"><path fill="red"/></g>"#,
                r#"<g><path fill="red"/></g>"#,
            ),
            (
                r#"<rect x="0" y="0.0" width="5" fill-rule="evenodd"/>"#,
                r#"<rect width="5"/>"#,
            ),
            (
                r#"<path style="fill:red" fill="black"/>"#,
                r#"<path style="fill:red" fill="black"/>"#,
            ),
        ] {
            assert_eq!(short(inner), expected, "{inner}");
        }
    }

    #[test]
    fn what_depends_on_its_use_stays() {
        for inner in [
            r##"<g id="a" fill="black"><path/></g><g fill="red"><use href="#a"/></g>"##,
            r##"<g fill="red"><path id="a" fill="red"/><path/></g><use href="#a"/>"##,
            r##"<g stroke-width="3"><use href="#a"/></g><path id="a" stroke="red"/>"##,
            r#"<linearGradient href="a" x1="0"/>"#,
        ] {
            assert_eq!(short(inner), inner);
        }
    }
}
