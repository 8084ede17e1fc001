use super::*;
use crate::{Backups, Error, Pruned, Retention};

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
    backups.keep(bytes, &hash, None).unwrap();
    backups.keep(bytes, &hash, None).unwrap();
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
    backups.keep(b"an original", &hash, None).unwrap();
    std::fs::write(backups.path(&hash), b"an 0riginal").unwrap();
    assert!(matches!(
        backups.read(&hash),
        Err(Error::BackupDamaged { .. })
    ));
    backups.keep(b"an original", &hash, None).unwrap();
    assert_eq!(backups.read(&hash).unwrap(), b"an original");
}

#[test]
fn wrong_bytes_are_never_called_kept() {
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let hash = blake3::hash(b"an original");
    let error = backups.keep(b"something else", &hash, None).unwrap_err();
    assert!(matches!(error, Error::BackupDamaged { .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("backups"), b"a file").unwrap();
    let backups = Backups::in_data_dir(folder.path());
    let error = backups.keep(b"x", &blake3::hash(b"x"), None).unwrap_err();
    assert!(error.io().is_some(), "{error}");
}

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Originals of 100 bytes each, replaced one a day, the last of them today; and the time of today.
fn kept(days: i64) -> (tempfile::TempDir, Store, Vec<Hash>, i64) {
    let (folder, store) = store();
    let today = clock::now();
    let hashes = (0..days)
        .map(|day| {
            let bytes = format!("{day:0100}");
            let hash = hash(&bytes);
            let at = today - (days - 1 - day) * DAY;
            store.backups().keep(bytes.as_bytes(), &hash, None).unwrap();
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(at as u64);
            let file = std::fs::File::open(store.backups().path(&hash)).unwrap();
            file.set_modified(time).unwrap();
            replaced(&store, hash, at);
            hash
        })
        .collect();
    (folder, store, hashes, today)
}

fn replaced(store: &Store, original: Hash, at: i64) -> i64 {
    let report = report("/p/a.png", Outcome::Optimized, 100, Some(50));
    let record = Record {
        origin: Origin::Cli,
        batch: &BatchId("b".into()),
        path: &report.path,
        report: &report,
        content: Some(original),
        backup: Some(original),
        output: Some(hash("result")),
        derivatives: &[],
        commit: None,
        queued: None,
    };
    store.record_at(&record, at).unwrap()
}

fn left(store: &Store, hashes: &[Hash]) -> Vec<bool> {
    let is_there = |hash: &Hash| store.backups().path(hash).exists();
    hashes.iter().map(is_there).collect()
}

#[test]
fn without_limits_everything_is_kept() {
    let (_folder, store, hashes, today) = kept(3);
    for retention in [
        Retention::default(),
        Retention {
            days: None,
            max_bytes: Some(0),
        },
    ] {
        let pruned = store
            .prune_backups_at(retention, today + 1000 * DAY)
            .unwrap();
        assert_eq!(pruned, Pruned::default());
    }
    assert_eq!(left(&store, &hashes), [true; 3]);
}

#[test]
fn age_removes_the_old_and_size_never_the_young() {
    let (_folder, store, hashes, today) = kept(6);
    let size = Retention {
        days: Some(3),
        max_bytes: Some(450),
    };
    // Six of 100 bytes: two of the old ones are enough.
    let pruned = store.prune_backups_at(size, today + 1).unwrap();
    assert_eq!(
        pruned,
        Pruned {
            count: 2,
            bytes: 200
        }
    );
    assert_eq!(
        left(&store, &hashes),
        [false, false, true, true, true, true]
    );
    // A size that only the young ones could meet leaves them.
    let none = Retention {
        days: Some(3),
        max_bytes: Some(0),
    };
    store.prune_backups_at(none, today + 1).unwrap();
    assert_eq!(
        left(&store, &hashes),
        [false, false, false, true, true, true]
    );
    let age = Retention {
        days: Some(1),
        max_bytes: None,
    };
    store.prune_backups_at(age, today + 1).unwrap();
    assert_eq!(left(&store, &hashes)[3..], [false, false, true]);
    // The history stays, and says that there is nothing to put back.
    let page = store
        .history(&whittle_core::HistoryQuery::default())
        .unwrap();
    let revertible: Vec<bool> = page.entries.iter().map(|entry| entry.revertible).collect();
    assert_eq!(
        revertible.iter().filter(|revertible| **revertible).count(),
        1
    );
    assert_eq!(store.backup_totals().unwrap().count, 1);
}

#[test]
fn an_old_backup_that_is_needed_again_is_young_again() {
    let (_folder, store, hashes, today) = kept(3);
    store
        .backups()
        .keep(format!("{:0100}", 0).as_bytes(), &hashes[0], None)
        .unwrap();
    let age = Retention {
        days: Some(1),
        max_bytes: None,
    };
    store.prune_backups_at(age, today + 1).unwrap();
    assert_eq!(left(&store, &hashes), [true, false, true]);
}

#[test]
fn a_commit_under_way_keeps_its_backup() {
    let (_folder, store, hashes, today) = kept(1);
    let report = report("/p/b.png", Outcome::Optimized, 100, Some(50));
    let record = Record {
        origin: Origin::Cli,
        batch: &BatchId("b".into()),
        path: &report.path,
        report: &report,
        content: Some(hashes[0]),
        backup: Some(hashes[0]),
        output: None,
        derivatives: &[],
        commit: None,
        queued: None,
    };
    let commit = store.begin_commit(&record, &[]).unwrap();
    let age = Retention {
        days: Some(1),
        max_bytes: None,
    };
    store.prune_backups_at(age, today + 100 * DAY).unwrap();
    assert_eq!(left(&store, &hashes), [true]);
    store.strike_commit(commit).unwrap();
    store.prune_backups_at(age, today + 100 * DAY).unwrap();
    assert_eq!(left(&store, &hashes), [false]);
}

#[test]
fn lines_that_need_a_backup_are_counted() {
    let (_folder, store, hashes, today) = kept(1);
    let second = replaced(&store, hashes[0], today);
    let count = || -> i64 {
        let connection = store.connection();
        connection
            .query_row("SELECT count FROM backups", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(count(), 2);
    assert_eq!(store.all_revertible(None).unwrap().len(), 2);
    assert!(store.mark_reverted(second).unwrap());
    assert!(!store.mark_reverted(second).unwrap());
    assert_eq!(count(), 1);
    let batch = BatchId("b".into());
    assert_eq!(store.all_revertible(Some(&batch)).unwrap().len(), 1);
    let other = BatchId("other".into());
    assert_eq!(store.all_revertible(Some(&other)).unwrap(), [] as [i64; 0]);
}
