use rusqlite::{Connection, OptionalExtension, Row, named_params};
use whittle_core::{BatchId, HistoryEntry, HistoryPage, HistoryQuery, Level, Score};

use crate::columns::{below, count, folded, maybe_named, named, path, size};
use crate::{Result, Store, clock};

impl Store {
    /// A part of the history, newest first, an original before its derivatives.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryPage> {
        let connection = self.connection();
        // One transaction, so that the count fits the lines.
        let transaction = connection.unchecked_transaction()?;
        let search = Some(folded(&query.search)).filter(|text| !text.is_empty());
        let filter = Filter {
            search,
            outcome: query.outcome.map(|outcome| outcome.name()),
            format: query.format.map(|format| format.name()),
            mode: query.mode.map(|mode| mode.name()),
            origin: query.origin.map(|origin| origin.name()),
            since: query.since,
            before: query.before,
            folder: query.folder.as_deref().map(below),
        };
        let limit = match query.limit {
            0 => -1,
            limit => i64::from(limit),
        };
        Ok(HistoryPage {
            entries: filter.lines(&transaction, limit, i64::from(query.offset))?,
            total: count(filter.count(&transaction)?),
        })
    }

    /// One line of the history.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn entry(&self, id: i64) -> Result<Option<HistoryEntry>> {
        let sql = format!("{ORIGINALS} WHERE o.id = ?1 UNION ALL {DERIVATIVES} AND d.id = ?1");
        Ok(self
            .connection()
            .prepare_cached(&sql)?
            .query_row([id], entry)
            .optional()?)
    }
}

/// Lines of originals, as [`entry`] reads them.
pub(crate) const ORIGINALS: &str = "
    SELECT o.id, o.created_at, o.origin, o.batch, o.path, o.output_path, o.format, o.outcome,
           o.code, o.message, o.mode, o.level, o.score, NULL AS style, o.input_bytes,
           o.output_bytes, o.width, o.height, o.backup_hash IS NOT NULL AS replaced, o.reverted_at
    FROM originals o";

const DERIVATIVES: &str = "
    SELECT d.id, d.created_at, o.origin, o.batch, o.path, d.path, o.format, 'optimized',
           NULL, NULL, o.mode, o.level, d.score, d.style, o.input_bytes,
           d.bytes, d.width, d.height, 0, NULL
    FROM optimized_images d JOIN originals o ON o.id = d.original_id
    WHERE d.style <> 'original'";

/// How a page without conditions is asked for; the tests look at the plan.
#[cfg(test)]
pub(crate) fn first_page() -> String {
    Filter::default().page(50, 0)
}

/// What narrows the history; each column or nothing.
#[derive(Default)]
struct Filter {
    search: Option<String>,
    outcome: Option<&'static str>,
    format: Option<&'static str>,
    mode: Option<&'static str>,
    origin: Option<&'static str>,
    since: Option<i64>,
    before: Option<i64>,
    /// The first path below a folder, and the first after all of these.
    folder: Option<(Vec<u8>, Vec<u8>)>,
}

impl Filter {
    /// The conditions on an original, and those on a derivative of it.
    fn conditions(&self) -> (String, String) {
        let mut shared = String::new();
        if self.search.is_some() {
            shared.push_str(" AND instr(o.search, :search) > 0");
        }
        if self.format.is_some() {
            shared.push_str(" AND o.format = :format");
        }
        if self.mode.is_some() {
            shared.push_str(" AND o.mode = :mode");
        }
        if self.origin.is_some() {
            shared.push_str(" AND o.origin = :origin");
        }
        if self.since.is_some() {
            shared.push_str(" AND o.created_at >= :since");
        }
        if self.before.is_some() {
            shared.push_str(" AND o.created_at < :before");
        }
        if self.folder.is_some() {
            shared.push_str(" AND o.path >= :from AND o.path < :to");
        }
        let (mut originals, mut derivatives) = (shared.clone(), shared);
        if self.outcome.is_some() {
            originals.push_str(" AND o.outcome = :outcome");
            derivatives.push_str(" AND 'optimized' = :outcome");
        }
        (originals, derivatives)
    }

    /// Both tables by falling date and number: SQLite merges them without sorting, so that the first
    /// page of a long history costs no more than that of a short one. The account's images come with
    /// dates of their own, so the number alone would not do.
    fn page(&self, limit: i64, offset: i64) -> String {
        let (originals, derivatives) = self.conditions();
        format!(
            "{ORIGINALS} WHERE 1{originals} UNION ALL {DERIVATIVES}{derivatives}
             ORDER BY 2 DESC, 1 DESC LIMIT {limit} OFFSET {offset}"
        )
    }

    fn lines(
        &self,
        connection: &Connection,
        limit: i64,
        offset: i64,
    ) -> rusqlite::Result<Vec<HistoryEntry>> {
        let mut statement = connection.prepare_cached(&self.page(limit, offset))?;
        self.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry(row)?);
        }
        Ok(entries)
    }

    fn count(&self, connection: &Connection) -> rusqlite::Result<i64> {
        let (originals, derivatives) = self.conditions();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT (SELECT count(*) FROM originals o WHERE 1{originals})
                  + (SELECT count(*) FROM optimized_images d JOIN originals o ON o.id = d.original_id
                     WHERE d.style <> 'original'{derivatives})"
        ))?;
        self.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        rows.next()?.map_or(Ok(0), |row| row.get(0))
    }

    /// Gives the statement the values that its text asks for.
    fn bind(&self, statement: &mut rusqlite::Statement) -> rusqlite::Result<()> {
        let (from, to) = self.folder.as_ref().map(|(from, to)| (from, to)).unzip();
        for (name, value) in named_params! {
            ":search": self.search, ":outcome": self.outcome,
            ":format": self.format, ":mode": self.mode, ":origin": self.origin,
            ":since": self.since, ":before": self.before, ":from": from, ":to": to,
        } {
            if let Some(index) = statement.parameter_index(name)? {
                statement.raw_bind_parameter(index, value)?;
            }
        }
        Ok(())
    }
}

/// The line of the history in a row.
pub(crate) fn entry(row: &Row) -> rusqlite::Result<HistoryEntry> {
    let level: Option<u8> = row.get("level")?;
    let score: Option<f64> = row.get("score")?;
    let output_bytes: Option<i64> = row.get("output_bytes")?;
    let output: Option<Vec<u8>> = row.get("output_path")?;
    let replaced: bool = row.get("replaced")?;
    let reverted: Option<i64> = row.get("reverted_at")?;
    Ok(HistoryEntry {
        id: row.get("id")?,
        created_at: clock::text(row.get("created_at")?),
        origin: named(row, "origin")?,
        path: path(row.get("path")?),
        output: output.map(path),
        format: maybe_named(row, "format")?,
        outcome: named(row, "outcome")?,
        code: maybe_named(row, "code")?,
        message: row.get("message")?,
        mode: named(row, "mode")?,
        level: level.and_then(|level| Level::new(level).ok()),
        score: score.map(Score),
        style: row.get("style")?,
        input_bytes: row.get::<_, Option<i64>>("input_bytes")?.map(size),
        output_bytes: output_bytes.map(size),
        batch: BatchId(row.get("batch")?),
        width: row.get("width")?,
        height: row.get("height")?,
        revertible: replaced && reverted.is_none(),
        reverted: reverted.is_some(),
    })
}
