//! Tables for spreadsheets, as RFC 4180 has them.

use std::path::Path;

use crate::{ColumnTotal, Dashboard, HistoryEntry};

/// Lines of the history, under the names that they have in JSON.
pub fn history_csv(entries: &[HistoryEntry]) -> String {
    let mut csv = Csv::new(&[
        "id",
        "created_at",
        "origin",
        "path",
        "output",
        "format",
        "outcome",
        "code",
        "mode",
        "level",
        "score",
        "style",
        "input_bytes",
        "output_bytes",
        "batch",
        "reverted",
    ]);
    for entry in entries {
        csv.line(&[
            entry.id.to_string(),
            entry.created_at.clone(),
            entry.origin.name().into(),
            text(&entry.path),
            entry.output.as_deref().map(text).unwrap_or_default(),
            maybe(entry.format.map(|format| format.name())),
            entry.outcome.name().into(),
            maybe(entry.code.map(|code| code.name())),
            entry.mode.name().into(),
            maybe(entry.level.map(|level| level.get())),
            maybe(entry.score.map(|score| score.0)),
            entry.style.clone().unwrap_or_default(),
            maybe(entry.input_bytes),
            maybe(entry.output_bytes),
            entry.batch.0.clone(),
            entry.reverted.to_string(),
        ]);
    }
    csv.text
}

/// The dashboard as one table: the total, the formats, the folders, and the days, months or years by origin.
pub fn dashboard_csv(dashboard: &Dashboard) -> String {
    let stats = &dashboard.stats;
    let mut csv = Csv::new(&[
        "of",
        "name",
        "origin",
        "images",
        "input_bytes",
        "output_bytes",
        "saved_bytes",
    ]);
    let mut sum = |of: &str, name: String, images: u32, [input, output, saved]: [u64; 3]| {
        let numbers = [input, output, saved].map(|bytes| bytes.to_string());
        let [input, output, saved] = numbers;
        let images = images.to_string();
        csv.line(&[of.into(), name, String::new(), images, input, output, saved]);
    };
    sum(
        "total",
        String::new(),
        stats.original_images_count,
        [stats.input_bytes, stats.output_bytes, stats.saved_bytes],
    );
    for total in &stats.by_format {
        let bytes = [total.input_bytes, total.output_bytes, total.saved_bytes];
        sum("format", total.format.name().into(), total.images, bytes);
    }
    for total in &stats.by_folder {
        let bytes = [total.input_bytes, total.output_bytes, total.saved_bytes];
        sum("folder", text(&total.folder), total.images, bytes);
    }
    for column in &dashboard.columns {
        for_column(&mut csv, column);
    }
    csv.text
}

/// Images are counted for the column, bytes for each origin.
fn for_column(csv: &mut Csv, column: &ColumnTotal) {
    let kind = match column.date.len() {
        4 => "year",
        7 => "month",
        _ => "day",
    };
    let line = |origin: &str, images: String, saved: u64| {
        let none = String::new;
        let name = column.date.clone();
        [
            kind.into(),
            name,
            origin.into(),
            images,
            none(),
            none(),
            saved.to_string(),
        ]
    };
    let saved = column.saved.iter().map(|(_, saved)| saved).sum();
    csv.line(&line("", column.images.to_string(), saved));
    for (origin, saved) in &column.saved {
        csv.line(&line(origin.name(), String::new(), *saved));
    }
}

struct Csv {
    text: String,
}

impl Csv {
    fn new(names: &[&str]) -> Csv {
        let mut csv = Csv {
            text: String::new(),
        };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        csv.line(&names);
        csv
    }

    fn line(&mut self, values: &[String]) {
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            if value.contains([',', '"', '\n', '\r']) {
                self.text.push('"');
                self.text.push_str(&value.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(value);
            }
        }
        self.text.push_str("\r\n");
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchId, Consumption, Format, Mode, Origin, Outcome, Score, Stats};

    #[test]
    fn a_line_is_quoted_where_it_must_be() {
        let entry = HistoryEntry {
            id: 7,
            created_at: "2026-11-24T12:00:00.000Z".into(),
            origin: Origin::File,
            path: "/p/a, \"b\".png".into(),
            output: None,
            format: Some(Format::Png),
            outcome: Outcome::Optimized,
            code: None,
            message: Some("never in the table".into()),
            mode: Mode::Balanced,
            level: None,
            score: Some(Score(86.5)),
            style: None,
            input_bytes: Some(10),
            output_bytes: Some(4),
            batch: BatchId("b1".into()),
            width: None,
            height: None,
            revertible: false,
            reverted: false,
        };
        let csv = history_csv(&[entry]);
        let lines: Vec<&str> = csv.split("\r\n").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("id,created_at,origin,path,"));
        assert_eq!(
            lines[1],
            "7,2026-11-24T12:00:00.000Z,file,\"/p/a, \"\"b\"\".png\",,png,optimized,,balanced,,86.5,,10,4,b1,false"
        );
    }

    #[test]
    fn the_dashboard_is_one_table() {
        let dashboard = Dashboard {
            foreign: Default::default(),
            stats: Stats {
                original_images_count: 3,
                optimized_images_count: 3,
                input_bytes: 100,
                output_bytes: 40,
                saved_bytes: 60,
                by_format: Vec::new(),
                by_folder: Vec::new(),
                consumption: Consumption {
                    kind: "six_months".into(),
                    data: Vec::new(),
                },
            },
            period: crate::Period::SixMonths,
            images_ever: 3,
            saved_ever: 60,
            columns: vec![ColumnTotal {
                date: "2026-11".into(),
                saved: vec![(Origin::File, 50), (Origin::Cli, 10)],
                images: 3,
            }],
            images_this_month: 3,
            derivatives: 0,
            styles: 0,
            mean_score: None,
            biggest_wins: Vec::new(),
        };
        let csv = dashboard_csv(&dashboard);
        let lines: Vec<&str> = csv.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "total,,,3,100,40,60",
                "month,2026-11,,3,,,60",
                "month,2026-11,file,,,,50",
                "month,2026-11,cli,,,,10"
            ]
        );
    }
}
