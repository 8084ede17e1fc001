//! Somebody with an account: the real program, with data and pictures of their own.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
pub use whittle_tests::fixtures::png::numbered as picture;
use whittle_tests::proxy::Proxy;

use crate::support::Server;

pub struct User {
    pub dir: TempDir,
    pub token: String,
}

/// A server with a proxy in front of it, which its links lead through.
pub fn server(seed: u64, options: &[&str]) -> (Server, Proxy) {
    let proxy = Proxy::start(seed);
    let options = [&["--public-url", &proxy.url], options].concat();
    let server = Server::with(&options);
    proxy.to(&server.address);
    (server, proxy)
}

impl User {
    pub fn new(token: &str) -> User {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("pictures")).unwrap();
        User {
            dir,
            token: token.to_owned(),
        }
    }

    /// Connected through the proxy.
    pub fn connected(server: &Server, proxy: &Proxy) -> User {
        let user = User::new(&server.token);
        let output = user.run(&["account", "connect", &proxy.url, "--allow-http"]);
        assert!(output.status.success(), "{output:?}");
        user
    }

    pub fn program(&self) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_whittle"));
        program
            .current_dir(self.dir.path())
            .env("WHITTLE_DATA_DIR", self.dir.path().join("data"))
            .env("WHITTLE_ACCOUNT_TOKEN", &self.token)
            .env("WHITTLE_HASTE", "1")
            // No keychain of whoever runs the tests is touched.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .stdin(Stdio::null());
        for name in [
            "http_proxy",
            "https_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "all_proxy",
        ] {
            program.env_remove(name);
        }
        program
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.program().args(args).output().unwrap()
    }

    pub fn started(&self, args: &[&str]) -> Child {
        self.program()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Writes a picture of its own.
    pub fn picture(&self, number: u32) -> PathBuf {
        let path = self.pictures().join(format!("picture-{number}.png"));
        std::fs::write(&path, picture(number)).unwrap();
        path
    }

    pub fn pictures(&self) -> PathBuf {
        self.dir.path().join("pictures")
    }

    /// Works on all pictures, and tells the lines by name.
    pub fn optimize(&self, args: &[&str]) -> Vec<Value> {
        let all = [
            &[
                "optimize", "pictures", "--out", "out", "--json", "--via", "account",
            ],
            args,
        ]
        .concat();
        lines(&self.run(&all))
    }

    pub fn status(&self) -> Value {
        let output = self.run(&["account", "status", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    pub fn history(&self) -> Vec<Value> {
        lines(&self.run(&["history", "--json"]))
    }
}

pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    let read = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{output:?}")));
    let mut lines: Vec<Value> = read.collect();
    lines.sort_by_key(|line| line["path"].as_str().unwrap_or_default().to_owned());
    lines
}
