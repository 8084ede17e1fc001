use std::path::{Path, PathBuf};

use whittle_core::ErrorCode;
use whittle_store::{CommitFile, CommitNote, Hash, Record, Store};

use super::plan::Files;
use super::temp;
use crate::stop::Stop;

/// This commit's line in the journal. Unless it is kept for the history to strike out, it is struck
/// out when it is dropped, provided that nothing was left behind.
pub(crate) struct Journal<'a> {
    line: Line<'a>,
    /// With the numbers of their folders.
    temps: Vec<(PathBuf, Option<u64>)>,
}

enum Line<'a> {
    /// In the database, beside the history.
    Recorded { store: &'a Store, id: i64 },
    /// A file of its own, for a run without a history.
    Unrecorded { note: CommitNote },
    /// Struck out, or left to others.
    Ended,
}

impl<'a> Journal<'a> {
    /// Notes what will be written and what the history will be told of it.
    pub fn begin(store: &'a Store, record: &Record, files: &Files) -> Result<Journal<'a>, Stop> {
        let files = files.noted();
        let id = store.begin_commit(record, &files).map_err(refused)?;
        Ok(Journal {
            line: Line::Recorded { store, id },
            temps: temps(files.iter().map(|(file, _)| file)),
        })
    }

    /// Notes what will be written by a run without a history.
    pub fn begin_unrecorded(content: &Hash, files: &Files) -> Result<Journal<'static>, Stop> {
        let files = files.noted();
        let files = || files.iter().map(|(file, _)| file);
        let note = whittle_store::data_dir()
            .and_then(|data| CommitNote::begin(&data, content, files()))
            .map_err(refused)?;
        Ok(Journal {
            line: Line::Unrecorded { note },
            temps: temps(files()),
        })
    }

    /// Everything stands complete under temporary names.
    pub fn placing(&mut self) -> Result<(), Stop> {
        match &mut self.line {
            Line::Recorded { store, id } => store.begin_placing(*id).map_err(refused),
            Line::Unrecorded { note } => note.placing().map_err(refused),
            Line::Ended => Ok(()),
        }
    }

    /// What could not be removed is left to the next start.
    pub fn note_left(&mut self, temp: &Path, folder: Option<u64>) {
        match &self.line {
            Line::Recorded { store, .. } => {
                if let Err(error) = store.note_temp(temp, folder) {
                    tracing::warn!("{} is left: {error}", temp.display());
                }
            }
            // Its file stays.
            Line::Unrecorded { .. } | Line::Ended => self.line = Line::Ended,
        }
    }

    /// All is done: leaves the line to [`Store::record`], which ends it together with the history's.
    pub fn keep(mut self) -> Option<i64> {
        match std::mem::replace(&mut self.line, Line::Ended) {
            Line::Recorded { id, .. } => Some(id),
            Line::Unrecorded { note } => {
                note.strike();
                None
            }
            Line::Ended => None,
        }
    }
}

impl Drop for Journal<'_> {
    fn drop(&mut self) {
        // What could not be removed, or is away with its folder, is looked for again at the next start.
        // A folder without a number was not there, and if it is not there now, it never was.
        let may_be_left = |(path, folder): &(PathBuf, Option<u64>)| {
            path.symlink_metadata().is_ok() || folder.is_some() && temp::is_away(path, *folder)
        };
        if self.temps.iter().any(may_be_left) {
            return;
        }
        match std::mem::replace(&mut self.line, Line::Ended) {
            Line::Recorded { store, id } => {
                if let Err(error) = store.strike_commit(id) {
                    tracing::warn!("commit {id} stays in the journal: {error}");
                }
            }
            Line::Unrecorded { note } => note.strike(),
            Line::Ended => {}
        }
    }
}

fn temps<'a>(files: impl Iterator<Item = &'a CommitFile>) -> Vec<(PathBuf, Option<u64>)> {
    files.map(|file| (file.temp.clone(), file.folder)).collect()
}

fn refused(error: whittle_store::Error) -> Stop {
    let stop = Stop::from(error);
    Stop {
        code: match stop.code {
            ErrorCode::DiskFull | ErrorCode::PermissionDenied => stop.code,
            _ => ErrorCode::Io,
        },
        message: format!("The journal could not be written. {}", stop.message),
        ..stop
    }
}
