//! Bytes at equal score, the score itself, and what the search for it costs.

use whittle_core::{Format, Level, Recipe, Score};

use super::{Files, Goal, LARGE, find, geometric_mean};
use crate::bench::at_score::{At, Curve};
use crate::bench::rows::Row;
use crate::promises::BLOCK_TOLERANCE;

pub fn goals(format: Format, files: &Files) -> Vec<Goal> {
    let mut goals = Vec::new();
    match format {
        Format::Jpeg => {
            for (setting, gain) in [
                ("level 70", 3.0),
                ("level 78", 3.0),
                ("level 85", 3.0),
                ("balanced", 6.0),
                ("level 95", 10.0),
            ] {
                let score = target(setting).0;
                let what = format!("JPEG {setting}, about score {score:.0}, against mozjpeg 4:2:0");
                goals.extend(at_equal_score(
                    &what,
                    files,
                    setting,
                    "mozjpeg",
                    gain,
                    |_| true,
                ));
            }
            goals.extend(cost_of_search(files));
        }
        Format::Png => {
            for (kind, alpha) in [("opaque", false), ("alpha", true)] {
                let what = format!("PNG balanced, {kind}, against pngquant + oxipng");
                let peer = "pngquant + oxipng";
                goals.extend(at_equal_score(
                    &what,
                    files,
                    "balanced",
                    peer,
                    12.0,
                    |row| row.alpha == alpha && row.frames == 1,
                ));
            }
            goals.extend(beyond_palettes(files));
        }
        Format::Gif => {
            let what = "GIF balanced, against gifsicle -O3 --lossy";
            goals.extend(at_equal_score(
                what,
                files,
                "balanced",
                "gifsicle",
                12.0,
                |_| true,
            ));
        }
        _ => {}
    }
    goals.extend(score_kept(format, files));
    goals
}

/// The score that a setting of Whittle aims at.
fn target(setting: &str) -> Score {
    let level = setting
        .strip_prefix("level ")
        .and_then(|level| level.parse::<Level>().ok());
    match level {
        Some(level) => level.target(),
        None => Recipe::default().target().unwrap_or(Score::IDENTICAL),
    }
}

/// File by file at the score that Whittle's result has there; the mean of the ratios.
fn at_equal_score(
    what: &str,
    files: &Files,
    setting: &str,
    peer: &str,
    gain: f64,
    counts: impl Fn(&Row) -> bool,
) -> Option<Goal> {
    let (mut ratios, mut worst) = (Vec::new(), Vec::new());
    let (mut above, mut below, mut kept) = (0, 0, 0);
    for rows in files.values() {
        let Some(mine) = find(rows, "whittle", setting).filter(|row| counts(row) && !row.several)
        else {
            continue;
        };
        if !rows.iter().any(|row| row.tool == peer) {
            return None;
        }
        let Some(score) = mine.score.filter(|_| mine.is_lossy()) else {
            kept += 1;
            continue;
        };
        match Curve::of(rows, peer).at(score) {
            At::Reached(theirs) => {
                ratios.push(mine.bytes_out as f64 / theirs.bytes);
                worst.push(mine.worst.unwrap_or(score) - theirs.worst);
            }
            At::Above => above += 1,
            At::Below => below += 1,
        }
    }
    let passed_over = format!(
        "{kept} kept without loss, {above} better and {below} worse than any tried setting of the peer"
    );
    if ratios.is_empty() && kept + above + below == 0 {
        return None;
    }
    if ratios.is_empty() {
        return Some(Goal::told(
            what,
            format!("no file to compare: {passed_over}"),
        ));
    }
    let change = (geometric_mean(&ratios) - 1.0) * 100.0;
    let lead = worst.iter().sum::<f64>() / worst.len() as f64;
    let smaller = ratios.iter().filter(|&&ratio| ratio < 1.0).count();
    Some(Goal::at_most(
        what,
        &format!("≥ {gain:.0} % below"),
        -gain,
        change,
        format!(
            "{change:+.1} % ({} files, smaller in {smaller}; worst block or frame {lead:+.1} points; {passed_over})",
            ratios.len()
        ),
    ))
}

/// PNGs that no palette shows as well as Whittle's result: the peer's answer is the lossless file.
fn beyond_palettes(files: &Files) -> Option<Goal> {
    let ratios: Vec<f64> = files
        .values()
        .filter_map(|rows| {
            let mine = find(rows, "whittle", "balanced").filter(|row| row.is_lossy())?;
            let lossless = find(rows, "oxipng", "-o4").filter(|row| row.problem.is_none())?;
            let reached = Curve::of(rows, "pngquant + oxipng").at(mine.score?);
            (reached == At::Above).then(|| mine.bytes_out as f64 / lossless.bytes_out as f64)
        })
        .collect();
    (!ratios.is_empty()).then(|| {
        Goal::told(
            "PNG balanced where no palette reaches the score, against oxipng -o4",
            format!(
                "{:+.1} % ({} files)",
                (geometric_mean(&ratios) - 1.0) * 100.0,
                ratios.len()
            ),
        )
    })
}

/// Whether lossy results have the score that was promised, and not much more.
fn score_kept(format: Format, files: &Files) -> Option<Goal> {
    if format == Format::Svg {
        return None;
    }
    let lossy = files
        .values()
        .flatten()
        .filter(|row| row.tool == "whittle" && row.is_lossy());
    let results: Vec<(f64, &Row)> = lossy
        .filter_map(|row| Some((row.score? - target(&row.setting).0, *row)))
        .collect();
    let all = results.len();
    let mut over: Vec<f64> = results.iter().map(|(over, _)| *over).collect();
    over.sort_by(f64::total_cmp);
    let (&least, &median) = over.first().zip(over.get(all / 2))?;
    let kept = over.iter().filter(|&&over| over >= -1.0).count() as f64 * 100.0 / all as f64;
    let below_floor = results
        .iter()
        .filter(|(_, row)| {
            let floor = target(&row.setting).0 - BLOCK_TOLERANCE;
            row.frames == 1 && row.worst.is_some_and(|worst| worst < floor)
        })
        .count();
    let lowest = results
        .iter()
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, row)| *row)?;
    Some(Goal {
        what: format!("{} score kept", format.label()),
        goal: "≥ 98 % from target − 1 on, median overshoot ≤ 1, none below target − 3, no block far below".into(),
        measured: format!(
            "{kept:.1} % of {all}, median {median:+.2}, lowest {least:+.2} ({}, {}), {below_floor} with a block more than {BLOCK_TOLERANCE} below",
            lowest.file, lowest.setting
        ),
        reached: Some(kept >= 98.0 && median <= 1.0 && least >= -3.0 && below_floor == 0),
    })
}

fn cost_of_search(files: &Files) -> Option<Goal> {
    let large: Vec<&Row> = files
        .values()
        .filter_map(|rows| find(rows, "whittle", "balanced"))
        .filter(|row| row.pixels >= LARGE && row.problem.is_none())
        .collect();
    let pixels: f64 = large.iter().map(|row| row.pixels / 1e6).sum();
    let cpu: f64 = large.iter().map(|row| row.cost.cpu).sum();
    (!large.is_empty()).then(|| {
        Goal::at_most(
            "JPEG balanced, cost of the search, 2 MP and more",
            "≤ 0.35 CPU s a megapixel",
            0.35,
            cpu / pixels,
            format!(
                "{:.3} CPU s a megapixel ({} files)",
                cpu / pixels,
                large.len()
            ),
        )
    })
}
