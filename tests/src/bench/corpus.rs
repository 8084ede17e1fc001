//! The images of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use whittle_core::{Format, Limits};

/// A file that is measured.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its place.
    pub path: PathBuf,
    /// Its place below the folder, with slashes.
    pub name: String,
    /// By its content.
    pub format: Format,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Pixels, as displayed; an SVG's own size.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// Whether further pictures lie behind the first, as in stereo pairs and gain maps: Whittle keeps
    /// them, peers drop them, and so their bytes cannot be compared.
    pub several: bool,
}

impl Picture {
    /// Pixels of one frame.
    pub fn pixels(&self) -> f64 {
        f64::from(self.width) * f64::from(self.height)
    }
}

/// Of a quick run, one file in so many is taken.
const QUICK: usize = 3;

/// The images below a folder, in the order of their names. Files that the engine cannot read are
/// left out, and so is a folder `hostile`: peers would only fail there, each in its own way.
pub fn pictures(folder: &Path, formats: &[Format], quick: bool) -> Result<Vec<Picture>> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    let mut pictures = Vec::new();
    for &format in formats {
        let found = paths
            .iter()
            .filter_map(|path| picture(folder, path, format).transpose());
        let step = if quick { QUICK } else { 1 };
        for picture in found.step_by(step) {
            pictures.push(picture?);
        }
    }
    Ok(pictures)
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = folder
        .read_dir()
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "hostile") {
                collect(&path, paths)?;
            }
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn picture(folder: &Path, path: &Path, format: Format) -> Result<Option<Picture>> {
    let bytes =
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if whittle_engine::detect(&bytes) != Some(format) {
        return Ok(None);
    }
    let Ok(info) = whittle_engine::inspect(&bytes, &Limits::default()) else {
        return Ok(None);
    };
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    let several = format == Format::Jpeg && bytes.windows(4).any(|part| part == b"MPF\0");
    Ok(Some(Picture {
        several,
        path: path.to_path_buf(),
        name: parts.join("/"),
        format,
        bytes,
        width: info.width,
        height: info.height,
    }))
}
