//! XML text taken apart into its constructs, without a tree.

/// One construct of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// Comments, CDATA sections and processing instructions, with their delimiters.
    Verbatim(&'a str),
    /// With its delimiters.
    Doctype(&'a str),
    /// A start tag with its delimiters; `true` when it closes itself.
    Open(&'a str, bool),
    /// An end tag with its delimiters.
    Close(&'a str),
}

/// The constructs of a text, one after the other. Stops at one that does not end.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(text: &'a str) -> Pieces<'a> {
        Pieces { rest: text }
    }

    /// What could not be taken apart; empty at the end of a good text.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let text = self.rest;
        if text.is_empty() {
            return None;
        }
        let ends_with = |mark: &str, from: usize| {
            text.get(from..)?
                .find(mark)
                .map(|at| from + at + mark.len())
        };
        let (end, make): (usize, fn(&'a str) -> Piece<'a>) = if !text.starts_with('<') {
            (text.find('<').unwrap_or(text.len()), Piece::Text)
        } else if text.starts_with("<!--") {
            (ends_with("-->", 4)?, Piece::Verbatim)
        } else if text.starts_with("<![CDATA[") {
            (ends_with("]]>", 9)?, Piece::Verbatim)
        } else if text.starts_with("<?") {
            (ends_with("?>", 2)?, Piece::Verbatim)
        } else if text.starts_with("<!") {
            (doctype_end(text)?, Piece::Doctype)
        } else if text.starts_with("</") {
            (ends_with(">", 2)?, Piece::Close)
        } else {
            (tag_end(text)?, |tag| Piece::Open(tag, tag.ends_with("/>")))
        };
        let (piece, rest) = text.split_at(end);
        self.rest = rest;
        Some(make(piece))
    }
}

/// The end of a start tag: the first `>` outside quotes.
pub(super) fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at + 1),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The end of a document type: the first `>` outside quotes, comments and the internal subset.
fn doctype_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut inside, mut at) = (None, false, 2);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'[') => inside = true,
            (None, b']') => inside = false,
            (None, b'<') if bytes[at..].starts_with(b"<!--") => {
                at += text.get(at + 4..)?.find("-->")? + 6;
            }
            (None, b'>') if !inside => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}
