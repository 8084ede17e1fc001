//! Which elements others refer to, and how.

use std::collections::HashSet;

use super::super::tree::Element;

/// The identifiers that a document refers to.
#[derive(Debug, Default)]
pub(super) struct References {
    /// By anything.
    pub all: HashSet<String>,
    /// By what does not follow a new name: links, animation, accessibility, style sheets.
    pub fixed: HashSet<String>,
    /// By `use`, so that they are drawn in another place as well.
    pub used: HashSet<String>,
    /// By what needs them just as they are: text on a path, motion along one.
    pub followed: HashSet<String>,
    /// Inherited properties that some `use` or what is around one sets.
    pub tainted: HashSet<String>,
}

impl References {
    pub(super) fn of(root: &Element) -> References {
        let mut found = References::default();
        found.gather(root, &mut Vec::new());
        found.all.extend(found.fixed.iter().cloned());
        found
    }

    fn gather<'a>(&mut self, element: &'a Element, around: &mut Vec<&'a Element>) {
        around.push(element);
        for attribute in &element.attributes {
            let value = attribute.value.as_str();
            match attribute.local() {
                "href" => {
                    if let Some(id) = value.trim().strip_prefix('#') {
                        self.all.insert(id.to_owned());
                        match element.local() {
                            "use" => {
                                self.used.insert(id.to_owned());
                            }
                            "textPath" | "mpath" | "tref" => {
                                self.followed.insert(id.to_owned());
                            }
                            _ => {}
                        }
                        if !matches!(
                            element.local(),
                            "use"
                                | "linearGradient"
                                | "radialGradient"
                                | "pattern"
                                | "filter"
                                | "textPath"
                                | "feImage"
                        ) {
                            self.fixed.insert(id.to_owned());
                        }
                    }
                }
                "id" | "d" | "points" | "transform" => {}
                "begin" | "end" => self.fixed.extend(
                    value
                        .split([';', '+', ' '])
                        .filter_map(|part| part.rsplit_once('.'))
                        .map(|(id, _)| id.trim().to_owned()),
                ),
                name if name.starts_with("aria-") => {
                    self.fixed
                        .extend(value.split_ascii_whitespace().map(str::to_owned));
                }
                _ => self.all.extend(urls(value).map(str::to_owned)),
            }
        }
        if element.local() == "use" {
            for above in around.iter() {
                self.tainted
                    .extend(above.attributes.iter().map(|one| one.name.clone()));
            }
        }
        if element.local() == "style" {
            let css = element.text();
            self.fixed.extend(urls(&css).map(str::to_owned));
            // All that may be a selector's; colours are among them and do no harm.
            self.fixed.extend(css.split('#').skip(1).map(|part| {
                let end = part
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')))
                    .unwrap_or(part.len());
                part[..end].to_owned()
            }));
        }
        for child in element.elements() {
            self.gather(child, around);
        }
        around.pop();
    }
}

/// The identifiers in a value's `url(#…)`.
pub(super) fn urls(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|part| {
        let end = part.find(')')?;
        part[..end]
            .trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''))
            .strip_prefix('#')
    })
}
