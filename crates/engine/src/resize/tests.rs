use super::*;
use whittle_core::{ResizeStyle, Strategy};

fn place(image: &Image, strategy: Strategy, width: u32, height: u32) -> Image {
    let style = ResizeStyle {
        name: "s".into(),
        strategy,
        width: Some(width),
        height: Some(height),
    };
    resized(image, &style.place(image.width, image.height)).unwrap()
}

fn checkerboard(side: u32, a: [u8; 4], b: [u8; 4]) -> Image {
    let mut image = Image::transparent(side, side);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at as u32 % side, at as u32 / side);
        pixel.copy_from_slice(if (x + y) % 2 == 0 { &a } else { &b });
    }
    image
}

#[test]
fn black_and_white_average_to_half_the_light() {
    let image = checkerboard(64, [0, 0, 0, 255], [255; 4]);
    let small = place(&image, Strategy::Exact, 16, 16);
    let middle = &small.rgba[(8 * 16 + 8) * 4..][..3];
    // Half of the light is 188 in sRGB; averaging the values would give 128.
    assert!(middle.iter().all(|&c| c.abs_diff(188) <= 1), "{middle:?}");
}

#[test]
fn hidden_colours_do_not_bleed() {
    let image = checkerboard(64, [255, 0, 0, 255], [0, 255, 0, 0]);
    let small = place(&image, Strategy::Fit, 16, 16);
    let middle = &small.rgba[(8 * 16 + 8) * 4..][..4];
    assert_eq!(&middle[..3], [255, 0, 0]);
    assert!(middle[3].abs_diff(128) <= 1, "{middle:?}");
}

#[test]
fn crop_takes_the_centre() {
    let mut image = Image::transparent(300, 100);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let colour = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]][at % 300 / 100];
        pixel.copy_from_slice(&colour);
    }
    let square = place(&image, Strategy::Crop, 50, 50);
    assert_eq!((square.width, square.height), (50, 50));
    let inside = square.rgba[(25 * 50 + 25) * 4..][..4].to_vec();
    assert_eq!(inside, [0, 255, 0, 255]);
}

#[test]
fn the_same_size_is_the_same_picture() {
    let image = checkerboard(9, [1, 2, 3, 4], [250, 0, 9, 255]);
    assert_eq!(place(&image, Strategy::Fit, 100, 100), image);
}

/// A picture with edges, fine lines, shading and noise.
fn scene(width: u32, height: u32) -> Image {
    let mut image = Image::transparent(width, height);
    let mut state = 1u32;
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((at as u32 % width) as f32, (at as u32 / width) as f32);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 24) as f32 / 8.0;
        let rings = ((x * x + y * y) / 900.0).sin() * 60.0;
        let square = if (x / 37.0) as u32 % 2 == (y / 23.0) as u32 % 2 {
            70.0
        } else {
            0.0
        };
        let value = |part: f32| (40.0 + part + rings + square + noise).clamp(0.0, 255.0) as u8;
        pixel.copy_from_slice(&[value(x / 9.0), value(y / 9.0), value(50.0), 255]);
    }
    image
}

/// The same with holes that have hard and soft edges.
fn pierced(width: u32, height: u32) -> Image {
    let mut image = scene(width, height);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((at as u32 % width) as f32, (at as u32 / width) as f32);
        let soft = ((x / 60.0).sin() * (y / 45.0).cos()) * 400.0 + 180.0;
        let hard = (x / 50.0) as u32 % 3 == (y / 70.0) as u32 % 2;
        pixel[3] = if hard {
            soft.clamp(0.0, 255.0) as u8
        } else {
            255
        };
    }
    image
}

/// The same by the book: every source pixel, in double precision, colours weighted by their alpha.
fn reference(image: &Image, placed: &Placement) -> Image {
    let lanczos = |x: f64| match x.abs() {
        0.0 => 1.0,
        x if x < 3.0 => {
            let x = x * std::f64::consts::PI;
            3.0 * x.sin() * (x / 3.0).sin() / (x * x)
        }
        _ => 0.0,
    };
    let weights = |from: f64, length: f64, outputs: u32, sources: u32| -> Vec<Vec<(usize, f64)>> {
        let scale = length / f64::from(outputs);
        (0..outputs)
            .map(|output| {
                let centre = from + (f64::from(output) + 0.5) * scale;
                let raw: Vec<(usize, f64)> = (0..sources as usize)
                    .map(|at| (at, lanczos((at as f64 + 0.5 - centre) / scale.max(1.0))))
                    .filter(|(_, weight)| *weight != 0.0)
                    .collect();
                let sum: f64 = raw.iter().map(|(_, weight)| weight).sum();
                raw.into_iter()
                    .map(|(at, weight)| (at, weight / sum))
                    .collect()
            })
            .collect()
    };
    let light = |value: u8| {
        let v = f64::from(value) / 255.0;
        if v <= 0.040_45 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    let value = |light: f64| {
        let l = light.clamp(0.0, 1.0);
        let v = if l <= 0.003_130_8 {
            l * 12.92
        } else {
            1.055 * l.powf(1.0 / 2.4) - 0.055
        };
        (v * 255.0).round() as u8
    };
    let columns = weights(placed.left, placed.source_width, placed.width, image.width);
    let rows = weights(
        placed.top,
        placed.source_height,
        placed.height,
        image.height,
    );
    let sample = |pixel: &[u8]| -> [f64; 4] {
        let alpha = f64::from(pixel[3]) / 255.0;
        let [r, g, b] = [0, 1, 2].map(|c| light(pixel[c]) * alpha);
        [r, g, b, alpha]
    };
    let narrow: Vec<[f64; 4]> = image
        .rgba
        .chunks_exact(image.width as usize * 4)
        .flat_map(|row| {
            columns.iter().map(|taps| {
                let mut sum = [0.0; 4];
                for (at, weight) in taps {
                    let sample = sample(&row[at * 4..]);
                    (0..4).for_each(|c| sum[c] += weight * sample[c]);
                }
                sum
            })
        })
        .collect();
    let width = placed.width as usize;
    let rgba = rows
        .iter()
        .flat_map(|taps| {
            let narrow = &narrow;
            (0..width).flat_map(move |x| {
                let [r, g, b, alpha] = [0, 1, 2, 3].map(|c| {
                    taps.iter()
                        .map(|(at, w)| w * narrow[at * width + x][c])
                        .sum::<f64>()
                });
                let opacity = (alpha.clamp(0.0, 1.0) * 255.0).round() as u8;
                [
                    value(r / alpha),
                    value(g / alpha),
                    value(b / alpha),
                    opacity,
                ]
            })
        })
        .collect();
    Image {
        width: placed.width,
        height: placed.height,
        rgba,
    }
}

#[test]
fn reductions_score_95_against_double_precision() {
    for image in [scene(1500, 1000), pierced(1500, 1000)] {
        reductions_score_95(&image);
    }
}

fn reductions_score_95(image: &Image) {
    for (strategy, width, height) in [
        (Strategy::Fit, 1100, 1100),
        (Strategy::Fit, 700, 700),
        (Strategy::Fit, 411, 411),
        (Strategy::Fit, 400, 400),
        (Strategy::Fit, 160, 160),
        (Strategy::Crop, 333, 333),
        (Strategy::Exact, 311, 500),
    ] {
        let style = ResizeStyle {
            name: "s".into(),
            strategy,
            width: Some(width),
            height: Some(height),
        };
        let placed = style.place(image.width, image.height);
        let made = resized(image, &placed).unwrap();
        let wanted = reference(image, &placed);
        let score = crate::score::Reference::new(&wanted)
            .unwrap()
            .score(&made)
            .unwrap();
        println!("{width} × {height}: {:.2}", score.0);
        assert!(
            score.0 >= 95.0,
            "{strategy:?} {width} × {height}: {score:?}"
        );
    }
}

#[test]
fn a_picture_is_averaged_in_its_own_light() {
    let image = checkerboard(64, [0, 0, 0, 255], [255; 4]);
    let style = ResizeStyle {
        name: "s".into(),
        strategy: Strategy::Exact,
        width: Some(16),
        height: Some(16),
    };
    let linear = crate::colour::ToSrgb::Gamma(1.0).light().unwrap();
    let small = resized_in(&linear, &image, &style.place(64, 64)).unwrap();
    let middle = &small.rgba[(8 * 16 + 8) * 4..][..3];
    assert!(middle.iter().all(|&c| c.abs_diff(128) <= 1), "{middle:?}");
}

/// How long a reduction of 24 MP to 1600 pixels takes: `cargo test -- --ignored --nocapture 24_mp`.
#[test]
#[ignore = "a measurement, not a test"]
fn how_long_24_mp_take() {
    let image = scene(6000, 4000);
    let style = ResizeStyle {
        name: "s".into(),
        strategy: Strategy::Fit,
        width: Some(1600),
        height: Some(1600),
    };
    let placed = style.place(image.width, image.height);
    for _ in 0..5 {
        let start = cpu_time();
        let made = resized(&image, &placed).unwrap();
        let took = cpu_time() - start;
        println!("{} × {}: {took:?} of CPU", made.width, made.height);
    }
}

/// What this thread has taken so far, as Linux tells it.
fn cpu_time() -> std::time::Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("it is Linux");
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    std::time::Duration::from_nanos(nanoseconds.expect("a number"))
}
