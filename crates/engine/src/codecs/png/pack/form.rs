//! The ways in which a picture can be stored: grey or colour, with a palette or without, in fewer
//! bits, with alpha or one colour that stands for it.

use std::collections::HashMap;

use crate::pixels::Image;

/// PNG's colour types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// Which colour types mean the same: an ICC profile is either for grey or for colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Any,
    Colours,
    Greys,
}

/// A picture as it may be stored, before filtering.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub width: u32,
    pub height: u32,
    pub colour: Colour,
    pub depth: u8,
    /// Red, green, blue, alpha of each entry, for [`Colour::Palette`].
    pub palette: Vec<[u8; 4]>,
    /// The value that stands for clear pixels, where there is no alpha channel.
    pub key: Option<[u8; 3]>,
    /// Rows without filter bytes.
    pub data: Vec<u8>,
}

impl Form {
    fn bits(&self) -> usize {
        let channels = match self.colour {
            Colour::Grey | Colour::Palette => 1,
            Colour::GreyAlpha => 2,
            Colour::Rgb => 3,
            Colour::Rgba => 4,
        };
        channels * usize::from(self.depth)
    }

    /// Bytes of a row.
    pub fn stride(&self) -> usize {
        (self.width as usize * self.bits()).div_ceil(8)
    }

    /// Bytes from a pixel to the next, at least one: how far filters look back.
    pub fn unit(&self) -> usize {
        (self.bits() / 8).max(1)
    }

    /// Puts a row of pixels into the form's data, from a place on; in channels of 8 bits.
    fn store(&mut self, row: &[u8], start: usize) {
        let (colour, key) = (self.colour, self.key);
        in_channels(colour, key, row, &mut self.data[start..]);
    }

    /// A row of pixels as this form stores it, in channels of 8 bits.
    pub fn stored(&self, row: &[u8], out: &mut [u8]) {
        in_channels(self.colour, self.key, row, out);
    }

    /// The pixels of a row in channels of 8 bits.
    pub fn pixels(&self, stored: &[u8], rgba: &mut Vec<u8>) {
        for pixel in stored.chunks_exact(self.unit()) {
            rgba.extend(match *pixel {
                [v] => [v, v, v, 255],
                [v, a] => [v, v, v, a],
                [r, g, b] => [r, g, b, 255],
                [r, g, b, a, ..] => [r, g, b, a],
                [] => [0; 4],
            });
        }
    }

    /// Whether some colours of this row do not show.
    pub fn hides(&self, row: &[u8]) -> bool {
        match self.colour {
            Colour::GreyAlpha | Colour::Rgba => {
                let unit = self.unit();
                row.chunks_exact(unit).any(|pixel| pixel[unit - 1] == 0)
            }
            _ => false,
        }
    }

    /// Palette and transparency as chunks.
    pub fn side_chunks(&self) -> Vec<([u8; 4], Vec<u8>)> {
        let mut chunks = Vec::new();
        if self.colour == Colour::Palette {
            let colours = self.palette.iter().flat_map(|&[r, g, b, _]| [r, g, b]);
            chunks.push((*b"PLTE", colours.collect()));
            let last = self.palette.iter().rposition(|entry| entry[3] != 255);
            if let Some(last) = last {
                let alphas = self.palette[..=last].iter().map(|entry| entry[3]);
                chunks.push((*b"tRNS", alphas.collect()));
            }
        }
        match (self.key, self.colour) {
            (Some([value, ..]), Colour::Grey) => chunks.push((*b"tRNS", vec![0, value])),
            (Some([r, g, b]), _) => chunks.push((*b"tRNS", vec![0, r, 0, g, 0, b])),
            _ => {}
        }
        chunks
    }

    /// Bytes of these chunks.
    pub fn side_bytes(&self) -> usize {
        let chunks = self.side_chunks();
        chunks.iter().map(|(_, data)| data.len() + 12).sum()
    }
}

/// What is in a picture. All clear pixels count as one colour.
pub(super) struct Facts {
    pub opaque: bool,
    /// Every pixel is either opaque or clear.
    pub binary: bool,
    pub grey: bool,
    /// The bits that the greys need.
    grey_depth: u8,
    /// The different colours, where they are at most 256.
    pub colours: Option<Vec<[u8; 4]>>,
}

impl Facts {
    pub fn of(image: &Image) -> Facts {
        let mut facts = Facts {
            opaque: true,
            binary: true,
            grey: true,
            grey_depth: 1,
            colours: None,
        };
        let mut colours: Vec<[u8; 4]> = Vec::new();
        let mut known: HashMap<[u8; 4], ()> = HashMap::new();
        let mut last = None;
        for pixel in image.rgba.chunks_exact(4) {
            let pixel = shown(pixel);
            if last == Some(pixel) {
                continue;
            }
            last = Some(pixel);
            let [r, g, b, a] = pixel;
            facts.opaque &= a == 255;
            facts.binary &= a == 0 || a == 255;
            if a != 0 {
                facts.grey &= r == g && g == b;
                facts.grey_depth = facts.grey_depth.max(depth_of(r));
            }
            if colours.len() <= 256 && known.insert(pixel, ()).is_none() {
                colours.push(pixel);
            }
        }
        facts.colours = (colours.len() <= 256).then_some(colours);
        facts
    }
}

fn in_channels(colour: Colour, key: Option<[u8; 3]>, row: &[u8], out: &mut [u8]) {
    let unit = match colour {
        Colour::Grey | Colour::Palette => 1,
        Colour::GreyAlpha => 2,
        Colour::Rgb => 3,
        Colour::Rgba => 4,
    };
    for (pixel, out) in row.chunks_exact(4).zip(out.chunks_exact_mut(unit)) {
        let [r, g, b, a] = match (shown(pixel), key) {
            ([_, _, _, 0], Some([r, g, b])) => [r, g, b, 0],
            (pixel, _) => pixel,
        };
        match colour {
            Colour::GreyAlpha => out.copy_from_slice(&[r, a]),
            _ => out.copy_from_slice(&[r, g, b, a][..unit]),
        }
    }
}

pub(super) fn shown(pixel: &[u8]) -> [u8; 4] {
    match *pixel {
        [_, _, _, 0] => [0; 4],
        [r, g, b, a] => [r, g, b, a],
        _ => [0; 4],
    }
}

/// The fewest bits that hold a grey.
fn depth_of(grey: u8) -> u8 {
    match grey {
        grey if grey % 255 == 0 => 1,
        grey if grey % 85 == 0 => 2,
        grey if grey % 17 == 0 => 4,
        _ => 8,
    }
}

/// The picture in channels of its own: no palette, and a key or fewer bits where these do.
pub(super) fn channels(image: &Image, facts: &Facts, space: Space) -> Form {
    let mut form = plain(image, facts, space);
    if !facts.opaque && facts.binary {
        let grey = form.colour == Colour::GreyAlpha;
        form.key = if grey {
            unused_grey(image)
        } else {
            unused_colour(image)
        };
        if form.key.is_some() {
            form.colour = if grey { Colour::Grey } else { Colour::Rgb };
        }
    }
    form.data = Vec::with_capacity(form.stride() * form.height as usize);
    for row in image.rgba.chunks_exact(image.width as usize * 4) {
        let start = form.data.len();
        form.data.resize(start + form.stride(), 0);
        form.store(row, start);
    }
    // A key needs a value of its own among the 256.
    if form.colour == Colour::Grey && form.key.is_none() && facts.grey_depth < 8 {
        form.depth = facts.grey_depth;
        form.data
            .iter_mut()
            .for_each(|grey| *grey >>= 8 - facts.grey_depth);
        form.data = squeezed(&form.data, image.width, form.depth);
    }
    form
}

/// The form of a picture in channels of 8 bits, alpha among them, whose values mean nothing but
/// themselves; without rows.
pub(super) fn plain(image: &Image, facts: &Facts, space: Space) -> Form {
    Form {
        width: image.width,
        height: image.height,
        colour: match (facts.grey && space != Space::Colours, !facts.opaque) {
            (true, false) => Colour::Grey,
            (true, true) => Colour::GreyAlpha,
            (false, false) => Colour::Rgb,
            (false, true) => Colour::Rgba,
        },
        depth: 8,
        palette: Vec::new(),
        key: None,
        data: Vec::new(),
    }
}

/// The picture as numbers of colours; these are in the order of the palette, at most 256.
pub(super) fn indexed(width: u32, height: u32, palette: &[[u8; 4]], indices: &[u8]) -> Form {
    let depth = match palette.len() {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let data = if depth < 8 {
        squeezed(indices, width, depth)
    } else {
        indices.to_vec()
    };
    Form {
        width,
        height,
        colour: Colour::Palette,
        depth,
        palette: palette.to_vec(),
        key: None,
        data,
    }
}

/// The number of each pixel's colour; all its colours are in the palette.
pub(super) fn numbered(image: &Image, palette: &[[u8; 4]]) -> Vec<u8> {
    let numbers: HashMap<[u8; 4], u8> = (0..=255).zip(palette).map(|(n, &c)| (c, n)).collect();
    let mut last = ([1, 2, 3, 0], 0);
    image
        .rgba
        .chunks_exact(4)
        .map(|pixel| {
            let pixel = shown(pixel);
            if pixel != last.0 {
                last = (pixel, numbers.get(&pixel).copied().unwrap_or(0));
            }
            last.1
        })
        .collect()
}

/// Samples of fewer than 8 bits, several to a byte, the first in the high bits; rows begin with
/// whole bytes.
fn squeezed(samples: &[u8], width: u32, depth: u8) -> Vec<u8> {
    let together = usize::from(8 / depth);
    let mut data = Vec::with_capacity(samples.len() / together + samples.len() / width as usize);
    for row in samples.chunks_exact(width as usize) {
        for part in row.chunks(together) {
            let mut byte = 0;
            for (at, sample) in part.iter().enumerate() {
                byte |= sample << (8 - usize::from(depth) * (at + 1));
            }
            data.push(byte);
        }
    }
    data
}

fn unused_grey(image: &Image) -> Option<[u8; 3]> {
    let mut used = [false; 256];
    for pixel in image.rgba.chunks_exact(4).filter(|pixel| pixel[3] != 0) {
        used[usize::from(pixel[0])] = true;
    }
    let free = (0..=255u8).find(|&grey| !used[usize::from(grey)])?;
    Some([free; 3])
}

fn unused_colour(image: &Image) -> Option<[u8; 3]> {
    // One bit for each colour that there is.
    let mut used = vec![0u64; 1 << 18];
    let number = |r: u8, g: u8, b: u8| u32::from_be_bytes([0, r, g, b]) as usize;
    for pixel in image.rgba.chunks_exact(4).filter(|pixel| pixel[3] != 0) {
        let at = number(pixel[0], pixel[1], pixel[2]);
        used[at / 64] |= 1 << (at % 64);
    }
    let word = used.iter().position(|&word| word != u64::MAX)?;
    let free = (word * 64) as u32 + used[word].trailing_ones();
    let [_, r, g, b] = free.to_be_bytes();
    Some([r, g, b])
}
