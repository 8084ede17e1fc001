//! What was fetched from an address becomes an original like any other: a file.

use std::path::{Path, PathBuf};

use whittle_core::{ErrorCode, Format};

use crate::export_new;

/// Bytes that are fetched of one address at most: more than any image that the limits let through takes
/// in practice.
pub const FETCH_LIMIT: u64 = 512_000_000;

/// Why what was fetched became no file, in one plain sentence.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct NotKept {
    /// The same, for programs.
    pub code: ErrorCode,
    message: String,
}

/// Writes what a server calls `name` into a folder, under a name that nothing has there yet.
///
/// # Errors
/// When it is no image, for which nothing is written, or when it cannot be written.
pub fn keep_fetched(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, NotKept> {
    // What a server sends for a picture may be a page.
    let format = whittle_engine::detect(bytes).ok_or_else(|| NotKept {
        code: ErrorCode::NotAnImage,
        message: "What lies at this address is not an image that Whittle knows.".into(),
    })?;
    let (stem, extension) = file_name(name, format);
    export_new(folder, &stem, &extension, bytes).map_err(|error| NotKept {
        code: ErrorCode::Io,
        message: format!(
            "It could not be written into {}: {error}.",
            folder.display()
        ),
    })
}

/// A name that every file system takes, from what a server calls it: the stem and the extension.
fn file_name(name: &str, format: Format) -> (String, String) {
    const MOST: usize = 100;
    let path = Path::new(name);
    let text = |part: Option<&std::ffi::OsStr>| -> String {
        let text = part.unwrap_or_default().to_string_lossy();
        let fit = |c: &char| !c.is_control() && !r#"/\:*?"<>|"#.contains(*c);
        text.chars().filter(fit).take(MOST).collect()
    };
    let mut stem = text(path.file_stem()).trim_matches(['.', ' ']).to_owned();
    if stem.is_empty() {
        stem = "image".into();
    }
    let extension = text(path.extension());
    let extension = match Format::from_extension(&extension) == Some(format) {
        true => extension,
        false => match format {
            Format::Jpeg => "jpg".into(),
            other => other.name().into(),
        },
    };
    (stem, extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let error = keep_fetched(folder.path(), "photo.jpg", b"<!doctype html>").unwrap_err();
        assert_eq!(error.code, ErrorCode::NotAnImage);
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn names_fit_every_file_system() {
        let named = |name, format| {
            let (stem, extension) = file_name(name, format);
            format!("{stem}.{extension}")
        };
        assert_eq!(named("sea.jpeg", Format::Jpeg), "sea.jpeg");
        assert_eq!(named("sea.png", Format::Jpeg), "sea.jpg");
        assert_eq!(named("", Format::Gif), "image.gif");
        assert_eq!(named("..", Format::Png), "image.png");
        assert_eq!(named(r"..\..\a:b*.svg", Format::Svg), "ab.svg");
        assert_eq!(named("../../etc/passwd", Format::Png), "passwd.png");
        assert!(named(&"ä".repeat(300), Format::Png).len() < 255);
    }
}
