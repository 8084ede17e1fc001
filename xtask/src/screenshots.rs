//! `cargo xtask screenshots`: pictures of every state of the real window.

use anyhow::Result;

use crate::project::{cargo, command, succeed, target};
use crate::run;
use crate::steps::Steps;
use crate::system::Purpose;

/// Draws them all.
pub fn run() -> Result<()> {
    let mut steps = Steps::default();
    run::set_up(&mut steps, Purpose::Test)?;
    steps.step("Build the app", || {
        succeed(cargo().args(["build", "--workspace", "--bins", "--examples"]))
    })?;
    // Not `cargo run`: it would choose other features of the dependencies, and build them again.
    let draw = target().join("debug").join("screenshots");
    steps.step("Screenshots", || {
        succeed(command(draw).arg(target().join("screenshots")))
    })
}
