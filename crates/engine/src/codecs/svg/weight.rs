//! How much a document grows when its references are followed, told before anything follows them.
//!
//! `use`, patterns, masks, clips, markers and filters copy what they refer to, and what these refer
//! to in turn: a few lines may stand for billions of elements.

use std::collections::HashMap;

use roxmltree::{Document, Node, NodeId};
use whittle_core::{Format, Limits};

use super::open::XLINK;
use super::scan::too_complex;
use crate::{Error, Result};

/// How long a chain of elements and references may be; the renderer has the same limit.
const CHAIN: u32 = 1000;

/// Refuses a document that stands for too many elements, or whose references go in a circle.
pub(super) fn check(document: &Document, limits: &Limits) -> Result<()> {
    let mut by_id = HashMap::new();
    let (mut elements, mut rules) = (0u64, 0u64);
    for node in document.descendants().filter(Node::is_element) {
        elements += 1;
        if let Some(id) = node.attribute("id") {
            by_id.entry(id).or_insert(node);
        }
        if node.tag_name().name() == "style" {
            rules += node
                .children()
                .filter_map(|child| child.text())
                .map(|text| text.matches('{').count() as u64)
                .sum::<u64>();
        }
    }
    // The renderer tries every rule on every element.
    if elements * rules > 64 * u64::from(limits.svg_nodes) {
        return Err(too_complex("it has too many style rules for its elements"));
    }
    let mut scale = Scale {
        by_id,
        known: HashMap::new(),
    };
    let weight = scale.weigh(document.root_element(), 0)?;
    if weight > u64::from(limits.svg_nodes) {
        return Err(too_complex("its elements refer to each other too often"));
    }
    Ok(())
}

struct Scale<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    /// `None` while an element is being weighed.
    known: HashMap<NodeId, Option<u64>>,
}

impl<'a, 'input> Scale<'a, 'input> {
    fn weigh(&mut self, node: Node<'a, 'input>, chain: u32) -> Result<u64> {
        if chain > CHAIN {
            return Err(too_complex("its references are too deep"));
        }
        match self.known.get(&node.id()) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(Error::unsupported(
                    Format::Svg,
                    "The SVG's elements refer to each other in a circle.",
                ));
            }
            None => {}
        }
        self.known.insert(node.id(), None);
        let mut weight: u64 = 1;
        let mut inside: u64 = 0;
        for child in node.children().filter(Node::is_element) {
            inside = inside.saturating_add(self.weigh(child, chain + 1)?);
        }
        weight = weight.saturating_add(inside);
        for (target, inherited) in self.targets(node) {
            let copy = self.weigh(target, chain + 1)?;
            // What a group is painted with, each of its shapes is painted with.
            let times = if inherited { inside.max(1) } else { 1 };
            weight = weight.saturating_add(copy.saturating_mul(times));
        }
        self.known.insert(node.id(), Some(weight));
        Ok(weight)
    }

    /// What an element refers to and would copy, and whether its children do so too.
    fn targets(&self, node: Node<'a, 'input>) -> Vec<(Node<'a, 'input>, bool)> {
        let mut targets = Vec::new();
        let follows = matches!(
            node.tag_name().name(),
            "use" | "pattern" | "feImage" | "textPath" | "tref"
        );
        for attribute in node.attributes() {
            let value = attribute.value();
            let href = attribute.name() == "href"
                && matches!(attribute.namespace(), None | Some(XLINK))
                && follows;
            if href {
                targets.extend(
                    value
                        .strip_prefix('#')
                        .and_then(|id| self.by_id.get(id))
                        .map(|n| (*n, false)),
                );
            } else if attribute.name() == "id" || attribute.name() == "d" {
            } else {
                let inherited = attribute.name() == "style"
                    || matches!(attribute.name(), "fill" | "stroke")
                    || attribute.name().starts_with("marker");
                for part in value.split("url(").skip(1) {
                    let id = part
                        .split(')')
                        .next()
                        .unwrap_or("")
                        .trim_matches(|c: char| {
                            c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '#')
                        });
                    targets.extend(self.by_id.get(id).map(|n| (*n, inherited)));
                }
            }
        }
        targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(inner: &str) -> Result<()> {
        let text =
            format!("<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='{XLINK}'>{inner}</svg>");
        check(&Document::parse(&text).unwrap(), &Limits::default())
    }

    #[test]
    fn plain_references_are_fine() {
        weighed(
            "<defs><path id='p'/><pattern id='q'><use href='#p'/></pattern></defs>\
             <g fill='url(#q)'><path/><use xlink:href='#p'/></g><a href='#p'><use href='#none'/></a>",
        )
        .unwrap();
    }

    #[test]
    fn multiplied_references_are_too_complex() {
        let mut uses = String::from("<g id='l0'><path/></g>");
        for level in 1..12 {
            let inner = format!("<use href='#l{}'/>", level - 1).repeat(10);
            uses.push_str(&format!("<g id='l{level}'>{inner}</g>"));
        }
        let mut patterns = String::from("<pattern id='l0'><path/></pattern>");
        for level in 1..12 {
            let inner = format!("<path fill='url( \"#l{}\" )'/>", level - 1).repeat(10);
            patterns.push_str(&format!("<pattern id='l{level}'>{inner}</pattern>"));
        }
        let rules = format!(
            "<style>{}</style>{}",
            "a{}".repeat(10_000),
            "<g/>".repeat(10_000)
        );
        for inner in [uses, patterns, rules] {
            assert!(matches!(weighed(&inner), Err(Error::TooComplex { .. })));
        }
        let chain: String = (0..2000)
            .map(|n| format!("<g id='c{n}'><use href='#c{}'/></g>", n + 1))
            .collect();
        assert!(matches!(weighed(&chain), Err(Error::TooComplex { .. })));
    }

    #[test]
    fn circles_are_left_alone() {
        for inner in [
            "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>",
            "<g id='a'><use href='#a'/></g>",
            "<pattern id='a'><path style='fill:url(#a)'/></pattern>",
        ] {
            assert!(
                matches!(weighed(inner), Err(Error::Unsupported { .. })),
                "{inner}"
            );
        }
    }
}
