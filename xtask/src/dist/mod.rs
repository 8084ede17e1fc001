//! `cargo xtask dist`: a Debian package of the window and the command.

mod clean;
mod debian;

use anyhow::Result;

use crate::project::{cargo, succeed};
use crate::run;
use crate::steps::Steps;
use crate::system::Purpose;

/// Builds it in the release profile, or with `debug` from the binaries that the tests use, installs it into a
/// clean system and starts it there.
pub fn run(debug: bool) -> Result<()> {
    let mut steps = Steps::default();
    run::set_up(&mut steps, Purpose::Test)?;
    let (profile, flag) = if debug {
        ("debug", None)
    } else {
        ("release", Some("--release"))
    };
    steps.step("Build the programs", || {
        succeed(
            cargo()
                .args(["build", "--workspace", "--bins", "--examples"])
                .args(flag),
        )
    })?;
    package(&mut steps, profile)
}

/// The steps behind the build.
pub fn package(steps: &mut Steps, profile: &str) -> Result<()> {
    steps.step("Debian package", || {
        let package = debian::package(profile)?;
        println!("{}", package.display());
        clean::check(&package)
    })
}
