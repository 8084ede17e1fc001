//! The search for the smallest document that looks and works the same.

use std::collections::HashSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use whittle_core::{Cancel, Effort, Format, Mode, Recipe, Score};

use super::contained;
use super::guard::{self, Facts};
use super::ladder::{self, Reach, Rung};
use super::open::{Source, parsed};
use super::render::{self, Drawing, View};
use super::resize;
use super::size::Geometry;
use super::tidy::{Removed, tidy};
use super::tree::{Element, Node, Tree};
use super::weight;
use crate::score::Reference;
use crate::{Derivative, Encoded, Error, Result};

pub(super) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    let source = Source::open(bytes, &recipe.limits)?;
    let document = source.parse()?;
    weight::check(&document, &recipe.limits)?;
    let geometry = Geometry::of(document.root_element());
    let (width, height) = geometry.rounded();
    let tree = Tree::of(&document);
    cancel.check()?;
    cancel.progress(0.05);

    let parts = 1.0 + recipe.styles.len() as f32;
    let search = Search { recipe, cancel };
    let best = search.smallest(&source.text, &tree)?;
    cancel.progress(0.05 + 0.95 / parts);
    let packed = packed(&best.text, source.gzipped)?;
    let smaller = packed.len() < bytes.len();

    let mut derivatives = Vec::new();
    for (index, style) in recipe.styles.iter().enumerate() {
        cancel.check()?;
        let placed = style.place(width, height);
        let resized = resize::resized(&tree, &geometry, style);
        let text = resized.written();
        search.lies_right(&tree, &geometry, style, &text)?;
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
    let changed = smaller || !derivatives.is_empty();
    Ok(Encoded {
        format: Format::Svg,
        bytes: smaller.then_some(packed),
        score: if smaller {
            best.score
        } else {
            Score::IDENTICAL
        },
        width,
        height,
        frames: 1,
        removed: if changed {
            best.removed.words()
        } else {
            Vec::new()
        },
        notes: if changed {
            vec!["render verified".to_owned()]
        } else {
            Vec::new()
        },
        derivatives,
    })
}

struct Search<'a> {
    recipe: &'a Recipe,
    cancel: &'a Cancel,
}

/// The smallest document that passed.
struct Best {
    text: String,
    score: Score,
    removed: Removed,
}

impl Search<'_> {
    /// The smallest text that looks and works as `text`, which `tree` was made of.
    fn smallest(&self, text: &str, tree: &Tree) -> Result<Best> {
        let nature = Nature::of(tree);
        let mut tidied = tree.clone();
        let removed = tidy(&mut tidied, self.recipe.metadata, nature.runs_script);
        let facts = Facts::of(&tidied, &HashSet::new());
        if let Some(lost) = Facts::of(tree, &removed.ids).difference(&facts, false) {
            return Err(Error::failed_check(format!("tidying lost \"{lost}\"")));
        }
        let tidied_text = tidied.written();
        let original = Original::of(text, facts)?;

        let mut best = Best {
            score: self
                .verdict(&tidied_text, &original)
                .ok_or_else(|| Error::failed_check("the tidied drawing looks different"))?,
            text: tidied_text,
            removed,
        };
        let tidied_text = best.text.clone();
        for rung in self.rungs(&nature, &original) {
            self.cancel.check()?;
            let candidate = contained(|| Ok(climbed(&tidied, &tidied_text, &nature, rung)));
            let Ok(Some(candidate)) = candidate else {
                continue;
            };
            if candidate.len() >= best.text.len() {
                continue;
            }
            if let Some(score) = self.verdict(&candidate, &original) {
                best.text = candidate;
                best.score = score;
                if self.recipe.effort != Effort::Max {
                    break;
                }
            }
        }
        Ok(best)
    }

    /// What to try, the strongest first.
    fn rungs(&self, nature: &Nature, original: &Original) -> Vec<Rung> {
        if nature.runs_script || nature.styled_from_outside {
            return Vec::new();
        }
        // Coordinates keep so many places that rounding moves nothing by more than this part of a
        // pixel of the closest view.
        let moves = match self.recipe.mode {
            Mode::Lossless => 0.02,
            Mode::Balanced => 0.1,
            Mode::Lossy => 0.2,
        };
        let scale = original.pixels_for_each_unit();
        let places = (scale / (2.0 * moves)).log10().ceil().clamp(0.0, 6.0) as u8;
        let rung = |reach, more: u8| Rung {
            reach,
            places: (places + more).min(7),
        };
        let all = [
            rung(Reach::All, 0),
            rung(Reach::All, 1),
            rung(Reach::Structure, 1),
            rung(Reach::Values, 1),
            rung(Reach::Values, 3),
        ];
        all.into_iter()
            .filter(|rung| !nature.moves || rung.reach == Reach::Values)
            .filter(|rung| self.recipe.effort != Effort::Fast || *rung != all[1])
            .collect()
    }

    /// How close a candidate is, when it may take the original's place.
    fn verdict(&self, candidate: &str, original: &Original) -> Option<Score> {
        contained(|| Ok(self.judged(candidate, original)))
            .ok()
            .flatten()
    }

    fn judged(&self, candidate: &str, original: &Original) -> Option<Score> {
        let document = parsed(candidate).ok()?;
        let facts = Facts::of(&Tree::of(&document), &HashSet::new());
        if let Some(lost) = original.facts.difference(&facts, true) {
            tracing::debug!(lost, "a smaller SVG lost something");
            return None;
        }
        weight::check(&document, &self.recipe.limits).ok()?;
        let drawing = Drawing::of(candidate).ok()?;
        let mut score = Score::IDENTICAL;
        for (size, picture) in &original.views {
            self.cancel.check().ok()?;
            if !drawing.is_bearable(size.width, size.height) {
                return None;
            }
            let seen = drawing.render(size.width, size.height).ok()?;
            let apart = render::difference(picture, &seen)?;
            tracing::debug!(?apart, size.width, "a smaller SVG was drawn");
            let fine = match self.recipe.mode {
                Mode::Lossless => apart.most <= SAME,
                Mode::Balanced => apart.share <= SHARE && !apart.lump,
                Mode::Lossy => apart.share <= 4.0 * SHARE && !apart.lump,
            };
            if !fine {
                return None;
            }
            if apart.most > SAME {
                let reference = Reference::new(&render::image(picture)).ok()?;
                let seen = reference.score(&render::image(&seen)).ok()?;
                score = if seen < score { seen } else { score };
            }
        }
        self.recipe
            .target()
            .is_none_or(|target| score >= target)
            .then_some(score)
    }

    /// Checks that a resized document shows the original where its new size says.
    fn lies_right(
        &self,
        tree: &Tree,
        geometry: &Geometry,
        style: &whittle_core::ResizeStyle,
        text: &str,
    ) -> Result<()> {
        let (width, height) = geometry.rounded();
        let placed = style.place(width, height);
        let fitting = resize::fitting(style);
        let original = Drawing::of(&resize::with_own_size(tree, geometry).written())?;
        let resized = Drawing::of(text)?;
        let view = View::of(f64::from(placed.width), f64::from(placed.height), 1.0);
        let (width, height) = original.bearable(view.width, view.height)?;
        let lies = resize::lies(geometry, &placed, fitting);
        let expected = original.render_placed(width, height, &placed, lies)?;
        let seen = resized.render(width, height)?;
        let apart = render::difference(&expected, &seen)
            .ok_or_else(|| Error::failed_check("the resized drawing has another size"))?;
        if apart.share > 4.0 * SHARE || apart.lump {
            return Err(Error::failed_check("the resized drawing looks different"));
        }
        Ok(())
    }
}

/// A difference in a channel that nobody sees: rounding of edges.
const SAME: u8 = 8;

/// The part of all pixels that may be off by more than [`render::VISIBLE`]: edges, never areas.
const SHARE: f64 = 0.0005;

/// What candidates are compared with.
struct Original {
    facts: Facts,
    views: Vec<(View, resvg::tiny_skia::Pixmap)>,
    drawn: (f32, f32),
    shown: f64,
}

impl Original {
    fn of(text: &str, facts: Facts) -> Result<Original> {
        let drawing = Drawing::of(text)?;
        let (width, height) = drawing.size();
        let mut views = Vec::new();
        for scale in [1.0, 4.0] {
            let view = View::of(f64::from(width), f64::from(height), scale);
            let (width, height) = drawing.bearable(view.width, view.height)?;
            let view = View { width, height };
            views.push((view, drawing.render(width, height)?));
        }
        let document = parsed(text)?;
        let shown = Geometry::of(document.root_element())
            .view_box
            .map_or(f64::from(width.max(height)), |[.., w, h]| w.max(h));
        Ok(Original {
            facts,
            views,
            drawn: (width, height),
            shown,
        })
    }

    /// How many pixels of the closest view one unit of the outermost coordinates takes.
    fn pixels_for_each_unit(&self) -> f64 {
        let (width, height) = self.drawn;
        let widest = self
            .views
            .iter()
            .map(|(view, _)| {
                if width >= height {
                    view.width
                } else {
                    view.height
                }
            })
            .max()
            .unwrap_or(1);
        f64::from(widest) / self.shown
    }
}

/// What a document does besides being seen, which decides how far it may be changed.
#[derive(Debug, Default)]
struct Nature {
    /// Scripts may look for anything.
    runs_script: bool,
    /// A style sheet from elsewhere may look for anything.
    styled_from_outside: bool,
    /// Animation or a style sheet with states, media or fonts: a still render does not tell all.
    moves: bool,
}

impl Nature {
    fn of(tree: &Tree) -> Nature {
        let mut nature = Nature {
            styled_from_outside: tree.before.iter().any(
                |node| matches!(node, Node::Instruction(text) if text.starts_with("<?xml-stylesheet")),
            ),
            ..Nature::default()
        };
        tree.root.visit(&mut |element: &Element| {
            let handled = element
                .attributes
                .iter()
                .any(|attribute| guard::is_handler(&attribute.name));
            let scripted = element.local() == "script"
                || element.attributes.iter().any(|attribute| {
                    attribute.local() == "href"
                        && attribute.value.trim_start().starts_with("javascript:")
                });
            nature.runs_script |= handled || scripted;
            match element.local() {
                "style" => {
                    let css = element.text();
                    nature.styled_from_outside |= css.contains("@import");
                    nature.moves |= guard::is_lively(&css);
                }
                "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set"
                | "font" => nature.moves = true,
                "link" => nature.styled_from_outside = true,
                _ => {}
            }
            nature.moves |= element.attribute("style").is_some_and(|style| {
                ["animation", "transition", "var(", "--"]
                    .iter()
                    .any(|mark| style.contains(mark))
            });
        });
        nature
    }
}

/// One rung's candidate. Style sheets that do more than a render shows are kept out of the
/// optimiser's sight and put back as they were.
fn climbed(tidied: &Tree, text: &str, nature: &Nature, rung: Rung) -> Option<String> {
    if !nature.moves {
        return ladder::climbed(text, rung);
    }
    let mut hidden = tidied.clone();
    let mut sheets = Vec::new();
    hidden.root.visit_mut(&mut |element| {
        if element.is_svg() && element.local() == "style" {
            let sheet = (
                element.attributes.clone(),
                std::mem::take(&mut element.children),
            );
            element.attributes.clear();
            element.set("type", format!("sheet/{}", sheets.len()));
            element.children.push(Node::Text("-".to_owned()));
            sheets.push(sheet);
        }
    });
    let climbed = ladder::climbed(&hidden.written(), rung)?;
    let document = parsed(&climbed).ok()?;
    let mut tree = Tree::of(&document);
    let mut restored = 0;
    tree.root.visit_mut(&mut |element| {
        let index = element
            .attribute("type")
            .and_then(|kind| kind.strip_prefix("sheet/"))
            .and_then(|index| index.parse::<usize>().ok());
        if let Some((attributes, children)) = index.and_then(|index| sheets.get(index)) {
            element.attributes = attributes.clone();
            element.children = children.clone();
            restored += 1;
        }
    });
    (restored == sheets.len()).then(|| tree.written())
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

    use whittle_core::Metadata;

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
        let recipe = Recipe::default();
        let cancel = Cancel::new();
        let search = Search {
            recipe: &recipe,
            cancel: &cancel,
        };
        let document = parsed(&text).unwrap();
        let facts = Facts::of(&Tree::of(&document), &HashSet::new());
        let original = Original::of(&text, facts).unwrap();
        assert_eq!(search.verdict(&text, &original), Some(Score::IDENTICAL));
        for other in [
            text.replace("M60 60h9v9H0", ""),
            text.replace("h50v50", "h51v50"),
            text.replace("M0 0h50", "M0 0H48"),
            text.replace("<path d='M0", "<path fill='#222' d='M0"),
            text.replace("<path d='M0", "<path opacity='.8' d='M0"),
            text.replace("</svg>", ""),
        ] {
            assert_eq!(search.verdict(&other, &original), None, "{other}");
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
