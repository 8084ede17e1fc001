use std::path::{Path, PathBuf};

use whittle_core::ErrorCode;
use whittle_store::{Record, Store};

use super::plan::Files;
use super::temp;
use crate::stop::Stop;

/// This commit's line in the journal. Unless it is kept for the history to strike out, it is struck
/// out when it is dropped, provided that nothing was left behind.
pub(crate) struct Journal<'a> {
    store: &'a Store,
    id: i64,
    /// With the numbers of their folders.
    temps: Vec<(PathBuf, Option<u64>)>,
}

impl<'a> Journal<'a> {
    pub fn begin(store: &'a Store, record: &Record, files: &Files) -> Result<Journal<'a>, Stop> {
        let files = files.noted();
        let temps = files
            .iter()
            .map(|(file, _)| (file.temp.clone(), file.folder))
            .collect();
        let id = store.begin_commit(record, &files).map_err(refused)?;
        Ok(Journal { store, id, temps })
    }

    /// Everything stands complete under temporary names.
    pub fn placing(&self) -> Result<(), Stop> {
        self.store.begin_placing(self.id).map_err(refused)
    }

    /// What could not be removed is left to the next start.
    pub fn note_left(&self, temp: &Path, folder: Option<u64>) {
        if let Err(error) = self.store.note_temp(temp, folder) {
            tracing::warn!("{} is left: {error}", temp.display());
        }
    }

    /// Leaves the line to [`Store::record`], which ends it together with the history's.
    pub fn keep(self) -> i64 {
        let id = self.id;
        std::mem::forget(self);
        id
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
        if let Err(error) = self.store.strike_commit(self.id) {
            tracing::warn!("commit {} stays in the journal: {error}", self.id);
        }
    }
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
