//! The settings: changed here, and by the command line meanwhile.

use serde_json::{Map, Value};
use tauri::{AppHandle, Emitter, Manager, State};
use whittle_core::Settings;
use whittle_jobs::Plan;

use crate::shell::Shell;
use crate::tray::Tray;

type Answer<T> = Result<T, String>;

/// Changes the settings that are named, and no others: somebody else may have changed those meanwhile.
/// Answers all of them.
#[tauri::command(async)]
pub fn change_settings(
    changes: Map<String, Value>,
    shell: State<'_, Shell>,
    tray: State<'_, Tray>,
) -> Answer<Settings> {
    let before = shell.settings().clone();
    let changed = change_kept(&changes, &shell)?;
    if changed.language != before.language {
        tray.speak(shell.words());
    }
    if changed.threads != before.threads {
        shell.follow_threads();
    }
    Ok(changed)
}

fn change_kept(changes: &Map<String, Value>, shell: &Shell) -> Answer<Settings> {
    let change = |settings: Settings| checked(with(&settings, changes)?);
    let changed = match shell.store() {
        // What could not be remembered does not hold either: the page goes back to what was.
        Ok(store) => store.change_settings(change).map_err(sentence)??,
        // Without a store they hold for this run; that was said when the program started.
        Err(_) => change(shell.settings().clone())?,
    };
    *shell.settings() = changed.clone();
    Ok(changed)
}

/// Takes over what the command line has changed, and tells the page.
pub fn take_over(app: &AppHandle) {
    let Some(shell) = app.try_state::<Shell>() else {
        return;
    };
    // What is changed meanwhile in the window must not be taken back by what was read before.
    let mut settings = shell.settings();
    let Ok(Ok(kept)) = shell.store().map(|store| store.settings()) else {
        return;
    };
    if *settings != kept {
        *settings = kept.clone();
        drop(settings);
        shell.follow_threads();
        if let Some(tray) = app.try_state::<Tray>() {
            tray.speak(shell.words());
        }
        let _ = app.emit("whittle:settings", kept);
    }
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn with(settings: &Settings, changes: &Map<String, Value>) -> Answer<Settings> {
    let mut fields = serde_json::to_value(settings).map_err(|error| error.to_string())?;
    for (name, value) in changes {
        let field = fields.get_mut(name);
        *field.ok_or_else(|| format!("There is no setting “{name}”."))? = value.clone();
    }
    serde_json::from_value(fields).map_err(|error| format!("This cannot be kept: {error}."))
}

/// What the page says is not trusted: it ends in files and their names.
fn checked(mut settings: Settings) -> Answer<Settings> {
    settings
        .preset("of now")
        .validated()
        .map_err(|error| error.to_string())?;
    let presets = std::mem::take(&mut settings.presets).into_iter();
    settings.presets = presets
        .map(|preset| preset.validated().map_err(|error| error.to_string()))
        .collect::<Answer<_>>()?;
    settings.min_saving = settings.min_saving.min(99);
    let globs = Plan {
        include: settings.include.clone(),
        exclude: settings.exclude.clone(),
        ..Plan::default()
    };
    globs
        .check()
        .map_err(|error| format!("A pattern cannot be read: {error}."))?;
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(changes: Value) -> Answer<Settings> {
        let changes: Map<String, Value> = serde_json::from_value(changes).unwrap();
        with(&Settings::default(), &changes).and_then(checked)
    }

    #[test]
    fn only_what_is_named_is_changed() {
        let settings = changed(json!({ "quiet": true, "threads": 3, "min_saving": 200 })).unwrap();
        let expected = Settings {
            quiet: true,
            threads: Some(3),
            min_saving: 99,
            ..Settings::default()
        };
        assert_eq!(settings, expected);
        assert_eq!(changed(json!({ "threads": null })).unwrap().threads, None);
    }

    #[test]
    fn what_the_page_says_is_not_trusted() {
        for wrong in [
            json!({ "colour": "red" }),
            json!({ "mode": "best" }),
            json!({ "level": 0 }),
            json!({ "include": ["["] }),
            json!({ "output": { "kind": "suffix", "suffix": "../../x" } }),
        ] {
            assert!(changed(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
