//! What a document does besides being seen, which decides how far it may be changed.

use super::meaning;
use super::tree::{Element, Node, Tree};

/// What a document does besides being seen, which decides how far it may be changed.
#[derive(Debug, Default)]
pub(super) struct Nature {
    /// Scripts may look for anything.
    pub runs_script: bool,
    /// A style sheet from elsewhere may look for anything.
    pub styled_from_outside: bool,
    /// Animation or a style sheet with states, media or fonts: a still render does not tell all.
    pub moves: bool,
}

impl Nature {
    pub(super) fn of(tree: &Tree) -> Nature {
        let mut nature = Nature {
            styled_from_outside: tree.before.iter().any(
                |node| matches!(node, Node::Instruction(text) if text.starts_with("<?xml-stylesheet")),
            ),
            ..Nature::default()
        };
        tree.root.visit(&mut |element: &Element| {
            let handled = element
                .attributes
                .iter()
                .any(|attribute| meaning::is_handler(&attribute.name));
            let scripted = element.local() == "script"
                || element.attributes.iter().any(|attribute| {
                    attribute.local() == "href"
                        && attribute.value.trim_start().starts_with("javascript:")
                });
            nature.runs_script |= handled || scripted;
            match element.local() {
                "style" => {
                    let css = element.text();
                    nature.styled_from_outside |= css.contains("@import");
                    nature.moves |= meaning::is_lively(&css);
                }
                "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set"
                | "font" => nature.moves = true,
                "link" => nature.styled_from_outside = true,
                _ => {}
            }
            nature.moves |= element.attribute("style").is_some_and(|style| {
                ["animation", "transition", "var(", "--"]
                    .iter()
                    .any(|mark| style.contains(mark))
            });
        });
        nature
    }
}
