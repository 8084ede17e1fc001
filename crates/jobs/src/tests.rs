//! Tests of the queue and the commit over real files and a real database, with a made-up engine
//! that does what the first word of a file says.

mod commit;
mod compare;
mod expand;
mod queue;
mod revert;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use whittle_core::{
    BatchId, Cancel, ErrorCode, Event, Format, JobId, Outcome, Output, Recipe, Report, Score,
};
use whittle_engine::{Derivative, Encoded, Error, Info};

use crate::memory::Memory;
use crate::run::{Engine, Tools};
use crate::{Plan, Queue, Store};

/// A folder of pictures, a store and a queue.
struct Bench {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    queue: Option<Queue>,
    events: Arc<Mutex<Vec<Event>>>,
    /// What `wait` and `hang` wait for.
    gate: Arc<AtomicBool>,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(2, Duration::from_secs(3600), |_| {})
    }

    /// `meanwhile` runs in the middle of the engine's work.
    fn with(
        threads: usize,
        grace: Duration,
        meanwhile: impl Fn(&[u8]) + Send + Sync + 'static,
    ) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pictures")).unwrap();
        let store = Arc::new(Store::open(folder.path().join("data")).unwrap());
        let (events, gate) = <(Arc<Mutex<Vec<Event>>>, Arc<AtomicBool>)>::default();
        let tools = Tools {
            store: Some(Arc::clone(&store)),
            engine: made_up_engine(Arc::clone(&gate), meanwhile),
            memory: Memory::new(1 << 20),
            accounts: None,
        };
        let sink = Arc::clone(&events);
        let queue = Queue::start_with(
            tools,
            threads,
            grace,
            Arc::new(move |event| sink.lock().unwrap().push(event)),
        );
        Bench {
            folder,
            store,
            queue: Some(queue),
            events,
            gate,
        }
    }

    fn queue(&self) -> &Queue {
        self.queue.as_ref().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("pictures").join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Everything below the pictures' folder, sorted.
    fn names(&self) -> Vec<String> {
        let root = self.folder.path().join("pictures");
        let mut names: Vec<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| !entry.file_type().is_dir())
            .map(|entry| {
                entry
                    .path()
                    .strip_prefix(&root)
                    .unwrap()
                    .display()
                    .to_string()
            })
            .collect();
        names.sort();
        names
    }

    fn run(&self, paths: &[PathBuf], plan: &Plan) -> Vec<Report> {
        let batch = self.queue().add(paths.to_vec(), plan.clone());
        self.queue().wait(&batch)
    }

    fn run_one(&self, path: &Path, plan: &Plan) -> Report {
        let mut reports = self.run(&[path.to_path_buf()], plan);
        assert_eq!(reports.len(), 1);
        reports.remove(0)
    }

    fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// Waits until something happened. The test runner's own limit ends a wait for what never does.
    fn until<T>(&self, mut happened: impl FnMut(&[Event]) -> Option<T>) -> T {
        loop {
            if let Some(found) = happened(&self.events.lock().unwrap()) {
                return found;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn until_started(&self, count: usize) -> Vec<JobId> {
        self.until(|events| {
            let started: Vec<JobId> = events
                .iter()
                .filter_map(|event| match event {
                    Event::Started { job } => Some(*job),
                    _ => None,
                })
                .collect();
            (started.len() >= count).then_some(started)
        })
    }

    fn open_gate(&self) {
        self.gate.store(true, Ordering::SeqCst);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.open_gate();
    }
}

fn in_place() -> Plan {
    Plan {
        output: Output::InPlace,
        ..Plan::default()
    }
}

fn into(folder: &Path) -> Plan {
    Plan {
        output: Output::Folder {
            path: folder.to_path_buf(),
        },
        ..Plan::default()
    }
}

fn read(path: &Path) -> String {
    String::from_utf8(std::fs::read(path).unwrap()).unwrap()
}

fn styled(styles: &[&str], plan: Plan) -> Plan {
    Plan {
        recipe: Recipe {
            styles: styles
                .iter()
                .map(|name| format!("{name}:fit:10x10").parse().unwrap())
                .collect(),
            ..plan.recipe
        },
        ..plan
    }
}

/// `half …` becomes half as long, `exact …` becomes half as long without loss, `same …` stays;
/// `wait` asks its token, `hang` does not; the rest fails as its name says.
fn made_up_engine(
    gate: Arc<AtomicBool>,
    meanwhile: impl Fn(&[u8]) + Send + Sync + 'static,
) -> Engine {
    Engine {
        optimize: Box::new(move |bytes, recipe, cancel| {
            meanwhile(bytes);
            let is_open = || gate.load(Ordering::SeqCst);
            let cancel: Cancel = cancel.with_limit(recipe.limits.time);
            let word = bytes.split(|byte| *byte == b' ').next().unwrap_or_default();
            let shrunk = |score| encoded(Some(bytes[..bytes.len() / 2].to_vec()), score, recipe);
            Ok(match word {
                b"half" => shrunk(86.0),
                b"exact" => shrunk(100.0),
                b"same" => encoded(None, 100.0, recipe),
                b"larger" => encoded(Some([bytes, b"!"].concat()), 100.0, recipe),
                b"wait" => {
                    cancel.progress(0.5);
                    while !is_open() {
                        cancel.check()?;
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    shrunk(86.0)
                }
                b"hang" => {
                    while !is_open() {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    shrunk(86.0)
                }
                b"panic" => panic!("as the file says"),
                b"webp" => {
                    return Err(Error::Unsupported {
                        format: Format::Webp,
                        reason: "Not yet.".into(),
                    });
                }
                _ => return Err(Error::NotAnImage),
            })
        }),
        inspect: Box::new(|_, _| {
            Ok(Info {
                format: Format::Png,
                width: 4,
                height: 3,
                peak_memory: 1000,
            })
        }),
    }
}

fn encoded(bytes: Option<Vec<u8>>, score: f64, recipe: &Recipe) -> Encoded {
    Encoded {
        format: Format::Png,
        bytes,
        score: Score(score),
        width: 4,
        height: 3,
        frames: 1,
        removed: vec!["GPS position".into()],
        notes: Vec::new(),
        tried: Vec::new(),
        derivatives: recipe
            .styles
            .iter()
            .map(|style| Derivative {
                style: style.name.clone(),
                strategy: style.strategy,
                width: 2,
                height: 1,
                bytes: format!("derivative {}", style.name).into_bytes(),
                score: Score(90.0),
            })
            .collect(),
    }
}
