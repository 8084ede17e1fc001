//! `whittle optimize`

mod fetched;
mod line;
mod settings;
mod stdin;
mod summary;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use whittle_core::{BatchId, Event, Outcome, Report, Via};
use whittle_jobs::{Queue, Recovery, Store};

use crate::account;
use crate::args::OptimizeArgs;
use crate::failure::Failure;
use crate::print::Out;
pub(crate) use line::Line;
use settings::{Input, Settings};
pub(crate) use settings::{no_urls, plan};
pub(crate) use stdin::on_a_deep_stack;
pub(crate) use summary::print as print_summary;

/// What a shell expects of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// A command waits so long for an account's server that cannot be reached; the image then stays in the
/// outbox, and the same command goes on with it.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(args: OptimizeArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let settings = Settings::resolve(args)?;
    match settings.input {
        Input::Stdin => stdin::run(&settings, out),
        Input::Named { .. } => named(settings, out),
    }
}

fn named(settings: Settings, out: &mut Out) -> Result<ExitCode, Failure> {
    let Input::Named { paths, addresses } = settings.input else {
        return Ok(ExitCode::SUCCESS);
    };
    let fetched = fetched::fetched(&addresses, &settings.plan)?;
    let store = match settings.history {
        true => Some(open_store()?),
        false => {
            // Without the database too, what was half done is finished or undone.
            if let Ok(data_dir) = whittle_jobs::data_dir() {
                tell(whittle_jobs::recover_unrecorded(&data_dir));
            }
            None
        }
    };
    if let Some(store) = &store {
        account::connected(store, settings.plan.via)?;
        if let Via::Account { or_here, .. } = settings.plan.via {
            let bytes = whittle_jobs::bytes_of(&paths, &settings.plan)
                + whittle_jobs::bytes_of(&fetched.files, &fetched.plan);
            account::forecast(store, bytes, or_here, settings.json);
        }
    }
    let dry_run = settings.plan.dry_run;
    if settings.json {
        for report in &fetched.failed {
            out.json(&Line::from(report));
        }
    }
    let mut run = work(store, settings.threads, settings.json, out, |queue| {
        let batches = [(paths, settings.plan), (fetched.files, fetched.plan)];
        let some = batches.into_iter().filter(|(files, _)| !files.is_empty());
        Ok(some.map(|(files, plan)| queue.add(files, plan)).collect())
    })?;
    run.reports.extend(fetched.failed);
    if !settings.json {
        summary::print(&run.reports, dry_run, out);
    }
    Ok(exit_code(&run.reports, run.cancelled))
}

/// The store, with what an interrupted run left in order.
pub(crate) fn open_store() -> Result<Arc<Store>, Failure> {
    let store = Arc::new(Store::open(whittle_jobs::data_dir()?)?);
    let start = whittle_jobs::start(&store);
    tell(start.recovery);
    let waiting: usize = start.left_over.iter().map(|left| left.images.len()).sum();
    if waiting > 0 {
        eprintln!(
            "An earlier run did not get to {waiting} images: `whittle resume` goes on with them, `whittle resume --forget` forgets them."
        );
    }
    Ok(store)
}

fn tell(recovery: Recovery) {
    let (finished, undone) = (recovery.finished, recovery.undone);
    if finished + undone > 0 {
        eprintln!(
            "An earlier run was interrupted: {finished} half-done replacements were finished, {undone} undone. No original was lost."
        );
    }
}

/// What became of what was queued.
pub(crate) struct Run {
    /// By path.
    pub reports: Vec<Report>,
    pub cancelled: bool,
}

/// Works on what `add` queues until the last of its batches has ended, and prints a line of JSON
/// for each image, or shows a progress bar.
pub(crate) fn work(
    store: Option<Arc<Store>>,
    threads: usize,
    json: bool,
    out: &mut Out,
    add: impl FnOnce(&Queue) -> Result<Vec<BatchId>, Failure>,
) -> Result<Run, Failure> {
    // Printing may wait for a slow reader; workers must not.
    let (sender, events) = mpsc::channel();
    let sink = move |event| drop(sender.send(event));
    let queue = Arc::new(Queue::start(store, threads, Arc::new(sink)));
    if let Some(accounts) = queue.accounts() {
        accounts.give_up_after(PATIENCE);
    }
    let cancelled = cancel_on_ctrl_c(&queue)?;
    let mut open = add(&queue)?;

    let bar = progress_bar();
    let mut reports: Vec<Report> = Vec::new();
    while !open.is_empty() {
        let Ok(event) = events.recv() else { break };
        match event {
            Event::Queued { jobs } => bar.inc_length(jobs.len() as u64),
            Event::Finished { report, .. } => {
                bar.inc(1);
                if json {
                    bar.suspend(|| out.json(&Line::from(&*report)));
                }
                reports.push(*report);
            }
            Event::Passed {
                count,
                paths,
                reason,
                ..
            } => {
                tracing::info!("{count} passed over: {reason} {paths:?}");
                if !json {
                    bar.suspend(|| eprintln!("{count} passed over: {reason}"));
                }
            }
            Event::BatchFinished { batch } => open.retain(|open| *open != batch),
            _ => {}
        }
    }
    bar.finish_and_clear();
    reports.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Run {
        reports,
        cancelled: cancelled.load(Ordering::SeqCst),
    })
}

pub(crate) fn exit_code(reports: &[Report], cancelled: bool) -> ExitCode {
    if cancelled {
        ExitCode::from(INTERRUPTED)
    } else if reports
        .iter()
        .any(|report| report.outcome == Outcome::Failed)
    {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The first Ctrl-C lets what runs end in order; the second doesn't wait for it.
fn cancel_on_ctrl_c(queue: &Arc<Queue>) -> Result<Arc<AtomicBool>, Failure> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (flag, queue) = (Arc::clone(&cancelled), Arc::downgrade(queue));
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        if let Some(queue) = queue.upgrade() {
            queue.cancel_all();
        }
    })?;
    Ok(cancelled)
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} images · {elapsed} · {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}
