//! How the page is drawn on computers without a graphics card.

use std::path::Path;

use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

/// What drivers of graphics cards put under `/dev`: those of the kernel, NVIDIA's, Windows' for its
/// Linux, and those of telephones.
const CARDS: &[&str] = &["dri", "nvidiactl", "dxg", "mali0", "kgsl-3d0"];

/// Tells WebKit, before it starts, to paint itself what a card is not there to paint: through an OpenGL that
/// the processor emulates, frames took up to three times as long (the 95th percentile while rows arrive: 250 ms
/// instead of 61 to 76), and memory 40 MiB more. What someone has chosen in the environment stays.
///
/// To be called before there are other threads: they may read the environment.
pub fn prepare() {
    if !has_card(Path::new("/dev")) {
        let _ = gtk::glib::setenv("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1", false);
    }
}

/// Where no card would help, the page is not put together from layers either: the same frames take 21 ms then,
/// and 50 MiB less.
///
/// # Errors
/// When the window is gone.
pub fn suit(window: &WebviewWindow) -> tauri::Result<()> {
    if has_card(Path::new("/dev")) {
        return Ok(());
    }
    window.with_webview(|view| {
        let view = view.inner();
        // WebKit's driver waits forever for a picture of a page without layers.
        if view.is_controlled_by_automation() {
            return;
        }
        if let Some(settings) = WebViewExt::settings(&view) {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

fn has_card(devices: &Path) -> bool {
    CARDS.iter().any(|card| devices.join(card).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_known_by_its_device() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_card(devices.path()));
        std::fs::create_dir(devices.path().join("dri")).unwrap();
        assert!(has_card(devices.path()));
    }
}
