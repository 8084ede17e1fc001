//! Pictures of the comparison that is open, over the `compare:` protocol.
//!
//! `compare://localhost/3/original/0/0,0,400,300/200,150` is a part of the original in the third
//! comparison: its frame, the part in pixels, and the size that is wanted of it. The others are
//! `result-2` and `difference-2`, by the number of the attempt, and `sample-2`. Drawings arrive as SVG,
//! which the page shows in an `<img>`: there no script runs and nothing is fetched.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tauri::http::{Request, Response, StatusCode, header};
use tauri::{Manager, Runtime, UriSchemeContext, UriSchemeResponder};
use whittle_jobs::{Comparison, Looked, Side, View};

use super::Subject;
use crate::shell::Shell;

/// One for each side of the screen.
const THREADS: usize = 2;
/// Requests that wait; older ones are for a view that was left long ago.
const WAITING: usize = 12;

/// The one comparison that is open, and threads that draw it.
pub struct Compared(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    sessions: u64,
    open: Option<Open>,
    /// The last comes first: it is what is on screen now.
    wanted: Vec<(Wanted, UriSchemeResponder)>,
}

struct Open {
    session: u64,
    comparison: Arc<Comparison>,
    subject: Subject,
}

/// A picture, as its address tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    session: u64,
    side: Side,
    frame: usize,
    view: View,
}

impl Compared {
    /// Starts the threads.
    pub fn start() -> Compared {
        let shared = Arc::new(Shared::default());
        for _ in 0..THREADS {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new()
                .name("compare".into())
                .stack_size(whittle_jobs::STACK)
                .spawn(move || shared.work())
                .expect("the system has room for a thread");
        }
        Compared(shared)
    }

    /// Takes the place of what was open; answers the number of the session.
    pub fn open(&self, comparison: Comparison, subject: Subject) -> u64 {
        let mut state = self.0.state();
        state.sessions += 1;
        let session = state.sessions;
        let before = state.open.replace(Open {
            session,
            comparison: Arc::new(comparison),
            subject,
        });
        drop(state);
        // Its pictures may be large: not under the lock.
        drop(before);
        session
    }

    /// The comparison, and what is compared.
    pub fn get(&self, session: u64) -> Option<(Arc<Comparison>, Subject)> {
        let state = self.0.state();
        let open = state.open.as_ref().filter(|open| open.session == session)?;
        Some((Arc::clone(&open.comparison), open.subject.clone()))
    }

    pub fn close(&self, session: u64) {
        let mut state = self.0.state();
        let closed = state.open.take_if(|open| open.session == session);
        drop(state);
        if let Some(closed) = closed {
            // An attempt that is going on holds it as well, and would go on to its end.
            closed.comparison.cancel();
        }
    }

    fn request(&self, wanted: Wanted, answer: UriSchemeResponder) {
        let mut state = self.0.state();
        let left = (state.wanted.len() >= WAITING).then(|| state.wanted.remove(0));
        state.wanted.push((wanted, answer));
        drop(state);
        self.0.arrived.notify_one();
        if let Some((_, answer)) = left {
            answer.respond(response(None));
        }
    }
}

/// Answers a request of the page.
pub fn serve<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    answer: UriSchemeResponder,
) {
    let wanted = Wanted::parse(request.uri().path());
    match (wanted, context.app_handle().try_state::<Shell>()) {
        (Some(wanted), Some(shell)) => shell.compared.request(wanted, answer),
        _ => answer.respond(response(None)),
    }
}

impl Wanted {
    fn parse(path: &str) -> Option<Wanted> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let session = parts.next()?.parse().ok()?;
        let side = match parts.next()? {
            "original" => Side::Original,
            other => Wanted::numbered(other)?,
        };
        let frame = parts.next()?.parse().ok()?;
        let [left, top, width, height] = numbers(parts.next()?)?;
        let [to_width, to_height] = numbers(parts.next()?)?;
        let wanted = Wanted {
            session,
            side,
            frame,
            view: View {
                left,
                top,
                width,
                height,
                to_width,
                to_height,
            },
        };
        parts.next().is_none().then_some(wanted)
    }

    /// `result-2` and the like.
    fn numbered(name: &str) -> Option<Side> {
        let (kind, version) = name.split_once('-')?;
        let version = version.parse().ok()?;
        match kind {
            "result" => Some(Side::Result(version)),
            "difference" => Some(Side::Difference(version)),
            "sample" => Some(Side::Sample(version)),
            _ => None,
        }
    }
}

fn numbers<const N: usize>(text: &str) -> Option<[u32; N]> {
    let numbers: Vec<u32> = text
        .split(',')
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

impl Shared {
    fn work(&self) -> ! {
        loop {
            let (wanted, comparison, answer) = self.next();
            let looked = comparison.and_then(|comparison| {
                comparison
                    .look(wanted.side, wanted.frame, &wanted.view)
                    .inspect_err(|error| tracing::debug!("{wanted:?}: {error}"))
                    .ok()
            });
            answer.respond(response(looked));
        }
    }

    fn next(&self) -> (Wanted, Option<Arc<Comparison>>, UriSchemeResponder) {
        let mut state = self.state();
        loop {
            if let Some((wanted, answer)) = state.wanted.pop() {
                let open = state.open.as_ref();
                let comparison = open
                    .filter(|open| open.session == wanted.session)
                    .map(|open| Arc::clone(&open.comparison));
                return (wanted, comparison, answer);
            }
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn response(looked: Option<Looked>) -> Response<Vec<u8>> {
    let (status, kind, body) = match looked {
        Some(Looked::Png(png)) => (StatusCode::OK, "image/png", png),
        Some(Looked::Svg(text)) => (StatusCode::OK, "image/svg+xml", text.into_bytes()),
        None => (StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    };
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        // An address always means the same picture, but pictures are large and soon left.
        .header(header::CACHE_CONTROL, "no-store")
        // For the case that a drawing is ever opened as a page.
        .header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox",
        )
        .body(body)
        .expect("constant headers are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_part_of_an_open_comparison() {
        let view = View {
            left: 1,
            top: 2,
            width: 30,
            height: 40,
            to_width: 3,
            to_height: 4,
        };
        for (name, side) in [
            ("original", Side::Original),
            ("result-7", Side::Result(7)),
            ("difference-0", Side::Difference(0)),
            ("sample-3", Side::Sample(3)),
        ] {
            assert_eq!(
                Wanted::parse(&format!("/3/{name}/5/1,2,30,40/3,4")),
                Some(Wanted {
                    session: 3,
                    side,
                    frame: 5,
                    view,
                })
            );
        }
    }

    #[test]
    fn everything_else_is_not_found() {
        for path in [
            "/",
            "/etc/passwd",
            "/3/original/0/1,2,30,40",
            "/3/original/0/1,2,30/3,4",
            "/3/original/0/1,2,30,40/3,4/5",
            "/3/original/0/-1,2,30,40/3,4",
            "/3/result/0/1,2,30,40/3,4/",
            "/3/other-1/0/1,2,30,40/3,4",
            "/3/result/0/1,2,30,40/3,4",
            "/3/original/0/1,2,30,40/3,99999999999",
        ] {
            assert_eq!(Wanted::parse(path), None, "{path}");
        }
    }
}
