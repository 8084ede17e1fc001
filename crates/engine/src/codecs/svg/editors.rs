//! What editors leave in a drawing for themselves, and what metadata says of rights.

use super::tree::{Element, Node};

/// Whether a namespace is one in which an editor keeps its own notes.
pub(super) fn is_editors(space: &str) -> bool {
    const EDITORS: [&str; 17] = [
        "http://www.inkscape.org/namespaces/inkscape",
        "http://inkscape.sourceforge.net/",
        "http://sodipodi.sourceforge.net/",
        "http://www.bohemiancoding.com/sketch",
        "http://ns.adobe.com/",
        "http://www.corel.com/",
        "http://www.figma.com/",
        "http://svgjs.com/svgjs",
        "http://svgjs.dev/svgjs",
        "https://boxy-svg.com",
        "http://vectornator.io",
        "http://www.serif.com/",
        "http://krita.org/",
        "http://www.vecta.io/",
        "http://schemas.microsoft.com/visio/",
        "http://taptrix.com/",
        "http://www.sketch.com/",
    ];
    EDITORS.iter().any(|editor| space.starts_with(editor))
}

/// Whether this is metadata: SVG's own element, or RDF that stands by itself.
pub(super) fn is_metadata(element: &Element) -> bool {
    (element.is_svg() && element.local() == "metadata")
        || matches!(element.space.as_str(), RDF | DC | CC | CC_OLD)
}

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const DC: &str = "http://purl.org/dc/elements/1.1/";
pub(super) const CC: &str = "http://creativecommons.org/ns#";
const CC_OLD: &str = "http://web.resource.org/cc/";

/// Keeps of metadata what names the author and the rights; `false` when there is nothing of it.
pub(super) fn reduce_to_rights(element: &mut Element) -> bool {
    let names = matches!(element.space.as_str(), DC | CC | CC_OLD)
        && matches!(
            element.local(),
            "rights" | "creator" | "license" | "attributionName" | "attributionURL"
        );
    if names {
        drop_whitespace(element);
        let resource = element
            .attributes
            .iter()
            .any(|attribute| attribute.local() == "resource" && !attribute.value.is_empty());
        return resource || !element.text().trim().is_empty();
    }
    element.children.retain_mut(|child| match child {
        Node::Element(child) => reduce_to_rights(child),
        Node::Text(text) => {
            // Plain text in the metadata itself, as some tools write their notice.
            is_about_rights(text)
        }
        _ => false,
    });
    !element.children.is_empty()
}

fn drop_whitespace(element: &mut Element) {
    element
        .children
        .retain(|child| !matches!(child, Node::Text(text) if text.trim().is_empty()));
    element.elements_mut().for_each(drop_whitespace);
}

pub(super) fn is_about_rights(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "copyright",
        "licen",
        "©",
        "(c)",
        "author",
        "public domain",
        "creativecommons",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// Whether a description only says which program made the file.
pub(super) fn is_editors_signature(element: &Element) -> bool {
    element.is_svg() && element.local() == "desc" && {
        let text = element.text();
        let text = text.trim();
        text.starts_with("Created with ") || text.starts_with("Created using ")
    }
}

/// Whether an editor makes up identifiers like this one: an element's name and a number.
pub(super) fn is_numbered(id: &str) -> bool {
    const STEMS: [&str; 47] = [
        "path",
        "g",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polygon",
        "polyline",
        "text",
        "tspan",
        "use",
        "svg",
        "defs",
        "image",
        "marker",
        "symbol",
        "stop",
        "linearGradient",
        "radialGradient",
        "clipPath",
        "mask",
        "pattern",
        "filter",
        "metadata",
        "namedview",
        "base",
        "flowRoot",
        "flowPara",
        "flowRegion",
        "flowSpan",
        "grid",
        "guide",
        "perspective",
        "switch",
        "style",
        "title",
        "desc",
        "textPath",
        "feGaussianBlur",
        "feBlend",
        "feColorMatrix",
        "feComposite",
        "feFlood",
        "feOffset",
        "feMorphology",
        "SVGID_",
        "XMLID_",
    ];
    let stem = id.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
    let numbered = stem.len() < id.len() && id[stem.len()..].contains(|c: char| c.is_ascii_digit());
    numbered
        && STEMS
            .iter()
            .any(|known| *known == stem || known.strip_suffix('_') == Some(stem))
}
