//! `cargo xtask screenshots`: pictures of every state of the real window.

use anyhow::Result;

use crate::project::{cargo, command, succeed, target};
use crate::run;
use crate::steps::Steps;
use crate::system::Purpose;

/// Draws them all, or those whose names have all of these words.
pub fn run(words: Vec<std::ffi::OsString>) -> Result<()> {
    let mut steps = Steps::default();
    run::set_up(&mut steps, Purpose::Test)?;
    steps.step("Build the app", || {
        succeed(cargo().args(["build", "--workspace", "--bins", "--examples"]))
    })?;
    // Not `cargo run`: it would choose other features of the dependencies, and build them again.
    let draw = target().join("debug").join("screenshots");
    steps.step("Screenshots", || {
        succeed(command(draw).arg(target().join("screenshots")).args(words))
    })
}
