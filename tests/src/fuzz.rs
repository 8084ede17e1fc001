//! What the fuzz targets do: give bytes to the engine and look for what must never happen. The same
//! functions run over the fixtures, over damaged ones and over every finding so far on every test run.

use std::time::Duration;

use whittle_core::{Cancel, ErrorCode, Format, Limits, Mode, Recipe};
use whittle_engine::stages;

use crate::fixtures;

/// Something that untrusted bytes are given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Recognizing a format, and looking at headers.
    Detect,
    /// Reading an image of this format in every way.
    Decode(Format),
    /// Optimizing an image of this format, and the derivative that goes with it.
    Optimize(Format),
    /// Exif, XMP, IPTC and colour profiles.
    Metadata,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 10] = [
        Target::Detect,
        Target::Metadata,
        Target::Decode(Format::Jpeg),
        Target::Decode(Format::Png),
        Target::Decode(Format::Gif),
        Target::Decode(Format::Svg),
        Target::Optimize(Format::Jpeg),
        Target::Optimize(Format::Png),
        Target::Optimize(Format::Gif),
        Target::Optimize(Format::Svg),
    ];

    /// Its name, which is that of its program in `fuzz/` and of its folders of seeds and findings.
    pub fn name(self) -> String {
        match self {
            Target::Detect => "detect".into(),
            Target::Metadata => "metadata".into(),
            Target::Decode(format) => format!("decode_{}", format.name()),
            Target::Optimize(format) => format!("optimize_{}", format.name()),
        }
    }

    /// Gives it these bytes; `false` when they are not for it. Of [`Target::Optimize`], the first byte
    /// chooses the mode.
    ///
    /// # Panics
    /// On a panic inside, a broken limit of time, or a result that is none.
    pub fn takes(self, data: &[u8]) -> bool {
        match self {
            Target::Detect => {
                if let Err(error) = whittle_engine::inspect(data, &limits()) {
                    fine(&error);
                }
            }
            Target::Metadata => stages::read_metadata(data, &limits()).expect("no crash"),
            Target::Decode(format) => {
                if whittle_engine::detect(data) != Some(format) {
                    return false;
                }
                if let Err(error) = stages::read_every_way(data, &limits(), &Cancel::new()) {
                    fine(&error);
                }
            }
            Target::Optimize(format) => {
                let Some((&mode, bytes)) = data.split_first() else {
                    return false;
                };
                if whittle_engine::detect(bytes) != Some(format) {
                    return false;
                }
                optimize(format, MODES[usize::from(mode) % MODES.len()], bytes);
            }
        }
        true
    }

    /// What it is tried on first: the fixtures, without those that only make every mutation slow.
    pub fn seeds(self) -> Vec<(String, Vec<u8>)> {
        let small = fixtures::all()
            .into_iter()
            .filter(|fixture| fixture.bytes.len() < 16_000);
        small
            .flat_map(|fixture| self.seeds_of(fixture.format, &fixture.name, fixture.bytes))
            .collect()
    }

    /// What a file is to this target: nothing, itself, or once for each mode.
    pub fn seeds_of(
        self,
        format: Option<Format>,
        name: &str,
        bytes: Vec<u8>,
    ) -> Vec<(String, Vec<u8>)> {
        match self {
            Target::Detect | Target::Metadata => vec![(name.to_owned(), bytes)],
            Target::Decode(own) if format == Some(own) => vec![(name.to_owned(), bytes)],
            Target::Optimize(own) if format == Some(own) => (0..MODES.len() as u8)
                .map(|mode| (format!("{mode}-{name}"), [&[mode][..], &bytes].concat()))
                .collect(),
            Target::Decode(_) | Target::Optimize(_) => Vec::new(),
        }
    }
}

const MODES: [Mode; 3] = [Mode::Lossless, Mode::Balanced, Mode::Lossy];

/// Small, so that a run is quick and a runaway shows.
fn limits() -> Limits {
    Limits {
        pixels: 1 << 18,
        frames: 64,
        svg_nodes: 5_000,
        inflated_bytes: 4 << 20,
        time: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn optimize(format: Format, mode: Mode, bytes: &[u8]) {
    let recipe = Recipe {
        mode,
        styles: vec!["small:crop:16x16".parse().expect("a style")],
        limits: limits(),
        ..Recipe::default()
    };
    match whittle_engine::optimize(bytes, &recipe, &Cancel::new()) {
        Ok(made) => {
            if let Some(result) = &made.bytes {
                assert!(result.len() < bytes.len(), "the result is not smaller");
                assert_eq!(whittle_engine::detect(result), Some(format));
            }
            for derivative in &made.derivatives {
                assert_eq!(whittle_engine::detect(&derivative.bytes), Some(format));
            }
        }
        Err(error) => fine(&error),
    }
}

/// The engine contains panics, but each of them is a defect all the same.
fn fine(error: &whittle_engine::Error) {
    let ours = matches!(
        error.code(),
        ErrorCode::Internal | ErrorCode::TimedOut | ErrorCode::VerificationFailed
    );
    assert!(!ours, "{error}");
}

/// A file with flipped bits, a missing end, a stretch of zeros or a changed length, the same for the same
/// seed.
pub fn damaged(bytes: &[u8], seed: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % limit.max(1)
    };
    match seed % 4 {
        0 => {
            for _ in 0..1 + below(4) {
                let at = below(bytes.len());
                bytes[at] ^= 1 << below(8);
            }
        }
        1 => bytes.truncate(1 + below(bytes.len())),
        2 => {
            let start = below(bytes.len());
            let end = (start + 1 + below(16)).min(bytes.len());
            bytes[start..end].fill(if below(2) == 0 { 0 } else { 255 });
        }
        _ => {
            let at = below(bytes.len());
            if below(2) == 0 {
                bytes.remove(at);
            } else {
                bytes.insert(at, below(256) as u8);
            }
        }
    }
    bytes
}
