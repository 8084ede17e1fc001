//! `cargo xtask bench`: Whittle beside other optimizers, on the same files, in one run.
//!
//! Every tool runs as a process of its own on every file, and what it made is decoded and scored by
//! [`crate::decode`], which none of them uses. A line of the TSV is one file × tool × setting.

mod at_score;
mod batch;
mod corpus;
mod goals;
mod judge;
mod options;
mod plot;
mod process;
mod resize;
mod rows;
mod tools;

pub use options::Options;
pub use process::measure;

use anyhow::{Context, Result, ensure};
use whittle_core::Format;

use crate::two_at_a_time;
use corpus::Picture;
use goals::Goal;
use judge::Original;
use rows::Row;
use tools::{Setting, Tools};

/// Runs everything that the options ask for, prints the comparison and writes TSV and plots.
///
/// # Errors
/// When Whittle itself cannot be run, the folder holds no image, or a file cannot be written. A
/// peer that is missing is no error.
pub fn run(options: &Options) -> Result<()> {
    let tools = Tools::find(options)?;
    let pictures = corpus::pictures(&options.corpus, &options.formats, options.quick)?;
    ensure!(
        !pictures.is_empty(),
        "{} holds no image of these formats",
        options.corpus.display()
    );
    println!("{}", tools.versions());
    println!("{} files from {}", pictures.len(), options.corpus.display());
    for missing in tools.missing(&options.formats) {
        println!("{missing}");
    }

    let mut rows = Vec::new();
    let mut goals: Vec<Goal> = Vec::new();
    for &format in &options.formats {
        let of_format: Vec<&Picture> = pictures
            .iter()
            .filter(|picture| picture.format == format)
            .collect();
        if of_format.is_empty() {
            continue;
        }
        eprintln!("{format}: {} files", of_format.len());
        let settings = tools.settings(format, options.quick);
        let of_format = two_at_a_time(&of_format, |picture| rows_of(picture, &settings, options))
            .into_iter()
            .flatten()
            .collect::<Vec<Row>>();
        goals.extend(goals::of_format(format, &of_format));
        rows.extend(of_format);
    }
    goals.extend(goals::of_all(&rows));
    let stills: Vec<&Picture> = pictures
        .iter()
        .filter(|picture| matches!(picture.format, Format::Jpeg | Format::Png))
        .collect();
    if options.stress && !stills.is_empty() {
        eprintln!("\nbatch and resize");
        goals.extend(batch::goals(&tools, &stills)?);
        goals.extend(resize::goals(&stills)?);
    }

    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("{} cannot be made", options.out.display()))?;
    let report = goals::table(&goals);
    write(options, "bench.tsv", &rows::tsv(&rows))?;
    write(options, "goals.md", &report)?;
    for &format in &options.formats {
        if let Some(svg) = plot::of_format(format, &rows) {
            write(options, &format!("{}.svg", format.name()), &svg)?;
        }
    }
    println!("\n{report}");
    for row in rows.iter().filter(|row| row.problem.is_some()) {
        println!(
            "{} {} {}: {}",
            row.file,
            row.tool,
            row.setting,
            row.problem.as_deref().unwrap_or_default()
        );
    }
    println!("\nwritten to {}", options.out.display());
    Ok(())
}

fn write(options: &Options, name: &str, text: &str) -> Result<()> {
    let path = options.out.join(name);
    std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// One row for each setting; a tool that fails on a file gets a row with the problem.
fn rows_of(picture: &Picture, settings: &[Setting], options: &Options) -> Vec<Row> {
    let original = Original::new(picture, options.quick);
    let mut rows: Vec<Row> = Vec::with_capacity(settings.len());
    for setting in settings {
        let row = Row::new(picture, &original, setting);
        rows.push(match setting.run(&picture.path) {
            Ok((bytes, cost)) => row.made(&original.judge(&bytes, setting.promise), &bytes, cost),
            Err(error) => row.failed(&error),
        });
    }
    eprint!(
        "{}",
        if picture.format == Format::Gif {
            ":"
        } else {
            "."
        }
    );
    rows
}
