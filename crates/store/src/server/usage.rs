//! How much an account has sent, by day.

use rusqlite::{Connection, params};

use super::Records;
use crate::columns::size;
use crate::{Result, clock};

/// One origin on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// `YYYY-MM-DD`, UTC.
    pub day: String,
    /// Label of the integration.
    pub origin: String,
    /// Images accepted.
    pub images: u64,
    /// Bytes of those that were completed.
    pub bytes: u64,
}

impl Records {
    /// What an account has sent since this day (`YYYY-MM-DD`), oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn usage_since(&self, account: i64, day: &str) -> Result<Vec<UsageRow>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT day, origin, images, bytes FROM usage WHERE account_id = ? AND day >= ?
             ORDER BY day, origin",
        )?;
        let rows = statement.query_map(params![account, day], |row| {
            Ok(UsageRow {
                day: row.get(0)?,
                origin: row.get(1)?,
                images: size(row.get(2)?),
                bytes: size(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Bytes of originals completed in this month. Nothing is charged, so the month is the billing
    /// period.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn quota_usage(&self, account: i64) -> Result<u64> {
        used_this_month(&self.connection(), account)
    }
}

pub(super) fn used_this_month(connection: &Connection, account: i64) -> Result<u64> {
    let month = clock::Month::of(clock::now());
    let used: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(bytes), 0) FROM usage WHERE account_id = ? AND day >= ?",
        )?
        .query_row(params![account, format!("{month}-01")], |row| row.get(0))?;
    Ok(size(used))
}
