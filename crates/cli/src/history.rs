//! `whittle history`

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use whittle_core::{
    BatchId, ErrorCode, Format, HistoryEntry, HistoryQuery, Level, Mode, Origin, Outcome, Score,
    history_csv,
};
use whittle_jobs::{Store, data_dir};

use crate::args::HistoryArgs;
use crate::failure::Failure;
use crate::print::{self, Out};
use crate::table::{Align, table};

pub(crate) fn run(args: &HistoryArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = Store::open(data_dir()?)?;
    let all = args.json || args.csv;
    let page = store.history(&HistoryQuery {
        search: args.search.clone(),
        mode: args.mode,
        since: match args.from {
            Some(from) => Some(begin(from)?),
            None => args.days.map(since),
        },
        before: match args.to {
            Some(to) => Some(begin(to.tomorrow()?)?),
            None => None,
        },
        folder: args
            .folder
            .as_deref()
            .map(std::path::absolute)
            .transpose()?,
        limit: args.limit.unwrap_or(if all { 0 } else { 50 }),
        ..HistoryQuery::default()
    })?;
    if args.csv {
        out.bytes(history_csv(&page.entries).as_bytes());
        return Ok(ExitCode::SUCCESS);
    }
    if args.json {
        for entry in &page.entries {
            out.json(&Line::from(entry));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = page.entries.iter().map(row).collect();
    let aligns = [
        Align::Left,
        Align::Left,
        Align::Right,
        Align::Right,
        Align::Right,
        Align::Left,
    ];
    for line in table(&aligns, &rows) {
        out.line(&line);
    }
    let shown = page.entries.len() as u32;
    if shown < page.total {
        out.line(&format!(
            "{} more; --limit 0 shows all.",
            page.total - shown
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The moment this many days ago, in ms since 1970.
fn since(days: u32) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_millis() as i64);
    now - i64::from(days) * 24 * 60 * 60 * 1000
}

/// When a day begins here, in ms since 1970.
fn begin(day: Date) -> Result<i64, jiff::Error> {
    let first = day.to_zoned_datetime(TimeZone::system())?;
    Ok(first.timestamp().as_millisecond())
}

/// What `--json` prints of a line. Scripts rely on every key; absent values are null.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    created_at: &'a str,
    origin: Origin,
    path: String,
    output: Option<String>,
    format: Option<Format>,
    outcome: Outcome,
    code: Option<ErrorCode>,
    mode: Mode,
    level: Option<Level>,
    score: Option<Score>,
    style: Option<&'a str>,
    input_bytes: Option<u64>,
    output_bytes: Option<u64>,
    batch: &'a BatchId,
}

impl<'a> From<&'a HistoryEntry> for Line<'a> {
    fn from(entry: &'a HistoryEntry) -> Line<'a> {
        Line {
            id: entry.id,
            created_at: &entry.created_at,
            origin: entry.origin,
            path: entry.path.to_string_lossy().into_owned(),
            output: entry
                .output
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
            format: entry.format,
            outcome: entry.outcome,
            code: entry.code,
            mode: entry.mode,
            level: entry.level,
            score: entry.score,
            style: entry.style.as_deref(),
            input_bytes: entry.input_bytes,
            output_bytes: entry.output_bytes,
            batch: &entry.batch,
        }
    }
}

fn row(entry: &HistoryEntry) -> Vec<String> {
    let path = match &entry.style {
        Some(style) => format!("{} ({style})", entry.path.display()),
        None => entry.path.display().to_string(),
    };
    let outcome = entry.outcome.name().replace('_', " ");
    let full_size = entry.style.is_none() && !entry.reverted;
    let sizes = entry
        .input_bytes
        .zip(entry.output_bytes)
        .filter(|_| full_size);
    vec![
        entry
            .created_at
            .replace('T', " ")
            .split('.')
            .next()
            .unwrap_or_default()
            .to_owned(),
        path,
        entry.input_bytes.map(print::bytes).unwrap_or_default(),
        entry.output_bytes.map(print::bytes).unwrap_or_default(),
        sizes.map_or_else(String::new, |(input, output)| print::saved(input, output)),
        match (&entry.message, entry.reverted) {
            (_, true) => format!("{outcome}, put back"),
            (Some(message), _) => format!("{outcome}: {message}"),
            _ => outcome,
        },
    ]
}
