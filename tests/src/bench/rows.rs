//! The lines of the TSV.

use std::fmt::Write;

use anyhow::Error;
use whittle_core::Format;

use super::corpus::Picture;
use super::judge::{Original, Verdict};
use super::process::Cost;
use super::tools::Setting;

/// What one setting of one tool made of one file.
#[derive(Clone, Debug)]
pub struct Row {
    /// Below the folder of the images.
    pub file: String,
    /// Of the file, before and after.
    pub format: Format,
    /// Pixels of one frame.
    pub pixels: f64,
    /// Of the original.
    pub frames: usize,
    /// Whether a pixel of the original is not opaque.
    pub alpha: bool,
    /// Whether the file holds further pictures.
    pub several: bool,
    /// Whose setting it is.
    pub tool: &'static str,
    /// The setting's name.
    pub setting: String,
    /// Of the original.
    pub bytes_in: usize,
    /// Of the result; of the original where the tool failed or its result was refused.
    pub bytes_out: usize,
    /// 100 when nothing visible changed; the mean of an animation's frames.
    pub score: Option<f64>,
    /// Of the worst block of a still picture, or of the worst frame of an animation.
    pub worst: Option<f64>,
    /// What it took.
    pub cost: Cost,
    /// Why the result does not count.
    pub problem: Option<String>,
}

impl Row {
    /// The row of a setting before it has run.
    pub fn new(picture: &Picture, original: &Original, setting: &Setting) -> Row {
        Row {
            file: picture.name.clone(),
            format: picture.format,
            pixels: picture.pixels(),
            frames: original.frames(),
            alpha: original.alpha(),
            several: picture.several,
            tool: setting.tool,
            setting: setting.name.clone(),
            bytes_in: picture.bytes.len(),
            bytes_out: picture.bytes.len(),
            score: None,
            worst: None,
            cost: Cost::default(),
            problem: None,
        }
    }

    /// With what was made and what the judge says of it.
    pub fn made(self, verdict: &Verdict, bytes: &[u8], cost: Cost) -> Row {
        Row {
            bytes_out: match verdict.problem {
                None => bytes.len(),
                Some(_) => self.bytes_in,
            },
            score: verdict.score,
            worst: verdict.worst,
            problem: verdict.problem.clone(),
            cost,
            ..self
        }
    }

    /// With the reason why nothing was made.
    pub fn failed(self, error: &Error) -> Row {
        Row {
            problem: Some(format!("{error:#}")),
            ..self
        }
    }

    /// Whether it is this setting of this tool.
    pub fn is(&self, tool: &str, setting: &str) -> bool {
        self.tool == tool && self.setting == setting
    }

    /// Whether something was lost: it looks other than the original, and counts.
    pub fn is_lossy(&self) -> bool {
        self.problem.is_none() && self.score.is_some_and(|score| score < 100.0)
    }
}

/// All rows with a header, separated by tabs.
pub fn tsv(rows: &[Row]) -> String {
    let mut text = String::from(
        "file\tformat\tpixels\tframes\talpha\ttool\tsetting\tbytes in\tbytes out\tscore\tworst block or frame\tCPU s\tpeak RSS\tproblem\n",
    );
    for row in rows {
        let score = |score: Option<f64>| score.map_or(String::new(), |score| format!("{score:.3}"));
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.3}\t{}\t{}",
            row.file,
            row.format.name(),
            row.pixels,
            row.frames,
            if row.alpha { "alpha" } else { "opaque" },
            row.tool,
            row.setting,
            row.bytes_in,
            row.bytes_out,
            score(row.score),
            score(row.worst),
            row.cost.cpu,
            row.cost.peak,
            row.problem
                .as_deref()
                .unwrap_or_default()
                .replace(['\t', '\n'], " "),
        );
    }
    text
}
