#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
//! The `whittle-desktop` binary.

fn main() -> anyhow::Result<()> {
    whittle_desktop::run()
}
