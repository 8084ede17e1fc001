//! What was saved: by month and origin, by format, by folder.

mod dashboard;

use rusqlite::{Connection, Transaction, params};
use whittle_core::{
    Consumption, ConsumptionRow, FolderTotal, FormatTotal, Origin, Outcome, Report, Stats,
};

use crate::clock::{self, Month};
use crate::columns::{count, named, number, path, size};
use crate::history::counts;
use crate::{Result, Store};

/// Months that the dashboard shows, as the API's.
const MONTHS: usize = 6;
/// Folders that are told apart.
const FOLDERS: u32 = 50;
/// Before every month.
const FIRST: &str = "";

impl Store {
    /// The totals, as `whittle stats` prints them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stats(&self) -> Result<Stats> {
        self.stats_at(clock::now())
    }

    pub(crate) fn stats_at(&self, now: i64) -> Result<Stats> {
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        let sums = Sums::from_month(&transaction, FIRST)?;
        Ok(stats(&transaction, sums, None, Month::of(now))?)
    }
}

/// Adds an image, in the transaction of its line in the history.
pub(crate) fn add(
    transaction: &Transaction,
    now: i64,
    origin: Origin,
    report: &Report,
    outputs: usize,
) -> rusqlite::Result<()> {
    if report.outcome == Outcome::Cancelled {
        return Ok(());
    }
    let counted = counts(report.outcome);
    let (input, output) = match counted {
        true => (
            report.input_bytes,
            report.output_bytes.unwrap_or(report.input_bytes),
        ),
        false => (0, 0),
    };
    transaction
        .prepare_cached(
            "INSERT INTO monthly_totals
                 (month, origin, images, counted, outputs, input_bytes, output_bytes)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)
             ON CONFLICT (month, origin) DO UPDATE SET
                 images = images + 1,
                 counted = counted + excluded.counted,
                 outputs = outputs + excluded.outputs,
                 input_bytes = input_bytes + excluded.input_bytes,
                 output_bytes = output_bytes + excluded.output_bytes",
        )?
        .execute(params![
            Month::of(now).to_string(),
            origin.name(),
            counted,
            number(outputs as u64),
            number(input),
            number(output),
        ])?;
    Ok(())
}

/// Sums over a period.
struct Sums {
    images: u32,
    outputs: u32,
    input_bytes: u64,
    output_bytes: u64,
}

impl Sums {
    /// Images, outputs, bytes of originals and of results, in this order.
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Sums> {
        Ok(Sums {
            images: count(row.get(0)?),
            outputs: count(row.get(1)?),
            input_bytes: size(row.get(2)?),
            output_bytes: size(row.get(3)?),
        })
    }

    /// From this month on. The totals stay when lines of the history go.
    fn from_month(connection: &Connection, first: &str) -> rusqlite::Result<Sums> {
        connection.query_row(
            "SELECT coalesce(sum(images), 0), coalesce(sum(outputs), 0),
                    coalesce(sum(input_bytes), 0), coalesce(sum(output_bytes), 0)
             FROM monthly_totals WHERE month >= ?",
            [first],
            Sums::read,
        )
    }

    fn saved_bytes(&self) -> u64 {
        self.input_bytes.saturating_sub(self.output_bytes)
    }
}

/// `since`: of the history only lines from this moment on, in ms since 1970.
fn stats(
    connection: &Connection,
    sums: Sums,
    since: Option<i64>,
    month: Month,
) -> rusqlite::Result<Stats> {
    Ok(Stats {
        original_images_count: sums.images,
        optimized_images_count: sums.outputs,
        input_bytes: sums.input_bytes,
        output_bytes: sums.output_bytes,
        saved_bytes: sums.saved_bytes(),
        by_format: by_format(connection, since)?,
        by_folder: by_folder(connection, since)?,
        consumption: consumption(connection, month)?,
    })
}

/// A condition that uses the first parameter either way. Of everything, the index of a sum is enough,
/// which does not know the times.
fn within(since: Option<i64>) -> &'static str {
    match since {
        Some(_) => "created_at >= ?1",
        None => "?1 IS NULL",
    }
}

/// The sums of each group of lines: like the whole, they count every image that was accepted, and the bytes of
/// those that came to a result. Most bytes saved come first.
pub(crate) fn by(column: &str, since: Option<i64>) -> String {
    format!(
        "SELECT {column}, count(*) AS images,
                coalesce(sum(input_bytes) FILTER (WHERE output_bytes IS NOT NULL), 0) AS input,
                coalesce(sum(output_bytes), 0) AS output
         FROM originals
         WHERE {column} IS NOT NULL AND outcome <> 'cancelled' AND origin <> 'account' AND {}
         GROUP BY {column} ORDER BY input - output DESC, {column} LIMIT ?2",
        within(since)
    )
}

fn by_format(connection: &Connection, since: Option<i64>) -> rusqlite::Result<Vec<FormatTotal>> {
    connection
        .prepare_cached(&by("format", since))?
        .query_map(params![since, u32::MAX], |row| {
            let (input_bytes, output_bytes) = (size(row.get("input")?), size(row.get("output")?));
            Ok(FormatTotal {
                format: named(row, "format")?,
                images: count(row.get("images")?),
                input_bytes,
                output_bytes,
                saved_bytes: input_bytes.saturating_sub(output_bytes),
            })
        })?
        .collect()
}

fn by_folder(connection: &Connection, since: Option<i64>) -> rusqlite::Result<Vec<FolderTotal>> {
    connection
        .prepare_cached(&by("folder", since))?
        .query_map(params![since, FOLDERS], |row| {
            let (input_bytes, output_bytes) = (size(row.get("input")?), size(row.get("output")?));
            Ok(FolderTotal {
                folder: path(row.get("folder")?),
                images: count(row.get("images")?),
                input_bytes,
                output_bytes,
                saved_bytes: input_bytes.saturating_sub(output_bytes),
            })
        })?
        .collect()
}

/// One row of `monthly_totals`.
struct Total {
    month: String,
    origin: Origin,
    counted: u32,
    input_bytes: u64,
    output_bytes: u64,
}

/// The rows of these months, oldest first.
fn monthly(connection: &Connection, window: &[Month]) -> rusqlite::Result<Vec<Total>> {
    let (Some(first), Some(last)) = (window.first(), window.last()) else {
        return Ok(Vec::new());
    };
    connection
        .prepare_cached(
            "SELECT month, origin, counted, input_bytes, output_bytes FROM monthly_totals
             WHERE month BETWEEN ?1 AND ?2 ORDER BY month, origin",
        )?
        .query_map([first.to_string(), last.to_string()], |row| {
            Ok(Total {
                month: row.get(0)?,
                origin: named(row, "origin")?,
                counted: count(row.get(2)?),
                input_bytes: size(row.get(3)?),
                output_bytes: size(row.get(4)?),
            })
        })?
        .collect()
}

fn consumption(connection: &Connection, month: Month) -> rusqlite::Result<Consumption> {
    let window = month.window(MONTHS);
    let data = monthly(connection, &window)?
        .into_iter()
        .filter_map(|total| {
            let month = window
                .iter()
                .find(|month| month.to_string() == total.month)?;
            Some(ConsumptionRow {
                origin: total.origin,
                // An image of no bytes is never counted, so a size is at least 1.
                size: (total.counted > 0).then_some(total.input_bytes),
                saved: total.input_bytes.saturating_sub(total.output_bytes),
                period: month.number,
            })
        })
        .collect();
    Ok(Consumption {
        kind: "six_months".into(),
        data,
    })
}
