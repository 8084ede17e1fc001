//! A slow and plain resize to hold derivatives against: Lanczos with three lobes, in linear light,
//! with premultiplied alpha, in floats throughout.

use whittle_core::Placement;

/// The placed part of an sRGB picture, four bytes a pixel.
pub fn resized(rgba: &[u8], width: u32, placed: &Placement) -> Vec<u8> {
    let height = rgba.len() / 4 / width as usize;
    let linear: Vec<[f32; 4]> = rgba
        .chunks_exact(4)
        .map(|pixel| {
            let alpha = f32::from(pixel[3]) / 255.0;
            let [r, g, b] =
                [pixel[0], pixel[1], pixel[2]].map(|c| to_linear(f32::from(c) / 255.0) * alpha);
            [r, g, b, alpha]
        })
        .collect();
    let columns = weights(
        placed.left,
        placed.source_width,
        placed.width,
        width as usize,
    );
    let rows = weights(placed.top, placed.source_height, placed.height, height);
    let narrow: Vec<[f32; 4]> = linear
        .chunks_exact(width as usize)
        .flat_map(|row| {
            columns
                .iter()
                .map(|(start, weights)| mixed(weights, |at| row[start + at]))
        })
        .collect();
    let out_width = placed.width as usize;
    rows.iter()
        .flat_map(|(start, weights)| {
            let narrow = &narrow;
            (0..out_width).map(move |x| mixed(weights, |at| narrow[(start + at) * out_width + x]))
        })
        .flat_map(|[r, g, b, alpha]| {
            let straight = |c: f32| if alpha > 0.0 { to_srgb(c / alpha) } else { 0.0 };
            [straight(r), straight(g), straight(b), alpha]
                .map(|c| (c.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
        })
        .collect()
}

fn mixed(weights: &[f32], pixel: impl Fn(usize) -> [f32; 4]) -> [f32; 4] {
    let mut sum = [0.0; 4];
    for (at, weight) in weights.iter().enumerate() {
        for (sum, value) in sum.iter_mut().zip(pixel(at)) {
            *sum += weight * value;
        }
    }
    sum
}

/// For each output pixel the first source pixel and the weights from there on.
fn weights(from: f64, length: f64, outputs: u32, sources: usize) -> Vec<(usize, Vec<f32>)> {
    let scale = length / f64::from(outputs);
    let reach = 3.0 * scale.max(1.0);
    (0..outputs)
        .map(|output| {
            let centre = from + (f64::from(output) + 0.5) * scale;
            let start = (centre - reach).floor().max(0.0) as usize;
            let end = ((centre + reach).ceil() as usize).min(sources);
            let start = start.min(end.saturating_sub(1));
            let raw: Vec<f64> = (start..end)
                .map(|at| lanczos((at as f64 + 0.5 - centre) / scale.max(1.0)))
                .collect();
            let sum: f64 = raw.iter().sum();
            (
                start,
                raw.iter().map(|weight| (weight / sum) as f32).collect(),
            )
        })
        .collect()
}

fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x)
        }
    };
    if x.abs() < 3.0 {
        sinc(x) * sinc(x / 3.0)
    } else {
        0.0
    }
}

fn to_linear(c: f32) -> f32 {
    if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

fn to_srgb(c: f32) -> f32 {
    if c <= 0.003_130_8 {
        c * 12.92
    } else {
        1.055 * c.powf(1.0 / 2.4) - 0.055
    }
}
