//! One image from its path to its line in the history.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use whittle_api::client::Ask;
use whittle_core::{
    Cancel, DerivativeReport, ErrorCode, Limits, Metadata, Mode, Outcome, Output, Recipe, Report,
    Score, Via,
};
use whittle_engine::{Encoded, Info};
use whittle_store::{Hash, Record, Store, WrittenAs};

use crate::account::{Accounts, ToWork, Trouble};
use crate::commit::{self, Journal, Written};
use crate::memory::{Memory, Reserved};
use crate::revert::{self, recorded_path};
use crate::source::Source;
use crate::stop::Stop;
use crate::task::Task;

/// What every image is worked on with.
pub(crate) struct Tools {
    pub store: Option<Arc<Store>>,
    pub engine: Engine,
    pub memory: Arc<Memory>,
    /// Where there is a store to keep an account in.
    pub accounts: Option<Arc<Accounts>>,
}

type Optimize = dyn Fn(&[u8], &Recipe, &Cancel) -> whittle_engine::Result<Encoded> + Send + Sync;
type Inspect = dyn Fn(&[u8], &Limits) -> whittle_engine::Result<Info> + Send + Sync;

/// The engine, or what a test of the queue puts in its place.
pub(crate) struct Engine {
    pub optimize: Box<Optimize>,
    pub inspect: Box<Inspect>,
}

impl Engine {
    pub fn real() -> Engine {
        Engine {
            optimize: Box::new(whittle_engine::optimize),
            inspect: Box::new(whittle_engine::inspect),
        }
    }
}

/// How an image ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub report: Report,
    pub history: Option<i64>,
    /// The line of the history whose replacement was to be undone first, and is not.
    pub undo: Option<i64>,
    /// Lines of the history whose replacements were undone first.
    pub put_back: Vec<i64>,
}

/// Works on one image: read → optimize → commit → record; the queue then sends what comes back.
/// `None` when the watchdog gave the image up meanwhile and has spoken for it.
pub(crate) fn run_job(task: &Task, tools: &Tools) -> Option<Ended> {
    let began = Instant::now();
    let mut facts = Facts::new(task);
    let result = catch_unwind(AssertUnwindSafe(|| work(task, tools, &mut facts)));
    match result {
        Ok(Ok(())) => {}
        Ok(Err(stop)) => facts.stopped(stop),
        Err(_) => facts.stopped(Stop::failed(
            ErrorCode::Internal,
            "Whittle crashed on this image. The original was not touched.",
        )),
    }
    if !task.fence.end() {
        return None;
    }
    facts.report.ms = began.elapsed().as_millis() as u64;
    Some(record(task, tools, facts))
}

fn work(task: &Task, tools: &Tools, facts: &mut Facts) -> Result<(), Stop> {
    put_back_first(task, tools, &mut facts.put_back)?;
    facts.undo = None;
    let source = Source::read(&task.path)?;
    facts.read(&source);
    let own = is_own_output(task, tools, &source)?;
    let targets = commit::targets(task, tools, &source)?;
    let encoded = if own && task.plan.recipe.styles.is_empty() {
        unchanged(task, tools, &source)?
    } else {
        let mut encoded = match task.plan.via {
            Via::Here => optimized(task, tools, &source)?,
            Via::Account { defaults, or_here } => {
                match by_account(task, tools, &source, defaults, facts) {
                    Err(stop) if or_here && stop.outcome != Outcome::Cancelled => {
                        facts.say(&format!("{} It was optimized here.", stop.message));
                        optimized(task, tools, &source)?
                    }
                    encoded => encoded?,
                }
            }
        };
        if own {
            encoded.bytes = None;
        }
        encoded
    };
    let files = commit::planned(task, &source, &targets, &encoded);
    let mut done = facts.clone();
    done.finished(task, &source, &encoded, files.written(task, &source), own);
    let mut journal = match history(task, tools) {
        _ if !done.writes() => None,
        Some(store) => {
            Some(done.with_record(task, |record| Journal::begin(store, record, &files))?)
        }
        None => without_history(task, &source, &files)?,
    };
    let doubt = commit::commit(task, tools, &source, &files, journal.as_mut())?;
    done.commit = journal.and_then(Journal::keep);
    if let Some(doubt) = doubt {
        tracing::warn!("{}: {doubt}", task.path.display());
        done.say(&doubt);
    }
    *facts = done;
    Ok(())
}

/// The store, if this run leaves a trace.
fn history<'a>(task: &Task, tools: &'a Tools) -> Option<&'a Store> {
    tools
        .store
        .as_deref()
        .filter(|_| task.plan.record && !task.plan.dry_run)
}

/// The journal of a run that leaves no trace. New files may be written without one, where nothing can be
/// kept: a kill then leaves a temporary file at worst.
fn without_history(
    task: &Task,
    source: &Source,
    files: &commit::Files,
) -> Result<Option<Journal<'static>>, Stop> {
    match Journal::begin_unrecorded(&source.hash, files) {
        Err(stop) if task.plan.output != Output::InPlace => {
            tracing::info!("{}: {}", task.path.display(), stop.message);
            Ok(None)
        }
        begun => begun.map(Some),
    }
}

/// An image that was replaced is worked on from its original, however often that was.
fn put_back_first(task: &Task, tools: &Tools, put_back: &mut Vec<i64>) -> Result<(), Stop> {
    let Some(store) = &tools.store else {
        return Ok(());
    };
    let mut line = task.undo;
    while let Some(history) = line {
        line = match revert::revert(store, history, revert::Edited::Refuse) {
            Ok(path) => {
                put_back.push(history);
                // What came back may itself be what an earlier run made.
                store.revertible(&path)?
            }
            Err(revert::RevertError::AlreadyReverted) => None,
            // What somebody edited between two runs is an original of its own.
            Err(revert::RevertError::Edited { .. }) if !put_back.is_empty() => None,
            Err(error) => return Err(Stop::failed(ErrorCode::ChangedMeanwhile, error.to_string())),
        };
    }
    Ok(())
}

/// Whether this file is a result of ours that another pass would not do any good: lossy results
/// stay as they are, and lossless ones cannot become smaller without loss.
fn is_own_output(task: &Task, tools: &Tools, source: &Source) -> Result<bool, Stop> {
    let Some(store) = &tools.store else {
        return Ok(false);
    };
    Ok(match store.own_output(&source.hash)? {
        Some(WrittenAs::Lossy) => true,
        Some(WrittenAs::Lossless) => task.plan.recipe.mode == Mode::Lossless,
        Some(WrittenAs::Copy) | None => false,
    })
}

/// The engine's work, once there is memory for it.
fn optimized(task: &Task, tools: &Tools, source: &Source) -> Result<Encoded, Stop> {
    let _reserved = with_memory(task, tools, source)?;
    Ok((tools.engine.optimize)(
        &source.bytes,
        &task.plan.recipe,
        &task.cancel,
    )?)
}

/// The account's work: its results are decoded and compared with the original as our own are.
fn by_account(
    task: &Task,
    tools: &Tools,
    source: &Source,
    defaults: bool,
    facts: &mut Facts,
) -> Result<Encoded, Stop> {
    let recipe = &task.plan.recipe;
    // Nothing leaves the computer that is no image, or that nobody could take back.
    (tools.engine.inspect)(&source.bytes, &recipe.limits)?;
    let accounts = tools
        .accounts
        .as_ref()
        .filter(|_| task.plan.record && !task.plan.dry_run);
    let accounts = accounts.ok_or_else(|| {
        let message = "An account works on images only where the history is kept.";
        Stop::failed(ErrorCode::NotConnected, message)
    })?;
    let name = task.path.file_name().unwrap_or_default().to_string_lossy();
    let made = accounts.work(
        &ToWork {
            name: &name,
            bytes: &source.bytes,
            hash: source.hash,
            ask: Ask {
                quality: (!defaults).then_some((recipe.mode, recipe.level)),
                styles: recipe.styles.clone(),
                strip_tags: recipe.metadata != Metadata::Keep,
                origin: task.plan.origin.name().to_owned(),
            },
        },
        &task.cancel,
    );
    let made = made.map_err(|trouble: Trouble| match trouble.code {
        ErrorCode::Cancelled => Stop::cancelled(),
        code => Stop::failed(code, trouble.message),
    })?;
    let (mode, level) = made.quality;
    let promised = Recipe {
        mode,
        level,
        ..recipe.clone()
    };
    facts.report.mode = mode;
    facts.report.level = (mode == Mode::Lossy).then_some(level);
    let _reserved = with_memory(task, tools, source)?;
    let mut encoded =
        whittle_engine::accepted(&source.bytes, made.foreign, &promised, &task.cancel)?;
    encoded.notes.push("by the account".into());
    Ok(encoded)
}

/// Waits until there is memory for the engine's work; from then on the time limit runs.
fn with_memory<'a>(
    task: &'a Task,
    tools: &Tools,
    source: &Source,
) -> Result<Reservation<'a>, Stop> {
    let limits = &task.plan.recipe.limits;
    // What cannot be inspected fails soon; `optimize` says why.
    let peak = (tools.engine.inspect)(&source.bytes, limits)
        .map_or(0, |info| info.peak_memory)
        .saturating_add(source.bytes.len() as u64);
    let reserved = tools
        .memory
        .reserve(peak, || task.cancel.check().is_err())
        .ok_or_else(Stop::cancelled)?;
    // In the task, so that the watchdog can give it back for a worker that does not return.
    let reservation = Reservation::hold(task, reserved);
    let _ = task.working_since.set(Instant::now());
    Ok(reservation)
}

/// Gives a task's memory back at the end of the engine's work, however that ends.
struct Reservation<'a>(&'a Task);

impl Reservation<'_> {
    fn hold(task: &Task, reserved: Reserved) -> Reservation<'_> {
        *lock(&task.reserved) = Some(reserved);
        Reservation(task)
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        drop(lock(&self.0.reserved).take());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of an image without working on it.
fn unchanged(task: &Task, tools: &Tools, source: &Source) -> Result<Encoded, Stop> {
    let info = (tools.engine.inspect)(&source.bytes, &task.plan.recipe.limits)?;
    Ok(Encoded {
        format: info.format,
        bytes: None,
        score: Score::IDENTICAL,
        width: info.width,
        height: info.height,
        // Unknown: nobody looked.
        frames: 0,
        removed: Vec::new(),
        notes: Vec::new(),
        tried: Vec::new(),
        derivatives: Vec::new(),
    })
}

/// What is known of an image so far, and what it came to.
#[derive(Clone)]
pub(crate) struct Facts {
    pub report: Report,
    content: Option<Hash>,
    backup: Option<Hash>,
    output: Option<Hash>,
    derivatives: Vec<Hash>,
    commit: Option<i64>,
    /// The line of the history whose replacement is still to be undone.
    undo: Option<i64>,
    put_back: Vec<i64>,
}

impl Facts {
    pub fn new(task: &Task) -> Facts {
        Facts {
            report: Report::blank(&task.path, &task.plan.recipe),
            content: None,
            backup: None,
            output: None,
            derivatives: Vec::new(),
            commit: None,
            undo: task.undo,
            put_back: Vec::new(),
        }
    }

    /// How an image ended that nobody began to work on.
    pub fn without_history(self) -> Ended {
        Ended {
            report: self.report,
            history: None,
            undo: self.undo,
            put_back: self.put_back,
        }
    }

    fn read(&mut self, source: &Source) {
        self.report.input_bytes = source.bytes.len() as u64;
        self.report.format = whittle_engine::detect(&source.bytes);
        self.content = Some(source.hash);
    }

    /// Whether a file is to be written.
    fn writes(&self) -> bool {
        self.output.is_some() || !self.derivatives.is_empty()
    }

    /// Adds a sentence.
    fn say(&mut self, sentence: &str) {
        let message = self.report.message.get_or_insert_default();
        *message = format!("{message} {sentence}").trim_start().to_owned();
    }

    /// The facts as the history takes them.
    fn with_record<T>(&self, task: &Task, take: impl FnOnce(&Record) -> T) -> T {
        let report = absolute(&self.report);
        take(&Record {
            origin: task.plan.origin,
            batch: &task.batch.id,
            path: &recorded_path(&task.path, task.plan.output == Output::InPlace),
            report: &report,
            content: self.content,
            backup: self.backup,
            output: self.output,
            derivatives: &self.derivatives,
            commit: self.commit,
            queued: task.queued,
        })
    }

    pub fn stopped(&mut self, stop: Stop) {
        self.report.outcome = stop.outcome;
        self.report.code = Some(stop.code);
        self.report.message = Some(stop.message);
    }

    fn finished(
        &mut self,
        task: &Task,
        source: &Source,
        encoded: &Encoded,
        written: Written,
        own: bool,
    ) {
        let smaller = commit::smaller(encoded, source, &task.plan).map(<[u8]>::len);
        let too_little = smaller.is_none()
            && encoded
                .bytes
                .as_ref()
                .is_some_and(|bytes| bytes.len() < source.bytes.len());
        let report = &mut self.report;
        report.outcome = match smaller {
            Some(_) => Outcome::Optimized,
            None => Outcome::AlreadyOptimal,
        };
        if own {
            report.code = Some(ErrorCode::OwnOutput);
            report.message = Some("This is a result of Whittle already.".into());
        } else if too_little {
            report.message = Some(format!(
                "It would become smaller by less than {} %, so it was left as it is.",
                task.plan.min_saving
            ));
        } else if smaller.is_none() && written.output.is_some() {
            report.message = Some("Nothing smaller was found, so the original was copied.".into());
        }
        report.output = written.output;
        report.output_bytes = Some(smaller.unwrap_or(source.bytes.len()) as u64);
        report.format = Some(encoded.format);
        report.score = Some(match smaller {
            Some(_) => encoded.score,
            None => Score::IDENTICAL,
        });
        report.width = Some(encoded.width);
        report.height = Some(encoded.height);
        report.frames = Some(encoded.frames).filter(|frames| *frames > 0);
        report.notes = encoded.notes.clone();
        report.tried = encoded.tried.clone();
        if smaller.is_some() {
            report.removed = encoded.removed.clone();
        }
        let paths = written
            .derivatives
            .iter()
            .map(|(path, _)| Some(path.clone()));
        report.derivatives = encoded
            .derivatives
            .iter()
            // Nothing was written in a dry run.
            .zip(paths.chain(std::iter::repeat(None)))
            .map(|(derivative, output)| DerivativeReport {
                style: derivative.style.clone(),
                strategy: derivative.strategy,
                width: derivative.width,
                height: derivative.height,
                output,
                bytes: derivative.bytes.len() as u64,
                score: Some(derivative.score),
            })
            .collect();
        debug_assert!(report.output.is_none() || !task.plan.dry_run);
        self.backup = written.backup;
        self.output = written.output_hash;
        self.derivatives = written
            .derivatives
            .into_iter()
            .map(|(_, hash)| hash)
            .collect();
    }
}

/// Adds the line to the history, unless this run leaves no trace.
pub(crate) fn record(task: &Task, tools: &Tools, mut facts: Facts) -> Ended {
    let recorded =
        history(task, tools).map(|store| facts.with_record(task, |record| store.record(record)));
    let history = match recorded {
        Some(Ok(id)) => Some(id),
        Some(Err(error)) => {
            tracing::error!("{}: {error}", task.path.display());
            // The file is done; what is missing is the memory of it.
            facts.say(&match facts.commit {
                Some(_) => format!("It will be in the history after the next start: {error}"),
                None => format!("It is missing in the history: {error}"),
            });
            None
        }
        None => None,
    };
    Ended {
        report: facts.report,
        history,
        undo: facts.undo,
        put_back: facts.put_back,
    }
}

/// A report whose paths hold from anywhere.
fn absolute(report: &Report) -> Report {
    let full = |path: &PathBuf| recorded_path(path, false);
    let mut report = report.clone();
    report.output = report.output.as_ref().map(full);
    for derivative in &mut report.derivatives {
        derivative.output = derivative.output.as_ref().map(full);
    }
    report
}
