//! Takes away what nobody sees and no program asks for: the whitespace between elements, and by the
//! recipe's policy comments, metadata and what editors left behind.

use std::collections::HashSet;

use whittle_core::Metadata;

use super::editors::{
    is_about_rights, is_editors, is_editors_signature, is_metadata, is_numbered, reduce_to_rights,
};
use super::tree::{Element, Node, Tree};

/// What was taken away, in the words of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Removed {
    pub comments: bool,
    pub metadata: bool,
    pub editor: bool,
    /// Identifiers that an editor numbered and nothing refers to.
    pub ids: HashSet<String>,
}

impl Removed {
    pub(super) fn words(&self) -> Vec<String> {
        [
            (self.comments, "comments"),
            (self.metadata, "metadata"),
            (self.editor, "editor data"),
        ]
        .into_iter()
        .filter(|(removed, _)| *removed)
        .map(|(_, words)| words.to_owned())
        .collect()
    }
}

/// Tidies a document. With `runs_script`, everything that a script could count or find stays.
pub(super) fn tidy(tree: &mut Tree, policy: Metadata, runs_script: bool) -> Removed {
    let mut removed = Removed::default();
    let mut state = State {
        policy,
        runs_script,
        removed: &mut removed,
    };
    state.around(&mut tree.before);
    state.around(&mut tree.after);
    state.element(&mut tree.root, false);
    if policy != Metadata::Keep && !runs_script {
        removed.ids = unused_ids(&tree.root);
        let ids = &removed.ids;
        tree.root.visit_mut(&mut |element| {
            element
                .attributes
                .retain(|attribute| attribute.name != "id" || !ids.contains(&attribute.value));
        });
        removed.editor |= !removed.ids.is_empty();
    }
    if !runs_script {
        drop_unused_declarations(&mut tree.root);
    }
    removed
}

struct State<'a> {
    policy: Metadata,
    runs_script: bool,
    removed: &'a mut Removed,
}

impl State<'_> {
    /// The nodes before or after the root.
    fn around(&mut self, nodes: &mut Vec<Node>) {
        nodes.retain(|node| match node {
            Node::Comment(text) => self.keeps_comment(text),
            Node::Text(_) => false,
            _ => true,
        });
    }

    fn element(&mut self, element: &mut Element, in_text: bool) {
        let in_text = in_text || holds_text(element);
        if self.policy != Metadata::Keep {
            let before = element.attributes.len();
            element
                .attributes
                .retain(|attribute| !is_editors(&attribute.space));
            self.removed.editor |= element.attributes.len() < before;
        }
        let children = std::mem::take(&mut element.children);
        for child in children {
            match child {
                Node::Comment(text) if !self.keeps_comment(&text) => {}
                Node::Text(text)
                    if !in_text && !self.runs_script && text.trim_matches(WHITE).is_empty() => {}
                Node::Element(mut child) => {
                    if self.keeps(&mut child) {
                        // What is left of metadata was chosen already.
                        if self.policy == Metadata::Keep || !is_metadata(&child) {
                            self.element(&mut child, in_text);
                        }
                        element.children.push(Node::Element(child));
                    }
                }
                // Two texts that a comment parted become one, as in the written file.
                Node::Text(text) => match element.children.last_mut() {
                    Some(Node::Text(last)) => last.push_str(&text),
                    _ => element.children.push(Node::Text(text)),
                },
                node => element.children.push(node),
            }
        }
    }

    /// Whether an element stays; metadata may stay in part.
    fn keeps(&mut self, element: &mut Element) -> bool {
        if self.policy == Metadata::Keep {
            return true;
        }
        if is_metadata(element) {
            let before = element.clone();
            let keeps = self.policy == Metadata::Copyright && reduce_to_rights(element);
            self.removed.metadata |= !keeps || *element != before;
            return keeps;
        }
        let editors = is_editors(&element.space)
            || (element.is_svg()
                && element.local() == "foreignObject"
                && element
                    .attribute("requiredExtensions")
                    .is_some_and(is_editors))
            || is_editors_signature(element);
        self.removed.editor |= editors;
        !editors
    }

    fn keeps_comment(&mut self, text: &str) -> bool {
        let keeps = match self.policy {
            Metadata::Keep => true,
            Metadata::Copyright => is_about_rights(text),
            Metadata::Strip => false,
        };
        self.removed.comments |= !keeps;
        keeps
    }
}

const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether whitespace may matter in this element and below.
pub(super) fn holds_text(element: &Element) -> bool {
    !element.is_svg()
        || matches!(
            element.local(),
            "text" | "title" | "desc" | "style" | "script" | "foreignObject" | "metadata"
        )
}

/// Identifiers that an editor numbered by itself and that nothing in the file refers to.
fn unused_ids(root: &Element) -> HashSet<String> {
    let mut numbered = HashSet::new();
    let mut words = HashSet::new();
    root.visit(&mut |element| {
        for attribute in &element.attributes {
            match attribute.name.as_str() {
                "id" => {
                    if is_numbered(&attribute.value) {
                        numbered.insert(attribute.value.clone());
                    }
                }
                "d" | "points" | "transform" => {}
                _ => add_words(&attribute.value, &mut words),
            }
        }
        if element.local() == "style" {
            add_words(&element.text(), &mut words);
        }
    });
    numbered.retain(|id| !words.contains(id));
    numbered
}

/// All that could be an identifier in a value: more than are meant, never fewer.
fn add_words(text: &str, words: &mut HashSet<String>) {
    let part_of_id = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
    for word in text.split(|c| !part_of_id(c)) {
        words.insert(word.to_owned());
        // "id.click" in an animation's begin.
        words.extend(word.split('.').map(str::to_owned));
    }
}

/// Drops namespace declarations whose prefix nothing uses any more.
pub(super) fn drop_unused_declarations(root: &mut Element) {
    let mut used = HashSet::new();
    root.visit(&mut |element| {
        used.insert(prefix(&element.name).to_owned());
        for attribute in &element.attributes {
            used.insert(prefix(&attribute.name).to_owned());
        }
        // An animation may name "xlink:href" as its target.
        if let Some(name) = element.attribute("attributeName") {
            used.insert(prefix(name).to_owned());
        }
    });
    root.visit_mut(&mut |element| {
        element
            .declared
            .retain(|(prefix, _)| prefix.is_empty() || used.contains(prefix));
    });
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::super::editors::{CC, DC, RDF};
    use super::*;

    fn tidied(inner: &str, policy: Metadata, runs_script: bool) -> (String, Removed) {
        let text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:i='http://www.inkscape.org/namespaces/inkscape' \
             xmlns:r='{RDF}' xmlns:dc='{DC}' xmlns:cc='{CC}' xmlns:x='urn:x'>{inner}</svg>"
        );
        let document = roxmltree::Document::parse(&text).unwrap();
        let mut tree = Tree::of(&document);
        let removed = tidy(&mut tree, policy, runs_script);
        let written = tree.written();
        let inner = written
            .split_once('>')
            .map_or("", |(_, rest)| rest)
            .trim_end_matches("</svg>")
            .to_owned();
        (inner, removed)
    }

    const RIGHTS: &str = "<metadata>\n <r:RDF><cc:Work><dc:title>T</dc:title><dc:creator>\n <cc:Agent>\n \
        <dc:title>Ann</dc:title></cc:Agent></dc:creator><dc:rights/><cc:license r:resource='urn:l'/>\
        </cc:Work></r:RDF></metadata>";

    #[test]
    fn policies_decide_what_goes() {
        let inner =
            format!("<!-- a note --><!-- (c) Ann -->{RIGHTS}<g i:label='Layer' id='Layer'/>");
        let (strip, removed) = tidied(&inner, Metadata::Strip, false);
        assert_eq!(strip, r#"<g id="Layer"/>"#);
        assert_eq!(removed.words(), ["comments", "metadata", "editor data"]);

        let (copyright, removed) = tidied(&inner, Metadata::Copyright, false);
        assert_eq!(
            copyright,
            r#"<!-- (c) Ann --><metadata><r:RDF><cc:Work><dc:creator><cc:Agent><dc:title>Ann</dc:title></cc:Agent></dc:creator><cc:license r:resource="urn:l"/></cc:Work></r:RDF></metadata><g id="Layer"/>"#
        );
        assert_eq!(removed.words(), ["comments", "metadata", "editor data"]);

        let (keep, removed) = tidied(&inner, Metadata::Keep, false);
        assert!(
            keep.contains("a note") && keep.contains("<dc:title>T<") && keep.contains("i:label")
        );
        assert_eq!(removed, Removed::default());
    }

    #[test]
    fn metadata_without_rights_goes_whole() {
        let inner =
            "<metadata><r:RDF><cc:Work><dc:creator> </dc:creator></cc:Work></r:RDF></metadata>";
        assert_eq!(tidied(inner, Metadata::Copyright, false).0, "");
    }

    #[test]
    fn editors_data_goes_and_foreign_data_stays() {
        let inner = "<i:view a='1'><g/></i:view><x:data/><desc>Created with Sketch.</desc><desc>A cat</desc>\
            <switch><foreignObject requiredExtensions='http://ns.adobe.com/AdobeIllustrator/10.0/'/><g/></switch>";
        let (left, removed) = tidied(inner, Metadata::Copyright, false);
        assert_eq!(left, "<x:data/><desc>A cat</desc><switch><g/></switch>");
        assert_eq!(removed.words(), ["editor data"]);
    }

    #[test]
    fn whitespace_goes_only_where_nobody_sees_it() {
        let inner = "\n <g>\n <path/> </g> <text> a <tspan> b </tspan> </text>\
            <style> a </style><foreignObject> <p xmlns='h'> </p></foreignObject> ";
        let (left, _) = tidied(inner, Metadata::Copyright, false);
        assert_eq!(
            left,
            "<g><path/></g><text> a <tspan> b </tspan> </text>\
             <style> a </style><foreignObject> <p xmlns=\"h\"> </p></foreignObject>"
        );
        let (scripted, _) = tidied(inner, Metadata::Copyright, true);
        assert!(scripted.starts_with("\n <g>\n <path/> </g> "));
    }

    #[test]
    fn only_numbered_identifiers_that_nothing_names_go() {
        let inner = "<g id='path12'/><g id='path13-4'/><g id='logo'/><g id='Layer_1'/><g id='g5'/>\
            <g id='rect7'/><g id='use8'/><use href='#g5'/><style>#rect7{}</style>\
            <set begin='use8.click'/><g id='SVGID_9_' /><g id='path'/><g id='pathway3'/>";
        let (left, removed) = tidied(inner, Metadata::Copyright, false);
        for (id, stays) in [
            ("path12", false),
            ("path13-4", false),
            ("SVGID_9_", false),
            ("logo", true),
            ("Layer_1", true),
            ("g5", true),
            ("rect7", true),
            ("use8", true),
            ("path", true),
            ("pathway3", true),
        ] {
            assert_eq!(left.contains(&format!("\"{id}\"")), stays, "{id}");
            assert_eq!(removed.ids.contains(id), !stays, "{id}");
        }
        assert!(tidied(inner, Metadata::Copyright, true).1.ids.is_empty());
        assert!(tidied(inner, Metadata::Keep, false).1.ids.is_empty());
    }
}
