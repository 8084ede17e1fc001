//! `whittle revert`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use whittle_core::BatchId;
use whittle_jobs::{Edited, RevertError, Store, recorded_path, revert, revert_all};

use crate::args::RevertArgs;
use crate::failure::Failure;
use crate::optimize;
use crate::print::Out;

pub(crate) fn run(args: &RevertArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = optimize::open_store()?;
    let edited = match args.force {
        true => Edited::Overwrite,
        false => Edited::Refuse,
    };
    let outcomes: Outcomes = if args.all || args.batch.is_some() {
        let batch = args.batch.clone().map(BatchId);
        let all = revert_all(&store, batch.as_ref(), edited)?;
        all.into_iter().map(|(_, outcome)| outcome).collect()
    } else {
        let of_each = args.paths.iter().map(|path| put_back(&store, path, edited));
        of_each
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect()
    };
    if outcomes.is_empty() {
        eprintln!("error: {}", RevertError::NothingReplaced);
        return Ok(ExitCode::FAILURE);
    }
    let mut code = ExitCode::SUCCESS;
    for outcome in outcomes {
        match outcome {
            Ok(path) => out.line(&format!("{}: the original is back.", path.display())),
            Err(error) => {
                let choice = match error {
                    RevertError::Edited { .. } => {
                        " --force does that, and keeps the change among the backups."
                    }
                    _ => "",
                };
                eprintln!("error: {error}{choice}");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

type Outcomes = Vec<Result<PathBuf, RevertError>>;

fn put_back(store: &Store, path: &Path, edited: Edited) -> Result<Outcomes, RevertError> {
    if path.is_dir() {
        return below(store, path, edited);
    }
    // A file that was deleted since cannot be resolved, but its folder can.
    for behind_links in [true, false] {
        if let Some(history) = store.revertible(&recorded_path(path, behind_links))? {
            return Ok(vec![revert(store, history, edited)]);
        }
    }
    Ok(vec![Err(RevertError::File {
        message: format!("{}: {}", path.display(), RevertError::NothingReplaced),
    })])
}

/// Everything that was replaced in a folder, the newest replacements first.
fn below(store: &Store, folder: &Path, edited: Edited) -> Result<Outcomes, RevertError> {
    let folder = recorded_path(folder, true);
    let mut outcomes = Vec::new();
    for history in store.all_revertible(None)? {
        if store
            .replaced(history)?
            .is_some_and(|replaced| replaced.path.starts_with(&folder))
        {
            outcomes.push(revert(store, history, edited));
        }
    }
    Ok(outcomes)
}
