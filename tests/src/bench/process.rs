//! Running a program to its end, and what that cost.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use wait4::Wait4;

/// What a program took of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// User and system time, in seconds.
    pub cpu: f64,
    /// From its start to its end, in seconds.
    pub wall: f64,
    /// The most memory that it held at once, in bytes.
    pub peak: u64,
}

impl Cost {
    /// Of one program after another.
    pub fn and(self, next: Cost) -> Cost {
        Cost {
            cpu: self.cpu + next.cpu,
            wall: self.wall + next.wall,
            peak: self.peak.max(next.peak),
        }
    }
}

/// The first argument that makes the driver a small process around the measured one: on Linux a new
/// process inherits the peak memory of the one that starts it, and the driver holds pictures.
const MEASURE: &str = "--measure";

/// A program with its arguments and streams.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its file.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What it reads; nothing when `None`.
    pub stdin: Option<PathBuf>,
    /// Where its output goes; away when `None`.
    pub stdout: Option<PathBuf>,
}

impl Program {
    /// Runs it in a scratch folder that it may fill.
    ///
    /// # Errors
    /// When it cannot be started or does not end well; with the last line of what it said.
    pub fn run(&self, scratch: &Path) -> Result<Cost> {
        let (report, said) = (scratch.join("cost"), scratch.join("stderr"));
        let driver = std::env::current_exe().context("the driver's own file")?;
        let begin = Instant::now();
        let status = Command::new(driver)
            .arg(MEASURE)
            .arg(&report)
            .arg(&self.path)
            .args(&self.args)
            .current_dir(scratch)
            .stdin(match &self.stdin {
                Some(path) => File::open(path)?.into(),
                None => Stdio::null(),
            })
            .stdout(match &self.stdout {
                Some(path) => File::create(path)?.into(),
                None => Stdio::null(),
            })
            .stderr(File::create(&said)?)
            .status()
            .context("the measuring process could not be started")?;
        let wall = begin.elapsed().as_secs_f64();
        if !status.success() {
            let said = std::fs::read(&said).unwrap_or_default();
            let said = String::from_utf8_lossy(&said).into_owned();
            let last = said.lines().rfind(|line| !line.trim().is_empty());
            bail!("it failed ({status}): {}", last.unwrap_or_default());
        }
        let report = std::fs::read_to_string(&report).context("what it cost")?;
        let mut numbers = report.split(' ');
        let mut next = || numbers.next().context("a number");
        Ok(Cost {
            cpu: next()?.parse()?,
            wall,
            peak: next()?.parse()?,
        })
    }
}

/// Does what the driver's arguments ask for when they begin with `--measure`: runs the program that
/// they name and writes down what it cost. `None` for other arguments.
///
/// # Errors
/// When the program cannot be started.
pub fn measure(args: &[OsString]) -> Result<Option<ExitCode>> {
    if args.first().is_none_or(|first| first != MEASURE) {
        return Ok(None);
    }
    ensure!(args.len() >= 3, "{MEASURE} REPORT PROGRAM [ARGUMENT…]");
    let child = Command::new(&args[2])
        .args(&args[3..])
        .spawn()
        .with_context(|| format!("{} could not be started", args[2].display()))?;
    let used = child.wait4()?;
    let cpu: Duration = used.rusage.utime + used.rusage.stime;
    let report = format!("{} {}", cpu.as_secs_f64(), used.rusage.maxrss);
    std::fs::write(&args[1], report)?;
    let code = used.status.code().and_then(|code| u8::try_from(code).ok());
    Ok(Some(code.map_or(ExitCode::FAILURE, ExitCode::from)))
}
