use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Effort, Level, Mode, ResizeStyle, Score};

/// What stays of a file's metadata. Orientation and colour are not metadata: they always survive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Metadata {
    /// Nothing.
    Strip,
    /// Copyright and author.
    #[default]
    Copyright,
    /// Everything.
    Keep,
}

/// What one image may cost. Reaching a limit is an error of that image alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Pixels of one frame or canvas.
    pub pixels: u64,
    /// Frames of an animation.
    pub frames: u32,
    /// Elements of an SVG.
    pub svg_nodes: u32,
    /// How deep an SVG's elements may be nested.
    pub svg_depth: u32,
    /// Bytes that a compressed part of a file (svgz, a profile, a text) may open to.
    pub inflated_bytes: usize,
    /// Wall-clock time.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            // 2^28: the default of `--max-pixels`.
            pixels: 268_435_456,
            frames: 20_000,
            svg_nodes: 500_000,
            // Parsers and renderers recurse; this leaves room on an 8 MiB stack.
            svg_depth: 512,
            inflated_bytes: 64 << 20,
            time: Duration::from_secs(120),
        }
    }
}

/// Everything that decides what becomes of an image, resolved: below this nothing is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// What may differ.
    pub mode: Mode,
    /// How it should look; counts only in [`Mode::Lossy`].
    pub level: Level,
    /// Derivatives to make, each from the original.
    pub styles: Vec<ResizeStyle>,
    /// What stays of the metadata.
    pub metadata: Metadata,
    /// How much CPU a smaller file may cost.
    pub effort: Effort,
    /// What one image may cost at the most.
    pub limits: Limits,
}

impl Recipe {
    /// The score that a lossy result aims at; `None` when nothing may be lost.
    pub fn target(&self) -> Option<Score> {
        match self.mode {
            Mode::Lossless => None,
            Mode::Balanced => Some(Score::BALANCED),
            Mode::Lossy => Some(self.level.target()),
        }
    }
}
