//! Tells an image's format by its content.

use whittle_core::Format;

/// How far into a text an `<svg` root may begin, after a byte-order mark, declarations, comments
/// and a doctype.
const SVG_SEARCH: usize = 64 * 1024;

/// The format of these bytes, whatever the file is called; `None` if it is no image we know.
pub fn detect(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(Format::Webp),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => is_avif(bytes).then_some(Format::Avif),
        // A gzipped file is taken for an SVG; what it opens to is checked when it is opened.
        [0x1f, 0x8b, 0x08, ..] => Some(Format::Svg),
        _ => is_svg(bytes).then_some(Format::Svg),
    }
}

/// Whether the file type box names AVIF as major or compatible brand.
fn is_avif(bytes: &[u8]) -> bool {
    let length = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let brands = bytes.get(8..length.min(bytes.len()).max(8)).unwrap_or(&[]);
    brands
        .chunks_exact(4)
        .enumerate()
        // The second word is the minor version, not a brand.
        .any(|(index, brand)| index != 1 && (brand == b"avif" || brand == b"avis"))
}

/// Whether the first element of this text is `svg`, in any namespace prefix.
fn is_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(SVG_SEARCH)];
    let text: String = match head {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(head).into_owned(),
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<!") {
            doctype_end(rest)
        } else {
            break;
        };
        let Some(end) = end else { return false };
        rest = rest[end..].trim_start();
    }
    let Some(name) = rest.strip_prefix('<') else {
        return false;
    };
    let name: String = name
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.'))
        .collect();
    name == "svg" || name.ends_with(":svg")
}

/// The end of a doctype, whose internal subset in brackets may itself hold `>`.
fn doctype_end(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '>' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    char::decode_utf16(bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (bytes, format) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(Format::Png)),
            (b"GIF87a", Some(Format::Gif)),
            (b"GIF89a", Some(Format::Gif)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0miafavif", Some(Format::Avif)),
            (b"\0\0\0\x14ftypheic\0\0\0\0mif1", None),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                Some(Format::Svg),
            ),
            (
                b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <svg> --><svg:svg/>",
                Some(Format::Svg),
            ),
            (b"<!DOCTYPE svg [<!ENTITY a '>'>]><svg/>", Some(Format::Svg)),
            (b"\xff\xfe<\0s\0v\0g\0/\0>\0", Some(Format::Svg)),
            (b"<html><svg/></html>", None),
            (b"<svgx/>", None),
            (b"plain text", None),
            (b"", None),
            (b"\xff\xd8", None),
        ] {
            assert_eq!(
                detect(bytes),
                format,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
