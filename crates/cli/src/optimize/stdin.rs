//! One image from standard input to standard output, without files and without history.

use std::io::Read;
use std::process::ExitCode;

use whittle_core::{Cancel, ErrorCode};

use super::settings::Settings;
use crate::failure::Failure;
use crate::print::{self, Out};

pub(super) fn run(settings: &Settings, out: &mut Out) -> Result<ExitCode, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let recipe = settings.plan.recipe.clone();
    let (bytes, result) = on_a_deep_stack(move || {
        let result = whittle_engine::optimize(&bytes, &recipe, &Cancel::new());
        (bytes, result)
    })?;
    let smaller = match result {
        Ok(encoded) => encoded.bytes.filter(|result| result.len() < bytes.len()),
        Err(error) if error.code() == ErrorCode::Unsupported => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => {
            eprintln!("failed: {error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let result = smaller.as_deref().unwrap_or(&bytes);
    if settings.plan.dry_run {
        eprintln!(
            "{} → {}. Dry run: nothing was written.",
            print::bytes(bytes.len() as u64),
            print::bytes(result.len() as u64)
        );
    } else {
        out.bytes(result);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the engine where the nesting of an untrusted file finds room.
pub(crate) fn on_a_deep_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    std::thread::Builder::new()
        .stack_size(whittle_jobs::STACK)
        .spawn(work)?
        .join()
        .map_err(|_| Failure::Other(anyhow::anyhow!("Whittle crashed on this image.")))
}
