use crate::{Backups, Error};

#[test]
fn originals_come_back_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let bytes = b"an original".as_slice();
    let hash = blake3::hash(bytes);
    assert!(matches!(
        backups.read(&hash),
        Err(Error::BackupMissing { .. })
    ));
    backups.keep(bytes, &hash).unwrap();
    backups.keep(bytes, &hash).unwrap();
    assert_eq!(backups.read(&hash).unwrap(), bytes);
    let hex = hash.to_hex();
    let path = folder
        .path()
        .join("backups")
        .join(&hex[..2])
        .join(hex.as_str());
    assert_eq!(backups.path(&hash), path);
    let beside: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1, "no temporary file is left");
}

#[test]
fn a_damaged_backup_is_noticed_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let hash = blake3::hash(b"an original");
    backups.keep(b"an original", &hash).unwrap();
    std::fs::write(backups.path(&hash), b"an 0riginal").unwrap();
    assert!(matches!(
        backups.read(&hash),
        Err(Error::BackupDamaged { .. })
    ));
    backups.keep(b"an original", &hash).unwrap();
    assert_eq!(backups.read(&hash).unwrap(), b"an original");
}

#[test]
fn wrong_bytes_are_never_called_kept() {
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let hash = blake3::hash(b"an original");
    let error = backups.keep(b"something else", &hash).unwrap_err();
    assert!(matches!(error, Error::BackupDamaged { .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("backups"), b"a file").unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let error = backups.keep(b"x", &blake3::hash(b"x")).unwrap_err();
    assert!(error.io().is_some(), "{error}");
}
