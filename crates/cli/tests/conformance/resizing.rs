//! Items 26 and 27: resize styles.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use whittle_engine::Format;
use whittle_tests::decode;
use whittle_tests::fixtures::{jpeg, png};

use crate::support::{Server, fixture, images};

/// A picture of this size in every format, whose quarters tell what a crop took.
fn pictures(width: u32, height: u32) -> [(&'static str, Format, Vec<u8>); 4] {
    let picture = images::thirds(width, height);
    [
        ("a.jpg", Format::Jpeg, jpeg::encoded(&picture, jpeg::CAMERA)),
        ("a.png", Format::Png, png::encoded(&picture)),
        (
            "a.gif",
            Format::Gif,
            images::animation(width as u16, height as u16),
        ),
        ("a.svg", Format::Svg, images::drawing(width, height)),
    ]
}

#[test]
fn item_26_every_line_of_the_table_in_every_format() {
    let server = Server::start();
    let table = fixture("table-resize");
    let mut by_source: BTreeMap<(u64, u64), Vec<Value>> = BTreeMap::new();
    for line in table.as_array().unwrap() {
        let source = (
            line["source"][0].as_u64().unwrap(),
            line["source"][1].as_u64().unwrap(),
        );
        by_source.entry(source).or_default().push(line.clone());
    }
    let mut checked = 0;
    for ((width, height), lines) in by_source {
        for (name, format, bytes) in pictures(width as u32, height as u32) {
            for (part, lines) in lines.chunks(10).enumerate() {
                let styles: Vec<Value> = lines
                    .iter()
                    .enumerate()
                    .map(|(at, line)| {
                        let mut style = json!({ "style": format!("s{at}") });
                        for member in ["strategy", "width", "height"] {
                            style[member] = line[member].clone();
                        }
                        style
                    })
                    .collect();
                let given = [
                    ("compression_type", "lossy"),
                    ("compression_level", "30"),
                    ("resize", &Value::from(styles).to_string()),
                ];
                let image = server.compress(name, &bytes, &given).image();
                for (at, line) in lines.iter().enumerate() {
                    let what = format!("{name} {width}×{height}, part {part}: {line}");
                    let output = &image["optimized_images"][at + 1];
                    assert_eq!(output["status"], "completed", "{what}");
                    assert_eq!(
                        json!([output["width"], output["height"]]),
                        line["output"],
                        "{what}"
                    );
                    let made = server.download(&output["link"]);
                    let wanted = (
                        line["output"][0].as_u64().unwrap() as u32,
                        line["output"][1].as_u64().unwrap() as u32,
                    );
                    match format {
                        Format::Svg => drawing(&made, wanted, line, &what),
                        format => raster(format, &made, wanted, (width, height), line, &what),
                    }
                    checked += 1;
                }
            }
        }
    }
    assert_eq!(checked, table.as_array().unwrap().len() * 4);
}

fn raster(
    format: Format,
    bytes: &[u8],
    wanted: (u32, u32),
    source: (u64, u64),
    line: &Value,
    what: &str,
) {
    let raster = decode::open(format, bytes).unwrap();
    assert_eq!((raster.width, raster.height), wanted, "{what}");
    let frames: Vec<_> = raster.frames.map(Result::unwrap).collect();
    assert_eq!(
        frames.len(),
        if format == Format::Gif { 2 } else { 1 },
        "{what}"
    );
    // A square cut from the middle of a 2:1 picture shows nothing of its outer quarters.
    let is_square_crop = wanted == (150, 150) && line["strategy"] != "exact";
    if !is_square_crop || source.0.max(source.1) != 1000 {
        return;
    }
    for frame in frames {
        for (x, y) in [(4, 75), (145, 75), (75, 4), (75, 145)] {
            let at = (y * 150 + x) * 4;
            let [r, g, b] = [frame.rgba[at], frame.rgba[at + 1], frame.rgba[at + 2]];
            assert!(
                r < 100 && g > 110 && b < 100,
                "{what}: {r} {g} {b} at {x}, {y}"
            );
        }
    }
}

fn drawing(bytes: &[u8], wanted: (u32, u32), line: &Value, what: &str) {
    let text = decode::svg::text(bytes).unwrap();
    let (width, height) = decode::svg::size(&text).unwrap();
    assert_eq!(
        (width.round() as u32, height.round() as u32),
        wanted,
        "{what}"
    );
    let root = &text[text.find("<svg").unwrap()..];
    let root = &root[..root.find('>').unwrap()];
    assert!(root.contains("viewBox"), "{what}: {root}");
    let both = line["width"].is_number() && line["height"].is_number();
    match line["strategy"].as_str() {
        Some("crop") | None if both => assert!(root.contains("slice"), "{what}: {root}"),
        Some("exact") => assert!(root.contains("\"none\""), "{what}: {root}"),
        _ => assert!(
            !root.contains("slice") && !root.contains("\"none\""),
            "{what}: {root}"
        ),
    }
}

#[test]
fn item_27_styles_that_are_not_valid() {
    let server = Server::start();
    let png = images::small_png();
    let eleven: Vec<Value> = (0..11)
        .map(|at| json!({ "style": format!("s{at}"), "width": 5 }))
        .collect();
    for styles in [
        json!([{ "width": 5 }]),
        json!([{ "style": "original", "width": 5 }]),
        json!([{ "style": "a", "width": 5 }, { "style": "a", "width": 6 }]),
        json!([{ "style": "a/b", "width": 5 }]),
        json!([{ "style": "", "width": 5 }]),
        json!([{ "style": "a".repeat(65), "width": 5 }]),
        json!([{ "style": "a", "strategy": "cover", "width": 5, "height": 5 }]),
        json!([{ "style": "a", "strategy": ["fit"], "width": 5 }]),
        json!([{ "style": "a" }]),
        json!([{ "style": "a", "strategy": "landscape", "height": 5 }]),
        json!([{ "style": "a", "strategy": "portrait", "width": 5 }]),
        json!([{ "style": "a", "strategy": "exact", "width": 5 }]),
        json!([{ "style": "a", "width": 0 }]),
        json!([{ "style": "a", "width": -5 }]),
        json!([{ "style": "a", "width": 5.5 }]),
        json!([{ "style": "a", "width": 16385 }]),
        json!([{ "style": "a", "width": 5, "height": "crop" }]),
        json!(["a"]),
        json!(7),
        json!("not json"),
        Value::from(eleven),
    ] {
        let answer = server.compress("a.png", &png, &[("resize", &styles.to_string())]);
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{styles}");
        assert!(answer.json()["message"]["resize"].is_array(), "{styles}");
    }
    let cover = json!([{ "style": "a", "strategy": "cover", "width": 5 }]).to_string();
    let answer = server.compress("a.png", &png, &[("resize", &cover)]);
    assert_eq!(
        answer.json()["message"],
        fixture("decided-error-422-resize-strategy")["message"]
    );
    let ten: Vec<Value> = (0..10)
        .map(|at| json!({ "style": format!("s{at}"), "width": 5 }))
        .collect();
    let image = server
        .compress("a.png", &png, &[("resize", &Value::from(ten).to_string())])
        .image();
    assert_eq!(image["optimized_images"].as_array().unwrap().len(), 11);
}
