use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// `name.INFIX.ext`, in the same folder.
pub(super) fn with_infix(path: &Path, infix: &str) -> PathBuf {
    let mut name = OsString::from(path.file_stem().unwrap_or_default());
    name.push(".");
    name.push(infix);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infixes_stand_before_the_extension() {
        for (path, result) in [
            ("a/photo.JPG", "a/photo.min.JPG"),
            ("photo", "photo.min"),
            ("a.b.png", "a.b.min.png"),
            (".hidden.png", ".hidden.min.png"),
            (".png", ".png.min"),
        ] {
            assert_eq!(with_infix(Path::new(path), "min"), Path::new(result));
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStringExt;
        let path = PathBuf::from(OsString::from_vec(b"caf\xe9.png".to_vec()));
        let expected = PathBuf::from(OsString::from_vec(b"caf\xe9.min.png".to_vec()));
        assert_eq!(with_infix(&path, "min"), expected);
    }
}
