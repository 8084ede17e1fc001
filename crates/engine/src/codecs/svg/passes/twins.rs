//! Gradients that are the same are kept once.

use std::collections::{HashMap, HashSet};

use super::super::tree::{Element, Node};
use super::ids;
use super::references::References;

/// Leaves one of each set of equal gradients, and lets all that is painted by another refer to it.
pub(super) fn merged(root: &mut Element, references: &References) {
    // Those that refer to others may become equal when these did.
    for _ in 0..3 {
        let mut first: HashMap<String, String> = HashMap::new();
        let mut twins: HashMap<String, String> = HashMap::new();
        let mut seen = HashSet::new();
        root.visit(&mut |element| {
            let Some(id) = element.attribute("id") else {
                return;
            };
            if !seen.insert(id.to_owned()) {
                // Which of two is meant is for the reader to say.
                twins.remove(id);
                first.retain(|_, one| one != id);
            } else if !references.fixed.contains(id)
                && let Some(looks) = looks(element)
            {
                match first.get(&looks) {
                    Some(one) => {
                        twins.insert(id.to_owned(), one.clone());
                    }
                    None => {
                        first.insert(looks, id.to_owned());
                    }
                }
            }
        });
        twins.retain(|_, one| first.values().any(|kept| kept == one));
        if twins.is_empty() {
            return;
        }
        remove(root, &twins);
        root.visit_mut(&mut |element| ids::rename(element, &twins));
    }
}

/// All that a gradient is, but for its name; `None` when it is none or somebody may look for more.
fn looks(element: &Element) -> Option<String> {
    if !element.is_svg() || !matches!(element.local(), "linearGradient" | "radialGradient") {
        return None;
    }
    let mut looks = String::new();
    add_looks(element, true, &mut looks).then_some(looks)
}

fn add_looks(element: &Element, named: bool, looks: &mut String) -> bool {
    let mut attributes: Vec<(&str, &str)> = element
        .attributes
        .iter()
        .filter(|one| !(named && one.name == "id"))
        .map(|one| (one.local(), one.value.trim()))
        .collect();
    if attributes
        .iter()
        .any(|(name, _)| matches!(*name, "id" | "class" | "style"))
    {
        return false;
    }
    attributes.sort_unstable();
    looks.push_str(element.local());
    for (name, value) in attributes {
        looks.push_str(&format!(" {name}={value:?}"));
    }
    looks.push('(');
    let all = element.children.iter().all(|child| match child {
        Node::Element(stop) => {
            stop.is_svg() && stop.local() == "stop" && add_looks(stop, false, looks)
        }
        Node::Text(text) => text.trim().is_empty(),
        _ => false,
    });
    looks.push(')');
    all
}

fn remove(element: &mut Element, twins: &HashMap<String, String>) {
    element.children.retain(|child| match child {
        Node::Element(child) => !child
            .attribute("id")
            .is_some_and(|id| twins.contains_key(id)),
        _ => true,
    });
    element
        .elements_mut()
        .for_each(|child| remove(child, twins));
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    fn made(inner: &str) -> String {
        changed(inner, |root| {
            let references = References::of(root);
            merged(root, &references);
        })
    }

    #[test]
    fn equal_gradients_are_kept_once() {
        let stop = r##"<stop offset="0" stop-color="red"/>"##;
        let inner = format!(
            r##"<linearGradient id="a" x1="1" y1="2">{stop}</linearGradient><linearGradient y1="2" id="b" x1="1">{stop}</linearGradient><linearGradient id="c" href="#a"/><linearGradient id="d" href="#b"/><path fill="url(#b)" stroke="url(#d)"/>"##
        );
        let expected = format!(
            r##"<linearGradient id="a" x1="1" y1="2">{stop}</linearGradient><linearGradient id="c" href="#a"/><path fill="url(#a)" stroke="url(#c)"/>"##
        );
        assert_eq!(made(&inner), expected);
    }

    #[test]
    fn gradients_that_differ_or_are_known_by_name_stay() {
        for kept in [
            r#"<linearGradient id="a"/><radialGradient id="b"/>"#,
            r#"<linearGradient id="a" x1="1"/><linearGradient id="b" x1="2"/>"#,
            r#"<linearGradient id="a"/><linearGradient id="a"/>"#,
            r##"<linearGradient id="a"/><linearGradient id="b"><animate attributeName="x1"/></linearGradient>"##,
            r##"<linearGradient id="a"/><linearGradient id="b"/><a href="#b"/>"##,
            r#"<linearGradient id="a"/><linearGradient id="b" class="x"/>"#,
        ] {
            assert_eq!(made(kept), kept);
        }
    }
}
