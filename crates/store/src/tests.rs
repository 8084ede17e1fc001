//! Tests over a real database in a temporary folder.

mod backups;
mod history;
mod journal;
mod migrations;
mod outbox;
mod totals;
mod watch;

use std::path::{Path, PathBuf};

use jiff::civil::date;
use jiff::tz::TimeZone;
use whittle_core::{
    BatchId, DerivativeReport, ErrorCode, Format, Level, Mode, Origin, Outcome, Report, Score,
    Settings, Strategy,
};

use crate::{Hash, Record, Store, WrittenAs, clock};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn report(path: &str, outcome: Outcome, input: u64, output: Option<u64>) -> Report {
    Report {
        path: path.into(),
        output: (outcome == Outcome::Optimized).then(|| PathBuf::from(format!("{path}.out"))),
        format: Some(Format::Png),
        outcome,
        code: (outcome == Outcome::Failed).then_some(ErrorCode::Undecodable),
        message: None,
        mode: Mode::Balanced,
        level: None,
        score: (outcome == Outcome::Optimized).then_some(Score(86.5)),
        input_bytes: input,
        output_bytes: output,
        width: Some(4),
        height: Some(3),
        frames: Some(1),
        removed: Vec::new(),
        notes: Vec::new(),
        tried: Vec::new(),
        ms: 5,
        derivatives: Vec::new(),
    }
}

fn derivative(style: &str) -> DerivativeReport {
    DerivativeReport {
        style: style.into(),
        strategy: Strategy::Fit,
        width: 2,
        height: 1,
        output: Some(PathBuf::from(format!("/p/{style}.png"))),
        bytes: 11,
        score: Some(Score(90.0)),
    }
}

fn hash(text: &str) -> Hash {
    blake3::hash(text.as_bytes())
}

/// Records a report as an image of this origin that came at this moment.
fn add(store: &Store, report: &Report, origin: Origin, at: i64) -> i64 {
    let record = Record {
        origin,
        batch: &BatchId("b".into()),
        path: &report.path,
        report,
        content: Some(hash("content")),
        backup: None,
        output: None,
        derivatives: &[],
        commit: None,
        queued: None,
    };
    store.record_at(&record, at).unwrap()
}

/// Noon of a day, UTC.
fn noon(year: i16, month: i8, day: i8) -> i64 {
    let noon = date(year, month, day).at(12, 0, 0, 0);
    noon.to_zoned_datetime(TimeZone::UTC)
        .unwrap()
        .timestamp()
        .as_millisecond()
}

#[test]
fn settings_are_kept() {
    let (folder, store) = store();
    assert_eq!(store.settings().unwrap(), Settings::default());
    let settings = Settings {
        mode: Mode::Lossy,
        level: Level::new(70).unwrap(),
        styles: vec!["thumb:fit:320x240".parse().unwrap()],
        threads: Some(3),
        ..Settings::default()
    };
    store.save_settings(&Settings::default()).unwrap();
    store.save_settings(&settings).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.settings().unwrap(), settings);
}

#[test]
fn what_somebody_else_changed_stays_as_it_is() {
    let (_folder, store) = store();
    let other = Store::open(store.dir()).unwrap();
    other
        .save_settings(&Settings {
            min_saving: 5,
            ..Settings::default()
        })
        .unwrap();
    let quiet = |settings| {
        Ok::<_, ()>(Settings {
            quiet: true,
            ..settings
        })
    };
    let changed = store.change_settings(quiet).unwrap().unwrap();
    assert_eq!((changed.min_saving, changed.quiet), (5, true));
    assert_eq!(other.settings().unwrap(), changed);
    assert_eq!(store.change_settings(|_| Err(7)).unwrap(), Err(7));
    assert_eq!(other.settings().unwrap(), changed);
}

#[test]
fn settings_that_cannot_be_read_are_the_defaults() {
    let (_folder, store) = store();
    store
        .connection()
        .execute(
            "INSERT INTO settings VALUES ('window', '{\"mode\":7}', 0)",
            [],
        )
        .unwrap();
    assert_eq!(store.settings().unwrap(), Settings::default());
}

#[test]
fn the_ledger_keeps_the_strongest_word() {
    use WrittenAs::{Copy, Lossless, Lossy};
    let (_folder, store) = store();
    for (words, kept) in [
        (&[Copy][..], Copy),
        (&[Copy, Lossless], Lossless),
        (&[Lossless, Copy], Lossless),
        (&[Lossless, Lossy], Lossy),
        (&[Lossy, Lossless], Lossy),
        (&[Lossy, Copy], Lossy),
    ] {
        let hash = hash(&format!("{words:?}"));
        assert!(!store.is_own_output(&hash).unwrap());
        for word in words {
            store.note_output(&hash, *word).unwrap();
        }
        assert_eq!(store.own_output(&hash).unwrap(), Some(kept), "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_data_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new/data");
    let store = Store::open(&dir).unwrap();
    store
        .backups()
        .keep(b"secret", &hash("secret"), None)
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(&dir), 0);
    assert_eq!(mode(store.backups().dir()), 0);
    assert_eq!(mode(&store.backups().path(&hash("secret"))), 0);
}
