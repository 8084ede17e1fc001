//! `cargo xtask scale`: how the real window does with much to do.

use anyhow::Result;

use crate::project::{cargo, command, succeed, target};
use crate::run;
use crate::steps::Steps;
use crate::system::Purpose;

/// Measures, and prints the figures.
pub fn run(release: bool) -> Result<()> {
    let mut steps = Steps::default();
    run::set_up(&mut steps, Purpose::Test)?;
    let profile = if release { "release" } else { "debug" };
    steps.step("Build the app", || {
        let mut build = cargo();
        build.args(["build", "--workspace", "--bins", "--examples"]);
        succeed(build.args(release.then_some("--release")))
    })?;
    let measure = target().join(profile).join("scale");
    steps.step("Measure", || succeed(&mut command(measure)))
}
