use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Format, Level, Mode, Recipe, Score, Strategy};

/// What became of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Outcome {
    /// A smaller file was written.
    Optimized,
    /// Nothing smaller was found; kept as it was.
    AlreadyOptimal,
    /// Not worked on, with the reason.
    Skipped,
    /// Could not be worked on, with a code.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Outcome {
    /// The name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Optimized => "optimized",
            Outcome::AlreadyOptimal => "already_optimal",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// The stable name of a reason. Programs match on it; people read the message beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ErrorCode {
    /// The content is no image that Whittle knows.
    NotAnImage,
    /// An image, but of a kind that Whittle leaves alone.
    Unsupported,
    /// The image is broken.
    Undecodable,
    /// The file is empty.
    Empty,
    /// More pixels than the limit.
    TooManyPixels,
    /// More frames than the limit.
    TooManyFrames,
    /// Too complex, too deep, or opens to too much.
    TooComplex,
    /// The time limit ran out.
    TimedOut,
    /// Somebody stopped it.
    Cancelled,
    /// A result failed its check and was thrown away.
    VerificationFailed,
    /// A codec crashed; it was contained.
    Internal,
    /// No such file.
    NotFound,
    /// Not a regular file.
    NotAFile,
    /// The system does not allow reading or writing there.
    PermissionDenied,
    /// The disk is full.
    DiskFull,
    /// The file changed while it was worked on; nothing was written.
    ChangedMeanwhile,
    /// Something else stands where the result would go.
    OutputExists,
    /// Any other failure of the file system.
    Io,
    /// It is Whittle's own output already.
    OwnOutput,
    /// It was to be done by an account, and none is connected, or its token is not accepted.
    NotConnected,
    /// The account's server could not be reached for too long.
    Unreachable,
    /// The account's plan is used up.
    QuotaUsedUp,
    /// The account refused the image, or could not make anything of it.
    AccountRefused,
}

impl ErrorCode {
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::NotAnImage => "not_an_image",
            ErrorCode::Unsupported => "unsupported",
            ErrorCode::Undecodable => "undecodable",
            ErrorCode::Empty => "empty",
            ErrorCode::TooManyPixels => "too_many_pixels",
            ErrorCode::TooManyFrames => "too_many_frames",
            ErrorCode::TooComplex => "too_complex",
            ErrorCode::TimedOut => "timed_out",
            ErrorCode::Cancelled => "cancelled",
            ErrorCode::VerificationFailed => "verification_failed",
            ErrorCode::Internal => "internal",
            ErrorCode::NotFound => "not_found",
            ErrorCode::NotAFile => "not_a_file",
            ErrorCode::PermissionDenied => "permission_denied",
            ErrorCode::DiskFull => "disk_full",
            ErrorCode::ChangedMeanwhile => "changed_meanwhile",
            ErrorCode::OutputExists => "output_exists",
            ErrorCode::Io => "io",
            ErrorCode::OwnOutput => "own_output",
            ErrorCode::NotConnected => "not_connected",
            ErrorCode::Unreachable => "unreachable",
            ErrorCode::QuotaUsedUp => "quota_used_up",
            ErrorCode::AccountRefused => "account_refused",
        }
    }
}

/// A way in which a smaller file is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Way {
    /// Only metadata left out.
    Stripped,
    /// The same picture packed better.
    Packed,
    /// The same animation, drawn by other frames.
    Redrawn,
    /// Compressed anew, with a loss that is measured.
    Reduced,
}

/// What was thought of a file that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Verdict {
    /// It is the result.
    Chosen,
    /// Another one, or the original, is smaller, or not enough larger to be worth a loss.
    TooLarge,
    /// It looks worse than was asked for, as a whole or at one place.
    TooFar,
}

/// A file that was made on the way to a result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Tried {
    /// How.
    pub way: Way,
    /// Its size; of one that looks too bad, before it was packed as well as can be.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub bytes: u64,
    /// Against the original.
    pub score: Score,
    /// What was thought of it.
    pub verdict: Verdict,
}

/// What became of one image: a line of `whittle optimize --json`, and a row of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Report {
    /// The original.
    #[serde(serialize_with = "crate::path_text::one")]
    pub path: PathBuf,
    /// The result; `None` when nothing was written.
    #[serde(serialize_with = "crate::path_text::maybe")]
    pub output: Option<PathBuf>,
    /// What the content is.
    pub format: Option<Format>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Option<ErrorCode>,
    /// Why, in one plain sentence.
    pub message: Option<String>,
    /// The mode it was worked on in.
    pub mode: Mode,
    /// The level, with `lossy`.
    pub level: Option<Level>,
    /// How close the result is to the original; 100 when nothing changed.
    pub score: Option<Score>,
    /// Size of the original.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
    /// Size of the result, or of the original where nothing smaller was found.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub output_bytes: Option<u64>,
    /// Pixels, as displayed.
    pub width: Option<u32>,
    /// Pixels, as displayed.
    pub height: Option<u32>,
    /// 1 for a still picture.
    pub frames: Option<u32>,
    /// What metadata was removed, in words.
    pub removed: Vec<String>,
    /// What is special about it, in words: "Display P3 kept", "alpha", "render verified".
    #[serde(default)]
    pub notes: Vec<String>,
    /// What was tried, in this order; nothing of images that were not worked on.
    #[serde(default)]
    pub tried: Vec<Tried>,
    /// Milliseconds that it took.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub ms: u64,
    /// One for each resize style.
    pub derivatives: Vec<DerivativeReport>,
}

impl Report {
    /// The report of an image that was not worked on: failed, without a reason yet.
    pub fn blank(path: &Path, recipe: &Recipe) -> Report {
        Report {
            path: path.to_path_buf(),
            output: None,
            format: None,
            outcome: Outcome::Failed,
            code: None,
            message: None,
            mode: recipe.mode,
            level: (recipe.mode == Mode::Lossy).then_some(recipe.level),
            score: None,
            input_bytes: 0,
            output_bytes: None,
            width: None,
            height: None,
            frames: None,
            removed: Vec::new(),
            notes: Vec::new(),
            tried: Vec::new(),
            ms: 0,
            derivatives: Vec::new(),
        }
    }
}

/// One derivative of a [`Report`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DerivativeReport {
    /// Name of the resize style.
    pub style: String,
    /// Its strategy.
    pub strategy: Strategy,
    /// Pixels of the output.
    pub width: u32,
    /// Pixels of the output.
    pub height: u32,
    /// Where it was written; `None` in a dry run.
    #[serde(serialize_with = "crate::path_text::maybe")]
    pub output: Option<PathBuf>,
    /// Its size.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub bytes: u64,
    /// Against the resized picture before compression.
    pub score: Option<Score>,
}
