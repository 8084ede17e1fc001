//! Selectors of style sheets that name elements, classes and identifiers.

use super::super::tree::Element;

/// What an element must be; nothing means any.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Selector {
    name: Option<String>,
    classes: Vec<String>,
    id: Option<String>,
}

impl Selector {
    pub fn parsed(text: &str) -> Option<Selector> {
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

    pub fn specificity(&self) -> (usize, usize, usize) {
        (
            usize::from(self.id.is_some()),
            self.classes.len(),
            usize::from(self.name.is_some()),
        )
    }

    pub fn matches(&self, element: &Element) -> bool {
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
