//! Images that come from outside the window: the command line, and a second start.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager, Url};

use crate::shell::Shell;
use crate::{system, window};

/// The paths among a program's arguments, made absolute.
pub fn paths(args: impl Iterator<Item = OsString>, folder: &Path) -> Vec<PathBuf> {
    // GTK and debuggers add options of their own; a file that begins with a dash is written ./-file.
    args.filter(|arg| !is_option(arg) && !arg.is_empty())
        .map(|arg| from_address(&arg).unwrap_or_else(|| folder.join(arg)))
        .collect()
}

fn is_option(arg: &OsStr) -> bool {
    arg.as_encoded_bytes().starts_with(b"-")
}

fn from_address(arg: &OsStr) -> Option<PathBuf> {
    let address = arg.to_str().filter(|arg| arg.starts_with("file://"))?;
    Url::parse(address).ok()?.to_file_path().ok()
}

/// The plugin that hands a second start's arguments over does so as text. Where a name is none, the program starts
/// anew in its own place, with addresses instead of names; an address can name every file.
#[cfg(unix)]
pub fn name_in_text() {
    use std::os::unix::process::CommandExt;

    let here = std::env::current_dir().unwrap_or_default();
    let Some(args) = in_text(std::env::args_os().skip(1), &here) else {
        return;
    };
    // Comes back only when it could not.
    let error = std::env::current_exe().map(|program| {
        let mut anew = std::process::Command::new(program);
        anew.args(args).exec()
    });
    tracing::warn!("a name that is no text may be lost: {error:?}");
}

/// The arguments with addresses for paths; nothing where all that is needed to find these is text already.
#[cfg(unix)]
fn in_text(args: impl Iterator<Item = OsString>, folder: &Path) -> Option<Vec<OsString>> {
    let args: Vec<OsString> = args.filter(|arg| !arg.is_empty()).collect();
    let is_text = |arg: &OsString| is_option(arg) || arg.to_str().is_some();
    let is_found = folder.to_str().is_some() || args.iter().all(|arg| is_option(arg));
    if is_found && args.iter().all(is_text) {
        return None;
    }
    let named = args.into_iter().map(|arg| match is_option(&arg) {
        true => arg,
        false => match Url::from_file_path(folder.join(&arg)) {
            Ok(address) if from_address(&arg).is_none() => String::from(address).into(),
            _ => arg,
        },
    });
    // Addresses are text: what was started anew is not so again.
    Some(named.collect()).filter(|named: &Vec<_>| named.iter().all(is_text))
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

    /// As the plugin hands them over: as text, with its replacements for what is none.
    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_are_handed_over_as_addresses() {
        use std::os::unix::ffi::OsStringExt;

        let name = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let handed_over = |args: &[OsString], folder: &Path| -> Option<Vec<PathBuf>> {
            let args = in_text(args.iter().cloned(), folder)?;
            assert_eq!(in_text(args.iter().cloned(), Path::new("/")), None);
            let text = args.iter().map(|arg| arg.to_string_lossy().into_owned());
            let elsewhere = Path::new("/elsewhere");
            Some(paths(text.map(OsString::from), elsewhere))
        };
        let (odd, odd_folder) = (name(b"caf\xe9 100%.jpg"), PathBuf::from(name(b"/d\xe9")));
        let mixed = [odd.clone(), "--background".into(), "photo.jpg".into()];
        let folder = Path::new("/home/someone");
        assert_eq!(
            handed_over(&mixed, folder),
            Some(vec![folder.join(&odd), folder.join("photo.jpg")])
        );
        let plain = ["photo.jpg".into(), "/a/b.png".into()];
        assert_eq!(handed_over(&plain, folder), None);
        assert_eq!(
            handed_over(&plain, &odd_folder),
            Some(vec![odd_folder.join("photo.jpg"), "/a/b.png".into()])
        );
        // An address that somebody typed stays one.
        let address = ["file:///a/%E9.png".into()];
        assert_eq!(
            handed_over(&address, &odd_folder),
            Some(vec![PathBuf::from(name(b"/a/\xe9.png"))])
        );
        assert_eq!(handed_over(&["--background".into()], &odd_folder), None);
    }
}
