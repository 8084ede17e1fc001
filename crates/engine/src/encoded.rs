use whittle_core::{Format, Score, Strategy};

/// What the engine made of an image.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What the content is, before and after.
    pub format: Format,
    /// The smaller file; `None` when nothing smaller keeps the promise.
    pub bytes: Option<Vec<u8>>,
    /// Of the result against the original; [`Score::IDENTICAL`] when nothing visible changed.
    pub score: Score,
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// 1 for a still picture.
    pub frames: u32,
    /// What metadata the result lacks, in words: "GPS position", "thumbnail".
    pub removed: Vec<String>,
    /// What is special, in words: "Display P3 kept", "48 frames", "alpha".
    pub notes: Vec<String>,
    /// One for each resize style of the recipe, in its order.
    pub derivatives: Vec<Derivative>,
}

/// A resized and then optimized picture.
#[derive(Clone, Debug)]
pub struct Derivative {
    /// Name of the resize style.
    pub style: String,
    /// Its strategy.
    pub strategy: Strategy,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file, in the original's format.
    pub bytes: Vec<u8>,
    /// Against the resized picture before compression.
    pub score: Score,
}
