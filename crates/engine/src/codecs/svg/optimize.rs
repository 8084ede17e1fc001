//! An SVG made smaller, and the resized ones that were asked for.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use whittle_core::{Cancel, Format, Recipe, ResizeStyle, Score, Way};

use super::difference::{VISIBLE, difference};
use super::nature::Nature;
use super::open::Source;
use super::rasters;
use super::render::{Drawing, View};
use super::resize;
use super::search::Search;
use super::size::Geometry;
use super::tree::Tree;
use super::verify::SHARE;
use super::weight;
use crate::{Derivative, Encoded, Error, Result, Trials};

pub(super) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let source = Source::open(bytes, &recipe.limits)?;
    let document = source.parse()?;
    weight::check(&document, &recipe.limits)?;
    let geometry = Geometry::of(document.root_element());
    let (width, height) = geometry.rounded();
    let mut tree = Tree::of(&document);
    cancel.check()?;
    let nature = Nature::of(&tree);
    let of_pictures = if nature.runs_script {
        Vec::new()
    } else {
        rasters::repacked(&mut tree, recipe, cancel)?
    };
    cancel.progress(0.05);

    let parts = 1.0 + recipe.styles.len() as f32;
    let search = Search { recipe, cancel };
    let best = search.smallest(&source.text, &tree)?;
    cancel.progress(0.05 + 0.95 / parts);
    let packed = packed(&best.text, source.gzipped)?;
    let smaller = packed.len() < bytes.len();
    let mut removed = best.removed.words();
    for word in of_pictures {
        if !removed.contains(&word) {
            removed.push(word);
        }
    }

    let mut derivatives = Vec::new();
    for (index, style) in recipe.styles.iter().enumerate() {
        cancel.check()?;
        let placed = style.place(width, height);
        let resized = resize::resized(&tree, &geometry, style);
        let text = resized.written();
        lies_right(&tree, &geometry, style, &text)?;
        let best = search.smallest(&text, &resized)?;
        derivatives.push(Derivative {
            style: style.name.clone(),
            strategy: style.strategy,
            width: placed.width,
            height: placed.height,
            bytes: self::packed(&best.text, source.gzipped)?,
            score: best.score,
        });
        cancel.progress(0.05 + 0.95 * (index as f32 + 2.0) / parts);
    }
    let score = match smaller {
        true => best.score,
        false => Score::IDENTICAL,
    };
    let way = match best.score == Score::IDENTICAL {
        true => Way::Packed,
        false => Way::Reduced,
    };
    let mut trials = Trials::default();
    trials.made(way, packed.len(), best.score);
    let changed = smaller || !derivatives.is_empty();
    Ok(Encoded {
        format: Format::Svg,
        tried: trials.judged(smaller.then_some(packed.as_slice()), score),
        bytes: smaller.then_some(packed),
        score,
        width,
        height,
        frames: 1,
        removed: if changed { removed } else { Vec::new() },
        notes: if changed {
            vec!["render verified".to_owned()]
        } else {
            Vec::new()
        },
        derivatives,
    })
}

/// Checks that a resized document shows the original where its new size says.
fn lies_right(tree: &Tree, geometry: &Geometry, style: &ResizeStyle, text: &str) -> Result<()> {
    let (width, height) = geometry.rounded();
    let placed = style.place(width, height);
    let fitting = resize::fitting(style);
    let original = Drawing::of(&resize::with_own_size(tree, geometry).written())?;
    let resized = Drawing::of(text)?;
    let view = View::of(f64::from(placed.width), f64::from(placed.height));
    let (width, height) = original.bearable(view.width, view.height)?;
    let lies = resize::lies(geometry, &placed, fitting);
    let expected = original.render_placed(width, height, &placed, lies)?;
    let seen = resized.render(width, height)?;
    let apart = difference(&expected, &seen, VISIBLE)
        .ok_or_else(|| Error::failed_check("the resized drawing has another size"))?;
    if apart.share > 4.0 * SHARE || apart.lump {
        return Err(Error::failed_check("the resized drawing looks different"));
    }
    Ok(())
}

/// The file: gzipped when the original was.
fn packed(text: &str, gzipped: bool) -> Result<Vec<u8>> {
    if !gzipped {
        return Ok(text.as_bytes().to_vec());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(text.as_bytes())
        .map_err(Error::internal)?;
    encoder.finish().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use whittle_core::{Metadata, Mode};

    use super::super::guard::{Facts, Uncounted};
    use super::super::open::parsed;
    use super::super::verify::Original;
    use super::*;

    const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" "#;

    fn made(text: &str, recipe: &Recipe) -> Encoded {
        super::super::optimize(text.as_bytes(), recipe, &Cancel::new()).unwrap()
    }

    fn smaller(text: &str, mode: Mode) -> String {
        let recipe = Recipe {
            mode,
            ..Recipe::default()
        };
        let bytes = made(text, &recipe).bytes.unwrap_or_else(|| text.into());
        String::from_utf8(bytes).unwrap()
    }

    const SHAPES: &str = r##"
        <!-- made by hand -->
        <g transform="translate(10.00000, 10.00000)">
            <g>
                <path fill="#ff0000" d="M 0.000000 0.000000 L 40.000000 0.000000 L 40.000000 40.000000 L 0.000000 40.000000 Z"/>
            </g>
            <rect x="50.000" y="50.000" width="20.0000" height="20.0000" style="fill: rgb(0, 128, 0); stroke: none"/>
        </g>
    "##;

    #[test]
    fn drawings_become_smaller_in_every_mode() {
        let text = format!("<?xml version=\"1.0\"?>\n{HEAD}>{SHAPES}</svg>");
        for mode in [Mode::Lossless, Mode::Balanced, Mode::Lossy] {
            let encoded = made(
                &text,
                &Recipe {
                    mode,
                    ..Recipe::default()
                },
            );
            let bytes = encoded.bytes.unwrap();
            assert!(
                bytes.len() * 2 < text.len(),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
            assert_eq!(encoded.score, Score::IDENTICAL);
            assert_eq!(
                (encoded.width, encoded.height, encoded.frames),
                (100, 100, 1)
            );
            assert_eq!(encoded.removed, ["comments"]);
            assert_eq!(encoded.notes, ["render verified"]);
        }
    }

    #[test]
    fn a_second_run_finds_nothing() {
        let once = smaller(&format!("{HEAD}>{SHAPES}</svg>"), Mode::Balanced);
        let again = made(&once, &Recipe::default());
        assert_eq!(again.bytes, None);
        assert_eq!(again.score, Score::IDENTICAL);
        assert!(again.removed.is_empty() && again.notes.is_empty());
    }

    #[test]
    fn what_a_render_cannot_see_stays() {
        for kept in [
            r#"role="img" aria-label="A box""#,
            r#"id="logo" class="brand""#,
            r#"data-name="box""#,
            r#"preserveAspectRatio="xMinYMin slice" viewBox="0 0 50 20""#,
        ] {
            let after = smaller(&format!("{HEAD}{kept}>{SHAPES}</svg>"), Mode::Balanced);
            for attribute in kept.split("\" ") {
                assert!(after.contains(attribute), "{attribute} in {after}");
            }
        }
        for kept in [
            "<title>A box</title>",
            "<style>@font-face{font-family:A;src:url(a.woff)}</style>",
            "<style>@media (prefers-color-scheme:dark){path{fill:#fff}}</style>",
            "<style>path:hover{fill:blue}</style>",
            "<style>@keyframes a{to{opacity:0}}path{animation:a 1s}</style>",
            r#"<set attributeName="fill" to="red" begin="1s"/>"#,
            "<script>go()</script>",
            r#"<a href="https://example.org/"><path d="M0 0h9v9"/></a>"#,
            r#"<x:note xmlns:x="urn:x">a</x:note>"#,
            r#"<foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">a</p></foreignObject>"#,
            r#"<font><glyph d="M0 0h9" unicode="a"/></font>"#,
        ] {
            let text = format!("{HEAD}>{SHAPES}{kept}</svg>");
            let after = smaller(&text, Mode::Balanced);
            assert!(after.contains(kept), "{kept} in {after}");
            assert!(after.len() < text.len(), "{after}");
        }
        let text = r#"<text x="5" y="20" font-family="Arial">Two  <tspan font-weight="bold">words</tspan></text>"#;
        let after = smaller(&format!("{HEAD}>{SHAPES}{text}</svg>"), Mode::Balanced);
        // 700 is what CSS calls bold.
        let bold = after.contains("bold") || after.contains(r#"font-weight="700""#);
        assert!(bold && after.contains("Arial") && after.contains("words</tspan>"));
    }

    #[test]
    fn scripts_keep_the_document_they_know() {
        let text = format!("{HEAD}onload=\"go()\">{SHAPES}</svg>");
        let after = smaller(&text, Mode::Balanced);
        assert!(
            after.contains("onload=\"go()\"") && after.contains("<g>\n"),
            "{after}"
        );
        assert!(!after.contains("<!--"));
    }

    #[test]
    fn candidates_that_change_the_picture_are_refused() {
        let text = format!("{HEAD}><path d='M0 0h50v50H0z'/><path d='M60 60h9v9H0'/></svg>");
        let document = parsed(&text).unwrap();
        let facts = Facts::of(&Tree::of(&document), &Uncounted::default());
        let original = Original::of(&text, facts).unwrap();
        let verdict = |other: &str| {
            original
                .judged(
                    other,
                    &Uncounted::default(),
                    &Recipe::default(),
                    &Cancel::new(),
                )
                .ok()
                .flatten()
        };
        assert_eq!(verdict(&text), Some(Score::IDENTICAL));
        for other in [
            text.replace("M60 60h9v9H0", ""),
            text.replace("h50v50", "h51v50"),
            text.replace("M0 0h50", "M0 0H48"),
            text.replace("<path d='M0", "<path fill='#222' d='M0"),
            text.replace("<path d='M0", "<path opacity='.8' d='M0"),
            text.replace("</svg>", ""),
        ] {
            assert_eq!(verdict(&other), None, "{other}");
        }
    }

    #[test]
    fn svgz_stays_svgz() {
        let mut gzipped = GzEncoder::new(Vec::new(), Compression::fast());
        write!(gzipped, "{HEAD}>{}</svg>", SHAPES.repeat(9)).unwrap();
        let gzipped = gzipped.finish().unwrap();
        let encoded = super::super::optimize(&gzipped, &Recipe::default(), &Cancel::new()).unwrap();
        let bytes = encoded.bytes.unwrap();
        assert!(bytes.len() < gzipped.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.starts_with("<svg") && text.ends_with("</svg>"));
    }

    #[test]
    fn policies_are_followed() {
        let text = format!("{HEAD}><!-- © Ann --><!-- todo -->{SHAPES}</svg>");
        for (metadata, rights, todo) in [
            (Metadata::Strip, false, false),
            (Metadata::Copyright, true, false),
            (Metadata::Keep, true, true),
        ] {
            let encoded = made(
                &text,
                &Recipe {
                    metadata,
                    ..Recipe::default()
                },
            );
            let after = String::from_utf8(encoded.bytes.unwrap()).unwrap();
            assert_eq!(after.contains("© Ann"), rights, "{after}");
            assert_eq!(after.contains("todo"), todo, "{after}");
        }
    }

    #[test]
    fn derivatives_are_made_and_checked() {
        let styles = ["a:fit:50x50", "b:crop:40x20", "c:exact:300x30"];
        let recipe = Recipe {
            styles: styles.iter().map(|style| style.parse().unwrap()).collect(),
            ..Recipe::default()
        };
        for root in ["", r#"viewBox="0 0 100 100""#, r#"viewBox="0 0 100 50""#] {
            let encoded = made(&format!("{HEAD}{root}>{SHAPES}</svg>"), &recipe);
            let sizes: Vec<_> = encoded
                .derivatives
                .iter()
                .map(|made| (made.style.as_str(), made.width, made.height))
                .collect();
            assert_eq!(sizes, [("a", 50, 50), ("b", 40, 20), ("c", 300, 30)]);
            for made in &encoded.derivatives {
                let text = std::str::from_utf8(&made.bytes).unwrap();
                let document = roxmltree::Document::parse(text).unwrap();
                let root = document.root_element();
                assert_eq!(
                    root.attribute("width"),
                    Some(made.width.to_string().as_str())
                );
                assert_eq!(
                    root.attribute("height"),
                    Some(made.height.to_string().as_str())
                );
                assert!(root.has_attribute("viewBox"), "{text}");
            }
        }
    }

    #[test]
    fn a_cancelled_search_stops() {
        let cancel = Cancel::new();
        cancel.cancel();
        let text = format!("{HEAD}>{SHAPES}</svg>");
        let result = super::super::optimize(text.as_bytes(), &Recipe::default(), &cancel);
        assert!(matches!(result, Err(Error::Cancelled(_))));
    }
}
