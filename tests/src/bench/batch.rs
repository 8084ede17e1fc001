//! One thread against two over the same images.

use std::ffi::OsString;

use anyhow::Result;

use super::corpus::Picture;
use super::goals::Goal;
use super::process::{Cost, Program};
use super::tools::Tools;

/// Images of the batch at most; enough that the last one alone does not decide.
const IMAGES: usize = 24;

/// By the clock, so it means something on an idle machine only; that is why the load is told, too.
pub fn goals(tools: &Tools, pictures: &[&Picture]) -> Result<Vec<Goal>> {
    let step = pictures.len().div_ceil(IMAGES).max(1);
    let batch: Vec<&&Picture> = pictures.iter().step_by(step).collect();
    if batch.len() < 4 {
        return Ok(Vec::new());
    }
    let run = |threads: &str| -> Result<Cost> {
        let scratch = tempfile::tempdir()?;
        let flags = ["optimize", "--no-history", "--threads", threads, "--out"];
        let mut args: Vec<OsString> = flags.map(OsString::from).to_vec();
        args.push(scratch.path().join("out").into());
        for picture in &batch {
            args.push(std::path::absolute(&picture.path)?.into());
        }
        let program = Program {
            path: tools.whittle().to_path_buf(),
            args,
            stdin: None,
            stdout: None,
        };
        program.run(scratch.path())
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    let (one, two) = (run("1")?, run("2")?);
    let faster = one.wall / two.wall;
    Ok(vec![Goal {
        what: "batch, two threads against one".into(),
        goal: "≥ 1.9×".into(),
        measured: format!(
            "{faster:.2}× ({} images: {:.1} s, {:.1} s; peak {:.0} MiB, {:.0} MiB; load of the machine before: {load})",
            batch.len(),
            one.wall,
            two.wall,
            one.peak as f64 / 1048576.0,
            two.peak as f64 / 1048576.0,
        ),
        reached: Some(faster >= 1.9),
    }])
}
