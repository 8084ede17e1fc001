//! Elements that draw nothing and that nothing can refer to.

use std::collections::HashSet;

use super::super::tree::{Element, Node};
use super::references::References;

/// Takes away what is never seen.
pub(super) fn removed(root: &mut Element, references: &References) {
    below(root, references);
}

fn below(element: &mut Element, references: &References) {
    if !element.is_svg() {
        return;
    }
    let in_defs = element.local() == "defs";
    let is_choice = element.local() == "switch";
    element
        .elements_mut()
        .for_each(|child| below(child, references));
    element.children.retain(|child| match child {
        Node::Element(child) if child.is_svg() && !is_choice => {
            !(is_unseen(child, references) || in_defs && is_out_of_reach(child, &HashSet::new()))
        }
        _ => true,
    });
}

fn is_unseen(element: &Element, references: &References) -> bool {
    let named = |element: &Element| {
        element
            .attribute("id")
            .is_some_and(|id| references.all.contains(id))
    };
    if named(element) || says_something(element) {
        return false;
    }
    let zero = |name: &str| {
        element
            .attribute(name)
            .is_none_or(|value| value.trim().trim_end_matches("px").parse() == Ok(0.0f64))
    };
    let idle = match element.local() {
        // A filter may draw where nothing is.
        "g" if element.children.is_empty() => element.attribute("filter").is_none(),
        "defs" | "a" | "pattern" | "linearGradient" | "radialGradient"
            if element.children.is_empty() =>
        {
            element.attribute("href").is_none()
                && element.attributes.iter().all(|one| one.local() != "href")
        }
        "path" => element
            .attribute("d")
            .is_none_or(|d| d.trim().is_empty() || d.trim() == "none"),
        "polygon" | "polyline" => element
            .attribute("points")
            .is_none_or(|points| points.trim().is_empty()),
        "rect" => zero("width") || zero("height"),
        "circle" => zero("r"),
        "ellipse" => zero("rx") && zero("ry"),
        _ => false,
    };
    idle || element.attribute("display") == Some("none") && is_plain(element)
}

/// Whether it and all below is nothing but shapes that no one can name.
fn is_plain(element: &Element) -> bool {
    let shape = matches!(
        element.local(),
        "g" | "path" | "rect" | "circle" | "ellipse" | "line" | "polyline" | "polygon"
    );
    shape
        && element.attribute("id").is_none()
        && !says_something(element)
        && element.elements().all(is_plain)
}

/// Whether an element is more than its looks: someone may look for it by name or role.
fn says_something(element: &Element) -> bool {
    element.attribute("id").is_some()
        || element.attribute("class").is_some()
        || element.attribute("style").is_some()
        || element.attributes.iter().any(|one| {
            !one.space.is_empty()
                || one.name == "role"
                || one.name == "pointer-events"
                || one.name.starts_with("aria-")
                || one.name.starts_with("data-")
        })
}

/// Whether nothing can refer to a definition, because neither it nor anything in it has a name.
///
/// Identifiers in `unused` are none.
pub(in super::super) fn is_out_of_reach(element: &Element, unused: &HashSet<String>) -> bool {
    let mut named = false;
    element.visit(&mut |one| {
        named |= one.attribute("id").is_some_and(|id| !unused.contains(id))
            || !one.is_svg()
            || matches!(
                one.local(),
                "style"
                    | "script"
                    | "title"
                    | "desc"
                    | "metadata"
                    | "font"
                    | "font-face"
                    | "text"
                    | "a"
                    | "animate"
                    | "animateTransform"
                    | "animateMotion"
                    | "set"
            );
    });
    !named
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    fn left(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            removed(root, &references);
        })
    }

    #[test]
    fn what_is_never_seen_goes() {
        for gone in [
            "<g><g/></g>",
            "<path/>",
            r#"<path d=""/>"#,
            r#"<rect width="5"/>"#,
            r#"<circle r="0"/>"#,
            r#"<g display="none"><path d="M0 0h9"/></g>"#,
            "<defs><linearGradient><stop/></linearGradient></defs>",
        ] {
            assert_eq!(left(gone), "", "{gone}");
        }
    }

    #[test]
    fn what_someone_may_look_for_stays() {
        for kept in [
            r#"<g id="a"/>"#,
            r#"<g class="a"/>"#,
            r#"<g filter="url(#f)"/>"#,
            r#"<g display="none"><text>a</text></g>"#,
            r#"<g display="none"><path id="a" d="M0 0h9"/></g>"#,
            r#"<defs><linearGradient id="a"/></defs>"#,
            "<switch><g/></switch>",
            "<clipPath/>",
        ] {
            assert_eq!(left(kept), kept);
        }
    }
}
