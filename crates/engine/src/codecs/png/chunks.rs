//! The chunks of a PNG file (PNG Third Edition), without its pixels.

use std::io::Read;

use flate2::read::ZlibDecoder;
use whittle_core::{Format, Limits, Metadata};

use super::pack::Space;
use crate::colour::{Profile, ToSrgb, chromaticities_to_srgb, cicp_to_srgb};
use crate::metadata::{ExifFacts, Orientation, Rights, kept_exif, read_exif, xmp_rights};
use crate::{Error, Result};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The longest text that is looked at for a name.
const TEXT_LIMIT: u64 = 64 * 1024;

/// The keyword of XMP metadata.
const XMP: &str = "XML:com.adobe.xmp";

#[derive(Clone, Debug)]
pub(super) struct Chunk<'a> {
    pub name: [u8; 4],
    pub data: &'a [u8],
}

/// A file as its chunks.
pub(super) struct Chunks<'a> {
    pub width: u32,
    pub height: u32,
    pub animated: bool,
    list: Vec<Chunk<'a>>,
    /// Whether bytes follow the end chunk.
    trailing: bool,
    pub orientation: Orientation,
    rights: Rights,
    private: Vec<&'static str>,
}

/// Reads the list of chunks. Optional chunks with a wrong checksum are left out.
pub(super) fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Chunks<'a>> {
    let broken = |reason| Error::undecodable(Format::Png, reason);
    let mut list = Vec::new();
    let mut at = SIGNATURE.len();
    let mut ended = false;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = [head[4], head[5], head[6], head[7]];
        let Some(data) = bytes.get(at + 8..).and_then(|rest| rest.get(..length)) else {
            return Err(broken("it ends in the middle of its image data"));
        };
        let Some(stored) = bytes.get(at + 8 + length..at + 12 + length) else {
            return Err(broken("it ends too early"));
        };
        at += 12 + length;
        let critical = name[0].is_ascii_uppercase();
        let intact = stored == crc(&name, data).to_be_bytes();
        if critical && !intact {
            return Err(broken("a checksum is wrong"));
        }
        if name == *b"CgBI" {
            return Err(Error::unsupported(
                Format::Png,
                "This PNG was made for iOS apps by Xcode, so it is left as it is.",
            ));
        }
        if critical && !matches!(&name, b"IHDR" | b"PLTE" | b"IDAT" | b"IEND") {
            return Err(Error::unsupported(
                Format::Png,
                "This PNG has parts that Whittle does not know, so it is left as it is.",
            ));
        }
        if intact {
            list.push(Chunk { name, data });
        }
        if name == *b"IEND" {
            ended = true;
            break;
        }
    }
    if !ended {
        return Err(broken("it ends too early"));
    }
    let Some(Chunk { name, data }) = list.first() else {
        return Err(broken("it has no header"));
    };
    if name != b"IHDR" || data.len() != 13 {
        return Err(broken("it has no header"));
    }
    let long = |at: usize| u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
    let (width, height) = (long(0), long(4));
    let mut chunks = Chunks {
        width,
        height,
        animated: list.iter().any(|chunk| chunk.name == *b"acTL"),
        trailing: at < bytes.len(),
        orientation: Orientation::UPRIGHT,
        rights: Rights::default(),
        private: Vec::new(),
        list,
    };
    chunks.read_metadata(limits);
    Ok(chunks)
}

/// The direction that an Exif chunk tells, found by walking over the lengths of the chunks alone.
pub(super) fn orientation(bytes: &[u8]) -> Orientation {
    let mut at = SIGNATURE.len();
    while let Some(&[a, b, c, d, ref name @ ..]) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if name == b"eXIf" {
            let data = bytes.get(at + 8..).and_then(|rest| rest.get(..length));
            return data.map_or(Orientation::UPRIGHT, |tiff| read_exif(tiff).orientation);
        }
        at = at.saturating_add(length).saturating_add(12);
    }
    Orientation::UPRIGHT
}

impl<'a> Chunks<'a> {
    pub fn find(&self, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.list
            .iter()
            .find(|chunk| chunk.name == *name)
            .map(|chunk| chunk.data)
    }

    /// All chunks, for tests that change some.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        self.list.iter().map(|chunk| (chunk.name, chunk.data))
    }

    /// The parts of the pixels' data.
    pub fn pixels(&self) -> impl Iterator<Item = &'a [u8]> {
        let parts = self.list.iter().filter(|chunk| chunk.name == *b"IDAT");
        parts.map(|chunk| chunk.data)
    }

    /// The chunks beside header, palette, transparency and pixels.
    pub fn optional(&self) -> impl Iterator<Item = &Chunk<'a>> {
        self.list
            .iter()
            .filter(|chunk| !matches!(&chunk.name, b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" | b"tRNS"))
    }

    /// A profile that only says sRGB becomes the chunk that says so in a byte; gamma and
    /// chromaticities that are sRGB's own go where sRGB is named, since they are then ignored.
    pub fn shorten_colour(&mut self, limits: &Limits) {
        if self.find(b"cICP").is_some() {
            return;
        }
        let profile = self.profile(limits);
        if profile.as_ref().is_some_and(Profile::is_srgb) {
            let named = self.find(b"sRGB").is_some();
            self.list.retain(|chunk| !(named && chunk.name == *b"iCCP"));
            for chunk in &mut self.list {
                if chunk.name == *b"iCCP" {
                    // Intent 0, perceptual, as the profile is of a display.
                    *chunk = Chunk {
                        name: *b"sRGB",
                        data: &[0],
                    };
                }
            }
        } else if profile.is_some() || self.find(b"sRGB").is_none() {
            return;
        }
        let plain = self.find(b"gAMA").is_none_or(|data| {
            matches!(*data, [a, b, c, d] if u32::from_be_bytes([a, b, c, d]).abs_diff(45_455) <= 50)
        }) && self.chromaticities().is_none();
        if plain {
            self.list
                .retain(|chunk| !matches!(&chunk.name, b"gAMA" | b"cHRM"));
        }
    }

    pub fn profile(&self, limits: &Limits) -> Option<Profile> {
        let data = self.find(b"iCCP")?;
        let name = data.iter().position(|&byte| byte == 0)?;
        let packed = data.get(name + 2..)?;
        inflated(packed, limits.inflated_bytes as u64).map(Profile)
    }

    /// How the picture's values become sRGB: the chunk of the highest rank says so (cICP, iCCP,
    /// sRGB, gAMA).
    pub fn to_srgb(&self, grey: bool, limits: &Limits) -> ToSrgb {
        if let Some(&[primaries, transfer, ..]) = self.find(b"cICP") {
            return cicp_to_srgb(primaries, transfer);
        }
        if let Some(profile) = self.profile(limits) {
            return profile.to_srgb(grey);
        }
        if self.find(b"sRGB").is_some() {
            return ToSrgb::Same;
        }
        let Some(&[a, b, c, d]) = self.find(b"gAMA") else {
            return ToSrgb::Same;
        };
        let gamma = f64::from(u32::from_be_bytes([a, b, c, d])) / 100_000.0;
        // 1/2.2 stands for sRGB's own curve by long custom; nonsense is ignored.
        let exponent = ((gamma - 0.454_55).abs() > 0.001 && (0.1..=10.0).contains(&gamma))
            .then(|| 1.0 / gamma);
        self.chromaticities()
            .and_then(|points| chromaticities_to_srgb(exponent, points))
            .unwrap_or(exponent.map_or(ToSrgb::Same, ToSrgb::Gamma))
    }

    /// x and y of white, red, green and blue, where they differ from sRGB's.
    fn chromaticities(&self) -> Option<[f64; 8]> {
        const SRGB: [u32; 8] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
        let data = self.find(b"cHRM").filter(|data| data.len() == 32)?;
        let points: [u32; 8] = std::array::from_fn(|at| {
            let at = at * 4;
            u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]])
        });
        let differ = points.iter().zip(SRGB).any(|(a, b)| a.abs_diff(b) > 10);
        differ.then(|| points.map(|point| f64::from(point) / 100_000.0))
    }

    /// Which colour types the picture may take: an ICC profile is for greys or for colours.
    pub fn space(&self, grey: bool) -> Space {
        match (self.find(b"iCCP"), grey) {
            (None, _) => Space::Any,
            (Some(_), true) => Space::Greys,
            (Some(_), false) => Space::Colours,
        }
    }

    /// Whether it is brighter than sRGB can show (by the PQ or HLG curve of ITU-R BT.2100): then no
    /// score in sRGB stands for how it looks.
    pub fn is_hdr(&self) -> bool {
        matches!(self.find(b"cICP"), Some([_, 16 | 18, ..]))
    }

    fn read_metadata(&mut self, limits: &Limits) {
        let mut rights = Rights::default();
        for chunk in &self.list {
            match &chunk.name {
                b"eXIf" => {
                    let ExifFacts {
                        orientation,
                        rights: found,
                        private,
                    } = read_exif(chunk.data);
                    self.orientation = orientation;
                    rights = rights.or(found);
                    self.private.extend(private);
                }
                b"tEXt" | b"zTXt" | b"iTXt" => {
                    let Some((keyword, text)) = text_of(chunk) else {
                        continue;
                    };
                    let found = match keyword.as_str() {
                        "Author" => Rights {
                            artist: Some(text),
                            copyright: None,
                        },
                        "Copyright" => Rights {
                            artist: None,
                            copyright: Some(text),
                        },
                        XMP => xmp_rights(text.as_bytes(), limits),
                        _ => continue,
                    };
                    rights = rights.or(found);
                }
                _ => {}
            }
        }
        self.rights = rights;
    }

    /// The file with the chunks that stay under a policy, and what was removed, in words.
    pub fn kept(&self, policy: Metadata) -> (Vec<u8>, Vec<String>) {
        let mut removed: Vec<String> = Vec::new();
        let mut tell = |what: &str| {
            if !removed.iter().any(|known| known == what) {
                removed.push(what.to_owned());
            }
        };
        let mut file = SIGNATURE.to_vec();
        for chunk in &self.list {
            let stays = match &chunk.name {
                name if belongs_to_picture(name) => true,
                // A signed manifest and offsets into the data are void once the data changed.
                b"caBX" | b"iDOT" => false,
                _ => policy == Metadata::Keep,
            };
            if stays {
                push(&mut file, &chunk.name, chunk.data);
            } else {
                match &chunk.name {
                    b"eXIf" => self.private.iter().for_each(|what| tell(what)),
                    b"tEXt" | b"zTXt" | b"iTXt" => match keyword(chunk.data) {
                        XMP => tell("XMP metadata"),
                        "Author" | "Copyright" if policy == Metadata::Copyright => {}
                        _ => tell("texts"),
                    },
                    b"tIME" => tell("time of the last change"),
                    b"bKGD" => tell("background colour"),
                    b"hIST" | b"sPLT" | b"sBIT" => tell("colour hints"),
                    b"caBX" => tell("content credentials"),
                    _ => tell("application data"),
                }
            }
            if chunk.name == *b"IHDR" && policy != Metadata::Keep {
                // Before the picture, so that readers that stop early find the direction.
                let exif = kept_exif(policy, None, self.orientation, &self.rights);
                if let Some(tiff) = exif {
                    push(&mut file, b"eXIf", &tiff);
                }
            }
        }
        if self.trailing {
            tell("data after the picture");
        }
        (file, removed)
    }

    /// The file with what the policy keeps of the metadata of another one, whose picture it shows. The
    /// direction is its own: who made it may have turned the pixels.
    pub fn with_metadata_of(mut self, other: &Chunks<'a>, policy: Metadata) -> Vec<u8> {
        if policy == Metadata::Keep {
            let lost = other.list.iter().filter(|chunk| match &chunk.name {
                b"eXIf" => self.find(b"eXIf").is_none() && self.orientation == other.orientation,
                b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" => !self
                    .list
                    .iter()
                    .any(|own| own.name == chunk.name && keyword(own.data) == keyword(chunk.data)),
                _ => false,
            });
            let lost: Vec<Chunk<'a>> = lost.cloned().collect();
            self.list.splice(1..1, lost);
        }
        self.rights = other.rights.clone();
        self.kept(policy).0
    }

    /// The chunks that a resized picture carries: its colour, and the rights unless all is stripped.
    pub fn for_derivative(&self, policy: Metadata) -> Vec<([u8; 4], Vec<u8>)> {
        let mut chunks: Vec<([u8; 4], Vec<u8>)> = self
            .list
            .iter()
            .filter(|chunk| matches!(&chunk.name, b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cICP"))
            .map(|chunk| (chunk.name, chunk.data.to_vec()))
            .collect();
        let policy = match policy {
            Metadata::Keep => Metadata::Copyright,
            policy => policy,
        };
        if let Some(tiff) = kept_exif(policy, None, Orientation::UPRIGHT, &self.rights) {
            chunks.push((*b"eXIf", tiff));
        }
        chunks
    }
}

/// Chunks that say how the picture looks, or how large it is meant to be shown.
fn belongs_to_picture(name: &[u8; 4]) -> bool {
    matches!(
        name,
        b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" | b"tRNS" | b"acTL" | b"fcTL" | b"fdAT"
            | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"cICP" | b"mDCV" | b"cLLI" | b"pHYs"
            // Android's nine-patch layout.
            | b"npTc" | b"npOl" | b"npLb"
    )
}

pub(super) fn push(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(name);
    file.extend(data);
    file.extend(crc(name, data).to_be_bytes());
}

fn crc(name: &[u8; 4], data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    crc.sum()
}

fn keyword(data: &[u8]) -> &str {
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(0);
    std::str::from_utf8(&data[..end]).unwrap_or("")
}

/// Keyword and text of a text chunk, opened up to a limit.
fn text_of(chunk: &Chunk<'_>) -> Option<(String, String)> {
    let keyword = keyword(chunk.data);
    let rest = chunk.data.get(keyword.len() + 1..)?;
    let latin = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|&byte| char::from(byte))
            .collect::<String>()
    };
    let text = match &chunk.name {
        b"tEXt" => latin(rest.get(..rest.len().min(TEXT_LIMIT as usize))?),
        b"zTXt" => latin(&inflated(rest.get(1..)?, TEXT_LIMIT)?),
        _ => {
            let (packed, rest) = (*rest.first()? == 1, rest.get(2..)?);
            let language = rest.iter().position(|&byte| byte == 0)?;
            let rest = rest.get(language + 1..)?;
            let translated = rest.iter().position(|&byte| byte == 0)?;
            let rest = rest.get(translated + 1..)?;
            let limit = if keyword == XMP { 4 << 20 } else { TEXT_LIMIT };
            let bytes = if packed {
                inflated(rest, limit)?
            } else {
                rest.get(..rest.len().min(limit as usize))?.to_vec()
            };
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let text = text.trim().to_owned();
    (!text.is_empty()).then(|| (keyword.to_owned(), text))
}

/// Opens zlib data; `None` if it is broken or opens to more than `limit` bytes.
fn inflated(packed: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut opened = Vec::new();
    ZlibDecoder::new(packed)
        .take(limit + 1)
        .read_to_end(&mut opened)
        .ok()?;
    (opened.len() as u64 <= limit).then_some(opened)
}
