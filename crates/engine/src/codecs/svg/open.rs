//! From the bytes of a file to text that is safe to parse.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use whittle_core::{Format, Limits};

use super::scan::{damaged, flattened, too_complex};
use crate::{Error, Result, detect};

/// An SVG's text: UTF-8, without byte-order mark, XML declaration, document type and entities, and
/// within the limits of size, depth and number of elements.
#[derive(Debug)]
pub(super) struct Source {
    pub text: String,
    pub gzipped: bool,
}

impl Source {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Source> {
        let gzipped = bytes.starts_with(&[0x1f, 0x8b]);
        let inflated;
        let bytes = if gzipped {
            inflated = inflate(bytes, limits)?;
            &inflated
        } else {
            bytes
        };
        if bytes.len() > limits.inflated_bytes {
            return Err(too_complex(format!(
                "it has more than {} bytes of text",
                limits.inflated_bytes
            )));
        }
        let text = decoded(bytes)?;
        let text = without_declaration(&text)?;
        Ok(Source {
            text: flattened(text, limits)?,
            gzipped,
        })
    }

    /// The document tree. Its depth was checked, but walking it may still want a large stack.
    pub(super) fn parse(&self) -> Result<roxmltree::Document<'_>> {
        let document = parsed(&self.text)?;
        let root = document.root_element().tag_name();
        match root.namespace() {
            Some(SVG) if root.name() == "svg" => Ok(document),
            None if root.name() == "svg" => Err(Error::unsupported(
                Format::Svg,
                "The SVG does not declare its namespace, so no browser shows it as an image.",
            )),
            _ => Err(Error::NotAnImage),
        }
    }
}

pub(super) const SVG: &str = "http://www.w3.org/2000/svg";
pub(super) const XLINK: &str = "http://www.w3.org/1999/xlink";
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Parses text that went through [`Source::open`], or was made from such text.
pub(super) fn parsed(text: &str) -> Result<roxmltree::Document<'_>> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        ..Default::default()
    };
    roxmltree::Document::parse_with_options(text, options)
        .map_err(|error| damaged(format!("it is not well-formed ({error})")))
}

fn inflate(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let most = u64::try_from(limits.inflated_bytes).unwrap_or(u64::MAX);
    let end = MultiGzDecoder::new(bytes)
        .take(most.saturating_add(1))
        .read_to_end(&mut text);
    // Any gzipped file comes here; one with something else inside is none of ours.
    if detect(&text) != Some(Format::Svg) || text.starts_with(&[0x1f, 0x8b]) {
        return Err(Error::NotAnImage);
    }
    if text.len() > limits.inflated_bytes {
        return Err(too_complex(format!(
            "it opens to more than {} bytes",
            limits.inflated_bytes
        )));
    }
    end.map_err(|_| damaged("its compressed data is broken"))?;
    Ok(text)
}

fn decoded(bytes: &[u8]) -> Result<String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        _ => match declared_encoding(bytes).as_deref() {
            None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => utf8(bytes),
            _ if bytes.is_ascii() => utf8(bytes),
            // Of Windows-1252, the part that differs from Latin-1 is left alone.
            Some("iso-8859-1" | "latin1" | "windows-1252")
                if !bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) =>
            {
                Ok(bytes.iter().copied().map(char::from).collect())
            }
            Some(name) => Err(Error::unsupported(
                Format::Svg,
                format!("The SVG is written in {name}, which Whittle does not read."),
            )),
        },
    }
}

fn utf8(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| damaged("its text is not UTF-8"))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<std::result::Result<String, _>>();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(damaged("its text is not UTF-16")),
    }
}

/// The encoding that the XML declaration names, in lower case.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?.to_owned();
    let value = declaration.split("encoding").nth(1)?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_ascii_lowercase())
}

/// The text after its XML declaration.
fn without_declaration(text: &str) -> Result<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let declared = text
        .strip_prefix("<?xml")
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()));
    match declared {
        None => Ok(text.trim_start()),
        Some(rest) => rest
            .split_once("?>")
            .map(|(_, rest)| rest.trim_start())
            .ok_or_else(|| damaged("its XML declaration does not end")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const PLAIN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><text>é</text></svg>"#;

    fn open(bytes: &[u8]) -> Result<Source> {
        Source::open(bytes, &Limits::default())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn encodings_and_envelopes_are_opened() {
        let utf16 = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
            format!("{mark}{PLAIN}")
                .encode_utf16()
                .flat_map(unit)
                .collect()
        };
        let declared = format!("<?xml version='1.0' encoding='utf-8'?>\n{PLAIN}");
        let latin = [
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".to_vec(),
            PLAIN.chars().map(|c| c as u8).collect(),
        ]
        .concat();
        let members = [gzip(&PLAIN.as_bytes()[..20]), gzip(&PLAIN.as_bytes()[20..])].concat();
        for (bytes, gzipped) in [
            (PLAIN.as_bytes().to_vec(), false),
            ([b"\xef\xbb\xbf", PLAIN.as_bytes()].concat(), false),
            (utf16(u16::to_le_bytes, "\u{feff}"), false),
            (utf16(u16::to_be_bytes, "\u{feff}"), false),
            (utf16(u16::to_le_bytes, ""), false),
            (declared.into_bytes(), false),
            (latin, false),
            (gzip(PLAIN.as_bytes()), true),
            (members, true),
        ] {
            let source = open(&bytes).unwrap();
            assert_eq!(source.text, PLAIN);
            assert_eq!(source.gzipped, gzipped);
            source.parse().unwrap();
        }
    }

    #[test]
    fn what_is_no_svg_is_refused() {
        assert!(matches!(open(&gzip(b"a tar file")), Err(Error::NotAnImage)));
        assert!(matches!(
            open(&gzip(&gzip(PLAIN.as_bytes()))),
            Err(Error::NotAnImage)
        ));
        let gzipped = gzip(PLAIN.as_bytes());
        assert!(matches!(
            open(&gzipped[..gzipped.len() - 4]),
            Err(Error::Undecodable { .. })
        ));
        assert!(matches!(
            open(b"<?xml version='1.0' encoding='shift_jis'?><svg a='\x83\x41'/>"),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            open(b"<svg a='\xff'/>"),
            Err(Error::Undecodable { .. })
        ));
        let bare = open(b"<svg/>").unwrap();
        assert!(matches!(bare.parse(), Err(Error::Unsupported { .. })));
        let unclosed = open(b"<svg xmlns='http://www.w3.org/2000/svg'><g></svg>").unwrap();
        assert!(matches!(unclosed.parse(), Err(Error::Undecodable { .. })));
    }

    #[test]
    fn what_opens_to_too_much_is_too_complex() {
        let limits = Limits {
            inflated_bytes: 1000,
            ..Limits::default()
        };
        let long = format!("<svg>{}</svg>", " ".repeat(2000));
        for bytes in [gzip(long.as_bytes()), long.into_bytes()] {
            assert!(matches!(
                Source::open(&bytes, &limits),
                Err(Error::TooComplex { .. })
            ));
        }
    }
}
