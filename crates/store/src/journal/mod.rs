//! The journal: what is about to be written, so that a start after a crash can finish or undo it.

mod notes;
mod temps;

pub use notes::CommitNote;
pub use temps::StrayTemp;

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Row, Transaction, TransactionBehavior, params};
use whittle_core::{BatchId, Origin, Report};

use crate::columns::{named, path, path_bytes};
use crate::ledger::{self, hash_column};
use crate::{Hash, Record, Result, Store, WrittenAs, clock, faults, runs};

/// One file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFile {
    /// What it is.
    pub kind: FileKind,
    /// Where it lies until it gets its name.
    pub temp: PathBuf,
    /// The number that the file system gives the folder of `temp`, if that was there and has one.
    pub folder: Option<u64>,
    /// Its name.
    pub target: PathBuf,
    /// Its content.
    pub hash: Hash,
    /// Whether nothing stood there when the commit began.
    pub fresh: bool,
}

/// What a file of a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A derivative; in the order of the report's.
    Derivative,
    /// The full-size result, as a file of its own.
    New,
    /// The full-size result, in the place of the original.
    Instead,
}

impl FileKind {
    const ALL: [FileKind; 3] = [FileKind::Derivative, FileKind::New, FileKind::Instead];

    const fn name(self) -> &'static str {
        match self {
            FileKind::Derivative => "derivative",
            FileKind::New => "new",
            FileKind::Instead => "instead",
        }
    }
}

/// What a commit that its run did not bring to an end may have written.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// How long ago it began.
    pub age: Duration,
    /// Whether all files were complete under their temporary names, so that some may have got
    /// their own.
    pub placing: bool,
    /// Its files, in the order in which they get their names.
    pub files: Vec<CommitFile>,
    /// The original's content.
    pub content: Hash,
}

/// A commit that its run did not bring to an end, and what the history was to be told of it.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// Its number in the journal.
    pub id: i64,
    /// What it may have written.
    pub commit: Unfinished,
    /// Where it came from.
    pub origin: Origin,
    /// What it came with.
    pub batch: BatchId,
    /// The original's path, as the history keeps it.
    pub path: PathBuf,
    /// The report that was to be recorded.
    pub report: Report,
    /// Whether the original was to be replaced.
    pub backup: bool,
    /// Its place in the queue.
    pub queued: Option<i64>,
}

impl Store {
    /// Notes a commit and, in the ledger, what it will write. Nothing may be written before.
    ///
    /// # Errors
    /// When the database refuses; nothing may be written then.
    pub fn begin_commit(&self, record: &Record, files: &[(CommitFile, WrittenAs)]) -> Result<i64> {
        faults::step("journal: begin")?;
        let run = self.run()?.to_owned();
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = insert(&transaction, &run, record)?;
        for (place, (file, written_as)) in (0i64..).zip(files) {
            insert_file(&transaction, id, place, file)?;
            ledger::note(&transaction, &file.hash, *written_as)?;
        }
        transaction.commit()?;
        Ok(id)
    }

    /// Notes that all files of a commit are complete and about to get their names.
    ///
    /// # Errors
    /// When the database refuses; no file may get its name then.
    pub fn begin_placing(&self, commit: i64) -> Result<()> {
        faults::step("journal: placing")?;
        self.connection()
            .prepare_cached("UPDATE commits SET state = 1 WHERE id = ?")?
            .execute([commit])?;
        Ok(())
    }

    /// Strikes out a commit that came to nothing and left nothing behind.
    ///
    /// # Errors
    /// When the database refuses; then it is looked at again at the next start.
    pub fn strike_commit(&self, commit: i64) -> Result<()> {
        faults::step("journal: strike")?;
        strike(&self.connection(), commit)?;
        Ok(())
    }

    /// Commits of runs that are over, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn interrupted_commits(&self) -> Result<Vec<Interrupted>> {
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        let mut statement = transaction.prepare("SELECT * FROM commits ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let run: String = row.get("run")?;
            if runs::is_dead(self.dir(), &run)
                && let Some(commit) = interrupted(&transaction, row)?
            {
                found.push(commit);
            }
        }
        Ok(found)
    }
}

pub(crate) fn strike(connection: &rusqlite::Connection, commit: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM commits WHERE id = ?")?
        .execute([commit])?;
    Ok(())
}

/// Whether a commit that is under way needs the backup of this content.
pub(crate) fn needs(transaction: &Transaction, content: &[u8]) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT 1 FROM commits WHERE content_hash = ?")?
        .exists([content])
}

fn insert(transaction: &Transaction, run: &str, record: &Record) -> Result<i64> {
    let report = serde_json::to_string(record.report)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    transaction
        .prepare_cached(
            "INSERT INTO commits
                 (run, created_at, origin, batch, path, report, content_hash, backup, queued)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            run,
            clock::now(),
            record.origin.name(),
            record.batch.0,
            path_bytes(record.path),
            report,
            record
                .content
                .as_ref()
                .map(|hash| hash.as_bytes().as_slice()),
            record.backup.is_some(),
            record.queued,
        ])?;
    Ok(transaction.last_insert_rowid())
}

fn insert_file(
    transaction: &Transaction,
    commit: i64,
    place: i64,
    file: &CommitFile,
) -> Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO commit_files (commit_id, place, kind, temp, target, hash, fresh, folder)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            commit,
            place,
            file.kind.name(),
            path_bytes(&file.temp),
            path_bytes(&file.target),
            file.hash.as_bytes().as_slice(),
            file.fresh,
            file.folder.map(u64::cast_signed),
        ])?;
    Ok(())
}

/// `None` for a line that somebody else wrote and that cannot be read: it is left alone.
fn interrupted(transaction: &Transaction, row: &Row) -> rusqlite::Result<Option<Interrupted>> {
    let id = row.get("id")?;
    let files: Vec<Option<CommitFile>> = transaction
        .prepare_cached("SELECT * FROM commit_files WHERE commit_id = ? ORDER BY place")?
        .query_map([id], file)?
        .collect::<rusqlite::Result<_>>()?;
    let files: Option<Vec<CommitFile>> = files.into_iter().collect();
    let report: String = row.get("report")?;
    let report = serde_json::from_str::<Report>(&report);
    let (Some(files), Ok(mut report), Some(content)) =
        (files, report, hash_column(row.get("content_hash")?))
    else {
        tracing::warn!("commit {id} in the journal cannot be read");
        return Ok(None);
    };
    // JSON cannot tell every path; the columns can.
    report.output = files
        .iter()
        .find(|file| file.kind != FileKind::Derivative)
        .map(|file| file.target.clone());
    let derivatives = files
        .iter()
        .filter(|file| file.kind == FileKind::Derivative);
    for (derivative, file) in report.derivatives.iter_mut().zip(derivatives) {
        derivative.output = Some(file.target.clone());
    }
    Ok(Some(Interrupted {
        id,
        commit: Unfinished {
            age: clock::since(row.get("created_at")?),
            placing: row.get("state")?,
            files,
            content,
        },
        origin: named(row, "origin")?,
        batch: BatchId(row.get("batch")?),
        path: path(row.get("path")?),
        report,
        backup: row.get("backup")?,
        queued: row.get("queued")?,
    }))
}

fn file(row: &Row) -> rusqlite::Result<Option<CommitFile>> {
    let kind: String = row.get("kind")?;
    let kind = FileKind::ALL.into_iter().find(|known| known.name() == kind);
    let hash = hash_column(row.get("hash")?);
    let (temp, target) = (path(row.get("temp")?), path(row.get("target")?));
    let fresh = row.get("fresh")?;
    let folder: Option<i64> = row.get("folder")?;
    Ok(kind.zip(hash).map(|(kind, hash)| CommitFile {
        kind,
        temp,
        folder: folder.map(i64::cast_unsigned),
        target,
        hash,
        fresh,
    }))
}

impl Interrupted {
    /// The full-size file, if one was to be written.
    pub fn full_size(&self) -> Option<&CommitFile> {
        let mut files = self.commit.files.iter();
        files.find(|file| file.kind != FileKind::Derivative)
    }

    /// Content of the derivatives, in the report's order.
    pub fn derivatives(&self) -> Vec<Hash> {
        let files = self.commit.files.iter();
        files
            .filter(|file| file.kind == FileKind::Derivative)
            .map(|file| file.hash)
            .collect()
    }
}
