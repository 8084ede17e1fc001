//! Small pictures of rows, over the `thumb:` protocol: `thumb://localhost/job/7` and
//! `thumb://localhost/history/12`.
//!
//! Only images that the window already shows are served: the page names rows, never paths. Bytes
//! over IPC would be far slower, see tauri#9654.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use whittle_core::JobId;

use crate::shell::Shell;

/// Twice what a row shows, for dense screens.
const SIDE: u32 = 96;
/// Decoding a large photo takes memory that the queue would rather have.
const THREADS: usize = 2;
/// About 15 KB each.
const REMEMBERED: usize = 512;

/// A row of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Job(JobId),
    History(i64),
}

/// A file as it is now: after a change it gets a new picture.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Version(PathBuf, SystemTime);

/// A picture that is wanted, and where it goes.
struct Wanted {
    version: Version,
    answer: UriSchemeResponder,
}

/// Makes them on threads of its own, and remembers the last few hundred.
pub struct Thumbnails(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    /// The last comes first: it is what is on screen now.
    wanted: Vec<Wanted>,
    made: Recent,
}

/// Pictures by age of their last use; `None` is remembered of a file that has none.
#[derive(Default)]
struct Recent {
    pictures: HashMap<Version, (u64, Option<Vec<u8>>)>,
    uses: u64,
}

impl Thumbnails {
    /// Starts the threads.
    pub fn start() -> Thumbnails {
        let shared = Arc::new(Shared::default());
        for _ in 0..THREADS {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("thumbnails".into())
                .stack_size(whittle_jobs::STACK)
                .spawn(move || shared.work())
                .expect("the system has room for a thread");
        }
        Thumbnails(shared)
    }

    fn request(&self, version: Version, answer: UriSchemeResponder) {
        self.0.state().wanted.push(Wanted { version, answer });
        self.0.arrived.notify_one();
    }
}

/// Answers a request of the page.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    answer: UriSchemeResponder,
) {
    let app = context.app_handle();
    let version = app.try_state::<Shell>().and_then(|shell| {
        let path = original(&shell, parse(request.uri().path())?)?;
        let changed = path
            .metadata()
            .and_then(|metadata| metadata.modified())
            .ok()?;
        Some((shell, Version(path, changed)))
    });
    match version {
        Some((shell, version)) => shell.thumbnails.request(version, answer),
        None => answer.respond(response(None)),
    }
}

fn parse(path: &str) -> Option<Row> {
    let (kind, id) = path.strip_prefix('/')?.split_once('/')?;
    match kind {
        "job" => id.parse().ok().map(JobId).map(Row::Job),
        "history" => id.parse().ok().map(Row::History),
        _ => None,
    }
}

fn original(shell: &Shell, row: Row) -> Option<PathBuf> {
    match row {
        Row::Job(job) => shell.queue.job(job).map(|info| info.path),
        Row::History(id) => {
            let entry = shell.store().ok()?.entry(id).ok()??;
            // A derivative's line shows the derivative; where an original is gone, its result helps.
            let shown = if entry.style.is_some() {
                entry.output.clone()
            } else {
                None
            };
            [shown, Some(entry.path), entry.output]
                .into_iter()
                .flatten()
                .find(|path| path.is_file())
        }
    }
}

impl Shared {
    fn work(&self) -> ! {
        loop {
            let wanted = self.next();
            let remembered = self.state().made.get(&wanted.version);
            let picture = remembered.unwrap_or_else(|| {
                let picture = whittle_jobs::thumbnail(&wanted.version.0, SIDE)
                    .inspect_err(|error| {
                        tracing::debug!("no picture of {}: {error}", wanted.version.0.display());
                    })
                    .ok();
                self.state().made.put(wanted.version, picture.clone());
                picture
            });
            wanted.answer.respond(response(picture));
        }
    }

    fn next(&self) -> Wanted {
        let mut state = self.state();
        loop {
            if let Some(wanted) = state.wanted.pop() {
                return wanted;
            }
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn get(&mut self, version: &Version) -> Option<Option<Vec<u8>>> {
        self.uses += 1;
        let (used, picture) = self.pictures.get_mut(version)?;
        *used = self.uses;
        Some(picture.clone())
    }

    fn put(&mut self, version: Version, picture: Option<Vec<u8>>) {
        if self.pictures.len() >= REMEMBERED {
            let oldest = self.pictures.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(version, _)| version.clone()) {
                self.pictures.remove(&oldest);
            }
        }
        self.uses += 1;
        self.pictures.insert(version, (self.uses, picture));
    }
}

fn response(picture: Option<Vec<u8>>) -> Response<Vec<u8>> {
    let (status, body) = match picture {
        Some(png) => (StatusCode::OK, png),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "image/png")
        // The same row has another picture once its file has changed.
        .header(header::CACHE_CONTROL, "no-cache")
        .body(body)
        .expect("constant headers are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_and_paths_are_not() {
        assert_eq!(parse("/job/7"), Some(Row::Job(JobId(7))));
        assert_eq!(parse("/history/12"), Some(Row::History(12)));
        for other in [
            "/job/",
            "/job/../../etc/passwd",
            "/etc/passwd",
            "job/7",
            "/",
            "/job/7/8",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    fn version(number: usize) -> Version {
        Version(PathBuf::from(number.to_string()), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn what_was_not_used_for_longest_is_forgotten() {
        let mut recent = Recent::default();
        for number in 0..REMEMBERED {
            recent.put(version(number), Some(vec![1]));
        }
        assert!(recent.get(&version(0)).is_some());
        recent.put(version(REMEMBERED), None);
        assert_eq!(recent.get(&version(0)), Some(Some(vec![1])));
        assert_eq!(recent.get(&version(1)), None);
        assert_eq!(recent.get(&version(REMEMBERED)), Some(None));
        assert_eq!(recent.pictures.len(), REMEMBERED);
    }
}
