//! Every file of the shared corpus in every mode, where the corpus stands beside the project.
//!
//! At the end it prints, for each format and mode, the bytes in and out and what it cost.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use whittle_core::{Cancel, ErrorCode, Format, Limits, Mode, Recipe};
use whittle_engine::Encoded;
use whittle_tests::decode::{rsvg, svg};
use whittle_tests::promises::{self, Look};
use whittle_tests::{cpu_time, decode, two_at_a_time};

/// Above so many pixels in all its frames, a lossy result's score is not measured again: that would cost as much as
/// making it. Its size, frames, timing, colours and derivatives are still checked.
const SCORED_PIXELS: u64 = 4_000_000;

/// No file needs as long; whatever does hangs.
const HANGS: Duration = Duration::from_secs(240);

/// Files whose originals the independent decoder cannot read: only their results are decoded.
const ONLY_RESULT_JUDGED: &[&str] = &["jpeg/arithmetic-coded-227px.jpg"];

/// What is refused clearly and left alone, although it would deserve better.
const GAPS: &[(&str, ErrorCode)] = &[];

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let present = root.join("MANIFEST.tsv").is_file();
    if !present {
        println!("../shared/corpus is absent: the corpus tests are passed over");
    }
    let trial = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let root = root.clone();
        Trial::test(name, move || test(&root)).with_ignored_flag(!present)
    };
    let trials = vec![
        trial("every_file_keeps_every_promise_in_every_mode", fine_files),
        trial("hostile_files_end_as_expected", hostile_files),
        trial(
            "drawings_look_the_same_to_another_renderer",
            drawn_by_others,
        ),
    ];
    // One after the other: each works on two files at a time.
    libtest_mimic::run(
        &Arguments {
            test_threads: Some(1),
            ..arguments
        },
        trials,
    )
    .exit();
}

/// A line of the manifest.
struct Entry {
    path: String,
    bytes: u64,
    format: Option<Format>,
    /// Pixels of all frames.
    pixels: u64,
    expected: String,
}

fn entries(root: &Path) -> Result<Vec<Entry>> {
    let text = std::fs::read_to_string(root.join("MANIFEST.tsv"))?;
    text.lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let number = |at: usize| {
                columns
                    .get(at)
                    .and_then(|text| text.parse::<u64>().ok())
                    .unwrap_or(0)
            };
            Ok(Entry {
                path: columns.first().context("a path")?.to_string(),
                bytes: number(1),
                format: columns.get(3).and_then(|name| Format::from_name(name)),
                pixels: number(4) * number(5) * number(6).max(1),
                expected: columns.get(8).context("an outcome")?.to_string(),
            })
        })
        .collect()
}

/// What became of one file in one mode.
struct Done {
    format: Format,
    mode: Mode,
    input: u64,
    output: u64,
    spent: Duration,
    wrong: Vec<String>,
}

fn fine_files(root: &Path) -> Result<(), Failed> {
    let mut entries = entries(root)?;
    entries.retain(|entry| !entry.path.starts_with("hostile/"));
    // WHITTLE_CORPUS=jpeg/ tries only the files whose paths begin so.
    if let Ok(wanted) = std::env::var("WHITTLE_CORPUS") {
        entries.retain(|entry| entry.path.starts_with(&wanted));
    }
    // The most expensive first, so that no worker is left alone with one at the end.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.pixels.max(entry.bytes)));
    if let Ok(wanted) = std::env::var("WHITTLE_CORPUS") {
        entries.retain(|entry| entry.path.starts_with(&wanted));
    }
    let cases: Vec<(&Entry, Mode)> = entries
        .iter()
        .flat_map(|entry| promises::modes().map(|mode| (entry, mode)))
        .collect();
    let done = two_at_a_time(&cases, |(entry, mode)| fine_file(root, entry, *mode));
    print_totals(&done);
    told(done.into_iter().flat_map(|done| done.wrong).collect())
}

fn fine_file(root: &Path, entry: &Entry, mode: Mode) -> Done {
    let format = entry.format.expect("every fine file is an image");
    let mut done = Done {
        format,
        mode,
        input: entry.bytes,
        output: entry.bytes,
        spent: Duration::ZERO,
        wrong: Vec::new(),
    };
    let recipe = recipe(mode);
    let result = std::fs::read(root.join(&entry.path))
        .map_err(anyhow::Error::from)
        .and_then(|bytes| {
            let (result, spent) = measured(&bytes, &recipe);
            done.spent = spent;
            Ok((bytes, result?))
        });
    let wrong = match result {
        Err(error) => vec![format!("{error:#}")],
        Ok((_, Err(error))) if expected_refusal(entry, error.code()) => Vec::new(),
        Ok((_, Err(error))) => vec![format!("{:?}: {error}", error.code())],
        Ok((bytes, Ok(made))) => {
            done.output = made
                .bytes
                .as_ref()
                .map_or(entry.bytes, |bytes| bytes.len() as u64);
            let mut wrong = judged(entry, &bytes, &recipe, &made);
            wrong.extend(made.bytes.and_then(|bytes| made_again(&bytes, &recipe)));
            wrong
        }
    };
    done.wrong = wrong
        .into_iter()
        .map(|what| format!("{} {}: {what}", entry.path, mode.name()))
        .collect();
    done
}

/// What is wrong with a second run over a result. Looked at for PNG here, whose search it costs least; the promises of a
/// result hold the other formats to it.
fn made_again(bytes: &[u8], recipe: &Recipe) -> Option<String> {
    if whittle_engine::detect(bytes) != Some(Format::Png) {
        return None;
    }
    let wrong = promises::left_alone(recipe, bytes).err()?;
    Some(format!("made again: {wrong}"))
}

/// A derivative as well, in one of the modes.
fn recipe(mode: Mode) -> Recipe {
    let styles = match mode {
        Mode::Balanced => vec!["web:fit:480x480".parse().expect("a style")],
        _ => Vec::new(),
    };
    Recipe {
        mode,
        styles,
        limits: Limits {
            time: HANGS,
            ..Limits::default()
        },
        ..Recipe::default()
    }
}

fn expected_refusal(entry: &Entry, code: ErrorCode) -> bool {
    let later =
        matches!(entry.format, Some(Format::Webp | Format::Avif)) && code == ErrorCode::Unsupported;
    later || GAPS.contains(&(entry.path.as_str(), code))
}

fn judged(entry: &Entry, bytes: &[u8], recipe: &Recipe, made: &Encoded) -> Vec<String> {
    if ONLY_RESULT_JUDGED.contains(&entry.path.as_str()) {
        return result_alone(bytes, made)
            .err()
            .map(|error| format!("{error:#}"))
            .into_iter()
            .collect();
    }
    let look = if entry.pixels > SCORED_PIXELS {
        Look::Quickly
    } else {
        Look::Closely
    };
    promises::broken(bytes, recipe, made, look)
}

fn result_alone(input: &[u8], made: &Encoded) -> Result<()> {
    let Some(bytes) = &made.bytes else {
        return Ok(());
    };
    ensure!(bytes.len() < input.len(), "not smaller");
    let result = decode::open(made.format, bytes)?;
    ensure!(
        (result.width, result.height) == (made.width, made.height),
        "another size"
    );
    for frame in result.frames {
        frame?;
    }
    Ok(())
}

type Optimized = Result<Encoded, whittle_engine::Error>;

/// Optimizes; with the time that it took of a processor.
fn measured(bytes: &[u8], recipe: &Recipe) -> (Result<Optimized>, Duration) {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let result = catch_unwind(AssertUnwindSafe(|| {
        whittle_engine::optimize(bytes, recipe, &Cancel::new())
    }));
    let spent = match (cpu, cpu_time()) {
        // SVG is worked on in a thread of its own, which this one waits for.
        (Some(before), Some(after)) if whittle_engine::detect(bytes) != Some(Format::Svg) => {
            after - before
        }
        _ => wall.elapsed(),
    };
    let result = result.map_err(|_| anyhow::anyhow!("a panic escaped"));
    (result, spent)
}

fn print_totals(done: &[Done]) {
    let mut totals: BTreeMap<(Format, &str), (u32, u64, u64, Duration)> = BTreeMap::new();
    for one in done {
        let total = totals.entry((one.format, one.mode.name())).or_default();
        total.0 += 1;
        total.1 += one.input;
        total.2 += one.output;
        total.3 += one.spent;
    }
    println!("\nformat  mode      files      bytes in     bytes out      %   CPU s");
    for ((format, mode), (files, input, output, spent)) in totals {
        println!(
            "{:7} {mode:9} {files:5} {input:13} {output:13} {:6.1} {:7.1}",
            format.label(),
            output as f64 * 100.0 / input as f64,
            spent.as_secs_f64()
        );
    }
}

/// The engine and the other tests draw with resvg; librsvg must see no difference either.
fn drawn_by_others(root: &Path) -> Result<(), Failed> {
    if !rsvg::is_installed() {
        println!("rsvg-convert is not installed: no other renderer looks at the drawings");
        return Ok(());
    }
    let mut entries = entries(root)?;
    entries.retain(|entry| entry.path.starts_with("svg/"));
    if entries.is_empty() {
        return Err("no drawings".into());
    }
    let wrong = two_at_a_time(&entries, |entry| {
        let result = std::fs::read(root.join(&entry.path))
            .map_err(anyhow::Error::from)
            .and_then(|bytes| drawn_by_another(&bytes));
        result
            .err()
            .map(|error| format!("{}: {error:#}", entry.path))
    });
    told(wrong.into_iter().flatten().collect())
}

fn drawn_by_another(bytes: &[u8]) -> Result<()> {
    /// What is larger takes long and shows no more. In pixels.
    const LARGEST: u32 = 2400;
    let before = svg::text(bytes)?;
    let made = whittle_engine::optimize(bytes, &Recipe::default(), &Cancel::new())?;
    let Some(made) = made.bytes else {
        return Ok(());
    };
    let after = svg::text(&made)?;
    let (width, height) = svg::size(&before)?;
    for close in [1.0, 4.0] {
        let side = (width.max(height) * close).round().max(1.0) as u32;
        let side = side.min(LARGEST);
        let (a, _) = rsvg::drawn(&before, side).context("the original")?;
        let (b, _) = rsvg::drawn(&after, side).context("the result")?;
        ensure!(a.len() == b.len(), "another size at {side} px");
        let share = svg::visible_difference(&a, &b);
        ensure!(
            share <= promises::VISIBLE_SHARE,
            "{:.3} % of the pixels differ visibly at {side} px",
            share * 100.0
        );
    }
    Ok(())
}

fn hostile_files(root: &Path) -> Result<(), Failed> {
    let mut entries = entries(root)?;
    entries.retain(|entry| entry.path.starts_with("hostile/"));
    if entries.is_empty() {
        return Err("no hostile files".into());
    }
    if let Ok(wanted) = std::env::var("WHITTLE_CORPUS") {
        entries.retain(|entry| entry.path.starts_with(&wanted));
    }
    let cases: Vec<(&Entry, Mode)> = entries
        .iter()
        .flat_map(|entry| promises::modes().map(|mode| (entry, mode)))
        .collect();
    let wrong = two_at_a_time(&cases, |(entry, mode)| {
        let result = hostile_file(root.join(&entry.path), entry, *mode);
        result
            .err()
            .map(|error| format!("{} {}: {error:#}", entry.path, mode.name()))
    });
    told(wrong.into_iter().flatten().collect())
}

fn hostile_file(path: PathBuf, entry: &Entry, mode: Mode) -> Result<()> {
    let bytes = std::fs::read(path)?;
    let recipe = recipe(mode);
    let (result, _) = measured(&bytes, &recipe);
    match (result?, entry.expected.as_str()) {
        (Ok(_), "error") => bail!("no error"),
        (Ok(made), _) => {
            let files = made
                .bytes
                .iter()
                .chain(made.derivatives.iter().map(|one| &one.bytes));
            for file in files {
                let leaked = file.windows(5).any(|window| window == b"root:");
                ensure!(!leaked, "a file of this computer came into the result");
            }
            let wrong = judged(entry, &bytes, &recipe, &made);
            ensure!(wrong.is_empty(), "{}", wrong.join("; "));
        }
        (Err(error), "ok") if !expected_refusal(entry, error.code()) => {
            bail!("{:?}: {error}", error.code())
        }
        (Err(error), _) => {
            let ours = matches!(
                error.code(),
                ErrorCode::Internal | ErrorCode::TimedOut | ErrorCode::VerificationFailed
            );
            ensure!(!ours, "{:?}: {error}", error.code());
        }
    }
    Ok(())
}

fn told(wrong: Vec<String>) -> Result<(), Failed> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} failures:\n{}", wrong.len(), wrong.join("\n")).into())
}
