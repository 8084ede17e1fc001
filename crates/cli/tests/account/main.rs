//! The account's client: the real program against the real `whittle serve` on loopback, with a proxy
//! between them that does what networks do.

#[path = "../conformance/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the conformance tests"
)]
mod support;

mod faults;
#[cfg(target_os = "linux")]
mod keychain;
mod sync;
mod tls;
mod user;
mod working;

use std::io::Write;
use std::process::Stdio;

use support::Server;
use user::{User, server};

#[test]
fn an_account_is_connected_told_of_and_forgotten() {
    let (server, proxy) = server(1, &[]);
    let user = User::new(&server.token);
    assert_eq!(user.status()["state"], "not_connected");
    let output = user.run(&["account", "connect", &proxy.url]);
    assert!(!output.status.success(), "plain HTTP without asking for it");
    assert_eq!(user.status()["state"], "not_connected");

    let output = user.run(&["account", "connect", &proxy.url, "--allow-http"]);
    assert!(output.status.success(), "{output:?}");
    let status = user.status();
    assert_eq!(status["state"], "up_to_date");
    assert_eq!(status["login"], "me");
    assert_eq!(status["endpoint"], format!("{}/v1", proxy.url));
    assert_eq!(status["token"], "environment");
    assert_eq!(status["defaults"]["mode"], "balanced");
    assert_eq!(status["plan"]["bytes"], serde_json::Value::Null);
    assert_eq!(status["plan"]["used"], 0);

    let output = user.run(&["account", "defaults", "--mode", "lossy", "--level", "40"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(user.status()["defaults"]["level_png"], 40);
    let shop = server.get("/v1/shop").json();
    assert_eq!(shop["shop"]["compression_type"], "lossy");

    assert!(user.run(&["account", "disconnect"]).status.success());
    assert_eq!(user.status()["state"], "not_connected");
}

#[test]
fn every_state_of_the_account_is_told() {
    let (server, proxy) = server(1, &[]);
    let mut user = User::connected(&server, &proxy);
    server.command(&["token", "plan", "--account", "me", "--bytes", "212000000"]);
    let status = user.status();
    assert_eq!(status["plan"]["bytes"], 212_000_000);
    server.command(&["token", "plan", "--account", "me", "--bytes", "0"]);
    assert_eq!(user.status()["state"], "quota_used_up");
    server.command(&["token", "suspend", "--account", "me"]);
    let output = user.run(&["account", "status"]);
    assert!(!output.status.success());
    assert_eq!(user.status()["state"], "suspended");
    server.command(&["token", "resume", "--account", "me"]);
    proxy.up(false);
    assert_eq!(user.status()["state"], "offline");
    proxy.up(true);
    user.token = "wh_wrong".into();
    let status = user.status();
    assert_eq!(status["state"], "bad_token");
    assert!(status["message"].as_str().unwrap().contains("token"));
    let output = user.run(&["account", "connect", &proxy.url, "--allow-http"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not accept the token"));
}

/// Connects with a token on standard input, and no keychain.
fn connect_by_stdin(user: &User, server: &Server, args: &[&str]) -> std::process::Output {
    let mut child = user
        .program()
        .args(["account", "connect", &server.url, "--allow-http"])
        .args(args)
        .env_remove("WHITTLE_ACCOUNT_TOKEN")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(format!("{}\n", server.token).as_bytes())
        .unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

#[test]
fn without_a_keychain_the_token_is_kept_only_where_somebody_said_yes() {
    let server = Server::start();
    let user = User::new("");
    let output = connect_by_stdin(&user, &server, &[]);
    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("keychain"),
        "{output:?}"
    );

    let output = connect_by_stdin(&user, &server, &["--token-in-file"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&server.token));
    let file = user.dir.path().join("data/account-token");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), server.token);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    // It is nowhere else, and no log has it.
    let logged = user
        .program()
        .args(["account", "status", "--json"])
        .env_remove("WHITTLE_ACCOUNT_TOKEN")
        .env("WHITTLE_LOG", "trace")
        .output()
        .unwrap();
    assert!(logged.status.success(), "{logged:?}");
    assert!(String::from_utf8_lossy(&logged.stdout).contains("\"file\""));
    let mut texts = vec![logged.stdout, logged.stderr];
    for entry in user.dir.path().join("data").read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path != file {
            texts.push(std::fs::read(path).unwrap());
        }
    }
    assert!(texts.len() > 3);
    let secret = server.token.as_bytes();
    for text in texts {
        assert!(!text.windows(secret.len()).any(|part| part == secret));
    }
    assert!(user.run(&["account", "disconnect"]).status.success());
    assert!(!file.exists());
}
