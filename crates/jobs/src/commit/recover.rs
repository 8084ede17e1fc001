//! What a start does about commits that a crash, a kill or a power cut interrupted.
//!
//! All files of a commit stand complete and synced under temporary names before the first of them
//! gets its own, and the original is replaced last. So there are only two cases: the last file has
//! its name, then the commit is done and only the line of the history is missing; or it has not,
//! then what belongs to it is taken away again. The original stands, or its backup does. Where a result
//! changes places with the original, that lies under the temporary name for a moment.

use std::fs;
use std::io;
use std::ops::AddAssign;
use std::path::Path;
use std::time::Duration;

use whittle_store::{
    Backups, CommitFile, CommitNote, FileKind, Hash, Interrupted, Record, Store, StrayTemp,
    Unfinished,
};

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

impl AddAssign for Recovery {
    fn add_assign(&mut self, other: Recovery) {
        self.finished += other.finished;
        self.undone += other.undone;
        self.postponed += other.postponed;
    }
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
        match state(&commit.commit) {
            State::Done => {
                finish(store, &commit)?;
                recovery.finished += 1;
            }
            State::HalfDone => match undo(store.backups(), &commit.commit) {
                Ok(()) => {
                    store.strike_commit(commit.id)?;
                    recovery.undone += 1;
                }
                Err(error) => {
                    tracing::warn!("{}: {error}", commit.path.display());
                    if commit.commit.age >= PATIENCE {
                        store.strike_commit(commit.id)?;
                    }
                    recovery.postponed += 1;
                }
            },
            State::Unknown => recovery.postponed += 1,
        }
    }
    for stray in store.stray_temps()? {
        match clear(store, &stray) {
            Ok(true) => store.strike_temp(stray.id)?,
            _ if stray.age >= PATIENCE => store.strike_temp(stray.id)?,
            Ok(false) => recovery.postponed += 1,
            Err(error) => tracing::warn!("{}: {error}", stray.path.display()),
        }
    }
    store.sweep_runs();
    Ok(recovery)
}

/// The same for runs without a history, whose journal is not in the database.
pub fn recover_unrecorded(data_dir: &Path) -> Recovery {
    let mut recovery = Recovery::default();
    let backups = Backups::in_data_dir(data_dir);
    for (note, commit) in CommitNote::interrupted(data_dir) {
        let (count, cleared) = match state(&commit) {
            State::Done => (&mut recovery.finished, discard(&commit)),
            State::HalfDone => (&mut recovery.undone, undo(&backups, &commit)),
            State::Unknown => (&mut recovery.postponed, Err(io::ErrorKind::NotFound.into())),
        };
        *count += 1;
        match cleared {
            Err(error) if commit.age < PATIENCE => tracing::info!("it waits: {error}"),
            _ => note.strike(),
        }
    }
    recovery
}

enum State {
    Done,
    HalfDone,
    /// A folder is not there, for now.
    Unknown,
}

fn state(commit: &Unfinished) -> State {
    let last = commit.files.last().filter(|_| commit.placing);
    let (temp, target) = last.map_or((None, None), |last| {
        (content(&last.temp), content(&last.target))
    });
    let is_content = |hash: Option<Hash>| hash == Some(commit.content);
    let has_its_name = last.is_some_and(|last| target == Some(last.hash)) && temp.is_none();
    // It changed places with what it was made from.
    let changed_places =
        last.is_some_and(|last| last.kind == FileKind::Instead) && is_content(temp);
    if has_its_name || changed_places {
        return State::Done;
    }
    let is_away = |file: &CommitFile| temp::is_away(&file.temp, file.folder);
    if commit.files.iter().any(is_away) && commit.age < PATIENCE {
        return State::Unknown;
    }
    match last {
        // The temporary file went by getting its name, unless by being taken back, and somebody edited
        // or moved it since: the backup must stay known.
        Some(last) if last.kind == FileKind::Instead && temp.is_none() && !is_content(target) => {
            State::Done
        }
        _ => State::HalfDone,
    }
}

/// Nothing for a file that is not there or cannot be read.
fn content(path: &Path) -> Option<Hash> {
    hash_file(path).ok()
}

fn finish(store: &Store, commit: &Interrupted) -> whittle_store::Result<()> {
    if let Err(error) = discard(&commit.commit) {
        tracing::warn!("{}: {error}", commit.path.display());
        for file in &commit.commit.files {
            store.note_temp(&file.temp, file.folder)?;
        }
    }
    let derivatives = commit.derivatives();
    store.record(&Record {
        origin: commit.origin,
        batch: &commit.batch,
        path: &commit.path,
        report: &commit.report,
        content: Some(commit.commit.content),
        backup: commit.backup.then_some(commit.commit.content),
        output: commit.full_size().map(|file| file.hash),
        derivatives: &derivatives,
        commit: Some(commit.id),
        queued: commit.queued,
    })?;
    Ok(())
}

/// Removes the original that the result changed places with: its backup stands.
fn discard(commit: &Unfinished) -> io::Result<()> {
    let own = commit.files.iter().filter(|file| temp::is_own(&file.temp));
    own.map(|file| remove(&file.temp)).collect()
}

/// Takes away what only this commit can have made.
fn undo(backups: &Backups, commit: &Unfinished) -> io::Result<()> {
    for file in &commit.files {
        if temp::is_own(&file.temp) {
            // Complete, and not what was put there: it changed places with what somebody had written.
            let somebodys = commit.placing
                && file.kind == FileKind::Instead
                && content(&file.temp).is_some_and(|now| now != file.hash);
            if somebodys {
                give_back(backups, &file.temp, &file.target, &|now| now == file.hash)?;
            }
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

/// Removes a temporary file of an original that was being put back; `false` when it may be elsewhere.
fn clear(store: &Store, stray: &StrayTemp) -> io::Result<bool> {
    if !temp::is_own(&stray.path) {
        return Ok(true);
    }
    if temp::is_away(&stray.path, stray.folder) {
        return Ok(false);
    }
    let is_known = |hash: Hash| {
        matches!(store.own_output(&hash), Ok(Some(_))) || store.backups().path(&hash).is_file()
    };
    if let (Some(target), Some(now)) = (&stray.target, content(&stray.path))
        && !is_known(now)
    {
        give_back(store.backups(), &stray.path, target, &is_known)?;
    }
    remove(&stray.path)?;
    Ok(true)
}

/// What somebody wrote in the last moment, and came out under a temporary name, goes back to its place;
/// if they have written there once more since, it is kept among the backups.
fn give_back(
    backups: &Backups,
    temp: &Path,
    target: &Path,
    is_ours: &dyn Fn(Hash) -> bool,
) -> io::Result<()> {
    let is_free = match hash_file(target) {
        Ok(now) => is_ours(now),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if is_free {
        return fs::rename(temp, target);
    }
    let bytes = fs::read(temp)?;
    let kept = backups.keep(&bytes, &blake3::hash(&bytes), None);
    kept.map_err(io::Error::other)
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
