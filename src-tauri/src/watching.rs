//! Watched folders: which there are, by which rules, and what becomes of their images.

use std::path::PathBuf;

use tauri::{AppHandle, State};
use whittle_core::{WatchActivity, WatchRules, WatchedFolder};
use whittle_jobs::Watched;

use crate::dialogs;
use crate::shell::Shell;

type Answer<T> = Result<T, String>;

#[tauri::command(async)]
pub fn watched_folders(shell: State<'_, Shell>) -> Answer<Vec<WatchedFolder>> {
    shell.store()?.watched_folders().map_err(sentence)
}

/// Nothing when the dialog was dismissed; else the folder, watched by these rules.
#[tauri::command(async)]
pub fn add_watched_folder(
    rules: WatchRules,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<Option<WatchedFolder>> {
    let title = shell.words().choose_folder;
    let chosen = dialogs::ask(&app, title, |dialog| dialog.blocking_pick_folder());
    let Some(folder) = chosen else {
        return Ok(None);
    };
    let path = folder.into_path().map_err(sentence)?;
    let added = shell.store()?.add_watched_folder(&path, &rules);
    let id = added.map_err(sentence)?;
    shell.watch()?;
    Ok(Some(WatchedFolder { id, path, rules }))
}

/// Changes the rules of a folder; pausing it is one of them.
#[tauri::command(async)]
pub fn change_watched_folder(id: i64, rules: WatchRules, shell: State<'_, Shell>) -> Answer<()> {
    let folder = WatchedFolder {
        id,
        path: PathBuf::new(),
        rules: rules.clone(),
    };
    let plan = Watched::from(folder).plan;
    plan.check()
        .map_err(|error| format!("A pattern cannot be read: {error}."))?;
    let changed = shell.store()?.change_watched_folder(id, &rules);
    match changed.map_err(sentence)? {
        true => shell.watch(),
        false => Err("This folder is no longer watched.".into()),
    }
}

#[tauri::command(async)]
pub fn remove_watched_folder(id: i64, shell: State<'_, Shell>) -> Answer<()> {
    shell.store()?.remove_watched_folder(id).map_err(sentence)?;
    shell.watch()
}

/// What became of the images of each folder since this moment, in ms since 1970.
#[tauri::command(async)]
pub fn watch_activity(since: i64, shell: State<'_, Shell>) -> Answer<Vec<WatchActivity>> {
    let store = shell.store()?;
    let folders = store.watched_folders().map_err(sentence)?;
    folders
        .iter()
        .map(|folder| store.watch_activity(folder, since).map_err(sentence))
        .collect()
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
