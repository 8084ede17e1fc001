//! Every fixture in every mode: what the engine promises holds, and what must fail fails.
//!
//! The cases are data. All that is wrong is collected and told at the end, not only the first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use whittle_core::{Cancel, ErrorCode, Format, Limits, Metadata, Mode, Recipe};
use whittle_engine::{Encoded, Error, Foreign, accepted};
use whittle_tests::decode::{self, metadata};
use whittle_tests::fixtures::{self, Expect, Fixture, Picture};
use whittle_tests::fuzz::damaged;
use whittle_tests::promises::{self, Look};
use whittle_tests::two_at_a_time;

/// A fixture takes milliseconds; whatever takes so long hangs.
const HANGS: Duration = Duration::from_secs(60);

/// Other strategies in each mode, so that every one meets every fixture.
fn recipe(mode: Mode) -> Recipe {
    let styles: &[&str] = match mode {
        Mode::Lossless => &["fit:fit:40x30", "exact:exact:33x57"],
        Mode::Balanced => &["crop:crop:32x32", "wide:landscape:50x"],
        Mode::Lossy => &["auto:auto:64x64", "tall:portrait:x20"],
    };
    Recipe {
        mode,
        styles: styles
            .iter()
            .map(|style| style.parse().expect("a style"))
            .collect(),
        limits: Limits {
            time: HANGS,
            ..Limits::default()
        },
        ..Recipe::default()
    }
}

fn optimized(bytes: &[u8], recipe: &Recipe) -> Result<Result<Encoded, Error>, String> {
    catch_unwind(AssertUnwindSafe(|| {
        whittle_engine::optimize(bytes, recipe, &Cancel::new())
    }))
    .map_err(|_| "a panic escaped".to_owned())
}

fn told(failures: Vec<Vec<String>>) {
    let failures: Vec<String> = failures.into_iter().flatten().collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn promises_hold_for_every_fixture_in_every_mode() {
    let cases: Vec<(Fixture, Mode)> = fixtures::all()
        .into_iter()
        .flat_map(|fixture| promises::modes().map(|mode| (fixture.clone(), mode)))
        .collect();
    told(two_at_a_time(&cases, |(fixture, mode)| {
        let wrong = judged(fixture, *mode);
        wrong
            .into_iter()
            .map(|what| format!("{} {}: {what}", fixture.name, mode.name()))
            .collect()
    }));
}

fn judged(fixture: &Fixture, mode: Mode) -> Vec<String> {
    let recipe = recipe(mode);
    let result = match optimized(&fixture.bytes, &recipe) {
        Ok(result) => result,
        Err(panic) => return vec![panic],
    };
    match (&result, fixture.expect) {
        (Ok(_), Expect::Error(_)) => vec!["no error".to_owned()],
        (Ok(made), Expect::Ok | Expect::Either(_)) => {
            let mut wrong = Vec::new();
            if Some(made.format) != fixture.format {
                wrong.push(format!("taken for {}", made.format));
            }
            // What is broken cannot be judged by a decoder that refuses it.
            if fixture.expect == Expect::Ok || judgeable(fixture) {
                wrong.extend(promises::broken(
                    &fixture.bytes,
                    &recipe,
                    made,
                    Look::Closely,
                ));
            }
            wrong.extend(repeated(fixture, &recipe, made));
            wrong
        }
        (Err(error), Expect::Error(codes) | Expect::Either(codes))
            if codes.contains(&error.code()) =>
        {
            Vec::new()
        }
        (Err(error), _) => vec![format!("{:?}: {error}", error.code())],
    }
}

fn judgeable(fixture: &Fixture) -> bool {
    match fixture.format {
        Some(Format::Svg) => decode::svg::text(&fixture.bytes)
            .is_ok_and(|text| decode::svg::drawn(&text, 64).is_ok()),
        Some(format) => decode::open(format, &fixture.bytes).is_ok(),
        None => false,
    }
}

/// The same input gives the same bytes.
fn repeated(fixture: &Fixture, recipe: &Recipe, made: &Encoded) -> Option<String> {
    let again = match optimized(&fixture.bytes, recipe) {
        Ok(Ok(again)) => again,
        other => return Some(format!("the second time: {other:?}")),
    };
    let same = again.bytes == made.bytes
        && again
            .derivatives
            .iter()
            .map(|one| &one.bytes)
            .eq(made.derivatives.iter().map(|one| &one.bytes));
    (!same).then(|| "another result the second time".to_owned())
}

/// What was made by a mode is left alone by the same mode.
#[test]
fn a_second_run_writes_nothing() {
    let cases: Vec<(Fixture, Mode)> = fixtures::all()
        .into_iter()
        .filter(|fixture| fixture.format == Some(Format::Jpeg))
        .flat_map(|fixture| promises::modes().map(|mode| (fixture.clone(), mode)))
        .collect();
    told(two_at_a_time(&cases, |(fixture, mode)| {
        let recipe = Recipe {
            mode: *mode,
            ..Recipe::default()
        };
        let Ok(Ok(Encoded {
            bytes: Some(first), ..
        })) = optimized(&fixture.bytes, &recipe)
        else {
            return Vec::new();
        };
        match optimized(&first, &recipe) {
            Ok(Ok(Encoded { bytes: None, .. })) => Vec::new(),
            Ok(Ok(Encoded {
                bytes: Some(second),
                ..
            })) => vec![format!(
                "{} {}: {} bytes became {} in a second run",
                fixture.name,
                mode.name(),
                first.len(),
                second.len()
            )],
            other => vec![format!("{} {}: {other:?}", fixture.name, mode.name())],
        }
    }));
}

#[test]
fn metadata_goes_and_stays_by_policy() {
    let told_something: Vec<(Fixture, Metadata)> = fixtures::all()
        .into_iter()
        .filter(|fixture| !fixture.rights.is_empty() || !fixture.private.is_empty())
        .flat_map(|fixture| {
            [Metadata::Strip, Metadata::Copyright, Metadata::Keep]
                .map(|policy| (fixture.clone(), policy))
        })
        .collect();
    assert!(
        told_something.len() >= 24,
        "only {} cases",
        told_something.len()
    );
    told(two_at_a_time(&told_something, |(fixture, policy)| {
        let cases = promises::modes().map(|mode| {
            let recipe = Recipe {
                metadata: *policy,
                ..recipe(mode)
            };
            let made = optimized(&fixture.bytes, &recipe)
                .map_err(|panic| vec![panic])
                .and_then(|result| result.map_err(|error| vec![error.to_string()]));
            let wrong = made.map_or_else(
                |wrong| wrong,
                |made| metadata_wrong(fixture, *policy, &made),
            );
            wrong
                .into_iter()
                .map(move |what| format!("{} {policy:?} {}: {what}", fixture.name, mode.name()))
        });
        cases.into_iter().flatten().collect()
    }));
}

fn metadata_wrong(fixture: &Fixture, policy: Metadata, made: &Encoded) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut look = |file: &[u8], what: &str, is_derivative: bool| {
        let found = metadata(made.format, file);
        let has = |text: &str| {
            found
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        for text in fixture.rights {
            if has(text) == (policy == Metadata::Strip) {
                wrong.push(format!(
                    "{what}: \"{text}\" {}",
                    if has(text) { "stayed" } else { "went" }
                ));
            }
        }
        for text in fixture.private {
            // A derivative is a new picture: what was said about the old one may go with it.
            let must_stay = policy == Metadata::Keep && !is_derivative;
            if has(text) && policy != Metadata::Keep || must_stay && !has(text) {
                wrong.push(format!(
                    "{what}: \"{text}\" {}",
                    if has(text) { "stayed" } else { "went" }
                ));
            }
        }
    };
    match &made.bytes {
        Some(bytes) => look(bytes, "result", false),
        // With something to remove, there is always something smaller.
        None if policy != Metadata::Keep => look(&fixture.bytes, "original", false),
        None => {}
    }
    for derivative in &made.derivatives {
        look(&derivative.bytes, &derivative.style, true);
    }
    let removes = policy != Metadata::Keep && !fixture.private.is_empty();
    if made.bytes.is_some() && removes && made.removed.is_empty() {
        wrong.push("nothing is told about what was removed".to_owned());
    }
    wrong
}

/// A service that takes everything away, and one that leaves everything in: what is accepted of either has
/// what the policy says, resized pictures as well.
#[test]
fn metadata_goes_and_stays_by_policy_whoever_made_the_result() {
    let cases: Vec<(Fixture, Metadata, Metadata)> = fixtures::all()
        .into_iter()
        .filter(|fixture| !fixture.rights.is_empty() || !fixture.private.is_empty())
        .filter(|fixture| fixture.format != Some(Format::Gif))
        .flat_map(|fixture| {
            let services = [Metadata::Strip, Metadata::Keep];
            services.map(|service| {
                [Metadata::Strip, Metadata::Copyright, Metadata::Keep]
                    .map(|policy| (fixture.clone(), service, policy))
            })
        })
        .flatten()
        // A drawing that is to keep everything is taken as the service leaves it.
        .filter(|(fixture, service, policy)| {
            let drawing = fixture.format == Some(Format::Svg);
            !(drawing && *policy == Metadata::Keep && *service != Metadata::Keep)
        })
        .collect();
    assert!(cases.len() >= 48, "only {} cases", cases.len());
    told(two_at_a_time(&cases, |(fixture, service, policy)| {
        let made_with = |metadata| Recipe {
            metadata,
            ..recipe(Mode::Lossy)
        };
        let accepted = optimized(&fixture.bytes, &made_with(*service)).and_then(|made| {
            let made = made.map_err(|error| error.to_string())?;
            let full_size = made.bytes.ok_or("nothing smaller was made")?;
            let foreign = Foreign {
                full_size,
                derivatives: made.derivatives.into_iter().map(|one| one.bytes).collect(),
            };
            let recipe = made_with(*policy);
            accepted(&fixture.bytes, foreign, &recipe, &Cancel::new())
                .map_err(|error| error.to_string())
        });
        let wrong = match &accepted {
            Ok(made) if made.bytes.is_some() => metadata_wrong(fixture, *policy, made),
            Ok(_) => vec!["it was left as it is".into()],
            Err(error) => vec![error.clone()],
        };
        let name = &fixture.name;
        wrong
            .into_iter()
            .map(|what| format!("{name} {policy:?} of {service:?}: {what}"))
            .collect()
    }));
}

/// A service may turn the pixels: the original's direction must not turn them once more.
#[test]
fn a_direction_is_not_taken_over_by_a_result_that_was_turned() {
    let original = fixtures::named("jpeg-orientation-6.jpg").bytes;
    let size = whittle_engine::inspect(&original, &Limits::default()).unwrap();
    let style = format!("whole:exact:{}x{}", size.width, size.height);
    let turning = Recipe {
        styles: vec![style.parse().unwrap()],
        ..Recipe::default()
    };
    let mut turned = optimized(&original, &turning).unwrap().unwrap().derivatives;
    let turned = turned.remove(0).bytes;
    for metadata in [Metadata::Strip, Metadata::Copyright, Metadata::Keep] {
        let recipe = Recipe {
            metadata,
            mode: Mode::Lossy,
            ..Recipe::default()
        };
        let foreign = Foreign {
            full_size: turned.clone(),
            derivatives: Vec::new(),
        };
        // The score tells: the other way round it would show something else.
        let made = accepted(&original, foreign, &recipe, &Cancel::new()).unwrap();
        assert!(made.bytes.is_some() && made.score.0 >= 79.0, "{made:?}");
    }
}

#[test]
fn sizes_are_told_and_thumbnails_made_without_optimizing() {
    let fixtures: Vec<Fixture> = fixtures::all()
        .into_iter()
        .filter(|fixture| fixture.expect == Expect::Ok)
        .collect();
    told(two_at_a_time(&fixtures, |fixture| {
        previewed(fixture)
            .err()
            .map(|error| format!("{}: {error:#}", fixture.name))
            .into_iter()
            .collect()
    }));
}

fn previewed(fixture: &Fixture) -> anyhow::Result<()> {
    let limits = Limits::default();
    let format = fixture.format.expect("fine fixtures are images");
    let info = whittle_engine::inspect(&fixture.bytes, &limits)?;
    anyhow::ensure!(info.format == format, "inspected as {}", info.format);
    let thumbnail = whittle_engine::thumbnail(&fixture.bytes, 24, &limits, &Cancel::new())?;
    let mut small = decode::open(Format::Png, &thumbnail)?;
    anyhow::ensure!(
        small.width <= 24 && small.height <= 24,
        "{} × {}",
        small.width,
        small.height
    );
    let ratio = |width: u32, height: u32| f64::from(width) / f64::from(height);
    let within = |length: u32| f64::from(length).max(1.0).recip() + 0.001;
    let (shown, made) = (
        ratio(info.width, info.height),
        ratio(small.width, small.height),
    );
    let tolerance = within(small.width) + within(small.height);
    anyhow::ensure!(
        (made / shown - 1.0).abs() <= tolerance || small.width.min(small.height) == 1,
        "{} × {} for {} × {}",
        small.width,
        small.height,
        info.width,
        info.height
    );
    if format != Format::Svg {
        let original = decode::open(format, &fixture.bytes)?;
        anyhow::ensure!(
            (original.width, original.height) == (info.width, info.height),
            "{} × {} is inspected as {} × {}",
            original.width,
            original.height,
            info.width,
            info.height
        );
    }
    if fixture.name.contains("-orientation-") && info.width == 96 {
        let frame = small.frames.next().expect("a picture")?;
        let corner = |x: u32, y: u32| {
            let start = ((y * small.width + x) * 4) as usize;
            [
                frame.rgba[start],
                frame.rgba[start + 1],
                frame.rgba[start + 2],
            ]
        };
        let wanted = Picture::corners(96, 64);
        for (x, y, from_x, from_y) in [
            (2, 2, 8, 8),
            (small.width - 3, 2, 87, 8),
            (2, small.height - 3, 8, 55),
            (small.width - 3, small.height - 3, 87, 55),
        ] {
            let (got, want) = (corner(x, y), wanted.at(from_x, from_y));
            let near = (0..3).all(|c| got[c].abs_diff(want[c]) < 40);
            anyhow::ensure!(
                near,
                "the corner at {x}, {y} is {got:?} instead of {want:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn images_are_scored_against_each_other() {
    let limits = Limits::default();
    let score = |a: &[u8], b: &[u8]| whittle_engine::score(a, b, &limits, &Cancel::new());
    let jpeg = fixtures::named("jpeg-baseline-444.jpg").bytes;
    let worse = fixtures::named("jpeg-quality-35.jpg").bytes;
    assert_eq!(score(&jpeg, &jpeg).expect("two images").0, 100.0);
    let lossy = score(&jpeg, &worse).expect("two images").0;
    assert!((20.0..85.0).contains(&lossy), "{lossy}");
    // Another format and direction, the same picture.
    let turned = fixtures::jpeg::oriented(6);
    let upright = fixtures::png::encoded(&Picture::corners(96, 64));
    let turned = score(&upright, &turned).expect("two images").0;
    assert!(turned > 80.0, "{turned}");
    let p3 = fixtures::named("png-icc-display-p3.png").bytes;
    let untagged = fixtures::png::encoded(&Picture::photo(160, 120, 15));
    let duller = score(&p3, &untagged).expect("two images").0;
    assert!(duller < 95.0, "the profile was ignored: {duller}");
    assert!(score(&jpeg, &untagged).is_err(), "other sizes");
    assert!(score(&jpeg, b"no image").is_err());
}

#[test]
fn work_stops_when_it_is_asked_to() {
    for fixture in fixtures::all()
        .into_iter()
        .filter(|fixture| fixture.expect == Expect::Ok)
    {
        let asked = Cancel::new();
        asked.cancel();
        let error = whittle_engine::optimize(&fixture.bytes, &recipe(Mode::Balanced), &asked)
            .expect_err(&fixture.name);
        assert_eq!(error.code(), ErrorCode::Cancelled, "{}", fixture.name);
        let mut hurried = recipe(Mode::Balanced);
        hurried.limits.time = Duration::ZERO;
        let error = whittle_engine::optimize(&fixture.bytes, &hurried, &Cancel::new())
            .expect_err(&fixture.name);
        assert_eq!(error.code(), ErrorCode::TimedOut, "{}", fixture.name);
    }
}

#[test]
fn limits_are_kept() {
    let limited = |change: fn(&mut Limits)| {
        let mut recipe = recipe(Mode::Lossless);
        change(&mut recipe.limits);
        recipe
    };
    for (name, recipe, code) in [
        (
            "jpeg-baseline-420.jpg",
            limited(|limits| limits.pixels = 1000),
            ErrorCode::TooManyPixels,
        ),
        (
            "png-photo.png",
            limited(|limits| limits.pixels = 1000),
            ErrorCode::TooManyPixels,
        ),
        (
            "gif-photo.gif",
            limited(|limits| limits.pixels = 1000),
            ErrorCode::TooManyPixels,
        ),
        (
            "gif-film.gif",
            limited(|limits| limits.frames = 3),
            ErrorCode::TooManyFrames,
        ),
        (
            "png-animated-over.png",
            limited(|limits| limits.frames = 3),
            ErrorCode::TooManyFrames,
        ),
        (
            "svg-drawing.svg",
            limited(|limits| limits.svg_nodes = 10),
            ErrorCode::TooComplex,
        ),
        (
            "svg-nesting-200.svg",
            limited(|limits| limits.svg_depth = 50),
            ErrorCode::TooComplex,
        ),
        (
            "svg-drawing.svgz",
            limited(|limits| limits.inflated_bytes = 1000),
            ErrorCode::TooComplex,
        ),
    ] {
        let bytes = fixtures::named(name).bytes;
        let error = whittle_engine::optimize(&bytes, &recipe, &Cancel::new()).expect_err(name);
        assert_eq!(error.code(), code, "{name}");
    }
}

/// Damages that files really suffer, the same on every run.
#[test]
fn damaged_files_harm_only_themselves() {
    let small: Vec<Fixture> = fixtures::all()
        .into_iter()
        .filter(|fixture| fixture.bytes.len() < 6000)
        .collect();
    let cases: Vec<(String, Vec<u8>, Mode)> = small
        .iter()
        .enumerate()
        .flat_map(|(index, fixture)| {
            (0..3u32)
                .filter(|_| !fixture.bytes.is_empty())
                .map(move |round| {
                    let seed = index as u32 * 31 + round;
                    let mode = promises::modes()[(seed % 3) as usize];
                    (
                        format!("{} damaged with {seed}", fixture.name),
                        damaged(&fixture.bytes, seed),
                        mode,
                    )
                })
        })
        .collect();
    assert!(cases.len() > 300, "only {} cases", cases.len());
    told(two_at_a_time(&cases, |(name, bytes, mode)| {
        let wrong = match optimized(bytes, &recipe(*mode)) {
            Err(panic) => Some(panic),
            Ok(Ok(made)) => made
                .bytes
                .filter(|result| result.len() >= bytes.len())
                .map(|result| format!("{} bytes became {}", bytes.len(), result.len())),
            Ok(Err(error)) => matches!(
                error.code(),
                ErrorCode::Internal | ErrorCode::TimedOut | ErrorCode::VerificationFailed
            )
            .then(|| format!("{:?}: {error}", error.code())),
        };
        wrong
            .map(|what| format!("{name}, {}: {what}", mode.name()))
            .into_iter()
            .collect()
    }));
}
