//! The one window.

use tauri::utils::config::Color;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Theme, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::drag;
use crate::settings;
use crate::shell::Shell;
use crate::tray::Tray;

/// Its label, in tauri.conf.json and in the capabilities.
const MAIN: &str = "main";

/// The page's ground, `--bg` in tokens.css.
const LIGHT: Color = Color(0xf4, 0xf4, 0xf5, 0xff);
const DARK: Color = Color(0x1b, 0x1b, 0x1e, 0xff);

/// Opens it hidden, and shows it once there is something to see: no white flash. In the background it
/// stays hidden, where there is a tray to open it from.
pub fn open(app: &AppHandle, background: bool) -> tauri::Result<()> {
    let stay_hidden = background && app.state::<Tray>().is_there();
    let config = &app.config().app.windows[0];
    let mut window = WebviewWindowBuilder::from_config(app, config)?
        .visible(false)
        .on_page_load(move |window, load| {
            if load.event() == PageLoadEvent::Finished && !stay_hidden {
                let _ = window.show();
            }
        });
    // The web view's own files lie with everything else that Whittle keeps.
    if let Ok(dir) = whittle_jobs::data_dir() {
        window = window.data_directory(dir.join("webview"));
    }
    let window = window.build()?;
    // Also seen for a moment where the window is made larger.
    let dark = match app.state::<Shell>().settings().theme {
        whittle_core::Theme::System => window.theme()? == Theme::Dark,
        chosen => chosen == whittle_core::Theme::Dark,
    };
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))
}

/// Closing only hides it, if the user wants that.
pub fn on_event(window: &Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        let wanted = window.state::<Shell>().settings().keep_in_tray;
        if wanted && window.state::<Tray>().is_there() {
            api.prevent_close();
            let _ = window.hide();
        }
    }
    if let WindowEvent::Focused(true) = event {
        // Whoever comes back from a terminal may have changed them there.
        let app = window.app_handle().clone();
        std::thread::spawn(move || settings::take_over(&app));
    }
    drag::on_window_event(window, event);
}

/// Remembers size and place; whether it is visible is decided by [`open`].
pub fn remembered<R: tauri::Runtime>() -> tauri::plugin::TauriPlugin<R> {
    let mut plugin = tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE);
    // An absolute path wins over the plugin's own folder.
    if let Some(file) = whittle_jobs::data_dir()
        .ok()
        .and_then(|dir| dir.join("window.json").into_os_string().into_string().ok())
    {
        plugin = plugin.with_filename(file);
    }
    plugin.build()
}

/// Shows it over other windows.
pub fn bring_forward(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        // Each may be refused by the window manager; then the window stays where it is.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}
