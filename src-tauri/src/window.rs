//! The one window.

use std::borrow::Cow;

use tauri::utils::config::Color;
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Theme, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::drag;
#[cfg(target_os = "linux")]
use crate::graphics;
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
pub fn open(app: &AppHandle, background: bool) -> tauri::Result<WebviewWindow> {
    let config = &app.config().app.windows[0];
    let shell = app.clone();
    let mut window = WebviewWindowBuilder::from_config(app, config)?
        .visible(false)
        .on_page_load(move |window, load| {
            let stay_hidden = background && window.state::<Tray>().is_there();
            if load.event() == PageLoadEvent::Finished && !stay_hidden {
                let _ = window.show();
            }
        })
        .on_web_resource_request(move |request, response| {
            let is_page = !request.uri().path().contains("/assets/");
            if is_page {
                let language = shell.state::<Shell>().language();
                mark(response.body_mut(), chosen_theme(&shell), language);
            }
        });
    // The web view's own files lie with everything else that Whittle keeps.
    if let Ok(dir) = whittle_jobs::data_dir() {
        window = window.data_directory(dir.join("webview"));
    }
    let window = window.build()?;
    #[cfg(target_os = "linux")]
    graphics::suit(&window)?;
    Ok(window)
}

/// The theme, where it is not the system's.
fn chosen_theme(app: &AppHandle) -> Option<&'static str> {
    match app.state::<Shell>().settings().theme {
        whittle_core::Theme::System => None,
        whittle_core::Theme::Light => Some("light"),
        whittle_core::Theme::Dark => Some("dark"),
    }
}

/// The page's first frame stands before its script has asked for theme and language.
fn mark(page: &mut Cow<'static, [u8]>, theme: Option<&str>, language: &str) {
    const ROOT: &str = "<html lang=\"en\"";
    if let Ok(text) = std::str::from_utf8(page)
        && text.contains(ROOT)
    {
        let theme = theme.map_or(String::new(), |theme| format!(" data-theme=\"{theme}\""));
        let marked = text.replacen(ROOT, &format!("<html lang=\"{language}\"{theme}"), 1);
        *page = Cow::Owned(marked.into_bytes());
    }
}

/// Gives it the ground of the chosen theme: also seen for a moment where the window is made larger.
pub fn paint(window: &WebviewWindow) -> tauri::Result<()> {
    let dark = match chosen_theme(window.app_handle()) {
        Some(theme) => theme == "dark",
        None => window.theme()? == Theme::Dark,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_marked_and_nothing_else() {
        let page = include_bytes!("../../ui/index.html");
        let mut marked = Cow::Borrowed(&page[..]);
        mark(&mut marked, Some("dark"), "de");
        let text = std::str::from_utf8(&marked).unwrap();
        assert!(
            text.contains("<html lang=\"de\" data-theme=\"dark\">"),
            "{text}"
        );
        let mut marked = Cow::Borrowed(&page[..]);
        mark(&mut marked, None, "en");
        assert_eq!(marked, &page[..]);
        for other in [&b"body { margin: 0 }"[..], b"\xFF<html lang>"] {
            let mut same = Cow::Borrowed(other);
            mark(&mut same, Some("dark"), "de");
            assert_eq!(same, other);
        }
    }
}
