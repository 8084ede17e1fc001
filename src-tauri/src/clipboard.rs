//! The clipboard: files that were copied in a file manager, and results for other programs.

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

/// The picture on the clipboard, as a PNG file; none when it holds something else. Waits, as
/// [`files`] does.
#[cfg(target_os = "linux")]
pub fn picture(app: &AppHandle) -> Result<Option<Vec<u8>>, String> {
    use std::sync::mpsc;
    use std::time::Duration;

    let (send, receive) = mpsc::channel();
    on_main_thread(app, move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.request_image(move |_, picture| {
            let png = picture.map(|picture| picture.save_to_bufferv("png", &[]));
            let _ = send.send(png.transpose());
        });
    })?;
    let png = receive
        .recv_timeout(Duration::from_secs(10))
        .map_err(|_| "The program that holds the clipboard did not answer.".to_owned())?;
    png.map_err(|error| format!("The picture on the clipboard cannot be read: {error}."))
}

/// Offers files, as a file manager does.
#[cfg(target_os = "linux")]
pub fn put_files(app: &AppHandle, files: Vec<PathBuf>) -> Result<(), String> {
    let uris: Vec<String> = files
        .iter()
        .filter_map(|path| gtk::glib::filename_to_uri(path, None).ok())
        .map(Into::into)
        .collect();
    on_main_thread(app, move || {
        // File managers paste what their own kind of copying offers; others take the list.
        let kinds = ["text/uri-list", "x-special/gnome-copied-files"];
        let offered: Vec<gtk::TargetEntry> = (0..)
            .zip(kinds)
            .map(|(at, kind)| gtk::TargetEntry::new(kind, gtk::TargetFlags::empty(), at))
            .collect();
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.set_with_data(&offered, move |_, selection, kind| {
            if kind == 0 {
                let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
                selection.set_uris(&uris);
            } else {
                let list = format!("copy\n{}", uris.join("\n"));
                selection.set(&selection.target(), 8, list.as_bytes());
            }
        });
    })
}

/// Offers text.
#[cfg(target_os = "linux")]
pub fn put_text(app: &AppHandle, text: String) -> Result<(), String> {
    on_main_thread(app, move || {
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_text(&text);
    })
}

#[cfg(target_os = "linux")]
fn on_main_thread(app: &AppHandle, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    app.run_on_main_thread(work)
        .map_err(|error| format!("The clipboard could not be reached: {error}."))
}

/// Offers files, as a file manager does.
#[cfg(not(target_os = "linux"))]
pub fn put_files(_app: &AppHandle, files: Vec<PathBuf>) -> Result<(), String> {
    arboard::Clipboard::new()
        .and_then(|mut clipboard| clipboard.set().file_list(&files))
        .map_err(|error| format!("The clipboard could not be reached: {error}."))
}

/// Offers text.
#[cfg(not(target_os = "linux"))]
pub fn put_text(_app: &AppHandle, text: String) -> Result<(), String> {
    arboard::Clipboard::new()
        .and_then(|mut clipboard| clipboard.set_text(text))
        .map_err(|error| format!("The clipboard could not be reached: {error}."))
}

/// Pictures without a file are not taken here yet.
#[cfg(not(target_os = "linux"))]
pub fn picture(_app: &AppHandle) -> Result<Option<Vec<u8>>, String> {
    Ok(None)
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
