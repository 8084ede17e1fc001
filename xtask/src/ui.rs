//! The window's page: installing its packages and building it, each only when something changed.

use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::{command, root, succeed, target};

/// Folders below `ui/` that are made from the rest.
const MADE: &[&str] = &["node_modules", "dist", "coverage", ".svelte-kit"];

/// Installs what `ui/package-lock.json` names, unless that was done already.
pub fn install() -> Result<()> {
    let lock = root().join("ui/package-lock.json");
    let print = fingerprint(&[lock])?;
    if root().join("ui/node_modules").is_dir() && stamped("npm", print) {
        return Ok(());
    }
    succeed(npm().args(["ci", "--no-audit", "--no-fund"]))?;
    stamp("npm", print)
}

/// Builds `ui/dist`, unless it stands for the sources as they are.
pub fn build() -> Result<()> {
    let mut sources = Vec::new();
    collect(&root().join("ui"), &mut sources)?;
    sources.sort();
    let print = fingerprint(&sources)?;
    if root().join("ui/dist/index.html").is_file() && stamped("ui", print) {
        return Ok(());
    }
    script("build")?;
    stamp("ui", print)
}

/// Runs a script of `ui/package.json`.
pub fn script(name: &str) -> Result<()> {
    succeed(npm().args(["run", "--silent", name]))
}

fn npm() -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(root().join("ui"));
    npm
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in folder
        .read_dir()
        .with_context(|| format!("{} cannot be listed", folder.display()))?
    {
        let entry = entry?;
        let made = MADE
            .iter()
            .any(|name| entry.file_name() == OsStr::new(name));
        match entry.file_type()? {
            kind if kind.is_dir() && !made => collect(&entry.path(), files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

/// Over names and contents: times change with every checkout.
pub(crate) fn fingerprint(files: &[PathBuf]) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(root()).unwrap_or(file).hash(&mut hasher);
        std::fs::read(file)
            .with_context(|| format!("{} cannot be read", file.display()))?
            .hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn stamp_file(name: &str) -> PathBuf {
    target().join("xtask").join(name)
}

pub(crate) fn stamped(name: &str, print: u64) -> bool {
    std::fs::read_to_string(stamp_file(name)).is_ok_and(|text| text == print.to_string())
}

pub(crate) fn stamp(name: &str, print: u64) -> Result<()> {
    let file = stamp_file(name);
    std::fs::create_dir_all(file.parent().expect("a stamp lies in a folder"))?;
    std::fs::write(&file, print.to_string())
        .with_context(|| format!("{} cannot be written", file.display()))
}
