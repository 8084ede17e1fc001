//! `whittle optimize`

mod line;
mod settings;
mod stdin;
mod summary;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use indicatif::{ProgressBar, ProgressStyle};
use whittle_core::{Event, Outcome, Report};
use whittle_jobs::{Queue, Store};

use crate::args::OptimizeArgs;
use crate::failure::Failure;
use crate::print::Out;
use line::Line;
use settings::{Input, Settings};
pub(crate) use stdin::on_a_deep_stack;

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: OptimizeArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let settings = Settings::resolve(args)?;
    match settings.input {
        Input::Stdin => stdin::run(&settings, out),
        Input::Paths(_) => paths(settings, out),
    }
}

fn paths(settings: Settings, out: &mut Out) -> Result<ExitCode, Failure> {
    let Input::Paths(paths) = settings.input else {
        return Ok(ExitCode::SUCCESS);
    };
    let store = match settings.history {
        true => Some(Arc::new(Store::open(whittle_jobs::data_dir()?)?)),
        false => None,
    };
    // Printing may wait for a slow reader; workers must not.
    let (sender, events) = mpsc::channel();
    let sink = move |event| drop(sender.send(event));
    let queue = Arc::new(Queue::start(store, settings.threads, Arc::new(sink)));
    let cancelled = cancel_on_ctrl_c(&queue)?;
    let batch = queue.add(paths, settings.plan.clone());

    let bar = progress_bar();
    let mut reports: Vec<Report> = Vec::new();
    for event in events {
        match event {
            Event::Queued { jobs } => bar.inc_length(jobs.len() as u64),
            Event::Finished { report, .. } => {
                bar.inc(1);
                if settings.json {
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
                if !settings.json {
                    bar.suspend(|| eprintln!("{count} passed over: {reason}"));
                }
            }
            Event::BatchFinished { batch: finished } if finished == batch => break,
            _ => {}
        }
    }
    bar.finish_and_clear();
    if !settings.json {
        reports.sort_by(|a, b| a.path.cmp(&b.path));
        summary::print(&reports, settings.plan.dry_run, out);
    }
    Ok(exit_code(&reports, cancelled.load(Ordering::SeqCst)))
}

fn exit_code(reports: &[Report], cancelled: bool) -> ExitCode {
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
