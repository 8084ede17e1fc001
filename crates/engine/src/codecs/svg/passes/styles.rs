//! `style` attributes taken apart into presentation attributes, and put together again where that is
//! shorter.

use super::super::tree::Element;
use super::css::{self, Declaration};
use super::properties::{self, TEXT_ONLY};

/// Whether a declaration means the same as an attribute, or in a `style` attribute of its own.
pub(super) fn may_move(one: &Declaration) -> bool {
    let is_number = one.value.parse::<f64>().is_ok_and(|number| number != 0.0);
    match one.name.as_str() {
        // Shorthands, whose place among the others matters.
        "font" | "marker" | "all" | "transform" | "d" => false,
        // In CSS they need a unit, as attributes they do not: without one they are ignored.
        "font-size" | "letter-spacing" | "word-spacing" | "kerning" | "baseline-shift" => {
            !is_number
        }
        name => !name.starts_with("--"),
    }
}

/// Takes `style` attributes apart into presentation attributes. What has none stays in `style`.
pub(super) fn taken_apart(root: &mut Element) {
    root.visit_mut(&mut |element| {
        if !element.is_svg() {
            return;
        }
        let Some(style) = element.attribute("style") else {
            return;
        };
        let declarations = css::declarations(style);
        if !declarations
            .iter()
            .all(|one| may_move(one) && !one.is_important())
        {
            return;
        }
        let mut left = Vec::new();
        for one in declarations {
            if properties::of(&one.name).is_some() {
                element.set(&one.name, one.value);
            } else {
                left.push(format!("{}:{}", one.name, one.value));
            }
        }
        if left.is_empty() {
            element.remove("style");
        } else {
            element.set("style", left.join(";"));
        }
    });
}

/// Drops editors' own properties and, where there is no text, those of text.
pub(super) fn without_left_overs(root: &mut Element, has_text: bool) {
    root.visit_mut(&mut |element| {
        let Some(style) = element.attribute("style") else {
            return;
        };
        let mut declarations = css::declarations(style);
        let before = declarations.len();
        declarations.retain(|one| {
            let text = !has_text && TEXT_ONLY.contains(&one.name.as_str());
            !(one.name.starts_with("-inkscape-") || text)
        });
        let joined: Vec<String> = declarations
            .iter()
            .map(|one| format!("{}:{}", one.name, one.value))
            .collect();
        if joined.is_empty() {
            element.remove("style");
        } else if declarations.len() < before || joined.join(";").len() < style.len() {
            element.set("style", joined.join(";"));
        }
    });
}

/// Puts presentation attributes into one `style` attribute where that is shorter.
pub(super) fn put_together(root: &mut Element) {
    root.visit_mut(&mut |element| {
        if !element.is_svg() {
            return;
        }
        let is_style = |name: &str, value: &str| {
            let one = Declaration {
                name: name.to_owned(),
                value: value.to_owned(),
            };
            properties::of(name).is_some()
                && may_move(&one)
                && !value.contains([';', '"', '\'', '{'])
        };
        let own = css::declarations(element.attribute("style").unwrap_or(""));
        let moving: Vec<(String, String)> = element
            .attributes
            .iter()
            .filter(|one| one.space.is_empty() && is_style(&one.name, &one.value))
            .filter(|one| own.iter().all(|other| other.name != one.name))
            .map(|one| (one.name.clone(), one.value.clone()))
            .collect();
        // Each saves a space and two quotes less one semicolon; a new attribute takes ` style=""`.
        let gain = 2 * moving.len();
        if own.is_empty() && gain <= 8 || !own.is_empty() && gain == 0 {
            return;
        }
        let mut style: Vec<String> = own
            .iter()
            .map(|one| format!("{}:{}", one.name, one.value))
            .collect();
        for (name, value) in &moving {
            element.remove(name);
            style.push(format!("{name}:{value}"));
        }
        element.set("style", style.join(";"));
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    #[test]
    fn style_attributes_are_taken_apart_and_put_together() {
        for (inner, expected) in [
            (
                "<path style='fill:red;stroke:blue' fill='lime'/>",
                r#"<path fill="red" stroke="blue"/>"#,
            ),
            (
                "<path style='fill:red;isolation:isolate'/>",
                r#"<path style="isolation:isolate" fill="red"/>"#,
            ),
            (
                "<text style='font-size:12;fill:red'/>",
                r#"<text style="font-size:12;fill:red"/>"#,
            ),
            (
                "<path style='fill:red!important'/>",
                r#"<path style="fill:red!important"/>"#,
            ),
        ] {
            assert_eq!(changed(inner, taken_apart), expected);
        }
        let many = "<path fill='red' stroke='blue' stroke-width='2' stroke-linecap='round' opacity='.5' d='M0 0'/>";
        assert_eq!(
            changed(many, put_together),
            r#"<path d="M0 0" style="fill:red;stroke:blue;stroke-width:2;stroke-linecap:round;opacity:.5"/>"#
        );
        let few = r#"<path fill="red" stroke="blue"/>"#;
        assert_eq!(changed(few, put_together), few);
        assert_eq!(
            changed(
                "<path style='-inkscape-stroke:none;line-height:1;x:y'/>",
                |root| {
                    without_left_overs(root, false);
                }
            ),
            r#"<path style="x:y"/>"#
        );
    }
}
