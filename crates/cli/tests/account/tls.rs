//! TLS that is verified, and proxies on the way: the real program, a real `whittle serve` with a certificate
//! of the test's own, and a proxy that sees what a proxy sees.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Output;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::support::Server;
use crate::user::{User, lines};

/// An authority, and a server that it vouches for under these names.
struct Private {
    dir: TempDir,
    server: Server,
}

impl Private {
    fn named(names: &[&str]) -> Private {
        let dir = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = format!("The authority of {}", names.join(" "));
        authority.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        for (name, text) in [
            ("authority.pem", authority.pem()),
            ("certificate.pem", certificate.pem()),
            ("key.pem", key.serialize_pem()),
        ] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
        let server = Server::exactly(&[
            "--tls-cert",
            &path("certificate.pem"),
            "--tls-key",
            &path("key.pem"),
        ]);
        Private { dir, server }
    }

    fn authority(&self) -> PathBuf {
        self.dir.path().join("authority.pem")
    }
}

/// A proxy: what it was asked for, all that it could read, and whether it lets anybody through.
struct Proxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    fn start(refusal: Option<&'static str>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy {
            url: format!("http://{}", listener.local_addr().unwrap()),
            heads: Arc::default(),
            seen: Arc::default(),
        };
        let (heads, seen) = (Arc::clone(&proxy.heads), Arc::clone(&proxy.seen));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heads, seen) = (Arc::clone(&heads), Arc::clone(&seen));
                std::thread::spawn(move || drop(tunnel(client, refusal, &heads, seen)));
            }
        });
        proxy
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn has_seen(&self, secret: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.windows(secret.len())
            .any(|part| part == secret.as_bytes())
    }
}

fn tunnel(
    mut client: TcpStream,
    refusal: Option<&str>,
    heads: &Mutex<Vec<String>>,
    seen: Arc<Mutex<Vec<u8>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    seen.lock().unwrap().extend_from_slice(&head);
    let head = String::from_utf8_lossy(&head).into_owned();
    heads.lock().unwrap().push(head.clone());
    if let Some(status) = refusal {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        return client.write_all(answer.as_bytes());
    }
    let target = head.split(' ').nth(1).unwrap_or_default();
    let mut server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut back, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut server, &mut back);
        let _ = back.shutdown(Shutdown::Write);
    });
    let mut piece = [0; 16 << 10];
    loop {
        let count = client.read(&mut piece)?;
        if count == 0 {
            return to.shutdown(Shutdown::Write);
        }
        seen.lock().unwrap().extend_from_slice(&piece[..count]);
        to.write_all(&piece[..count])?;
    }
}

fn connect(user: &User, url: &str, environment: &[(&str, &str)]) -> Output {
    user.program()
        .args(["account", "connect", url])
        .envs(environment.iter().copied())
        .env("WHITTLE_LOG", "trace")
        .output()
        .unwrap()
}

/// What it said to whoever typed the command, without the log.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rfind(|line| line.starts_with("error:"));
    last.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[track_caller]
fn refused(output: &Output, word: &str) {
    assert!(!output.status.success(), "{output:?}");
    assert!(said(output).contains(word), "{}", said(output));
}

#[test]
fn a_certificate_must_be_of_a_known_authority_and_for_this_server() {
    let private = Private::named(&["localhost", "127.0.0.1"]);
    let (server, authority) = (&private.server, private.authority());
    let other = Private::named(&["elsewhere.example"]);
    let user = User::new(&server.token);
    let trusting = |path: &PathBuf| vec![("SSL_CERT_FILE", path.to_str().unwrap().to_owned())];
    let connect = |url: &str, trusted: &PathBuf| {
        let trusted = trusting(trusted);
        let trusted: Vec<(&str, &str)> = trusted
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        connect(&user, url, &trusted)
    };
    refused(&connect(&server.url, &other.authority()), "certificate");
    refused(
        &connect(&other.server.url, &other.authority()),
        "another name",
    );
    assert_eq!(user.status()["state"], "not_connected");
    // Neither has got as far as a request, which is where the token is.
    assert!(!server.log().contains("answered") && !other.server.log().contains("answered"));

    let connected = connect(&server.url, &authority);
    assert!(connected.status.success(), "{connected:?}");
    user.picture(1);
    let mut optimize = user.program();
    let made = optimize
        .args([
            "optimize", "pictures", "--out", "out", "--json", "--via", "account",
        ])
        .env("SSL_CERT_FILE", &authority)
        .output()
        .unwrap();
    assert_eq!(lines(&made)[0]["outcome"], "optimized", "{made:?}");
    // What was trusted once and is not any more is told as what it is, and nothing is sent.
    let asked = server.log().matches("answered").count();
    let mut status = user.program();
    let output = status
        .args(["account", "status"])
        .env("SSL_CERT_FILE", other.authority())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("certificate"), "{told}");
    assert_eq!(server.log().matches("answered").count(), asked);
}

#[test]
fn plain_http_is_for_this_computer_only_even_where_it_is_allowed() {
    let user = User::new("wh_secret");
    for address in ["http://192.0.2.1", "http://localhost.example:80"] {
        let output = user.run(&["account", "connect", address, "--allow-http"]);
        refused(&output, "https://");
    }
}

#[test]
fn a_proxy_is_gone_through_and_gets_neither_token_nor_image() {
    let private = Private::named(&["localhost", "127.0.0.1"]);
    let (server, authority) = (&private.server, private.authority());
    let authority = ("SSL_CERT_FILE", authority.to_str().unwrap());
    let user = User::new(&server.token);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::start(None);
        let secret = proxy.url.replace("://", "://me:proxy-secret@");
        let through = connect(&user, &server.url, &[authority, (variable, &secret)]);
        assert!(through.status.success(), "{variable}: {through:?}");
        let heads = proxy.heads();
        assert!(!heads.is_empty(), "{variable} is not heeded");
        for head in heads {
            let target = format!("CONNECT {} HTTP/1.1\r\n", server.address);
            assert!(head.starts_with(&target), "{head}");
            assert!(head.to_lowercase().contains("proxy-authorization: basic "));
        }
        assert!(!proxy.has_seen(&server.token));
        let log = String::from_utf8_lossy(&through.stderr).into_owned();
        assert!(!log.contains("proxy-secret"), "{log}");

        let around = Proxy::start(None);
        let environment = [
            authority,
            (variable, &around.url),
            ("NO_PROXY", "127.0.0.1"),
        ];
        let connected = connect(&user, &server.url, &environment);
        assert!(connected.status.success(), "{connected:?}");
        assert!(around.heads().is_empty(), "NO_PROXY is not heeded");
    }
    for refusal in ["403 Forbidden", "407 Proxy Authentication Required"] {
        let proxy = Proxy::start(Some(refusal));
        let output = connect(
            &user,
            &server.url,
            &[authority, ("HTTPS_PROXY", &proxy.url)],
        );
        refused(&output, "proxy");
        assert!(!proxy.has_seen(&server.token));
    }
    // One of a kind that is not there is not gone around.
    let before = server.log().matches("answered").count();
    let kinds = [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
    ];
    for kind in kinds {
        let output = connect(&user, &server.url, &[authority, kind]);
        assert!(!output.status.success(), "{kind:?}: {output:?}");
    }
    assert_eq!(server.log().matches("answered").count(), before);
}

#[test]
fn what_is_plain_and_on_this_computer_goes_through_no_proxy() {
    let server = Server::start();
    let user = User::new(&server.token);
    let proxy = Proxy::start(None);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let output = user
            .program()
            .args(["account", "connect", &server.url, "--allow-http"])
            .env(variable, &proxy.url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{variable}: {output:?}");
        user.picture(1);
        let made = user
            .program()
            .args([
                "optimize", "pictures", "--out", "out", "--json", "--via", "account",
            ])
            .env(variable, &proxy.url)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }
    assert_eq!(proxy.heads(), Vec::<String>::new());
    // Nor does it need certificates.
    let output = user
        .program()
        .args(["account", "status"])
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
