use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::temp;

/// Writes a file that the user asked for and chose the place of: a table, a preset. What had the name
/// before is replaced in one rename; the dialog has asked.
///
/// # Errors
/// When it cannot be written; then what was there is still there.
pub fn export(path: &Path, bytes: &[u8]) -> io::Result<()> {
    staged(path, bytes)?.persist(path)?;
    temp::sync_folder(path)
}

/// Writes a file under a name that nothing has yet, `stem.extension` or with a number behind the
/// stem, and answers which. The folder is made when it is missing.
///
/// # Errors
/// When it cannot be written.
pub fn export_new(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for number in 1..=MOST {
        let name = match number {
            1 => format!("{stem}.{extension}"),
            number => format!("{stem} {number}.{extension}"),
        };
        let path = folder.join(name);
        match staged(&path, bytes)?.persist_noclobber(&path) {
            Ok(_) => return temp::sync_folder(&path).map(|()| path),
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(other) => return Err(other.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A folder with so many files of one name is not looked through further.
const MOST: u32 = 10_000;

fn staged(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let mut file = temp::create(&temp::name_beside(path))?;
    file.write_all(bytes)?;
    super::attributes::default_mode(file.as_file())?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        export(&file, b"a,b").unwrap();
        export(&file, b"c").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"c");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        assert!(export(&folder.path().join("gone/table.csv"), b"x").is_err());
    }

    #[test]
    fn a_new_file_takes_nobody_s_name() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("below");
        let written: Vec<PathBuf> = [b"1", b"2"]
            .iter()
            .map(|bytes| export_new(&below, "Pasted", "png", *bytes).unwrap())
            .collect();
        assert_eq!(
            written,
            ["Pasted.png", "Pasted 2.png"].map(|name| below.join(name))
        );
        assert_eq!(fs::read(&written[0]).unwrap(), b"1");
        assert_eq!(below.read_dir().unwrap().count(), 2);
    }
}
