//! Elements in words that stay the same however they are written.

use super::editors::is_editors;
use super::passes::css;
use super::tree::{Element, Node};

/// All attributes, in the order of their names.
pub(super) fn attributes(element: &Element) -> String {
    let mut all: Vec<String> = element
        .attributes
        .iter()
        .filter(|attribute| !is_editors(&attribute.space) && attribute.name != "id")
        .map(|attribute| {
            let value = match attribute.local() {
                "style" => css::normal(&attribute.value),
                _ => squeezed(&attribute.value),
            };
            format!("{}={value}", attribute.local())
        })
        .collect();
    all.sort();
    all.join(" ")
}

pub(super) fn own_text(element: &Element) -> String {
    element
        .children
        .iter()
        .filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The characters of a `text` element; where and how they stand is seen when it is drawn.
pub(super) fn shown_text(element: &Element, preserved: bool) -> String {
    let space = element
        .attributes
        .iter()
        .find(|attribute| attribute.is_xml() && attribute.local() == "space");
    let preserved = space.map_or(preserved, |space| space.value == "preserve");
    let mut shown = String::new();
    for child in &element.children {
        match child {
            Node::Text(text) if preserved => shown.push_str(text),
            Node::Text(text) => {
                // Newlines go and other space becomes one: only where there is some is compared.
                let edge = |c: Option<char>| c.is_some_and(char::is_whitespace);
                if edge(text.chars().next()) && !shown.ends_with(' ') {
                    shown.push(' ');
                }
                shown.push_str(&squeezed(text));
                if edge(text.chars().next_back()) && !shown.ends_with(' ') {
                    shown.push(' ');
                }
            }
            Node::Element(child) => shown.push_str(&shown_text(child, preserved)),
            _ => {}
        }
    }
    if preserved {
        shown
    } else {
        shown.trim().to_owned()
    }
}

pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn without_white(text: &str) -> String {
    text.split_whitespace().collect()
}
