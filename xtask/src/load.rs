//! `cargo xtask load`: the server under load, on this machine alone.

use std::ffi::OsString;

use anyhow::Result;

use crate::project::{cargo, command, succeed, target};

/// Builds the command line and its clients for release, and lets them loose on it.
pub fn run(args: Vec<OsString>) -> Result<()> {
    succeed(cargo().args([
        "build",
        "--release",
        "-p",
        "whittle",
        "-p",
        "whittle-tests",
        "--bins",
    ]))?;
    let binary = |name: &str| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        target().join("release").join(file)
    };
    succeed(command(binary("load")).arg(binary("whittle")).args(args))
}
