//! `whittle watch`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};

use whittle_core::{Event, Origin, Outcome, Report, WatchState};
use whittle_jobs::{Plan, Queue, Watched, Watcher};

use crate::account;
use crate::args::WatchArgs;
use crate::failure::Failure;
use crate::optimize::{self, Line};
use crate::print::{self, Out};

enum Told {
    Event(Event),
    Stop,
}

pub(crate) fn run(args: WatchArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let json = args.work.json;
    let threads = args.work.threads.map_or(0, usize::from);
    let plan = Plan {
        origin: Origin::Watch,
        ..optimize::plan(args.work, args.output, &args.place)?
    };
    let folders = folders(&args.folders, &plan, args.min_bytes)?;
    let store = optimize::open_store()?;
    account::connected(&store, plan.via)?;

    let (sender, told) = mpsc::channel();
    let events = sender.clone();
    let sink = move |event| drop(events.send(Told::Event(event)));
    let queue = Arc::new(Queue::start(
        Some(Arc::clone(&store)),
        threads,
        Arc::new(sink),
    ));
    ctrlc::set_handler(move || drop(sender.send(Told::Stop)))?;
    let watcher = Watcher::start(Arc::clone(&queue), store, folders, 0);
    for told in told {
        match told {
            Told::Event(Event::Finished { report, .. }) if json => out.json(&Line::from(&*report)),
            Told::Event(Event::Finished { report, .. }) => out.line(&line(&report)),
            Told::Event(Event::Watch { status }) => {
                let state = match status.state {
                    WatchState::Watching => "watching",
                    WatchState::Polling => "watching by looking through it",
                    WatchState::Missing => "missing",
                    WatchState::Paused => "paused",
                };
                let message = status.message.unwrap_or_default();
                eprintln!("{}: {state}. {message}", status.path.display());
            }
            Told::Event(_) => {}
            Told::Stop => break,
        }
    }
    // No new images; those that are worked on are cancelled, and found again at the next start.
    drop(watcher);
    drop(queue);
    Ok(ExitCode::SUCCESS)
}

fn folders(paths: &[PathBuf], plan: &Plan, min_bytes: u64) -> Result<Vec<Watched>, Failure> {
    let mut folders: Vec<Watched> = Vec::new();
    for path in paths {
        if path.exists() && !path.is_dir() {
            return Err(Failure::usage(format!(
                "{} is not a folder",
                path.display()
            )));
        }
        let path = std::path::absolute(path)?;
        if folders.iter().any(|folder| folder.path == path) {
            continue;
        }
        folders.push(Watched {
            id: folders.len() as i64,
            path,
            plan: plan.clone(),
            min_bytes,
            paused: false,
        });
    }
    Ok(folders)
}

fn line(report: &Report) -> String {
    let path = name(&report.path);
    match (report.outcome, report.output_bytes) {
        (Outcome::Optimized, Some(bytes)) => format!(
            "{path}: {} → {}, −{}",
            print::bytes(report.input_bytes),
            print::bytes(bytes),
            print::saved(report.input_bytes, bytes)
        ),
        (outcome, _) => {
            let outcome = outcome.name().replace('_', " ");
            match &report.message {
                Some(message) => format!("{path}: {outcome}: {message}"),
                None => format!("{path}: {outcome}"),
            }
        }
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
