use whittle_core::{HistoryQuery, Outcome};

use super::*;
use crate::columns;

#[test]
fn lines_come_back_newest_first_with_derivatives_below() {
    let (folder, store) = store();
    let mut first = report("/photos/Äpfel.png", Outcome::Optimized, 1000, Some(400));
    first.derivatives = vec![derivative("thumb"), derivative("wide")];
    first.level = Some(Level::new(70).unwrap());
    first.mode = Mode::Lossy;
    let first_id = add(&store, &first, Origin::Cli, noon(2026, 11, 24));
    let failed = report("/photos/b.jpg", Outcome::Failed, 7, None);
    let failed_id = add(&store, &failed, Origin::File, noon(2026, 11, 25));
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    let page = store.history(&HistoryQuery::default()).unwrap();
    assert_eq!(page.total, 4);
    let styles: Vec<_> = page.entries.iter().map(|e| e.style.as_deref()).collect();
    assert_eq!(styles, [None, None, Some("thumb"), Some("wide")]);
    let mut ids: Vec<i64> = page.entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids[..2], [failed_id, first_id]);
    ids.dedup();
    assert_eq!(ids.len(), 4);

    let entry = &page.entries[1];
    assert_eq!(entry.created_at, "2026-11-24T12:00:00.000Z");
    assert_eq!(entry.path, first.path);
    assert_eq!(entry.output, first.output);
    assert_eq!((entry.mode, entry.level), (Mode::Lossy, first.level));
    assert_eq!(
        (entry.input_bytes, entry.output_bytes),
        (Some(1000), Some(400))
    );
    assert_eq!(entry.score, Some(Score(86.5)));
    assert!(!entry.revertible && !entry.reverted);
    let thumb = &page.entries[2];
    assert_eq!(thumb.path, first.path);
    assert_eq!(thumb.output.as_deref(), Some(Path::new("/p/thumb.png")));
    assert_eq!(
        (thumb.input_bytes, thumb.output_bytes),
        (Some(1000), Some(11))
    );
    assert_eq!((thumb.width, thumb.height), (Some(2), Some(1)));
    for entry in &page.entries {
        assert_eq!(store.entry(entry.id).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(store.entry(i64::MAX).unwrap(), None);
}

#[test]
fn queries_narrow_and_page() {
    let (_folder, store) = store();
    let mut with_style = report("/Photos/ÄPFEL_1.png", Outcome::Optimized, 10, Some(5));
    with_style.derivatives = vec![derivative("thumb")];
    add(&store, &with_style, Origin::Cli, 1);
    add(
        &store,
        &report("/other/100%.png", Outcome::AlreadyOptimal, 10, Some(10)),
        Origin::Cli,
        2,
    );
    let mut jpeg = report("/other/c.jpg", Outcome::Failed, 10, None);
    jpeg.format = Some(Format::Jpeg);
    jpeg.mode = Mode::Lossless;
    add(&store, &jpeg, Origin::Cli, 3);

    let total = |query: HistoryQuery| {
        let page = store.history(&query).unwrap();
        assert_eq!(page.entries.len(), page.total as usize);
        page.total
    };
    let search = |text: &str| HistoryQuery {
        search: text.into(),
        ..HistoryQuery::default()
    };
    assert_eq!(total(search("")), 4);
    assert_eq!(total(search("äpfel")), 2);
    assert_eq!(total(search("OTHER/")), 2);
    assert_eq!(total(search("%")), 1);
    assert_eq!(total(search("_")), 2);
    let outcome = |outcome| HistoryQuery {
        outcome: Some(outcome),
        ..HistoryQuery::default()
    };
    assert_eq!(total(outcome(Outcome::Optimized)), 2);
    assert_eq!(total(outcome(Outcome::AlreadyOptimal)), 1);
    assert_eq!(total(outcome(Outcome::Cancelled)), 0);
    assert_eq!(
        total(HistoryQuery {
            format: Some(Format::Jpeg),
            mode: Some(Mode::Lossless),
            outcome: Some(Outcome::Failed),
            search: "C.JPG".into(),
            ..HistoryQuery::default()
        }),
        1
    );

    let narrowed = |narrow: fn(&mut HistoryQuery)| {
        let mut query = HistoryQuery::default();
        narrow(&mut query);
        total(query)
    };
    assert_eq!(narrowed(|query| query.since = Some(2)), 2);
    assert_eq!(narrowed(|query| query.before = Some(2)), 2);
    assert_eq!(narrowed(|query| query.folder = Some("/other".into())), 2);
    assert_eq!(narrowed(|query| query.folder = Some("/oth".into())), 0);
    assert_eq!(narrowed(|query| query.origin = Some(Origin::Cli)), 4);
    assert_eq!(narrowed(|query| query.origin = Some(Origin::Watch)), 0);

    let all = store.history(&HistoryQuery::default()).unwrap().entries;
    for offset in 0..5 {
        let page = store
            .history(&HistoryQuery {
                offset,
                limit: 2,
                ..HistoryQuery::default()
            })
            .unwrap();
        assert_eq!(page.total, 4);
        let expected: Vec<_> = all.iter().skip(offset as usize).take(2).cloned().collect();
        assert_eq!(page.entries, expected);
    }
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_utf_8() {
    use std::os::unix::ffi::OsStringExt;
    let (_folder, store) = store();
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"/p/caf\xe9.png".to_vec()));
    let mut report = report("", Outcome::Optimized, 10, Some(5));
    report.path = path.clone();
    report.output = Some(path.clone());
    let id = add(&store, &report, Origin::Cli, 1);
    let entry = store.entry(id).unwrap().unwrap();
    assert_eq!(
        (entry.path, entry.output),
        (path.clone(), Some(path.clone()))
    );
    assert_eq!(columns::path(columns::path_bytes(&path)), path);
}

#[test]
fn replaced_originals_are_found_and_marked_once() {
    let (folder, store) = store();
    let report = report("/p/a.png", Outcome::Optimized, 10, Some(5));
    let add = |backup: &str| {
        let record = Record {
            origin: Origin::File,
            batch: &BatchId("b".into()),
            path: &report.path,
            report: &report,
            content: Some(hash(backup)),
            backup: Some(hash(backup)),
            output: Some(hash("result")),
            derivatives: &[],
            commit: None,
            queued: None,
        };
        store.record(&record).unwrap()
    };
    let (first, second) = (add("one"), add("two"));
    assert_eq!(store.revertible(&report.path).unwrap(), Some(second));
    assert_eq!(store.revertible(Path::new("/p/b.png")).unwrap(), None);
    let replaced = store.replaced(second).unwrap().unwrap();
    assert_eq!(
        (replaced.original, replaced.result),
        (hash("two"), hash("result"))
    );
    assert!(!replaced.reverted);
    assert!(store.entry(second).unwrap().unwrap().revertible);

    assert!(store.mark_reverted(second).unwrap());
    assert!(!store.mark_reverted(second).unwrap());
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.revertible(&report.path).unwrap(), Some(first));
    assert!(store.replaced(second).unwrap().unwrap().reverted);
    let entry = store.entry(second).unwrap().unwrap();
    assert!(entry.reverted && !entry.revertible);
    assert_eq!(store.replaced(i64::MAX).unwrap(), None);
    assert_eq!(store.backup_totals().unwrap().count, 2);
    assert_eq!(store.backup_totals().unwrap().bytes, 20);
}

#[test]
fn two_stores_on_one_folder_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    const EACH: usize = 40;
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let dir = folder.path();
            scope.spawn(move || {
                // Opened at once: they also meet at the making of the tables.
                let store = Store::open(dir).unwrap();
                for image in 0..EACH {
                    let path = format!("/p/{worker}-{image}.png");
                    let mut report = report(&path, Outcome::Optimized, 10, Some(4));
                    report.derivatives = vec![derivative("thumb")];
                    add(&store, &report, Origin::Cli, 1_000);
                    store.note_output(&hash(&path), WrittenAs::Lossy).unwrap();
                    store.stats().unwrap();
                }
            });
        }
    });
    let store = Store::open(folder.path()).unwrap();
    let page = store.history(&HistoryQuery::default()).unwrap();
    let ids: std::collections::HashSet<i64> = page.entries.iter().map(|entry| entry.id).collect();
    assert_eq!((page.total as usize, ids.len()), (8 * EACH, 8 * EACH));
    let stats = store.stats().unwrap();
    assert_eq!(stats.original_images_count as usize, 4 * EACH);
    assert_eq!(stats.saved_bytes as usize, 6 * 4 * EACH);
    assert!(store.is_own_output(&hash("/p/3-39.png")).unwrap());
}

/// Questions about a long history are answered from an index, without sorting all of it.
#[test]
fn a_long_history_is_not_sorted() {
    let (_folder, store) = store();
    let connection = store.connection();
    let first_page = crate::history::first_page();
    for (sql, index) in [
        (first_page.as_str(), "MERGE (UNION ALL)"),
        (
            "SELECT id FROM originals WHERE path = x'61' AND backup_hash IS NOT NULL
             AND reverted_at IS NULL ORDER BY id DESC LIMIT 1",
            "originals_path",
        ),
        (
            "SELECT path FROM originals WHERE outcome = 'optimized' AND origin <> 'account'
             ORDER BY input_bytes - output_bytes DESC LIMIT 5",
            "originals_saved",
        ),
    ] {
        let plan: Vec<String> = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map([], |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let plan = plan.join("; ");
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
    }
}
