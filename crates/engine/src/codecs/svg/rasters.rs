//! Pictures that stand within a drawing, made smaller by their own codecs.

use std::collections::HashMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use whittle_core::{Cancel, Format, Limits, Mode, Recipe};

use super::tree::{Attribute, Element, Tree};
use crate::codecs::{gif, jpeg, png};
use crate::{Encoded, Error, Info, Result, detect};

/// Makes the JPEG, PNG and GIF pictures of a drawing smaller, each without a change to a pixel: no render
/// compares them, and how large they are shown is for the page to say. Gives the words for what
/// metadata went.
pub(super) fn repacked(tree: &mut Tree, recipe: &Recipe, cancel: &Cancel) -> Result<Vec<String>> {
    let recipe = Recipe {
        mode: Mode::Lossless,
        styles: Vec::new(),
        ..recipe.clone()
    };
    // Their progress is none of the drawing's.
    let cancel = cancel.unseen();
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    let mut removed: Vec<String> = Vec::new();
    let mut stopped = None;
    tree.root.visit_mut(&mut |element| {
        let Some(link) = link(element) else {
            return;
        };
        if stopped.is_some() || known.contains_key(&link.value) {
            // Looked at before.
        } else {
            match smaller(&link.value, &recipe, &cancel) {
                Ok(found) => {
                    let words = found.iter().flat_map(|(_, words)| words);
                    for word in words {
                        if !removed.contains(word) {
                            removed.push(word.clone());
                        }
                    }
                    known.insert(link.value.clone(), found.map(|(value, _)| value));
                }
                Err(error @ Error::Cancelled(_)) => stopped = Some(error),
                // A picture that its codec refuses stays as it is.
                Err(error) => {
                    tracing::debug!(%error, "a picture in an SVG stays as it is");
                    known.insert(link.value.clone(), None);
                }
            }
        }
        if let Some(Some(value)) = known.get(&link.value) {
            link.value = value.clone();
        }
    });
    stopped.map_or(Ok(removed), Err)
}

/// What the pictures of a drawing may take of memory, one after the other.
pub(super) fn peak_memory(document: &roxmltree::Document, limits: &Limits) -> u64 {
    document
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| attribute.name() == "href")
        .filter_map(|attribute| Data::of(attribute.value()))
        .filter_map(|data| inspected(&data, limits).ok())
        .map(|info| info.peak_memory)
        .max()
        .unwrap_or(0)
}

fn link(element: &mut Element) -> Option<&mut Attribute> {
    if !element.is_svg() || !matches!(element.local(), "image" | "feImage") {
        return None;
    }
    element
        .attributes
        .iter_mut()
        .find(|attribute| attribute.local() == "href")
}

/// The link to the same picture in fewer characters, and the words for what went.
fn smaller(link: &str, recipe: &Recipe, cancel: &Cancel) -> Result<Option<(String, Vec<String>)>> {
    let Some(data) = Data::of(link) else {
        return Ok(None);
    };
    let made = optimized(&data, recipe, cancel)?;
    let bytes = made.bytes.as_deref().unwrap_or(&data.bytes);
    // Written anew in any case: many programs break the lines of base64.
    let link = format!("data:{},{}", data.kind, BASE64.encode(bytes));
    Ok(Some((link, made.removed)))
}

fn optimized(data: &Data, recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    match data.format {
        Format::Jpeg => jpeg::optimize(&data.bytes, recipe, cancel),
        Format::Png => png::optimize(&data.bytes, recipe, cancel),
        _ => gif::optimize(&data.bytes, recipe, cancel),
    }
}

fn inspected(data: &Data, limits: &Limits) -> Result<Info> {
    match data.format {
        Format::Jpeg => jpeg::inspect(&data.bytes, limits),
        Format::Png => png::inspect(&data.bytes, limits),
        _ => gif::inspect(&data.bytes, limits),
    }
}

/// As browsers read it: with or without the padding at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A picture in a link.
struct Data<'a> {
    /// What the link says of itself: `image/png;base64`.
    kind: &'a str,
    format: Format,
    bytes: Vec<u8>,
}

impl Data<'_> {
    /// `None` for all that is no JPEG, PNG or GIF in base64.
    fn of(link: &str) -> Option<Data<'_>> {
        let (kind, data) = link.trim().strip_prefix("data:")?.split_once(',')?;
        if !kind.to_ascii_lowercase().ends_with(";base64") {
            return None;
        }
        let packed: Vec<u8> = data
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let bytes = BASE64.decode(packed).ok()?;
        let format = detect(&bytes)?;
        matches!(format, Format::Jpeg | Format::Png | Format::Gif).then_some(Data {
            kind,
            format,
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Image;

    /// A PNG that wastes bytes: stored, not deflated.
    fn wasteful(side: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(::png::ColorType::Rgba);
        encoder.set_compression(::png::Compression::NoCompression);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels(side)).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn pixels(side: u32) -> Vec<u8> {
        (0..side * side)
            .flat_map(|at| [(at % side) as u8 * 3, 90, (at / side) as u8, 255])
            .collect()
    }

    fn drawing(link: &str) -> Tree {
        let text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>\
             <image width='9' height='9' xlink:href='{link}'/><image width='5' height='5' href='{link}'/></svg>"
        );
        Tree::of(&roxmltree::Document::parse(&text).unwrap())
    }

    fn links(tree: &Tree) -> Vec<String> {
        let mut links = Vec::new();
        tree.root.visit(&mut |element| {
            let found = element.attributes.iter().find(|one| one.local() == "href");
            links.extend(found.map(|one| one.value.clone()));
        });
        links
    }

    #[test]
    fn pictures_become_smaller_and_stay_the_same() {
        let bytes = wasteful(40);
        // With line breaks, as many programs write it.
        let mut base64 = BASE64.encode(&bytes);
        for at in (0..base64.len() / 76).rev() {
            base64.insert((at + 1) * 76, '\n');
        }
        let mut tree = drawing(&format!("data:image/png;base64,{base64}"));
        repacked(&mut tree, &Recipe::default(), &Cancel::new()).unwrap();
        let links = links(&tree);
        assert_eq!(links.len(), 2);
        assert_eq!(links[0], links[1]);
        let data = Data::of(&links[0]).unwrap();
        assert!(data.bytes.len() * 4 < bytes.len(), "{}", data.bytes.len());
        let Image { rgba, .. } =
            png::first_frame(&data.bytes, &Limits::default(), &Cancel::new()).unwrap();
        assert_eq!(rgba, pixels(40));
        // And again nothing.
        let before = tree.clone();
        repacked(&mut tree, &Recipe::default(), &Cancel::new()).unwrap();
        assert_eq!(tree, before);
    }

    #[test]
    fn what_is_no_picture_stays() {
        for link in [
            "data:image/svg+xml;base64,PHN2Zy8+",
            "data:image/png;base64,AAAA",
            "data:image/png;base64,%00",
            "data:image/png,AAAA",
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAE=",
            "photo.png",
            "#a",
        ] {
            let mut tree = drawing(link);
            let before = tree.clone();
            repacked(&mut tree, &Recipe::default(), &Cancel::new()).unwrap();
            assert_eq!(tree, before, "{link}");
        }
    }

    #[test]
    fn a_cancelled_run_stops() {
        let cancel = Cancel::new();
        cancel.cancel();
        let link = format!("data:image/png;base64,{}", BASE64.encode(wasteful(8)));
        let stopped = repacked(&mut drawing(&link), &Recipe::default(), &cancel);
        assert!(matches!(stopped, Err(Error::Cancelled(_))));
    }
}
