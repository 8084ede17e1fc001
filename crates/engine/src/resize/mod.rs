//! Resizing in linear light: Lanczos with three lobes, colours weighted by their alpha.
//!
//! Rows flow from the source to the result, and only as many stay in memory as the filter spans.
//! Columns are filtered last, since they are as long as the result by then. (Means of whole boxes
//! first, as a short cut, cost 3 to 6 points of score and saved no time.)

mod filter;
mod rows;

use whittle_core::Placement;

use crate::Result;
use crate::light::{self, Light};
use crate::pixels::Image;
use filter::Taps;
use rows::lit;

/// Cuts and scales an sRGB picture.
pub(crate) fn resized(image: &Image, placement: &Placement) -> Result<Image> {
    resized_in(light::srgb(), image, placement)
}

/// Cuts and scales a picture whose values stand for this light.
pub(crate) fn resized_in(light: &Light, image: &Image, placement: &Placement) -> Result<Image> {
    let whole = placement.source_width == f64::from(image.width)
        && placement.source_height == f64::from(image.height);
    if whole && (placement.width, placement.height) == (image.width, image.height) {
        return Ok(image.clone());
    }
    Ok(if image.has_alpha() {
        filtered::<4>(light, image, placement)
    } else {
        filtered::<3>(light, image, placement)
    })
}

/// `C` is 4 with alpha, 3 without.
fn filtered<const C: usize>(light: &Light, image: &Image, placed: &Placement) -> Image {
    let columns = Taps::new(placed.left, placed.source_width, placed.width, image.width);
    let rows = Taps::new(
        placed.top,
        placed.source_height,
        placed.height,
        image.height,
    );
    let stride = image.width as usize * 4;
    let length = image.width as usize * C;
    let mut ring = vec![0.0f32; rows.span * length];
    let mut ready = rows.outputs.first().map_or(0, |first| first.start);
    let mut mixed = vec![0.0f32; length];
    let mut result = Image {
        width: placed.width,
        height: placed.height,
        rgba: Vec::with_capacity(placed.width as usize * placed.height as usize * 4),
    };
    for output in &rows.outputs {
        let weights = rows.weights(output);
        ready = ready.max(output.start);
        while ready < output.start + weights.len() {
            let place = ready % rows.span * length;
            let source = &image.rgba[ready * stride..(ready + 1) * stride];
            lit::<C>(light, source, &mut ring[place..place + length]);
            ready += 1;
        }
        let row = |at: usize| {
            let place = at % rows.span * length;
            &ring[place..place + length]
        };
        mix(&mut mixed, weights, |at| row(output.start + at));
        write_row::<C>(&mut result.rgba, light, &columns, &mixed);
    }
    result
}

/// The weighted sum of rows. Four at a time, since reading and writing the sum costs as much as a
/// row.
fn mix<'r>(sum: &mut [f32], weights: &[f32], row: impl Fn(usize) -> &'r [f32]) {
    sum.fill(0.0);
    for (group, weights) in weights.chunks(4).enumerate() {
        let at = group * 4;
        if let &[a, b, c, d] = weights {
            let rows = row(at)
                .iter()
                .zip(row(at + 1))
                .zip(row(at + 2).iter().zip(row(at + 3)));
            for (sum, ((p, q), (r, s))) in sum.iter_mut().zip(rows) {
                *sum += a * p + b * q + c * r + d * s;
            }
        } else {
            for (at, weight) in (at..).zip(weights) {
                for (sum, value) in sum.iter_mut().zip(row(at)) {
                    *sum += weight * value;
                }
            }
        }
    }
}

fn write_row<const C: usize>(rgba: &mut Vec<u8>, light: &Light, columns: &Taps, row: &[f32]) {
    let (pixels, _) = row.as_chunks::<C>();
    for output in &columns.outputs {
        let weights = columns.weights(output);
        let mut sum = [0.0f32; 4];
        for (pixel, weight) in pixels[output.start..].iter().zip(weights) {
            for c in 0..C {
                sum[c] += weight * pixel[c];
            }
        }
        let alpha = if C == 4 { sum[3].clamp(0.0, 1.0) } else { 1.0 };
        let opacity = (alpha * 255.0 + 0.5) as u8;
        if opacity == 0 {
            rgba.extend([0; 4]);
            continue;
        }
        let value = |c: usize| light.0[c].value(sum[c] / alpha);
        rgba.extend([value(0), value(1), value(2), opacity]);
    }
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
