//! Which names and values mean something beside what a still picture shows.

use super::editors::is_numbered;
use super::tree::Element;

/// Properties that a render does not show.
pub(super) const UNSEEN: [&str; 8] = [
    "pointer-events",
    "cursor",
    "user-select",
    "touch-action",
    "direction",
    "unicode-bidi",
    "font-variant",
    "font-feature-settings",
];

/// Whether a style sheet does more than a still picture shows: rules for other media or states,
/// animation, fonts, imports, variables.
pub(super) fn is_lively(css: &str) -> bool {
    [
        "@",
        "animation",
        "transition",
        "var(",
        "--",
        "cursor",
        "pointer-events",
        ":root",
    ]
    .iter()
    .any(|mark| css.contains(mark))
        || has_pseudo_class(css)
}

/// Whether a selector of the sheet has a pseudo-class, as `:hover`.
fn has_pseudo_class(css: &str) -> bool {
    css.split('}')
        .filter_map(|rule| rule.split_once('{'))
        .any(|(selector, _)| selector.contains(':'))
}

/// Classes that an export made up to hold its own style sheet together.
pub(super) fn is_exported_class(class: &str) -> bool {
    ["st", "cls-", "fil", "str", "fnt", "SVGID_"]
        .iter()
        .any(|stem| {
            class.strip_prefix(stem).is_some_and(|number| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
}

/// Whether an element's identifier is of use in this file only: it names something to paint with, or
/// an editor has numbered it.
pub(super) fn is_private(element: &Element) -> bool {
    let painting = matches!(
        element.local(),
        "linearGradient" | "radialGradient" | "pattern" | "clipPath" | "mask" | "filter" | "marker"
    );
    painting || element.local() != "symbol" && element.attribute("id").is_some_and(is_numbered)
}

pub(super) fn is_handler(name: &str) -> bool {
    name.len() > 2 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase())
}
