//! The threads that work on images. Nothing else runs the engine for long.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use whittle_engine::{Encoded, ErrorCode, Level, Limits, Metadata, Mode, Recipe};
use whittle_store::server::{Finished, FinishedOutput, Image};

use crate::app::{App, Phase, Shared};
use crate::intake::etag;
use crate::present;

/// SVG parsers and renderers recurse with the depth of an untrusted file; the depth limit of the
/// recipe fits in here with room to spare.
const STACK: usize = 32 << 20;
/// An image that took the server down so often is not tried again.
const ATTEMPTS: u32 = 3;
/// How long a worker sleeps when nobody rings.
const NAP: Duration = Duration::from_secs(2);

/// Wakes workers when an image waits.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Mutex<u64>,
    changed: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// How often it was rung so far.
    fn heard(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is rung again, but not for ever.
    fn wait(&self, heard: u64) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        if *rung == heard {
            let _ = self.changed.wait_timeout(rung, NAP);
        }
    }
}

/// Starts the threads. They end when the server closes.
pub(crate) fn start(app: &Shared) -> std::io::Result<Vec<JoinHandle<()>>> {
    let memory = Arc::new(Memory::of_this_machine());
    let threads = (0..app.config.workers.max(1)).map(|number| {
        let (app, memory, runtime) = (Arc::clone(app), Arc::clone(&memory), Handle::current());
        std::thread::Builder::new()
            .name(format!("worker {number}"))
            .stack_size(STACK)
            .spawn(move || work(&app, &memory, &runtime))
    });
    threads.collect()
}

/// Runs something of the engine on a thread of its own, with the stack that it needs.
pub(crate) async fn on_a_deep_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("look".into())
        .stack_size(STACK)
        .spawn(move || drop(sender.send(work())))?;
    receiver.await.map_err(std::io::Error::other)
}

fn work(app: &App, memory: &Memory, runtime: &Handle) {
    while app.phase() != Phase::Closing {
        let heard = app.bell.heard();
        let claimed = app
            .records_here()
            .claim(&|announced| present::event(app, announced));
        match claimed {
            Ok(Some(image)) => {
                app.deliveries.notify_one();
                let worked = catch_unwind(AssertUnwindSafe(|| one(app, &image, memory, runtime)));
                if worked.is_err() {
                    tracing::error!(image = image.id, "the work on an image panicked");
                    finish(
                        app,
                        &image,
                        failed(app, ErrorCode::Internal),
                        Some(ErrorCode::Internal),
                    );
                }
                app.deliveries.notify_one();
            }
            Ok(None) => app.bell.wait(heard),
            Err(error) => {
                tracing::error!("the queue cannot be read: {error}");
                std::thread::sleep(NAP);
            }
        }
    }
}

/// Works on one image, from its bytes to its outputs.
fn one(app: &App, image: &Image, memory: &Memory, runtime: &Handle) {
    let cancel = app.begin(image.id);
    if image.attempts > ATTEMPTS {
        tracing::error!(
            image = image.id,
            "given up: the server ended while it worked on this image"
        );
        let code = ErrorCode::Internal;
        return finish(app, image, failed(app, code), Some(code));
    }
    let bytes = match runtime.block_on(app.files.get(&image.file_key)) {
        Ok(bytes) => bytes,
        Err(error) => return put_back(app, image, &error),
    };
    let encoded = {
        let _reserved = memory.reserve(image.peak_memory);
        let begin = std::time::Instant::now();
        let encoded = whittle_engine::optimize(&bytes, &recipe(app, image), &cancel);
        app.metrics.worked(begin.elapsed());
        encoded
    };
    match encoded {
        Ok(encoded) => match runtime.block_on(store(app, image, bytes, encoded)) {
            Ok(outputs) => {
                let finished = Finished {
                    outputs,
                    error: None,
                    lifetime: lifetime(app),
                };
                finish(app, image, finished, None);
            }
            Err(error) => put_back(app, image, &error),
        },
        // The server ends, or the image was deleted: who starts next sees which.
        Err(error) if error.code() == ErrorCode::Cancelled => {
            if let Err(error) = app.records_here().unclaim(image.id) {
                tracing::error!("an image cannot be put back: {error}");
            }
            app.end(image, None);
        }
        Err(error) => {
            tracing::info!(
                image = image.id,
                code = error.code().name(),
                "an image failed: {error}"
            );
            finish(app, image, failed(app, error.code()), Some(error.code()));
        }
    }
}

fn recipe(app: &App, image: &Image) -> Recipe {
    Recipe {
        mode: image.mode,
        level: match image.mode {
            Mode::Lossy => Level::new(image.level).unwrap_or_default(),
            Mode::Lossless | Mode::Balanced => Level::default(),
        },
        styles: image
            .outputs
            .iter()
            .filter_map(|output| output.resize.clone())
            .collect(),
        metadata: if image.keep_tags {
            Metadata::Keep
        } else {
            Metadata::Strip
        },
        limits: Limits {
            pixels: app.config.max_pixels,
            time: app.config.image_time,
            ..Limits::default()
        },
        ..Recipe::default()
    }
}

/// Stores the outputs; where nothing smaller was found, the source's own bytes.
async fn store(
    app: &App,
    image: &Image,
    source: Bytes,
    encoded: Encoded,
) -> object_store::Result<Vec<FinishedOutput>> {
    let full = encoded.bytes.map_or(source, Bytes::from);
    let mut results = vec![(encoded.width, encoded.height, full)];
    for derivative in encoded.derivatives {
        results.push((
            derivative.width,
            derivative.height,
            Bytes::from(derivative.bytes),
        ));
    }
    let mut outputs = Vec::new();
    for (output, (width, height, bytes)) in image.outputs.iter().zip(results) {
        outputs.push(FinishedOutput {
            width,
            height,
            bytes: bytes.len() as u64,
            etag: etag(&bytes),
        });
        app.files.put(&output.file_key, bytes).await?;
    }
    Ok(outputs)
}

fn failed(app: &App, code: ErrorCode) -> Finished {
    let error = match code {
        ErrorCode::TimedOut => "timeout",
        _ => "cant_compress",
    };
    Finished {
        outputs: Vec::new(),
        error: Some(error.into()),
        lifetime: lifetime(app),
    }
}

fn lifetime(app: &App) -> i64 {
    i64::try_from(app.config.link_lifetime.as_millis()).unwrap_or(i64::MAX)
}

fn finish(app: &App, image: &Image, finished: Finished, error: Option<ErrorCode>) {
    let announce = &|announced: whittle_store::server::Announced| present::event(app, announced);
    match app.records_here().finish(image.id, &finished, announce) {
        Ok(true) => app.metrics.finished(error.is_none()),
        // Deleted meanwhile: the sweep removes what was stored for it.
        Ok(false) => {}
        Err(error) => tracing::error!(image = image.id, "a result cannot be noted: {error}"),
    }
    app.end(image, Some(error));
}

/// The store of files is away: the image waits for its turn again.
fn put_back(app: &App, image: &Image, error: &object_store::Error) {
    tracing::error!(image = image.id, "files cannot be read or written: {error}");
    std::thread::sleep(NAP);
    if let Err(error) = app.records_here().unclaim(image.id) {
        tracing::error!("an image cannot be put back: {error}");
    }
    app.end(image, None);
}

/// How much memory the images that are worked on at once may take together.
struct Memory {
    budget: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

struct Reserved<'a>(&'a Memory, u64);

impl Memory {
    /// Half of the machine's, and at least 1 GiB.
    fn of_this_machine() -> Memory {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = text.lines().find_map(|line| {
            let kib = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
            kib.trim().parse::<u64>().ok()
        });
        Memory {
            budget: total.map_or(1 << 30, |kib| (kib * 512).max(1 << 30)),
            used: Mutex::new(0),
            freed: Condvar::new(),
        }
    }

    /// Waits until this much is free; what is larger than all of it waits until it is alone.
    fn reserve(&self, bytes: u64) -> Reserved<'_> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while *used > 0 && used.saturating_add(bytes) > self.budget {
            used = self
                .freed
                .wait(used)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *used = used.saturating_add(bytes);
        Reserved(self, bytes)
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(self.1);
        self.0.freed.notify_all();
    }
}
