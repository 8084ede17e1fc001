//! Paths in JSON. Text is Unicode and paths need not be: bytes that are not become `�`, because a
//! name that is shown a little wrong is better than an event or a line that is lost.

use std::path::{Path, PathBuf};

use serde::Serializer;

pub(crate) fn one<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

pub(crate) fn maybe<S: Serializer>(
    path: &Option<PathBuf>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match path {
        Some(path) => serializer.serialize_some(&path.to_string_lossy()),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn many<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| path.to_string_lossy()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use crate::{BatchId, Event, JobId, JobInfo, Origin};

    #[test]
    fn names_that_are_no_text_are_told_all_the_same() {
        let path = OsStr::from_bytes(b"/tmp/caf\xe9.jpg");
        let queued = Event::Queued {
            jobs: vec![JobInfo {
                id: JobId(1),
                batch: BatchId("b".into()),
                origin: Origin::File,
                by_settings: true,
                path: path.into(),
                input_bytes: 1,
            }],
        };
        let passed = Event::Passed {
            batch: BatchId("b".into()),
            count: 1,
            paths: vec![path.into()],
            reason: "r".into(),
        };
        for event in [queued, passed] {
            let json = serde_json::to_string(&event).unwrap();
            assert!(json.contains("/tmp/caf\u{fffd}.jpg"), "{json}");
        }
    }
}
