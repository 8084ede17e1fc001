#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
//! The `whittle-desktop` binary.

fn main() {
    whittle_desktop::run();
}
