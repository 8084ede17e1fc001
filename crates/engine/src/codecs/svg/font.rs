//! A made-up font, so that text can be drawn and compared where no font may be loaded.
//!
//! Each character is a box; its width tells which character it is, and its height and the gap after
//! it which family, weight and style were asked for. Two drawings whose text looks the same in it
//! place the same text at the same size in the same font.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use resvg::usvg::{self, FontResolver, fontdb};

/// Draws all text in boxes.
pub(super) fn boxes() -> FontResolver<'static> {
    FontResolver {
        select_font: Box::new(|font, database| Some(face(variant(font), database))),
        select_fallback: Box::new(|_, _, _| None),
    }
}

/// How many fonts can be told apart.
const VARIANTS: u64 = 64;

fn variant(font: &usvg::Font) -> u8 {
    let mut hasher = DefaultHasher::new();
    format!("{font:?}").hash(&mut hasher);
    (hasher.finish() % VARIANTS) as u8
}

fn face(variant: u8, database: &mut Arc<fontdb::Database>) -> fontdb::ID {
    let name = format!("boxes {variant}");
    let known = database
        .faces()
        .find(|face| face.post_script_name == name)
        .map(|face| face.id);
    known.unwrap_or_else(|| {
        Arc::make_mut(database).push_face_info(fontdb::FaceInfo {
            id: fontdb::ID::dummy(),
            source: fontdb::Source::Binary(Arc::new(font_file(variant))),
            index: 0,
            families: vec![(name.clone(), fontdb::Language::English_UnitedStates)],
            post_script_name: name,
            style: fontdb::Style::Normal,
            weight: fontdb::Weight::NORMAL,
            stretch: fontdb::Stretch::Normal,
            monospaced: false,
        })
    })
}

/// Units of the square that a character is drawn in.
const EM: u16 = 1000;

/// Boxes of different widths; characters take them in turn.
const BOXES: u16 = 11;

/// The glyph of whitespace, after the one for what is missing.
const BLANK: u16 = 1;

/// A TrueType file with the tables that a renderer cannot do without.
fn font_file(variant: u8) -> Vec<u8> {
    let height = 420 + i16::from(variant % 8) * 40;
    let gap = 20 + u16::from(variant / 8) * 15;
    let mut glyphs = Vec::new();
    let mut offsets = vec![0u32];
    let mut metrics = Vec::new();
    for glyph in 0..BLANK + 1 + BOXES {
        let width = 200 + 45 * glyph;
        if glyph != BLANK {
            glyphs.extend(box_outline(width.cast_signed(), height));
        }
        offsets.push(glyphs.len() as u32);
        push(&mut metrics, &[width + gap, 0]);
    }
    let count = BLANK + 1 + BOXES;
    let mut loca = Vec::new();
    for offset in offsets {
        loca.extend(offset.to_be_bytes());
    }
    let mut head = Vec::new();
    push(&mut head, &[1, 0, 1, 0, 0, 0, 0x5f0f, 0x3cf5, 0, EM]);
    head.extend([0; 16]);
    // Bounds, no style, smallest size, direction, long offsets, format.
    push(&mut head, &[0, 0, EM, EM, 0, 8, 2, 1, 0]);
    let mut hhea = Vec::new();
    push(
        &mut hhea,
        &[1, 0, 800, 0u16.wrapping_sub(200), 0, EM, 0, 0, EM],
    );
    push(&mut hhea, &[1, 0, 0, 0, 0, 0, 0, 0, count]);
    let mut maxp = Vec::new();
    push(
        &mut maxp,
        &[1, 0, count, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    tables(&[
        (b"cmap", character_map()),
        (b"glyf", glyphs),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", metrics),
        (b"loca", loca),
        (b"maxp", maxp),
    ])
}

fn push(table: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        table.extend(value.to_be_bytes());
    }
}

/// A rectangle of four points on the baseline.
fn box_outline(width: i16, height: i16) -> Vec<u8> {
    let mut outline = Vec::new();
    let number = |value: i16| value.cast_unsigned();
    // One contour, its bounds, its last point, no instructions.
    push(
        &mut outline,
        &[1, 0, 0, number(width), number(height), 3, 0],
    );
    // Each point is on the curve, with whole words for its steps.
    outline.extend([1; 4]);
    push(&mut outline, &[0, 0, number(width), 0]);
    push(&mut outline, &[0, number(height), 0, number(-height)]);
    outline
}

/// Every character has a glyph: a subtable of format 13, which maps ranges to single glyphs.
fn character_map() -> Vec<u8> {
    let mut groups: Vec<(u32, u32, u32)> = Vec::new();
    let box_of = |character: u32| u32::from(BLANK) + 1 + character % u32::from(BOXES);
    for character in 0x20..0x2000 {
        let glyph = match character {
            0x20 | 0xa0 => u32::from(BLANK),
            _ => box_of(character),
        };
        groups.push((character, character, glyph));
    }
    groups.push((0x2000, 0x200a, u32::from(BLANK)));
    groups.push((0x200b, 0x0010_ffff, box_of(0)));
    let mut map = Vec::new();
    // Version, one subtable: Windows, full repertoire, after 12 bytes.
    push(&mut map, &[0, 1, 3, 10, 0, 12, 13, 0]);
    map.extend((16 + 12 * groups.len() as u32).to_be_bytes());
    map.extend(0u32.to_be_bytes());
    map.extend((groups.len() as u32).to_be_bytes());
    for (first, last, glyph) in groups {
        for value in [first, last, glyph] {
            map.extend(value.to_be_bytes());
        }
    }
    map
}

/// Puts tables, in the order of their names, into a file. Nobody here reads the checksums.
fn tables(tables: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let count = tables.len() as u16;
    push(&mut file, &[1, 0, count, 64, 2, count * 16 - 64]);
    let mut offset = 12 + 16 * tables.len();
    for (name, table) in tables {
        file.extend(*name);
        for value in [0, offset as u32, table.len() as u32] {
            file.extend(value.to_be_bytes());
        }
        offset += table.len().next_multiple_of(4);
    }
    for (_, table) in tables {
        file.extend(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::super::difference::difference;
    use super::super::render::Drawing;

    /// The largest difference between two texts.
    fn apart(a: &str, b: &str) -> u8 {
        let drawn = |text: &str| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='50'>{text}</svg>"
            );
            let drawing = Drawing::of(&svg).unwrap();
            drawing.render(200, 50).unwrap()
        };
        difference(&drawn(a), &drawn(b), 0).unwrap().most
    }

    #[test]
    fn text_shows_and_tells_its_properties() {
        const TEXT: &str = "<text x='9' y='30'>Whittle ⻘ é</text>";
        assert_eq!(apart(TEXT, TEXT), 0);
        assert_eq!(
            apart(
                TEXT,
                "<g font-size='12'><text x='9' y='30.000'>Whittle ⻘ é</text></g>"
            ),
            0
        );
        for other in [
            "",
            "<text x='9' y='30'>Whettle ⻘ é</text>",
            "<text x='9' y='30'>Whittle⻘ é</text>",
            "<text x='9' y='31'>Whittle ⻘ é</text>",
            "<text x='9' y='30' fill='red'>Whittle ⻘ é</text>",
            "<text x='9' y='30' font-size='13'>Whittle ⻘ é</text>",
            "<text x='9' y='30' font-family='Arial'>Whittle ⻘ é</text>",
            "<text x='9' y='30' font-weight='bold'>Whittle ⻘ é</text>",
            "<text x='9' y='30' font-style='italic'>Whittle ⻘ é</text>",
            "<text x='9' y='30' letter-spacing='1'>Whittle ⻘ é</text>",
            "<text x='9' y='30' text-anchor='middle'>Whittle ⻘ é</text>",
            "<text x='9' y='30' text-decoration='underline'>Whittle ⻘ é</text>",
        ] {
            assert!(apart(TEXT, other) > 100, "{other}");
        }
    }
}
