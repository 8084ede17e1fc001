//! What others wrote against the API: a published client, and a fuzzer that reads the contract.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::{command, output, root, succeed, target, works};
use crate::ui::{fingerprint, stamp, stamped};

/// Examples for each operation in `cargo xtask test`: with the cases that the fuzzer derives from the
/// contract, some hundred requests.
const EXAMPLES: u32 = 3;

/// The fuzzer, in this version for the same cases everywhere.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// A known answer is one that the contract's schemas describe, and never a failure of the server.
/// Not every operation lists the refusals that stand before all of them, so statuses are not checked.
const CHECKS: &str = "not_a_server_error,content_type_conformance,response_headers_conformance,\
response_schema_conformance";

/// Installs the published client that a test of the server calls.
pub fn install_client() -> Result<()> {
    let folder = root().join("crates/cli/tests/clients/npm");
    let print = fingerprint(&[folder.join("package-lock.json")])?;
    if folder.join("node_modules").is_dir() && stamped("clients", print) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    succeed(
        command(npm)
            .current_dir(folder)
            .args(["ci", "--no-audit", "--no-fund"]),
    )?;
    stamp("clients", print)
}

/// `cargo xtask fuzz-api`: lets Schemathesis loose on a server that is built already.
pub fn run(args: &[OsString]) -> Result<()> {
    let examples = match args {
        [] => EXAMPLES,
        [option, number] if option == "--examples" => number
            .to_str()
            .and_then(|number| number.parse().ok())
            .context("--examples takes a number")?,
        _ => bail!("usage: cargo xtask fuzz-api [--examples N]"),
    };
    if !works("python3", &["-c", "import venv, ensurepip"]) {
        eprintln!("passed over: Schemathesis needs Python with its venv module");
        return Ok(());
    }
    let schemathesis = install_fuzzer()?;
    let data = target().join("xtask").join("fuzz-data");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    let whittle = || {
        let mut whittle = command(target().join("debug").join("whittle"));
        whittle.env("WHITTLE_DATA_DIR", &data);
        whittle
    };
    let token = output(whittle().args(["token", "new", "--account", "fuzz"]))?;
    let server = whittle()
        .args(["serve", "--listen", "127.0.0.1:0", "--allow-http"])
        .args(["--wait", "2", "--fetch-timeout", "2"])
        .env("WHITTLE_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .context("the server cannot be started")?;
    let mut server = Running(server);
    let mut line = String::new();
    let lines = server.0.stdout.take().context("the server has an output")?;
    BufReader::new(lines).read_line(&mut line)?;
    let url = line
        .trim()
        .strip_prefix("listening on ")
        .context("the server does not say where it listens")?
        .to_owned();
    succeed(
        command(schemathesis)
            // Its notes go where it stands.
            .current_dir(target().join("xtask"))
            .args(["--no-color", "run"])
            .arg(root().join("crates/api/contract/openapi.yaml"))
            .args(["--url", &url, "--phases", "coverage,fuzzing", "--seed", "7"])
            .args([
                "--checks",
                CHECKS,
                "--continue-on-failure",
                "--warnings",
                "off",
            ])
            .args(["--request-timeout", "30", "-n", &examples.to_string()])
            .args(["-H", &format!("Authorization: Bearer {}", token.trim())]),
    )
}

fn install_fuzzer() -> Result<PathBuf> {
    let folder = target().join("xtask").join("schemathesis");
    let (python, schemathesis) = match cfg!(windows) {
        true => ("Scripts/python.exe", "Scripts/schemathesis.exe"),
        false => ("bin/python", "bin/schemathesis"),
    };
    let stamp_file = folder.join("installed");
    if std::fs::read_to_string(&stamp_file).is_ok_and(|text| text == SCHEMATHESIS) {
        return Ok(folder.join(schemathesis));
    }
    succeed(command("python3").args(["-m", "venv"]).arg(&folder))?;
    succeed(command(folder.join(python)).args(["-m", "pip", "install", "-q", SCHEMATHESIS]))?;
    std::fs::write(stamp_file, SCHEMATHESIS)?;
    Ok(folder.join(schemathesis))
}

/// Ends the server, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
