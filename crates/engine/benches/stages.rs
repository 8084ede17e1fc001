//! Single stages on drawn photographs: `cargo bench -p whittle-engine [-- FILTER]`

use divan::Bencher;
use divan::counter::ItemsCount;
use whittle_engine::stages::{Pixels, Reference};
use whittle_engine::{Cancel, Effort, Limits, Mode, Recipe, ResizeStyle};
use whittle_tests::fixtures::{Expect, Fixture, Picture, gif, jpeg, png, svg};

fn main() {
    divan::main();
}

/// Pixels wide and high of a photograph of this many megapixels, three by two.
fn size(megapixels: u32) -> (u32, u32) {
    let height = (f64::from(megapixels) * 1e6 / 1.5).sqrt() as u32;
    (height * 3 / 2, height)
}

fn photo(megapixels: u32) -> Picture {
    let (width, height) = size(megapixels);
    Picture::photo(width, height, 1)
}

fn pixels(picture: &Picture) -> Pixels {
    Pixels::new(picture.width, picture.height, picture.rgba.clone())
}

fn count(picture: &Picture) -> ItemsCount {
    ItemsCount::new(picture.rgba.len() / 4)
}

mod decode {
    use super::*;

    fn run(bencher: Bencher, picture: &Picture, bytes: &[u8]) {
        bencher.counter(count(picture)).bench(|| {
            Pixels::decoded(bytes, &Limits::default(), &Cancel::new()).expect("it decodes")
        });
    }

    #[divan::bench(args = [1, 8], sample_count = 10)]
    fn a_jpeg(bencher: Bencher, megapixels: u32) {
        let picture = photo(megapixels);
        run(bencher, &picture, &jpeg::encoded(&picture, jpeg::CAMERA));
    }

    #[divan::bench(args = [1, 8], sample_count = 10)]
    fn a_png(bencher: Bencher, megapixels: u32) {
        let picture = photo(megapixels);
        run(bencher, &picture, &png::encoded(&picture));
    }
}

/// To 1600 pixels, in linear light.
#[divan::bench(args = [4, 24], sample_count = 10)]
fn resize(bencher: Bencher, megapixels: u32) {
    let picture = photo(megapixels);
    let pixels = pixels(&picture);
    let style: ResizeStyle = "web:fit:1600x1600".parse().expect("a style");
    bencher
        .counter(count(&picture))
        .bench(|| pixels.resized(&style).expect("it can be resized"));
}

mod score {
    use super::*;

    /// What is worked out once for an original.
    #[divan::bench(args = [1, 4], sample_count = 10)]
    fn prepare(bencher: Bencher, megapixels: u32) {
        let picture = photo(megapixels);
        let pixels = pixels(&picture);
        bencher
            .counter(count(&picture))
            .bench(|| Reference::new(&pixels).expect("it is large enough"));
    }

    /// What is worked out for each candidate.
    #[divan::bench(args = [1, 4], sample_count = 10)]
    fn compare(bencher: Bencher, megapixels: u32) {
        let picture = photo(megapixels);
        let reference = Reference::new(&pixels(&picture)).expect("it is large enough");
        let coarse = picture.rgba.iter().map(|value| value | 3).collect();
        let coarse = Pixels::new(picture.width, picture.height, coarse);
        bencher
            .counter(count(&picture))
            .bench(|| reference.score(&coarse).expect("both have one size"));
    }
}

/// The whole way, verification included, on small images of each format.
mod optimize {
    use super::*;

    const MODES: [&str; 3] = ["lossless", "balanced", "lossy"];

    fn run(bencher: Bencher, bytes: &[u8], mode: &str) {
        let mode = match mode {
            "lossless" => Mode::Lossless,
            "balanced" => Mode::Balanced,
            _ => Mode::Lossy,
        };
        let recipe = Recipe {
            mode,
            effort: Effort::Default,
            ..Recipe::default()
        };
        bencher.bench(|| {
            whittle_engine::optimize(bytes, &recipe, &Cancel::new()).expect("it can be optimized")
        });
    }

    #[divan::bench(args = MODES, sample_count = 5)]
    fn a_jpeg(bencher: Bencher, mode: &str) {
        run(bencher, &jpeg::encoded(&photo(1), jpeg::CAMERA), mode);
    }

    #[divan::bench(args = MODES, sample_count = 5)]
    fn a_png(bencher: Bencher, mode: &str) {
        run(bencher, &png::encoded(&Picture::screenshot(480, 320)), mode);
    }

    #[divan::bench(args = MODES, sample_count = 5)]
    fn a_gif(bencher: Bencher, mode: &str) {
        run(bencher, &first(gif::all()), mode);
    }

    #[divan::bench(args = MODES, sample_count = 5)]
    fn an_svg(bencher: Bencher, mode: &str) {
        run(bencher, &first(svg::all()), mode);
    }

    fn first(fixtures: Vec<Fixture>) -> Vec<u8> {
        let fine = fixtures.into_iter().find(|one| one.expect == Expect::Ok);
        fine.expect("a fixture that can be optimized").bytes
    }
}
