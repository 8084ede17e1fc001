use rusqlite::Connection;
use whittle_core::{HistoryQuery, Outcome};

use super::*;
use crate::migrations::{MIGRATIONS, STEPS};
use crate::{DATABASE, Error};

#[test]
fn every_step_is_valid() {
    MIGRATIONS.validate().unwrap();
}

/// Databases as every earlier version left them: opened, upgraded, and nothing is lost.
#[test]
fn old_databases_are_upgraded() {
    for version in 1..=STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join(DATABASE)).unwrap();
        MIGRATIONS.to_version(&mut connection, version).unwrap();
        connection
            .execute_batch(
                "UPDATE history_sequence SET last = 2;
                 INSERT INTO originals (id, created_at, origin, batch, path, folder, search, format,
                     outcome, mode, input_bytes, output_bytes, ms)
                 VALUES (2, 1000, 'cli', 'b', x'2f61', x'2f', '/a', 'png', 'optimized', 'balanced',
                     10, 4, 1);
                 INSERT INTO optimized_images (id, original_id, style, bytes)
                 VALUES (1, 2, 'original', 4);",
            )
            .unwrap();
        drop(connection);

        let store = Store::open(folder.path()).unwrap();
        let found: i64 = store
            .connection()
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap();
        assert_eq!(found as usize, STEPS.len());
        let id = add(
            &store,
            &report("/b.png", Outcome::Optimized, 10, Some(4)),
            Origin::Cli,
            5_000,
        );
        assert!(id > 2);
        let page = store.history(&HistoryQuery::default()).unwrap();
        let paths: Vec<_> = page
            .entries
            .iter()
            .map(|entry| entry.path.clone())
            .collect();
        assert_eq!(
            paths,
            [Path::new("/b.png"), Path::new("/a")],
            "from version {version}"
        );
        assert_eq!(store.settings().unwrap(), Settings::default());
        assert!(!store.is_own_output(&hash("x")).unwrap());
    }
}

/// As the version before left it, with all that hangs together: nothing is lost, sizes that were not known
/// are so now, and everything stands by its date.
#[test]
fn lines_of_an_account_keep_their_dates_and_lose_sizes_that_nobody_knew() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = Connection::open(folder.path().join(DATABASE)).unwrap();
    MIGRATIONS.to_version(&mut connection, 11).unwrap();
    connection
        .execute_batch(
            "UPDATE history_sequence SET last = 6;
             INSERT INTO originals (id, created_at, origin, batch, path, folder, search, format, outcome,
                 mode, input_bytes, output_bytes, ms, backup_hash, output_path)
             VALUES (3, 5000, 'cli', 'b', x'2f61', x'2f', '/a', 'png', 'optimized', 'balanced', 10, 4, 1,
                     x'01', x'2f62'),
                    (4, 2000, 'account', 'account h me', x'682f62', x'68', 'h/b', 'png', 'optimized',
                     'balanced', 0, NULL, 0, NULL, NULL),
                    (5, 6000, 'account', 'account h me', x'682f63', x'68', 'h/c', NULL, 'failed',
                     'balanced', 77, NULL, 0, NULL, NULL),
                    (6, 1000, 'file', 'b', x'2f64', x'2f', '/d', NULL, 'failed', 'balanced', 0, NULL, 1,
                     NULL, NULL);
             INSERT INTO optimized_images (id, original_id, style, bytes)
             VALUES (2, 3, 'original', 4), (1, 3, 'thumb', 2);
             INSERT INTO account_images VALUES ('h me', 1, 't', 4), ('h me', 2, 't', 5);",
        )
        .unwrap();
    drop(connection);

    let store = Store::open(folder.path()).unwrap();
    let entries = store.history(&HistoryQuery::default()).unwrap().entries;
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.id, entry.style.as_deref(), entry.input_bytes))
        .collect();
    assert_eq!(
        seen,
        [
            (5, None, Some(77)),
            (3, None, Some(10)),
            (1, Some("thumb"), Some(10)),
            (4, None, None),
            (6, None, Some(0)),
        ]
    );
    assert!(entries[1].revertible);
    assert_eq!(entries[2].created_at, entries[1].created_at);
    assert_eq!(store.without_sizes("h me", 9).unwrap(), [1]);
    assert_eq!(
        store
            .dashboard(whittle_core::Period::All)
            .unwrap()
            .derivatives,
        1
    );
    // What refers to a line still goes with it, and only with it.
    let connection = store.connection();
    connection
        .execute("DELETE FROM originals WHERE id = 3", [])
        .unwrap();
    let left: i64 = connection
        .query_row("SELECT count(*) FROM optimized_images", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(left, 0);
    let unknown = "UPDATE originals SET input_bytes = NULL WHERE id = 6";
    assert!(connection.execute(unknown, []).is_err(), "of an own image");
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE);
    Store::open(folder.path()).unwrap();
    let newer = STEPS.len() as i64 + 1;
    let connection = Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "user_version", newer)
        .unwrap();
    connection.close().unwrap();
    let before = std::fs::read(&path).unwrap();

    let error = Store::open(folder.path()).unwrap_err();
    assert!(
        matches!(error, Error::Newer { found, .. } if found == newer),
        "{error}"
    );
    assert!(
        error.to_string().contains("newer version of Whittle"),
        "{error}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE);
    let bytes = b"my diary, which is long enough to be looked at".repeat(100);
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(
        Store::open(folder.path()),
        Err(Error::Database(_))
    ));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Store::open(file.join("data")).unwrap_err();
    assert!(matches!(error, Error::Folder { .. }), "{error}");
}

#[test]
fn the_journal_and_keys_are_on() {
    let (_folder, store) = store();
    let connection = store.connection();
    let text = |pragma: &str| -> String {
        connection
            .query_row(
                &format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"),
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(text("foreign_keys"), "1");
    assert_eq!(text("synchronous"), "2");
}
