//! What the Dashboard shows of a period.

use rusqlite::{Connection, params};
use whittle_core::{
    BiggestWin, ColumnTotal, ConsumptionRow, Dashboard, ForeignImages, Origin, Period, Score,
};

use super::{FIRST, MONTHS, Sums, stats, within};
use crate::clock::{self, Month};
use crate::columns::{count, named, path, size};
use crate::outbox::of_account;
use crate::{Result, Store};

/// Days of a month, as it is shown.
const DAYS: i64 = 30;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// More months than this are shown as years.
const MOST_MONTHS: usize = 24;
/// More years than this, as a clock gone wrong makes them, are not.
const MOST_YEARS: i32 = 50;
/// Large savings that are named.
const WINS: u32 = 5;

impl Store {
    /// What the Dashboard shows.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn dashboard(&self, period: Period) -> Result<Dashboard> {
        self.dashboard_at(clock::now(), period)
    }

    pub(crate) fn dashboard_at(&self, now: i64, period: Period) -> Result<Dashboard> {
        let account = self.account()?;
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        let foreign = match account {
            Some(account) => foreign(&transaction, &account.name(), Month::of(now))?,
            None => ForeignImages::default(),
        };
        Ok(Dashboard {
            foreign,
            ..dashboard(&transaction, now, period)?
        })
    }
}

fn dashboard(connection: &Connection, now: i64, period: Period) -> rusqlite::Result<Dashboard> {
    let month = Month::of(now);
    let half_a_year = month.window(MONTHS);
    let today = now.div_euclid(DAY) * DAY;
    let since = match period {
        Period::Month => Some(today - (DAYS - 1) * DAY),
        Period::SixMonths => half_a_year.first().map(|first| first.begin()),
        Period::All => None,
    };
    let ever = Sums::from_month(connection, FIRST)?;
    let (saved_ever, images_ever) = (ever.saved_bytes(), ever.images);
    let sums = match (period, since) {
        (Period::Month, Some(since)) => of_lines(connection, since)?,
        (Period::SixMonths, Some(since)) => {
            Sums::from_month(connection, &Month::of(since).to_string())?
        }
        _ => ever,
    };
    let parts = match (period, since) {
        (Period::Month, Some(since)) => days(connection, since)?,
        _ => months(connection)?,
    };
    let dates = match period {
        Period::Month => (0..DAYS)
            .rev()
            .map(|ago| clock::day(today - ago * DAY))
            .collect(),
        Period::SixMonths => half_a_year.iter().map(Month::to_string).collect(),
        Period::All => all_dates(month, parts.first().map(|part| part.date.as_str())),
    };
    let this_month = month.to_string();
    let (derivatives, styles) = derivatives(connection, since)?;
    Ok(Dashboard {
        period,
        images_this_month: match period {
            Period::Month => count_of(&months(connection)?, &this_month),
            _ => count_of(&parts, &this_month),
        },
        stats: stats(connection, sums, since, month)?,
        columns: dates.into_iter().map(|date| column(date, &parts)).collect(),
        images_ever,
        saved_ever,
        derivatives,
        styles,
        mean_score: mean_score(connection, since)?.map(Score),
        biggest_wins: biggest_wins(connection, since)?,
        foreign: ForeignImages::default(),
    })
}

/// Lines of the history that an account's list brought.
fn foreign(
    connection: &Connection,
    account: &str,
    month: Month,
) -> rusqlite::Result<ForeignImages> {
    let batch = of_account(account);
    let images: i64 = connection.query_row(
        "SELECT count(*) FROM originals WHERE origin = 'account' AND batch = ?",
        [&batch],
        |row| row.get(0),
    )?;
    let since = month
        .window(MONTHS)
        .first()
        .map_or(0, |first| first.begin());
    let rows = connection
        .prepare_cached(
            "SELECT CAST(strftime('%m', created_at / 1000, 'unixepoch') AS INTEGER),
                    nullif(sum(input_bytes), 0)
             FROM originals WHERE origin = 'account' AND batch = ?1 AND created_at >= ?2
             GROUP BY strftime('%Y-%m', created_at / 1000, 'unixepoch') ORDER BY min(created_at)",
        )?
        .query_map(params![batch, since], |row| {
            Ok(ConsumptionRow {
                origin: Origin::Account,
                size: row.get::<_, Option<i64>>(1)?.map(size),
                saved: 0,
                period: row.get(0)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ForeignImages {
        images: count(images),
        rows,
    })
}

/// What one origin brought on one day, or in one month.
struct Part {
    date: String,
    origin: Origin,
    images: u32,
    saved: u64,
}

impl Part {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Part> {
        Ok(Part {
            date: row.get(0)?,
            origin: named(row, "origin")?,
            images: count(row.get(2)?),
            saved: size(row.get(3)?).saturating_sub(size(row.get(4)?)),
        })
    }
}

/// Of the lines that are in the history.
fn days(connection: &Connection, since: i64) -> rusqlite::Result<Vec<Part>> {
    connection
        .prepare_cached(
            "SELECT date(created_at / 1000, 'unixepoch'), origin, count(*),
                    coalesce(sum(input_bytes) FILTER (WHERE output_bytes IS NOT NULL), 0),
                    coalesce(sum(output_bytes), 0)
             FROM originals WHERE created_at >= ? AND outcome <> 'cancelled'
                   AND origin <> 'account'
             GROUP BY 1, 2 ORDER BY 1, 2",
        )?
        .query_map([since], Part::read)?
        .collect()
}

fn months(connection: &Connection) -> rusqlite::Result<Vec<Part>> {
    connection
        .prepare_cached(
            "SELECT month, origin, images, input_bytes, output_bytes FROM monthly_totals
             ORDER BY month, origin",
        )?
        .query_map([], Part::read)?
        .collect()
}

fn count_of(parts: &[Part], month: &str) -> u32 {
    let of_month = parts.iter().filter(|part| part.date == month);
    of_month.map(|part| part.images).sum()
}

/// From the first month until now, or from the first year.
fn all_dates(now: Month, first: Option<&str>) -> Vec<String> {
    let months = now.window(MOST_MONTHS);
    let mut months: Vec<String> = months.iter().map(Month::to_string).collect();
    let now = now.to_string();
    let first = first.unwrap_or(&now);
    if months[0].as_str() <= first {
        let before = months.iter().filter(|month| month.as_str() < first).count();
        // As many as in half a year at least: one alone would be no chart.
        return months.split_off(before.min(MOST_MONTHS - MONTHS));
    }
    let year = |text: &str| text.get(..4).and_then(|year| year.parse::<i32>().ok());
    let (Some(first), Some(last)) = (year(first), year(&now)) else {
        return months;
    };
    (first.max(last - MOST_YEARS + 1)..=last)
        .map(|year| format!("{year:04}"))
        .collect()
}

/// What came on this day, in this month or this year.
fn column(date: String, parts: &[Part]) -> ColumnTotal {
    let mut saved: Vec<(Origin, u64)> = Vec::new();
    let mut images = 0;
    for part in parts.iter().filter(|part| part.date.starts_with(&date)) {
        images += part.images;
        match saved.iter_mut().find(|(origin, _)| *origin == part.origin) {
            Some((_, bytes)) => *bytes += part.saved,
            None => saved.push((part.origin, part.saved)),
        }
    }
    ColumnTotal {
        date,
        saved,
        images,
    }
}

fn of_lines(connection: &Connection, since: i64) -> rusqlite::Result<Sums> {
    connection.query_row(
        "SELECT count(*),
                (SELECT count(*) FROM optimized_images WHERE created_at >= ?1),
                coalesce(sum(input_bytes) FILTER (WHERE output_bytes IS NOT NULL), 0),
                coalesce(sum(output_bytes), 0)
         FROM originals
         WHERE created_at >= ?1 AND outcome <> 'cancelled' AND origin <> 'account'",
        [since],
        Sums::read,
    )
}

fn derivatives(connection: &Connection, since: Option<i64>) -> rusqlite::Result<(u32, u32)> {
    let sql = match since {
        Some(_) => {
            "SELECT count(*), count(DISTINCT style) FROM optimized_images
             WHERE style <> 'original' AND created_at >= ?1"
        }
        None => {
            "SELECT count(*), count(DISTINCT style) FROM optimized_images
             WHERE style <> 'original' AND ?1 IS NULL"
        }
    };
    connection.query_row(sql, [since], |row| {
        Ok((count(row.get(0)?), count(row.get(1)?)))
    })
}

fn mean_score(connection: &Connection, since: Option<i64>) -> rusqlite::Result<Option<f64>> {
    connection.query_row(
        &format!(
            "SELECT avg(score) FROM originals
             WHERE outcome = 'optimized' AND mode <> 'lossless' AND score < 100 AND {}",
            within(since)
        ),
        [since],
        |row| row.get(0),
    )
}

fn biggest_wins(connection: &Connection, since: Option<i64>) -> rusqlite::Result<Vec<BiggestWin>> {
    connection
        .prepare_cached(&format!(
            "SELECT path, input_bytes, output_bytes FROM originals
             WHERE outcome = 'optimized' AND origin <> 'account' AND output_bytes IS NOT NULL AND {}
             ORDER BY input_bytes - output_bytes DESC LIMIT ?2",
            within(since)
        ))?
        .query_map(params![since, WINS], |row| {
            Ok(BiggestWin {
                path: path(row.get(0)?),
                input_bytes: size(row.get(1)?),
                output_bytes: size(row.get(2)?),
            })
        })?
        .collect()
}
