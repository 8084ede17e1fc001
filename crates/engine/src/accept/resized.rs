//! What resized pictures of others score: those that are right, by other filters, and those that are wrong.

use whittle_core::{Cancel, Level, Mode, Placement, Recipe, ResizeStyle};
use whittle_tests::fixtures::Picture;

use super::{RESIZED_SHARE, derivative, drift, least};
use crate::pixels::Image;
use crate::score::Reference;
use crate::{codecs, first_frame, light, optimize, resize};

/// How another processor may weigh the pixels around: its reach, and its weight at a distance.
type Filter = (&'static str, f64, fn(f64) -> f64);

const FILTERS: [Filter; 4] = [
    ("box", 0.5, |_| 1.0),
    ("triangle", 1.0, |x| 1.0 - x),
    ("Catmull-Rom", 2.0, |x| match x < 1.0 {
        true => 1.5 * x.powi(3) - 2.5 * x.powi(2) + 1.0,
        false => -0.5 * x.powi(3) + 2.5 * x.powi(2) - 4.0 * x + 2.0,
    }),
    ("Lanczos", 3.0, |x| {
        let sinc = |x: f64| {
            let x = x * std::f64::consts::PI;
            if x == 0.0 { 1.0 } else { x.sin() / x }
        };
        sinc(x) * sinc(x / 3.0)
    }),
];

/// Weighs one axis; the values are of opaque pixels.
fn along(
    values: &[[f64; 3]],
    from: f64,
    length: f64,
    count: u32,
    filter: &Filter,
) -> Vec<[f64; 3]> {
    let scale = length / f64::from(count);
    let wide = scale.max(1.0);
    (0..count)
        .map(|at| {
            let centre = from + (f64::from(at) + 0.5) * scale;
            let (mut sum, mut weights) = ([0.0; 3], 0.0);
            for (place, value) in values.iter().enumerate() {
                let distance = (place as f64 + 0.5 - centre).abs() / wide;
                if distance <= filter.1 {
                    let weight = (filter.2)(distance);
                    weights += weight;
                    for (sum, value) in sum.iter_mut().zip(value) {
                        *sum += weight * value;
                    }
                }
            }
            sum.map(|sum| sum / weights)
        })
        .collect()
}

/// By another filter, on the stored values (gamma 1) or on light.
fn by(filter: &Filter, gamma: f64, image: &Image, placed: &Placement) -> Image {
    let pixels = image.rgba.chunks(4);
    let light: Vec<[f64; 3]> = pixels
        .map(|pixel| [0, 1, 2].map(|c| (f64::from(pixel[c]) / 255.0).powf(gamma)))
        .collect();
    let rows: Vec<Vec<[f64; 3]>> = light
        .chunks(image.width as usize)
        .map(|row| along(row, placed.left, placed.source_width, placed.width, filter))
        .collect();
    let columns: Vec<Vec<[f64; 3]>> = (0..placed.width as usize)
        .map(|x| {
            let column: Vec<[f64; 3]> = rows.iter().map(|row| row[x]).collect();
            along(
                &column,
                placed.top,
                placed.source_height,
                placed.height,
                filter,
            )
        })
        .collect();
    changed(placed.width, placed.height, |x, y| {
        let value = columns[x as usize][y as usize];
        let value = value.map(|v| (v.max(0.0).powf(1.0 / gamma) * 255.0 + 0.5) as u8);
        [value[0], value[1], value[2]]
    })
}

fn changed(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Image {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Image {
        width,
        height,
        rgba: places
            .flat_map(|(x, y)| {
                let [r, g, b] = pixel(x, y);
                [r, g, b, 255]
            })
            .collect(),
    }
}

fn pictures() -> [(&'static str, Image); 3] {
    [
        ("photo", Picture::photo(320, 240, 3)),
        ("screenshot", Picture::screenshot(320, 240)),
        ("corners", Picture::corners(320, 240)),
    ]
    .map(|(name, picture)| {
        let (width, height) = (picture.width, picture.height);
        let image = changed(width, height, |x, y| {
            let [r, g, b, _] = picture.at(x, y);
            [r, g, b]
        });
        (name, image)
    })
}

fn styles() -> [ResizeStyle; 2] {
    ["thumb:fit:96x96", "square:crop:100x100"].map(|style| style.parse().unwrap())
}

fn recipes() -> Vec<Recipe> {
    let lossy = [35, 70].map(|level| Recipe {
        mode: Mode::Lossy,
        level: Level::new(level).unwrap(),
        ..Recipe::default()
    });
    let lossless = Recipe {
        mode: Mode::Lossless,
        ..Recipe::default()
    };
    lossy
        .into_iter()
        .chain([Recipe::default(), lossless])
        .collect()
}

/// Wrong in one way each, and without any loss of encoding.
fn wrong(image: &Image, placed: &Placement) -> Vec<(&'static str, Image)> {
    let right = resize::resized(image, placed).unwrap();
    let (width, height) = (right.width, right.height);
    let at = |x: u32, y: u32| {
        let start = ((y * width + x) * 4) as usize;
        [0, 1, 2].map(|c| right.rgba[start + c])
    };
    // A tenth of each side is missing.
    let moved = Placement {
        left: 0.0,
        top: 0.0,
        source_width: f64::from(image.width) * 0.9,
        source_height: f64::from(image.height) * 0.9,
        ..*placed
    };
    vec![
        ("crop", resize::resized(image, &moved).unwrap()),
        (
            "mirrored",
            changed(width, height, |x, y| at(width - 1 - x, y)),
        ),
        (
            "upside down",
            changed(width, height, |x, y| at(x, height - 1 - y)),
        ),
        (
            "turned",
            changed(width, height, |x, y| {
                at(y * width / height, x * height / width)
            }),
        ),
        (
            "washed out",
            changed(width, height, |x, y| at(x, y).map(|v| v / 2 + 64)),
        ),
        (
            "colours shifted",
            changed(width, height, |x, y| {
                let [r, g, b] = at(x, y);
                [r.saturating_add(24), g, b.saturating_sub(24)]
            }),
        ),
        (
            "colours swapped",
            changed(width, height, |x, y| {
                let [r, g, b] = at(x, y);
                [b, g, r]
            }),
        ),
    ]
}

/// Its score against our own resizing, in light or in stored values, and how far its colours are off there.
fn measured(whole: &Image, placed: &Placement, seen: &Image) -> (f64, f64) {
    let of = |light| {
        let expected = resize::resized_in(light, whole, placed).unwrap();
        let score = Reference::of(&expected).score(seen).unwrap();
        (score.0, drift(&expected, seen))
    };
    let (lit, stored) = (of(light::srgb()), of(light::stored()));
    if lit.0 > stored.0 { lit } else { stored }
}

#[test]
fn results_of_other_filters_are_taken() {
    let (mut least_share, mut most_drift) = (f64::MAX, 0.0f64);
    for (name, whole) in pictures() {
        let original = codecs::png::written(&whole).unwrap();
        for style in styles() {
            let placed = style.place(whole.width, whole.height);
            for (filter, gamma) in FILTERS.iter().flat_map(|f| [(f, 1.0), (f, 2.2)]) {
                let file = codecs::png::written(&by(filter, gamma, &whole, &placed)).unwrap();
                for recipe in recipes() {
                    let own = optimize(&file, &recipe, &Cancel::new()).unwrap();
                    let bytes = own.bytes.unwrap_or_else(|| file.clone());
                    let seen = first_frame(&bytes, &recipe.limits, &Cancel::new()).unwrap();
                    let (score, drift) = measured(&whole, &placed, &seen);
                    least_share = least_share.min(score / least(&recipe).0 * RESIZED_SHARE);
                    most_drift = most_drift.max(drift);
                    let taken = derivative(&original, &style, bytes, &recipe, &Cancel::new());
                    let what = (name, &style.name, filter.0, gamma, recipe.target());
                    assert!(taken.is_ok(), "{what:?} scores {score}, off by {drift}");
                }
            }
        }
    }
    println!("at least {least_share:.2} of the target, colours off by {most_drift:.1} at most");
}

#[test]
fn what_is_wrong_is_refused_at_every_level_from_35() {
    for (name, whole) in pictures() {
        let original = codecs::png::written(&whole).unwrap();
        for style in styles() {
            let placed = style.place(whole.width, whole.height);
            for (what, picture) in wrong(&whole, &placed) {
                let (score, drift) = measured(&whole, &placed, &picture);
                println!(
                    "{name} {} {what}: {score:.1}, off by {drift:.1}",
                    style.name
                );
                let file = codecs::png::written(&picture).unwrap();
                for recipe in recipes() {
                    let taken =
                        derivative(&original, &style, file.clone(), &recipe, &Cancel::new());
                    let what = (name, &style.name, what, recipe.target());
                    assert!(taken.is_err(), "{what:?} scores {score}, off by {drift}");
                }
            }
        }
    }
}
