use super::*;
use crate::{CommitFile, FileKind};

/// A store whose run is over as soon as it is dropped, with what it left.
fn interrupted(placing: bool) -> (tempfile::TempDir, Store) {
    let (folder, store) = store();
    let mut report = report("/p/a.png", Outcome::Optimized, 100, Some(50));
    report.derivatives.push(derivative("thumb"));
    let record = Record {
        origin: Origin::Watch,
        batch: &BatchId("b".into()),
        path: &report.path,
        report: &report,
        content: Some(hash("content")),
        backup: Some(hash("content")),
        output: Some(hash("result")),
        derivatives: &[hash("thumb")],
        commit: None,
        queued: None,
    };
    let file = |kind, name: &str, content: &str| CommitFile {
        kind,
        temp: PathBuf::from(format!("/p/.{name}")),
        folder: Some(u64::MAX - 7),
        target: PathBuf::from(format!("/p/{name}")),
        hash: hash(content),
        fresh: kind == FileKind::Derivative,
    };
    let files = [
        (
            file(FileKind::Derivative, "a.thumb.png", "thumb"),
            WrittenAs::Lossy,
        ),
        (
            file(FileKind::Instead, "a.png", "result"),
            WrittenAs::Lossless,
        ),
    ];
    let commit = store.begin_commit(&record, &files).unwrap();
    if placing {
        store.begin_placing(commit).unwrap();
    }
    (folder, store)
}

#[test]
fn only_runs_that_are_over_leave_something() {
    let (folder, alive) = interrupted(true);
    let store = Store::open(folder.path()).unwrap();
    assert!(store.interrupted_commits().unwrap().is_empty());
    drop(alive);
    let found = store.interrupted_commits().unwrap();
    assert_eq!(found.len(), 1);
    let commit = &found[0];
    assert!(commit.commit.placing && commit.backup);
    assert_eq!(commit.commit.files.len(), 2);
    assert_eq!(commit.commit.files[0].folder, Some(u64::MAX - 7));
    assert_eq!(commit.report.output.as_deref(), Some(Path::new("/p/a.png")));
    assert_eq!(
        commit.report.derivatives[0].output.as_deref(),
        Some(Path::new("/p/a.thumb.png"))
    );
    assert_eq!(commit.full_size().unwrap().hash, hash("result"));
    assert_eq!(commit.derivatives(), [hash("thumb")]);
    // The ledger knew before anything was written.
    assert_eq!(
        store.own_output(&hash("result")).unwrap(),
        Some(WrittenAs::Lossless)
    );
}

#[test]
fn a_commit_never_goes_back() {
    let (_folder, store) = interrupted(true);
    let id: i64 = store
        .connection()
        .query_row("SELECT id FROM commits", [], |row| row.get(0))
        .unwrap();
    assert!(store.begin_placing(id).is_err());
    let back = store
        .connection()
        .execute("UPDATE commits SET state = 0", []);
    assert!(back.unwrap_err().to_string().contains("never goes back"));
}

#[test]
fn a_line_of_the_history_ends_its_commit() {
    let (_folder, store) = interrupted(false);
    let id: i64 = store
        .connection()
        .query_row("SELECT id FROM commits", [], |row| row.get(0))
        .unwrap();
    let report = report("/p/a.png", Outcome::Optimized, 100, Some(50));
    let record = Record {
        origin: Origin::Watch,
        batch: &BatchId("b".into()),
        path: &report.path,
        report: &report,
        content: None,
        backup: None,
        output: None,
        derivatives: &[],
        commit: Some(id),
        queued: None,
    };
    store.record(&record).unwrap();
    let left: i64 = store
        .connection()
        .query_row(
            "SELECT (SELECT count(*) FROM commits) + (SELECT count(*) FROM commit_files)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn what_waits_is_offered_once() {
    let (folder, store) = store();
    let batch = BatchId("b".into());
    let names = ["/p/a.png", "/p/b.png"].map(Path::new);
    let images = names.map(|path| (path, Path::new("x")));
    let numbers = store.note_queued(&batch, "{}", images.into_iter()).unwrap();
    assert_eq!(numbers.len(), 2);
    let second = Store::open(folder.path()).unwrap();
    assert!(second.left_over().unwrap().is_empty());
    assert!(!second.take_left_over(&batch).unwrap());
    drop(store);
    let left = second.left_over().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].images.len(), 2);
    assert!(second.take_left_over(&batch).unwrap());
    assert!(!second.take_left_over(&batch).unwrap());
    assert!(second.left_over().unwrap().is_empty());
}

#[test]
fn watched_folders_are_remembered() {
    use whittle_core::WatchRules;
    let (_folder, store) = store();
    let rules = WatchRules {
        min_bytes: 7,
        ..WatchRules::default()
    };
    let id = store.add_watched_folder(Path::new("/p"), &rules).unwrap();
    assert!(store.add_watched_folder(Path::new("/p"), &rules).is_err());
    let paused = WatchRules {
        paused: true,
        ..rules
    };
    assert!(store.change_watched_folder(id, &paused).unwrap());
    let folders = store.watched_folders().unwrap();
    assert_eq!((folders.len(), &folders[0].rules), (1, &paused));
    // Rules that cannot be read write nothing.
    store
        .connection()
        .execute("UPDATE watched_folders SET rules = '{\"mode\":7}'", [])
        .unwrap();
    assert!(store.watched_folders().unwrap()[0].rules.paused);
    assert!(store.remove_watched_folder(id).unwrap());
    assert!(!store.remove_watched_folder(id).unwrap());
    assert!(!store.change_watched_folder(id, &paused).unwrap());
}
