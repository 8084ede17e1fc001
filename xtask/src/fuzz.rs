//! `cargo xtask fuzz`: libFuzzer on the targets of `fuzz/`, without cargo-fuzz and a nightly compiler.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::project::{cargo, command, output, root, succeed, works};

const HELP: &str = "\
Usage: cargo xtask fuzz [--minutes N] [TARGET…]

Builds the targets of fuzz/ with address sanitizer and coverage, and runs them one after the other, N
minutes each [default: 20]. What is found is kept in fuzz/artifacts/TARGET; once it is mended, the file
belongs into tests/findings/TARGET.
";

/// What a single input may take: seconds, and MiB of memory.
const TIMEOUT: u32 = 25;
const MEMORY: u32 = 2048;

/// What cargo-fuzz sets as well: coverage for libFuzzer, and the sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address --cfg fuzzing";

/// Builds, runs, and prints executions and findings of each target.
pub fn run(args: Vec<OsString>) -> Result<()> {
    let (minutes, mut targets) = match parsed(args)? {
        Some(parsed) => parsed,
        None => {
            print!("{HELP}");
            return Ok(());
        }
    };
    let all = names()?;
    if targets.is_empty() {
        targets.clone_from(&all);
    }
    if let Some(unknown) = targets.iter().find(|target| !all.contains(target)) {
        bail!("there is no target {unknown}; there are {}", all.join(", "));
    }
    let triple = triple()?;
    succeed(build(&triple).args(["--bins"]))?;
    let programs = root().join("fuzz/target").join(&triple).join("release");
    let corpus = root().join("../shared/corpus");
    succeed(command(programs.join("seeds")).args(corpus.is_dir().then_some(corpus)))?;
    let mut findings = 0;
    let mut lines = Vec::new();
    for target in &targets {
        let (executions, found) = fuzz(&programs.join(target), target, minutes)?;
        lines.push(format!(
            "{target:14} {executions:>10} executions, {found} findings"
        ));
        findings += found;
    }
    println!("{}", lines.join("\n"));
    ensure!(findings == 0, "{findings} findings in fuzz/artifacts");
    Ok(())
}

fn parsed(args: Vec<OsString>) -> Result<Option<(u64, Vec<String>)>> {
    let mut args = args.into_iter();
    let (mut minutes, mut targets) = (20, Vec::new());
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--help" | "-h") => return Ok(None),
            Some("--minutes") => {
                let number = args.next();
                let number = number
                    .as_ref()
                    .and_then(|number| number.to_str()?.parse().ok());
                minutes = number.context("--minutes takes a number")?;
                // For libFuzzer, no time is for ever.
                ensure!(minutes > 0, "--minutes is 1 or more");
            }
            Some(target) if !target.starts_with('-') => targets.push(target.to_owned()),
            _ => bail!("{} is not understood\n{HELP}", arg.display()),
        }
    }
    Ok(Some((minutes, targets)))
}

fn names() -> Result<Vec<String>> {
    let files = fs::read_dir(root().join("fuzz/fuzz_targets"))?;
    let mut names = files
        .map(|file| {
            let name = PathBuf::from(file?.file_name());
            Ok(name.with_extension("").to_string_lossy().into_owned())
        })
        .collect::<Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

fn triple() -> Result<String> {
    let told = output(command("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

fn build(triple: &str) -> Command {
    let mut build = cargo();
    build
        .current_dir(root().join("fuzz"))
        // Sanitizers are not stable, though stable compilers bring them along.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .args(["build", "--release", "--target", triple]);
    // The C code is looked into as well where there is a compiler for that.
    let clang = ["clang", "clang-19", "clang-16", "clang-14"];
    match clang.into_iter().find(|name| works(name, &["--version"])) {
        Some(clang) => {
            let triple = triple.replace('-', "_");
            build.env(format!("CC_{triple}"), clang).env(
                format!("CFLAGS_{triple}"),
                "-fsanitize=address -fsanitize=fuzzer-no-link",
            );
        }
        None => eprintln!("without clang, C code is built without the sanitizer"),
    }
    build
}

/// Runs one target; answers its executions and how many inputs it found.
fn fuzz(program: &Path, target: &str, minutes: u64) -> Result<(u64, usize)> {
    let folder = root().join("fuzz");
    let (corpus, artifacts) = (
        folder.join("corpus").join(target),
        folder.join("artifacts").join(target),
    );
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut prefix = artifacts.clone().into_os_string();
    prefix.push(std::path::MAIN_SEPARATOR_STR);
    let mut artifact_prefix = OsString::from("-artifact_prefix=");
    artifact_prefix.push(prefix);
    let mut child = command(program)
        .arg(format!("-max_total_time={}", minutes * 60))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-report_slow_units={TIMEOUT}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .args(["-max_len=20000", "-print_final_stats=1"])
        .arg(artifact_prefix)
        .arg(&corpus)
        .stderr(Stdio::piped())
        .spawn()?;
    let told = child.stderr.take().context("stderr is piped")?;
    let mut executions = 0;
    for line in BufReader::new(told).lines() {
        let line = line?;
        let count = line.strip_prefix("stat::number_of_executed_units:");
        if let Some(count) = count.and_then(|count| count.trim().parse().ok()) {
            executions = count;
        }
        eprintln!("{line}");
    }
    child.wait()?;
    Ok((executions, fs::read_dir(&artifacts)?.count()))
}
