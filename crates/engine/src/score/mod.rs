//! How close a picture is to its original: SSIMULACRA2, whole and for the worst block.
//!
//! The metric is in [`ssimulacra2`] and knows rows of bytes only; here it meets pictures and alpha.

pub(crate) mod ssimulacra2;

use std::borrow::Cow;

use whittle_core::Score;

use crate::pixels::{Image, Pixels};
use crate::{Error, Result};
use ssimulacra2::{Comparison, Suspect};

/// How far below its estimate a block's score may lie; the estimate knows the surroundings, which
/// the block alone lacks, and is mostly some points too low. Measured: 0.3 on photos from score -30 to 90.
const ESTIMATE_TOLERANCE: f64 = 0.5;

/// How many more blocks are scored to find the worst one when one is too bad already.
const MORE: usize = 32;

/// Backgrounds on which a picture with alpha is judged: what shows through must look right on both.
const BACKGROUNDS: [u8; 2] = [255, 0];

/// An original that results are compared with.
///
/// It is kept as pixels: to prepare more would take thirty times their memory and save a third of the
/// time.
pub(crate) struct Reference<'a> {
    width: u32,
    height: u32,
    /// Bytes a pixel.
    channels: usize,
    data: Cow<'a, [u8]>,
    palette: &'a [[u8; 4]],
    has_alpha: bool,
}

impl<'a> Reference<'a> {
    /// Of a copy of an sRGB picture.
    pub fn new(image: &Image) -> Result<Reference<'static>> {
        let reference = Reference::of(image);
        Ok(Reference {
            data: Cow::Owned(image.rgba.clone()),
            palette: &[],
            ..reference
        })
    }

    /// Of an sRGB picture that is still at hand.
    pub fn of(image: impl Into<Pixels<'a>>) -> Reference<'a> {
        let image = image.into();
        Reference {
            width: image.width,
            height: image.height,
            channels: image.channels,
            has_alpha: image.has_alpha(),
            data: Cow::Borrowed(image.data),
            palette: image.palette,
        }
    }

    /// The score of an sRGB picture of the same size; on the background where it is worst.
    pub fn score<'b>(&self, result: impl Into<Pixels<'b>>) -> Result<Score> {
        let result = result.into();
        let mut worst = Score::IDENTICAL;
        for background in self.backgrounds(result)? {
            worst = lower(worst, compared(self.pixels(), result, background).0);
        }
        Ok(worst)
    }

    /// The score, and that of the worst block of 128 × 128 pixels, which a mean hides. Blocks at the
    /// far edges are moved inwards to be whole.
    ///
    /// Where no block lies below `floor`, some score between it and the worst block's is told; the
    /// worst is looked for only where it matters, and then costs little more than the score.
    pub fn judge<'b>(&self, result: impl Into<Pixels<'b>>, floor: Score) -> Result<Judgement> {
        self.judge_reaching(result, Score(f64::MIN), floor)
    }

    /// The same; of a result below `target`, whose blocks do not matter, they are not looked at.
    pub fn judge_reaching<'b>(
        &self,
        result: impl Into<Pixels<'b>>,
        target: Score,
        floor: Score,
    ) -> Result<Judgement> {
        let result = result.into();
        let mut judgement = Judgement {
            score: Score::IDENTICAL,
            worst_block: Score::IDENTICAL,
        };
        for background in self.backgrounds(result)? {
            let (score, suspects) = compared(self.pixels(), result, background);
            judgement.score = lower(judgement.score, score);
            if judgement.score >= target {
                let worst = worst_of(self.pixels(), result, background, &suspects, floor);
                judgement.worst_block = lower(judgement.worst_block, worst);
            }
        }
        Ok(judgement)
    }

    fn pixels(&self) -> Pixels<'_> {
        Pixels {
            width: self.width,
            height: self.height,
            channels: self.channels,
            data: &self.data,
            palette: self.palette,
        }
    }

    /// The backgrounds on which the pictures have to be compared; none when they are identical.
    fn backgrounds(&self, result: Pixels<'_>) -> Result<Vec<Option<u8>>> {
        if (result.width, result.height) != (self.width, self.height) {
            return Err(Error::failed_check("its size changed"));
        }
        let alike = self.channels == result.channels && self.palette == result.palette;
        Ok(if alike && *self.data == *result.data {
            Vec::new()
        } else if self.has_alpha || result.has_alpha() {
            BACKGROUNDS.map(Some).to_vec()
        } else {
            vec![None]
        })
    }
}

/// What [`Reference::judge`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Judgement {
    pub score: Score,
    /// Exact where it is below the floor that was asked for.
    pub worst_block: Score,
}

/// The worst block, exact if it is below the floor.
fn worst_of(
    original: Pixels<'_>,
    result: Pixels<'_>,
    background: Option<u8>,
    suspects: &[Suspect],
    floor: Score,
) -> Score {
    let mut worst = Score::IDENTICAL;
    let mut more = MORE;
    for suspect in suspects {
        // Where nothing differs, nothing is estimated.
        let alike = suspect.estimate == Score::IDENTICAL.0;
        let tolerance = if alike { 0.0 } else { ESTIMATE_TOLERANCE };
        let at_least = Score(suspect.estimate - tolerance);
        if at_least >= worst || at_least >= floor || more == 0 {
            return lower(
                worst,
                if at_least < floor {
                    Score::IDENTICAL
                } else {
                    at_least
                },
            );
        }
        let mut comparison = Comparison::new(suspect.width, suspect.height);
        let (rows, result_rows) = (rows(original, suspect), rows(result, suspect));
        compare_rows(
            &mut comparison,
            rows.zip(result_rows),
            grounds([original, result], background),
        );
        worst = lower(worst, Score(comparison.finish()));
        if worst < floor {
            more -= 1;
        }
    }
    worst
}

fn rows<'a>(image: Pixels<'a>, part: &Suspect) -> impl Iterator<Item = &'a [u8]> {
    let line = image.width as usize * image.channels;
    let columns = part.left * image.channels..(part.left + part.width) * image.channels;
    image.data[part.top * line..]
        .chunks_exact(line)
        .take(part.height)
        .map(move |row| &row[columns.clone()])
}

/// The score over a grey background, or of opaque pictures, with all blocks, the worst first.
fn compared(
    original: Pixels<'_>,
    result: Pixels<'_>,
    background: Option<u8>,
) -> (Score, Vec<Suspect>) {
    let (width, height) = (original.width as usize, original.height as usize);
    let mut comparison = Comparison::by_block(width, height);
    let [rows, result_rows] =
        [original, result].map(|image| image.data.chunks_exact(width * image.channels));
    compare_rows(
        &mut comparison,
        rows.zip(result_rows),
        grounds([original, result], background),
    );
    let (score, suspects) = comparison.finish_by_block();
    (Score(score), suspects)
}

/// Compares rows, each laid over its ground if it needs one.
fn compare_rows<'a>(
    comparison: &mut Comparison,
    rows: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    grounds: [Ground; 2],
) {
    let (mut over, mut result_over) = (Vec::new(), Vec::new());
    for (row, result_row) in rows {
        comparison.push(
            grounds[0].laid_over(row, &mut over),
            grounds[1].laid_over(result_row, &mut result_over),
        );
    }
}

/// What makes colours of a row.
enum Ground {
    /// They are there already.
    None,
    /// A grey shows through.
    Grey(u8),
    /// They are in a palette, over what shows through.
    Palette(Box<[[u8; 4]; 256]>),
}

/// Of each picture, for a grey background: none shows through those without alpha.
fn grounds(pictures: [Pixels<'_>; 2], background: Option<u8>) -> [Ground; 2] {
    pictures.map(|picture| match (picture.channels, background) {
        (1, _) => {
            let mut colours = Box::new([[0; 4]; 256]);
            for (colour, &entry) in colours.iter_mut().zip(picture.palette) {
                *colour = background.map_or(entry, |grey| over(entry, grey));
            }
            Ground::Palette(colours)
        }
        (4, Some(grey)) => Ground::Grey(grey),
        _ => Ground::None,
    })
}

impl Ground {
    /// A row of colours; the alpha that is left means nothing.
    fn laid_over<'a>(&self, row: &'a [u8], laid: &'a mut Vec<u8>) -> &'a [u8] {
        laid.clear();
        match self {
            Ground::None => return row,
            &Ground::Grey(grey) => {
                let pixels = row.as_chunks::<4>().0.iter();
                laid.extend(pixels.flat_map(|&pixel| over(pixel, grey)));
            }
            Ground::Palette(colours) => {
                laid.extend(row.iter().flat_map(|&at| colours[usize::from(at)]));
            }
        }
        laid
    }
}

/// A pixel over an opaque grey.
#[inline]
fn over(pixel: [u8; 4], grey: u8) -> [u8; 4] {
    let (alpha, under) = (u32::from(pixel[3]), u32::from(grey));
    pixel.map(|c| ((u32::from(c) * alpha + under * (255 - alpha) + 127) / 255) as u8)
}

fn lower(a: Score, b: Score) -> Score {
    if b < a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Opaque;

    fn gradient(width: u32, height: u32) -> Image {
        let mut image = Image::transparent(width, height);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % width, at as u32 / width);
            pixel.copy_from_slice(&[(x * 255 / width) as u8, (y * 255 / height) as u8, 128, 255]);
        }
        image
    }

    #[test]
    fn identical_pictures_score_100() {
        for (width, height) in [(1, 1), (3, 5), (8, 8), (300, 200)] {
            let image = gradient(width, height);
            let score = Reference::new(&image).unwrap().score(&image).unwrap();
            assert_eq!(score, Score::IDENTICAL, "{width}×{height}");
        }
    }

    #[test]
    fn pictures_without_alpha_score_as_those_with_it() {
        let original = gradient(200, 150);
        let mut damaged = original.clone();
        for pixel in damaged.rgba.chunks_exact_mut(4).skip(9000).take(5000) {
            pixel[1] ^= 8;
        }
        let floor = Score(95.0);
        let with = Reference::of(&original).judge(&damaged, floor).unwrap();
        let [a, b] = [&original, &damaged].map(Opaque::colours_of);
        let without = Reference::of(&a);
        assert_eq!(without.judge(&b, floor).unwrap(), with);
        assert_eq!(without.judge(&damaged, floor).unwrap(), with);
        assert_eq!(without.score(&original).unwrap(), Score::IDENTICAL);
        let beyond = without.judge_reaching(&b, Score(99.9), floor).unwrap();
        assert_eq!(beyond.score, with.score);
        assert_eq!(beyond.worst_block, Score::IDENTICAL);
    }

    #[test]
    fn pictures_of_few_colours_score_as_they_look() {
        let palette = [[200, 20, 60, 255], [0, 0, 0, 0], [60, 180, 40, 255]];
        for colours in [3, 2] {
            let original: Vec<u8> = (0..200 * 150)
                .map(|at| (at / 700 % colours) as u8)
                .collect();
            let mut damaged = original.clone();
            damaged[9000..9400].fill(2);
            let picture = |indices: &[u8]| Image {
                width: 200,
                height: 150,
                rgba: indices
                    .iter()
                    .flat_map(|&at| palette[usize::from(at)])
                    .collect(),
            };
            let few = |data| Pixels {
                width: 200,
                height: 150,
                channels: 1,
                data,
                palette: &palette,
            };
            let floor = Score(95.0);
            let (before, after) = (picture(&original), picture(&damaged));
            let shown = Reference::of(&before).judge(&after, floor).unwrap();
            let counted = Reference::of(few(&original)).judge(few(&damaged), floor);
            assert_eq!(counted.unwrap(), shown);
            assert!(shown.score < Score(100.0));
            let same = Reference::of(few(&original)).score(few(&original));
            assert_eq!(same.unwrap(), Score::IDENTICAL);
        }
    }

    #[test]
    fn a_change_that_shows_only_on_black_counts() {
        let mut original = gradient(64, 64);
        for pixel in original.rgba.chunks_exact_mut(4) {
            pixel.copy_from_slice(&[255, 255, 255, 128]);
        }
        let mut opaque = original.clone();
        for pixel in opaque.rgba.chunks_exact_mut(4).take(64 * 32) {
            pixel[3] = 255;
        }
        let score = Reference::new(&original).unwrap().score(&opaque).unwrap();
        assert!(score < Score(60.0), "{score:?}");
    }

    #[test]
    fn local_damage_is_found_in_a_large_picture() {
        let mut original = gradient(1024, 1024);
        let mut noise = 1u32;
        for pixel in original.rgba.chunks_exact_mut(4) {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            pixel[0] = pixel[0] / 2 + (noise >> 26) as u8;
            pixel[1] = pixel[1] / 2 + (noise >> 27) as u8;
        }
        let mut damaged = original.clone();
        for y in 500..560 {
            for x in 500..560 {
                damaged.rgba[(y * 1024 + x) * 4 + 1] ^= 16;
            }
        }
        let whole = Reference::new(&original).unwrap().score(&damaged).unwrap();
        let worst = worst_block(&original, &damaged);
        assert!(worst.0 < whole.0 - 10.0, "whole {whole:?}, worst {worst:?}");
        assert_eq!(worst, worst_of_all_blocks(&original, &damaged));
        let judged = |floor| {
            Reference::of(&original)
                .judge(&damaged, Score(floor))
                .unwrap()
        };
        assert_eq!(
            judged(90.0),
            Judgement {
                score: whole,
                worst_block: worst
            }
        );
        assert!(judged(worst.0 - 20.0).worst_block.0 >= worst.0 - 20.0);
        assert_eq!(worst_block(&original, &original), Score::IDENTICAL);
    }

    #[test]
    fn the_worst_block_is_found_where_blocks_overlap() {
        for (width, height, x, y) in [
            (300, 200, 299, 3),
            (300, 200, 150, 199),
            (129, 129, 128, 128),
            (90, 400, 40, 390),
        ] {
            let original = gradient(width, height);
            let mut damaged = original.clone();
            for (at, pixel) in damaged.rgba.chunks_exact_mut(4).enumerate() {
                let (dx, dy) = (
                    (at as u32 % width).abs_diff(x),
                    (at as u32 / width).abs_diff(y),
                );
                pixel[1] ^= if dx < 12 && dy < 12 { 24 } else { 1 };
            }
            let worst = worst_block(&original, &damaged);
            assert_eq!(
                worst,
                worst_of_all_blocks(&original, &damaged),
                "{width}×{height}"
            );
        }
    }

    fn worst_block(original: &Image, result: &Image) -> Score {
        let judgement = Reference::of(original).judge(result, Score::IDENTICAL);
        judgement.unwrap().worst_block
    }

    fn worst_of_all_blocks(original: &Image, result: &Image) -> Score {
        let (width, height) = (original.width as usize, original.height as usize);
        let mut worst = Score::IDENTICAL;
        for top in (0..height).step_by(128) {
            for left in (0..width).step_by(128) {
                let block = Suspect {
                    left: left.min(width.saturating_sub(128)),
                    top: top.min(height.saturating_sub(128)),
                    width: width.min(128),
                    height: height.min(128),
                    estimate: 0.0,
                };
                let mut comparison = Comparison::new(block.width, block.height);
                compare_rows(
                    &mut comparison,
                    rows(original.into(), &block).zip(rows(result.into(), &block)),
                    [Ground::None, Ground::None],
                );
                worst = lower(worst, Score(comparison.finish()));
            }
        }
        worst
    }

    #[test]
    fn another_size_is_refused() {
        let reference = Reference::new(&gradient(20, 10)).unwrap();
        assert!(reference.score(&gradient(10, 20)).is_err());
    }
}
