//! Identifiers that only this file refers to, in one or two letters.

use std::collections::{HashMap, HashSet};

use super::super::meaning::is_private;
use super::super::tree::Element;
use super::references::{References, urls};

/// Renames what is referred to by elements alone. What a page, a script or a style sheet may know by its
/// name keeps it. Gives the new names.
pub(super) fn shortened(root: &mut Element, references: &References) -> HashSet<String> {
    let mut taken: HashSet<String> = references.all.clone();
    let mut private = Vec::new();
    let mut seen = HashSet::new();
    let mut twice = HashSet::new();
    root.visit(&mut |element| {
        let Some(id) = element.attribute("id") else {
            return;
        };
        if !seen.insert(id.to_owned()) {
            twice.insert(id.to_owned());
        }
        if references.all.contains(id) && !references.fixed.contains(id) && is_private(element) {
            private.push(id.to_owned());
        } else {
            taken.insert(id.to_owned());
        }
    });
    private.retain(|id| !twice.contains(id));
    for id in &private {
        taken.remove(id);
    }
    // What is named most often gets the shortest names.
    let mut counts: HashMap<&str, usize> = HashMap::new();
    root.visit(&mut |element| {
        for id in targets(element) {
            *counts.entry(id).or_default() += 1;
        }
    });
    let mut order: Vec<&String> = private.iter().collect();
    order.sort_by_key(|id| usize::MAX - counts.get(id.as_str()).copied().unwrap_or(0));
    let mut names = (0..).map(name).filter(|name| !taken.contains(name));
    let renamed: HashMap<String, String> = order
        .into_iter()
        .zip(&mut names)
        .map(|(id, name)| (id.clone(), name))
        .collect();
    root.visit_mut(&mut |element| rename(element, &renamed));
    renamed.into_values().collect()
}

/// The identifiers that an element's attributes refer to.
fn targets(element: &Element) -> Vec<&str> {
    let mut found = Vec::new();
    for attribute in &element.attributes {
        if attribute.local() == "href" {
            found.extend(attribute.value.trim().strip_prefix('#'));
        } else if !matches!(attribute.name.as_str(), "id" | "d" | "points") {
            found.extend(urls(&attribute.value));
        }
    }
    found
}

pub(super) fn rename(element: &mut Element, renamed: &HashMap<String, String>) {
    for attribute in &mut element.attributes {
        if attribute.local() == "href" {
            if let Some(name) = attribute
                .value
                .trim()
                .strip_prefix('#')
                .and_then(|id| renamed.get(id))
            {
                attribute.value = format!("#{name}");
            }
        } else if attribute.space.is_empty() && attribute.name == "id" {
            if let Some(name) = renamed.get(&attribute.value) {
                attribute.value = name.clone();
            }
        } else if attribute.value.contains("url(") {
            attribute.value = with_urls(&attribute.value, renamed);
        }
    }
}

/// A value with its references renamed and written without quotes.
fn with_urls(value: &str, renamed: &HashMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("url(") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = from.find(')') else {
            rest = from;
            break;
        };
        match urls(&from[..=end]).next().and_then(|id| renamed.get(id)) {
            Some(name) => out.push_str(&format!("url(#{name})")),
            None => out.push_str(&from[..=end]),
        }
        rest = &from[end + 1..];
    }
    out.push_str(rest);
    out
}

/// The names in their order: a to Z, then two letters, and so on.
fn name(mut index: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.insert(0, char::from(LETTERS[index % 52]));
        if index < 52 {
            return name;
        }
        index = index / 52 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::changed;
    use super::*;

    #[test]
    fn private_names_become_short() {
        let inner = r##"<linearGradient id="linearGradient12"/><linearGradient id="x" href="#linearGradient12"/><path fill="url('#x') red" stroke="url(#x)" id="logo"/><use href="#logo"/><filter id="twice"/><filter id="twice"/><path filter="url(#twice)"/>"##;
        let expected = r##"<linearGradient id="b"/><linearGradient id="a" href="#b"/><path fill="url(#a) red" stroke="url(#a)" id="logo"/><use href="#logo"/><filter id="twice"/><filter id="twice"/><path filter="url(#twice)"/>"##;
        let made = changed(inner, |root| {
            let references = References::of(root);
            shortened(root, &references);
        });
        assert_eq!(made, expected);
    }

    #[test]
    fn names_are_counted_in_letters() {
        let names: Vec<String> = [0, 51, 52, 53, 52 + 52 * 52].map(name).to_vec();
        assert_eq!(names, ["a", "Z", "aa", "ab", "aaa"]);
    }
}
