//! A flat scan over XML text, before any parser builds a tree of it.
//!
//! It never recurses and takes no memory to speak of, so it can look at anything: it counts
//! elements and depth, finds the document type, and resolves entities within a bound.

use std::collections::HashMap;

use whittle_core::{Format, Limits};

use super::pieces::{Piece, Pieces, tag_end};
use crate::{Error, Result};

/// The text without its document type and with all its entities resolved, after checking that it is
/// neither too large, too deep, nor too rich in elements to be parsed.
pub(super) fn flattened(text: &str, limits: &Limits) -> Result<String> {
    let mut flat = Flat {
        out: String::with_capacity(text.len()),
        entities: HashMap::new(),
        limits,
        open: 0,
        elements: 0,
        entity_depth: 0,
        references: 0,
    };
    flat.take(text)?;
    Ok(flat.out)
}

/// How entities may refer to each other; the same as in the parser behind.
const ENTITY_DEPTH: u32 = 10;

struct Flat<'a, 'l> {
    out: String,
    entities: HashMap<&'a str, Entity<'a>>,
    limits: &'l Limits,
    open: u32,
    elements: u32,
    entity_depth: u32,
    references: u32,
}

#[derive(Clone, Copy)]
enum Entity<'a> {
    /// Its replacement text.
    Text(&'a str),
    /// Lies in another file.
    External,
}

impl<'a> Flat<'a, '_> {
    fn take(&mut self, text: &'a str) -> Result<()> {
        let mut pieces = Pieces::of(text);
        for piece in pieces.by_ref() {
            match piece {
                Piece::Text(text) => self.resolve(text, false)?,
                Piece::Verbatim(text) => self.push(text)?,
                Piece::Doctype(doctype) => {
                    if self.entity_depth > 0 || self.elements > 0 {
                        return Err(damaged("its document type is in the wrong place"));
                    }
                    self.entities = entities(doctype)?;
                }
                Piece::Open(tag, empty) => {
                    self.elements += 1;
                    if self.elements > self.limits.svg_nodes {
                        return Err(too_complex(format!(
                            "it has more than {} elements",
                            self.limits.svg_nodes
                        )));
                    }
                    if self.open >= self.limits.svg_depth {
                        return Err(too_complex(format!(
                            "its elements are nested more than {} deep",
                            self.limits.svg_depth
                        )));
                    }
                    if !empty {
                        self.open += 1;
                    }
                    self.tag(tag)?;
                }
                Piece::Close(tag) => {
                    self.open = self.open.saturating_sub(1);
                    self.push(tag)?;
                }
            }
        }
        if pieces.rest().is_empty() {
            Ok(())
        } else {
            Err(damaged("it ends in the middle of a tag"))
        }
    }

    /// A start tag, whose attribute values may hold references.
    fn tag(&mut self, tag: &'a str) -> Result<()> {
        let mut rest = tag;
        while let Some(at) = rest.find(['"', '\'']) {
            let quote = &rest[at..=at];
            self.push(&rest[..=at])?;
            rest = &rest[at + 1..];
            let end = rest.find(quote).unwrap_or(rest.len());
            self.resolve(&rest[..end], true)?;
            self.push(quote)?;
            rest = rest.get(end + 1..).unwrap_or("");
        }
        self.push(rest)
    }

    /// Text or, with `in_value`, an attribute's value, with entities put in their places.
    fn resolve(&mut self, text: &'a str, in_value: bool) -> Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            self.push(&rest[..at])?;
            rest = &rest[at..];
            let end = rest
                .find(';')
                .ok_or_else(|| damaged("it has a lone ampersand"))?;
            let name = &rest[1..end];
            let predefined = matches!(name, "lt" | "gt" | "amp" | "quot" | "apos");
            if name.starts_with('#') || (predefined && !self.entities.contains_key(name)) {
                self.push(&rest[..=end])?;
            } else {
                match self.entities.get(name).copied() {
                    Some(Entity::Text(text)) => self.entity(text, in_value)?,
                    Some(Entity::External) => {
                        return Err(Error::unsupported(
                            Format::Svg,
                            "The SVG draws on a file outside itself, which is never read.",
                        ));
                    }
                    None => return Err(damaged("it uses an entity that it does not declare")),
                }
            }
            rest = &rest[end + 1..];
        }
        self.push(rest)
    }

    fn entity(&mut self, text: &'a str, in_value: bool) -> Result<()> {
        if self.entity_depth >= ENTITY_DEPTH {
            return Err(too_complex("its entities refer to each other too often"));
        }
        // Entities that open to nothing take time too.
        if self.references >= self.limits.svg_nodes {
            return Err(too_complex("its entities are used too often"));
        }
        self.references += 1;
        self.entity_depth += 1;
        if in_value {
            // Quotes that come from an entity are text, and do not end the value.
            for (index, part) in text.split('"').enumerate() {
                if index > 0 {
                    self.push("&#34;")?;
                }
                for (index, part) in part.split('\'').enumerate() {
                    if index > 0 {
                        self.push("&#39;")?;
                    }
                    self.resolve(part, in_value)?;
                }
            }
        } else {
            self.take(text)?;
        }
        self.entity_depth -= 1;
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<()> {
        if self.out.len() + text.len() > self.limits.inflated_bytes {
            return Err(too_complex("its entities open to too much text"));
        }
        self.out.push_str(text);
        Ok(())
    }
}

/// The general entities that a document type declares; the first declaration counts.
fn entities(doctype: &str) -> Result<HashMap<&str, Entity<'_>>> {
    let mut found = HashMap::new();
    let Some(start) = doctype.find('[') else {
        return Ok(found);
    };
    let mut rest = &doctype[start + 1..];
    while let Some(at) = rest.find(['<', '%', ']']) {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let end = comment
                .find("-->")
                .ok_or_else(|| damaged("a comment does not end"))?;
            rest = &comment[end + 3..];
        } else if rest.starts_with(']') {
            break;
        } else if rest.starts_with('%') {
            return Err(Error::unsupported(
                Format::Svg,
                "The SVG's document type is put together from parameter entities.",
            ));
        } else {
            let end = tag_end(rest).ok_or_else(|| damaged("its document type does not end"))?;
            let declaration = &rest[..end];
            rest = &rest[end..];
            if let Some(declared) = declaration.strip_prefix("<!ENTITY") {
                if let Some((name, entity)) = entity(declared)? {
                    found.entry(name).or_insert(entity);
                }
            } else if declaration.starts_with("<!ATTLIST") && declaration.contains(['"', '\'']) {
                // An attribute with a default is there without being written, for some readers.
                return Err(Error::unsupported(
                    Format::Svg,
                    "The SVG's document type adds attributes to its elements.",
                ));
            }
        }
    }
    Ok(found)
}

/// One declaration after its keyword; `None` for a parameter entity that nothing uses.
fn entity(declared: &str) -> Result<Option<(&str, Entity<'_>)>> {
    let declared = declared.trim_start();
    if declared.starts_with('%') {
        return Ok(None);
    }
    let end = declared
        .find(char::is_whitespace)
        .ok_or_else(|| damaged("an entity has no value"))?;
    let (name, value) = (&declared[..end], declared[end..].trim_start());
    let entity = match value.bytes().next() {
        Some(quote @ (b'"' | b'\'')) => {
            let value = &value[1..];
            let end = value
                .find(char::from(quote))
                .ok_or_else(|| damaged("an entity's value does not end"))?;
            Entity::Text(&value[..end])
        }
        _ => Entity::External,
    };
    Ok(Some((name, entity)))
}

pub(super) fn damaged(reason: impl ToString) -> Error {
    Error::undecodable(Format::Svg, reason)
}

pub(super) fn too_complex(reason: impl ToString) -> Error {
    Error::TooComplex {
        format: Format::Svg,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Result<String> {
        flattened(text, &Limits::default())
    }

    #[test]
    fn entities_are_put_in_their_places() {
        let text = r#"<!DOCTYPE svg [
            <!-- <!ENTITY a "no"> -->
            <!ENTITY a "1 &#38; 2"> <!ENTITY b '<g x="&c;"/>'> <!ENTITY c 'q"&a;'> <!ENTITY a "late">
        ]><svg v="&c;" w='&lt;'>&b; &a;<![CDATA[&a;]]></svg>"#;
        assert_eq!(
            flat(text).unwrap(),
            r#"<svg v="q&#34;1 &#38; 2" w='&lt;'><g x="q&#34;1 &#38; 2"/> 1 &#38; 2<![CDATA[&a;]]></svg>"#
        );
    }

    #[test]
    fn bombs_are_too_complex() {
        let mut laughs = String::from("<!DOCTYPE svg [<!ENTITY l0 'ha'>");
        for level in 1..10 {
            let inner = format!("&l{};", level - 1).repeat(100);
            laughs.push_str(&format!("<!ENTITY l{level} '{inner}'>"));
        }
        laughs.push_str("]><svg>&l9;</svg>");
        assert!(matches!(flat(&laughs), Err(Error::TooComplex { .. })));

        let silent = laughs.replace("'ha'", "''");
        assert!(matches!(flat(&silent), Err(Error::TooComplex { .. })));

        let round = "<!DOCTYPE svg [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><svg>&a;</svg>";
        assert!(matches!(flat(round), Err(Error::TooComplex { .. })));

        // One long entity, referred to often: short references, quadratic text.
        let long = format!(
            "<!DOCTYPE svg [<!ENTITY a '{}'>]><svg>{}</svg>",
            "x".repeat(100_000),
            "&a;".repeat(100_000)
        );
        assert!(matches!(flat(&long), Err(Error::TooComplex { .. })));
    }

    #[test]
    fn depth_and_number_of_elements_are_limited() {
        let limits = Limits {
            svg_depth: 3,
            svg_nodes: 5,
            ..Limits::default()
        };
        let ok = "<svg><g><g/></g><g/></svg>";
        assert_eq!(flattened(ok, &limits).unwrap(), ok);
        for text in [
            "<svg><g><g><g/></g></g></svg>",
            "<svg><g/><g/><g/><g/><g/></svg>",
        ] {
            assert!(
                matches!(flattened(text, &limits), Err(Error::TooComplex { .. })),
                "{text}"
            );
        }
        // Depth that hides in an entity counts too.
        let hidden = "<!DOCTYPE svg [<!ENTITY a '<g><g><g/></g></g>'>]><svg>&a;</svg>";
        assert!(matches!(
            flattened(hidden, &limits),
            Err(Error::TooComplex { .. })
        ));
    }

    #[test]
    fn other_files_are_never_drawn_on() {
        let text = "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>";
        assert!(matches!(flat(text), Err(Error::Unsupported { .. })));
        let unused = "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg/>";
        assert_eq!(flat(unused).unwrap(), "<svg/>");
        for subset in [
            "<!ENTITY % p SYSTEM 'a'> %p;",
            "<!ATTLIST svg fill CDATA 'red'>",
        ] {
            let text = format!("<!DOCTYPE svg [{subset}]><svg/>");
            assert!(
                matches!(flat(&text), Err(Error::Unsupported { .. })),
                "{subset}"
            );
        }
    }

    #[test]
    fn what_does_not_end_is_damaged() {
        for text in [
            "<svg",
            "<svg a='",
            "<svg><!-- ",
            "<svg>&a",
            "<svg>&a;</svg>",
            "<!DOCTYPE svg [",
        ] {
            assert!(
                matches!(flat(text), Err(Error::Undecodable { .. })),
                "{text}"
            );
        }
    }
}
