//! Images behind addresses: fetched into the folder where results go, and then originals like any other.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whittle_api::{fetch, without_secrets};
use whittle_core::{Cancel, ErrorCode, Origin, Output, Report};
use whittle_jobs::{FETCH_LIMIT, Plan, keep_fetched};

use crate::failure::Failure;

/// What came of the addresses.
pub(super) struct Fetched {
    pub files: Vec<PathBuf>,
    pub failed: Vec<Report>,
    /// What is to be done with the files.
    pub plan: Plan,
    /// What a dry run fetched goes again with this.
    _temporary: Option<TempDir>,
}

pub(super) fn fetched(addresses: &[String], plan: &Plan) -> Result<Fetched, Failure> {
    let temporary = plan.dry_run.then(tempfile::tempdir).transpose()?;
    let folder = match (&temporary, &plan.output) {
        (Some(temporary), _) => temporary.path(),
        (None, Output::Folder { path }) => path,
        (None, Output::Suffix { .. } | Output::InPlace) => Path::new("."),
    };
    let mut files = Vec::new();
    let mut failed = Vec::new();
    for address in addresses {
        match stored(address, plan, folder) {
            Ok(file) => files.push(file),
            Err((code, message)) => failed.push(failure(address, plan, code, message)),
        }
    }
    Ok(Fetched {
        files,
        failed,
        plan: Plan {
            origin: Origin::Url,
            // The original lies where the result goes, and is kept as a backup.
            output: match &plan.output {
                Output::Folder { .. } => Output::InPlace,
                other => other.clone(),
            },
            ..plan.clone()
        },
        _temporary: temporary,
    })
}

fn stored(address: &str, plan: &Plan, folder: &Path) -> Result<PathBuf, (ErrorCode, String)> {
    let time = plan.recipe.limits.time;
    let fetched = fetch(address, FETCH_LIMIT, time, &Cancel::new())
        .map_err(|error| (error.code(), error.to_string()))?;
    keep_fetched(folder, &fetched.name, &fetched.bytes)
        .map_err(|error| (error.code, error.to_string()))
}

fn failure(address: &str, plan: &Plan, code: ErrorCode, message: String) -> Report {
    let path = PathBuf::from(without_secrets(address));
    Report {
        code: Some(code),
        message: Some(message),
        ..Report::blank(&path, &plan.recipe)
    }
}
