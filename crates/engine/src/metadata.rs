//! Metadata: what is private goes, what belongs to the author stays, and the user is told.

use std::io::Cursor;

use exif::{Context, Exif, Field, In, Reader, Tag, Value};
use whittle_core::{Limits, Metadata};

use crate::pixels::{Image, Opaque};

/// How a stored picture must be turned to be upright: the eight values of Exif's orientation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

impl Orientation {
    pub const UPRIGHT: Orientation = Orientation(1);

    pub fn new(value: u32) -> Orientation {
        match value {
            2..=8 => Orientation(value as u8),
            _ => Orientation::UPRIGHT,
        }
    }

    /// The number of Exif, 1 to 8.
    pub fn value(self) -> u8 {
        self.0
    }

    /// Whether width and height change places.
    pub fn turns(self) -> bool {
        self.0 >= 5
    }

    /// The picture as it is meant to be seen.
    pub fn upright(self, image: Image) -> Image {
        let stored = (image.width, image.height);
        let (width, height) = self.size(stored);
        Image {
            width,
            height,
            rgba: self.turned::<4>(stored, image.rgba),
        }
    }

    /// The same for one without alpha.
    pub fn upright_opaque(self, image: Opaque) -> Opaque {
        let stored = (image.width, image.height);
        let (width, height) = self.size(stored);
        Opaque {
            width,
            height,
            rgb: self.turned::<3>(stored, image.rgb),
        }
    }

    fn turned<const B: usize>(self, stored: (u32, u32), pixels: Vec<u8>) -> Vec<u8> {
        if self == Orientation::UPRIGHT {
            return pixels;
        }
        let mut upright = vec![0; pixels.len()];
        let line = (stored.0 as usize * B).max(1);
        for (y, row) in pixels.chunks_exact(line).enumerate() {
            self.put_row::<B>(stored, y, row, &mut upright);
        }
        upright
    }

    /// Width and height of the upright picture.
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.turns() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Puts row `y` of a picture of this size, as stored, where it belongs in the upright picture;
    /// `B` bytes a pixel.
    pub fn put_row<const B: usize>(
        self,
        (width, height): (u32, u32),
        y: usize,
        row: &[u8],
        upright: &mut [u8],
    ) {
        let (w, h) = (width as usize, height as usize);
        // Where its first pixel goes, and how far the others lie from each other.
        let (first, step) = match self.0 {
            2 => (y * w + w - 1, -1),
            3 => ((h - y) * w - 1, -1),
            4 => ((h - 1 - y) * w, 1),
            5 => (y, h as isize),
            6 => (h - 1 - y, h as isize),
            7 => (w * h - 1 - y, -(h as isize)),
            8 => ((w - 1) * h + y, -(h as isize)),
            _ => (y * w, 1),
        };
        let (upright, _) = upright.as_chunks_mut::<B>();
        let (row, _) = row.as_chunks::<B>();
        if step == 1 {
            return upright[first..first + w].copy_from_slice(row);
        }
        let mut at = first;
        for pixel in row {
            upright[at] = *pixel;
            at = at.wrapping_add_signed(step);
        }
    }
}

/// Who made a picture and who owns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    pub artist: Option<String>,
    pub copyright: Option<String>,
}

impl Rights {
    /// Fills what is missing here from there.
    pub fn or(self, other: Rights) -> Rights {
        Rights {
            artist: self.artist.or(other.artist),
            copyright: self.copyright.or(other.copyright),
        }
    }
}

/// What an Exif block says, as far as it matters here.
#[derive(Clone, Debug)]
pub(crate) struct ExifFacts {
    pub orientation: Orientation,
    pub rights: Rights,
    /// What else it holds, in words.
    pub private: Vec<&'static str>,
}

/// Reads an Exif block (a TIFF structure, without the `Exif\0\0` before it). Broken parts are
/// passed over; a wholly unreadable block says nothing.
pub(crate) fn read_exif(tiff: &[u8]) -> ExifFacts {
    let parsed: Option<Exif> = match Reader::new()
        .continue_on_error(true)
        .read_raw(tiff.to_vec())
    {
        Ok(exif) => Some(exif),
        Err(error) => error.distill_partial_result(|_| {}).ok(),
    };
    let Some(exif) = parsed else {
        return ExifFacts {
            orientation: Orientation::UPRIGHT,
            rights: Rights::default(),
            private: vec!["Exif data"],
        };
    };
    let text = |tag| {
        exif.get_field(tag, In::PRIMARY)
            .and_then(|field| match &field.value {
                Value::Ascii(parts) => Some(
                    parts
                        .iter()
                        .map(|part| String::from_utf8_lossy(part).trim().to_owned())
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join("; "),
                ),
                _ => None,
            })
            .filter(|text| !text.is_empty())
    };
    let mut private = Vec::new();
    let mut tell = |found: bool, what| {
        if found && !private.contains(&what) {
            private.push(what);
        }
    };
    for field in exif.fields() {
        tell(
            field.tag.context() == Context::Gps && field.tag != Tag::GPSVersionID,
            "GPS position",
        );
        tell(field.ifd_num == In::THUMBNAIL, "thumbnail");
        tell(
            field.tag == Tag::BodySerialNumber || field.tag == Tag::LensSerialNumber,
            "serial number",
        );
        tell(
            matches!(field.tag, Tag::UserComment | Tag::ImageDescription),
            "description",
        );
        tell(
            matches!(
                field.tag,
                Tag::Make | Tag::Model | Tag::MakerNote | Tag::ExposureTime | Tag::DateTime
            ) || matches!(field.tag, Tag::DateTimeOriginal | Tag::Software),
            "camera data",
        );
    }
    ExifFacts {
        orientation: exif
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .map_or(Orientation::UPRIGHT, Orientation::new),
        rights: Rights {
            artist: text(Tag::Artist),
            copyright: text(Tag::Copyright),
        },
        private,
    }
}

/// A TIFF structure with no more than the orientation and the rights; `None` when both say nothing.
pub(crate) fn write_exif(orientation: Orientation, rights: &Rights) -> Option<Vec<u8>> {
    let ascii = |tag, text: &Option<String>| {
        text.as_ref().map(|text| Field {
            tag,
            ifd_num: In::PRIMARY,
            value: Value::Ascii(vec![text.replace('\0', " ").into_bytes()]),
        })
    };
    let orientation = (orientation != Orientation::UPRIGHT).then(|| Field {
        tag: Tag::Orientation,
        ifd_num: In::PRIMARY,
        value: Value::Short(vec![u16::from(orientation.value())]),
    });
    let fields: Vec<Field> = [
        orientation,
        ascii(Tag::Artist, &rights.artist),
        ascii(Tag::Copyright, &rights.copyright),
    ]
    .into_iter()
    .flatten()
    .collect();
    if fields.is_empty() {
        return None;
    }
    let mut writer = exif::experimental::Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut out = Cursor::new(Vec::new());
    writer.write(&mut out, false).ok()?;
    Some(out.into_inner())
}

/// The Exif block that a result carries under a policy, for a picture that is stored as before.
pub(crate) fn kept_exif(
    policy: Metadata,
    original: Option<&[u8]>,
    orientation: Orientation,
    rights: &Rights,
) -> Option<Vec<u8>> {
    match policy {
        Metadata::Keep => original.map(<[u8]>::to_vec),
        Metadata::Copyright => write_exif(orientation, rights),
        Metadata::Strip => write_exif(orientation, &Rights::default()),
    }
}

/// The largest XMP packet that is read.
const XMP_LIMIT: usize = 4 << 20;

/// Creator and rights of an XMP packet.
pub(crate) fn xmp_rights(packet: &[u8], limits: &Limits) -> Rights {
    const DC: &str = "http://purl.org/dc/elements/1.1/";
    let Ok(text) = std::str::from_utf8(packet) else {
        return Rights::default();
    };
    if text.len() > XMP_LIMIT || depth(text) > limits.svg_depth {
        return Rights::default();
    }
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: 100_000,
        ..roxmltree::ParsingOptions::default()
    };
    let Ok(document) =
        roxmltree::Document::parse_with_options(text.trim_matches(['\0', '\u{feff}']), options)
    else {
        return Rights::default();
    };
    let values = |name: &str| {
        let node = document
            .descendants()
            .find(|node| node.has_tag_name((DC, name)))?;
        let items: Vec<String> = node
            .descendants()
            .filter(|node| node.is_text())
            .filter_map(|node| node.text())
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        (!items.is_empty()).then(|| items.join("; "))
    };
    Rights {
        artist: values("creator"),
        copyright: values("rights"),
    }
}

/// An upper bound of how deep the elements of a text are nested: the parser recurses.
fn depth(text: &str) -> u32 {
    let (mut now, mut deepest) = (0i64, 0i64);
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(at + 1)) {
            (b'<', Some(b'/')) => now -= 1,
            (b'<', Some(b'?' | b'!')) => {}
            (b'<', _) => now += 1,
            (b'/', Some(b'>')) => now -= 1,
            _ => {}
        }
        deepest = deepest.max(now);
    }
    deepest.clamp(0, i64::from(u32::MAX)) as u32
}

/// By-line and copyright notice of a Photoshop resource block (IPTC-IIM records 2:80 and 2:116).
pub(crate) fn iptc_rights(resources: &[u8]) -> Rights {
    let mut rights = Rights::default();
    let Some(records) = iptc_records(resources) else {
        return rights;
    };
    let mut rest = records;
    // Each data set: 0x1c, record, number, two bytes of length, value.
    while let [0x1c, record, number, high, low, tail @ ..] = rest {
        let length = usize::from(*high) << 8 | usize::from(*low);
        let Some(value) = tail.get(..length) else {
            break;
        };
        let text = || Some(String::from_utf8_lossy(value).trim().to_owned());
        match (record, number) {
            (2, 80) => rights.artist = rights.artist.or_else(text),
            (2, 116) => rights.copyright = rights.copyright.or_else(text),
            _ => {}
        }
        rest = &tail[length..];
    }
    rights
}

/// The IPTC part (resource 0x0404) of a Photoshop resource block.
fn iptc_records(resources: &[u8]) -> Option<&[u8]> {
    let mut rest = resources;
    while let [b'8', b'B', b'I', b'M', id_high, id_low, tail @ ..] = rest {
        let name = usize::from(*tail.first()?) + 1;
        let tail = tail.get(name + name % 2..)?;
        let length = u32::from_be_bytes(tail.get(..4)?.try_into().ok()?) as usize;
        let value = tail.get(4..4usize.checked_add(length)?)?;
        if (*id_high, *id_low) == (0x04, 0x04) {
            return Some(value);
        }
        rest = tail.get(4 + length + length % 2..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Image;

    #[test]
    fn reduced_exif_keeps_direction_and_rights_alone() {
        let rights = Rights {
            artist: Some("Ana Ruß".into()),
            copyright: Some("© 2026 Ana".into()),
        };
        let block = write_exif(Orientation::new(6), &rights).unwrap();
        let facts = read_exif(&block);
        assert_eq!(facts.orientation, Orientation::new(6));
        assert_eq!(facts.rights, rights);
        assert!(facts.private.is_empty(), "{:?}", facts.private);
        assert_eq!(write_exif(Orientation::UPRIGHT, &Rights::default()), None);
    }

    #[test]
    fn broken_exif_says_nothing() {
        for bytes in [&b""[..], b"II*\0\xff\xff\xff\xff", b"MM\0*", &[0xff; 64]] {
            let facts = read_exif(bytes);
            assert_eq!(facts.orientation, Orientation::UPRIGHT);
            assert_eq!(facts.rights, Rights::default());
        }
    }

    #[test]
    fn xmp_and_iptc_name_their_authors() {
        let xmp = br#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
            xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <rdf:Description><dc:creator><rdf:Seq><rdf:li>Ana</rdf:li><rdf:li>Bo</rdf:li></rdf:Seq></dc:creator>
            <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All mine</rdf:li></rdf:Alt></dc:rights>
            </rdf:Description></rdf:RDF></x:xmpmeta>"#;
        let rights = xmp_rights(xmp, &Limits::default());
        assert_eq!(rights.artist.as_deref(), Some("Ana; Bo"));
        assert_eq!(rights.copyright.as_deref(), Some("All mine"));
        let iptc = b"8BIM\x04\x04\0\0\0\0\0\x12\x1c\x02\x50\0\x03Ana\x1c\x02\x74\0\x05(c) A";
        let rights = iptc_rights(iptc);
        assert_eq!(rights.artist.as_deref(), Some("Ana"));
        assert_eq!(rights.copyright.as_deref(), Some("(c) A"));
        assert_eq!(iptc_rights(b"8BIM\x04\x04\0"), Rights::default());
    }

    #[test]
    fn every_orientation_is_undone() {
        // A 3×2 picture as it should look, and as each orientation stores it.
        let upright = [[1, 2, 3], [4, 5, 6]];
        let stored: [(u32, u32, u32, [u8; 6]); 8] = [
            (1, 3, 2, [1, 2, 3, 4, 5, 6]),
            (2, 3, 2, [3, 2, 1, 6, 5, 4]),
            (3, 3, 2, [6, 5, 4, 3, 2, 1]),
            (4, 3, 2, [4, 5, 6, 1, 2, 3]),
            (5, 2, 3, [1, 4, 2, 5, 3, 6]),
            (6, 2, 3, [3, 6, 2, 5, 1, 4]),
            (7, 2, 3, [6, 3, 5, 2, 4, 1]),
            (8, 2, 3, [4, 1, 5, 2, 6, 3]),
        ];
        for (value, width, height, pixels) in stored {
            let image = Image {
                width,
                height,
                rgba: pixels.iter().flat_map(|&p| [p, p, p, 255]).collect(),
            };
            let turned = Orientation::new(value).upright(image);
            assert_eq!((turned.width, turned.height), (3, 2), "{value}");
            let values: Vec<u8> = turned.rgba.chunks_exact(4).map(|p| p[0]).collect();
            assert_eq!(values, upright.concat(), "{value}");
        }
    }
}
