use super::*;
use crate::{
    Comparison, Edited, Looked, Side, View, changed_since, original_bytes, result_bytes, revert,
};
use whittle_core::{Level, Mode};

/// A picture with enough noise that levels differ, as a PNG.
fn noisy(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let mut seed = 7u32;
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as u8;
            let (x, y) = (at % width, at / width);
            [
                ((x * 2) as u8).wrapping_add(noise),
                ((y * 2) as u8).wrapping_add(noise),
                noise * 4,
            ]
        })
        .collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}

fn lossy(level: u8) -> Recipe {
    Recipe {
        mode: Mode::Lossy,
        level: Level::new(level).unwrap(),
        ..Recipe::default()
    }
}

#[test]
fn another_level_gives_another_result_and_writes_nothing() {
    let original = noisy(96, 64);
    let comparison = Comparison::open(original.clone(), &original).unwrap();
    assert_eq!(comparison.input_bytes(), Some(original.len() as u64));
    let whole = View::whole(96, 64);
    let before = comparison.look(Side::Result(0), 0, &whole).unwrap();
    assert_eq!(before, comparison.look(Side::Original, 0, &whole).unwrap());

    let high = comparison.attempt(&lossy(90)).unwrap();
    let low = comparison.attempt(&lossy(30)).unwrap();
    assert!(low.smaller && low.bytes < high.bytes, "{low:?} {high:?}");
    assert!(low.score < high.score, "{low:?} {high:?}");
    assert_ne!(low.version, high.version);
    // What is shown is always the newest.
    assert!(
        comparison
            .look(Side::Result(high.version), 0, &whole)
            .is_err()
    );
    let shown = comparison
        .look(Side::Result(low.version), 0, &whole)
        .unwrap();
    assert_ne!(shown, before);
    let map = comparison
        .look(Side::Difference(low.version), 0, &whole)
        .unwrap();
    assert!(matches!(map, Looked::Png(_)));
    assert_ne!(map, shown);
}

#[test]
fn a_sample_is_shown_before_the_whole() {
    let original = noisy(300, 200);
    let comparison = Comparison::open(original.clone(), &original).unwrap();
    let part = View {
        left: 20,
        top: 30,
        ..View::whole(64, 48)
    };
    let sample = comparison.sample(&lossy(20), &part).unwrap().unwrap();
    let Looked::Png(shown) = comparison
        .look(Side::Sample(sample.version), 0, &part)
        .unwrap()
    else {
        panic!("a sample is a picture");
    };
    assert_eq!(shown[16..24], [0, 0, 0, 64, 0, 0, 0, 48]);
    assert!(
        comparison
            .sample(
                &Recipe {
                    mode: Mode::Lossless,
                    ..lossy(20)
                },
                &part
            )
            .unwrap()
            .is_none()
    );
    assert!(
        comparison
            .look(Side::Sample(sample.version + 1), 0, &part)
            .is_err()
    );
}

#[test]
fn a_new_attempt_cancels_the_one_before() {
    let comparison = Comparison::open(noisy(1200, 900), &noisy(1200, 900)).unwrap();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| comparison.attempt(&lossy(60)));
        // It may not have begun yet.
        while !slow.is_finished() {
            comparison.cancel();
            std::thread::sleep(Duration::from_millis(5));
        }
        let error = slow.join().unwrap().unwrap_err();
        assert!(error.superseded, "{error}");
    });
    let whole = View::whole(1200, 900);
    assert!(comparison.look(Side::Result(0), 0, &whole).is_ok());
}

#[test]
fn what_is_no_image_says_so() {
    let error = Comparison::open(b"half".to_vec(), b"half").err().unwrap();
    assert!(!error.superseded);
    assert_eq!(
        error.to_string(),
        "This is not an image that Whittle knows."
    );
}

#[test]
fn the_original_of_a_replaced_image_is_its_backup_until_it_is_put_back() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    bench.run_one(&path, &in_place());
    let id = bench.store.history(&Default::default()).unwrap().entries[0].id;
    let original = |history| original_bytes(Some(&bench.store), &path, history).unwrap();
    assert_eq!(original(Some(id)), b"half of this stays");
    assert_eq!(original(None), b"half of t");
    assert_eq!(result_bytes(&path).unwrap(), b"half of t");
    revert(&bench.store, id, Edited::Refuse).unwrap();
    std::fs::write(&path, "edited since").unwrap();
    assert_eq!(original(Some(id)), b"edited since");
}

#[test]
fn what_was_changed_since_it_was_measured_is_known() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let report = bench.run_one(&path, &Plan::default());
    let result = report.output.unwrap();
    let id = bench.store.history(&Default::default()).unwrap().entries[0].id;
    let changed = |id| {
        let original = original_bytes(Some(&bench.store), &path, Some(id)).unwrap();
        let result = result_bytes(&result).unwrap();
        let changed = changed_since(&bench.store, id, None, &original, Some(&result)).unwrap();
        (changed.original, changed.result)
    };
    assert_eq!(changed(id), (false, false));
    std::fs::write(&result, "edited").unwrap();
    assert_eq!(changed(id), (false, true));
    std::fs::write(&path, "half of another").unwrap();
    assert_eq!(changed(id), (true, true));
    // Nothing is known of a line that there is not.
    assert_eq!(changed(i64::MAX), (false, false));
}

#[test]
fn a_derivative_that_was_changed_is_known() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let report = bench.run_one(&path, &styled(&["thumb", "pico"], Plan::default()));
    let id = bench.store.history(&Default::default()).unwrap().entries[0].id;
    let changed = |at: usize| {
        let derivative = &report.derivatives[at];
        let original = original_bytes(Some(&bench.store), &path, Some(id)).unwrap();
        let file = result_bytes(derivative.output.as_ref().unwrap()).unwrap();
        let style = Some(derivative.style.as_str());
        let changed = changed_since(&bench.store, id, style, &original, Some(&file)).unwrap();
        (changed.original, changed.result)
    };
    assert_eq!([changed(0), changed(1)], [(false, false); 2]);
    std::fs::write(report.derivatives[1].output.as_ref().unwrap(), "edited").unwrap();
    assert_eq!([changed(0), changed(1)], [(false, false), (false, true)]);
    std::fs::write(&path, "half of another").unwrap();
    assert_eq!([changed(0), changed(1)], [(true, false), (true, true)]);
}

#[test]
fn a_derivative_lies_beside_the_resized_original() {
    let original = noisy(96, 64);
    let recipe = Recipe {
        styles: vec![
            "box:fit:48x48".parse().unwrap(),
            "square:crop:32x32".parse().unwrap(),
        ],
        ..Recipe::default()
    };
    let encoded = whittle_engine::optimize(&original, &recipe, &Cancel::new()).unwrap();
    for derivative in &encoded.derivatives {
        let comparison =
            Comparison::open_derivative(original.clone(), derivative.strategy, &derivative.bytes)
                .unwrap();
        let size = (derivative.width, derivative.height);
        let shown = comparison.original();
        assert_eq!((shown.width(), shown.height()), size);
        assert_eq!(comparison.input_bytes(), None);
        let whole = View::whole(size.0, size.1);
        let side = |side| match comparison.look(side, 0, &whole).unwrap() {
            Looked::Png(png) => png,
            Looked::Svg(text) => panic!("{text}"),
        };
        let score = whittle_engine::score(
            &side(Side::Original),
            &side(Side::Result(0)),
            &whittle_core::Limits::default(),
            &Cancel::new(),
        );
        // The same part of the picture, not compressed: close to what the engine measured.
        let apart = score.unwrap().0 - derivative.score.0;
        assert!(apart.abs() < 1.0, "{}: {apart}", derivative.style);
        assert!(comparison.attempt(&lossy(50)).is_err());
    }
}

#[test]
fn an_attempt_tells_what_was_tried() {
    let original = noisy(96, 64);
    let comparison = Comparison::open(original.clone(), &original).unwrap();
    let made = comparison.attempt(&lossy(40)).unwrap();
    let chosen: Vec<_> = made
        .tried
        .iter()
        .filter(|tried| tried.verdict == whittle_core::Verdict::Chosen)
        .collect();
    assert_eq!(chosen.len(), 1, "{:?}", made.tried);
    assert_eq!((chosen[0].bytes, chosen[0].score), (made.bytes, made.score));
}
