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
    let rules = checked(rules)?;
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
    let rules = checked(rules)?;
    let changed = shell.store()?.change_watched_folder(id, &rules);
    match changed.map_err(sentence)? {
        true => shell.watch(),
        false => Err("This folder is no longer watched.".into()),
    }
}

/// What the page says is not trusted: it ends in files and their names.
fn checked(rules: WatchRules) -> Answer<WatchRules> {
    let rules = rules.validated().map_err(sentence)?;
    let folder = WatchedFolder {
        id: 0,
        path: PathBuf::new(),
        rules: rules.clone(),
    };
    let plan = Watched::from(folder).plan;
    plan.check()
        .map_err(|error| format!("A pattern cannot be read: {error}."))?;
    Ok(rules)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn rules(rules: Value) -> Answer<WatchRules> {
        checked(serde_json::from_value(rules).unwrap())
    }

    fn styles(names: &[&str]) -> Value {
        let style = |name| json!({ "name": name, "strategy": "fit", "width": 10, "height": 10 });
        names.iter().map(style).collect()
    }

    #[test]
    fn rules_are_held_to_what_settings_are() {
        let good = rules(json!({ "styles": styles(&["thumb"]), "min_saving": 200 })).unwrap();
        assert_eq!((good.min_saving, good.styles.len()), (99, 1));
        for wrong in [
            json!({ "include": ["["] }),
            json!({ "output": { "kind": "suffix", "suffix": "../../x" } }),
            json!({ "styles": styles(&["../x"]) }),
            json!({ "styles": styles(&["thumb", "thumb"]) }),
            // Every image would have two results of one name.
            json!({ "output": { "kind": "suffix", "suffix": "min" }, "styles": styles(&["min"]) }),
        ] {
            assert!(rules(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
