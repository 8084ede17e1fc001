//! A server of the HTTP API for an account of the window: the real `whittle serve`, on loopback.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::desk::Holder;
use crate::proxy::Proxy;

/// It serves until it is dropped.
pub struct Served {
    /// Its address.
    pub url: String,
    /// Of the account `ada`.
    pub token: String,
    /// Where its links lead, when that is elsewhere.
    public: Option<String>,
    dir: TempDir,
    server: Option<Holder>,
}

impl Served {
    /// Starts it, with an account `ada`.
    ///
    /// # Errors
    /// When `whittle` is not built, or cannot listen.
    pub fn start() -> Result<Served> {
        Self::start_with(None)
    }

    /// The same behind a proxy, through which its links lead; `url` is the proxy's.
    ///
    /// # Errors
    /// As [`Served::start`].
    pub fn behind(proxy: &Proxy) -> Result<Served> {
        let mut served = Self::start_with(Some(proxy.url.clone()))?;
        proxy.to(served.url.trim_start_matches("http://"));
        served.url.clone_from(&proxy.url);
        Ok(served)
    }

    fn start_with(public: Option<String>) -> Result<Served> {
        let dir = tempfile::tempdir()?;
        let mut served = Served {
            url: String::new(),
            token: String::new(),
            public,
            dir,
            server: None,
        };
        served.token = served.told(&["token", "new", "--account", "ada"])?;
        served.listen("127.0.0.1:0")?;
        Ok(served)
    }

    /// A script that puts the token into the page's field for it: typed, a driver gets its capitals wrong.
    #[must_use]
    pub fn typed(&self) -> String {
        format!(
            "const field = document.querySelector('input[type=password]'); field.value = '{}'; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            self.token
        )
    }

    /// Stops it, as an outage does.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Starts it again, at the same address.
    ///
    /// # Errors
    /// When somebody else listens there now.
    pub fn start_again(&mut self) -> Result<()> {
        let address = self.url.trim_start_matches("http://").to_owned();
        self.listen(&address)
    }

    /// What a command on the server's data answers.
    ///
    /// # Errors
    /// When it fails.
    pub fn told(&self, args: &[&str]) -> Result<String> {
        let output = self.program()?.args(args).output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn listen(&mut self, address: &str) -> Result<()> {
        let public = self.public.iter().flat_map(|url| ["--public-url", url]);
        let mut server = self
            .program()?
            .args(["serve", "--allow-http", "--listen", address])
            .args(public)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = server.stdout.take().context("it has an output")?;
        self.server = Some(Holder(server));
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ");
        self.url = url.with_context(|| format!("it said {line:?}"))?.to_owned();
        Ok(())
    }

    fn program(&self) -> Result<Command> {
        let exe = std::env::current_exe()?;
        let built = exe.ancestors().map(|dir| dir.join("whittle"));
        let binary: PathBuf = built
            .into_iter()
            .find(|path| path.is_file())
            .context("whittle is not built: run `cargo build --workspace --all-targets` first")?;
        let mut program = Command::new(binary);
        program.env("WHITTLE_DATA_DIR", self.dir.path());
        Ok(program)
    }
}
