use std::path::Path;

use serde::Serialize;
use whittle_core::{
    DerivativeReport, ErrorCode, Format, Level, Mode, Outcome, Report, Score, Strategy,
};

/// What `--json` prints of an image. Scripts rely on every key; absent values are null.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    path: String,
    output: Option<String>,
    format: Option<Format>,
    outcome: Outcome,
    code: Option<ErrorCode>,
    message: Option<&'a str>,
    mode: Mode,
    level: Option<Level>,
    score: Option<Score>,
    input_bytes: u64,
    output_bytes: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    frames: Option<u32>,
    removed: &'a [String],
    ms: u64,
    derivatives: Vec<Derivative<'a>>,
}

#[derive(Serialize)]
struct Derivative<'a> {
    style: &'a str,
    strategy: Strategy,
    width: u32,
    height: u32,
    output: Option<String>,
    bytes: u64,
    score: Option<Score>,
}

impl<'a> From<&'a Report> for Line<'a> {
    fn from(report: &'a Report) -> Line<'a> {
        Line {
            path: text(&report.path),
            output: report.output.as_deref().map(text),
            format: report.format,
            outcome: report.outcome,
            code: report.code,
            message: report.message.as_deref(),
            mode: report.mode,
            level: report.level,
            score: report.score,
            input_bytes: report.input_bytes,
            output_bytes: report.output_bytes,
            width: report.width,
            height: report.height,
            frames: report.frames,
            removed: &report.removed,
            ms: report.ms,
            derivatives: report.derivatives.iter().map(Derivative::from).collect(),
        }
    }
}

impl<'a> From<&'a DerivativeReport> for Derivative<'a> {
    fn from(report: &'a DerivativeReport) -> Derivative<'a> {
        Derivative {
            style: &report.style,
            strategy: report.strategy,
            width: report.width,
            height: report.height,
            output: report.output.as_deref().map(text),
            bytes: report.bytes,
            score: report.score,
        }
    }
}

/// JSON is UTF-8; of other names it tells as much as it can.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
