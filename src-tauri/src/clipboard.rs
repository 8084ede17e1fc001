//! Files that were copied in a file manager.

use std::path::PathBuf;

use tauri::AppHandle;

/// The files on the clipboard; none when it holds something else. Waits for the program that offers
/// them, so it must not be called on the main thread.
///
/// GTK reads the clipboard of X11 and of Wayland alike, and the window is a GTK window anyway.
#[cfg(target_os = "linux")]
pub fn files(app: &AppHandle) -> Result<Vec<PathBuf>, String> {
    use std::sync::mpsc;
    use std::time::Duration;

    let (send, receive) = mpsc::channel();
    let ask = move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.request_uris(move |_, uris| {
            let paths: Vec<PathBuf> = uris
                .iter()
                .filter_map(|uri| gtk::glib::filename_from_uri(uri).ok())
                .map(|(path, _)| path)
                .collect();
            let _ = send.send(paths);
        });
    };
    app.run_on_main_thread(ask)
        .map_err(|error| format!("The clipboard could not be read: {error}."))?;
    receive
        .recv_timeout(Duration::from_secs(10))
        .map_err(|_| "The program that holds the clipboard did not answer.".into())
}

/// The files on the clipboard; none when it holds something else.
#[cfg(not(target_os = "linux"))]
pub fn files(_app: &AppHandle) -> Result<Vec<PathBuf>, String> {
    let mut clipboard = arboard::Clipboard::new()
        .map_err(|error| format!("The clipboard could not be read: {error}."))?;
    match clipboard.get().file_list() {
        Err(arboard::Error::ContentNotAvailable) => Ok(Vec::new()),
        other => other.map_err(|error| format!("The clipboard could not be read: {error}.")),
    }
}
