//! A picture quantized and written in one plain scan, band by band, so that no more of its
//! coefficients is in memory than a row of blocks.

use whittle_core::{Cancel, Cancelled};

use super::coefficients::{Block, Coefficients, Component};
use super::huffman::{Code, Counts};
use super::planes::{Plane, transformed};
use super::quantize::{Chroma, Costs, Statistics, Steps, Tuning};
use super::scan::{BitWriter, Sequence, mask, slot};
use super::write;
use crate::pixels::Opaque;

/// The picture at one setting, without further markers; `scale` is about the step of the lowest luma
/// frequencies. Symbols are coded by what a sample of the picture foretells, which makes the file
/// about a hundredth larger than it need be.
pub(super) fn plain(
    image: &Opaque,
    scale: f32,
    chroma: Chroma,
    cancel: &Cancel,
) -> Result<Vec<u8>, Cancelled> {
    let tuning = Tuning::of(chroma);
    let count = if chroma == Chroma::None { 1 } else { 3 };
    let tables: Vec<[u16; 64]> = (0..count.min(2))
        .map(|index| tuning.table(scale, index > 0))
        .collect();
    let mut counts: [Counts; 4] = [[0; 256]; 4];
    let mut parts = Vec::with_capacity(count);
    for index in 0..count {
        let steps = Steps::new(&tables[index.min(1)], scale, index > 0, &tuning);
        let mut part = Part::new(image, index, chroma, steps);
        let statistics = part.statistics(image, cancel)?;
        statistics.add_to(&mut counts, slot(index) * 2);
        part.costs = Costs::of(&statistics);
        parts.push(part);
    }
    let shape = Coefficients {
        width: image.width,
        height: image.height,
        components: parts.iter().map(Part::component).collect(),
        tables,
    };
    let codes = counts.each_ref().map(|counts| {
        counts
            .iter()
            .any(|&count| count > 0)
            .then(|| Code::best_for(counts))
    });
    write::plain(&shape, codes, |writer| {
        said(image, &parts, shape.groups(), writer, cancel)
    })
}

/// Says all blocks, group by group.
fn said(
    image: &Opaque,
    parts: &[Part],
    (across, down): (usize, usize),
    writer: &mut BitWriter<'_>,
    cancel: &Cancel,
) -> Result<(), Cancelled> {
    let mut sequence = Sequence::default();
    for group_row in 0..down {
        cancel.check()?;
        let rows: Vec<Vec<Vec<Block>>> = parts
            .iter()
            .map(|part| {
                (group_row * part.factor..(group_row + 1) * part.factor)
                    .map(|row| part.chosen(image, row))
                    .collect()
            })
            .collect();
        for group in 0..across {
            for (index, (part, rows)) in parts.iter().zip(&rows).enumerate() {
                for row in rows {
                    for column in group * part.factor..(group + 1) * part.factor {
                        let block = row.get(column).map(|block| (block, mask(block)));
                        sequence.block(writer, index, block);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A component of the picture.
struct Part {
    index: usize,
    /// Blocks in a group, across as well as down.
    factor: usize,
    halved: bool,
    /// Blocks that hold pixels.
    across: usize,
    down: usize,
    steps: Steps,
    costs: Costs,
}

impl Part {
    fn new(image: &Opaque, index: usize, chroma: Chroma, steps: Steps) -> Part {
        let halved = index > 0 && chroma == Chroma::Half;
        let blocks = |side: u32| {
            let side = if halved { side.div_ceil(2) } else { side };
            side.div_ceil(8) as usize
        };
        Part {
            index,
            factor: if index == 0 && chroma == Chroma::Half {
                2
            } else {
                1
            },
            halved,
            across: blocks(image.width),
            down: blocks(image.height),
            steps,
            costs: Costs::of(&Statistics::default()),
        }
    }

    /// Its place in the file's header; without blocks.
    fn component(&self) -> Component<'static> {
        Component {
            id: self.index as u8 + 1,
            sampling: (self.factor as u8, self.factor as u8),
            table: u8::from(self.index > 0),
            across: self.across,
            rows: Vec::new(),
        }
    }

    fn blocks(&self, image: &Opaque, row: usize) -> impl Iterator<Item = [f32; 64]> {
        let band = Plane::band(image, self.index, row, self.halved);
        (0..self.across).map(move |column| transformed(band.block(column, 0)))
    }

    /// Of every fourth row of blocks, when coefficients are only rounded.
    fn statistics(&self, image: &Opaque, cancel: &Cancel) -> Result<Statistics, Cancelled> {
        let mut statistics = Statistics::default();
        for row in (self.down / 8 % 4..self.down).step_by(4) {
            cancel.check()?;
            statistics.begin_row();
            for values in self.blocks(image, row) {
                statistics.count(&values, &self.steps);
            }
        }
        Ok(statistics)
    }

    /// The quantized blocks of a row; none below the picture.
    fn chosen(&self, image: &Opaque, row: usize) -> Vec<Block> {
        if row >= self.down {
            return Vec::new();
        }
        self.blocks(image, row)
            .map(|values| self.steps.chosen(&values, &self.costs))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::libjpeg::{self, Samples};
    use super::*;

    fn picture(width: u32, height: u32) -> Opaque {
        let mut image = Opaque::black(width, height);
        let mut noise = 5u32;
        for (at, pixel) in image.rgb.chunks_exact_mut(3).enumerate() {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = (at as u32 % width, at as u32 / width);
            let grain = (noise >> 28) as u8;
            pixel.copy_from_slice(&[(x * 3) as u8 ^ grain, (y * 2) as u8, 90 + grain]);
        }
        image
    }

    const EVERY: [Chroma; 3] = [Chroma::Full, Chroma::Half, Chroma::None];

    #[test]
    fn coarser_scales_keep_fewer_coefficients() {
        let image = picture(50, 37);
        let kept = |scale: f32, chroma: Chroma| -> usize {
            let file = plain(&image, scale, chroma, &Cancel::new()).expect("nobody cancels");
            let mut stored = libjpeg::stored(&file, &Cancel::new()).expect("a JPEG");
            let picture = stored.coefficients().expect("a JPEG");
            picture
                .components
                .iter()
                .flat_map(|component| component.blocks())
                .flatten()
                .filter(|&&value| value != 0)
                .count()
        };
        for chroma in EVERY {
            let counts = [0.5, 2.0, 8.0, 30.0].map(|scale| kept(scale, chroma));
            assert!(
                counts.windows(2).all(|pair| pair[0] > pair[1]),
                "{counts:?}"
            );
        }
        assert!(kept(2.0, Chroma::None) < kept(2.0, Chroma::Half));
        assert!(kept(2.0, Chroma::Half) < kept(2.0, Chroma::Full));
    }

    /// Noise of the strongest colours at the finest steps, where every coefficient is as large as
    /// can be, and every size: whatever was not foreseen must have a code.
    #[test]
    fn anything_can_be_said() {
        for (width, height) in [(1, 1), (7, 3), (17, 16), (64, 64), (130, 41)] {
            let mut image = picture(width, height);
            let mut noise = width;
            for value in &mut image.rgb {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *value = if noise >> 31 == 0 { 0 } else { 255 };
            }
            for chroma in EVERY {
                for scale in [0.04, 1.0, 120.0] {
                    let file =
                        plain(&image, scale, chroma, &Cancel::new()).expect("nobody cancels");
                    let decoded = libjpeg::decode(&file, &Cancel::new()).expect("a JPEG");
                    let Samples::Colours(decoded) = decoded else {
                        panic!("inks");
                    };
                    assert_eq!((decoded.width, decoded.height), (width, height));
                    if chroma == Chroma::Full && scale < 0.1 {
                        let off = image.rgb.iter().zip(&decoded.rgb);
                        let off = off.map(|(a, b)| a.abs_diff(*b)).max();
                        assert!(off <= Some(6), "{off:?}");
                    }
                }
            }
        }
    }
}
