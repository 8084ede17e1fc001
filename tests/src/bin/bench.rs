//! The driver of `cargo xtask bench`, which builds it and says how to call it.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use whittle_tests::bench::{self, Options};

fn main() -> Result<ExitCode> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some(code) = bench::measure(&args)? {
        return Ok(code);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    bench::run(&Options::parse(args, &root)?)?;
    Ok(ExitCode::SUCCESS)
}
