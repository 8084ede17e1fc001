//! What a start does about commits that a crash, a kill or a power cut interrupted.
//!
//! All files of a commit stand complete and synced under temporary names before the first of them
//! gets its own, and the original is replaced last. So there are only two cases: the last file has
//! its name, then the commit is done and only the line of the history is missing; or it has not,
//! then what belongs to it is taken away again. The original stands, or its backup does.

use std::fs;
use std::io;
use std::path::Path;

use whittle_store::{CommitFile, FileKind, Interrupted, Record, Store};

use super::temp;
use crate::source::hash_file;

/// What was found and done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Commits that were done but for their line in the history.
    pub finished: u32,
    /// Commits that were taken back; their originals stand as they were.
    pub undone: u32,
    /// Commits whose folder is not there now: they are looked at again at the next start.
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
                    recovery.postponed += 1;
                }
            },
            State::Unknown => recovery.postponed += 1,
        }
    }
    for (id, path) in store.stray_temps()? {
        match temp::is_own(&path).then(|| remove(&path)) {
            Some(Err(error)) => tracing::warn!("{}: {error}", path.display()),
            _ => store.strike_temp(id)?,
        }
    }
    store.sweep_runs();
    Ok(recovery)
}

enum State {
    Done,
    HalfDone,
    /// Its folder is not there.
    Unknown,
}

fn state(commit: &Interrupted) -> State {
    if commit.folders().any(|folder| !folder.is_dir()) {
        // Before anything got its name, a folder that is gone may just not have been made yet;
        // an unmounted disk looks alike. Either way there is nothing to take away now.
        return match commit.placing || commit.backup {
            true => State::Unknown,
            false => State::HalfDone,
        };
    }
    let Some(last) = commit.files.last().filter(|_| commit.placing) else {
        return State::HalfDone;
    };
    if last.temp.symlink_metadata().is_ok() {
        return State::HalfDone;
    }
    match (hash_file(&last.target), last.kind) {
        (Ok(now), _) if now == last.hash => State::Done,
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
