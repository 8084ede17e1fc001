//! What a start does about commits that a crash, a kill or a power cut interrupted.
//!
//! All files of a commit stand complete and synced under temporary names before the first of them
//! gets its own, and the original is replaced last. So there are only two cases: the last file has
//! its name, then the commit is done and only the line of the history is missing; or it has not,
//! then what belongs to it is taken away again. The original stands, or its backup does.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use whittle_store::{CommitFile, FileKind, Interrupted, Record, Store};

use super::temp;
use crate::source::hash_file;

/// How long what lies in a folder that is not there is remembered. Then the folder is taken for gone for
/// good, so that the journal does not grow for ever.
const PATIENCE: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// What was found and done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Commits that were done but for their line in the history.
    pub finished: u32,
    /// Commits that were taken back; their originals stand as they were.
    pub undone: u32,
    /// What belongs to a folder that is not there now: it is looked for again at the next start.
    pub postponed: u32,
}

/// Clears up after runs that are over. Does nothing while another process is at it.
///
/// # Errors
/// When the database refuses.
pub fn recover(store: &Store) -> whittle_store::Result<Recovery> {
    let mut recovery = Recovery::default();
    let Some(_alone) = store.begin_recovery()? else {
        return Ok(recovery);
    };
    for commit in store.interrupted_commits()? {
        match state(&commit) {
            State::Done => {
                finish(store, &commit)?;
                recovery.finished += 1;
            }
            State::HalfDone => match undo(&commit) {
                Ok(()) => {
                    store.strike_commit(commit.id)?;
                    recovery.undone += 1;
                }
                Err(error) => {
                    tracing::warn!("{}: {error}", commit.path.display());
                    if commit.age >= PATIENCE {
                        store.strike_commit(commit.id)?;
                    }
                    recovery.postponed += 1;
                }
            },
            State::Unknown => recovery.postponed += 1,
        }
    }
    for stray in store.stray_temps()? {
        let away = temp::is_away(&stray.path, stray.folder);
        let removed = match temp::is_own(&stray.path) && !away {
            true => remove(&stray.path),
            false => Ok(()),
        };
        match removed {
            Err(error) if stray.age < PATIENCE => {
                tracing::warn!("{}: {error}", stray.path.display())
            }
            Ok(()) if away && stray.age < PATIENCE => recovery.postponed += 1,
            _ => store.strike_temp(stray.id)?,
        }
    }
    store.sweep_runs();
    Ok(recovery)
}

enum State {
    Done,
    HalfDone,
    /// A folder is not there, for now.
    Unknown,
}

fn state(commit: &Interrupted) -> State {
    let last = commit.files.last().filter(|_| commit.placing);
    let stands = last.is_some_and(|last| {
        last.temp.symlink_metadata().is_err()
            && hash_file(&last.target).is_ok_and(|now| now == last.hash)
    });
    if stands {
        return State::Done;
    }
    let is_away = |file: &CommitFile| temp::is_away(&file.temp, file.folder);
    if commit.files.iter().any(is_away) && commit.age < PATIENCE {
        return State::Unknown;
    }
    let Some(last) = last else {
        return State::HalfDone;
    };
    if last.temp.symlink_metadata().is_ok() {
        return State::HalfDone;
    }
    match (hash_file(&last.target), last.kind) {
        // The temporary file went by being taken back, not by getting its name.
        (Ok(now), FileKind::Instead) if now == commit.content => State::HalfDone,
        // It got its name, and somebody edited or moved it since: the backup must stay known.
        (_, FileKind::Instead) => State::Done,
        (_, FileKind::New | FileKind::Derivative) => State::HalfDone,
    }
}

fn finish(store: &Store, commit: &Interrupted) -> whittle_store::Result<()> {
    let derivatives = commit.derivatives();
    store.record(&Record {
        origin: commit.origin,
        batch: &commit.batch,
        path: &commit.path,
        report: &commit.report,
        content: Some(commit.content),
        backup: commit.backup.then_some(commit.content),
        output: commit.full_size().map(|file| file.hash),
        derivatives: &derivatives,
        commit: Some(commit.id),
        queued: commit.queued,
    })?;
    Ok(())
}

/// Takes away what only this commit can have made.
fn undo(commit: &Interrupted) -> io::Result<()> {
    for file in &commit.files {
        if temp::is_own(&file.temp) {
            remove(&file.temp)?;
        }
        if commit.placing && is_new_result(file) {
            remove(&file.target)?;
        }
    }
    for file in &commit.files {
        let _ = temp::sync_folder(&file.temp);
    }
    Ok(())
}

fn is_new_result(file: &CommitFile) -> bool {
    file.kind != FileKind::Instead
        && file.fresh
        && hash_file(&file.target).is_ok_and(|now| now == file.hash)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
