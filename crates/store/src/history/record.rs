use std::path::Path;

use rusqlite::{Transaction, TransactionBehavior, params};
use whittle_core::{BatchId, Origin, Outcome, Report, Score, Strategy};

use crate::columns::{folded, number, path_bytes};
use crate::{Hash, Result, Store, backups, clock, faults, journal, totals};

/// What is to be remembered of one image.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Where it came from.
    pub origin: Origin,
    /// What it came with.
    pub batch: &'a BatchId,
    /// The original's absolute path; the report's own may be as somebody typed it.
    pub path: &'a Path,
    /// What became of it.
    pub report: &'a Report,
    /// The original's content, when it could be read.
    pub content: Option<Hash>,
    /// The backup, when the original was replaced.
    pub backup: Option<Hash>,
    /// Content of the full-size file that was written.
    pub output: Option<Hash>,
    /// Content of the derivatives, in the report's order; may be shorter.
    pub derivatives: &'a [Hash],
    /// Its commit in the journal, which ends with this.
    pub commit: Option<i64>,
    /// Its place in the queue, which ends with this.
    pub queued: Option<i64>,
}

impl Store {
    /// Adds an image to the history and to the totals, and returns its line's number.
    ///
    /// # Errors
    /// When the database refuses; then nothing was added.
    pub fn record(&self, record: &Record) -> Result<i64> {
        self.record_at(record, clock::now())
    }

    pub(crate) fn record_at(&self, record: &Record, now: i64) -> Result<i64> {
        faults::step("history: record")?;
        let mut connection = self.connection();
        // IMMEDIATE waits for its turn; a deferred transaction that turns into a writer would fail
        // at once when another process writes.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outputs = outputs(record);
        let id = next_id(&transaction, outputs.len() as i64)?;
        insert_original(&transaction, id, record, now)?;
        for (below, output) in (1..).zip(&outputs) {
            insert_output(&transaction, id - below, id, output, now)?;
        }
        if let Some(hash) = &record.backup {
            backups::count_one(&transaction, hash, record.report.input_bytes, now)?;
        }
        totals::add(
            &transaction,
            now,
            record.origin,
            record.report,
            outputs.len(),
        )?;
        if let Some(commit) = record.commit {
            journal::strike(&transaction, commit)?;
        }
        if let Some(queued) = record.queued {
            transaction
                .prepare_cached("DELETE FROM queued WHERE id = ?")?
                .execute([queued])?;
        }
        transaction.commit()?;
        let _ = faults::step("history: recorded");
        Ok(id)
    }
}

/// Whether an image counts into the totals' bytes, as the API's dashboard counts it.
pub(crate) fn counts(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Optimized | Outcome::AlreadyOptimal)
}

/// One output of an image.
struct Made<'a> {
    style: &'a str,
    strategy: Option<Strategy>,
    path: Option<&'a Path>,
    bytes: u64,
    size: (Option<u32>, Option<u32>),
    score: Option<Score>,
    hash: Option<Hash>,
}

/// The full-size output (of an image that was optimal already: itself), and the derivatives.
fn outputs<'a>(record: &Record<'a>) -> Vec<Made<'a>> {
    let report = record.report;
    let full_size = counts(report.outcome).then(|| Made {
        style: "original",
        strategy: None,
        path: report.output.as_deref(),
        bytes: report.output_bytes.unwrap_or(report.input_bytes),
        size: (report.width, report.height),
        score: report.score,
        hash: record.output,
    });
    let hashes = record
        .derivatives
        .iter()
        .copied()
        .map(Some)
        .chain(std::iter::repeat(None));
    let derivatives = report.derivatives.iter().zip(hashes);
    full_size
        .into_iter()
        .chain(derivatives.map(|(derivative, hash)| Made {
            style: &derivative.style,
            strategy: Some(derivative.strategy),
            path: derivative.output.as_deref(),
            bytes: derivative.bytes,
            size: (Some(derivative.width), Some(derivative.height)),
            score: derivative.score,
            hash,
        }))
        .collect()
}

/// Takes numbers for an original and its outputs, and returns the highest: the original's.
pub(crate) fn next_id(transaction: &Transaction, outputs: i64) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("UPDATE history_sequence SET last = last + 1 + ? RETURNING last")?
        .query_row([outputs], |row| row.get(0))
}

fn insert_original(
    transaction: &Transaction,
    id: i64,
    record: &Record,
    now: i64,
) -> rusqlite::Result<()> {
    let report = record.report;
    transaction
        .prepare_cached(
            "INSERT INTO originals (id, created_at, origin, batch, path, folder, search, format,
                 outcome, code, message, mode, level, score, input_bytes, output_bytes, width,
                 height, frames, ms, content_hash, backup_hash, output_path, output_hash)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            id,
            now,
            record.origin.name(),
            record.batch.0,
            path_bytes(record.path),
            path_bytes(record.path.parent().unwrap_or(Path::new(""))),
            folded(&record.path.to_string_lossy()),
            report.format.map(|format| format.name()),
            report.outcome.name(),
            report.code.map(|code| code.name()),
            report.message,
            report.mode.name(),
            report.level.map(|level| level.get()),
            report.score.map(|score| score.0),
            number(report.input_bytes),
            report
                .output_bytes
                .filter(|_| counts(report.outcome))
                .map(number),
            report.width,
            report.height,
            report.frames,
            number(report.ms),
            record
                .content
                .as_ref()
                .map(|hash| hash.as_bytes().as_slice()),
            record
                .backup
                .as_ref()
                .map(|hash| hash.as_bytes().as_slice()),
            report.output.as_deref().map(path_bytes),
            record
                .output
                .as_ref()
                .map(|hash| hash.as_bytes().as_slice()),
        ])?;
    Ok(())
}

fn insert_output(
    transaction: &Transaction,
    id: i64,
    original: i64,
    made: &Made,
    now: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO optimized_images (id, original_id, style, strategy, path, bytes, width,
                 height, score, hash, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            id,
            original,
            made.style,
            made.strategy.map(|strategy| strategy.name()),
            made.path.map(path_bytes),
            number(made.bytes),
            made.size.0,
            made.size.1,
            made.score.map(|score| score.0),
            made.hash.as_ref().map(|hash| hash.as_bytes().as_slice()),
            now,
        ])?;
    Ok(())
}
