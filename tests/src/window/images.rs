//! What is dragged onto the window: images as people have them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fixtures::{Picture, jpeg, named, png};
use anyhow::Result;

/// Images that become smaller.
pub const GOOD: [&str; 4] = [
    "photo.jpg",
    "screenshot.png",
    "animation.gif",
    "drawing.svg",
];

/// A JPEG that ends in the middle.
pub const BROKEN: &str = "broken.jpg";

/// A photograph as a camera writes it.
pub fn photo(seed: u32) -> Vec<u8> {
    jpeg::encoded(&Picture::photo(640, 427, seed), jpeg::CAMERA)
}

/// A folder with an image of every format, a broken one, and something else.
///
/// # Errors
/// When it cannot be written.
pub fn folder(parent: &Path) -> Result<PathBuf> {
    let folder = parent.join("Holiday 2026 & more");
    std::fs::create_dir(&folder)?;
    let photo = photo(1);
    for (name, bytes) in [
        ("photo.jpg", &photo[..]),
        (
            "screenshot.png",
            &png::encoded(&Picture::screenshot(480, 300)),
        ),
        ("animation.gif", &named("gif-disposal-mixed.gif").bytes),
        ("drawing.svg", &named("svg-drawing.svg").bytes),
        (BROKEN, &photo[..200]),
        ("notes.txt", b"not an image"),
    ] {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(folder)
}

/// Everything in a folder, by name.
///
/// # Errors
/// When something cannot be read.
pub fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    folder
        .read_dir()?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, std::fs::read(entry.path())?))
        })
        .collect()
}
