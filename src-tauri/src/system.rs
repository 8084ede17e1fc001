//! What the window asks of the system: notifications, and being started at login.

use tauri::{AppHandle, State, WebviewWindow};
use tauri_plugin_autostart::ManagerExt;
use tauri_plugin_notification::NotificationExt;

use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// How a start at login says that nobody asked to see the window.
pub const BACKGROUND: &str = "--background";

/// Longer texts are cut by the system anyway.
const LONGEST: usize = 300;

/// Says that a batch has ended, if nobody is looking and the user wants to know. Answers whether it
/// was said.
#[tauri::command(async)]
pub fn notify(
    title: String,
    body: String,
    app: AppHandle,
    window: WebviewWindow,
    shell: State<'_, Shell>,
) -> Answer<bool> {
    let looking = window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false);
    if looking || shell.settings().quiet {
        return Ok(false);
    }
    let cut = |text: String| text.chars().take(LONGEST).collect::<String>();
    let notification = app.notification().builder();
    let shown = notification.title(cut(title)).body(cut(body)).show();
    shown.map(|()| true).map_err(sentence)
}

/// Nothing where the system has no such thing.
#[tauri::command(async)]
pub fn start_at_login(app: AppHandle) -> Option<bool> {
    app.autolaunch().is_enabled().ok()
}

#[tauri::command(async)]
pub fn set_start_at_login(on: bool, app: AppHandle) -> Answer<()> {
    let login = app.autolaunch();
    let done = if on { login.enable() } else { login.disable() };
    done.map_err(|error| format!("The system did not take this: {error}."))
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
