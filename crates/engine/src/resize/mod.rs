//! Resizing in linear light: Lanczos with three lobes, colours weighted by their alpha.
//!
//! Source rows are added to the results that they reach, a few rows and columns at a time, so that
//! light stays in the fastest cache and memory does not grow with the picture's height. Columns are
//! filtered last, since they are as long as the result by then. (Means of whole boxes first, as a
//! short cut, cost 3 to 6 points of score and saved no time.)

mod columns;
mod filter;
mod rows;

use whittle_core::Placement;

use crate::Result;
use crate::light::{self, Light};
use crate::pixels::{Image, Opaque, Pixels};
use columns::Columns;
use filter::Taps;
use rows::Sums;

/// Cuts and scales an sRGB picture.
pub(crate) fn resized(image: &Image, placement: &Placement) -> Result<Image> {
    resized_in(light::srgb(), image, placement)
}

/// Cuts and scales a picture whose values stand for this light.
pub(crate) fn resized_in(light: &Light, image: &Image, placement: &Placement) -> Result<Image> {
    let pixels = Pixels::from(image);
    if is_same(pixels, placement) {
        return Ok(image.clone());
    }
    Ok(Image {
        width: placement.width,
        height: placement.height,
        rgba: if image.has_alpha() {
            filtered::<4, 4>(light, pixels, placement)
        } else {
            filtered::<4, 3>(light, pixels, placement)
        },
    })
}

/// The same without alpha.
pub(crate) fn resized_opaque(
    light: &Light,
    image: &Opaque,
    placement: &Placement,
) -> Result<Opaque> {
    let pixels = Pixels::from(image);
    if is_same(pixels, placement) {
        return Ok(image.clone());
    }
    Ok(Opaque {
        width: placement.width,
        height: placement.height,
        rgb: filtered::<3, 3>(light, pixels, placement),
    })
}

/// Whether nothing is cut or scaled.
fn is_same(image: Pixels<'_>, placement: &Placement) -> bool {
    placement.source_width == f64::from(image.width)
        && placement.source_height == f64::from(image.height)
        && (placement.width, placement.height) == (image.width, image.height)
}

/// From and to pixels of `B` bytes; `C` is 4 where their alpha counts, else 3.
fn filtered<const B: usize, const C: usize>(
    light: &Light,
    image: Pixels<'_>,
    placed: &Placement,
) -> Vec<u8> {
    let columns = Taps::new(placed.left, placed.source_width, placed.width, image.width);
    let rows = Taps::new(
        placed.top,
        placed.source_height,
        placed.height,
        image.height,
    );
    let mut columns = Columns::new(columns, C);
    let mut result = Vec::with_capacity(placed.width as usize * placed.height as usize * B);
    let mut sums = Sums::new(rows, image.width as usize * C);
    while let Some(group) = sums.next_group() {
        sums.add::<B, C>(light, image, &group);
        while let Some(sum) = sums.finished(&group) {
            for pixel in columns.across(&sum) {
                let value = |c: usize| light.0[c].value_at(pixel[c]);
                let opacity = if C == 4 {
                    (pixel[3] * 255.0 + 0.5) as u8
                } else {
                    255
                };
                let seen = [value(0), value(1), value(2), opacity];
                let pixel = if opacity == 0 { [0; 4] } else { seen };
                result.extend_from_slice(&pixel[..B]);
            }
            sums.give_back(sum);
        }
    }
    result
}

/// Scales a picture to lie within a square of this side; never enlarges.
pub(crate) fn fitted(image: &Image, side: u32) -> Result<Image> {
    let style = whittle_core::ResizeStyle {
        name: String::from("fitted"),
        strategy: whittle_core::Strategy::Fit,
        width: Some(side),
        height: Some(side),
    };
    resized(image, &style.place(image.width, image.height))
}

#[cfg(test)]
mod tests;
