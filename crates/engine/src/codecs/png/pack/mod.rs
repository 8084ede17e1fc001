//! Pixels into the smallest PNG: the form, the order of the palette, the filters, the deflate.
//!
//! Candidates are compared by a quick deflate, which ranks them as the thorough one would in nearly
//! all cases; only the best is packed thoroughly.

mod deflate;
mod filter;
mod form;
mod near;
mod order;
mod search;
mod weigh;

use std::borrow::Cow;

use whittle_core::{Cancel, Effort};

use super::chunks::{SIGNATURE, push};
use crate::pixels::Image;
use crate::quantize::Quantized;
use crate::{Error, Result};
pub(super) use form::Space;
use form::{Colour, Facts, Form, channels, indexed, numbered, plain, shown};
use near::approximate;
use search::{Look, first_look, thorough};

/// The level of libdeflate at which candidates are compared.
const QUICK: i32 = 6;

/// A picture with a palette is stored without it where that may be smaller: up to so many pixels.
const LITTLE: usize = 64 * 1024;

/// How to pack.
#[derive(Clone, Copy)]
pub(super) struct Packing<'a> {
    pub effort: Effort,
    pub space: Space,
    /// Only with a palette, where the colours allow one.
    pub indexed: bool,
    pub cancel: &'a Cancel,
}

/// A picture packed, before other chunks are added.
pub(super) struct Packed {
    header: Vec<u8>,
    side: Vec<([u8; 4], Vec<u8>)>,
    data: Vec<u8>,
}

impl Packed {
    fn of(form: &Form, data: Vec<u8>) -> Packed {
        let mut header = Vec::with_capacity(13);
        header.extend(form.width.to_be_bytes());
        header.extend(form.height.to_be_bytes());
        header.extend([form.depth, form.colour as u8, 0, 0, 0]);
        Packed {
            header,
            side: form.side_chunks(),
            data,
        }
    }

    /// The file with these chunks beside the picture's own.
    pub fn file(&self, chunks: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
        let mut file = SIGNATURE.to_vec();
        push(&mut file, b"IHDR", &self.header);
        for (name, data) in chunks {
            push(&mut file, name, data);
        }
        for (name, data) in &self.side {
            push(&mut file, name, data);
        }
        push(&mut file, b"IDAT", &self.data);
        push(&mut file, b"IEND", &[]);
        file
    }
}

/// The same picture, but for the colours of clear pixels. A picture that is given away is let go
/// as soon as its rows are made.
pub(super) fn packed(image: Cow<'_, Image>, packing: Packing<'_>) -> Result<Packed> {
    let facts = Facts::of(&image);
    let mut best = Best::new(packing);
    let palette = facts
        .colours
        .as_ref()
        .filter(|_| packing.space != Space::Greys);
    if let Some(palette) = palette {
        let indices = numbered(&image, palette);
        best.try_orders(image.width, image.height, palette, &indices)?;
    }
    // What has few colours is nearly always smaller with a palette, unless it is grey.
    if palette.is_none()
        || !packing.indexed
            && ((facts.grey && packing.space != Space::Colours) || image.rgba.len() / 4 < LITTLE)
    {
        best.try_form(channels(&image, &facts, packing.space))?;
    }
    drop(image);
    best.packed()
}

/// How a picture is stored in all its colours.
pub(super) struct Channels {
    form: Form,
    bytes: usize,
}

impl Channels {
    /// Of a picture.
    pub fn of(image: &Image, packing: Packing<'_>) -> Result<Channels> {
        let facts = Facts::of(image);
        let look = first_look(&channels(image, &facts, packing.space), packing.cancel)?;
        Ok(Channels {
            form: plain(image, &facts, packing.space),
            bytes: look.bytes(),
        })
    }

    pub fn is_grey(&self) -> bool {
        matches!(self.form.colour, Colour::Grey | Colour::GreyAlpha)
    }

    /// About how many bytes the best filter leaves of all rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The picture with a loss of about so many steps of 255.
    pub fn approximated(&self, image: &Image, loss: f32, cancel: &Cancel) -> Result<Image> {
        let mut rgba = Vec::with_capacity(image.rgba.len());
        approximate(image, &self.form, loss, cancel, |_, _, plain| {
            self.form.pixels(plain, &mut rgba);
        })?;
        Ok(Image { rgba, ..*image })
    }

    /// The rows of this picture as they were chosen.
    pub fn rows(&self, image: &Image, loss: f32, cancel: &Cancel) -> Result<Rows> {
        let bytes = (self.form.stride() + 1) * self.form.height as usize;
        let mut rows = Vec::with_capacity(bytes);
        approximate(image, &self.form, loss, cancel, |filter, filtered, _| {
            rows.push(filter);
            rows.extend_from_slice(filtered);
        })?;
        Ok(Rows(rows))
    }

    /// The file of such rows.
    pub fn packed(&self, rows: &Rows, cancel: &Cancel) -> Result<Packed> {
        let data = deflate::squeezed(&rows.0, search::SEARCH, cancel)?;
        Ok(Packed::of(&self.form, data))
    }
}

/// Filtered rows of a picture.
pub(super) struct Rows(Vec<u8>);

impl Rows {
    /// About how many bytes they take.
    pub fn estimated(&self) -> Result<usize> {
        Ok(deflate::deflated(&self.0, QUICK)?.len())
    }
}

/// About how many bytes a picture of few colours takes: enough to compare drawings of one picture.
pub(super) fn estimated(few: &Quantized) -> Result<usize> {
    Ok(deflate::deflated(&few.indices, QUICK)?.len() + few.palette.len() * 3)
}

/// A picture of few colours: numbered as when the file is packed again, which must gain nothing.
pub(super) fn packed_indices(
    width: u32,
    height: u32,
    few: &Quantized,
    packing: Packing<'_>,
) -> Result<Packed> {
    // Only entries that pixels have, each colour once, in the order in which these show them.
    let mut places = [None; 256];
    let mut palette: Vec<[u8; 4]> = Vec::new();
    let mut place = |at: u8| {
        let colour = shown(&few.palette[usize::from(at)]);
        let known = palette.iter().position(|&other| other == colour);
        known.unwrap_or_else(|| {
            palette.push(colour);
            palette.len() - 1
        }) as u8
    };
    let indices: Vec<u8> = few
        .indices
        .iter()
        .map(|&at| *places[usize::from(at)].get_or_insert_with(|| place(at)))
        .collect();
    let mut best = Best::new(packing);
    best.try_orders(width, height, &palette, &indices)?;
    best.packed()
}

/// The best form so far; the others are not kept, since each is as large as the picture.
struct Best<'a> {
    packing: Packing<'a>,
    found: Option<(Form, Look)>,
}

impl<'a> Best<'a> {
    fn new(packing: Packing<'a>) -> Best<'a> {
        Best {
            packing,
            found: None,
        }
    }

    fn try_form(&mut self, form: Form) -> Result<()> {
        let look = first_look(&form, self.packing.cancel)?;
        if self
            .found
            .as_ref()
            .is_none_or(|(_, best)| look.bytes() < best.bytes())
        {
            self.found = Some((form, look));
        }
        Ok(())
    }

    /// The picture with its palette in several orders.
    fn try_orders(
        &mut self,
        width: u32,
        height: u32,
        palette: &[[u8; 4]],
        indices: &[u8],
    ) -> Result<()> {
        // As they come: that of a palette that was made, or that in which the picture shows them.
        let mut orders = vec![
            order::by_brightness(palette),
            (0..palette.len()).map(|at| at as u8).collect(),
        ];
        if palette.len() > 3 {
            let meetings = order::Meetings::new(indices, width, palette.len());
            orders.push(meetings.grown());
            orders.push(meetings.chained());
        }
        orders.dedup();
        for order in orders {
            let (palette, indices) = order::reordered(palette, indices, order);
            self.try_form(indexed(width, height, &palette, &indices))?;
        }
        Ok(())
    }

    fn packed(self) -> Result<Packed> {
        let (form, look) = self
            .found
            .ok_or_else(|| Error::internal("nothing to pack"))?;
        Ok(Packed::of(&form, thorough(&form, look, self.packing)?))
    }
}
