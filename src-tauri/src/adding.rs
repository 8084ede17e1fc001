//! Images that are asked for in the window: chosen, pasted, tried again, or ours.

use std::path::PathBuf;

use tauri::{AppHandle, Manager, State};
use tauri_plugin_dialog::FilePath;

use crate::clipboard;
use crate::dialogs;
use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// Own pictures to try Whittle on, one of each kind; `tests/src/bin/samples.rs` makes them.
const SAMPLES: [(&str, &str, &[u8]); 4] = [
    ("photo", "jpg", include_bytes!("../samples/photo.jpg")),
    (
        "screenshot",
        "png",
        include_bytes!("../samples/screenshot.png"),
    ),
    (
        "animation",
        "gif",
        include_bytes!("../samples/animation.gif"),
    ),
    ("drawing", "svg", include_bytes!("../samples/drawing.svg")),
];

#[tauri::command(async)]
pub fn choose_images(app: AppHandle, shell: State<'_, Shell>) -> Answer<usize> {
    let words = shell.words();
    let kinds = [
        "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "svg", "svgz",
    ];
    let images = dialogs::ask(&app, words.choose_images, |dialog| {
        dialog
            .add_filter(words.images, &kinds)
            .blocking_pick_files()
    });
    queue(&shell, picked(images)?)
}

#[tauri::command(async)]
pub fn choose_folder(app: AppHandle, shell: State<'_, Shell>) -> Answer<usize> {
    let title = shell.words().choose_folders;
    let folders = dialogs::ask(&app, title, |dialog| dialog.blocking_pick_folders());
    queue(&shell, picked(folders)?)
}

#[tauri::command(async)]
pub fn choose_output_folder(app: AppHandle, shell: State<'_, Shell>) -> Answer<Option<PathBuf>> {
    let title = shell.words().choose_folder;
    dialogs::ask(&app, title, |dialog| dialog.blocking_pick_folder())
        .map(|path| path.into_path().map_err(sentence))
        .transpose()
}

/// Files that were copied, or else a picture, which becomes a file first.
#[tauri::command(async)]
pub fn paste(app: AppHandle, shell: State<'_, Shell>) -> Answer<usize> {
    let files = clipboard::files(&app)?;
    if !files.is_empty() {
        return queue(&shell, files);
    }
    match clipboard::picture(&app)? {
        Some(png) => queue(&shell, vec![keep(&app, shell.words().pasted, &png)?]),
        None => Ok(0),
    }
}

/// Queues own pictures, as files in Whittle's own folder.
#[tauri::command(async)]
pub fn samples(shell: State<'_, Shell>) -> Answer<usize> {
    let folder = whittle_jobs::data_dir().map_err(sentence)?.join("samples");
    let files = SAMPLES.iter().map(|(stem, extension, bytes)| {
        whittle_jobs::export_new(&folder, stem, extension, bytes)
            .map_err(|error| format!("The samples could not be written: {error}."))
    });
    queue(&shell, files.collect::<Answer<_>>()?)
}

/// Works once more on the original of a line of the history, with the settings of now. An original that was
/// replaced is put back first.
#[tauri::command(async)]
pub fn run_history(history: i64, shell: State<'_, Shell>) -> Answer<()> {
    let store = shell.store()?;
    let entry = store.entry(history).map_err(sentence)?;
    let entry = entry.ok_or("This line is no longer in the history.")?;
    if !entry.path.exists() && !entry.revertible {
        return Err(format!("{} is no longer there.", entry.path.display()));
    }
    let batch = shell.queue.add_again(entry.path, shell.plan());
    batch.map(drop).map_err(sentence)
}

/// Among the user's pictures, or in Whittle's own folder where there is no such place.
fn keep(app: &AppHandle, name: &str, png: &[u8]) -> Answer<PathBuf> {
    let folder = match app.path().picture_dir() {
        Ok(pictures) => pictures,
        Err(_) => whittle_jobs::data_dir().map_err(sentence)?.join("pasted"),
    };
    whittle_jobs::export_new(&folder, name, "png", png)
        .map_err(|error| format!("The picture could not be written: {error}."))
}

/// Answers how many paths were queued.
fn queue(shell: &Shell, paths: Vec<PathBuf>) -> Answer<usize> {
    let count = paths.len();
    if count > 0 {
        shell.add(paths);
    }
    Ok(count)
}

/// Nothing when the dialog was dismissed.
fn picked(paths: Option<Vec<FilePath>>) -> Answer<Vec<PathBuf>> {
    let paths = paths.unwrap_or_default().into_iter();
    paths
        .map(|path| path.into_path().map_err(sentence))
        .collect()
}

fn sentence(error: impl std::fmt::Display) -> String {
    error.to_string()
}
