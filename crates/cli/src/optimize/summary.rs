//! The table at the end, for people.

use whittle_core::{Mode, Outcome, Report};

use crate::print::{self, Out};
use crate::table::{Align, table};

pub(crate) fn print(reports: &[Report], dry_run: bool, out: &mut Out) {
    let rows: Vec<Vec<String>> = reports.iter().map(row).collect();
    let aligns = [
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ];
    for line in table(&aligns, &rows) {
        out.line(&line);
    }
    out.line(&total(reports));
    if dry_run {
        out.line("Dry run: nothing was written.");
    }
}

fn row(report: &Report) -> Vec<String> {
    let mut cells = vec![
        report.path.display().to_string(),
        print::bytes(report.input_bytes),
    ];
    match (report.outcome, report.output_bytes) {
        (Outcome::Optimized, Some(bytes)) => {
            cells.push(print::bytes(bytes));
            cells.push(format!("−{}", print::saved(report.input_bytes, bytes)));
            cells.push(match report.score {
                Some(score) if report.mode != Mode::Lossless => format!("score {:.1}", score.0),
                _ => String::new(),
            });
        }
        _ => {
            cells.extend([String::new(), String::new()]);
            let outcome = report.outcome.name().replace('_', " ");
            cells.push(match &report.message {
                Some(message) if report.outcome != Outcome::Cancelled => {
                    format!("{outcome}: {message}")
                }
                _ => outcome,
            });
        }
    }
    cells
}

/// "11 MB saved · 62 % smaller · 3 already optimal · 1 failed"
fn total(reports: &[Report]) -> String {
    let counted = || {
        reports
            .iter()
            .filter(|report| report.output_bytes.is_some())
    };
    let input: u64 = counted().map(|report| report.input_bytes).sum();
    let output: u64 = counted().filter_map(|report| report.output_bytes).sum();
    let mut parts = match reports.is_empty() {
        true => vec!["No images were found.".to_owned()],
        false => vec![
            format!("{} saved", print::bytes(input.saturating_sub(output))),
            format!("{} smaller", print::saved(input, output)),
        ],
    };
    for outcome in [
        Outcome::AlreadyOptimal,
        Outcome::Skipped,
        Outcome::Failed,
        Outcome::Cancelled,
    ] {
        let count = reports
            .iter()
            .filter(|report| report.outcome == outcome)
            .count();
        if count > 0 {
            parts.push(format!("{count} {}", outcome.name().replace('_', " ")));
        }
    }
    parts.join(" · ")
}
