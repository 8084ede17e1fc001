//! `cargo xtask torture`: the long form of the tests that kill, fail and fill up.

use std::ffi::OsString;

use anyhow::{Context, Result, bail};

use crate::project::{cargo, succeed};
use crate::run as prepare;
use crate::steps::Steps;
use crate::system::Purpose;

/// Kills in the long form, unless the caller says otherwise.
const KILLS: u64 = 1000;

/// Faults between an account's client and its server.
const FAULTS: &str = "500";

/// Runs them, and prints the figures.
pub fn run(args: &[OsString]) -> Result<()> {
    let kills = match args {
        [] => KILLS,
        [option, number] if option == "--kills" => number
            .to_str()
            .and_then(|number| number.parse().ok())
            .context("--kills takes a number")?,
        _ => bail!("usage: cargo xtask torture [--kills N]"),
    };
    let mut steps = Steps::default();
    // The window's program is killed, too.
    prepare::set_up(&mut steps, Purpose::Test)?;
    steps.step("Build", || {
        succeed(cargo().args(["build", "--workspace", "--all-targets"]))
    })?;
    let mut test = |name, args: &[&str]| {
        steps.step(name, || {
            let mut command = cargo();
            command.env("WHITTLE_TORTURE", kills.to_string());
            command.env("WHITTLE_ACCOUNT_FAULTS", FAULTS);
            // The same selection as in `cargo xtask test`: nothing is built twice.
            command.args(["test", "--workspace"]).args(args);
            succeed(command.args(["--nocapture"]))
        })
    };
    test("Kills, faults and full disks", &["--test", "torture", "--"])?;
    test("Storms in watched folders", &["--test", "storm", "--"])?;
    test("Rules of watched folders", &["--lib", "--", "tests::watch"])?;
    test(
        "An account behind a network that fails",
        &["--test", "account", "--", "faults"],
    )?;
    test("Hostile files", &["--test", "hostile", "--"])?;
    steps.summary();
    Ok(())
}
