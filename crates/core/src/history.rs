use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BatchId, ErrorCode, Format, Level, Mode, Origin, Outcome, Score};

/// One line of the history: an original with its result, or one derivative of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HistoryEntry {
    /// Unique over originals and derivatives.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub id: i64,
    /// UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// Where it came from.
    pub origin: Origin,
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
    /// How close the result is to the original.
    pub score: Option<Score>,
    /// The resize style's name, for a derivative.
    pub style: Option<String>,
    /// Size of the original; `None` where an account does not tell that of an image of its own.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub input_bytes: Option<u64>,
    /// Size of the result.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub output_bytes: Option<u64>,
    /// What it came with.
    pub batch: BatchId,
    /// Pixels of the result, or of the original where there is none.
    pub width: Option<u32>,
    /// Pixels of the result, or of the original where there is none.
    pub height: Option<u32>,
    /// Whether the original was replaced, is kept, and was not put back yet.
    pub revertible: bool,
    /// Whether the original was put back.
    pub reverted: bool,
}

/// Which lines of the history are wanted. Empty fields do not narrow anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HistoryQuery {
    /// Part of a path, in any case.
    pub search: String,
    /// One outcome.
    pub outcome: Option<Outcome>,
    /// One format.
    pub format: Option<Format>,
    /// One mode.
    pub mode: Option<Mode>,
    /// One origin.
    pub origin: Option<Origin>,
    /// From this moment on, in ms since 1970.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub since: Option<i64>,
    /// Before this moment, in ms since 1970.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub before: Option<i64>,
    /// What lies in this folder, or in folders within it.
    pub folder: Option<PathBuf>,
    /// Lines to pass over.
    pub offset: u32,
    /// Lines at most; 0 means all.
    pub limit: u32,
}

/// A part of the history, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HistoryPage {
    /// Newest first; an original before its derivatives.
    pub entries: Vec<HistoryEntry>,
    /// How many lines fit the query in all.
    pub total: u32,
}

/// What `whittle stats --json` prints: the API's dashboard, and the bytes saved beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Stats {
    /// Images ever accepted.
    pub original_images_count: u32,
    /// Outputs ever completed, derivatives included.
    pub optimized_images_count: u32,
    /// Bytes of the originals that were optimized or found optimal.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
    /// Bytes of their full-size results.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub output_bytes: u64,
    /// The difference.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved_bytes: u64,
    /// Most bytes saved first.
    pub by_format: Vec<FormatTotal>,
    /// Most bytes saved first; the first 50 folders.
    pub by_folder: Vec<FolderTotal>,
    /// The last six months.
    pub consumption: Consumption,
}

/// Totals of one format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FormatTotal {
    /// The format.
    pub format: Format,
    /// Originals that were accepted.
    pub images: u32,
    /// Bytes of those that were optimized or found optimal.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
    /// Bytes of their results.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub output_bytes: u64,
    /// The difference.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved_bytes: u64,
}

/// Totals of one folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FolderTotal {
    /// The folder that the originals lie in.
    #[serde(serialize_with = "crate::path_text::one")]
    pub folder: PathBuf,
    /// Originals that were accepted.
    pub images: u32,
    /// Bytes of those that were optimized or found optimal.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
    /// Bytes of their results.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub output_bytes: u64,
    /// The difference.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved_bytes: u64,
}

/// The API's report of the last months.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Consumption {
    /// Always `six_months`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Oldest period first; a row for each origin and period in which an image was accepted.
    pub data: Vec<ConsumptionRow>,
}

/// One origin in one month (UTC).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConsumptionRow {
    /// Where the images came from.
    pub origin: Origin,
    /// Bytes of the originals that counted; `None` when images were accepted but none counted.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub size: Option<u64>,
    /// Bytes saved.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved: u64,
    /// The month, 1 to 12: this one and the five before.
    pub period: u8,
}

/// How far back the Dashboard looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Period {
    /// Today and the 29 days before, day by day.
    Month,
    /// This month and the five before, month by month.
    #[default]
    SixMonths,
    /// Everything: by month, or by year where that would be too many.
    All,
}

/// What the Dashboard shows of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Dashboard {
    /// The period.
    pub period: Period,
    /// Its totals.
    pub stats: Stats,
    /// Its days, months or years, oldest first, those without images included.
    pub columns: Vec<ColumnTotal>,
    /// Originals accepted this month.
    pub images_this_month: u32,
    /// Originals ever accepted.
    pub images_ever: u32,
    /// Bytes ever saved.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved_ever: u64,
    /// Derivatives made.
    pub derivatives: u32,
    /// Different resize styles used.
    pub styles: u32,
    /// Mean score over lossy results.
    pub mean_score: Option<Score>,
    /// The largest savings.
    pub biggest_wins: Vec<BiggestWin>,
    /// What the account that is connected has besides.
    pub foreign: ForeignImages,
}

/// Images of the account that were not sent from here, as its list told them. None of them is among
/// the other totals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ForeignImages {
    /// All of them.
    pub images: u32,
    /// Of the last six months, oldest first. What was saved is not known.
    pub rows: Vec<ConsumptionRow>,
}

/// One day, month or year (UTC) of the chart, with the bytes saved by each origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ColumnTotal {
    /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub date: String,
    /// Bytes saved, by origin; origins without images are absent.
    #[cfg_attr(feature = "ts", ts(type = "Array<[Origin, number]>"))]
    pub saved: Vec<(Origin, u64)>,
    /// Originals accepted.
    pub images: u32,
}

/// An image that became much smaller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct BiggestWin {
    /// The original.
    #[serde(serialize_with = "crate::path_text::one")]
    pub path: PathBuf,
    /// Its size.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
    /// Size of the result.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub output_bytes: u64,
}
