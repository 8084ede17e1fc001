//! SVG drawn by librsvg, a renderer that shares no code with resvg, where its program is installed.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

const PROGRAM: &str = "rsvg-convert";

/// Whether the program is there.
pub fn is_installed() -> bool {
    Command::new(PROGRAM)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Draws it so that its longer side has this many pixels; gives straight RGBA and the width.
///
/// # Errors
/// When librsvg cannot read it.
pub fn drawn(text: &str, side: u32) -> Result<(Vec<u8>, u32)> {
    let mut file = tempfile::NamedTempFile::with_suffix(".svg")?;
    file.write_all(text.as_bytes())?;
    let side = side.to_string();
    let output = Command::new(PROGRAM)
        .args(["--keep-aspect-ratio", "--width", &side, "--height", &side])
        .arg(file.path())
        .output()?;
    ensure!(
        output.status.success(),
        "{PROGRAM}: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let picture = lodepng::decode32(&output.stdout).context("its PNG")?;
    let width = u32::try_from(picture.width)?;
    let pixels = picture.buffer.iter();
    Ok((
        pixels
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b, pixel.a])
            .collect(),
        width,
    ))
}
