//! How much memory an image takes, measured in processes of their own, whose peaks Linux tells.
//!
//! The program starts itself once for each measurement: with a path, a mode and nothing else to do.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use whittle_core::{Cancel, Limits, Mode, Recipe};
use whittle_tests::fixtures::{Picture, exif, gif, jpeg, png, profiles};

/// Tells a process that it is to be measured.
const MEASURED: &str = "WHITTLE_MEASURED";

/// Bytes for each pixel that a still image may take.
const FOR_EACH_PIXEL: f64 = 10.0;

/// What scoring takes for each pixel of a row: it keeps some rows at every scale.
const FOR_EACH_COLUMN: u64 = 2048;

/// What an image may take however small it is.
const ALWAYS: u64 = 64 << 20;

fn main() {
    if std::env::var_os(MEASURED).is_some() {
        return measured().expect("a peak");
    }
    let known = Path::new("/proc/self/status").is_file();
    if !known {
        println!("this system does not tell the peak of a process: passed over");
    }
    let trial = |name: &str, test: fn() -> Result<()>| {
        Trial::test(name, move || {
            test().map_err(|error| Failed::from(format!("{error:#}")))
        })
        .with_ignored_flag(!known)
    };
    let trials = vec![
        trial("jpegs_take_ten_bytes_a_pixel", || {
            still_images(JPEG, [(1000, 750), (2000, 1500)], true)
        }),
        // Smaller ones would show the tables of the packer and of the system's allocator instead.
        trial("pngs_take_what_is_planned", || {
            still_images(PNG, [(1000, 750), (2000, 1500)], false)
        }),
        trial("gifs_take_what_is_planned", || {
            still_images(GIF, [(1000, 750), (2000, 1500)], false)
        }),
        trial("animations_take_no_more_for_more_frames", animations),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The other side: optimizes a file and prints the bytes before and at the peak.
fn measured() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (path, mode) = (
        arguments.next().context("a path")?,
        arguments.next().context("a mode")?,
    );
    let bytes = std::fs::read(path)?;
    let recipe = Recipe {
        mode: whittle_tests::promises::modes()
            .into_iter()
            .find(|known| known.name() == mode)
            .context("a mode")?,
        styles: arguments
            .map(|style| Ok(style.parse()?))
            .collect::<Result<_>>()?,
        limits: Limits {
            // A busy machine need not fail.
            time: Duration::from_secs(600),
            ..Limits::default()
        },
        ..Recipe::default()
    };
    let before = status("VmRSS:")?;
    whittle_engine::optimize(&bytes, &recipe, &Cancel::new())?;
    println!("{before} {}", status("VmHWM:")?);
    Ok(())
}

/// A number of bytes that Linux tells about this process.
fn status(name: &str) -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.context("no such line")?.trim().trim_end_matches(" kB");
    Ok(kib.parse::<u64>()? * 1024)
}

/// Bytes that optimizing takes at its peak: of the whole process, and beyond what it had before.
struct Peak {
    process: u64,
    own: u64,
}

fn peak(folder: &Path, bytes: &[u8], mode: Mode, styles: &[&str]) -> Result<Peak> {
    let path = folder.join("image");
    std::fs::write(&path, bytes)?;
    let output = Command::new(std::env::current_exe()?)
        .env(MEASURED, "1")
        // The C library keeps freed pieces below a limit, which it raises up to 32 MiB as it goes: what
        // a few megapixels leave behind would count as theirs, and that of large pictures would not.
        .env("MALLOC_MMAP_THRESHOLD_", "262144")
        .arg(&path)
        .arg(mode.name())
        .args(styles)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [before, process] = numbers[..] else {
        anyhow::bail!("{}", String::from_utf8_lossy(&output.stderr));
    };
    Ok(Peak {
        process,
        own: process.saturating_sub(before),
    })
}

/// Its name, the bytes that a pixel may take, and how to draw it.
type Image = (&'static str, f64, fn(u32, u32) -> Vec<u8>);

/// Every way in which a JPEG takes much memory.
const JPEG: &[Image] = &[
    ("jpeg 4:2:0", FOR_EACH_PIXEL, |width, height| {
        jpeg::encoded(&Picture::photo(width, height, 1), halved(false))
    }),
    ("jpeg 4:4:4", FOR_EACH_PIXEL, |width, height| {
        jpeg::encoded(&Picture::photo(width, height, 2), jpeg::CAMERA)
    }),
    ("jpeg 4:4:4 progressive", FOR_EACH_PIXEL, |width, height| {
        let style = jpeg::Style {
            progressive: true,
            ..jpeg::CAMERA
        };
        jpeg::encoded(&Picture::photo(width, height, 3), style)
    }),
    (
        "jpeg turned, with a profile",
        FOR_EACH_PIXEL,
        |width, height| {
            let exif = exif::orientation(6, true);
            let mut segments = vec![jpeg::exif_segment(&exif)];
            segments.extend(jpeg::icc_segments(&profiles::display_p3(), 1));
            let picture = Picture::photo(width, height, 4);
            jpeg::with_segments(&jpeg::encoded(&picture, halved(true)), &segments)
        },
    ),
    ("jpeg grey", FOR_EACH_PIXEL, |width, height| {
        let picture = Picture::photo(width, height, 5).grey();
        jpeg::encoded(&picture, jpeg::CAMERA)
    }),
];

/// These do not get along with ten bytes everywhere yet.
const PNG: &[Image] = &[
    ("png photo", 15.0, |width, height| {
        png::encoded(&Picture::photo(width, height, 6))
    }),
    ("png drawing", 15.0, |width, height| {
        png::encoded(&Picture::screenshot(width, height))
    }),
    ("png with alpha", 15.0, |width, height| {
        png::encoded(&Picture::sprite(width, height))
    }),
];

const GIF: &[Image] = &[("gif", FOR_EACH_PIXEL, |width, height| {
    gif::flight(width as u16, height as u16, 0)
})];

fn halved(progressive: bool) -> jpeg::Style {
    jpeg::Style {
        sampling: jpeg::HALVED,
        progressive,
        ..jpeg::CAMERA
    }
}

/// Two sizes, since the difference tells what a pixel takes.
fn still_images(images: &[Image], sizes: [(u32, u32); 2], resized: bool) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let pixels = sizes.map(|(width, height)| u64::from(width) * u64::from(height));
    let (mut told, mut wrong) = (String::new(), String::new());
    for (name, limit, make) in images {
        let files = sizes.map(|(width, height)| make(width, height));
        let mut cases = vec![(Mode::Lossless, &[][..]), (Mode::Balanced, &[][..])];
        if resized {
            cases.push((
                Mode::Balanced,
                &["small:fit:300x300", "large:fit:1900x1900"],
            ));
        }
        for (mode, styles) in cases {
            let mut peaks = Vec::new();
            for (bytes, pixels) in files.iter().zip(pixels) {
                let peak = peak(folder.path(), bytes, mode, styles)?;
                let planned = whittle_engine::inspect(bytes, &Limits::default())?.peak_memory;
                let most = (FOR_EACH_PIXEL * pixels as f64) as u64 + ALWAYS;
                let case = format!("{name} {} {styles:?}", mode.name());
                if peak.process > most {
                    writeln!(wrong, "{case}: {} of {most} bytes", peak.process)?;
                }
                if peak.own > planned {
                    writeln!(wrong, "{case}: {}, but {planned} planned", peak.own)?;
                }
                peaks.push((peak, planned));
            }
            let more = peaks[1].0.own.saturating_sub(peaks[0].0.own);
            let columns = u64::from(sizes[1].0 - sizes[0].0) * FOR_EACH_COLUMN;
            let slope = more.saturating_sub(columns) as f64 / (pixels[1] - pixels[0]) as f64;
            writeln!(
                told,
                "{name:28} {:9} {:2} styles {:6.1} MiB, {slope:5.2} bytes a pixel, {:6.1} MiB planned",
                mode.name(),
                styles.len(),
                peaks[1].0.own as f64 / 1024.0 / 1024.0,
                peaks[1].1 as f64 / 1024.0 / 1024.0,
            )?;
            if styles.is_empty() && slope > *limit {
                writeln!(wrong, "{name} {}: {slope:.2} bytes a pixel", mode.name())?;
            }
        }
    }
    println!("{told}");
    ensure!(wrong.is_empty(), "\n{wrong}");
    Ok(())
}

fn animations() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for mode in [Mode::Lossless, Mode::Balanced] {
        let [few, many] = [10, 200].map(|frames| gif::flight(320, 240, frames));
        let grown = (many.len() - few.len()) as u64;
        let [few_peak, many_peak] =
            [&few, &many].map(|bytes| peak(folder.path(), bytes, mode, &[]));
        let (few_peak, many_peak) = (few_peak?.own, many_peak?.own);
        println!("{} frames: {few_peak} and {many_peak} bytes", mode.name());
        // The files themselves, their results, and what is known of each frame.
        let more = grown * 4 + 200 * 1024;
        ensure!(
            many_peak <= few_peak + few_peak / 4 + more,
            "{}: 10 frames took {few_peak} bytes, 200 took {many_peak}",
            mode.name()
        );
        for (bytes, peak) in [(&few, few_peak), (&many, many_peak)] {
            let planned = whittle_engine::inspect(bytes, &Limits::default())?.peak_memory;
            ensure!(peak <= planned, "{peak} bytes, but {planned} planned");
        }
    }
    Ok(())
}
