//! `whittle revert`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use whittle_jobs::{RevertError, Store, data_dir, recorded_path, revert};

use crate::args::RevertArgs;
use crate::failure::Failure;
use crate::print::Out;

pub(crate) fn run(args: &RevertArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = Store::open(data_dir()?)?;
    let mut code = ExitCode::SUCCESS;
    for path in &args.paths {
        match put_back(&store, path) {
            Ok(path) => out.line(&format!("{}: the original is back.", path.display())),
            Err(error) => {
                eprintln!("error: {}: {error}", path.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn put_back(store: &Store, path: &Path) -> Result<PathBuf, RevertError> {
    // A file that was deleted since cannot be resolved, but its folder can.
    for behind_links in [true, false] {
        if let Some(history) = store.revertible(&recorded_path(path, behind_links))? {
            return revert(store, history);
        }
    }
    Err(RevertError::NothingReplaced)
}
