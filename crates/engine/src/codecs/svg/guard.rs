//! What a render cannot see, taken down as facts that must be the same before and after: names that
//! pages and scripts look for, accessibility, links, animation, fonts, text, foreign vocabularies.

use std::collections::{BTreeMap, HashSet};

use super::editors::{is_editors, is_editors_signature, is_metadata};
use super::meaning::{UNSEEN, is_exported_class, is_handler, is_lively, is_private};
use super::passes::{css, is_out_of_reach};
use super::size::Geometry;
use super::tree::{Attribute, Element, Node, Tree};
use super::wording::{attributes, own_text, shown_text, squeezed, without_white};

/// The facts of a document: how often each is there.
#[derive(Debug, PartialEq)]
pub(super) struct Facts {
    facts: BTreeMap<String, u32>,
    /// Comments, metadata and editors' notes, which the policy may have taken away.
    notes: BTreeMap<String, u32>,
}

/// Identifiers that are no facts.
#[derive(Clone, Debug, Default)]
pub(super) struct Uncounted {
    /// An editor numbered them, and nothing refers to them.
    pub unused: HashSet<String>,
    /// New names of private ones.
    pub renamed: HashSet<String>,
}

impl Facts {
    /// Takes down the facts. Identifiers that nothing uses, or that are new names of private ones, do not
    /// count.
    pub(super) fn of(tree: &Tree, ids: &Uncounted) -> Facts {
        let mut facts = Facts {
            facts: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        for node in tree.before.iter().chain(&tree.after) {
            facts.around(node);
        }
        facts.root(&tree.root);
        facts.element(&tree.root, None, ids);
        facts
    }

    /// The first fact that one has and the other has not. Notes count when `with_notes`.
    pub(super) fn difference(&self, other: &Facts, with_notes: bool) -> Option<String> {
        let first = |a: &BTreeMap<String, u32>, b: &BTreeMap<String, u32>| {
            a.iter()
                .find(|(fact, count)| b.get(*fact) != Some(*count))
                .or_else(|| b.iter().find(|(fact, count)| a.get(*fact) != Some(*count)))
                .map(|(fact, _)| fact.clone())
        };
        first(&self.facts, &other.facts).or_else(|| {
            with_notes
                .then(|| first(&self.notes, &other.notes))
                .flatten()
        })
    }

    fn add(&mut self, fact: String) {
        *self.facts.entry(fact).or_default() += 1;
    }

    fn note(&mut self, note: String) {
        *self.notes.entry(note).or_default() += 1;
    }

    fn around(&mut self, node: &Node) {
        match node {
            Node::Instruction(text) => self.add(format!("instruction {}", squeezed(text))),
            Node::Comment(text) => self.note(format!("comment {text}")),
            _ => {}
        }
    }

    fn root(&mut self, root: &Element) {
        let written = Tree {
            before: Vec::new(),
            root: Element {
                children: Vec::new(),
                ..root.clone()
            },
            after: Vec::new(),
        };
        if let Ok(document) = roxmltree::Document::parse(&written.written()) {
            let geometry = Geometry::of(document.root_element());
            self.add(format!("size {:.3} {:.3}", geometry.width, geometry.height));
            self.add(format!("view box {:?}", geometry.view_box));
        }
        for name in ["width", "height"] {
            // A percentage and a length differ in a page, even where they measure the same.
            let relative = root
                .attribute(name)
                .is_none_or(|value| value.trim().ends_with('%'));
            self.add(format!("{name} relative {relative}"));
        }
        let ratio = squeezed(root.attribute("preserveAspectRatio").unwrap_or(""));
        let ratio = ratio.strip_suffix(" meet").unwrap_or(&ratio);
        if !matches!(ratio, "" | "xMidYMid") {
            self.add(format!("aspect {ratio}"));
        }
    }

    fn element(&mut self, element: &Element, parent: Option<&Element>, ids: &Uncounted) {
        if is_editors(&element.space) || is_metadata(element) || is_editors_signature(element) {
            self.note(format!("{} {}", element.local(), squeezed(&element.text())));
            return;
        }
        let editors = |value: &str| is_editors(value);
        if element.local() == "foreignObject"
            && element.attribute("requiredExtensions").is_some_and(editors)
        {
            self.note("foreignObject of an editor".to_owned());
            return;
        }
        if element.is_svg() {
            self.svg(element, parent);
        } else {
            let text: String = own_text(element);
            self.add(format!(
                "element {} {} {} {}",
                element.space,
                element.local(),
                attributes(element),
                squeezed(&text)
            ));
        }
        for attribute in &element.attributes {
            self.attribute(element, attribute, ids);
        }
        for child in &element.children {
            match child {
                // Nothing can show or name what it holds.
                Node::Element(child)
                    if element.local() == "defs" && is_out_of_reach(child, &ids.unused) => {}
                Node::Element(child) => self.element(child, Some(element), ids),
                Node::Instruction(text) => self.add(format!("instruction {}", squeezed(text))),
                Node::Comment(text) => self.note(format!("comment {text}")),
                Node::Text(_) => {}
            }
        }
    }

    /// What an element of SVG itself means beyond its looks.
    fn svg(&mut self, element: &Element, parent: Option<&Element>) {
        let name = element.local();
        match name {
            "title" | "script" => self.add(format!("{name} {}", squeezed(&element.text()))),
            // An empty description says nothing.
            "desc" if !element.text().trim().is_empty() => {
                self.add(format!("{name} {}", squeezed(&element.text())));
            }
            "style" => {
                self.sheet(&element.text());
            }
            "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set" | "mpath"
            | "discard" => self.add(format!(
                "animation {name} {} in {} {}",
                attributes(element),
                parent.map_or("", Element::local),
                parent
                    .and_then(|parent| parent.attribute("id"))
                    .unwrap_or(""),
            )),
            "font" | "glyph" | "missing-glyph" | "hkern" | "vkern" | "font-face"
            | "font-face-src" | "font-face-uri" | "font-face-name" | "font-face-format"
            | "altGlyph" | "altGlyphDef" | "altGlyphItem" | "glyphRef" | "view" | "cursor"
            | "foreignObject" | "color-profile" => {
                self.add(format!("{name} {}", attributes(element)));
            }
            "switch" | "a" => self.add(name.to_owned()),
            "text" => self.add(format!("text {}", shown_text(element, false))),
            _ => {}
        }
    }

    /// What a style sheet does beyond a still picture.
    fn sheet(&mut self, text: &str) {
        let Some(items) = css::parsed(text) else {
            self.add(format!("style {}", without_white(text)));
            return;
        };
        for item in &items {
            let text = without_white(&css::written(std::slice::from_ref(item)));
            match item {
                css::Item::Notice(_) => self.note(text),
                _ if is_lively(&text) => self.add(format!("style {text}")),
                _ => {}
            }
        }
    }

    fn attribute(&mut self, element: &Element, attribute: &Attribute, ids: &Uncounted) {
        let (name, value) = (attribute.local(), attribute.value.as_str());
        if is_editors(&attribute.space) {
            self.note(format!("{} {value}", attribute.name));
            return;
        }
        if name == "href" {
            // References within the file show in the render; what leads out does not.
            if !value.starts_with('#') || matches!(element.local(), "a" | "mpath" | "tref") {
                self.add(format!("{} leads to {value}", element.local()));
            }
            return;
        }
        if attribute.is_xml() {
            if name == "lang" || name == "base" {
                self.add(format!("xml:{name} {value}"));
            }
            return;
        }
        if !attribute.space.is_empty() {
            self.add(format!("{} {name} {value}", attribute.space));
            return;
        }
        match name {
            "id" if !ids.unused.contains(value)
                && !ids.renamed.contains(value)
                && !is_private(element) =>
            {
                self.add(format!("id {value}"));
            }
            "class" => value
                .split_ascii_whitespace()
                .filter(|class| !is_exported_class(class))
                .for_each(|class| self.add(format!("class {class}"))),
            "role"
            | "lang"
            | "tabindex"
            | "focusable"
            | "autofocus"
            | "systemLanguage"
            | "requiredFeatures"
            | "requiredExtensions"
            | "target"
            | "download"
            | "rel"
            | "hreflang"
            | "crossorigin"
            | "externalResourcesRequired"
            | "part"
            | "slot" => {
                self.add(format!("{name} {}", squeezed(value)));
            }
            _ if UNSEEN.contains(&name) => {
                self.add(format!("{name}:{}", value.trim()));
            }
            "style" => self.declarations(value),
            _ if name.starts_with("aria-") || name.starts_with("data-") || is_handler(name) => {
                self.add(format!("{name} {value}"));
            }
            _ => {}
        }
    }

    /// Declarations that do something else than being seen at once.
    fn declarations(&mut self, style: &str) {
        for declaration in style.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            let unseen = UNSEEN.contains(&name);
            let lively = name.starts_with("--")
                || value.contains("var(")
                || ["animation", "transition", "offset", "will-change"]
                    .iter()
                    .any(|start| name.starts_with(start));
            if unseen || lively {
                self.add(format!("{name}:{}", squeezed(value)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(svg: &str) -> Facts {
        let document = roxmltree::Document::parse(svg).unwrap();
        Facts::of(&Tree::of(&document), &Uncounted::default())
    }

    fn whole(root: &str, inner: &str) -> Facts {
        facts(&format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' {root}>{inner}</svg>"
        ))
    }

    #[test]
    fn each_loss_is_noticed() {
        for (before, after) in [
            ("<g id='a'/>", "<g/>"),
            ("<g class='a b'/>", "<g class='a'/>"),
            ("<g role='img'/>", "<g/>"),
            ("<g aria-label='x'/>", "<g aria-label='y'/>"),
            ("<g data-x='1'/>", "<g/>"),
            ("<g onclick='f()'/>", "<g/>"),
            ("<g lang='de'/>", "<g/>"),
            ("<g xml:lang='de'/>", "<g/>"),
            ("<g tabindex='0'/>", "<g/>"),
            ("<g systemLanguage='de'/>", "<g/>"),
            ("<g cursor='help'/>", "<g/>"),
            ("<g style='pointer-events:none'/>", "<g/>"),
            ("<g style='transition:fill 1s'/>", "<g/>"),
            ("<g style='--a:1'/>", "<g/>"),
            ("<title>a</title>", ""),
            ("<desc>a</desc>", "<desc>b</desc>"),
            ("<script>a</script>", ""),
            ("<a href='b'/>", "<g/>"),
            ("<a xlink:href='b'/>", "<a xlink:href='c'/>"),
            ("<image href='b.png'/>", "<image href='c.png'/>"),
            (
                "<animate attributeName='x' dur='1s'/>",
                "<animate attributeName='x' dur='2s'/>",
            ),
            (
                "<g><set attributeName='x'/></g>",
                "<path/><set attributeName='x'/>",
            ),
            ("<style>@font-face{src:url(a)}</style>", "<style/>"),
            ("<style>@media print{a{fill:red}}</style>", ""),
            (
                "<style>a:hover{fill:red}</style>",
                "<style>a{fill:red}</style>",
            ),
            (
                "<style>@keyframes a{}</style>",
                "<style>@keyframes b{}</style>",
            ),
            ("<font><glyph unicode='a' d='M0 0'/></font>", ""),
            ("<switch><g/></switch>", "<g/>"),
            (
                "<foreignObject width='5'><p xmlns='h'>a</p></foreignObject>",
                "<foreignObject width='5'/>",
            ),
            ("<x xmlns='urn:x' a='1'/>", "<x xmlns='urn:x'/>"),
            ("<g xmlns:x='urn:x' x:a='1'/>", "<g/>"),
            ("<text>a b</text>", "<text>ab</text>"),
            (
                "<text>a <tspan>b</tspan></text>",
                "<text>a<tspan>b</tspan></text>",
            ),
            (
                "<text xml:space='preserve'>a  b</text>",
                "<text xml:space='preserve'>a b</text>",
            ),
            ("<?php echo ?>", ""),
        ] {
            let lost = whole("", before).difference(&whole("", after), false);
            assert!(lost.is_some(), "{before} became {after}");
        }
        for (before, after) in [
            ("viewBox='0 0 2 1'", "viewBox='0 0 2 2'"),
            ("viewBox='0 0 2 1' width='4'", "viewBox='0 0 2 1'"),
            ("width='4'", "width='5'"),
            (
                "width='100%' viewBox='0 0 2 1'",
                "width='2' viewBox='0 0 2 1'",
            ),
            ("preserveAspectRatio='none'", ""),
            ("role='img'", ""),
        ] {
            let lost = whole(before, "").difference(&whole(after, ""), false);
            assert!(lost.is_some(), "{before} became {after}");
        }
    }

    #[test]
    fn equal_meaning_is_no_loss() {
        for (before, after) in [
            ("<g><path d='M0 0'/></g>", "<path d='m0,0'/>"),
            ("<rect class='cls-1 st2'/>", "<rect/>"),
            ("<style>.cls-1{fill:red}</style>", ""),
            ("<text>\n a  b </text>", "<text>a b</text>"),
            ("<use href='#a'/>", "<use xlink:href='#a'/>"),
            ("<desc/>", ""),
        ] {
            let lost = whole("", before).difference(&whole("", after), false);
            assert_eq!(lost, None, "{before} became {after}");
        }
        for (before, after) in [
            ("width='10px' height='1in'", "width='10' height='96'"),
            ("viewBox=' 0,0 2.0 1'", "viewBox='0 0 2 1'"),
            ("preserveAspectRatio='xMidYMid meet'", ""),
            ("version='1.1'", ""),
            ("width='100%' viewBox='0 0 2 1'", "viewBox='0 0 2 1'"),
        ] {
            let lost = whole(before, "").difference(&whole(after, ""), false);
            assert_eq!(lost, None, "{before} became {after}");
        }
    }

    #[test]
    fn notes_count_when_the_policy_kept_them() {
        let with = whole("", "<!--a--><metadata>b</metadata>");
        let without = whole("", "");
        assert_eq!(with.difference(&without, false), None);
        assert!(with.difference(&without, true).is_some());
    }
}
