//! The TypeScript twins of the shared types. `tests/tests/bindings.rs` fails when they are stale.

use anyhow::{Context, Result};

use crate::project::{cargo, output, root};

/// Writes them anew.
pub fn write() -> Result<()> {
    // Only core is built for this, so that it also works while another crate does not compile.
    let text = output(cargo().args([
        "run",
        "--quiet",
        "--package",
        "whittle-core",
        "--features",
        "ts",
        "--example",
        "bindings",
    ]))?;
    let file = root().join("ui/src/lib/ipc/types.ts");
    std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}
