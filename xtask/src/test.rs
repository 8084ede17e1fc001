//! `cargo xtask test`: every check and every test, cheapest first.

use anyhow::{Result, bail};

use crate::project::{cargo, command, succeed, works};
use crate::steps::Steps;
use crate::system::Purpose;
use crate::{api, dist, run, ui};

/// Stops at the first step that fails.
pub fn run() -> Result<()> {
    let mut steps = Steps::default();
    let outcome = all(&mut steps);
    steps.summary();
    if outcome.is_ok() {
        println!("cargo xtask test: all steps passed");
    }
    outcome
}

fn all(steps: &mut Steps) -> Result<()> {
    steps.step("Rust components", components)?;
    run::set_up(steps, Purpose::Test)?;
    steps.step("Rust formatting", || {
        succeed(cargo().args(["fmt", "--all", "--check"]))
    })?;
    steps.step("UI lint", || ui::script("lint"))?;
    steps.step("UI types", || ui::script("check"))?;
    steps.step("UI tests", || ui::script("test"))?;
    // The test of licences reads all crates, those of other platforms included.
    steps.step("Crates", || succeed(cargo().args(["fetch", "--locked"])))?;
    steps.step("Build", || {
        succeed(cargo().args(["build", "--workspace", "--all-targets"]))
    })?;
    steps.step("Clippy", clippy)?;
    steps.step("A published client of the API", api::install_client)?;
    steps.step("Tests", tests)?;
    steps.step("The API against its contract", || api::run(&[]))?;
    if works("dpkg-deb", &["--version"]) {
        dist::package(steps, "debug")?;
    }
    if works("cargo", &["deny", "--version"]) {
        // Advisories need the network and change by the day: CONTRIBUTING.md says when to look.
        steps.step("cargo deny", || {
            succeed(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
        })?;
    }
    Ok(())
}

/// A minimal toolchain comes without these.
fn components() -> Result<()> {
    for (name, args) in [
        ("rustfmt", ["fmt", "--version"]),
        ("clippy", ["clippy", "--version"]),
    ] {
        if works("cargo", &args) {
            continue;
        }
        if !works("rustup", &["--version"]) {
            bail!("{name} is missing: install it beside cargo");
        }
        succeed(command("rustup").args(["component", "add", name]))?;
    }
    Ok(())
}

fn clippy() -> Result<()> {
    succeed(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn tests() -> Result<()> {
    let mut tests = cargo();
    tests.env("WHITTLE_CLIENT_TESTS", "required");
    // Where `prepare` installs what the tests on the real window and the real keychain need, a missing
    // piece is a failure.
    if works("dpkg-query", &["--version"]) {
        tests.env("WHITTLE_WINDOW_TESTS", "required");
        tests.env("WHITTLE_KEYCHAIN_TESTS", "required");
    }
    succeed(tests.args(["test", "--workspace", "--no-fail-fast"]))
}
