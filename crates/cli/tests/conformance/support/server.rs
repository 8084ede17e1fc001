//! The real program, with data of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use super::{Answer, Part, contract, multipart, request};

/// A server that is up, until it is dropped.
pub struct Server {
    child: Child,
    pub url: String,
    /// Host and port.
    pub address: String,
    pub dir: Arc<TempDir>,
    pub token: String,
    log: Arc<Mutex<String>>,
}

/// Plain HTTP, and the addresses of the tests' own hosts.
const LOCAL: &[&str] = &["--allow-http", "--allow-address", "127.0.0.1"];

impl Server {
    /// With the contract's defaults, on loopback.
    pub fn start() -> Server {
        Server::with(&[])
    }

    /// With further options.
    pub fn with(options: &[&str]) -> Server {
        Server::exactly(&[LOCAL, options].concat())
    }

    /// With further options and variables of the environment.
    pub fn within(environment: &[(&str, &str)], options: &[&str]) -> Server {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let token = token(&dir, "me");
        let mut program = program(&dir);
        program.envs(environment.iter().copied());
        Server::begun(program, dir, token, &[LOCAL, options].concat())
    }

    /// With these options and no others, and an account `me`.
    pub fn exactly(options: &[&str]) -> Server {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let token = token(&dir, "me");
        Server::again(dir, token, options)
    }

    /// On data that is there already.
    pub fn again(dir: Arc<TempDir>, token: String, options: &[&str]) -> Server {
        let program = program(&dir);
        Server::begun(program, dir, token, options)
    }

    fn begun(mut program: Command, dir: Arc<TempDir>, token: String, options: &[&str]) -> Server {
        let mut child = program
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut line = String::new();
            while errors.read_line(&mut line).is_ok_and(|count| count > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        let url = first
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("it says {first:?}, and {}", log.lock().unwrap()))
            .to_owned();
        let address = url.split("://").nth(1).unwrap().to_owned();
        std::thread::spawn(move || output.read_to_string(&mut String::new()));
        Server {
            child,
            url,
            address,
            dir,
            token,
            log,
        }
    }

    /// The same data, served again by another process.
    pub fn restarted(mut self, options: &[&str]) -> Server {
        self.kill();
        let (dir, token) = (Arc::clone(&self.dir), self.token.clone());
        drop(self);
        Server::again(dir, token, &[LOCAL, options].concat())
    }

    /// As `kill -9` does it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks politely. The server ends when it has finished what it has.
    pub fn terminate(&self) {
        let id = self.child.id();
        let status = Command::new("sh")
            .args(["-c", &format!("kill -TERM {id}")])
            .status();
        assert!(status.unwrap().success());
    }

    /// Whether it has ended well.
    pub fn has_ended(&mut self) -> Option<bool> {
        self.child
            .try_wait()
            .unwrap()
            .map(|status| status.success())
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said to its operator.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// A command on the same data.
    pub fn command(&self, args: &[&str]) -> Output {
        program(&self.dir).args(args).output().unwrap()
    }

    /// A further token, for an account of this name.
    pub fn token_of(&self, account: &str) -> String {
        token(&self.dir, account)
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().to_path_buf()
    }

    /// A request with the token of `me`, its answer held against the contract.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let headers = [&[("Authorization", authorization.as_str())], headers].concat();
        self.plain(method, path, &headers, body)
    }

    /// The same without the token.
    pub fn plain(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = request(&self.address, method, path, headers, body);
        contract::held(method, path, &answer);
        answer
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"")
    }

    pub fn post_json(&self, path: &str, json: &Value) -> Answer {
        let body = json.to_string();
        let headers = [("Content-Type", "application/json")];
        self.send("POST", path, &headers, body.as_bytes())
    }

    pub fn post(&self, path: &str, parts: &[Part]) -> Answer {
        let (content_type, body) = multipart(parts);
        self.send("POST", path, &[("Content-Type", &content_type)], &body)
    }

    /// Sends a file and waits for the result.
    pub fn compress(&self, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        self.post_file("/v1/compress", name, bytes, fields)
    }

    /// Queues a file.
    pub fn enqueue(&self, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        self.post_file("/v1/original_images", name, bytes, fields)
    }

    fn post_file(&self, path: &str, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        let mut parts = vec![Part::File(name, bytes)];
        parts.extend(fields.iter().map(|(name, value)| Part::Field(name, value)));
        self.post(path, &parts)
    }

    /// The bytes behind a link.
    #[track_caller]
    pub fn download(&self, link: &Value) -> Vec<u8> {
        let answer = self.plain("GET", &super::path_of(link), &[], b"");
        assert_eq!(answer.status, 200, "{link}");
        answer.body
    }

    /// The image once it has come to its end.
    pub fn ended(&self, id: &Value) -> Value {
        let mut image = Value::Null;
        super::until("an image's end", || {
            image = self.get(&format!("/v1/original_images/{id}")).image();
            matches!(image["status"].as_str(), Some("completed" | "error"))
        });
        image
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.log());
        }
    }
}

fn program(dir: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_whittle"));
    program.env("WHITTLE_DATA_DIR", dir.path().join("data"));
    // The network of whoever runs the tests is none of the server's business.
    for name in [
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "WHITTLE_LOG",
    ] {
        program.env_remove(name);
    }
    program
}

fn token(dir: &TempDir, account: &str) -> String {
    let output = program(dir)
        .args(["token", "new", "--account", account])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
