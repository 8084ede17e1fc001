use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use whittle_core::{Preset, PresetError};

/// Larger files are something else.
const LARGEST: u64 = 1 << 20;

/// Why a file is no preset.
#[derive(Debug, thiserror::Error)]
#[error("{} is no preset: {reason}", path.display())]
pub struct NoPreset {
    path: PathBuf,
    #[source]
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("{0}")]
    Unread(#[from] io::Error),
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    #[error("{0}")]
    Content(#[from] PresetError),
}

/// Reads and checks a preset that was exported.
///
/// # Errors
/// When the file cannot be read or says something else.
pub fn read_preset(path: &Path) -> Result<Preset, NoPreset> {
    read(path).map_err(|reason| NoPreset {
        path: path.to_path_buf(),
        reason,
    })
}

fn read(path: &Path) -> Result<Preset, Reason> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST).read_to_string(&mut text)?;
    Ok(serde_json::from_str::<Preset>(&text)?.validated()?)
}
