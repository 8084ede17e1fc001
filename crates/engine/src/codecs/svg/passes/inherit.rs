//! What elements inherit from those around them.

use std::collections::HashSet;

use super::super::tree::Element;
use super::css;
use super::properties;

/// Inherited properties that elements above set, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Inherited {
    /// `None`: not known, as it depends on where the element is used or on a shorthand.
    set: Vec<(&'static str, Option<String>)>,
}

impl Inherited {
    /// How much is known here, for [`Inherited::leave`].
    pub(super) fn depth(&self) -> usize {
        self.set.len()
    }

    /// Takes up what an element sets for those below.
    pub(super) fn enter(&mut self, element: &Element) {
        for attribute in &element.attributes {
            if let Some(property) = properties::of(&attribute.name).filter(|one| one.inherited)
                && attribute.value != "inherit"
            {
                self.set
                    .push((property.name, Some(attribute.value.clone())));
            }
        }
        if let Some(style) = element.attribute("style") {
            for one in css::declarations(style) {
                match properties::of(&one.name).filter(|one| one.inherited) {
                    Some(property) => self.set.push((property.name, None)),
                    None if one.name == "font" => self.forget(&HashSet::new()),
                    None => {}
                }
            }
        }
    }

    pub(super) fn leave(&mut self, depth: usize) {
        self.set.truncate(depth);
    }

    /// From here on, what comes from above depends on the place where this is drawn, which may set the
    /// `tainted` properties.
    pub(super) fn forget(&mut self, tainted: &HashSet<String>) {
        let mut names: Vec<&'static str> = self.set.iter().map(|(name, _)| *name).collect();
        names.extend(
            tainted
                .iter()
                .filter_map(|name| properties::of(name).map(|property| property.name)),
        );
        self.set.extend(names.into_iter().map(|name| (name, None)));
    }

    /// What an element here inherits; `None` when that is not known.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        match self.set.iter().rev().find(|(other, _)| *other == name) {
            Some((_, value)) => value.as_deref(),
            None => properties::of(name)
                .map(|property| property.initial)
                .filter(|initial| !initial.is_empty()),
        }
    }

    /// What an element computes for an inherited property; `None` when that is not known.
    pub(super) fn computed<'a>(&'a self, element: &'a Element, name: &str) -> Option<&'a str> {
        let styled = element
            .attribute("style")
            .is_some_and(|style| style.contains(name));
        match element.attribute(name) {
            _ if styled => None,
            Some("inherit") | None => self.get(name),
            Some(value) => Some(value.trim()),
        }
    }
}
