//! `whittle check`: everything but writing, for whoever wants to know whether it would be worth it.

use std::process::ExitCode;

use whittle_core::{Outcome, Output};
use whittle_jobs::Plan;

use crate::args::{CheckArgs, OutputArgs, PlaceArgs};
use crate::failure::Failure;
use crate::optimize::{self, INTERRUPTED};
use crate::print::{self, Out};

pub(crate) fn run(args: CheckArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    optimize::no_urls(&args.paths)?;
    let json = args.work.json;
    let threads = args.work.threads.map_or(0, usize::from);
    let plan = Plan {
        // In place: nothing is in the way of a result that is not written.
        output: Output::InPlace,
        dry_run: true,
        record: false,
        ..optimize::plan(args.work, OutputArgs::default(), &PlaceArgs::default())?
    };
    let store = match args.no_history {
        true => None,
        // Where nothing can be kept, a build server for one, there are no own results either.
        false => optimize::open_store()
            .inspect_err(|error| eprintln!("Without the history: {error}"))
            .ok(),
    };
    let run = optimize::work(store, threads, json, out, |queue| {
        Ok(vec![queue.add(args.paths, plan)])
    })?;
    let smaller = run
        .reports
        .iter()
        .filter(|report| report.outcome == Outcome::Optimized);
    let failed = run
        .reports
        .iter()
        .filter(|report| report.outcome == Outcome::Failed);
    if !json {
        for report in smaller.clone() {
            let result = report.output_bytes.unwrap_or(report.input_bytes);
            out.line(&format!(
                "{}: {} could be {}, {} smaller",
                report.path.display(),
                print::bytes(report.input_bytes),
                print::bytes(result),
                print::saved(report.input_bytes, result)
            ));
        }
        for report in failed.clone() {
            let message = report.message.as_deref().unwrap_or_default();
            out.line(&format!("{}: {message}", report.path.display()));
        }
        out.line(&format!(
            "{} of {} images could be smaller.",
            smaller.clone().count(),
            run.reports.len()
        ));
    }
    Ok(match (run.cancelled, smaller.count() + failed.count()) {
        (true, _) => ExitCode::from(INTERRUPTED),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::FAILURE,
    })
}
