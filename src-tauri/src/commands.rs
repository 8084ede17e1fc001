//! What the window may ask for. Each answers, or rejects with a plain sentence.
//!
//! They are `async` so that Tauri runs them off the main thread: all of them may touch the disk.

use std::path::PathBuf;

use serde::Serialize;
use tauri::{AppHandle, State};
use tauri_plugin_opener::OpenerExt;
use whittle_core::{
    Dashboard, Event, HistoryPage, HistoryQuery, JobId, Language, Period, Settings,
};
use whittle_jobs::{Edited, RevertError};

use crate::shell::{Shell, cores};
use crate::tray::Tray;

type Answer<T> = Result<T, String>;

/// What the window needs to know when it opens.
#[derive(Serialize)]
pub struct AppState {
    version: String,
    settings: Settings,
    system_language: Language,
    data_dir: PathBuf,
    cores: usize,
    images: u32,
    saved_bytes: u64,
    jobs: Vec<Event>,
    /// Whether the queue takes no new images for now.
    paused: bool,
    /// Images that are kept back.
    held: Vec<JobId>,
    /// Images that an interrupted run did not get to: `resume` goes on with them.
    left_over: usize,
}

#[tauri::command(async)]
pub fn app_state(app: AppHandle, shell: State<'_, Shell>) -> Answer<AppState> {
    // Without a history there are no totals; why was said when the program started.
    let stats = shell.store().ok().and_then(|store| store.stats().ok());
    Ok(AppState {
        version: app.package_info().version.to_string(),
        settings: shell.settings().clone(),
        system_language: shell.system_language,
        data_dir: whittle_jobs::data_dir().map_err(sentence)?,
        cores: cores(),
        images: stats
            .as_ref()
            .map_or(0, |stats| stats.original_images_count),
        saved_bytes: stats.as_ref().map_or(0, |stats| stats.saved_bytes),
        jobs: shell.feed.replay(),
        paused: shell.queue.is_paused(),
        held: shell.queue.held(),
        left_over: shell.left_over().iter().map(|left| left.images.len()).sum(),
    })
}

#[tauri::command(async)]
pub fn set_paused(paused: bool, shell: State<'_, Shell>, tray: State<'_, Tray>) {
    shell.queue.pause(paused);
    tray.paused(paused, shell.words());
}

/// Keeps images that wait back while others go on, or lets them go on.
#[tauri::command(async)]
pub fn hold(jobs: Vec<JobId>, held: bool, shell: State<'_, Shell>) {
    shell.queue.hold(&jobs, held);
}

/// No jobs means all that the user added.
#[tauri::command(async)]
pub fn cancel(jobs: Vec<JobId>, shell: State<'_, Shell>) {
    if jobs.is_empty() {
        shell.queue.cancel_added();
    } else {
        shell.queue.cancel(&jobs);
    }
}

#[tauri::command(async)]
pub fn retry(jobs: Vec<JobId>, shell: State<'_, Shell>) {
    shell.queue.retry(&jobs, &shell.again(None));
}

#[tauri::command(async)]
pub fn forget(jobs: Vec<JobId>, shell: State<'_, Shell>) {
    shell.queue.forget(&jobs);
    shell.feed.forget(&jobs);
}

#[tauri::command(async)]
pub fn reveal(
    job: Option<JobId>,
    child: Option<usize>,
    history: Option<i64>,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<()> {
    let path = result(job, child, history, &shell)?;
    app.opener().reveal_item_in_dir(path).map_err(|error| {
        // What the bus says means nothing to anybody.
        tracing::warn!("reveal: {error}");
        "No file manager answered.".into()
    })
}

/// Opens a result with the program that the system has for it.
#[tauri::command(async)]
pub fn open(
    job: Option<JobId>,
    child: Option<usize>,
    history: Option<i64>,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<()> {
    let path = result(job, child, history, &shell)?;
    let path = path.to_str().ok_or("Its name cannot be handed over.")?;
    app.opener().open_path(path, None::<&str>).map_err(unopened)
}

fn unopened(error: tauri_plugin_opener::Error) -> String {
    tracing::warn!("open: {error}");
    "No program was found that opens this.".into()
}

/// The file of a row, or of a derivative of it, or of a line of the history: its result, else its
/// original.
fn result(
    job: Option<JobId>,
    child: Option<usize>,
    history: Option<i64>,
    shell: &Shell,
) -> Answer<PathBuf> {
    let path = match (job, history) {
        (Some(job), _) => shell.result_of(job, child),
        (None, Some(history)) => {
            let entry = shell.store()?.entry(history).map_err(sentence)?;
            entry.map(|entry| {
                entry
                    .output
                    .filter(|path| path.exists())
                    .unwrap_or(entry.path)
            })
        }
        (None, None) => None,
    };
    let path = path.ok_or("This image is no longer in the list.")?;
    match path.exists() {
        true => Ok(path),
        false => Err(format!("{} is no longer there.", path.display())),
    }
}

/// What came of putting originals back.
#[derive(Debug, PartialEq, Serialize)]
pub struct Reverted {
    count: usize,
    refused: Vec<Refused>,
}

/// An original that was not put back.
#[derive(Debug, PartialEq, Serialize)]
pub struct Refused {
    history: i64,
    /// Whether the file was changed since: with `force` it is put back all the same.
    edited: bool,
    reason: String,
}

/// Puts originals back; with `force` also over files that were changed since, which are kept among the backups
/// first.
#[tauri::command(async)]
pub fn revert(history: Vec<i64>, force: bool, shell: State<'_, Shell>) -> Answer<Reverted> {
    let store = shell.store()?;
    let edited = match force {
        true => Edited::Overwrite,
        false => Edited::Refuse,
    };
    let lines = history.into_iter();
    Ok(reverted(lines.map(|id| {
        let outcome = whittle_jobs::revert(store, id, edited);
        if outcome.is_ok() {
            shell.feed.take(Event::Reverted { history: id });
        }
        (id, outcome)
    })))
}

fn reverted(outcomes: impl Iterator<Item = (i64, Result<PathBuf, RevertError>)>) -> Reverted {
    let mut count = 0;
    let mut refused = Vec::new();
    for (history, outcome) in outcomes {
        match outcome {
            Ok(_) => count += 1,
            Err(error) => refused.push(Refused {
                history,
                edited: matches!(error, RevertError::Edited { .. }),
                reason: error.to_string(),
            }),
        }
    }
    Reverted { count, refused }
}

#[tauri::command(async)]
pub fn history(query: HistoryQuery, shell: State<'_, Shell>) -> Answer<HistoryPage> {
    shell.store()?.history(&query).map_err(sentence)
}

#[tauri::command(async)]
pub fn dashboard(period: Period, shell: State<'_, Shell>) -> Answer<Dashboard> {
    shell.store()?.dashboard(period).map_err(sentence)
}

/// Goes on with what an interrupted run did not get to; answers how many images that are.
#[tauri::command(async)]
pub fn resume(forget: bool, shell: State<'_, Shell>) -> Answer<usize> {
    shell.resume(forget)
}

/// The originals that were replaced.
#[derive(Serialize)]
pub struct BackupsState {
    count: u32,
    bytes: u64,
    dir: PathBuf,
}

#[tauri::command(async)]
pub fn backups(shell: State<'_, Shell>) -> Answer<BackupsState> {
    let store = shell.store()?;
    let totals = store.backup_totals().map_err(sentence)?;
    Ok(BackupsState {
        count: totals.count,
        bytes: totals.bytes,
        dir: store.backups().dir().to_path_buf(),
    })
}

#[tauri::command(async)]
pub fn reveal_backups(app: AppHandle, shell: State<'_, Shell>) -> Answer<()> {
    let store = shell.store()?;
    let backups = store.backups().dir();
    // It is made with the first backup.
    let dir = if backups.is_dir() {
        backups
    } else {
        store.dir()
    };
    app.opener()
        .open_path(dir.to_string_lossy(), None::<&str>)
        .map_err(unopened)
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_original_that_is_not_put_back_has_its_reason() {
        let edited = || RevertError::Edited {
            path: "/a/photo.jpg".into(),
        };
        let outcomes = [
            (1, Ok(PathBuf::from("/a/b.png"))),
            (2, Err(edited())),
            (3, Err(RevertError::AlreadyReverted)),
        ];
        let refused = |history, edited, reason: RevertError| Refused {
            history,
            edited,
            reason: reason.to_string(),
        };
        let expected = Reverted {
            count: 1,
            refused: vec![
                refused(2, true, edited()),
                refused(3, false, RevertError::AlreadyReverted),
            ],
        };
        assert_eq!(reverted(outcomes.into_iter()), expected);
    }
}
