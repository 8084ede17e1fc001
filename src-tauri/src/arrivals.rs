//! Images that come from outside the window: the command line, and a second start.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager};

use crate::shell::Shell;
use crate::{system, window};

/// The paths among a program's arguments, made absolute.
pub fn paths(args: impl Iterator<Item = OsString>, folder: &Path) -> Vec<PathBuf> {
    // GTK and debuggers add options of their own; a file that begins with a dash is written ./-file.
    args.filter(|arg| !arg.as_encoded_bytes().starts_with(b"-") && !arg.is_empty())
        .map(|arg| folder.join(arg))
        .collect()
}

/// What a second start handed over while the first was still starting.
#[derive(Default)]
pub struct Early(Mutex<Vec<PathBuf>>);

/// Queues what came with the program's start, and what a second start handed over during it.
pub fn queue_first(app: &AppHandle, mut paths: Vec<PathBuf>) {
    let early = app.state::<Early>();
    let mut early = early.0.lock().unwrap_or_else(PoisonError::into_inner);
    paths.append(&mut early);
    queue(app, paths);
}

/// Queues these.
pub fn queue(app: &AppHandle, paths: Vec<PathBuf>) {
    if !paths.is_empty() {
        app.state::<Shell>().add(paths);
    }
}

/// A second start hands its arguments over and ends: they are queued here, in the open window. One without a
/// window, as at login, does not ask for this one either.
pub fn second_start(app: &AppHandle, args: Vec<String>, folder: String) {
    let background = args.iter().any(|arg| arg == system::BACKGROUND);
    let args = args.into_iter().skip(1).map(OsString::from);
    let paths = paths(args, Path::new(&folder));
    {
        let early = app.state::<Early>();
        let mut early = early.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: the first start looks here once there is a queue.
        match app.try_state::<Shell>() {
            Some(_) => queue(app, paths),
            None => early.extend(paths),
        }
    }
    if !background {
        window::bring_forward(app);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_absolute_and_options_passed_over() {
        let args = ["photo.jpg", "--display=:1", "/a/b.png", ""].map(OsString::from);
        let folder = Path::new("/home/someone");
        assert_eq!(
            paths(args.into_iter(), folder),
            [folder.join("photo.jpg"), PathBuf::from("/a/b.png")]
        );
    }
}
