//! Writes JPEG files from coefficients (ITU-T T.81 annex B).

use super::coefficients::{Coefficients, ZIGZAG};
use super::huffman::Code;
use super::markers::Segment;
use super::scan::{BitWriter, Coder, Scan, Tally};
use super::script::Script;

/// The whole file. `segments` come first, in their order.
pub(super) fn written(coder: &Coder<'_>, script: &Script, segments: &[Segment]) -> Vec<u8> {
    let mut file = File {
        bytes: vec![0xff, 0xd8],
        tables: Default::default(),
    };
    for segment in segments {
        file.segment(segment.marker, segment.data.iter().copied());
    }
    file.quantization(coder.picture);
    file.frame(coder.picture, script);
    match script {
        Script::Sequential => {
            let all = Scan::everything(coder.picture.components.len());
            let mut tally = Tally::new();
            coder.sequential(&mut tally);
            file.scan(coder, &all, &tally, |writer| coder.sequential(writer));
        }
        Script::Progressive(scans) => {
            for scan in scans {
                let mut tally = Tally::new();
                coder.progressive(scan, &mut tally);
                file.scan(coder, scan, &tally, |writer| {
                    coder.progressive(scan, writer)
                });
            }
        }
    }
    file.bytes.extend([0xff, 0xd9]);
    file.bytes
}

/// A file of one plain scan without further markers, whose blocks `say` says. `shape` needs no blocks;
/// the codes, numbered as in [`super::scan::Sink`], must hold whatever is said.
pub(super) fn plain<E>(
    shape: &Coefficients<'_>,
    codes: [Option<Code>; 4],
    say: impl FnOnce(&mut BitWriter<'_>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let mut file = File {
        bytes: vec![0xff, 0xd8],
        tables: Default::default(),
    };
    file.quantization(shape);
    file.frame(shape, &Script::Sequential);
    let mut definitions = Vec::new();
    for (number, code) in codes.into_iter().enumerate() {
        if let Some(code) = code {
            file.define(&mut definitions, number, code);
        }
    }
    file.begin_scan(
        shape,
        &Scan::everything(shape.components.len()),
        definitions,
    );
    let codes = file.tables.each_ref().map(Option::as_ref);
    let mut writer = BitWriter::new(&mut file.bytes, codes);
    say(&mut writer)?;
    writer.finish();
    file.bytes.extend([0xff, 0xd9]);
    Ok(file.bytes)
}

struct File {
    bytes: Vec<u8>,
    /// The Huffman tables that are defined, numbered as in [`super::scan::Sink`].
    tables: [Option<Code>; 4],
}

impl File {
    fn segment(&mut self, marker: u8, data: impl Iterator<Item = u8>) {
        let at = self.bytes.len() + 2;
        self.bytes.extend([0xff, marker, 0, 0]);
        self.bytes.extend(data);
        let length = (self.bytes.len() - at) as u16;
        self.bytes[at..at + 2].copy_from_slice(&length.to_be_bytes());
    }

    fn quantization(&mut self, picture: &Coefficients<'_>) {
        let mut data = Vec::new();
        for (number, table) in picture.tables.iter().enumerate() {
            let wide = table.iter().any(|&step| step > 255);
            data.push(u8::from(wide) << 4 | number as u8);
            for place in ZIGZAG {
                let [high, low] = table[usize::from(place)].to_be_bytes();
                if wide {
                    data.push(high);
                }
                data.push(low);
            }
        }
        self.segment(0xdb, data.into_iter());
    }

    fn frame(&mut self, picture: &Coefficients<'_>, script: &Script) {
        let wide = picture.tables.iter().flatten().any(|&step| step > 255);
        let marker = match script {
            Script::Progressive(_) => 0xc2,
            // Steps above 255 are not for baseline readers.
            Script::Sequential if wide => 0xc1,
            Script::Sequential => 0xc0,
        };
        let mut data = vec![8];
        data.extend((picture.height as u16).to_be_bytes());
        data.extend((picture.width as u16).to_be_bytes());
        data.push(picture.components.len() as u8);
        for component in &picture.components {
            let (across, down) = component.sampling;
            data.extend([component.id, across << 4 | down, component.table]);
        }
        self.segment(marker, data.into_iter());
    }

    fn scan(
        &mut self,
        coder: &Coder<'_>,
        scan: &Scan,
        tally: &Tally,
        say: impl FnOnce(&mut BitWriter<'_>),
    ) {
        let mut definitions = Vec::new();
        for (number, counts) in tally.counts.iter().enumerate() {
            if counts.iter().all(|&count| count == 0) {
                continue;
            }
            let code = Code::best_for(counts);
            let anew =
                code.bits(counts).unwrap_or(u64::MAX >> 8) + code.definition_len() as u64 * 8;
            let again = self.tables[number]
                .as_ref()
                .and_then(|code| code.bits(counts));
            if again.is_some_and(|again| again <= anew) {
                continue;
            }
            self.define(&mut definitions, number, code);
        }
        self.begin_scan(coder.picture, scan, definitions);
        let codes = self.tables.each_ref().map(Option::as_ref);
        let mut writer = BitWriter::new(&mut self.bytes, codes);
        say(&mut writer);
        writer.finish();
    }

    fn define(&mut self, definitions: &mut Vec<u8>, number: usize, code: Code) {
        definitions.push(((number & 1) << 4 | number >> 1) as u8);
        definitions.extend(code.definition());
        self.tables[number] = Some(code);
    }

    fn begin_scan(&mut self, picture: &Coefficients<'_>, scan: &Scan, definitions: Vec<u8>) {
        if !definitions.is_empty() {
            self.segment(0xc4, definitions.into_iter());
        }
        let mut header = vec![scan.components.len() as u8];
        for &index in &scan.components {
            header.push(picture.components[index].id);
            header.push(tables_of(scan, index));
        }
        header.extend([scan.start, scan.end, scan.high << 4 | scan.low]);
        self.segment(0xda, header.into_iter());
    }
}

/// The numbers of a component's tables in a scan: DC, then AC.
fn tables_of(scan: &Scan, index: usize) -> u8 {
    let slot = super::scan::slot(index) as u8;
    match (scan.start, scan.end) {
        (0, 63) => slot << 4 | slot,
        (0, _) => slot << 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use whittle_core::{Cancel, Effort};

    use super::*;
    use crate::codecs::jpeg::coefficients::{Block, Component};
    use crate::codecs::jpeg::libjpeg;
    use crate::codecs::jpeg::script::best_script;

    /// Noise: the higher the frequency, the rarer and the smaller.
    fn blocks(count: usize, seed: u32, density: u32) -> Vec<Block> {
        let mut noise = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = move |below: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 8) % below
        };
        (0..count)
            .map(|_| {
                let mut block = [0i16; 64];
                block[0] = next(2001) as i16 - 1000;
                let last = next(64) as usize;
                for (at, &place) in ZIGZAG.iter().enumerate().take(last).skip(1) {
                    if next(100) < density {
                        let most = 1 + 2 * (1022 >> (at / 4).min(9)) as u32;
                        block[usize::from(place)] = (next(most) as i32 - most as i32 / 2) as i16;
                    }
                }
                block
            })
            .collect()
    }

    fn round_trip(width: u32, height: u32, sampling: &[(u8, u8)], seed: u32, density: u32) {
        let most = |of: fn(&(u8, u8)) -> u8| u32::from(sampling.iter().map(of).max().unwrap_or(1));
        let (wide, high) = (most(|factors| factors.0), most(|factors| factors.1));
        let of = |size: u32, factor: u8, most: u32| {
            (size * u32::from(factor)).div_ceil(most * 8) as usize
        };
        let owned: Vec<(Vec<Block>, usize)> = sampling
            .iter()
            .enumerate()
            .map(|(at, &(h, v))| {
                let (across, down) = (of(width, h, wide), of(height, v, high));
                (blocks(across * down, seed + at as u32, density), across)
            })
            .collect();
        let picture = Coefficients {
            width,
            height,
            components: owned
                .iter()
                .zip(sampling)
                .enumerate()
                .map(|(at, ((blocks, across), &sampling))| Component {
                    id: at as u8 + 1,
                    sampling,
                    table: u8::from(at > 0),
                    across: *across,
                    rows: blocks.chunks_exact(*across).collect(),
                })
                .collect(),
            tables: vec![[3; 64], std::array::from_fn(|at| 1 + at as u16 * 5)],
        };
        let coder = Coder::new(&picture).expect("in range");
        let cancel = Cancel::new();
        let mut scripts = vec![Script::Sequential];
        for effort in [Effort::Fast, Effort::Default, Effort::Max] {
            scripts.push(best_script(&coder, effort, &cancel).expect("nobody cancels"));
        }
        // Every kind of scan, whether it pays or not.
        let scan = |component: usize, (start, end), high, low| Scan {
            components: vec![component],
            start,
            end,
            high,
            low,
        };
        let all: Vec<usize> = (0..sampling.len()).collect();
        let mut thorough = vec![Scan {
            components: all.clone(),
            ..scan(0, (0, 0), 0, 1)
        }];
        for component in 0..sampling.len() {
            thorough.push(scan(component, (1, 5), 0, 2));
            thorough.push(scan(component, (6, 63), 0, 2));
            thorough.push(scan(component, (1, 63), 2, 1));
            thorough.push(scan(component, (1, 20), 1, 0));
            thorough.push(scan(component, (21, 63), 1, 0));
        }
        thorough.push(Scan {
            components: all,
            ..scan(0, (0, 0), 1, 0)
        });
        scripts.push(Script::Progressive(thorough));
        for script in scripts {
            let file = written(&coder, &script, &[]);
            let mut stored = libjpeg::stored(&file, &cancel).expect("a file");
            let found = stored.coefficients().expect("coefficients");
            assert_eq!((found.width, found.height), (picture.width, picture.height));
            for (found, wanted) in found.components.iter().zip(&picture.components) {
                assert!(found.rows == wanted.rows, "{script:?}");
            }
            assert_eq!(found.fingerprint(), picture.fingerprint(), "{script:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_by_libjpeg() {
        for (sampling, density) in [
            (&[(1, 1)][..], 30),
            (&[(2, 2), (1, 1), (1, 1)], 10),
            (&[(1, 1), (1, 1), (1, 1)], 60),
            (&[(4, 1), (1, 1), (1, 1)], 3),
            (&[(1, 2), (1, 1), (1, 1)], 40),
            (&[(1, 1), (1, 1), (1, 1), (1, 1)], 20),
        ] {
            round_trip(150, 77, sampling, 1, density);
            round_trip(1, 1, sampling, 2, density);
        }
        // More ends of blocks in a row than one symbol can announce.
        round_trip(1500, 1500, &[(1, 1)], 3, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_picture_is_read_again(
            width in 1u32..120,
            height in 1u32..120,
            seed in 0u32..1_000_000,
            density in 0u32..100,
            halved in any::<bool>(),
        ) {
            let luma = if halved { (2, 2) } else { (1, 1) };
            round_trip(width, height, &[luma, (1, 1), (1, 1)], seed, density);
        }
    }
}
