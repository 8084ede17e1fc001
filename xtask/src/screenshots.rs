//! `cargo xtask screenshots`: pictures of every state of the real window.

use anyhow::Result;

use crate::project::{cargo, succeed};
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
    steps.step("Screenshots", || {
        succeed(cargo().args(["run", "--quiet", "--workspace", "--example", "screenshots"]))
    })
}
