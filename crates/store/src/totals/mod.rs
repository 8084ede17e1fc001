//! What was saved: by month and origin, by format, by folder.

use rusqlite::{Connection, Transaction, params};
use whittle_core::{
    BiggestWin, Consumption, ConsumptionRow, Dashboard, FolderTotal, FormatTotal, MonthTotal,
    Origin, Outcome, Report, Score, Stats,
};

use crate::clock::{self, Month};
use crate::columns::{count, named, number, path, size};
use crate::history::counts;
use crate::{Result, Store};

/// Months that the dashboard shows, as the API's.
const MONTHS: usize = 6;
/// Folders that are told apart.
const FOLDERS: u32 = 50;
/// Large savings that are named.
const WINS: u32 = 5;

impl Store {
    /// The totals, as `whittle stats` prints them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stats(&self) -> Result<Stats> {
        self.stats_at(clock::now())
    }

    /// What the Dashboard shows.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn dashboard(&self) -> Result<Dashboard> {
        self.dashboard_at(clock::now())
    }

    pub(crate) fn stats_at(&self, now: i64) -> Result<Stats> {
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        Ok(stats(&transaction, Month::of(now))?)
    }

    pub(crate) fn dashboard_at(&self, now: i64) -> Result<Dashboard> {
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        Ok(dashboard(&transaction, Month::of(now))?)
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

fn stats(connection: &Connection, month: Month) -> rusqlite::Result<Stats> {
    let (images, outputs, input_bytes, output_bytes) = connection.query_row(
        "SELECT coalesce(sum(images), 0), coalesce(sum(outputs), 0),
                coalesce(sum(input_bytes), 0), coalesce(sum(output_bytes), 0)
         FROM monthly_totals",
        [],
        |row| {
            Ok((
                count(row.get(0)?),
                count(row.get(1)?),
                size(row.get(2)?),
                size(row.get(3)?),
            ))
        },
    )?;
    Ok(Stats {
        original_images_count: images,
        optimized_images_count: outputs,
        input_bytes,
        output_bytes,
        saved_bytes: input_bytes.saturating_sub(output_bytes),
        by_format: by_format(connection)?,
        by_folder: by_folder(connection)?,
        consumption: consumption(connection, month)?,
    })
}

fn by_format(connection: &Connection) -> rusqlite::Result<Vec<FormatTotal>> {
    connection
        .prepare_cached(
            "SELECT format, count(*), sum(input_bytes), sum(output_bytes) FROM originals
             WHERE output_bytes IS NOT NULL AND format IS NOT NULL GROUP BY format
             ORDER BY sum(input_bytes) - sum(output_bytes) DESC, format",
        )?
        .query_map([], |row| {
            let (input_bytes, output_bytes) = (size(row.get(2)?), size(row.get(3)?));
            Ok(FormatTotal {
                format: named(row, "format")?,
                images: count(row.get(1)?),
                input_bytes,
                output_bytes,
                saved_bytes: input_bytes.saturating_sub(output_bytes),
            })
        })?
        .collect()
}

fn by_folder(connection: &Connection) -> rusqlite::Result<Vec<FolderTotal>> {
    connection
        .prepare_cached(
            "SELECT folder, count(*), sum(input_bytes), sum(output_bytes) FROM originals
             WHERE output_bytes IS NOT NULL GROUP BY folder
             ORDER BY sum(input_bytes) - sum(output_bytes) DESC, folder LIMIT ?",
        )?
        .query_map([FOLDERS], |row| {
            let (input_bytes, output_bytes) = (size(row.get(2)?), size(row.get(3)?));
            Ok(FolderTotal {
                folder: path(row.get(0)?),
                images: count(row.get(1)?),
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
    images: u32,
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
            "SELECT month, origin, images, counted, input_bytes, output_bytes FROM monthly_totals
             WHERE month BETWEEN ?1 AND ?2 ORDER BY month, origin",
        )?
        .query_map([first.to_string(), last.to_string()], |row| {
            Ok(Total {
                month: row.get(0)?,
                origin: named(row, "origin")?,
                images: count(row.get(2)?),
                counted: count(row.get(3)?),
                input_bytes: size(row.get(4)?),
                output_bytes: size(row.get(5)?),
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

fn dashboard(connection: &Connection, month: Month) -> rusqlite::Result<Dashboard> {
    let window = month.window(MONTHS);
    let totals = monthly(connection, &window)?;
    let months: Vec<MonthTotal> = window
        .iter()
        .map(|month| {
            let month = month.to_string();
            let of_month = || totals.iter().filter(|total| total.month == month);
            MonthTotal {
                saved: of_month()
                    .map(|total| {
                        (
                            total.origin,
                            total.input_bytes.saturating_sub(total.output_bytes),
                        )
                    })
                    .collect(),
                images: of_month().map(|total| total.images).sum(),
                month,
            }
        })
        .collect();
    let (derivatives, styles) = connection.query_row(
        "SELECT count(*), count(DISTINCT style) FROM optimized_images WHERE style <> 'original'",
        [],
        |row| Ok((count(row.get(0)?), count(row.get(1)?))),
    )?;
    let mean_score: Option<f64> = connection.query_row(
        "SELECT avg(score) FROM originals
         WHERE outcome = 'optimized' AND mode <> 'lossless' AND score < 100",
        [],
        |row| row.get(0),
    )?;
    Ok(Dashboard {
        stats: stats(connection, month)?,
        images_this_month: months.last().map_or(0, |month| month.images),
        months,
        derivatives,
        styles,
        mean_score: mean_score.map(Score),
        biggest_wins: biggest_wins(connection)?,
    })
}

fn biggest_wins(connection: &Connection) -> rusqlite::Result<Vec<BiggestWin>> {
    connection
        .prepare_cached(
            "SELECT path, input_bytes, output_bytes FROM originals
             WHERE outcome = 'optimized' ORDER BY input_bytes - output_bytes DESC LIMIT ?",
        )?
        .query_map([WINS], |row| {
            Ok(BiggestWin {
                path: path(row.get(0)?),
                input_bytes: size(row.get(1)?),
                output_bytes: size(row.get(2)?),
            })
        })?
        .collect()
}
