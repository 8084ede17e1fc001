//! Files that are not complete yet, by their names and their neighbours.

use std::ffi::OsString;
use std::path::Path;

/// What browsers, sync programs and editors call what they are still writing. Names without an
/// image's extension (`photo.png.crdownload`, `.photo.png.Xy12`, `psA1B2.tmp`) are not taken anyway.
const PREFIXES: [&str; 5] = ["~$", "~syncthing~", ".#", "#", "Unconfirmed "];
const PARTS: [&str; 7] = [
    ".tmp.",
    ".temp.",
    ".part.",
    ".partial.",
    ".crdownload.",
    ".download.",
    ".sb-",
];
/// What stands beside a file that a browser holds the place for.
const BESIDE: [&str; 6] = [
    "part",
    "crdownload",
    "download",
    "partial",
    "opdownload",
    "icloud",
];

/// Whether somebody is still writing this file, as far as names tell.
pub(super) fn is_partial(path: &Path) -> bool {
    let Some(name) = path.file_name() else {
        return true;
    };
    let text = name.to_string_lossy().to_ascii_lowercase();
    if PREFIXES
        .iter()
        .any(|prefix| text.starts_with(&prefix.to_ascii_lowercase()))
        || PARTS.iter().any(|part| text.contains(part))
    {
        return true;
    }
    BESIDE.iter().any(|extension| {
        let mut beside = OsString::from(name);
        beside.push(".");
        beside.push(extension);
        path.with_file_name(beside).symlink_metadata().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_neighbours_tell() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [
            "~$a.png",
            "~syncthing~a.png",
            ".#a.png",
            "a.tmp.png",
            "a.part.jpg",
            "a.png.sb-1234-abcd.png",
        ] {
            assert!(is_partial(&at(name)), "{name}");
        }
        for name in ["a.png", "tmp.png", "part.png", "a.temperature.png"] {
            assert!(!is_partial(&at(name)), "{name}");
        }
        std::fs::write(at("a.png.part"), b"").unwrap();
        assert!(is_partial(&at("a.png")));
    }
}
