//! The TypeScript twins of the shared types: whittle-core prints them, this keeps the file current.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::{cargo, output, root};

/// Writes the file anew.
pub fn write() -> Result<()> {
    std::fs::write(file(), generate()?).with_context(|| format!("{}", file().display()))
}

/// Fails when the file is stale; with `BLESS=1` it is written anew instead.
pub fn check() -> Result<()> {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return write();
    }
    // Git may have turned the line ends around on Windows.
    let found = std::fs::read_to_string(file())
        .unwrap_or_default()
        .replace("\r\n", "\n");
    if found != generate()? {
        bail!("ui/src/lib/ipc/types.ts is stale: run `cargo xtask bindings` and commit the result");
    }
    Ok(())
}

fn file() -> PathBuf {
    root().join("ui/src/lib/ipc/types.ts")
}

fn generate() -> Result<String> {
    output(cargo().args([
        "run",
        "--quiet",
        "--package",
        "whittle-core",
        "--features",
        "ts",
        "--example",
        "bindings",
    ]))
}
