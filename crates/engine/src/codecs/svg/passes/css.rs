//! Style sheets and `style` attributes: taken apart, and written without what nobody needs.

use std::collections::HashSet;

use super::super::editors::is_about_rights;
use super::super::meaning::is_lively;

/// A part of a style sheet.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Item {
    Rule {
        /// One for each comma.
        selectors: Vec<String>,
        /// What is between the braces.
        body: String,
    },
    /// With its block or semicolon.
    At(String),
    /// A notice of rights, with its delimiters.
    Notice(String),
}

/// One declaration of a rule or a `style` attribute.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Declaration {
    pub name: String,
    pub value: String,
}

impl Declaration {
    pub(super) fn is_important(&self) -> bool {
        self.value.contains('!')
    }
}

/// The parts of a style sheet without comments and needless spaces; `None` when it is damaged or of a
/// kind that is not understood here.
pub(in super::super) fn parsed(css: &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut rest = css.trim_start();
    while !rest.is_empty() {
        // Left over from the time when browsers did not know the element.
        if let Some(after) = rest
            .strip_prefix("<!--")
            .or_else(|| rest.strip_prefix("-->"))
        {
            rest = after.trim_start();
            continue;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/")?;
            if is_about_rights(&comment[..end]) {
                items.push(Item::Notice(rest[..end + 4].to_owned()));
            }
            rest = comment[end + 2..].trim_start();
            continue;
        }
        let head = find(rest, |byte| matches!(byte, b'{' | b';' | b'}'))?;
        let is_at = rest.starts_with('@');
        match rest.as_bytes()[head] {
            b';' if is_at => {
                items.push(Item::At(squeezed(&rest[..=head])));
                rest = rest[head + 1..].trim_start();
            }
            b'{' => {
                let end = head + block_end(&rest[head..])?;
                let body = &rest[head + 1..end];
                if is_at {
                    items.push(Item::At(squeezed(&rest[..=end])));
                } else {
                    if find(body, |byte| byte == b'{').is_some() {
                        return None;
                    }
                    items.push(Item::Rule {
                        selectors: split(&squeezed(&rest[..head]), b',')
                            .into_iter()
                            .map(|selector| selector.trim().to_owned())
                            .collect(),
                        body: squeezed(body).trim_end_matches(';').to_owned(),
                    });
                }
                rest = rest[end + 1..].trim_start();
            }
            _ => return None,
        }
    }
    Some(items)
}

/// The style sheet in few characters.
pub(in super::super) fn written(items: &[Item]) -> String {
    let mut out = String::new();
    for item in items {
        match item {
            Item::Rule { selectors, body } => {
                out.push_str(&selectors.join(","));
                out.push('{');
                out.push_str(body);
                out.push('}');
            }
            Item::At(text) | Item::Notice(text) => out.push_str(text),
        }
    }
    out
}

/// Drops rules without declarations, and selectors that ask for a class or an identifier that is not in
/// the document.
pub(in super::super) fn drop_unused(items: &mut Vec<Item>, names: &HashSet<String>) {
    items.retain_mut(|item| match item {
        Item::Rule { selectors, body } => {
            // What moves or asks for a state may be meant for elements that come to have the name.
            if is_lively(body) {
                return true;
            }
            selectors.retain(|selector| selector.contains(':') || may_match(selector, names));
            !selectors.is_empty() && !body.is_empty()
        }
        _ => true,
    });
}

/// Whether a selector's classes and identifiers, written as `.a` and `#a`, are all there. What has a
/// function or an escape in it may match anything.
fn may_match(selector: &str, names: &HashSet<String>) -> bool {
    if selector.contains(['(', '\\', '[']) {
        return true;
    }
    let mut rest = selector;
    while let Some(at) = rest.find(['.', '#']) {
        let name = &rest[at + 1..];
        let end = name
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')))
            .unwrap_or(name.len());
        if !names.contains(&rest[at..=at + end]) {
            return false;
        }
        rest = &name[end..];
    }
    true
}

/// The declarations of a rule's body or a `style` attribute; of two for one property the later.
pub(in super::super) fn declarations(body: &str) -> Vec<Declaration> {
    let mut found: Vec<Declaration> = Vec::new();
    for part in split(body, b';') {
        let part = without_comments(part);
        let Some((name, value)) = part.split_once(':') else {
            continue;
        };
        let name = name.trim();
        let declaration = Declaration {
            name: if name.starts_with("--") {
                name.to_owned()
            } else {
                name.to_ascii_lowercase()
            },
            value: value.trim().to_owned(),
        };
        if declaration.value.is_empty() {
            continue;
        }
        found.retain(|other| other.name != declaration.name);
        found.push(declaration);
    }
    found
}

/// A `style` attribute in one way of writing.
pub(in super::super) fn normal(style: &str) -> String {
    let parts: Vec<String> = declarations(style)
        .into_iter()
        .map(|one| format!("{}:{}", one.name, squeezed(&one.value)))
        .collect();
    parts.join(";")
}

/// Comments gone, spaces single or gone; strings stay as they are.
pub(in super::super) fn squeezed(css: &str) -> String {
    let css = without_comments(css);
    let mut out = String::with_capacity(css.len());
    let mut quote = None;
    let mut space = false;
    // Within parentheses a sign may need its spaces, and `:` before a selector's colon has a meaning.
    for c in css.chars() {
        if let Some(open) = quote {
            out.push(c);
            if c == open && !out.ends_with("\\\"") {
                quote = None;
            }
            continue;
        }
        if c.is_ascii_whitespace() {
            space = true;
            continue;
        }
        let tight = |c: char| matches!(c, '{' | '}' | ';' | ',');
        if space {
            let last = out.chars().next_back();
            let in_body = out.rfind('{') > out.rfind('}') || !out.contains('{');
            let after = last.is_none_or(|last| tight(last) || (last == ':' && in_body));
            if !after && !tight(c) {
                out.push(' ');
            }
            space = false;
        }
        if c == '}' && out.ends_with(';') {
            out.pop();
        }
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        out.push(c);
    }
    out
}

/// Without comments; each leaves a space, as it parts words.
fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = find_comment(rest) {
        out.push_str(&rest[..at]);
        rest = rest[at + 2..]
            .find("*/")
            .map_or("", |end| &rest[at + 2 + end + 2..]);
        out.push(' ');
    }
    out.push_str(rest);
    out
}

/// Where a comment begins, outside strings.
fn find_comment(css: &str) -> Option<usize> {
    let bytes = css.as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match quote {
            Some(open) if *byte == open && bytes.get(at.wrapping_sub(1)) != Some(&b'\\') => {
                quote = None;
            }
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            None if bytes[at..].starts_with(b"/*") => return Some(at),
            None => {}
        }
    }
    None
}

/// The first byte that is wanted, outside strings, parentheses and comments.
fn find(css: &str, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let bytes = css.as_bytes();
    let (mut quote, mut depth, mut at) = (None, 0u32, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) => {
                if byte == b'\\' {
                    at += 1;
                } else if byte == open {
                    quote = None;
                }
            }
            None if byte == b'/' && bytes.get(at + 1) == Some(&b'*') => {
                at += 3 + css.get(at + 2..)?.find("*/")?;
            }
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None if byte == b'(' => depth += 1,
            None if byte == b')' => depth = depth.saturating_sub(1),
            None if depth == 0 && wanted(byte) => return Some(at),
            None => {}
        }
        at += 1;
    }
    None
}

/// Where the block ends that begins with the first byte.
fn block_end(css: &str) -> Option<usize> {
    let (mut depth, mut at) = (0u32, 0);
    loop {
        at += find(&css[at..], |byte| matches!(byte, b'{' | b'}'))?;
        if css.as_bytes()[at] == b'{' {
            depth += 1;
        } else {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
        at += 1;
    }
}

fn split(css: &str, mark: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = css;
    while let Some(at) = find(rest, |byte| byte == mark) {
        parts.push(&rest[..at]);
        rest = &rest[at + 1..];
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(css: &str) -> Option<String> {
        parsed(css).map(|items| written(&items))
    }

    #[test]
    fn sheets_lose_what_nobody_needs() {
        for (css, expected) in [
            (
                "\n .a , .b > c { fill : red ; stroke: blue; } ",
                ".a,.b > c{fill :red;stroke:blue}",
            ),
            (
                "/* a */.a{/* b */fill:red}/* (c) Ann */",
                ".a{fill:red}/* (c) Ann */",
            ),
            ("@import url( a;b ) ; a{}", "@import url( a;b );a{}"),
            (
                "@media print { a { fill: red; } b:hover { x: y } }",
                "@media print{a{fill:red}b:hover{x:y}}",
            ),
            ("a{content:'} ; /* x */'}", "a{content:'} ; /* x */'}"),
            ("<!-- a{b:c} -->", "a{b:c}"),
            ("a :hover{b:c}", "a :hover{b:c}"),
        ] {
            assert_eq!(short(css).as_deref(), Some(expected), "{css}");
            assert_eq!(short(expected).as_deref(), Some(expected), "{css}");
        }
        for damaged in ["a{", "a}", "a{b{c:d}}", "/*"] {
            assert_eq!(short(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn rules_for_nothing_go() {
        let names = HashSet::from([".a".to_owned(), "#b".to_owned()]);
        let mut items =
            parsed(".a,.c{x:y}g .c{x:y}#b.a g{x:y}p{}.a:not(.c){x:y}.d\\:e{x:y}.c:hover{x:y}")
                .unwrap();
        drop_unused(&mut items, &names);
        assert_eq!(
            written(&items),
            ".a{x:y}#b.a g{x:y}.a:not(.c){x:y}.d\\:e{x:y}.c:hover{x:y}"
        );
    }

    #[test]
    fn declarations_are_taken_apart() {
        let found = declarations("FILL : red; a:url(x;y);fill:blue;;b;--C:d; e:'f;g'");
        let pairs: Vec<(&str, &str)> = found
            .iter()
            .map(|one| (one.name.as_str(), one.value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("a", "url(x;y)"),
                ("fill", "blue"),
                ("--C", "d"),
                ("e", "'f;g'")
            ]
        );
    }
}
