//! A GIF reader of our own: blocks, LZW, composition.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::colour::Colour;
use super::{Frame, Raster};

pub(super) fn open(bytes: &[u8]) -> Result<Raster> {
    let file = parsed(bytes)?;
    ensure!(!file.images.is_empty(), "a GIF without an image");
    ensure!(file.ended, "a GIF without its end mark");
    let (width, height) = (u32::from(file.width), u32::from(file.height));
    ensure!(width > 0 && height > 0, "an empty canvas");
    Ok(Raster {
        width,
        height,
        plays: file.plays,
        // A profile in an application extension is not honoured by any viewer.
        colour: Colour::Srgb,
        frames: Box::new(Player {
            canvas: vec![0; width as usize * height as usize * 4],
            file,
            next: 0,
        }),
    })
}

/// Comments and application data.
pub(super) fn extensions(bytes: &[u8]) -> Vec<u8> {
    parsed(bytes)
        .map(|file| file.extensions)
        .unwrap_or_default()
}

struct File {
    width: u16,
    height: u16,
    plays: Option<u32>,
    extensions: Vec<u8>,
    images: Vec<Image>,
    ended: bool,
}

struct Image {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    interlaced: bool,
    palette: Arc<[u8]>,
    transparent: Option<u8>,
    disposal: u8,
    hundredths: u16,
    code_size: u8,
    data: Vec<u8>,
}

/// Reads all blocks; nothing is decompressed yet.
fn parsed(bytes: &[u8]) -> Result<File> {
    let mut input = Input { bytes, at: 0 };
    ensure!(matches!(input.take(6)?, b"GIF87a" | b"GIF89a"), "no GIF");
    let (width, height) = (input.u16()?, input.u16()?);
    let flags = input.u8()?;
    input.take(2)?;
    let global: Arc<[u8]> = input.palette(flags)?.into();
    let mut file = File {
        width,
        height,
        plays: None,
        extensions: Vec::new(),
        images: Vec::new(),
        ended: false,
    };
    let mut control = [0u8; 4];
    loop {
        // Files end in every possible way; whoever needs the end mark asks for `ended`.
        let Ok(block) = input.u8() else { break };
        match block {
            0x21 => {
                let label = input.u8()?;
                let blocks = input.sub_blocks()?;
                match label {
                    0xf9 => {
                        let first = blocks.first().context("an empty control extension")?;
                        control = first
                            .get(..4)
                            .context("a short control extension")?
                            .try_into()?;
                    }
                    0xff if matches!(blocks.first(), Some(&(b"NETSCAPE2.0" | b"ANIMEXTS1.0"))) => {
                        if let Some(&[1, low, high, ..]) = blocks.get(1) {
                            file.plays = Some(u32::from(u16::from_le_bytes([*low, *high])));
                        }
                    }
                    _ => file.extensions.extend(blocks.concat()),
                }
            }
            0x2c => {
                let [left, top, width, height] =
                    [input.u16()?, input.u16()?, input.u16()?, input.u16()?].map(usize::from);
                let flags = input.u8()?;
                let local = input.palette(flags)?;
                let code_size = input.u8()?;
                let data = input.sub_blocks()?.concat();
                file.images.push(Image {
                    left,
                    top,
                    width,
                    height,
                    interlaced: flags & 0x40 != 0,
                    palette: if flags & 0x80 != 0 {
                        local.into()
                    } else {
                        Arc::clone(&global)
                    },
                    transparent: (control[0] & 1 == 1).then_some(control[3]),
                    disposal: control[0] >> 2 & 7,
                    hundredths: u16::from_le_bytes([control[1], control[2]]),
                    code_size,
                    data,
                });
                control = [0; 4];
            }
            0x3b => {
                file.ended = true;
                break;
            }
            other => bail!("an unknown block {other:#x}"),
        }
    }
    Ok(file)
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let part = self
            .bytes
            .get(self.at..self.at + length)
            .context("the file ends too early")?;
        self.at += length;
        Ok(part)
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.take(2)?.try_into()?))
    }

    fn palette(&mut self, flags: u8) -> Result<&'a [u8]> {
        if flags & 0x80 == 0 {
            return Ok(&[]);
        }
        self.take(3 * (2 << (flags & 7)))
    }

    fn sub_blocks(&mut self) -> Result<Vec<&'a [u8]>> {
        let mut blocks = Vec::new();
        loop {
            match self.u8()? {
                0 => return Ok(blocks),
                length => blocks.push(self.take(usize::from(length))?),
            }
        }
    }
}

/// Plays a file on a canvas that begins transparent.
struct Player {
    file: File,
    canvas: Vec<u8>,
    next: usize,
}

impl Iterator for Player {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Result<Frame>> {
        let image = self.file.images.get(self.next)?;
        self.next += 1;
        let indices = match decompressed(image.code_size, &image.data, image.width * image.height) {
            Ok(indices) => indices,
            Err(error) => return Some(Err(error.context(format!("frame {}", self.next)))),
        };
        let (canvas_width, canvas_height) =
            (usize::from(self.file.width), usize::from(self.file.height));
        let before = (image.disposal == 3).then(|| self.canvas.clone());
        for (at, &index) in indices.iter().enumerate() {
            let (x, y) = (
                image.left + at % image.width,
                image.top + image.row(at / image.width),
            );
            let colour = image
                .palette
                .get(usize::from(index) * 3..usize::from(index) * 3 + 3);
            if let Some(&[r, g, b]) = colour
                && image.transparent != Some(index)
                && x < canvas_width
                && y < canvas_height
            {
                let start = (y * canvas_width + x) * 4;
                self.canvas[start..start + 4].copy_from_slice(&[r, g, b, 255]);
            }
        }
        let still = self.file.images.len() == 1;
        let frame = Frame {
            milliseconds: if still { 0.0 } else { shown(image.hundredths) },
            ..Frame::still(self.canvas.clone())
        };
        match before {
            Some(before) => self.canvas = before,
            None if image.disposal == 2 => {
                for y in image.top.min(canvas_height)..(image.top + image.height).min(canvas_height)
                {
                    let left = image.left.min(canvas_width);
                    let right = (image.left + image.width).min(canvas_width);
                    self.canvas[(y * canvas_width + left) * 4..(y * canvas_width + right) * 4]
                        .fill(0);
                }
            }
            None => {}
        }
        Some(Ok(frame))
    }
}

/// How long browsers really show a frame: 0 and 1 hundredths count as 10.
fn shown(hundredths: u16) -> f64 {
    if hundredths < 2 {
        100.0
    } else {
        f64::from(hundredths) * 10.0
    }
}

impl Image {
    /// The row on the picture of a row in the file.
    fn row(&self, stored: usize) -> usize {
        if !self.interlaced {
            return stored;
        }
        let mut rest = stored;
        for (first, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
            let rows = self.height.saturating_sub(first).div_ceil(step);
            if rest < rows {
                return first + rest * step;
            }
            rest -= rows;
        }
        unreachable!("a picture has no more rows than its height")
    }
}

/// LZW with codes of growing length. Gives at most `limit` indices; fewer when the data ends.
fn decompressed(code_size: u8, data: &[u8], limit: usize) -> Result<Vec<u8>> {
    ensure!(
        (1..=11).contains(&code_size),
        "an impossible code size {code_size}"
    );
    let clear = 1usize << code_size;
    // Each code stands for the string of an earlier code and one more index.
    let mut prefixes = [0u16; 4096];
    let mut suffixes = [0u8; 4096];
    let mut lengths = [1usize; 4096];
    for (index, suffix) in suffixes.iter_mut().enumerate().take(clear) {
        *suffix = index as u8;
    }
    let mut out: Vec<u8> = Vec::with_capacity(limit);
    let (mut bits, mut filled, mut width) = (0u32, 0u32, u32::from(code_size) + 1);
    let (mut free, mut previous) = (clear + 2, None::<usize>);
    for &byte in data {
        bits |= u32::from(byte) << filled;
        filled += 8;
        while filled >= width {
            let code = (bits & ((1 << width) - 1)) as usize;
            bits >>= width;
            filled -= width;
            if code == clear {
                (free, previous, width) = (clear + 2, None, u32::from(code_size) + 1);
                continue;
            }
            if code == clear + 1 || out.len() >= limit {
                out.truncate(limit);
                return Ok(out);
            }
            ensure!(
                code < free || (code == free && previous.is_some()),
                "a code that is not in the table"
            );
            let start = out.len();
            let known = if code < free {
                code
            } else {
                previous.expect("checked")
            };
            out.resize(start + lengths[known], 0);
            let mut walk = known;
            for place in out[start..].iter_mut().rev() {
                *place = suffixes[walk];
                walk = usize::from(prefixes[walk]);
            }
            let first = out[start];
            if code == free {
                out.push(first);
            }
            if let Some(previous) = previous
                && free < 4096
            {
                prefixes[free] = previous as u16;
                suffixes[free] = first;
                lengths[free] = lengths[previous] + 1;
                free += 1;
                if free == 1 << width && width < 12 {
                    width += 1;
                }
            }
            previous = Some(code);
        }
    }
    out.truncate(limit);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_encoder_packed_is_unpacked() {
        for (code_size, length) in [(2u8, 1usize), (4, 5000), (8, 60_000)] {
            let indices: Vec<u8> = (0..length)
                .map(|at| (at * at / 7 % (1 << code_size)) as u8)
                .collect();
            let packed = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, code_size)
                .encode(&indices)
                .unwrap();
            assert_eq!(decompressed(code_size, &packed, length).unwrap(), indices);
        }
    }

    #[test]
    fn rows_of_an_interlaced_picture_are_each_shown_once() {
        let image = Image {
            left: 0,
            top: 0,
            width: 1,
            height: 13,
            interlaced: true,
            palette: Arc::new([]),
            transparent: None,
            disposal: 0,
            hundredths: 0,
            code_size: 2,
            data: Vec::new(),
        };
        let rows: Vec<usize> = (0..13).map(|row| image.row(row)).collect();
        assert_eq!(rows, [0, 8, 4, 12, 2, 6, 10, 1, 3, 5, 7, 9, 11]);
    }
}
