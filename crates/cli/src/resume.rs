//! `whittle resume`

use std::process::ExitCode;

use crate::args::ResumeArgs;
use crate::failure::Failure;
use crate::optimize;
use crate::print::Out;

pub(crate) fn run(args: &ResumeArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = std::sync::Arc::new(whittle_jobs::Store::open(whittle_jobs::data_dir()?)?);
    let left_over = whittle_jobs::start(&store).left_over;
    if args.forget {
        for left in &left_over {
            store.take_left_over(&left.batch)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let run = optimize::work(Some(store), 0, args.json, out, |queue| {
        let mut batches = Vec::new();
        for left in &left_over {
            batches.extend(queue.resume(left)?);
        }
        Ok(batches)
    })?;
    if !args.json {
        optimize::print_summary(&run.reports, false, out);
    }
    Ok(optimize::exit_code(&run.reports, run.cancelled))
}
