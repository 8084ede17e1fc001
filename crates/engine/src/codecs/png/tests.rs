//! PNG as a whole: what comes out, and what comes out of that again.

use super::*;
use whittle_core::{Level, Mode};

/// Waves with some noise, more colours than a palette holds; fewer and clear ones where asked.
fn photo(width: u32, height: u32, colours: u32, clear: bool) -> Vec<u8> {
    let mut image = Image::transparent(width, height);
    let mut seed = 7u32;
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = ((at as u32 % width) as f32, (at as u32 / width) as f32);
        let noise = (seed >> 29) as f32;
        let wave = |a: f32, b: f32| {
            let value = 120.0 + 90.0 * (x / a).sin() * (y / b).cos() + noise;
            let step = 256.0 / colours as f32;
            ((value / step).floor() * step) as u8
        };
        let alpha = if clear && x < 20.0 { 0 } else { 255 };
        pixel.copy_from_slice(&[wave(23.0, 31.0), wave(37.0, 19.0), wave(29.0, 47.0), alpha]);
    }
    written(&image).unwrap()
}

fn made(bytes: &[u8], mode: Mode, level: u8) -> Encoded {
    let recipe = Recipe {
        mode,
        level: Level::new(level).unwrap(),
        ..Recipe::default()
    };
    optimize(bytes, &recipe, &Cancel::new()).unwrap()
}

#[test]
fn what_was_made_is_not_made_again() {
    for (colours, clear) in [(256, false), (256, true), (6, false)] {
        let original = photo(96, 80, colours, clear);
        for (mode, level) in [
            (Mode::Lossless, 85),
            (Mode::Balanced, 85),
            (Mode::Lossy, 70),
            (Mode::Lossy, 95),
        ] {
            let first = made(&original, mode, level);
            let bytes = first.bytes.expect("it was packed in haste");
            let again = made(&bytes, mode, level);
            assert!(again.bytes.is_none(), "{colours} {clear} {mode:?} {level}");
            assert_eq!(again.score, Score::IDENTICAL);
        }
    }
}

#[test]
fn a_photo_beyond_palettes_loses_a_little_in_all_its_colours() {
    let original = photo(160, 120, 256, false);
    let lossless = made(&original, Mode::Lossless, 85).bytes.unwrap();
    let high = made(&original, Mode::Lossy, 95);
    let bytes = high.bytes.unwrap();
    assert!(
        high.score >= Score(90.0) && high.score < Score(92.0),
        "{:?}",
        high.score
    );
    assert!(
        bytes.len() < lossless.len() * 8 / 10,
        "{} {}",
        bytes.len(),
        lossless.len()
    );
    let chunks = chunks::read(&bytes, &Limits::default()).unwrap();
    assert!(made::has_gaps(&chunks, &Cancel::new()).unwrap());
    let chunks = chunks::read(&lossless, &Limits::default()).unwrap();
    assert!(!made::has_gaps(&chunks, &Cancel::new()).unwrap());
}

#[test]
fn a_palette_is_packed_better_in_every_mode() {
    let best = made(&photo(96, 80, 6, false), Mode::Lossless, 85)
        .bytes
        .unwrap();
    let chunks = chunks::read(&best, &Limits::default()).unwrap();
    assert!(chunks.find(b"PLTE").is_some());
    // Less than two hundredths larger than it need be.
    let mut palette: Vec<u8> = chunks.find(b"PLTE").unwrap().to_vec();
    palette.extend([1, 2, 3].repeat(2));
    assert!(palette.len() <= 768);
    let mut worse = chunks::SIGNATURE.to_vec();
    for (name, data) in chunks.all() {
        chunks::push(
            &mut worse,
            &name,
            if name == *b"PLTE" { &palette } else { data },
        );
    }
    assert!(worse.len() > best.len() && worse.len() < best.len() * 102 / 100);
    for mode in [Mode::Lossless, Mode::Balanced, Mode::Lossy] {
        let again = made(&worse, mode, 70).bytes.expect("it gets smaller");
        assert!(again.len() <= best.len(), "{mode:?}");
        assert!(made(&again, mode, 70).bytes.is_none(), "{mode:?}");
    }
}

#[test]
fn a_profile_that_is_srgb_becomes_a_byte() {
    let original = photo(40, 30, 256, false);
    let with_profile = |profile: moxcms::ColorProfile| {
        use std::io::Write;
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
        packed.write_all(&profile.encode().unwrap()).unwrap();
        let data = [b"name\0\0".to_vec(), packed.finish().unwrap()].concat();
        let mut file = original[..33].to_vec();
        chunks::push(&mut file, b"iCCP", &data);
        chunks::push(&mut file, b"gAMA", &45_455u32.to_be_bytes());
        file.extend_from_slice(&original[33..]);
        file
    };
    let names = |bytes: &[u8]| -> Vec<[u8; 4]> {
        let chunks = chunks::read(bytes, &Limits::default()).unwrap();
        chunks.optional().map(|chunk| chunk.name).collect()
    };
    let srgb = with_profile(moxcms::ColorProfile::new_srgb());
    let bytes = made(&srgb, Mode::Lossless, 85).bytes.unwrap();
    assert_eq!(names(&bytes), [*b"sRGB"]);
    let p3 = with_profile(moxcms::ColorProfile::new_display_p3());
    let bytes = made(&p3, Mode::Lossless, 85).bytes.unwrap();
    assert_eq!(names(&bytes), [*b"iCCP", *b"gAMA"]);
}
