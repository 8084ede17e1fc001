use std::io::Read;

use whittle_core::Format;

use super::{Exif, gif, jpeg, png};

/// Everything in a file that is not the picture, texts inflated: where to look for a name or a
/// remark. Each text at most a megabyte.
pub fn metadata(format: Format, bytes: &[u8]) -> Vec<u8> {
    match format {
        Format::Jpeg => jpeg::segments(bytes)
            .into_iter()
            .filter(|(marker, _)| matches!(marker, 0xe1..=0xef | 0xfe))
            .flat_map(|(_, data)| data.to_vec())
            .collect(),
        Format::Png => png::chunks(bytes)
            .into_iter()
            .filter(|(name, _)| !matches!(*name, b"IDAT" | b"fdAT" | b"PLTE"))
            .flat_map(|(name, data)| text(name, data))
            .collect(),
        Format::Gif => gif::extensions(bytes),
        Format::Svg => {
            let mut opened = Vec::new();
            if bytes.starts_with(&[0x1f, 0x8b]) {
                let gzip = flate2::read::GzDecoder::new(bytes);
                // What cannot be opened has no metadata to find.
                let _ = gzip.take(64 << 20).read_to_end(&mut opened);
            } else {
                opened.extend_from_slice(bytes);
            }
            opened
        }
        Format::Webp | Format::Avif => bytes.to_vec(),
    }
}

/// The Exif block of a JPEG or PNG; empty where there is none.
pub fn exif(format: Format, bytes: &[u8]) -> Exif {
    let tiff = match format {
        Format::Jpeg => jpeg::exif(bytes),
        Format::Png => png::exif(bytes),
        _ => None,
    };
    tiff.map(Exif::read).unwrap_or_default()
}

fn text(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = |from: usize| {
        let mut inflated = Vec::new();
        let zlib = flate2::read::ZlibDecoder::new(data.get(from..).unwrap_or(&[]));
        let _ = zlib.take(1 << 20).read_to_end(&mut inflated);
        inflated
    };
    let end_of = |from: usize| {
        let rest = data.get(from..).unwrap_or(&[]);
        from + rest
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(rest.len())
            + 1
    };
    let mut all = data.to_vec();
    match name {
        b"zTXt" => all.extend(body(end_of(0) + 1)),
        b"iTXt" if data.get(end_of(0)) == Some(&1) => {
            all.extend(body(end_of(end_of(end_of(0) + 2))))
        }
        _ => {}
    }
    all
}
