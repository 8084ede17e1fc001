//! SVG: drawn by resvg, and what a drawing does not show by its structure.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result, ensure};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use roxmltree::{Document, Node, ParsingOptions};

/// The text of an SVG, unpacked and in UTF-8.
///
/// # Errors
/// When it is neither gzip, UTF-8 nor UTF-16, or opens to more than 64 MiB.
pub fn text(bytes: &[u8]) -> Result<String> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut opened = Vec::new();
        flate2::read::GzDecoder::new(bytes)
            .take((64 << 20) + 1)
            .read_to_end(&mut opened)?;
        ensure!(opened.len() <= 64 << 20, "it opens to more than 64 MiB");
        opened
    } else {
        bytes.to_vec()
    };
    Ok(match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec())?,
        _ => String::from_utf8(bytes)?,
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    Ok(String::from_utf16(&units)?)
}

/// Draws it so that its longer side has this many pixels; gives straight RGBA and the width.
///
/// # Errors
/// When resvg cannot read it.
pub fn drawn(text: &str, side: u32) -> Result<(Vec<u8>, u32)> {
    let tree = Tree::from_str(text, &Options::default()).context("resvg")?;
    let size = tree.size();
    let scale = side as f32 / size.width().max(size.height());
    let width = ((size.width() * scale).round() as u32).max(1);
    let height = ((size.height() * scale).round() as u32).max(1);
    let whole = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    Ok((rendered(&tree, width, height, whole)?, width))
}

/// Draws it as large as fits into this size, in its own proportions and in the middle, as a viewer
/// does.
///
/// # Errors
/// When resvg cannot read it.
pub fn drawn_within(text: &str, width: u32, height: u32) -> Result<Vec<u8>> {
    let tree = Tree::from_str(text, &Options::default()).context("resvg")?;
    let (own_width, own_height) = (tree.size().width(), tree.size().height());
    let scale = (width as f32 / own_width).min(height as f32 / own_height);
    let left = (width as f32 - own_width * scale) / 2.0;
    let top = (height as f32 - own_height * scale) / 2.0;
    rendered(
        &tree,
        width,
        height,
        Transform::from_row(scale, 0.0, 0.0, scale, left, top),
    )
}

fn rendered(tree: &Tree, width: u32, height: u32, transform: Transform) -> Result<Vec<u8>> {
    let mut pixmap = Pixmap::new(width, height).context("a picture of this size")?;
    resvg::render(tree, transform, &mut pixmap.as_mut());
    Ok(pixmap
        .pixels()
        .iter()
        .flat_map(|pixel| {
            let colour = pixel.demultiply();
            [colour.red(), colour.green(), colour.blue(), colour.alpha()]
        })
        .collect())
}

/// The size in CSS pixels, as the renderer sees it.
///
/// # Errors
/// When resvg cannot read it.
pub fn size(text: &str) -> Result<(f32, f32)> {
    let tree = Tree::from_str(text, &Options::default()).context("resvg")?;
    Ok((tree.size().width(), tree.size().height()))
}

/// What a drawing does not show and must be the same: how often each fact is there.
///
/// # Errors
/// When it is not well-formed.
pub fn structure(text: &str) -> Result<BTreeMap<String, usize>> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)?;
    let mut facts = BTreeMap::new();
    let mut add = |fact: String| *facts.entry(fact).or_default() += 1;
    let root = document.root_element();
    ensure!(
        root.tag_name().name() == "svg",
        "the root is {}",
        root.tag_name().name()
    );
    for name in ["viewBox", "preserveAspectRatio"] {
        if let Some(value) = root.attribute(name) {
            let numbers: Vec<String> = value
                .split([' ', ',', '\n', '\t'])
                .filter(|part| !part.is_empty())
                .map(|part| {
                    part.parse::<f64>()
                        .map_or(part.to_owned(), |number| number.to_string())
                })
                .collect();
            let value = numbers.join(" ");
            // What is so anyway may go, and so may a view box that only says what width and height say.
            let said_anyway = match name {
                "viewBox" => says_its_size(&root, &numbers),
                _ => matches!(value.as_str(), "xMidYMid" | "xMidYMid meet"),
            };
            if !said_anyway {
                add(format!("{name} {value}"));
            }
        }
    }
    let named = references(&root);
    let ids: BTreeSet<&str> = root
        .descendants()
        .filter_map(|node| node.attribute("id"))
        .collect();
    for name in named.iter().filter(|name| !ids.contains(name.as_str())) {
        add(format!("{DANGLING} {name}"));
    }
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if node.ancestors().any(|above| is_left_over(&above, &named)) {
            continue;
        }
        let space = node.tag_name().namespace().unwrap_or("");
        if space != SVG {
            add(format!("{space} {name}: {}", words(&node)));
            continue;
        }
        match name {
            "desc" if words(&node).is_empty() => {}
            "title" | "desc" | "text" | "script" => add(format!("{name}: {}", words(&node))),
            "a" | "symbol" | "view" => {
                add(format!("{name} {}", node.attribute("id").unwrap_or("")));
            }
            "animate" | "animateTransform" | "animateMotion" | "animateColor" | "set" => {
                let said = [
                    "attributeName",
                    "values",
                    "from",
                    "to",
                    "by",
                    "begin",
                    "dur",
                ]
                .map(|name| node.attribute(name).unwrap_or(""));
                add(format!("{name} {}", said.join(" ")));
            }
            "foreignObject" | "switch" | "font" | "glyph" => add(name.to_owned()),
            "style" => {
                for rule in [
                    "@font-face",
                    "@keyframes",
                    "@media",
                    "@import",
                    ":hover",
                    "animation",
                ] {
                    if words(&node).contains(rule) {
                        add(format!("style {rule}"));
                    }
                }
            }
            _ => {}
        }
        for attribute in node.attributes() {
            let name = attribute.name();
            if attribute.namespace().is_some_and(is_editors) {
                continue;
            }
            let is_link = name == "href"
                && !attribute.value().starts_with('#')
                && !attribute.value().starts_with("data:");
            if matches!(name, "role" | "lang" | "tabindex" | "systemLanguage")
                || name.starts_with("aria-")
                || name.starts_with("data-")
                || name.starts_with("on")
                || is_link
            {
                add(format!("{name}={}", attribute.value()));
            }
        }
    }
    Ok(facts)
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// How the fact begins that a name is used which nothing has. A result may have fewer of these.
pub const DANGLING: &str = "dangling";

/// The identifiers that something in the document refers to.
fn references(root: &Node) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut urls = |value: &str| {
        for part in value.split("url(").skip(1) {
            let name = part
                .split(')')
                .next()
                .unwrap_or("")
                .trim_matches([' ', '"', '\'']);
            names.extend(name.strip_prefix('#').map(str::to_owned));
        }
    };
    for node in root.descendants() {
        node.attributes()
            .for_each(|attribute| urls(attribute.value()));
        if node.tag_name().name() == "style" {
            urls(&words(&node));
        }
    }
    for node in root
        .descendants()
        .filter(|node| node.tag_name().namespace() == Some(SVG))
    {
        for attribute in node
            .attributes()
            .filter(|attribute| attribute.name() == "href")
        {
            names.extend(
                attribute
                    .value()
                    .trim()
                    .strip_prefix('#')
                    .map(str::to_owned),
            );
        }
    }
    names
}

/// What an editor left behind and the policy takes away: its own vocabulary, its copy of the drawing for
/// itself, the note of which program made the file, metadata, and definitions that nothing can reach.
fn is_left_over(node: &Node, named: &BTreeSet<String>) -> bool {
    let space = node.tag_name().namespace().unwrap_or("");
    let in_defs = node
        .parent_element()
        .is_some_and(|above| above.tag_name().name() == "defs");
    let within = |found: &dyn Fn(&Node) -> bool| node.descendants().any(|node| found(&node));
    match node.tag_name().name() {
        _ if is_editors(space) || METADATA.contains(&space) => true,
        "metadata" => true,
        "desc" => {
            words(node).starts_with("Created with ") || words(node).starts_with("Created using ")
        }
        "foreignObject" => node.attribute("requiredExtensions").is_some_and(is_editors),
        "linearGradient" | "radialGradient" | "pattern" | "clipPath" | "mask" | "filter"
        | "marker" => {
            in_defs
                && !within(&|node| node.attribute("id").is_some_and(|id| named.contains(id)))
                && !within(&|node| matches!(node.tag_name().name(), "title" | "desc" | "script"))
        }
        _ => false,
    }
}

const METADATA: [&str; 4] = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://purl.org/dc/elements/1.1/",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
];

/// Vocabularies in which editors keep notes for themselves.
fn is_editors(space: &str) -> bool {
    [
        "inkscape",
        "sodipodi",
        "bohemiancoding.com",
        "ns.adobe.com",
        "corel.com",
        "figma.com",
        "svgjs",
        "boxy-svg",
        "vectornator",
        "serif.com",
        "krita",
        "vecta.io",
        "schemas.microsoft.com/visio",
        "taptrix",
        "sketch.com",
    ]
    .iter()
    .any(|editor| space.contains(editor))
}

fn says_its_size(root: &Node, view_box: &[String]) -> bool {
    let length = |name: &str| {
        root.attribute(name)?
            .trim_end_matches("px")
            .parse::<f64>()
            .ok()
    };
    let number = |at: usize| view_box.get(at)?.parse::<f64>().ok();
    number(0) == Some(0.0)
        && number(1) == Some(0.0)
        && number(2) == length("width")
        && number(3) == length("height")
}

fn words(node: &Node) -> String {
    let text: String = node
        .descendants()
        .filter_map(|node| node.text().filter(|_| node.is_text()))
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How much of two drawings of one size is visibly different: the share of pixels that are off by
/// more than 32 of 255 in a channel, over white or over nothing.
pub fn visible_difference(a: &[u8], b: &[u8]) -> f64 {
    let over_white = |pixel: &[u8], channel: usize| {
        let alpha = i32::from(pixel[3]);
        (i32::from(pixel[channel]) * alpha + 255 * (255 - alpha)) / 255
    };
    let off = a
        .chunks_exact(4)
        .zip(b.chunks_exact(4))
        .filter(|(a, b)| {
            a[3].abs_diff(b[3]) > 32
                || (0..3)
                    .any(|channel| (over_white(a, channel) - over_white(b, channel)).abs() > 32)
        })
        .count();
    off as f64 / (a.len() / 4) as f64
}
