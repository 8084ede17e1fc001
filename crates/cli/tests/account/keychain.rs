//! The token in a real keychain: a gnome-keyring of the test's own, on a message bus of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, until};
use crate::user::User;

/// A bus that starts nothing by itself: whoever is on it was put there by the test.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=RUNTIME</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// Somebody's session, with a bus and, when it was opened, a keychain.
struct Session {
    home: TempDir,
    bus: Child,
    address: String,
    keychain: Option<Child>,
}

/// Whether the test can run here; where it must, a missing program is a failure.
fn can_run() -> bool {
    let lacking: Vec<&str> = ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"]
        .into_iter()
        .filter(|name| {
            let asked = Command::new(name).arg("--version").output();
            asked.is_err()
        })
        .collect();
    let required =
        std::env::var_os("WHITTLE_KEYCHAIN_TESTS").is_some_and(|value| value == "required");
    assert!(
        lacking.is_empty() || !required,
        "{lacking:?} is not installed"
    );
    if !lacking.is_empty() {
        eprintln!("the test with a real keychain does not run here: {lacking:?} is not installed");
    }
    lacking.is_empty()
}

impl Session {
    fn start() -> Session {
        let home = tempfile::tempdir().unwrap();
        let runtime = home.path().join("run");
        std::fs::create_dir(&runtime).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(&runtime, private).unwrap();
        }
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS.replace("RUNTIME", &runtime.to_string_lossy())).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        assert!(address.starts_with("unix:"), "{address}");
        Session {
            home,
            bus,
            address: address.trim().to_owned(),
            keychain: None,
        }
    }

    /// A program of this session.
    fn within<'a>(&self, program: &'a mut Command) -> &'a mut Command {
        let home = self.home.path();
        program
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_DATA_HOME", home.join("share"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL")
    }

    /// Starts the keychain, open or locked. Whatever was there before ends.
    fn keychain(&mut self, open: bool) {
        self.end_keychain();
        let mut daemon = Command::new("gnome-keyring-daemon");
        daemon.args(["--foreground", "--components=secrets"]);
        if open {
            daemon.arg("--unlock");
        }
        let mut daemon = self
            .within(&mut daemon)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut password = daemon.stdin.take().unwrap();
        if open {
            password.write_all(b"open sesame").unwrap();
        }
        drop(password);
        self.keychain = Some(daemon);
        until("the keychain", || self.has_keychain());
    }

    fn end_keychain(&mut self) {
        if let Some(mut daemon) = self.keychain.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
            until("the keychain's end", || !self.has_keychain());
        }
    }

    fn has_keychain(&self) -> bool {
        let answer = self.asked(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        );
        answer.contains("boolean true")
    }

    /// How many entries of Whittle's the keychain has, read by somebody else than Whittle.
    fn entries(&self) -> usize {
        let answer = self.asked(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.SearchItems",
            "dict:string:string:service,Whittle",
        );
        assert!(answer.contains("array"), "{answer}");
        answer.matches("object path").count()
    }

    fn asked(&self, name: &str, path: &str, method: &str, argument: &str) -> String {
        let mut send = Command::new("dbus-send");
        send.args(["--session", "--print-reply"])
            .arg(format!("--dest={name}"))
            .args([path, method, argument]);
        let output = self.within(&mut send).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The program in this session, without a token in its environment, telling all that it can tell.
    fn run(&self, user: &User, args: &[&str], input: &str) -> Output {
        let mut program = user.program();
        let mut child = self
            .within(&mut program)
            .args(args)
            .env_remove("WHITTLE_ACCOUNT_TOKEN")
            .env("WHITTLE_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who does not read it may have ended.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.keychain.iter_mut().chain([&mut self.bus]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn status(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

fn has(text: &[u8], secret: &str) -> bool {
    text.windows(secret.len())
        .any(|part| part == secret.as_bytes())
}

#[test]
fn the_token_is_in_the_keychain_and_nowhere_else() {
    if !can_run() {
        return;
    }
    let mut session = Session::start();
    session.keychain(true);
    let server = Server::start();
    let user = User::new("");
    let connect = ["account", "connect", &server.url, "--allow-http"];
    let connected = session.run(&user, &connect, &server.token);
    assert!(connected.status.success(), "{connected:?}");
    // One entry: what the keychain was probed with is gone.
    assert_eq!(session.entries(), 1);

    // Another process finds it there, and works with it.
    let again = session.run(&user, &["account", "status", "--json"], "");
    let told = status(&again);
    assert_eq!(
        (&told["state"], &told["token"]),
        (&"up_to_date".into(), &"keychain".into())
    );
    user.picture(1);
    let optimize = [
        "optimize", "pictures", "--out", "out", "--json", "--via", "account",
    ];
    let optimized = session.run(&user, &optimize, "");
    assert!(optimized.status.success(), "{optimized:?}");
    assert_eq!(
        server.get("/v1/original_images").json()["pagination"]["total_count"],
        1
    );

    // It stands in no file, in no log and in no output.
    for output in [&connected, &again, &optimized] {
        assert!(!has(&output.stdout, &server.token) && !has(&output.stderr, &server.token));
    }
    assert!(
        String::from_utf8_lossy(&connected.stderr).contains("TRACE"),
        "the log tells little: {connected:?}"
    );
    let mut kept = Vec::new();
    files(user.dir.path(), &mut kept);
    files(session.home.path(), &mut kept);
    assert!(
        kept.iter().any(|path| path.ends_with("whittle.sqlite3")),
        "{kept:?}"
    );
    for path in kept {
        let text = std::fs::read(&path).unwrap();
        assert!(!has(&text, &server.token), "{}", path.display());
    }

    // The keychain keeps it over a new session of its own.
    session.keychain(true);
    let told = status(&session.run(&user, &["account", "status", "--json"], ""));
    assert_eq!(told["state"], "up_to_date", "{told}");

    let forgotten = session.run(&user, &["account", "disconnect"], "");
    assert!(forgotten.status.success(), "{forgotten:?}");
    assert_eq!(session.entries(), 0);
    let told = status(&session.run(&user, &["account", "status", "--json"], ""));
    assert_eq!(told["state"], "not_connected");
}

#[test]
fn a_keychain_that_is_locked_or_gone_is_told_and_takes_no_token() {
    if !can_run() {
        return;
    }
    let mut session = Session::start();
    session.keychain(true);
    let server = Server::start();
    let user = User::new("");
    let connect = ["account", "connect", &server.url, "--allow-http"];

    for open in [Some(false), None] {
        session.keychain(true);
        let connected = session.run(&user, &connect, &server.token);
        assert!(connected.status.success(), "{connected:?}");
        match open {
            Some(open) => session.keychain(open),
            None => session.end_keychain(),
        }
        // What is connected says what is wrong, and does not forget where its token is.
        let told = status(&session.run(&user, &["account", "status", "--json"], ""));
        assert_eq!(
            (&told["state"], &told["token"]),
            (&"no_token".into(), &"keychain".into())
        );
        let message = told["message"].as_str().unwrap_or_default();
        assert!(message.contains("keychain"), "{open:?}: {told}");
        // Nobody is told that a token was forgotten that is still there.
        let forgotten = session.run(&user, &["account", "disconnect"], "");
        assert!(!forgotten.status.success(), "{open:?}: {forgotten:?}");
        let said = String::from_utf8_lossy(&forgotten.stderr).into_owned();
        assert!(said.contains("keychain"), "{said}");

        // Somebody new is told, and nothing is kept without a yes.
        let other = User::new("");
        let refused = session.run(&other, &connect, &server.token);
        assert!(!refused.status.success(), "{open:?}: {refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("keychain"));
        let told = status(&session.run(&other, &["account", "status", "--json"], ""));
        assert_eq!(told["state"], "not_connected");
        let file = other.dir.path().join("data/account-token");
        assert!(!file.exists());
        let yes = [&connect[..], &["--token-in-file"]].concat();
        let kept = session.run(&other, &yes, &server.token);
        assert!(kept.status.success(), "{open:?}: {kept:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), server.token);
        let told = status(&session.run(&other, &["account", "status", "--json"], ""));
        assert_eq!(
            (&told["state"], &told["token"]),
            (&"up_to_date".into(), &"file".into())
        );
    }

    // Once it is open again, all is well: the entry that was left is the one of the next connection.
    session.keychain(true);
    assert_eq!(session.entries(), 1);
    let connected = session.run(&user, &connect, &server.token);
    assert!(connected.status.success(), "{connected:?}");
    session.keychain(false);
    session.keychain(true);
    let told = status(&session.run(&user, &["account", "status", "--json"], ""));
    assert_eq!(told["state"], "up_to_date", "{told}");
    assert_eq!(session.entries(), 1);
    let forgotten = session.run(&user, &["account", "disconnect"], "");
    assert!(forgotten.status.success(), "{forgotten:?}");
    assert_eq!(session.entries(), 0);
}
