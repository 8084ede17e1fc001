//! Item 36: quotas, sizes, how much at once, and ending well. HTTPS, too.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use whittle_tests::fixtures::{Picture, named, png};

use crate::support::{Part, Server, exchange, images, multipart, until};

#[test]
fn item_36_the_quota() {
    let server = Server::start();
    let png = images::small_png();
    let plan = |bytes: usize| {
        server.command(&[
            "token",
            "plan",
            "--account",
            "me",
            "--bytes",
            &bytes.to_string(),
        ])
    };
    assert!(plan(png.len() + 1).status.success());
    for _ in 0..2 {
        // The second begins below the quota and ends above it.
        assert_eq!(server.compress("a.png", &png, &[]).status, 200);
    }
    for answer in [
        server.compress("a.png", &png, &[]),
        server.enqueue("a.png", &png, &[]),
    ] {
        assert_eq!(answer.said(), (402, "quota_exceeded".into()));
    }
    // A request that is not valid is told so first.
    assert_eq!(
        server
            .compress("a.png", &png, &[("strip_tags", "x")])
            .status,
        422
    );
    let data = server.get("/v1/shop").json()["shop"]["plan_data"].clone();
    assert_eq!(
        (&data["bytes"], &data["quota_usage"]),
        (&json!(png.len() + 1), &json!(png.len() * 2))
    );
    assert!(plan(1 << 20).status.success());
    assert_eq!(server.compress("a.png", &png, &[]).status, 200);
    assert!(
        server
            .command(&["token", "plan", "--account", "me"])
            .status
            .success()
    );
    assert_eq!(
        server.get("/v1/shop").json()["shop"]["plan_data"]["bytes"],
        9_007_199_254_740_991_u64
    );
}

#[test]
fn item_36_bodies_over_the_limit() {
    let server = Server::with(&["--max-bytes", "1000000"]);
    let large = vec![b'x'; 3_000_000];
    let (content_type, body) = multipart(&[Part::File("a.png", &large)]);
    let content_type = ("Content-Type", content_type.as_str());
    let json = ("Content-Type", "application/json");
    for path in ["/v1/compress", "/v1/original_images"] {
        let plain = server.send("POST", path, &[content_type], &body);
        assert_eq!(plain.said(), (413, "file_too_large".into()));
        assert_eq!(
            plain.json()["message"],
            json!({ "file": ["is larger than 1000000 bytes"] })
        );
        let chunked = server.send(
            "POST",
            path,
            &[content_type, ("Transfer-Encoding", "chunked")],
            &body,
        );
        assert_eq!(chunked.said(), (413, "file_too_large".into()));
        let large_json = format!("{{\"image_url\": \"{}\"}}", "x".repeat(3_000_000));
        assert_eq!(
            server
                .send("POST", path, &[json], large_json.as_bytes())
                .status,
            413
        );
    }
    // Only announced: answered without the rest, which never comes.
    let head = format!(
        "POST /v1/compress HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
        server.token
    );
    let stream = TcpStream::connect(&server.address).unwrap();
    assert_eq!(exchange(stream, head.as_bytes(), false).status, 413);
    assert_eq!(
        server.compress("a.png", &images::small_png(), &[]).status,
        200
    );
    let just_below = server.compress("a.png", &large[..1_000_000], &[]);
    assert_eq!(just_below.said(), (415, "unsupported_image_type".into()));
}

/// What the process holds at most, in bytes.
fn peak(server: &Server) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}

#[test]
fn item_36_bombs() {
    let server = Server::start();
    let bombs = ["gif-bomb-canvas-65535x65535.gif", "svg-billion-laughs.svg"];
    let mut images: Vec<(String, Vec<u8>)> = bombs
        .iter()
        .map(|name| ((*name).to_owned(), named(name).bytes))
        .collect();
    // A PNG that says 30000 × 30000 in its header.
    let mut large = png::encoded(&Picture::screenshot(8, 8));
    large[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let ihdr = png::chunk(b"IHDR", &large[16..29]);
    large.splice(8..33, ihdr);
    images.push(("large.png".into(), large));
    let before = peak(&server);
    for (name, bytes) in &images {
        for answer in [
            server.compress(name, bytes, &[]),
            server.enqueue(name, bytes, &[]),
        ] {
            let (status, code) = answer.said();
            assert_eq!(status, 422, "{name}");
            if !name.starts_with("svg") {
                assert_eq!(code, "image_too_many_pixels", "{name}");
            }
        }
    }
    let grown = peak(&server).saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes");
}

#[test]
fn item_36_too_much_at_once() {
    let server = Server::with(&["--max-at-once", "2", "--workers", "1"]);
    let photo = images::photo(900, 700);
    let statuses = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| server.compress("a.jpg", &photo, &[]).said()))
            .collect();
        asked
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .collect::<Vec<_>>()
    });
    // That Retry-After is there is seen wherever a 429 is read.
    let refused = statuses
        .iter()
        .filter(|said| **said == (429, "too_many_requests".into()))
        .count();
    let served = statuses.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(refused + served, 6, "{statuses:?}");
    assert!(refused >= 1 && served >= 2, "{statuses:?}");
    // Another account is not held up by that, and this one is served again.
    assert_eq!(
        server.compress("a.png", &images::small_png(), &[]).status,
        200
    );

    let server = Server::with(&["--max-per-minute", "3"]);
    let statuses: Vec<u16> = (0..5).map(|_| server.get("/v1/shop").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let other = format!("Bearer {}", server.token_of("other"));
    assert_eq!(
        server
            .plain("GET", "/v1/shop", &[("Authorization", &other)], b"")
            .status,
        200
    );

    let server = Server::with(&["--max-queue", "1", "--workers", "1"]);
    assert_eq!(server.enqueue("a.jpg", &photo, &[]).status, 200);
    assert_eq!(
        server.enqueue("a.jpg", &photo, &[]).said(),
        (503, "unavailable".into())
    );
}

#[test]
fn item_36_ending_well() {
    let mut server = Server::with(&["--workers", "1"]);
    let photo = images::photo(1000, 800);
    let address = server.address.clone();
    let queued = server.enqueue("later.jpg", &photo, &[]).image();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| server.compress("a.jpg", &photo, &[]));
        until("the request to run", || {
            let list = server.get("/v1/original_images").json();
            list["original_images"].as_array().unwrap().len() == 2
        });
        server.terminate();
        // New requests are refused, and told when to come again, while the old one goes on.
        let mut refused = false;
        while !running.is_finished() {
            if TcpStream::connect(&address).is_ok() {
                let answer = server.get("/v1/shop");
                refused |= answer.said() == (503, "unavailable".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(refused);
        assert_eq!(running.join().unwrap().image()["status"], "completed");
    });
    until("the end", || server.has_ended().is_some());
    assert_eq!(
        server.has_ended(),
        Some(true),
        "it ends as a program that went well"
    );
    let server = server.restarted(&[]);
    assert_eq!(server.ended(&queued["id"])["status"], "completed");
}

#[test]
fn item_36_and_2_https() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (
        dir.path().join("certificate.pem"),
        dir.path().join("key.pem"),
    );
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let server = Server::exactly(&[
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ]);
    assert!(server.url.starts_with("https://"), "{}", server.url);

    let mut roots = rustls::RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let over_tls = |text: &str| {
        let name = "localhost".try_into().unwrap();
        let connection = rustls::ClientConnection::new(Arc::clone(&config), name).unwrap();
        let stream = TcpStream::connect(&server.address).unwrap();
        exchange(
            rustls::StreamOwned::new(connection, stream),
            text.as_bytes(),
            false,
        )
    };
    let answer = over_tls(&format!(
        "GET /v1/shop HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        server.token
    ));
    assert_eq!(answer.status, 200);
    // A client that speaks plain HTTP to the same port is told so, and its token goes nowhere.
    let plain = server.get("/v1/shop");
    assert_eq!(plain.said(), (403, "https_required".into()));
    // One that says nothing, or nonsense, holds nobody up.
    let mut silent = TcpStream::connect(&server.address).unwrap();
    silent.write_all(&[0x16, 3, 1, 0]).unwrap();
    let _mute = TcpStream::connect(&server.address).unwrap();
    assert_eq!(
        over_tls("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status,
        200
    );
    let bad = Server::exactly(&["--behind-proxy"]).command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        key.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ]);
    assert!(!bad.status.success());
}
