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
            let all = Scan {
                components: (0..coder.picture.components.len()).collect(),
                start: 0,
                end: 63,
                high: 0,
                low: 0,
            };
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
            definitions.push(((number & 1) << 4 | number >> 1) as u8);
            definitions.extend(code.definition());
            self.tables[number] = Some(code);
        }
        if !definitions.is_empty() {
            self.segment(0xc4, definitions.into_iter());
        }
        let mut header = vec![scan.components.len() as u8];
        for &index in &scan.components {
            header.push(coder.picture.components[index].id);
            header.push(tables_of(scan, index));
        }
        header.extend([scan.start, scan.end, scan.high << 4 | scan.low]);
        self.segment(0xda, header.into_iter());
        let codes = [0, 1, 2, 3].map(|number: usize| self.tables[number].as_ref());
        let mut writer = BitWriter::new(&mut self.bytes, codes);
        say(&mut writer);
        writer.finish();
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
