//! One watched folder.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use notify::Watcher;
use whittle_core::{Output, WatchState, WatchStatus};
use whittle_store::{SeenFile, Store, WrittenAs};

use super::partial::is_partial;
use super::signals::{Attach, Bell, Ear, explanation};
use super::writers::open_for_writing;
use super::{Known, Pace, Watched};
use crate::expand::expand;
use crate::filter::Filter;
use crate::revert::recorded_path;
use crate::source::hash_file;
use crate::walk::Found;
use crate::{InvalidGlob, Plan};

/// A folder with what is pending in it.
pub(super) struct Folder {
    watched: Watched,
    plan: Arc<Plan>,
    filter: Filter,
    ear: Ear,
    attach: Attach,
    state: State,
    /// Files that may be worth a look, and since when they look like this.
    pending: HashMap<PathBuf, Look>,
}

enum State {
    Missing,
    Paused,
    Up {
        /// Which folder this is: another one may be put in its place.
        identity: Identity,
        /// Listens until it is dropped; without it the folder is polled, for this reason.
        source: Result<Box<dyn Watcher + Send>, String>,
        searched: Instant,
    },
}

type Identity = Option<(u64, u64)>;

#[derive(Clone, Copy, PartialEq)]
struct Look {
    bytes: u64,
    modified: i64,
    since: Instant,
}

impl Folder {
    pub fn new(watched: Watched, bell: Arc<Bell>, attach: Attach) -> Result<Folder, InvalidGlob> {
        let plan = Arc::new(watched.plan.clone());
        Ok(Folder {
            filter: Filter::new(&plan)?,
            plan,
            ear: Ear::new(bell),
            attach,
            state: State::Missing,
            pending: HashMap::new(),
            watched,
        })
    }

    pub fn watched(&self) -> &Watched {
        &self.watched
    }

    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// Whether there is something that must be looked at again soon.
    pub fn waits(&self) -> bool {
        !self.pending.is_empty()
    }

    pub fn status(&self) -> WatchStatus {
        let (state, message) = match &self.state {
            State::Missing => (
                WatchState::Missing,
                Some("The folder is not there. It is watched again as soon as it is.".into()),
            ),
            State::Paused => (WatchState::Paused, None),
            State::Up { source: Ok(_), .. } => (WatchState::Watching, None),
            State::Up {
                source: Err(why), ..
            } => (WatchState::Polling, Some(why.clone())),
        };
        WatchStatus {
            id: self.watched.id,
            path: self.watched.path.clone(),
            state,
            message,
        }
    }

    /// Whether whoever looks through the folder comes upon this file as one that is new.
    pub fn finds(&self, store: &Store, path: &Path) -> bool {
        if self.watched.paused || !self.takes(path) {
            return false;
        }
        let Ok(metadata) = fs::metadata(path) else {
            // On a disk that is not there now, or gone: it is found should it come back.
            return true;
        };
        let look = (metadata.len(), modified(&metadata));
        let is_like = |seen: &SeenFile| (seen.bytes, seen.modified) == look;
        metadata.len() >= self.watched.min_bytes && !seen(store, path).as_ref().is_some_and(is_like)
    }

    /// Looks at what was heard and what is pending, and returns the files that are complete and
    /// new, at most `room` of them.
    pub fn ready(
        &mut self,
        known: Known<'_>,
        pace: &Pace,
        now: Instant,
        room: usize,
        is_in_queue: &dyn Fn(&Path) -> bool,
    ) -> Vec<(Found, SeenFile)> {
        if !self.is_up(now) {
            self.pending.clear();
            return Vec::new();
        }
        let heard = self.ear.take();
        let mut search = heard.all;
        for path in heard.files {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => search = true,
                Ok(_) if self.takes(&path) => self.note(path, now),
                Ok(_) | Err(_) => {}
            }
        }
        if let State::Up {
            source, searched, ..
        } = &self.state
        {
            search |= source.is_err() && now.duration_since(*searched) >= pace.poll;
        }
        if search {
            self.search(known, now);
        }
        let settled = self.settled(pace, now, room, is_in_queue);
        self.fresh(settled, known)
    }

    /// Whether the folder is there and may be worked in; takes it up when it has come back.
    fn is_up(&mut self, now: Instant) -> bool {
        if self.watched.paused {
            self.state = State::Paused;
            return false;
        }
        let path = &self.watched.path;
        let Some(metadata) = fs::metadata(path).ok().filter(Metadata::is_dir) else {
            self.state = State::Missing;
            return false;
        };
        let found = identity(&metadata);
        let known = matches!(&self.state, State::Up { identity, .. } if *identity == found);
        if !known {
            // First listen, then search: what comes between is found twice, and not missed.
            let source = (self.attach)(path, self.plan.recursive, self.ear.clone());
            let source = source.map_err(|error| {
                tracing::warn!("{}: {error}", path.display());
                explanation(&error)
            });
            // Long ago, so that the search below does not wait.
            self.ear
                .event(Ok(notify::Event::new(notify::EventKind::Other)
                    .set_flag(notify::event::Flag::Rescan)));
            self.state = State::Up {
                identity: found,
                source,
                searched: now,
            };
        }
        true
    }

    /// Looks through the whole folder.
    fn search(&mut self, known: Known<'_>, now: Instant) {
        let mut found = Vec::new();
        let root = [self.watched.path.clone()];
        expand(&root, &self.plan, &self.filter, &mut |portion| {
            found.extend(portion.into_iter().map(|found| found.path));
            true
        });
        for path in found {
            let unchanged = fs::metadata(&path).is_ok_and(|metadata| {
                let look = (metadata.len(), modified(&metadata));
                let is_like = |seen: &SeenFile| (seen.bytes, seen.modified) == look;
                let declined = known.declined.get(&path).is_some_and(is_like);
                declined || seen(known.store, &path).as_ref().is_some_and(is_like)
            });
            if !unchanged {
                self.note(path, now);
            }
        }
        if let State::Up { searched, .. } = &mut self.state {
            *searched = now;
        }
    }

    /// Remembers a file to look at; one that is pending keeps its age.
    fn note(&mut self, path: PathBuf, now: Instant) {
        self.pending.entry(path).or_insert(Look {
            bytes: u64::MAX,
            modified: 0,
            since: now,
        });
    }

    /// Whether the rules take a file that was heard of; [`expand`] asks the same while it searches.
    fn takes(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.watched.path) else {
            return false;
        };
        let folders: Vec<&Path> = below
            .ancestors()
            .skip(1)
            .filter(|folder| !folder.as_os_str().is_empty())
            .collect();
        if !self.plan.recursive && !folders.is_empty() {
            return false;
        }
        if folders
            .iter()
            .any(|folder| self.filter.passes_folder(folder).is_some())
            || self.filter.passes_file(path, below).is_some()
        {
            return false;
        }
        let results = match &self.plan.output {
            Output::Folder { path } => fs::canonicalize(path).ok(),
            Output::Suffix { .. } | Output::InPlace => None,
        };
        let real = path.parent().and_then(|folder| folder.canonicalize().ok());
        match (results, real) {
            (Some(results), Some(real)) => {
                // The folder itself may lie within its results' folder; only what is deeper counts.
                let root = self.watched.path.canonicalize().unwrap_or_default();
                !real.starts_with(&results) || root.starts_with(&results)
            }
            _ => true,
        }
    }

    /// Files that have not changed for a while and that nobody is writing.
    fn settled(
        &mut self,
        pace: &Pace,
        now: Instant,
        room: usize,
        is_in_queue: &dyn Fn(&Path) -> bool,
    ) -> Vec<(PathBuf, Look)> {
        let min_bytes = self.watched.min_bytes;
        let mut ready = Vec::new();
        self.pending.retain(|path, look| {
            let Some(metadata) = fs::metadata(path).ok().filter(Metadata::is_file) else {
                return false;
            };
            let seen = (metadata.len(), modified(&metadata));
            if seen != (look.bytes, look.modified) {
                (look.bytes, look.modified) = seen;
                look.since = now;
            } else if now.duration_since(look.since) >= pace.settled {
                if look.bytes < min_bytes || look.bytes == 0 {
                    // Too small to be taken; when it grows there is an event again.
                    return false;
                }
                if ready.len() < room && !is_in_queue(path) && !is_partial(path) {
                    ready.push((path.clone(), *look));
                }
            }
            true
        });
        if ready.is_empty() {
            return ready;
        }
        let names: Vec<PathBuf> = ready.iter().map(|(path, _)| path.clone()).collect();
        let held = open_for_writing(&names);
        ready.retain(|(path, _)| !held.contains(path));
        for (path, _) in &ready {
            self.pending.remove(path);
        }
        // Polled folders are searched in no order; people expect one.
        ready.sort_by(|(a, _), (b, _)| a.cmp(b));
        ready
    }

    /// Those whose content is neither a result of ours nor what was seen at this place before; of
    /// the others is noted that they were looked at.
    fn fresh(&self, settled: Vec<(PathBuf, Look)>, known: Known<'_>) -> Vec<(Found, SeenFile)> {
        let mut fresh = Vec::new();
        let mut looked_at = Vec::new();
        for (path, look) in settled {
            let is_like =
                |seen: &SeenFile| (seen.bytes, seen.modified) == (look.bytes, look.modified);
            let before = seen(known.store, &path);
            let declined = known.declined.get(&path);
            if before.as_ref().is_some_and(is_like) || declined.is_some_and(is_like) {
                continue;
            }
            // Gone meanwhile, or not ours to read: reading it as a job will say so.
            let Ok(hash) = hash_file(&path) else { continue };
            let file = SeenFile {
                path: path.clone(),
                bytes: look.bytes,
                modified: look.modified,
                hash,
            };
            if declined.is_some_and(|declined| declined.hash == hash) {
                continue;
            }
            let is_known = before.is_some_and(|seen| seen.hash == hash);
            match is_known || is_result(known.store, &file) {
                true => looked_at.push(file),
                false => {
                    let below = path.strip_prefix(&self.watched.path).unwrap_or(&path);
                    let found = Found {
                        below: below.to_path_buf(),
                        bytes: look.bytes,
                        path,
                    };
                    fresh.push((found, file));
                }
            }
        }
        if let Err(error) = known.store.note_seen(&looked_at) {
            tracing::warn!("what was seen in a watched folder is not remembered: {error}");
        }
        fresh
    }
}

/// What a file was like when it was last looked at.
fn seen(store: &Store, path: &Path) -> Option<SeenFile> {
    store.seen_file(path).ok().flatten()
}

/// Whether Whittle wrote this content, under whatever name. A copy of an original that could not be
/// made smaller is one only where it was put: elsewhere the same bytes are somebody's original.
fn is_result(store: &Store, file: &SeenFile) -> bool {
    match store.own_output(&file.hash) {
        Ok(Some(WrittenAs::Lossless | WrittenAs::Lossy)) => true,
        Ok(Some(WrittenAs::Copy)) => store
            .wrote(&recorded_path(&file.path, false), &file.hash)
            .unwrap_or(true),
        Ok(None) => false,
        // In doubt nothing is worked on.
        Err(_) => true,
    }
}

fn modified(metadata: &Metadata) -> i64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}

fn identity(metadata: &Metadata) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}
