//! Pixels into the smallest PNG: the form, the order of the palette, the filters, the deflate.
//!
//! Candidates are compared by a quick deflate, which ranks them as the thorough one would in nearly
//! all cases; only the best is packed thoroughly.

mod deflate;
mod filter;
mod form;
mod order;
mod search;

use whittle_core::{Cancel, Effort};

use super::chunks::{SIGNATURE, push};
use crate::pixels::Image;
use crate::quantize::Quantized;
use crate::{Error, Result};
pub(super) use form::Space;
use form::{Facts, Form, channels, indexed, numbered};
use search::{first_look, thorough};

/// The level of libdeflate at which candidates are compared.
const QUICK: i32 = 6;

/// A picture with a palette is stored without it where that may be smaller: up to so many bytes.
const LITTLE: usize = 64 * 1024;

/// How to pack.
#[derive(Clone, Copy)]
pub(super) struct Packing<'a> {
    pub effort: Effort,
    pub space: Space,
    pub cancel: &'a Cancel,
}

/// A picture packed, before other chunks are added.
pub(super) struct Packed {
    header: Vec<u8>,
    side: Vec<([u8; 4], Vec<u8>)>,
    data: Vec<u8>,
}

impl Packed {
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

/// The same picture, but for the colours of clear pixels.
pub(super) fn packed(image: &Image, packing: Packing<'_>) -> Result<Packed> {
    let facts = Facts::of(image);
    let mut forms = Vec::new();
    let palette = facts
        .colours
        .as_ref()
        .filter(|_| packing.space != Space::Greys);
    if let Some(palette) = palette {
        forms.extend(ordered(
            image.width,
            image.height,
            palette,
            &numbered(image, palette),
        ));
    }
    // What has few colours is nearly always smaller with a palette, unless it is grey.
    if palette.is_none()
        || (facts.grey && packing.space != Space::Colours)
        || forms[0].data.len() < LITTLE
    {
        forms.push(channels(image, &facts, packing.space));
    }
    smallest(forms, packing)
}

/// About how many bytes a picture of few colours takes: enough to compare drawings of one picture.
pub(super) fn estimated(few: &Quantized) -> Result<usize> {
    Ok(deflate::deflated(&few.indices, QUICK)?.len() + few.palette.len() * 3)
}

/// A picture of few colours.
pub(super) fn packed_indices(
    width: u32,
    height: u32,
    few: &Quantized,
    packing: Packing<'_>,
) -> Result<Packed> {
    // Entries that no pixel has would only cost.
    let mut used = [false; 256];
    few.indices
        .iter()
        .for_each(|&at| used[usize::from(at)] = true);
    let order: Vec<u8> = (0..few.palette.len() as u16)
        .map(|at| at as u8)
        .filter(|&at| used[usize::from(at)])
        .collect();
    let (palette, indices) = order::reordered(&few.palette, &few.indices, order);
    smallest(ordered(width, height, &palette, &indices), packing)
}

/// The picture with its palette in several orders.
fn ordered(width: u32, height: u32, palette: &[[u8; 4]], indices: &[u8]) -> Vec<Form> {
    let mut orders = vec![order::by_brightness(palette)];
    if palette.len() > 3 {
        let meetings = order::Meetings::new(indices, width, palette.len());
        orders.push(meetings.grown());
        orders.push(meetings.chained());
    }
    orders.dedup();
    orders
        .into_iter()
        .map(|order| {
            let (palette, indices) = order::reordered(palette, indices, order);
            indexed(width, height, &palette, &indices)
        })
        .collect()
}

fn smallest(forms: Vec<Form>, packing: Packing<'_>) -> Result<Packed> {
    let best = forms
        .iter()
        .map(|form| first_look(form, packing.cancel))
        .collect::<Result<Vec<_>>>()?;
    let (form, _) = forms
        .into_iter()
        .zip(best)
        .min_by_key(|(_, bytes)| *bytes)
        .ok_or_else(|| Error::internal("nothing to pack"))?;
    let data = thorough(&form, packing)?;
    let mut header = Vec::with_capacity(13);
    header.extend(form.width.to_be_bytes());
    header.extend(form.height.to_be_bytes());
    header.extend([form.depth, form.colour as u8, 0, 0, 0]);
    Ok(Packed {
        header,
        side: form.side_chunks(),
        data,
    })
}
