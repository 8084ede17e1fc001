//! The tray: what is going on, and the few things that are wanted without the window.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Emitter, Manager, Wry};

use crate::shell::Shell;
use crate::window;

/// The icon with its menu; nothing where the system has no tray.
pub struct Tray(Option<Items>);

/// What changes.
struct Items {
    status: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    told: AtomicUsize,
}

impl Tray {
    /// Puts the icon there.
    pub fn open(app: &AppHandle) -> Tray {
        // The library that draws it is loaded when it is first used, and panics where it is missing.
        let made = catch_unwind(AssertUnwindSafe(|| build(app)));
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
    pub fn tell(&self, active: usize) {
        let Some(items) = &self.0 else { return };
        if items.told.swap(active, Ordering::Relaxed) != active {
            let _ = items.status.set_text(status(active));
        }
    }

    /// Says whether the queue is paused.
    pub fn paused(&self, paused: bool) {
        if let Some(items) = &self.0 {
            let _ = items.pause.set_text(if paused { RESUME } else { PAUSE });
        }
    }
}

const PAUSE: &str = "Pause";
const RESUME: &str = "Resume";

fn status(active: usize) -> String {
    match active {
        0 => "Nothing to do".into(),
        1 => "1 image to go".into(),
        more => format!("{more} images to go"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<Items> {
    let status = MenuItem::with_id(app, "status", status(0), false, None::<&str>)?;
    let open = MenuItem::with_id(app, "open", "Open Whittle", true, None::<&str>)?;
    let pause = MenuItem::with_id(app, "pause", PAUSE, true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&status, &line, &open, &pause, &line, &quit])?;
    let mut tray = TrayIconBuilder::with_id("main")
        .tooltip("Whittle")
        .menu(&menu)
        .on_menu_event(chosen);
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(Items {
        status,
        pause,
        told: AtomicUsize::new(0),
    })
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        "open" => window::bring_forward(app),
        "pause" => {
            let shell = app.state::<Shell>();
            let paused = !shell.queue.is_paused();
            shell.queue.pause(paused);
            app.state::<Tray>().paused(paused);
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

    #[test]
    fn the_state_is_one_line() {
        assert_eq!(
            [0, 1, 12].map(status),
            ["Nothing to do", "1 image to go", "12 images to go"]
        );
    }
}
