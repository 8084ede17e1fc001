//! PNG: still pictures through lodepng, animations composed here.

use anyhow::{Context, Result, bail, ensure};
use lodepng::ColorType;

use super::colour::Colour;
use super::{Exif, Frame, Raster, upright};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// The chunks up to the end mark: name and data.
pub(super) fn chunks(bytes: &[u8]) -> Vec<(&[u8; 4], &[u8])> {
    let mut found = Vec::new();
    let mut at = SIGNATURE.len();
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name: &[u8; 4] = head[4..8].try_into().expect("four bytes");
        let Some(data) = bytes.get(at + 8..at + 8 + length) else {
            break;
        };
        found.push((name, data));
        if name == b"IEND" {
            break;
        }
        at += length + 12;
    }
    found
}

pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    first(&chunks(bytes), b"eXIf")
}

fn first<'a>(chunks: &[(&[u8; 4], &'a [u8])], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    chunks
        .iter()
        .find(|(name, _)| *name == wanted)
        .map(|(_, data)| *data)
}

pub(super) fn open(bytes: &[u8]) -> Result<Raster> {
    ensure!(bytes.starts_with(SIGNATURE), "no PNG");
    let chunks = chunks(bytes);
    let header = first(&chunks, b"IHDR").context("no header")?;
    ensure!(header.len() == 13, "a header of another length");
    let (width, height) = (word(header, 0)?, word(header, 4)?);
    let deep = header[8] == 16;
    let colour = colour(&chunks);
    let parts = parts(&chunks)?;
    if parts.is_empty() {
        let orientation = exif(bytes)
            .map(Exif::read)
            .unwrap_or_default()
            .orientation
            .unwrap_or(1);
        return still(bytes, &chunks, deep, orientation, colour);
    }
    let plays = word(first(&chunks, b"acTL").context("frames without acTL")?, 4)?;
    let side: Vec<u8> = chunks
        .iter()
        .filter(|(name, _)| matches!(*name, b"PLTE" | b"tRNS"))
        .flat_map(|(name, data)| chunk(name, data))
        .collect();
    let animated = parts.len() > 1;
    Ok(Raster {
        width,
        height,
        plays: animated.then_some(plays),
        colour,
        frames: Box::new(Player {
            canvas: vec![0; width as usize * height as usize * 4],
            width: width as usize,
            header: header.to_vec(),
            side,
            parts: parts.into_iter(),
            animated,
        }),
    })
}

fn still(
    bytes: &[u8],
    chunks: &[(&[u8; 4], &[u8])],
    deep: bool,
    orientation: u16,
    colour: Colour,
) -> Result<Raster> {
    ensure!(
        chunks.last().is_some_and(|(name, _)| *name == b"IEND"),
        "no end mark"
    );
    // The whole file, so that its checksums are checked, but for texts that may be bombs.
    let mut slim = SIGNATURE.to_vec();
    let mut at = SIGNATURE.len();
    for (name, data) in chunks {
        let end = at + data.len() + 12;
        if !matches!(*name, b"zTXt" | b"iTXt" | b"tEXt" | b"iCCP") {
            slim.extend_from_slice(bytes.get(at..end).context("the file ends too early")?);
        }
        at = end;
    }
    let frame;
    let (width, height);
    if deep {
        let (samples, stored_width, stored_height) = decoded16(&slim)?;
        let (samples, shown_width, shown_height) =
            upright(&samples, stored_width, stored_height, 4, orientation);
        (width, height) = (shown_width, shown_height);
        frame = Frame {
            deep: Some(samples.clone()),
            // Rounded, where lodepng itself would cut off.
            ..Frame::still(samples.iter().copied().map(rounded).collect())
        };
    } else {
        let (rgba, stored_width, stored_height) = decoded8(&slim)?;
        let (rgba, shown_width, shown_height) =
            upright(&rgba, stored_width, stored_height, 4, orientation);
        (width, height) = (shown_width, shown_height);
        frame = Frame::still(rgba);
    }
    Ok(Raster {
        width,
        height,
        plays: None,
        colour,
        frames: Box::new(std::iter::once(Ok(frame))),
    })
}

fn decoded8(png: &[u8]) -> Result<(Vec<u8>, u32, u32)> {
    let lodepng::Image::RGBA(bitmap) =
        lodepng::decode_memory(png, ColorType::RGBA, 8).context("lodepng")?
    else {
        bail!("lodepng gave another kind of pixels");
    };
    let rgba = bitmap
        .buffer
        .iter()
        .flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a])
        .collect();
    Ok((rgba, bitmap.width as u32, bitmap.height as u32))
}

fn decoded16(png: &[u8]) -> Result<(Vec<u16>, u32, u32)> {
    let lodepng::Image::RGBA16(bitmap) =
        lodepng::decode_memory(png, ColorType::RGBA, 16).context("lodepng")?
    else {
        bail!("lodepng gave another kind of pixels");
    };
    let samples = bitmap
        .buffer
        .iter()
        .flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a])
        // lodepng leaves 16-bit samples as they are stored: the high byte first.
        .map(u16::from_be)
        .collect();
    Ok((samples, bitmap.width as u32, bitmap.height as u32))
}

fn rounded(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32_767) / 65_535) as u8
}

/// The order of precedence is the specification's: cICP, iCCP, sRGB, gAMA with cHRM.
fn colour(chunks: &[(&[u8; 4], &[u8])]) -> Colour {
    if let Some(&[primaries, transfer, matrix, full]) = first(chunks, b"cICP") {
        return Colour::Cicp([primaries, transfer, matrix, full]);
    }
    if let Some(profile) = first(chunks, b"iCCP").and_then(profile) {
        return Colour::Icc(profile);
    }
    if first(chunks, b"sRGB").is_some() {
        return Colour::Srgb;
    }
    match first(chunks, b"gAMA").and_then(|data| word(data, 0).ok()) {
        Some(gamma) => Colour::Gamma {
            gamma,
            primaries: first(chunks, b"cHRM")
                .filter(|data| data.len() == 32)
                .map(|data| std::array::from_fn(|at| word(data, at * 4).expect("32 bytes"))),
        },
        None => Colour::Srgb,
    }
}

fn profile(data: &[u8]) -> Option<Vec<u8>> {
    let name = data.iter().position(|&byte| byte == 0)?;
    let mut profile = Vec::new();
    let zlib = flate2::read::ZlibDecoder::new(data.get(name + 2..)?);
    std::io::Read::read_to_end(&mut std::io::Read::take(zlib, 16 << 20), &mut profile).ok()?;
    Some(profile)
}

/// A frame of an animation, as the file has it.
struct Part {
    width: usize,
    height: usize,
    left: usize,
    top: usize,
    milliseconds: f64,
    dispose: u8,
    blend: u8,
    data: Vec<u8>,
}

/// The frames of the animation; none in a still picture.
fn parts(chunks: &[(&[u8; 4], &[u8])]) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut sequence = 0;
    if first(chunks, b"acTL").is_none() {
        return Ok(parts);
    }
    let mut in_order = |data: &[u8]| -> Result<()> {
        ensure!(word(data, 0)? == sequence, "a frame out of sequence");
        sequence += 1;
        Ok(())
    };
    for (name, data) in chunks {
        match *name {
            b"fcTL" => {
                ensure!(data.len() == 26, "a frame control of another length");
                in_order(data)?;
                let [width, height, left, top] = [
                    word(data, 4)?,
                    word(data, 8)?,
                    word(data, 12)?,
                    word(data, 16)?,
                ]
                .map(|value| value as usize);
                let parts_of_a_second = match u16::from_be_bytes([data[22], data[23]]) {
                    0 => 100,
                    given => given,
                };
                parts.push(Part {
                    width,
                    height,
                    left,
                    top,
                    milliseconds: f64::from(u16::from_be_bytes([data[20], data[21]])) * 1000.0
                        / f64::from(parts_of_a_second),
                    dispose: data[24],
                    blend: data[25],
                    data: Vec::new(),
                });
            }
            // Before the first frame control, it is a still picture that is not shown.
            b"IDAT" => {
                if let Some(part) = parts.last_mut() {
                    part.data.extend_from_slice(data);
                }
            }
            b"fdAT" => {
                in_order(data)?;
                parts
                    .last_mut()
                    .context("frame data before its control")?
                    .data
                    .extend_from_slice(&data[4..]);
            }
            _ => {}
        }
    }
    let count = word(first(chunks, b"acTL").context("no acTL")?, 0)?;
    ensure!(
        parts.len() == count as usize,
        "{} frames where {count} are announced",
        parts.len()
    );
    Ok(parts)
}

struct Player {
    canvas: Vec<u8>,
    width: usize,
    header: Vec<u8>,
    side: Vec<u8>,
    parts: std::vec::IntoIter<Part>,
    animated: bool,
}

impl Iterator for Player {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Result<Frame>> {
        let part = self.parts.next()?;
        Some(self.play(&part))
    }
}

impl Player {
    fn play(&mut self, part: &Part) -> Result<Frame> {
        let height = self.canvas.len() / 4 / self.width;
        ensure!(
            part.left + part.width <= self.width && part.top + part.height <= height,
            "a frame over the edge"
        );
        let mut header = self.header.clone();
        header[..4].copy_from_slice(&(part.width as u32).to_be_bytes());
        header[4..8].copy_from_slice(&(part.height as u32).to_be_bytes());
        let alone = [
            &SIGNATURE[..],
            &chunk(b"IHDR", &header),
            &self.side,
            &chunk(b"IDAT", &part.data),
            &chunk(b"IEND", b""),
        ]
        .concat();
        let pixels = if self.header[8] == 16 {
            let (samples, _, _) = decoded16(&alone)?;
            samples.into_iter().map(rounded).collect()
        } else {
            decoded8(&alone)?.0
        };
        let before = (part.dispose == 2).then(|| self.canvas.clone());
        for (y, row) in pixels.chunks_exact(part.width * 4).enumerate() {
            let start = ((part.top + y) * self.width + part.left) * 4;
            let place = &mut self.canvas[start..start + row.len()];
            if part.blend == 0 {
                place.copy_from_slice(row);
            } else {
                for (under, over) in place.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
                    lay_over(under, over);
                }
            }
        }
        let frame = Frame {
            milliseconds: if self.animated {
                part.milliseconds
            } else {
                0.0
            },
            ..Frame::still(self.canvas.clone())
        };
        match before {
            Some(before) => self.canvas = before,
            None if part.dispose == 1 => {
                for y in part.top..part.top + part.height {
                    let start = (y * self.width + part.left) * 4;
                    self.canvas[start..start + part.width * 4].fill(0);
                }
            }
            None => {}
        }
        Ok(frame)
    }
}

/// Porter and Duff's "over" with straight alpha.
fn lay_over(under: &mut [u8], over: &[u8]) {
    match over[3] {
        0 => {}
        255 => under.copy_from_slice(over),
        alpha => {
            let (above, below) = (
                f64::from(alpha) / 255.0,
                f64::from(under[3]) / 255.0 * (1.0 - f64::from(alpha) / 255.0),
            );
            let whole = above + below;
            for channel in 0..3 {
                let mixed =
                    (f64::from(over[channel]) * above + f64::from(under[channel]) * below) / whole;
                under[channel] = mixed.round() as u8;
            }
            under[3] = (whole * 255.0).round() as u8;
        }
    }
}

fn word(data: &[u8], at: usize) -> Result<u32> {
    let bytes = data.get(at..at + 4).context("a chunk is too short")?;
    Ok(u32::from_be_bytes(bytes.try_into()?))
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    crate::fixtures::png::chunk(name, data)
}
