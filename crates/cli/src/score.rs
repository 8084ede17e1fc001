//! `whittle score`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use whittle_core::{Cancel, Limits};

use crate::args::ScoreArgs;
use crate::failure::Failure;
use crate::optimize::on_a_deep_stack;
use crate::print::Out;

pub(crate) fn run(args: ScoreArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let original = read(&args.original)?;
    let result = read(&args.result)?;
    let score = on_a_deep_stack(move || {
        whittle_engine::score(&original, &result, &Limits::default(), &Cancel::new())
    })??;
    if args.json {
        out.json(&serde_json::json!({ "score": score }));
    } else {
        out.line(&format!("{:.2}", score.0));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?)
}
