//! An SVG as a tree that can be changed and written in as few bytes as XML allows.

use super::open::{SVG, XML};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Element(Element),
    /// Text and CDATA, without escapes.
    Text(String),
    Comment(String),
    /// With its delimiters.
    Instruction(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Element {
    /// With its prefix, as it was written.
    pub name: String,
    /// The namespace's address; empty for none.
    pub space: String,
    /// Namespace declarations that begin here: prefix (empty for the default one) and address.
    pub declared: Vec<(String, String)>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute {
    /// With its prefix, as it was written.
    pub name: String,
    /// The namespace's address; empty for none.
    pub space: String,
    /// Without escapes.
    pub value: String,
}

/// A document: its root with the comments and instructions around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub before: Vec<Node>,
    pub root: Element,
    pub after: Vec<Node>,
}

impl Tree {
    pub(super) fn of(document: &roxmltree::Document) -> Tree {
        let root = document.root_element();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for node in document.root().children() {
            if let Some(made) = node_of(node).filter(|_| node != root) {
                if node.range().start < root.range().start {
                    before.push(made);
                } else {
                    after.push(made);
                }
            }
        }
        Tree {
            before,
            root: element_of(root),
            after,
        }
    }

    pub(super) fn written(&self) -> String {
        let mut out = String::new();
        for node in &self.before {
            write_node(node, &mut out);
        }
        write_element(&self.root, &mut out);
        for node in &self.after {
            write_node(node, &mut out);
        }
        out
    }
}

impl Element {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        local(&self.name)
    }

    pub(super) fn is_svg(&self) -> bool {
        self.space == SVG
    }

    /// The value of an attribute without namespace.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.space.is_empty() && attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// Sets an attribute without namespace.
    pub(super) fn set(&mut self, name: &str, value: String) {
        let found = self
            .attributes
            .iter_mut()
            .find(|attribute| attribute.space.is_empty() && attribute.name == name);
        match found {
            Some(attribute) => attribute.value = value,
            None => self.attributes.push(Attribute {
                name: name.to_owned(),
                space: String::new(),
                value,
            }),
        }
    }

    /// Takes away an attribute without namespace.
    pub(super) fn remove(&mut self, name: &str) {
        self.attributes
            .retain(|attribute| !(attribute.space.is_empty() && attribute.name == name));
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    pub(super) fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// Visits this element and all below it, parents first.
    pub(super) fn visit<'a>(&'a self, look: &mut impl FnMut(&'a Element)) {
        look(self);
        for child in self.elements() {
            child.visit(look);
        }
    }

    /// Visits this element and all below it, parents first.
    pub(super) fn visit_mut(&mut self, change: &mut impl FnMut(&mut Element)) {
        change(self);
        for child in self.elements_mut() {
            child.visit_mut(change);
        }
    }

    /// All text below, in order.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.gather_text(&mut text);
        text
    }

    fn gather_text(&self, text: &mut String) {
        for child in &self.children {
            match child {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) => element.gather_text(text),
                _ => {}
            }
        }
    }
}

impl Attribute {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        local(&self.name)
    }

    pub(super) fn is_xml(&self) -> bool {
        self.space == XML
    }
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

fn node_of(node: roxmltree::Node) -> Option<Node> {
    let raw = || node.document().input_text()[node.range()].to_owned();
    Some(match node.node_type() {
        roxmltree::NodeType::Element => Node::Element(element_of(node)),
        roxmltree::NodeType::Text => Node::Text(node.text()?.to_owned()),
        roxmltree::NodeType::Comment => Node::Comment(node.text().unwrap_or("").to_owned()),
        roxmltree::NodeType::PI => Node::Instruction(raw()),
        roxmltree::NodeType::Root => return None,
    })
}

fn element_of(node: roxmltree::Node) -> Element {
    let source = node.document().input_text();
    let name: String = source[node.range().start + 1..]
        .chars()
        .take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>'))
        .collect();
    let parent = node.parent_element();
    let declared = node
        .namespaces()
        .filter(|space| space.name() != Some("xml"))
        .filter(|space| {
            parent.and_then(|parent| parent.lookup_namespace_uri(space.name())) != Some(space.uri())
        })
        .map(|space| {
            (
                space.name().unwrap_or("").to_owned(),
                space.uri().to_owned(),
            )
        })
        .collect();
    let attributes = node
        .attributes()
        .map(|attribute| Attribute {
            name: source[attribute.range_qname()].to_owned(),
            space: attribute.namespace().unwrap_or("").to_owned(),
            value: attribute.value().to_owned(),
        })
        .collect();
    Element {
        name,
        space: node.tag_name().namespace().unwrap_or("").to_owned(),
        declared,
        attributes,
        children: node.children().filter_map(node_of).collect(),
    }
}

fn write_node(node: &Node, out: &mut String) {
    match node {
        Node::Element(element) => write_element(element, out),
        Node::Text(text) => write_text(text, out),
        Node::Comment(text) => {
            out.push_str("<!--");
            out.push_str(text);
            out.push_str("-->");
        }
        Node::Instruction(text) => out.push_str(text),
    }
}

fn write_element(element: &Element, out: &mut String) {
    out.push('<');
    out.push_str(&element.name);
    for (prefix, address) in &element.declared {
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
            out.push_str(prefix);
        }
        write_value(address, out);
    }
    for attribute in &element.attributes {
        out.push(' ');
        out.push_str(&attribute.name);
        write_value(&attribute.value, out);
    }
    if element.children.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in &element.children {
        write_node(child, out);
    }
    out.push_str("</");
    out.push_str(&element.name);
    out.push('>');
}

fn write_text(text: &str, out: &mut String) {
    for (index, part) in text.split("]]>").enumerate() {
        if index > 0 {
            out.push_str("]]&gt;");
        }
        for c in part.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '\r' => out.push_str("&#13;"),
                c => out.push(c),
            }
        }
    }
}

fn write_value(value: &str, out: &mut String) {
    let count = |quote| value.matches(quote).count();
    let quote = if count('"') > count('\'') { '\'' } else { '"' };
    out.push('=');
    out.push(quote);
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Written plainly, a parser would turn them into spaces.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            '"' if quote == '"' => out.push_str("&#34;"),
            '\'' if quote == '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_written_as_they_were() {
        for text in [
            r#"<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/>text &amp; &lt;</svg>"#,
            r#"<s:svg xmlns:s="http://www.w3.org/2000/svg" xmlns:l="x"><s:g l:a="1"/></s:svg>"#,
            r#"<svg xmlns="a" t='"' u="'" v="&#34;'&#34;'"><b xmlns=""/></svg>"#,
            "<!--a--><?b c?><svg a=\"&#10;&#9;&#13;\">&#13;\n]]&gt;</svg><!--d-->",
            r#"<svg xml:lang="de"><t xml:space="preserve">  a  </t></svg>"#,
        ] {
            let document = roxmltree::Document::parse(text).unwrap();
            assert_eq!(Tree::of(&document).written(), text);
        }
        let document = roxmltree::Document::parse("<svg><![CDATA[<&]]>b</svg>").unwrap();
        assert_eq!(Tree::of(&document).written(), "<svg>&lt;&amp;b</svg>");
    }
}
