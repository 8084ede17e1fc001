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
        Self::until(names, 4096)
    }

    /// Its certificate ends with the begin of this year.
    fn until(names: &[&str], year: i32) -> Private {
        let dir = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = format!("The authority of {}", names.join(" "));
        authority.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(authority, key).unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let key = KeyPair::generate().unwrap();
        let mut certificate = CertificateParams::new(names).unwrap();
        certificate.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = certificate.signed_by(&key, &authority).unwrap();
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
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    forwarded(client, target, &seen)
}

/// Carries to and fro, and remembers what was sent.
fn forwarded(mut client: TcpStream, target: &str, seen: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut server = TcpStream::connect(target)?;
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
fn a_certificate_that_is_out_of_date_is_told_as_that_and_nothing_is_sent() {
    let names = ["localhost", "127.0.0.1"];
    let private = Private::until(&names, 2020);
    let user = User::new(&private.server.token);
    let authority = private.authority();
    let trusted = [("SSL_CERT_FILE", authority.to_str().unwrap())];
    let output = connect(&user, &private.server.url, &trusted);
    refused(&output, "is not valid today");
    assert!(said(&output).contains("clock"), "{}", said(&output));
    assert!(!private.server.log().contains("answered"));
    assert_eq!(user.status()["state"], "not_connected");
}

/// A SOCKS5 proxy (RFC 1928) without authentication, or one that refuses.
struct Socks {
    address: String,
    /// Hosts and ports that were asked for.
    targets: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Socks {
    fn start(refuses: bool) -> Socks {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socks = Socks {
            address: listener.local_addr().unwrap().to_string(),
            targets: Arc::default(),
            seen: Arc::default(),
        };
        let (targets, seen) = (Arc::clone(&socks.targets), Arc::clone(&socks.seen));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (targets, seen) = (Arc::clone(&targets), Arc::clone(&seen));
                std::thread::spawn(move || {
                    if let Ok((client, target)) = greeted(client, refuses) {
                        targets.lock().unwrap().push(target.clone());
                        let _ = forwarded(client, &target, &seen);
                    }
                });
            }
        });
        socks
    }
}

/// Shakes hands; answers where the client wants to go.
fn greeted(mut client: TcpStream, refuses: bool) -> std::io::Result<(TcpStream, String)> {
    let bytes = |client: &mut TcpStream, count: usize| {
        let mut read = vec![0; count];
        client.read_exact(&mut read).map(|()| read)
    };
    let methods = bytes(&mut client, 2)?[1];
    bytes(&mut client, methods.into())?;
    client.write_all(&[5, 0])?;
    let kind = bytes(&mut client, 4)?[3];
    let host = match kind {
        1 => {
            let ip: [u8; 4] = bytes(&mut client, 4)?.try_into().unwrap();
            std::net::Ipv4Addr::from(ip).to_string()
        }
        _ => {
            let length = bytes(&mut client, 1)?[0];
            String::from_utf8_lossy(&bytes(&mut client, length.into())?).into_owned()
        }
    };
    let port = bytes(&mut client, 2)?;
    let port = u16::from_be_bytes([port[0], port[1]]);
    // 2: not allowed by the rules.
    client.write_all(&[5, if refuses { 2 } else { 0 }, 0, 1, 0, 0, 0, 0, 0, 0])?;
    match refuses {
        true => Err(std::io::ErrorKind::PermissionDenied.into()),
        false => Ok((client, format!("{host}:{port}"))),
    }
}

#[test]
fn a_socks_proxy_is_gone_through_and_gets_neither_token_nor_image() {
    let private = Private::named(&["localhost", "127.0.0.1"]);
    let (server, authority) = (&private.server, private.authority());
    let authority = ("SSL_CERT_FILE", authority.to_str().unwrap());
    let user = User::new(&server.token);
    for (variable, kind) in [
        ("ALL_PROXY", "socks5"),
        ("all_proxy", "socks5h"),
        ("HTTPS_PROXY", "socks5"),
    ] {
        let socks = Socks::start(false);
        let url = format!("{kind}://{}", socks.address);
        let through = connect(&user, &server.url, &[authority, (variable, &url)]);
        assert!(through.status.success(), "{variable} {kind}: {through:?}");
        let targets = socks.targets.lock().unwrap().clone();
        assert!(!targets.is_empty(), "{variable} is not heeded");
        assert!(targets.iter().all(|target| *target == server.address));
        let seen = socks.seen.lock().unwrap().clone();
        assert!(!seen.is_empty());
        let secret = server.token.as_bytes();
        assert!(!seen.windows(secret.len()).any(|part| part == secret));
    }
    let before = server.log().matches("answered").count();
    let refusing = Socks::start(true);
    let url = format!("socks5://{}", refusing.address);
    let output = connect(&user, &server.url, &[authority, ("ALL_PROXY", &url)]);
    refused(&output, "The proxy on the way");
    // One that is not there is not gone around.
    let gone = ("ALL_PROXY", "socks5://127.0.0.1:1");
    refused(
        &connect(&user, &server.url, &[authority, gone]),
        "cannot be reached",
    );
    assert_eq!(server.log().matches("answered").count(), before);
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
