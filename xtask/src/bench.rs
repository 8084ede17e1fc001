//! `cargo xtask bench`: Whittle beside the optimizers that are installed, in one run.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::project::{cargo, command, succeed, target};

/// What `cargo xtask bench` takes; everything else is the driver's to refuse.
pub const HELP: &str = "\
Usage: cargo xtask bench [OPTION…]

Runs Whittle and the optimizers that are installed on every image of a folder, compares what they made,
and writes bench.tsv, goals.md and a plot for each format.

  --format F     only jpeg, png, gif or svg; may be repeated
  --quick        every third file, fewer settings, fewer frames
  --no-stress    without the batch and the picture of 24 megapixels
  --corpus DIR   the images [default: ../shared/corpus]
  --peers DIR    where caesiumclt, oxipng, pngquant, gifsicle and svgo are looked for first: in the folder
                 itself, in bin and in node_modules/.bin
  --out DIR      where the results go [default: target/bench]
  --dev          with the dev profile, where codecs are optimized as well, instead of a release build
";

/// Builds command line and driver, and runs the driver.
pub fn run(args: Vec<OsString>) -> Result<()> {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{HELP}");
        return Ok(());
    }
    let (dev, args): (Vec<OsString>, Vec<OsString>) =
        args.into_iter().partition(|arg| arg == "--dev");
    if dev.len() > 1 {
        bail!("--dev is given twice");
    }
    let dev = !dev.is_empty();
    let mut build = cargo();
    build.args(["build", "-p", "whittle", "-p", "whittle-tests", "--bins"]);
    if !dev {
        build.arg("--release");
    }
    succeed(&mut build)?;
    let profile = target().join(if dev { "debug" } else { "release" });
    let binary =
        |name: &str| -> PathBuf { profile.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)) };
    let mut driver = command(binary("bench"));
    driver.arg("--whittle").arg(binary("whittle")).args(args);
    succeed(&mut driver)
}
