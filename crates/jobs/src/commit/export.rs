use std::io;
use std::path::Path;

use super::temp;

/// Writes a file that the user asked for and chose the place of: a table, a preset. What had the name
/// before is replaced in one rename; the dialog has asked.
///
/// # Errors
/// When it cannot be written; then what was there is still there.
pub fn export(path: &Path, text: &str) -> io::Result<()> {
    let mut file = temp::create(&temp::name_beside(path))?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    super::attributes::default_mode(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    temp::sync_folder(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        export(&file, "a,b").unwrap();
        export(&file, "c").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"c");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        assert!(export(&folder.path().join("gone/table.csv"), "x").is_err());
    }
}
