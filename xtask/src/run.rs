//! `cargo xtask run`: from a fresh clone to the open window.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{cargo, desktop_binary, succeed};
use crate::steps::Steps;
use crate::system::{self, Purpose};
use crate::ui;

/// Sets up, builds, and opens the window with these arguments.
pub fn run(args: Vec<OsString>) -> Result<()> {
    let mut steps = Steps::default();
    set_up(&mut steps, Purpose::Build)?;
    steps.step("Build the app", build)?;
    // In the caller's folder, so that relative paths mean what they say.
    let status = Command::new(desktop_binary())
        .args(args)
        .status()
        .context("the app could not be started")?;
    if !status.success() {
        bail!("the app ended with {status}");
    }
    Ok(())
}

/// What `run` and `test` share; does nothing the second time.
pub fn set_up(steps: &mut Steps, purpose: Purpose) -> Result<()> {
    steps.step("System packages", || system::prepare(purpose))?;
    steps.step("Packages of the UI", ui::install)?;
    steps.step("Build the UI", ui::build)
}

/// Over the whole workspace, although one binary is wanted: cargo then chooses the same features
/// of every dependency as for the tests, and nothing is built twice. Naming the examples makes cargo count
/// the features that only tests ask for.
pub fn build() -> Result<()> {
    succeed(cargo().args([
        "build",
        "--workspace",
        "--bin",
        "whittle-desktop",
        "--examples",
    ]))
}
