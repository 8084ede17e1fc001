//! Items 11 to 18: what is made of an image.

use serde_json::{Value, json};
use whittle_engine::{
    Cancel, Derivative, Encoded, Format, Level, Limits, Metadata, Mode, Recipe, Score,
};
use whittle_tests::decode::{self, metadata};
use whittle_tests::fixtures::{Picture, jpeg, named, png};
use whittle_tests::promises::{self, Look};

use crate::support::{Server, images, path_of};

fn format_of(file_type: &Value) -> Format {
    match file_type.as_str().unwrap() {
        "image/jpeg" => Format::Jpeg,
        "image/png" => Format::Png,
        "image/gif" => Format::Gif,
        "image/svg+xml" => Format::Svg,
        other => panic!("{other}"),
    }
}

/// The first picture of each format that is worth working on.
fn one_of_each() -> [(&'static str, Vec<u8>); 4] {
    [
        ("photo.jpg", images::photo(160, 120)),
        ("screen.png", png::encoded(&Picture::screenshot(160, 120))),
        ("film.gif", named("gif-disposal-keep.gif").bytes),
        ("drawing.svg", images::drawing(120, 80)),
    ]
}

#[test]
fn item_11_the_full_size_output_comes_first() {
    let server = Server::start();
    let resize = json!([{ "style": "b", "width": 10 }, { "style": "a", "width": 20 }, { "style": "c", "height": 5 }]).to_string();
    let image = server
        .compress("a.png", &images::small_png(), &[("resize", &resize)])
        .image();
    let outputs = image["optimized_images"].as_array().unwrap();
    let styles: Vec<&str> = outputs
        .iter()
        .map(|output| output["style"].as_str().unwrap())
        .collect();
    assert_eq!(styles, ["original", "b", "a", "c"]);
    let mut ids: Vec<u64> = outputs
        .iter()
        .map(|output| output["id"].as_u64().unwrap())
        .collect();
    let again = server.compress("a.png", &images::small_png(), &[]).image();
    ids.push(again["optimized_images"][0]["id"].as_u64().unwrap());
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert_ne!(again["id"], image["id"]);
}

#[test]
fn item_12_what_is_downloaded_is_what_was_said() {
    let server = Server::start();
    for (name, bytes) in one_of_each() {
        let image = server
            .compress(
                name,
                &bytes,
                &[(
                    "resize",
                    r#"[{"style":"half","strategy":"fit","width":60}]"#,
                )],
            )
            .image();
        assert_eq!(
            server.download(&image["link"]),
            bytes,
            "{name}: the original is kept bit for bit"
        );
        assert_eq!(image["size"], bytes.len());
        for output in image["optimized_images"].as_array().unwrap() {
            let answer = server.plain("GET", &path_of(&output["link"]), &[], b"");
            assert_eq!(answer.header("content-type"), output["file_type"].as_str());
            assert_eq!(output["size"], answer.body.len());
            let info = whittle_engine::inspect(&answer.body, &Limits::default()).unwrap();
            assert_eq!(info.format, format_of(&output["file_type"]), "{name}");
            assert_eq!(
                (json!(info.width), json!(info.height)),
                (output["width"].clone(), output["height"].clone()),
                "{name}"
            );
        }
        let full = &image["optimized_images"][0];
        assert_eq!(
            full["saved_bytes"],
            bytes.len() as u64 - full["size"].as_u64().unwrap()
        );
        assert_eq!(
            (&full["width"], &full["height"]),
            (&image["width"], &image["height"])
        );
    }
}

/// The answer as the engine would have given it, so that the judges of the engine can look at it.
fn as_encoded(server: &Server, image: &Value, source: &[u8], recipe: &Recipe) -> Encoded {
    let outputs = image["optimized_images"].as_array().unwrap();
    let size = |output: &Value, name: &str| output[name].as_u64().unwrap() as u32;
    let full = server.download(&outputs[0]["link"]);
    Encoded {
        format: format_of(&image["file_type"]),
        // Answers do not tell it; that it is enough is for the judges to say.
        score: whittle_engine::score(source, &full, &Limits::default(), &Cancel::new()).unwrap(),
        bytes: (full != source).then_some(full),
        width: size(&outputs[0], "width"),
        height: size(&outputs[0], "height"),
        frames: 1,
        removed: Vec::new(),
        notes: Vec::new(),
        tried: Vec::new(),
        derivatives: outputs[1..]
            .iter()
            .zip(&recipe.styles)
            .map(|(output, style)| Derivative {
                style: style.name.clone(),
                strategy: style.strategy,
                width: size(output, "width"),
                height: size(output, "height"),
                bytes: server.download(&output["link"]),
                score: Score::IDENTICAL,
            })
            .collect(),
    }
}

/// Smaller, the same picture, private parts gone: by decoders that are not the engine's.
fn is_kept(server: &Server, name: &str, source: &[u8], mode: Mode, level: u8) -> u64 {
    let given = [
        ("compression_type", mode.name().to_owned()),
        ("compression_level", level.to_string()),
    ];
    let given: Vec<(&str, &str)> = given
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let image = server.compress(name, source, &given).image();
    let recipe = Recipe {
        mode,
        level: Level::new(level).unwrap(),
        metadata: Metadata::Strip,
        ..Recipe::default()
    };
    let made = as_encoded(server, &image, source, &recipe);
    let broken: Vec<String> = promises::broken(source, &recipe, &made, Look::Closely)
        .into_iter()
        // What only the engine knows of its own result is not in an answer.
        .filter(|text| !text.starts_with("made once"))
        .collect();
    assert!(broken.is_empty(), "{name} {mode:?}: {broken:?}");
    image["optimized_images"][0]["size"].as_u64().unwrap()
}

#[test]
fn item_13_lossless_keeps_every_pixel() {
    let server = Server::start();
    for (name, bytes) in one_of_each() {
        is_kept(&server, name, &bytes, Mode::Lossless, 85);
    }
}

#[test]
fn item_14_sizes_and_scores_are_in_order() {
    let server = Server::start();
    for (name, bytes) in one_of_each() {
        let lossless = is_kept(&server, name, &bytes, Mode::Lossless, 85);
        let balanced = is_kept(&server, name, &bytes, Mode::Balanced, 85);
        assert!(
            balanced <= lossless && lossless <= bytes.len() as u64,
            "{name}: {balanced} {lossless}"
        );
    }
    let photo = images::photo(200, 150);
    let low = is_kept(&server, "photo.jpg", &photo, Mode::Lossy, 30);
    let high = is_kept(&server, "photo.jpg", &photo, Mode::Lossy, 90);
    assert!(low <= high, "{low} at 30, {high} at 90");
}

#[test]
fn item_15_what_is_optimal_comes_back_as_it_is() {
    let server = Server::start();
    for (name, bytes) in one_of_each() {
        let lossless = [("compression_type", "lossless")];
        let mut bytes = bytes;
        // Until nothing more is found, which is soon.
        let mut image = Value::Null;
        for _ in 0..4 {
            image = server.compress(name, &bytes, &lossless).image();
            let next = server.download(&image["optimized_images"][0]["link"]);
            if next == bytes {
                break;
            }
            bytes = next;
        }
        let full = &image["optimized_images"][0];
        assert_eq!(full["saved_bytes"], 0, "{name}");
        assert_eq!(full["status"], "completed", "{name}");
        assert_eq!(server.download(&full["link"]), bytes, "{name}");
    }
}

#[test]
fn item_16_the_type_is_told_by_content() {
    let server = Server::start();
    let png = images::small_png();
    let image = server.compress("wrong.jpg", &png, &[]).image();
    assert_eq!(
        (&image["file_type"], &image["filename"]),
        (&json!("image/png"), &json!("wrong.jpg"))
    );
    for (what, bytes) in [
        ("text", b"just a text".to_vec()),
        (
            "html",
            b"<!doctype html><html><body>hello</body></html>".to_vec(),
        ),
        ("webp", b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0".to_vec()),
        ("empty", Vec::new()),
        (
            "gzip",
            vec![
                0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
        ),
    ] {
        for answer in [
            server.compress("a.png", &bytes, &[]),
            server.enqueue("a.png", &bytes, &[]),
        ] {
            assert_eq!(
                answer.said(),
                (415, "unsupported_image_type".into()),
                "{what}"
            );
        }
    }
    let truncated = server.compress("a.png", &png[..png.len() / 2], &[]);
    assert_eq!(truncated.said(), (422, "image_undecodable".into()));
    let header = server.enqueue("a.png", &png[..20], &[]);
    assert_eq!(header.said(), (422, "image_undecodable".into()));
}

#[test]
fn item_17_rotated_photos_stay_upright_and_tags_go() {
    let server = Server::start();
    let upright = decode::open(Format::Jpeg, &jpeg::oriented(1))
        .unwrap()
        .frames
        .next()
        .unwrap()
        .unwrap();
    let rotated = jpeg::oriented(6);
    for mode in ["lossless", "balanced", "lossy"] {
        for strip in ["true", "false"] {
            let given = [
                ("compression_type", mode),
                ("strip_tags", strip),
                (
                    "resize",
                    r#"[{"style":"half","strategy":"fit","width":48}]"#,
                ),
            ];
            let image = server.compress("rotated.jpg", &rotated, &given).image();
            assert_eq!(
                (&image["width"], &image["height"]),
                (&json!(96), &json!(64))
            );
            for (at, size) in [(0, (96, 64)), (1, (48, 32))] {
                let output = &image["optimized_images"][at];
                assert_eq!(
                    (&output["width"], &output["height"]),
                    (&json!(size.0), &json!(size.1))
                );
                let bytes = server.download(&output["link"]);
                let mut shown = decode::open(Format::Jpeg, &bytes).unwrap();
                assert_eq!((shown.width, shown.height), size, "{mode}");
                let frame = shown.frames.next().unwrap().unwrap();
                // Each corner has a colour of its own.
                for (x, y) in [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)] {
                    let pixel = |rgba: &[u8], (width, height): (u32, u32)| {
                        let at = (f64::from(height) * y) as usize * width as usize
                            + (f64::from(width) * x) as usize;
                        [rgba[at * 4], rgba[at * 4 + 1], rgba[at * 4 + 2]]
                    };
                    let (now, then) = (pixel(&frame.rgba, size), pixel(&upright.rgba, (96, 64)));
                    let off = now
                        .iter()
                        .zip(then)
                        .map(|(a, b)| a.abs_diff(b))
                        .max()
                        .unwrap();
                    assert!(
                        off < 60,
                        "{mode}, strip {strip}: {now:?} where {then:?} was"
                    );
                }
            }
        }
    }
    let camera = jpeg::camera();
    let serial = whittle_tests::fixtures::SERIAL.as_bytes();
    let has = |bytes: &[u8]| bytes.windows(serial.len()).any(|part| part == serial);
    assert!(has(&camera));
    for (strip, kept) in [
        (None, false),
        (Some("true"), false),
        (Some("1"), false),
        (Some("false"), true),
        (Some("0"), true),
    ] {
        let given: Vec<(&str, &str)> = strip.iter().map(|strip| ("strip_tags", *strip)).collect();
        let image = server.compress("camera.jpg", &camera, &given).image();
        let bytes = server.download(&image["optimized_images"][0]["link"]);
        assert_eq!(has(&metadata(Format::Jpeg, &bytes)), kept, "{strip:?}");
    }
}

#[test]
fn item_18_a_result_that_takes_long_is_told_later() {
    let server = Server::with(&["--wait", "0", "--workers", "1"]);
    let resize = r#"[{"style":"icon","width":50}]"#;
    let image = server
        .compress("photo.jpg", &images::photo(900, 700), &[("resize", resize)])
        .image();
    assert_eq!(image["status"], "processing");
    for output in image["optimized_images"].as_array().unwrap() {
        assert!(matches!(
            output["status"].as_str(),
            Some("processing" | "enqueued")
        ));
        assert_eq!(
            (
                &output["size"],
                &output["saved_bytes"],
                &output["expire_at"]
            ),
            (&json!(0), &Value::Null, &Value::Null)
        );
        assert!(output["width"].as_u64().unwrap() > 0);
    }
    let image = server.ended(&image["id"]);
    assert_eq!(image["status"], "completed");
    assert!(
        image["optimized_images"]
            .as_array()
            .unwrap()
            .iter()
            .all(|output| output["status"] == "completed")
    );
}
