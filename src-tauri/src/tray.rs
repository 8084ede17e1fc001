//! The tray: what is going on, and the few things that are wanted without the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Emitter, Manager, Wry};

use crate::messages::Words;
use crate::shell::Shell;
use crate::window;

/// The icon with its menu; nothing where the system has no tray.
pub struct Tray(Option<Items>);

/// What changes.
struct Items {
    status: MenuItem<Wry>,
    open: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    quit: MenuItem<Wry>,
    active: AtomicUsize,
    paused: AtomicBool,
}

impl Tray {
    /// Puts the icon there.
    pub fn open(app: &AppHandle, words: &Words) -> Tray {
        // The library that draws it is loaded when it is first used, and panics where it is missing.
        let made = catch_unwind(AssertUnwindSafe(|| build(app, words)));
        Tray(match made {
            Ok(Ok(items)) => Some(items),
            Ok(Err(error)) => {
                tracing::warn!("there is no tray: {error}");
                None
            }
            Err(_) => {
                tracing::warn!("there is no tray: its library is missing");
                None
            }
        })
    }

    /// Whether there is one: then the window may be hidden.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Says how many images wait or are worked on.
    pub fn tell(&self, active: usize, words: &Words) {
        let Some(items) = &self.0 else { return };
        if items.active.swap(active, Ordering::Relaxed) != active {
            let _ = items.status.set_text(status(active, words));
        }
    }

    /// Says whether the queue is paused.
    pub fn paused(&self, paused: bool, words: &Words) {
        if let Some(items) = &self.0 {
            items.paused.store(paused, Ordering::Relaxed);
            let _ = items.pause.set_text(pause(paused, words));
        }
    }

    /// Says everything again, in another language.
    pub fn speak(&self, words: &Words) {
        let Some(items) = &self.0 else { return };
        let (active, paused) = (&items.active, &items.paused);
        for (item, text) in [
            (&items.status, status(active.load(Ordering::Relaxed), words)),
            (&items.open, words.open.into()),
            (
                &items.pause,
                pause(paused.load(Ordering::Relaxed), words).into(),
            ),
            (&items.quit, words.quit.into()),
        ] {
            let _ = item.set_text(text);
        }
    }
}

fn pause(paused: bool, words: &Words) -> &'static str {
    if paused { words.resume } else { words.pause }
}

fn status(active: usize, words: &Words) -> String {
    match active {
        0 => words.nothing_to_do.into(),
        1 => words.one_to_go.into(),
        more => words.more_to_go.replace("{count}", &more.to_string()),
    }
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<Items> {
    let item = |id: &str, text: &str, on| MenuItem::with_id(app, id, text, on, None::<&str>);
    let items = Items {
        status: item("status", &status(0, words), false)?,
        open: item("open", words.open, true)?,
        pause: item("pause", words.pause, true)?,
        quit: item("quit", words.quit, true)?,
        active: AtomicUsize::new(0),
        paused: AtomicBool::new(false),
    };
    let line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(
        app,
        &[
            &items.status,
            &line,
            &items.open,
            &items.pause,
            &line,
            &items.quit,
        ],
    )?;
    let mut tray = TrayIconBuilder::with_id("main")
        .tooltip("Whittle")
        .menu(&menu)
        .on_menu_event(chosen);
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(items)
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        "open" => window::bring_forward(app),
        "pause" => {
            let shell = app.state::<Shell>();
            let paused = !shell.queue.is_paused();
            shell.queue.pause(paused);
            app.state::<Tray>().paused(paused, shell.words());
            // The page shows the same.
            let _ = app.emit("whittle:paused", paused);
        }
        "quit" => app.exit(0),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{ENGLISH, GERMAN};

    #[test]
    fn the_state_is_one_line() {
        assert_eq!(
            [0, 1, 12].map(|active| status(active, &ENGLISH)),
            ["Nothing to do", "1 image to go", "12 images to go"]
        );
        assert_eq!(status(12, &GERMAN), "Noch 12 Bilder");
    }
}
