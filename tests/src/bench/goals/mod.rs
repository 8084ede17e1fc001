//! What the project wants to reach, and what was measured beside it.

mod lossless;
mod lossy;

use std::collections::BTreeMap;
use std::fmt::Write;

use whittle_core::Format;

use super::rows::Row;

/// A line of the report.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What is measured.
    pub what: String,
    /// What must be reached.
    pub goal: String,
    /// What was.
    pub measured: String,
    /// `None` when there is nothing to compare with.
    pub reached: Option<bool>,
}

impl Goal {
    /// A line whose measured number must not be larger than the goal's.
    pub fn at_most(what: &str, goal: &str, limit: f64, number: f64, measured: String) -> Goal {
        Goal {
            what: what.to_owned(),
            goal: goal.to_owned(),
            measured,
            reached: Some(number <= limit),
        }
    }

    /// A line without a goal.
    pub fn told(what: &str, measured: String) -> Goal {
        Goal {
            what: what.to_owned(),
            goal: String::new(),
            measured,
            reached: None,
        }
    }
}

/// The lines of one format, from its rows.
pub fn of_format(format: Format, rows: &[Row]) -> Vec<Goal> {
    let files = by_file(rows);
    let mut goals = lossless::goals(format, &files);
    goals.extend(lossy::goals(format, &files));
    goals
}

/// The lines about everything that was measured.
pub fn of_all(rows: &[Row]) -> Vec<Goal> {
    let whittle = |row: &&Row| row.tool == "whittle" && row.cost.peak > 0;
    let of_pixel = |row: &Row| (row.cost.peak as f64 - FIXED_MEMORY) / row.pixels;
    let stills = rows
        .iter()
        .filter(whittle)
        .filter(|row| row.frames == 1 && row.format != Format::Svg && row.pixels >= LARGE);
    let worst_still = stills.max_by(|a, b| of_pixel(a).total_cmp(&of_pixel(b)));
    let films = rows.iter().filter(whittle).filter(|row| row.frames > 100);
    let worst_film = films.max_by_key(|row| row.cost.peak);
    let megabytes = |row: &Row| row.cost.peak as f64 / f64::from(1 << 20);
    let still = worst_still.map(|row| {
        Goal::at_most(
            "memory, still images of 2 MP and more",
            "≤ 10 bytes a pixel + 64 MiB",
            10.0,
            of_pixel(row),
            format!(
                "{:.1} bytes a pixel + 64 MiB ({:.0} MiB; {}, {})",
                of_pixel(row),
                megabytes(row),
                row.file,
                row.setting
            ),
        )
    });
    let film = worst_film.map(|row| {
        Goal::told(
            "memory, animations of more than 100 frames",
            format!(
                "at most {:.0} MiB ({} frames of {:.2} MP; {}, {})",
                megabytes(row),
                row.frames,
                row.pixels / 1e6,
                row.file,
                row.setting
            ),
        )
    });
    still.into_iter().chain(film).collect()
}

/// What a program takes whatever the image, in bytes.
const FIXED_MEMORY: f64 = 64.0 * 1024.0 * 1024.0;

/// From so many pixels on an image counts as large.
const LARGE: f64 = 2e6;

/// Markdown.
pub fn table(goals: &[Goal]) -> String {
    let mut text =
        String::from("| what | must reach | measured | reached |\n| --- | --- | --- | --- |\n");
    for goal in goals {
        let reached = match goal.reached {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {reached} |",
            goal.what, goal.goal, goal.measured
        );
    }
    text
}

/// The rows of each file.
type Files<'a> = BTreeMap<&'a str, Vec<&'a Row>>;

fn by_file(rows: &[Row]) -> Files<'_> {
    let mut files = Files::new();
    for row in rows {
        files.entry(row.file.as_str()).or_default().push(row);
    }
    files
}

fn find<'a>(rows: &[&'a Row], tool: &str, setting: &str) -> Option<&'a Row> {
    rows.iter().find(|row| row.is(tool, setting)).copied()
}

/// The mean of factors.
fn geometric_mean(factors: &[f64]) -> f64 {
    let logarithms: f64 = factors.iter().map(|factor| factor.ln()).sum();
    (logarithms / factors.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::process::Cost;

    fn row(file: &str, tool: &'static str, setting: &str, bytes: usize, score: f64) -> Row {
        Row {
            file: file.into(),
            format: Format::Jpeg,
            pixels: 4e6,
            frames: 1,
            alpha: false,
            several: false,
            tool,
            setting: setting.into(),
            bytes_in: 1000,
            bytes_out: bytes,
            score: Some(score),
            worst: Some(score),
            cost: Cost {
                cpu: 2.0,
                wall: 2.0,
                peak: 0,
            },
            problem: None,
        }
    }

    fn goal<'a>(goals: &'a [Goal], start: &str) -> &'a Goal {
        goals
            .iter()
            .find(|goal| goal.what.starts_with(start))
            .unwrap_or_else(|| panic!("no goal {start}: {goals:?}"))
    }

    #[test]
    fn totals_are_compared_where_the_peer_does_well() {
        let mut rows = vec![
            row("a", "whittle", "lossless", 890, 100.0),
            row("a", "caesiumclt", "lossless", 900, 100.0),
            row("b", "whittle", "lossless", 500, 100.0),
            row("b", "caesiumclt", "lossless", 1000, 100.0),
            row("c", "whittle", "lossless", 900, 100.0),
            row("c", "caesiumclt", "lossless", 300, 100.0),
        ];
        rows[3].problem = Some("it failed".into());
        rows[4].several = true;
        let goals = of_format(Format::Jpeg, &rows);
        let lossless = goal(&goals, "JPEG lossless");
        assert!(
            lossless.measured.starts_with("98.89 % at 1.00×"),
            "{}",
            lossless.measured
        );
        assert!(
            lossless.measured.contains("1 files, 2 left out"),
            "{}",
            lossless.measured
        );
        assert_eq!(lossless.reached, Some(true));
    }

    #[test]
    fn a_broken_lossless_result_is_told() {
        let mut rows = vec![row("a", "whittle", "lossless", 1000, 100.0)];
        rows[0].problem = Some("pixels changed".into());
        let goals = of_format(Format::Jpeg, &rows);
        let equal = goal(&goals, "JPEG lossless, pixels");
        assert_eq!(equal.measured, "0 of 1 results equal");
        assert_eq!(equal.reached, Some(false));
    }

    #[test]
    fn lossy_results_are_compared_at_their_own_score() {
        let rows = [
            row("a", "whittle", "balanced", 180, 85.0),
            row("a", "mozjpeg", "q80", 100, 80.0),
            row("a", "mozjpeg", "q90", 400, 90.0),
            row("b", "whittle", "balanced", 180, 91.0),
            row("b", "mozjpeg", "q90", 400, 90.0),
        ];
        let goals = of_format(Format::Jpeg, &rows);
        let balanced = goal(&goals, "JPEG balanced, about score 85");
        assert!(
            balanced.measured.starts_with("-10.0 % (1 files"),
            "{}",
            balanced.measured
        );
        assert!(
            balanced.measured.contains("1 better"),
            "{}",
            balanced.measured
        );
        assert_eq!(balanced.reached, Some(true));
        let kept = goal(&goals, "JPEG score kept");
        assert!(
            kept.measured.starts_with("100.0 % of 2, median +6.00"),
            "{}",
            kept.measured
        );
        assert_eq!(kept.reached, Some(false));
        let cost = goal(&goals, "JPEG balanced, cost");
        assert!(
            cost.measured.starts_with("0.500 CPU s"),
            "{}",
            cost.measured
        );
        assert_eq!(cost.reached, Some(false));
    }
}
