//! The system's dialogs for files.

use tauri::{AppHandle, Wry};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};

/// Asks by a dialog of this title, and waits for the answer.
pub fn ask<T>(
    app: &AppHandle,
    title: &str,
    question: impl FnOnce(FileDialogBuilder<Wry>) -> T,
) -> T {
    let answer = question(app.dialog().file().set_title(title));
    put_away(app);
    answer
}

/// rfd 0.17 keeps a reference to GTK's dialog, which so goes on listing the folder that it showed, and sorts the whole
/// list anew on the window's own thread for each file that appears there. It shall look where nothing happens.
#[cfg(target_os = "linux")]
fn put_away(app: &AppHandle) {
    use gtk::prelude::{Cast, FileChooserExt, WidgetExt};

    let _ = app.run_on_main_thread(|| {
        for window in gtk::Window::list_toplevels() {
            if let Ok(dialog) = window.downcast::<gtk::FileChooserDialog>()
                && !dialog.is_visible()
            {
                dialog.set_current_folder("/");
            }
        }
    });
}

#[cfg(not(target_os = "linux"))]
fn put_away(_app: &AppHandle) {}
