//! Style sheets put onto the elements that they style, so that the other passes need to look in one place
//! only.

use std::collections::HashSet;

use super::super::tree::{Element, Node};
use super::css::{self, Declaration, Item};
use super::properties;
use super::selectors::Selector;
use super::styles::may_move;

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

impl Rule {
    fn sets(&self, name: &str) -> bool {
        self.declarations.iter().any(|one| one.name == name)
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

/// Writes the sheets that stay in few characters, without rules for what is not there.
pub(super) fn minified(root: &mut Element) {
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
}
