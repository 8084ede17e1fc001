//! The segments of a JPEG file (ITU-T T.81 annex B), without its coefficients.

use whittle_core::Format;

use super::coefficients::ZIGZAG;
use crate::{Error, Result};

/// One segment between the start of the file and the end of its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// The second byte of the marker: 0xe1 for APP1.
    pub marker: u8,
    /// Without marker and length.
    pub data: Vec<u8>,
}

pub(super) const APP0: u8 = 0xe0;
pub(super) const APP1: u8 = 0xe1;
pub(super) const APP2: u8 = 0xe2;
pub(super) const APP13: u8 = 0xed;
pub(super) const APP14: u8 = 0xee;
pub(super) const COM: u8 = 0xfe;

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const MPF: &[u8] = b"MPF\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

/// The most that fits in one segment after its length.
const MOST: usize = 65_533;

/// What a segment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Jfif,
    JfifThumbnail,
    Adobe,
    Exif,
    Xmp,
    ExtendedXmp,
    Icc,
    MultiPicture,
    Photoshop,
    Comment,
    Other,
}

impl Segment {
    pub fn kind(&self) -> Kind {
        let begins = |with: &[u8]| self.data.starts_with(with);
        match self.marker {
            APP0 if begins(b"JFIF\0") => Kind::Jfif,
            APP0 if begins(b"JFXX\0") => Kind::JfifThumbnail,
            APP1 if begins(EXIF) => Kind::Exif,
            APP1 if begins(XMP) => Kind::Xmp,
            APP1 if begins(EXTENDED_XMP) => Kind::ExtendedXmp,
            APP2 if begins(ICC) => Kind::Icc,
            APP2 if begins(MPF) => Kind::MultiPicture,
            APP13 if begins(PHOTOSHOP) => Kind::Photoshop,
            APP14 if begins(b"Adobe") => Kind::Adobe,
            COM => Kind::Comment,
            _ => Kind::Other,
        }
    }

    /// The data after the name that begins it.
    pub fn payload(&self) -> &[u8] {
        let name = match self.kind() {
            Kind::Exif => EXIF.len(),
            Kind::Xmp => XMP.len(),
            Kind::Photoshop => PHOTOSHOP.len(),
            Kind::MultiPicture => MPF.len(),
            _ => 0,
        };
        &self.data[name..]
    }

    pub fn exif(tiff: &[u8]) -> Option<Segment> {
        let data = [EXIF, tiff].concat();
        (data.len() <= MOST).then_some(Segment { marker: APP1, data })
    }

    /// A profile in as many segments as it needs.
    pub fn icc(profile: &[u8]) -> Vec<Segment> {
        let part = MOST - ICC.len() - 2;
        let count = profile.len().div_ceil(part);
        profile
            .chunks(part)
            .enumerate()
            .map(|(at, chunk)| Segment {
                marker: APP2,
                data: [ICC, &[at as u8 + 1, count as u8], chunk].concat(),
            })
            .collect()
    }
}

/// What a walk over the markers finds.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub width: u32,
    pub height: u32,
    /// Number of colour components: 1, 3 or 4.
    pub components: u8,
    /// Second byte of the frame's marker: 0xc0 baseline, 0xc2 progressive, 0xc3 lossless, …
    pub frame: u8,
    /// Horizontal and vertical sampling factors of each component.
    pub sampling: Vec<(u8, u8)>,
    /// Quantization steps of the first component, row by row.
    pub steps: Option<[u16; 64]>,
    pub segments: Vec<Segment>,
    /// How many scans there are.
    pub scans: usize,
    /// Whether every component appears in some scan.
    pub complete: bool,
    /// Where the picture ends, after its end marker; `None` when there is no end marker.
    pub end: Option<usize>,
}

impl Layout {
    /// Lossless and hierarchical processes, which hardly any reader knows.
    pub fn exotic(&self) -> bool {
        matches!(self.frame, 0xc3 | 0xc5..=0xc7 | 0xcb | 0xcd..=0xcf)
    }

    pub fn segment(&self, kind: Kind) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.kind() == kind)
    }

    /// The profile, put together from its segments; `None` when there is none or parts are missing.
    pub fn icc(&self) -> Option<Vec<u8>> {
        let mut parts: Vec<(u8, u8, &[u8])> = self
            .segments
            .iter()
            .filter(|segment| segment.kind() == Kind::Icc)
            .filter_map(|segment| match &segment.data[ICC.len()..] {
                [number, count, data @ ..] => Some((*number, *count, data)),
                _ => None,
            })
            .collect();
        parts.sort_by_key(|part| part.0);
        let count = parts.first()?.1;
        let whole = parts.len() == usize::from(count)
            && parts
                .iter()
                .enumerate()
                .all(|(at, part)| usize::from(part.0) == at + 1 && part.1 == count);
        whole.then(|| parts.iter().flat_map(|part| part.2).copied().collect())
    }
}

/// A file with these segments in place of its own metadata, the rest as it is; `None` where its segments
/// do not lead to a scan.
pub(super) fn with_metadata(bytes: &[u8], segments: &[Segment]) -> Option<Vec<u8>> {
    let (mut first, mut others) = (bytes.get(..2)?.to_vec(), Vec::new());
    let mut at = 2;
    loop {
        let &[0xff, marker, high, low] = bytes.get(at..at + 4)? else {
            return None;
        };
        match marker {
            // Fill bytes.
            0xff => {
                at += 1;
                continue;
            }
            0xda => break,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let data = bytes.get(at + 4..at + 2 + length)?;
        let whole = &bytes[at..at + 2 + length];
        let segment = Segment {
            marker,
            data: data.to_vec(),
        };
        match (marker, segment.kind()) {
            // Readers look for it at the beginning.
            (_, Kind::Jfif) => first.extend_from_slice(whole),
            (_, Kind::Adobe | Kind::Icc) => others.extend_from_slice(whole),
            (APP0..=0xef | COM, _) => {}
            _ => others.extend_from_slice(whole),
        }
        at += 2 + length;
    }
    for segment in segments {
        let length = u16::try_from(segment.data.len() + 2).ok()?;
        first.extend([0xff, segment.marker]);
        first.extend(length.to_be_bytes());
        first.extend_from_slice(&segment.data);
    }
    Some([&first, &others, &bytes[at..]].concat())
}

/// Walks over the markers of a whole file.
pub(super) fn layout(bytes: &[u8]) -> Result<Layout> {
    walk(bytes, true)
}

/// Walks over the markers up to the frame header only.
pub(super) fn frame(bytes: &[u8]) -> Result<Layout> {
    walk(bytes, false)
}

fn walk(bytes: &[u8], whole: bool) -> Result<Layout> {
    let broken = |reason| Error::undecodable(Format::Jpeg, reason);
    let mut found = Layout {
        width: 0,
        height: 0,
        components: 0,
        frame: 0,
        sampling: Vec::new(),
        steps: None,
        scans: 0,
        segments: Vec::new(),
        complete: false,
        end: None,
    };
    let mut ids: Vec<u8> = Vec::new();
    let mut tables: [Option<[u16; 64]>; 4] = [None; 4];
    let mut first_table = 0;
    let mut scanned: Vec<u8> = Vec::new();
    let mut at = 2;
    while let Some(&byte) = bytes.get(at) {
        // Junk before a marker is tolerated, as libjpeg does.
        if byte != 0xff {
            at += 1;
            continue;
        }
        let Some(&marker) = bytes.get(at + 1) else {
            break;
        };
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            0x00 | 0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            0xd9 => {
                found.end = Some(at + 2);
                break;
            }
            _ => {}
        }
        let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
            break;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(data) = bytes.get(at + 4..(at + 2 + length).max(at + 4)) else {
            break;
        };
        if length < 2 {
            return Err(broken("a segment has no length"));
        }
        at += 2 + length;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, h0, h1, w0, w1, components, rest @ ..] = data else {
                    return Err(broken("its frame header is too short"));
                };
                if found.frame != 0 {
                    return Err(broken("it has two frame headers"));
                }
                found.frame = marker;
                found.height = u32::from(u16::from_be_bytes([*h0, *h1]));
                found.width = u32::from(u16::from_be_bytes([*w0, *w1]));
                found.components = *components;
                first_table = rest.get(2).map_or(0, |&number| usize::from(number));
                for component in rest.chunks_exact(3).take(usize::from(*components)) {
                    ids.push(component[0]);
                    found.sampling.push((component[1] >> 4, component[1] & 15));
                }
                if !whole {
                    return Ok(found);
                }
            }
            0xdb => quantization(data, &mut tables),
            0xda => {
                if let [count, rest @ ..] = data {
                    scanned.extend(
                        rest.chunks_exact(2)
                            .take(usize::from(*count))
                            .map(|component| component[0]),
                    );
                }
                found.scans += 1;
                at = scan_end(bytes, at);
            }
            0xe0..=0xef | COM => found.segments.push(Segment {
                marker,
                data: data.to_vec(),
            }),
            _ => {}
        }
    }
    if found.frame == 0 {
        return Err(broken("it has no picture"));
    }
    found.steps = tables.get(first_table).copied().flatten();
    found.complete = ids.iter().all(|id| scanned.contains(id));
    Ok(found)
}

/// Reads the quantization tables of one segment (ITU-T T.81 annex B.2.4.1).
fn quantization(mut data: &[u8], tables: &mut [Option<[u16; 64]>; 4]) {
    while let [head, rest @ ..] = data {
        let size = if head >> 4 == 0 { 1 } else { 2 };
        let (Some(steps), Some(table)) = (
            rest.get(..64 * size),
            tables.get_mut(usize::from(head & 15)),
        ) else {
            return;
        };
        let table = table.insert([0; 64]);
        for (step, &place) in steps.chunks_exact(size).zip(&ZIGZAG) {
            table[usize::from(place)] =
                step.iter().fold(0, |sum, &byte| sum << 8 | u16::from(byte));
        }
        data = &rest[64 * size..];
    }
}

/// The first marker after entropy-coded data that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(next) = bytes[at..].iter().position(|&byte| byte == 0xff) {
        at += next;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}

/// Moves the positions that a multi-picture index (CIPA DC-007) holds after its file changed.
///
/// `segment` is the index's segment data; `old` and `new` say where the TIFF header of the index
/// and the end of the first picture lay in the file, and where they lie now. `None` when the index
/// cannot be understood.
pub(super) fn moved_index(
    segment: &[u8],
    old: (usize, usize),
    new: (usize, usize),
) -> Option<Vec<u8>> {
    let mut result = segment.to_vec();
    let tiff = segment.strip_prefix(MPF)?;
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<usize> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(usize::from(if little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        }))
    };
    let long = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        } as usize)
    };
    let directory = long(4)?;
    let entries = (0..short(directory)?).find_map(|n| {
        let at = directory + 2 + n * 12;
        // 0xb002: the list of pictures, 16 bytes each.
        (short(at)? == 0xb002).then(|| Some((long(at + 8)?, long(at + 4)? / 16)))?
    })?;
    let mut put = |at: usize, value: usize| -> Option<()> {
        let value = u32::try_from(value).ok()?;
        let bytes = if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        };
        result
            .get_mut(MPF.len() + at..MPF.len() + at + 4)?
            .copy_from_slice(&bytes);
        Some(())
    };
    for n in 0..entries.1 {
        let at = entries.0 + n * 16;
        let offset = long(at + 8)?;
        if offset == 0 {
            // The first picture: its size is where it ends.
            put(at + 4, new.1)?;
        } else {
            let behind = (old.0 + offset).checked_sub(old.1)?;
            put(at + 8, (new.1 + behind).checked_sub(new.0)?)?;
        }
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(parts: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        for (marker, data) in parts {
            bytes.extend([0xff, *marker]);
            bytes.extend((data.len() as u16 + 2).to_be_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    const FRAME: &[u8] = &[8, 0, 2, 0, 3, 1, 1, 0x11, 0];

    #[test]
    fn markers_are_walked_to_the_end() {
        let mut bytes = file(&[
            (APP1, b"Exif\0\0abc"),
            (0xc0, FRAME),
            (COM, b"hello"),
            (0xda, &[1, 1, 0, 0, 63, 0]),
        ]);
        bytes.extend([1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xd9]);
        let end = bytes.len();
        bytes.extend(b"after");
        let found = layout(&bytes).unwrap();
        assert_eq!((found.width, found.height, found.components), (3, 2, 1));
        assert_eq!(found.end, Some(end));
        assert!(found.complete);
        assert_eq!(found.segment(Kind::Exif).unwrap().payload(), b"abc");
        assert_eq!(found.segments.len(), 2);
    }

    #[test]
    fn a_scan_that_is_missing_is_noticed() {
        let bytes = file(&[(0xc0, FRAME)]);
        let found = layout(&bytes).unwrap();
        assert!(!found.complete);
        assert_eq!(found.end, None);
    }

    #[test]
    fn profiles_are_split_and_joined() {
        let profile: Vec<u8> = (0..150_000u32).map(|n| (n % 251) as u8).collect();
        let mut segments = Segment::icc(&profile);
        assert_eq!(segments.len(), 3);
        segments.reverse();
        let parts: Vec<(u8, &[u8])> = segments
            .iter()
            .map(|segment| (segment.marker, &segment.data[..]))
            .collect();
        let mut bytes = file(&parts);
        bytes.extend(&file(&[(0xc0, FRAME)])[2..]);
        assert_eq!(layout(&bytes).unwrap().icc(), Some(profile));
        // Without one of the parts there is no profile.
        let mut bytes = file(&parts[1..]);
        bytes.extend(&file(&[(0xc0, FRAME)])[2..]);
        assert_eq!(layout(&bytes).unwrap().icc(), None);
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic() {
        for bytes in [
            &[0xff, 0xd8][..],
            &[0xff, 0xd8, 0xff],
            &[0xff, 0xd8, 0xff, 0xe0],
            &[0xff, 0xd8, 0xff, 0xe0, 0, 0],
            &[0xff, 0xd8, 0xff, 0xc0, 0, 3, 8],
            &[0xff, 0xd8, 0xff, 0xd9],
        ] {
            assert!(layout(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn multi_picture_positions_move_along() {
        // MPF header at 100, first picture ends at 1000, second begins at 1000.
        let mut index =
            b"MPF\0MM\0*\0\0\0\x08\0\x01\xb0\x02\0\x07\0\0\0\x20\0\0\0\x1a\0\0\0\0".to_vec();
        for (size, offset) in [(1000u32, 0u32), (500, 900)] {
            index.extend([0; 4]);
            index.extend(size.to_be_bytes());
            index.extend(offset.to_be_bytes());
            index.extend([0; 4]);
        }
        let moved = moved_index(&index, (100, 1000), (50, 700)).unwrap();
        let tail = &moved[moved.len() - 32..];
        assert_eq!(tail[4..8], 700u32.to_be_bytes());
        assert_eq!(tail[20..24], 500u32.to_be_bytes());
        assert_eq!(tail[24..28], 650u32.to_be_bytes());
        assert_eq!(moved_index(b"MPF\0XX", (0, 0), (0, 0)), None);
    }
}
