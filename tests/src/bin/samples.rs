//! Makes the pictures that the window offers to a newcomer, into the folder that is named:
//! `src-tauri/samples`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use whittle_tests::fixtures::{Picture, jpeg, named, png};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.context("usage: samples FOLDER")?;
    let photo = jpeg::encoded(&Picture::photo(1200, 800, 3), jpeg::CAMERA);
    let screenshot = png::encoded(&Picture::screenshot(960, 600));
    for (name, bytes) in [
        ("photo.jpg", photo),
        ("screenshot.png", screenshot),
        ("animation.gif", named("gif-disposal-mixed.gif").bytes),
        ("drawing.svg", named("svg-drawing.svg").bytes),
    ] {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
