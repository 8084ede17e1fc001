//! The journal of runs without a history: a file for each commit that is under way, in `unfinished/`.
//! The database is not touched.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CommitFile, FileKind, Unfinished};
use crate::columns::{path, path_bytes};
use crate::data_dir::{create_private, sync_dir};
use crate::{Error, Hash, Result, faults};

/// How the names of notes begin that are not complete yet; nothing was written for them.
const INCOMING: &str = ".incoming-";

/// What is appended once all files are complete under their temporary names.
const PLACING: &str = "placing\n";

/// One commit's file in the journal. Whoever holds it holds its lock: what is free was interrupted.
#[derive(Debug)]
pub struct CommitNote {
    path: PathBuf,
    file: File,
}

/// The first line, as JSON. Paths are bytes, since not every path is text.
#[derive(Serialize, Deserialize)]
struct Line {
    content: String,
    files: Vec<NotedFile>,
}

#[derive(Serialize, Deserialize)]
struct NotedFile {
    kind: String,
    temp: Vec<u8>,
    folder: Option<u64>,
    target: Vec<u8>,
    hash: String,
    fresh: bool,
}

impl CommitNote {
    /// Notes a commit of a run without a history. Nothing may be written before.
    ///
    /// # Errors
    /// When the note cannot be written below the data folder.
    pub fn begin<'a>(
        data_dir: &Path,
        content: &Hash,
        files: impl Iterator<Item = &'a CommitFile>,
    ) -> Result<CommitNote> {
        let dir = dir(data_dir);
        let line = Line {
            content: content.to_hex().to_string(),
            files: files.map(NotedFile::from).collect(),
        };
        let begin = || {
            faults::step("note: begin")?;
            create_private(&dir)?;
            let mut file = tempfile::Builder::new()
                .prefix(INCOMING)
                .tempfile_in(&dir)?;
            // Before it has the name of a note, so that nobody takes it for that of a run that is over.
            let _ = file.as_file().try_lock();
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            let unique = file.path().file_name().unwrap_or_default();
            let name = unique.to_string_lossy().replace(INCOMING, "commit-");
            let path = dir.join(name);
            let file = file.persist_noclobber(&path).map_err(|error| error.error)?;
            sync_dir(&dir)?;
            Ok(CommitNote { path, file })
        };
        begin().map_err(|source| Error::Folder {
            path: dir.clone(),
            source,
        })
    }

    /// Notes that all files are complete and about to get their names.
    ///
    /// # Errors
    /// When that cannot be written; no file may get its name then.
    pub fn placing(&mut self) -> Result<()> {
        let failed = |source| Error::Folder {
            path: self.path.clone(),
            source,
        };
        faults::step("note: placing").map_err(failed)?;
        self.file
            .write_all(PLACING.as_bytes())
            .and_then(|()| self.file.sync_all())
            .map_err(failed)
    }

    /// Strikes it out.
    pub fn strike(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("{}: {error}", self.path.display());
        }
    }

    /// Commits of runs that are over.
    pub fn interrupted(data_dir: &Path) -> Vec<(CommitNote, Unfinished)> {
        let entries = fs::read_dir(dir(data_dir)).into_iter().flatten().flatten();
        let notes = entries.filter_map(|entry| {
            let path = entry.path();
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(INCOMING.as_bytes())
            {
                // None is being written for so long.
                let age = entry.metadata().ok()?.modified().ok()?.elapsed();
                if age.is_ok_and(|age| age > Duration::from_secs(60 * 60)) {
                    let _ = fs::remove_file(path);
                }
                return None;
            }
            let file = File::options().read(true).append(true).open(&path).ok()?;
            file.try_lock().ok()?;
            let age = entry.metadata().ok()?.modified().ok()?.elapsed();
            let text = fs::read_to_string(&path).ok()?;
            let note = CommitNote {
                path: path.clone(),
                file,
            };
            let unfinished = read(&text, age.unwrap_or_default());
            if unfinished.is_none() {
                tracing::warn!("{} cannot be read", path.display());
            }
            Some((note, unfinished?))
        });
        notes.collect()
    }
}

fn read(text: &str, age: Duration) -> Option<Unfinished> {
    let (line, rest) = text.split_once('\n')?;
    let line: Line = serde_json::from_str(line).ok()?;
    Some(Unfinished {
        age,
        placing: rest == PLACING,
        content: Hash::from_hex(line.content).ok()?,
        files: line
            .files
            .into_iter()
            .map(CommitFile::try_from)
            .collect::<io::Result<_>>()
            .ok()?,
    })
}

impl From<&CommitFile> for NotedFile {
    fn from(file: &CommitFile) -> NotedFile {
        NotedFile {
            kind: file.kind.name().to_owned(),
            temp: path_bytes(&file.temp).to_vec(),
            folder: file.folder,
            target: path_bytes(&file.target).to_vec(),
            hash: file.hash.to_hex().to_string(),
            fresh: file.fresh,
        }
    }
}

impl TryFrom<NotedFile> for CommitFile {
    type Error = io::Error;

    fn try_from(noted: NotedFile) -> io::Result<CommitFile> {
        let kind = FileKind::ALL
            .into_iter()
            .find(|kind| kind.name() == noted.kind);
        Ok(CommitFile {
            kind: kind.ok_or(io::ErrorKind::InvalidData)?,
            temp: path(noted.temp),
            folder: noted.folder,
            target: path(noted.target),
            hash: Hash::from_hex(noted.hash).map_err(io::Error::other)?,
            fresh: noted.fresh,
        })
    }
}

fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join("unfinished")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_over_is_found_and_as_it_was_noted() {
        let data = tempfile::tempdir().unwrap();
        let file = CommitFile {
            kind: FileKind::Instead,
            temp: path(b"/p/.caf\xe9".to_vec()),
            folder: Some(u64::MAX),
            target: PathBuf::from("/p/a.png"),
            hash: blake3::hash(b"result"),
            fresh: false,
        };
        let content = blake3::hash(b"content");
        let begin = || CommitNote::begin(data.path(), &content, [&file].into_iter()).unwrap();
        let mut note = begin();
        assert!(CommitNote::interrupted(data.path()).is_empty());
        note.placing().unwrap();
        drop(note);
        let mut found = CommitNote::interrupted(data.path());
        let (note, unfinished) = found.pop().unwrap();
        assert!(unfinished.placing && unfinished.content == content);
        assert_eq!(unfinished.files, [file.clone()]);
        note.strike();
        assert!(CommitNote::interrupted(data.path()).is_empty());
        assert_eq!(fs::read_dir(dir(data.path())).unwrap().count(), 0);
    }
}
