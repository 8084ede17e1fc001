//! How the page is drawn on computers without a graphics card.

use std::path::Path;

use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

/// What drivers of graphics cards put under `/dev`: those of the kernel, NVIDIA's, Windows' for its
/// Linux, and those of telephones.
const CARDS: &[&str] = &["dri", "nvidiactl", "dxg", "mali0", "kgsl-3d0"];

/// Lets the page be painted plainly where no card would help. WebKit would draw through an OpenGL that
/// the processor emulates: a frame took four times as long (40 ms of two cores), and its compiler 50 MiB.
///
/// # Errors
/// When the window is gone.
pub fn suit(window: &WebviewWindow) -> tauri::Result<()> {
    if has_card(Path::new("/dev")) {
        return Ok(());
    }
    window.with_webview(|view| {
        let view = view.inner();
        // A driver of WebKit's waits forever for a picture of a page that is painted plainly.
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
