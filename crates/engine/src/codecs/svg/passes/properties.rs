//! What is known of SVG's presentation attributes.

/// A property that may stand as an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property {
    pub name: &'static str,
    /// Children take it from their parent.
    pub inherited: bool,
    /// What it is when nothing sets it.
    pub initial: &'static str,
    pub about: About,
}

/// What a property has to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Fill,
    Stroke,
    Text,
    Marker,
    Colour,
    Other,
}

/// The property of this name, when it may stand as an attribute.
pub(super) fn of(name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|property| property.name == name)
}

const fn inherited(name: &'static str, initial: &'static str, about: About) -> Property {
    Property {
        name,
        inherited: true,
        initial,
        about,
    }
}

const fn own(name: &'static str, initial: &'static str, about: About) -> Property {
    Property {
        name,
        inherited: false,
        initial,
        about,
    }
}

/// The properties of SVG 1.1, appendix N, that SVG 2 has kept as attributes. An empty initial value is
/// one that no text stands for.
const PROPERTIES: [Property; 60] = [
    inherited("fill", "#000", About::Fill),
    inherited("fill-opacity", "1", About::Fill),
    inherited("fill-rule", "nonzero", About::Fill),
    inherited("stroke", "none", About::Stroke),
    inherited("stroke-width", "1", About::Stroke),
    inherited("stroke-linecap", "butt", About::Stroke),
    inherited("stroke-linejoin", "miter", About::Stroke),
    inherited("stroke-miterlimit", "4", About::Stroke),
    inherited("stroke-dasharray", "none", About::Stroke),
    inherited("stroke-dashoffset", "0", About::Stroke),
    inherited("stroke-opacity", "1", About::Stroke),
    inherited("marker-start", "none", About::Marker),
    inherited("marker-mid", "none", About::Marker),
    inherited("marker-end", "none", About::Marker),
    inherited("color", "", About::Colour),
    inherited("clip-rule", "nonzero", About::Other),
    inherited("color-interpolation", "sRGB", About::Other),
    inherited("color-interpolation-filters", "linearRGB", About::Other),
    inherited("color-rendering", "auto", About::Other),
    inherited("cursor", "auto", About::Other),
    inherited("image-rendering", "auto", About::Other),
    inherited("paint-order", "normal", About::Other),
    inherited("pointer-events", "", About::Other),
    inherited("shape-rendering", "auto", About::Other),
    inherited("text-rendering", "auto", About::Other),
    inherited("visibility", "visible", About::Other),
    inherited("direction", "ltr", About::Text),
    inherited("font-family", "", About::Text),
    inherited("font-size", "", About::Text),
    inherited("font-size-adjust", "none", About::Text),
    inherited("font-stretch", "normal", About::Text),
    inherited("font-style", "normal", About::Text),
    inherited("font-variant", "normal", About::Text),
    inherited("font-weight", "normal", About::Text),
    inherited("glyph-orientation-horizontal", "0deg", About::Text),
    inherited("glyph-orientation-vertical", "auto", About::Text),
    inherited("kerning", "auto", About::Text),
    inherited("letter-spacing", "normal", About::Text),
    inherited("text-anchor", "start", About::Text),
    inherited("word-spacing", "normal", About::Text),
    inherited("writing-mode", "lr-tb", About::Text),
    own("alignment-baseline", "", About::Text),
    own("baseline-shift", "", About::Text),
    own("dominant-baseline", "", About::Text),
    own("text-decoration", "none", About::Text),
    own("unicode-bidi", "", About::Text),
    own("clip", "auto", About::Other),
    own("clip-path", "none", About::Other),
    own("display", "inline", About::Other),
    own("enable-background", "accumulate", About::Other),
    own("filter", "none", About::Other),
    own("flood-color", "#000", About::Other),
    own("flood-opacity", "1", About::Other),
    own("lighting-color", "#fff", About::Other),
    own("mask", "none", About::Other),
    own("opacity", "1", About::Other),
    own("overflow", "", About::Other),
    own("stop-color", "#000", About::Other),
    own("stop-opacity", "1", About::Other),
    own("vector-effect", "none", About::Other),
];

/// Properties of CSS that concern text and have no attribute of their own.
pub(super) const TEXT_ONLY: [&str; 24] = [
    "font-feature-settings",
    "font-variant-alternates",
    "font-variant-caps",
    "font-variant-east-asian",
    "font-variant-ligatures",
    "font-variant-numeric",
    "font-variant-position",
    "font-variation-settings",
    "font-synthesis",
    "line-height",
    "shape-margin",
    "shape-padding",
    "inline-size",
    "block-progression",
    "text-align",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-orientation",
    "text-transform",
    "white-space",
    "text-shadow",
    "-inkscape-font-specification",
];
