//! `whittle stats`

use std::process::ExitCode;

use whittle_core::{Period, Stats, dashboard_csv};
use whittle_jobs::{Store, data_dir};

use crate::args::StatsArgs;
use crate::failure::Failure;
use crate::print::{self, Out};
use crate::table::{Align, table};

pub(crate) fn run(args: &StatsArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = Store::open(data_dir()?)?;
    if args.csv {
        out.bytes(dashboard_csv(&store.dashboard(Period::All)?).as_bytes());
        return Ok(ExitCode::SUCCESS);
    }
    let stats = store.stats()?;
    if args.json {
        out.json(&json(&stats)?);
    } else {
        people(&stats, out);
    }
    Ok(ExitCode::SUCCESS)
}

/// Folders whose names are no UTF-8 are told as well as JSON can.
fn json(stats: &Stats) -> Result<serde_json::Value, Failure> {
    let mut stats = stats.clone();
    for total in &mut stats.by_folder {
        total.folder = total.folder.to_string_lossy().into_owned().into();
    }
    Ok(serde_json::to_value(stats)?)
}

fn people(stats: &Stats, out: &mut Out) {
    out.line(&format!(
        "{} images, {} results · {} saved · {} smaller",
        stats.original_images_count,
        stats.optimized_images_count,
        print::bytes(stats.saved_bytes),
        print::saved(stats.input_bytes, stats.output_bytes)
    ));
    let formats = stats.by_format.iter().map(|total| {
        row(
            total.format.label().to_owned(),
            total.images,
            total.input_bytes,
            total.output_bytes,
        )
    });
    let folders = stats.by_folder.iter().map(|total| {
        row(
            total.folder.display().to_string(),
            total.images,
            total.input_bytes,
            total.output_bytes,
        )
    });
    for rows in [formats.collect::<Vec<_>>(), folders.collect()] {
        if !rows.is_empty() {
            out.line("");
        }
        let aligns = [
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ];
        for line in table(&aligns, &rows) {
            out.line(&line);
        }
    }
}

fn row(name: String, images: u32, input: u64, output: u64) -> Vec<String> {
    vec![
        name,
        images.to_string(),
        print::bytes(input),
        print::bytes(output),
        format!("−{}", print::saved(input, output)),
    ]
}
