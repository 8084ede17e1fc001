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
            5,
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
