//! Groups that are not needed go, and groups that save repetition come.

use super::super::tree::{Attribute, Element, Node};
use super::properties;
use super::references::References;

/// Opens groups without attributes, and gives a group's attributes to its only child.
pub(super) fn collapsed(element: &mut Element, references: &References) {
    element
        .elements_mut()
        .for_each(|child| collapsed(child, references));
    if matches!(element.local(), "switch" | "clipPath") || !element.is_svg() {
        return;
    }
    let children = std::mem::take(&mut element.children);
    for child in children {
        match child {
            Node::Element(mut group) if is_group(&group) && !describes(&group) => {
                if group.attributes.is_empty() {
                    element.children.append(&mut group.children);
                } else if let Some(only) = merged_into_child(&group, references) {
                    element.children.push(Node::Element(only));
                } else {
                    element.children.push(Node::Element(group));
                }
            }
            other => element.children.push(other),
        }
    }
}

fn is_group(element: &Element) -> bool {
    element.is_svg() && element.local() == "g" && element.declared.is_empty()
}

/// Whether what is inside says something about the group itself.
fn describes(group: &Element) -> bool {
    group.elements().any(|child| {
        !child.is_svg()
            || matches!(
                child.local(),
                "title"
                    | "desc"
                    | "metadata"
                    | "animate"
                    | "animateTransform"
                    | "animateMotion"
                    | "animateColor"
                    | "set"
                    | "script"
            )
    })
}

/// What changes a group as a whole.
const WHOLE: [&str; 4] = ["filter", "clip-path", "mask", "opacity"];

fn merged_into_child(group: &Element, references: &References) -> Option<Element> {
    let [Node::Element(child)] = &group.children[..] else {
        return None;
    };
    let plain = |one: &Attribute| {
        one.space.is_empty()
            && (one.name == "transform"
                || WHOLE.contains(&one.name.as_str())
                || properties::of(&one.name).is_some_and(|property| property.inherited))
    };
    if !child.is_svg()
        || !is_group_or_graphic(child.local())
        || !group.attributes.iter().all(plain)
        || child
            .attribute("id")
            .is_some_and(|id| references.all.contains(id))
        || child.attribute("style").is_some()
        || child.local() != "g" && describes(child)
    {
        return None;
    }
    let has = |element: &Element, name: &str| element.attribute(name).is_some();
    let wraps = WHOLE.iter().any(|name| has(group, name));
    let spatial = ["filter", "clip-path", "mask"]
        .iter()
        .any(|name| has(group, name));
    if spatial
        && (has(child, "transform")
            || child.local() == "use"
            || WHOLE.iter().any(|name| has(child, name)))
    {
        return None;
    }
    if wraps && has(child, "filter") {
        return None;
    }
    let mut child = child.clone();
    for one in &group.attributes {
        match (one.name.as_str(), child.attribute(&one.name)) {
            (_, None) => child.attributes.push(one.clone()),
            ("transform", Some(inner)) => {
                let both = format!("{} {inner}", one.value);
                child.set("transform", both);
            }
            ("opacity", Some(inner)) => {
                let product =
                    one.value.trim().parse::<f64>().ok()? * inner.trim().parse::<f64>().ok()?;
                child.set("opacity", super::number::shortest(product, 0.0));
            }
            (name, Some(_)) if WHOLE.contains(&name) => return None,
            // What the child says itself counts.
            _ => {}
        }
    }
    Some(child)
}

/// Gives what all children have in common to their group, and puts runs of children that have something
/// in common into groups of their own.
pub(super) fn gathered(element: &mut Element, references: &References) {
    element
        .elements_mut()
        .for_each(|child| gathered(child, references));
    if !element.is_svg() {
        return;
    }
    if matches!(element.local(), "g" | "svg" | "a") && element.attribute("style").is_none() {
        move_up(element, references);
        wrap_runs(element, references);
    } else if matches!(element.local(), "symbol" | "mask" | "pattern" | "marker") {
        wrap_runs(element, references);
    }
}

/// Whether an attribute may stand on a group instead of on each of its children.
fn is_shareable(one: &Attribute) -> bool {
    one.space.is_empty()
        && (one.name == "transform"
            || properties::of(&one.name).is_some_and(|property| property.inherited))
}

/// What is drawn where it stands, and takes what a group around it passes on.
fn is_group_or_graphic(name: &str) -> bool {
    matches!(
        name,
        "g" | "path"
            | "rect"
            | "circle"
            | "ellipse"
            | "line"
            | "polyline"
            | "polygon"
            | "text"
            | "use"
            | "image"
    )
}

fn is_drawn(element: &Element, references: &References) -> bool {
    element.is_svg()
        && (element.local() == "a" || is_group_or_graphic(element.local()))
        && !element
            .attribute("id")
            .is_some_and(|id| references.used.contains(id) || references.followed.contains(id))
}

fn move_up(element: &mut Element, references: &References) {
    let is_group = element.local() == "g";
    let mut children = element.elements().filter(|child| !is_apart(child));
    let Some(first) = children.next() else {
        return;
    };
    let mut shared: Vec<Attribute> = first
        .attributes
        .iter()
        .filter(|one| is_shareable(one) && (is_group || one.name != "transform"))
        .cloned()
        .collect();
    let mut count = 1;
    let mut fine = is_drawn(first, references);
    for child in children {
        count += 1;
        fine &= is_drawn(child, references);
        shared.retain(|one| child.attributes.contains(one));
    }
    // A clip or a mask of the group would be turned with it.
    let fixed = ["clip-path", "mask", "filter", "id"]
        .iter()
        .any(|name| element.attribute(name).is_some());
    shared.retain(|one| one.name != "transform" || !fixed);
    if !fine || count < 2 || shared.is_empty() {
        return;
    }
    for child in element.elements_mut().filter(|child| !is_apart(child)) {
        child.attributes.retain(|one| !shared.contains(one));
    }
    for one in shared {
        match element.attribute(&one.name) {
            Some(outer) if one.name == "transform" => {
                let both = format!("{outer} {}", one.value);
                element.set("transform", both);
            }
            _ => element.set(&one.name, one.value),
        }
    }
}

/// Whether an element takes no part in inheriting, as titles do.
fn is_apart(element: &Element) -> bool {
    matches!(element.local(), "title" | "desc" | "metadata")
}

/// What a group costs: `<g></g>`.
const GROUP: usize = 7;

/// Longest run that is looked at.
const RUN: usize = 400;

fn wrap_runs(element: &mut Element, references: &References) {
    let mut children = std::mem::take(&mut element.children);
    let mut at = 0;
    while at < children.len() {
        if let Some((end, shared)) = best_run(&children[at..], references) {
            let mut inside: Vec<Node> = children.drain(at..at + end).collect();
            for node in &mut inside {
                if let Node::Element(child) = node {
                    child.attributes.retain(|one| !shared.contains(one));
                }
            }
            let name = match element.name.split_once(':') {
                Some((prefix, _)) => format!("{prefix}:g"),
                None => "g".to_owned(),
            };
            let mut group = Element {
                name,
                space: element.space.clone(),
                declared: Vec::new(),
                attributes: shared,
                children: inside,
            };
            wrap_runs(&mut group, references);
            children.insert(at, Node::Element(group));
        }
        at += 1;
    }
    element.children = children;
}

/// The run of children from the first one that saves most, and what its members share.
fn best_run(children: &[Node], references: &References) -> Option<(usize, Vec<Attribute>)> {
    let drawn =
        |node: &'_ Node| matches!(node, Node::Element(child) if is_drawn(child, references));
    let Some(Node::Element(first)) = children.first().filter(|node| drawn(node)) else {
        return None;
    };
    let mut shared: Vec<Attribute> = first
        .attributes
        .iter()
        .filter(|one| is_shareable(one))
        .cloned()
        .collect();
    let mut best: Option<(usize, usize, Vec<Attribute>)> = None;
    for (index, node) in children.iter().enumerate().take(RUN).skip(1) {
        let Node::Element(child) = node else {
            break;
        };
        if !drawn(node) {
            break;
        }
        shared.retain(|one| child.attributes.contains(one));
        if shared.is_empty() {
            break;
        }
        let length: usize = shared
            .iter()
            .map(|one| one.name.len() + one.value.len() + 4)
            .sum();
        let saved = index * length;
        if saved > GROUP && best.as_ref().is_none_or(|(most, ..)| saved - GROUP > *most) {
            best = Some((saved - GROUP, index + 1, shared.clone()));
        }
    }
    best.map(|(_, end, shared)| (end, shared))
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    fn open(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            collapsed(root, &references);
        })
    }

    fn gather(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            gathered(root, &references);
        })
    }

    #[test]
    fn groups_for_nothing_go() {
        for (inner, expected) in [
            ("<g><g><path/></g><rect/></g>", "<path/><rect/>"),
            (r#"<g fill="red"><path/></g>"#, r#"<path fill="red"/>"#),
            (
                r#"<g fill="red"><path fill="blue"/></g>"#,
                r#"<path fill="blue"/>"#,
            ),
            (
                r#"<g transform="scale(2)"><path transform="rotate(3)"/></g>"#,
                r#"<path transform="scale(2) rotate(3)"/>"#,
            ),
            (
                r#"<g opacity=".5"><path opacity=".5"/></g>"#,
                r#"<path opacity=".25"/>"#,
            ),
        ] {
            assert_eq!(open(inner), expected);
        }
        for kept in [
            r#"<g id="a"><path/></g>"#,
            "<g><title>a</title><path/></g>",
            "<switch><g><path/></g></switch>",
            r#"<g clip-path="url(#a)"><path transform="scale(2)"/></g>"#,
            r#"<g filter="url(#a)"><path opacity=".5"/></g>"#,
            r##"<g fill="red"><path id="a"/></g><use href="#a"/>"##,
        ] {
            assert_eq!(open(kept), kept);
        }
    }

    #[test]
    fn what_is_common_is_said_once() {
        for (inner, expected) in [
            (
                r#"<g id="a"><path fill="red"/><path fill="red" d=""/></g>"#,
                r#"<g id="a" fill="red"><path/><path d=""/></g>"#,
            ),
            (
                r#"<rect/><path fill="red"/><path fill="red"/><path fill="red"/><path/>"#,
                r#"<rect/><g fill="red"><path/><path/><path/></g><path/>"#,
            ),
        ] {
            assert_eq!(gather(inner), expected);
        }
        for kept in [
            r#"<rect/><path fill="red"/>"#,
            r##"<rect/><path fill="red" id="a"/><path fill="red"/><use href="#a"/>"##,
            r#"<rect/><path opacity=".5"/><path opacity=".5"/><path opacity=".5"/>"#,
        ] {
            assert_eq!(gather(kept), kept);
        }
    }
}
