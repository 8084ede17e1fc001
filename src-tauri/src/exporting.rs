//! Files that leave the window: tables for spreadsheets, and presets.

use std::path::PathBuf;

use tauri::{AppHandle, State};
use whittle_core::{HistoryQuery, Period, Preset, dashboard_csv, history_csv};

use crate::dialogs;
use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// Every line that fits the query, as a table. Answers where it is; nothing when the dialog was
/// dismissed.
#[tauri::command(async)]
pub fn export_history(
    query: HistoryQuery,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<Option<PathBuf>> {
    let query = HistoryQuery {
        offset: 0,
        limit: 0,
        ..query
    };
    let page = shell.store()?.history(&query).map_err(sentence)?;
    save(
        &app,
        &shell,
        "whittle-history.csv",
        &history_csv(&page.entries),
    )
}

/// The dashboard's numbers as a table.
#[tauri::command(async)]
pub fn export_dashboard(
    period: Period,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<Option<PathBuf>> {
    let dashboard = shell.store()?.dashboard(period).map_err(sentence)?;
    save(
        &app,
        &shell,
        "whittle-dashboard.csv",
        &dashboard_csv(&dashboard),
    )
}

/// A preset as a file that the command line reads, too.
#[tauri::command(async)]
pub fn export_preset(
    preset: Preset,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<Option<PathBuf>> {
    let preset = preset.validated().map_err(sentence)?;
    let text = serde_json::to_string_pretty(&preset).map_err(sentence)?;
    save(&app, &shell, &file_name(&preset.name), &text)
}

/// Reads a preset that was exported; nothing when the dialog was dismissed.
#[tauri::command(async)]
pub fn import_preset(app: AppHandle, shell: State<'_, Shell>) -> Answer<Option<Preset>> {
    let words = shell.words();
    let chosen = dialogs::ask(&app, words.choose_preset, |dialog| {
        dialog
            .add_filter(words.presets, &["json"])
            .blocking_pick_file()
    });
    let Some(file) = chosen else {
        return Ok(None);
    };
    let path = file.into_path().map_err(sentence)?;
    whittle_jobs::read_preset(&path).map(Some).map_err(sentence)
}

fn save(app: &AppHandle, shell: &Shell, name: &str, text: &str) -> Answer<Option<PathBuf>> {
    let title = shell.words().save_as;
    let chosen = dialogs::ask(app, title, |dialog| {
        dialog.set_file_name(name).blocking_save_file()
    });
    let Some(file) = chosen else {
        return Ok(None);
    };
    let path = file.into_path().map_err(sentence)?;
    whittle_jobs::export(&path, text.as_bytes())
        .map_err(|error| format!("{} could not be written: {error}.", path.display()))?;
    Ok(Some(path))
}

/// A name that every system takes.
fn file_name(preset: &str) -> String {
    let name: String = preset
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    format!("{name}.whittle.json")
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_s_name_becomes_a_file_s() {
        assert_eq!(file_name("Web / 70 %"), "Web---70--.whittle.json");
        assert_eq!(file_name("Für Ada"), "Für-Ada.whittle.json");
    }
}
