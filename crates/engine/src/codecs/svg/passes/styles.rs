//! Style sheets put onto the elements that they style, and `style` attributes taken apart into
//! presentation attributes, so that the other passes need to look in one place only.

use std::collections::HashSet;

use super::super::tree::{Element, Node};
use super::css::{self, Declaration, Item};
use super::properties::{self, TEXT_ONLY};

/// Puts all style sheets onto the elements; `false`, and nothing is done, when one does more than name
/// elements, classes and identifiers.
pub(super) fn inlined(root: &mut Element) -> bool {
    let mut rules = Vec::new();
    if !gather(root, &mut rules) {
        return false;
    }
    if rules.is_empty() {
        return true;
    }
    let mut everywhere = Vec::new();
    rules.retain(|rule: &Rule| {
        let spread = rule.selector == Selector::default() && can_be_inherited(rule, root);
        if spread {
            everywhere.extend(rule.declarations.clone());
        }
        !spread
    });
    if everywhere
        .iter()
        .any(|one| rules.iter().any(|rule| rule.sets(&one.name)))
    {
        return false;
    }
    rules.sort_by_key(|rule| rule.selector.specificity());
    if !matches_only_svg(root, &rules) {
        return false;
    }
    for one in &everywhere {
        root.visit_mut(&mut |element| element.remove(&one.name));
        root.set(&one.name, one.value.clone());
    }
    root.visit_mut(&mut |element| {
        let mut winning: Vec<&Declaration> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.selector.matches(element)) {
            for one in &rule.declarations {
                winning.retain(|other| other.name != one.name);
                winning.push(one);
            }
        }
        put_onto(element, &winning);
    });
    remove_sheets(root);
    true
}

#[derive(Debug)]
struct Rule {
    selector: Selector,
    declarations: Vec<Declaration>,
}

/// What an element must be; nothing means any.
#[derive(Clone, Debug, Default, PartialEq)]
struct Selector {
    name: Option<String>,
    classes: Vec<String>,
    id: Option<String>,
}

impl Selector {
    fn parsed(text: &str) -> Option<Selector> {
        let mut selector = Selector::default();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let mut rest = text.trim();
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
        } else if rest.starts_with(is_name) {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            selector.name = Some(rest[..end].to_owned());
            rest = &rest[end..];
        } else if rest.is_empty() {
            return None;
        }
        while let Some(mark) = rest.chars().next() {
            let name = &rest[mark.len_utf8()..];
            let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
            if end == 0 {
                return None;
            }
            match mark {
                '.' => selector.classes.push(name[..end].to_owned()),
                '#' if selector.id.is_none() => selector.id = Some(name[..end].to_owned()),
                _ => return None,
            }
            rest = &name[end..];
        }
        Some(selector)
    }

    fn specificity(&self) -> (usize, usize, usize) {
        (
            usize::from(self.id.is_some()),
            self.classes.len(),
            usize::from(self.name.is_some()),
        )
    }

    fn matches(&self, element: &Element) -> bool {
        let class = element.attribute("class").unwrap_or("");
        self.name
            .as_ref()
            .is_none_or(|name| name == element.local())
            && self
                .id
                .as_ref()
                .is_none_or(|id| element.attribute("id") == Some(id))
            && self
                .classes
                .iter()
                .all(|wanted| class.split_ascii_whitespace().any(|one| one == wanted))
    }
}

impl Rule {
    fn sets(&self, name: &str) -> bool {
        self.declarations.iter().any(|one| one.name == name)
    }
}

/// Gives an element what its rules say, unless its `style` attribute says otherwise.
fn put_onto(element: &mut Element, rules: &[&Declaration]) {
    let own = css::declarations(element.attribute("style").unwrap_or(""));
    for one in rules {
        if own.iter().any(|other| other.name == one.name) {
            continue;
        }
        if properties::of(&one.name).is_some() {
            element.set(&one.name, one.value.clone());
        } else {
            let style = element.attribute("style").unwrap_or("");
            let style = format!("{}:{};{style}", one.name, one.value);
            element.set("style", style);
        }
    }
}

/// All rules of all sheets in their order; `false` when one is not understood.
fn gather(element: &Element, rules: &mut Vec<Rule>) -> bool {
    if element.local() == "style" {
        let plain = element.is_svg()
            && element
                .attributes
                .iter()
                .all(|one| match one.name.as_str() {
                    "type" => one.value.trim() == "text/css",
                    "id" | "xml:space" => true,
                    _ => false,
                });
        let Some(items) = css::parsed(&element.text()).filter(|_| plain) else {
            return false;
        };
        for item in items {
            let Item::Rule { selectors, body } = item else {
                return false;
            };
            let declarations = css::declarations(&body);
            let known = declarations
                .iter()
                .all(|one| !one.is_important() && may_move(one));
            if !known {
                return false;
            }
            for selector in selectors {
                let Some(selector) = Selector::parsed(&selector) else {
                    return false;
                };
                rules.push(Rule {
                    selector,
                    declarations: declarations.clone(),
                });
            }
        }
        return true;
    }
    element.elements().all(|child| gather(child, rules))
}

/// Whether a rule for all elements means the same when the root has it and all others inherit it.
fn can_be_inherited(rule: &Rule, root: &Element) -> bool {
    rule.declarations.iter().all(|one| {
        let mut fine = properties::of(&one.name).is_some_and(|property| property.inherited);
        root.visit(&mut |element| {
            let own = element.attribute("style").is_some_and(|style| {
                css::declarations(style)
                    .iter()
                    .any(|other| other.name == one.name)
            });
            fine &= !own || element.elements().next().is_none();
        });
        fine
    })
}

fn matches_only_svg(root: &Element, rules: &[Rule]) -> bool {
    let mut fine = true;
    root.visit(&mut |element| {
        if !element.is_svg() {
            fine &= !rules.iter().any(|rule| rule.selector.matches(element));
        }
    });
    fine
}

/// Writes the sheets that stay in few characters, without rules for what is not there.
pub(super) fn sheets_minified(root: &mut Element) {
    let mut names = HashSet::new();
    root.visit(&mut |element| {
        let id = element.attribute("id").map(|id| format!("#{id}"));
        let classes = element
            .attribute("class")
            .unwrap_or("")
            .split_ascii_whitespace();
        names.extend(
            id.into_iter()
                .chain(classes.map(|class| format!(".{class}"))),
        );
    });
    root.visit_mut(&mut |element| {
        if element.local() != "style" {
            return;
        }
        let css = element.text();
        let Some(mut items) = css::parsed(&css) else {
            return;
        };
        css::drop_unused(&mut items, &names);
        let short = css::written(&items);
        if short.len() < css.len() {
            element.children = vec![Node::Text(short)];
        }
    });
}

fn remove_sheets(element: &mut Element) {
    element
        .children
        .retain(|child| !matches!(child, Node::Element(child) if child.local() == "style"));
    element.elements_mut().for_each(remove_sheets);
}

/// Whether a declaration means the same as an attribute, or in a `style` attribute of its own.
fn may_move(one: &Declaration) -> bool {
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
    use super::super::tests::{changed, tree};
    use super::*;

    #[test]
    fn sheets_go_onto_elements() {
        for (inner, expected) in [
            (
                "<style type='text/css'>.a{fill:red}path{fill:blue;stroke:red}#b{opacity:.5}</style>\
                 <path class='a' id='b'/><path/><rect class='a' fill='lime'/>",
                r#"<path class="a" id="b" stroke="red" fill="red" opacity=".5"/><path fill="blue" stroke="red"/><rect class="a" fill="red"/>"#,
            ),
            (
                "<style>.a{fill:red}</style><path class='a' style='fill:blue'/>",
                r#"<path class="a" style="fill:blue"/>"#,
            ),
            (
                "<style>.a{mix-blend-mode:screen}</style><path class='a' style='x:y'/>",
                r#"<path class="a" style="mix-blend-mode:screen;x:y"/>"#,
            ),
        ] {
            assert_eq!(changed(inner, |root| assert!(inlined(root))), expected);
        }
    }

    #[test]
    fn sheets_that_do_more_stay() {
        for css in [
            "g path{fill:red}",
            "path:hover{fill:red}",
            "@media print{path{fill:red}}",
            "path{fill:red!important}",
            "path{font:12px Arial}",
            "/* (c) Ann */",
        ] {
            let inner = format!("<style>{css}</style><g><path/></g>");
            let before = tree(&inner);
            let mut after = before.clone();
            assert!(!inlined(&mut after), "{css}");
            assert_eq!(before, after);
        }
    }

    #[test]
    fn a_rule_for_all_is_inherited() {
        let inner = "<style>*{stroke-linecap:butt}</style><path stroke-linecap='round'/><path style='stroke-linecap:square'/>";
        let mut root = tree(inner);
        assert!(inlined(&mut root));
        assert_eq!(root.attribute("stroke-linecap"), Some("butt"));
        let paths: Vec<&Element> = root.elements().collect();
        assert_eq!(paths[0].attribute("stroke-linecap"), None);
        assert_eq!(paths[1].attribute("style"), Some("stroke-linecap:square"));
    }

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
