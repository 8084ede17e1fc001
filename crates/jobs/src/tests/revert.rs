use super::*;
use crate::{Edited, RevertError, revert};
use whittle_core::HistoryQuery;

/// An image that was replaced, and its line in the history.
fn replaced(bench: &Bench) -> (PathBuf, i64) {
    let path = bench.write("a.png", "half of this stays");
    bench.run_one(&path, &in_place());
    assert_eq!(read(&path), "half of t");
    let entries = bench
        .store
        .history(&HistoryQuery::default())
        .unwrap()
        .entries;
    (path, entries[0].id)
}

#[test]
fn originals_come_back_once_and_after_a_restart() {
    let mut bench = Bench::new();
    let (path, id) = replaced(&bench);
    bench.queue = None;
    let store = Store::open(bench.store.dir()).unwrap();
    assert_eq!(
        revert(&store, id, Edited::Refuse).unwrap(),
        path.canonicalize().unwrap()
    );
    assert_eq!(read(&path), "half of this stays");
    let again = revert(&store, id, Edited::Refuse).unwrap_err();
    assert!(matches!(again, RevertError::AlreadyReverted));
    assert_eq!(again.to_string(), "The original was put back already.");
    assert!(store.entry(id).unwrap().unwrap().reverted);
    assert_eq!(bench.names(), ["a.png"]);
}

#[test]
fn an_edited_file_is_not_overwritten() {
    let bench = Bench::new();
    let (path, id) = replaced(&bench);
    std::fs::write(&path, "edited").unwrap();
    let error = revert(&bench.store, id, Edited::Refuse).unwrap_err();
    assert!(matches!(error, RevertError::Edited { .. }), "{error}");
    assert_eq!(read(&path), "edited");
    assert!(bench.store.entry(id).unwrap().unwrap().revertible);
}

#[test]
fn a_deleted_file_comes_back() {
    let bench = Bench::new();
    let (path, id) = replaced(&bench);
    std::fs::remove_file(&path).unwrap();
    revert(&bench.store, id, Edited::Refuse).unwrap();
    assert_eq!(read(&path), "half of this stays");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
}

#[test]
fn what_was_put_back_by_hand_is_noted() {
    let bench = Bench::new();
    let (path, id) = replaced(&bench);
    std::fs::write(&path, "half of this stays").unwrap();
    revert(&bench.store, id, Edited::Refuse).unwrap();
    assert!(bench.store.entry(id).unwrap().unwrap().reverted);
}

#[test]
fn a_damaged_backup_is_not_put_back() {
    let bench = Bench::new();
    let (path, id) = replaced(&bench);
    let backups = bench.store.backups();
    let hash = blake3::hash(b"half of this stays");
    std::fs::write(backups.path(&hash), "half of something else").unwrap();
    let error = revert(&bench.store, id, Edited::Refuse).unwrap_err();
    assert!(matches!(error, RevertError::Store(_)), "{error}");
    assert_eq!(read(&path), "half of t");
    std::fs::remove_file(backups.path(&hash)).unwrap();
    assert!(revert(&bench.store, id, Edited::Refuse).is_err());
    assert_eq!(read(&path), "half of t");
}

#[test]
fn only_what_was_replaced_comes_back() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    bench.run_one(&path, &Plan::default());
    let id = bench
        .store
        .history(&HistoryQuery::default())
        .unwrap()
        .entries[0]
        .id;
    for id in [id, i64::MAX] {
        assert!(matches!(
            revert(&bench.store, id, Edited::Refuse),
            Err(RevertError::NothingReplaced)
        ));
    }
}

#[test]
fn a_folder_that_is_gone_is_an_error() {
    let bench = Bench::new();
    let (_, id) = replaced(&bench);
    std::fs::remove_dir_all(bench.path("")).unwrap();
    let error = revert(&bench.store, id, Edited::Refuse).unwrap_err();
    assert!(matches!(error, RevertError::File { .. }), "{error}");
    assert!(bench.store.entry(id).unwrap().unwrap().revertible);
}

#[test]
fn results_of_results_are_undone_one_by_one() {
    let bench = Bench::new();
    let path = bench.write("a.png", "exact exact exact");
    bench.run_one(&path, &in_place());
    bench.write("a.png", "half of the edited picture");
    bench.run_one(&path, &in_place());
    let ids: Vec<i64> = bench
        .store
        .history(&HistoryQuery::default())
        .unwrap()
        .entries
        .iter()
        .map(|entry| entry.id)
        .collect();
    assert!(matches!(
        revert(&bench.store, ids[1], Edited::Refuse),
        Err(RevertError::Edited { .. })
    ));
    revert(&bench.store, ids[0], Edited::Refuse).unwrap();
    assert_eq!(read(&path), "half of the edited picture");
}

#[test]
fn an_edited_file_is_kept_when_the_original_is_put_back_over_it() {
    let bench = Bench::new();
    let (path, id) = replaced(&bench);
    std::fs::write(&path, "edited").unwrap();
    revert(&bench.store, id, Edited::Overwrite).unwrap();
    assert_eq!(read(&path), "half of this stays");
    let kept = bench.store.backups().read(&blake3::hash(b"edited"));
    assert_eq!(kept.unwrap(), b"edited");
}
