//! Items 22 to 25: images behind URLs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Host, Reply, Server, images};

fn ask(server: &Server, url: &str) -> Answer {
    server.post_json("/v1/compress", &json!({ "image_url": url }))
}

/// What one server logged so far, what it answers everywhere, and its whole database.
fn nowhere(server: &Server, secret: &str) {
    assert!(!server.log().contains(secret), "in the log");
    for path in [
        "/v1/original_images",
        "/v1/original_images/1",
        "/v1/shop",
        "/v1/callback_urls",
    ] {
        let body = String::from_utf8(server.get(path).body).unwrap();
        assert!(!body.contains(secret), "{path}");
    }
}

#[test]
fn item_22_names_and_passwords_go_to_their_host_alone() {
    let server = Server::start();
    let last = Host::having(images::small_png());
    let place = format!("{}/last.png", last.url);
    let first = Host::new(move |asked| match asked.path.as_str() {
        "/here" => Reply::Elsewhere(302, "/there".into()),
        "/there" => Reply::Elsewhere(302, place.clone()),
        _ => Reply::Bytes(200, images::small_png()),
    });
    let with_user = |path: &str| first.url.replace("http://", "http://user:pa%24s-w0rd@") + path;
    let answer = ask(&server, &with_user("/image.png"));
    assert_eq!(answer.status, 200);
    // "user:pa$s-w0rd"
    assert_eq!(
        first.asked()[0].header("authorization"),
        Some("Basic dXNlcjpwYSRzLXcwcmQ=")
    );
    assert_eq!(answer.image()["filename"], "image.png");

    let redirected = ask(&server, &with_user("/here"));
    assert_eq!(redirected.status, 200);
    assert!(
        first.asked()[1..]
            .iter()
            .all(|asked| asked.header("authorization").is_some()),
        "the same host"
    );
    assert_eq!(last.asked().len(), 1);
    assert_eq!(
        last.asked()[0].header("authorization"),
        None,
        "another host"
    );
    for answer in [
        answer,
        redirected,
        ask(
            &server,
            &with_user("/here").replace("127.0.0.1", "10.0.0.1"),
        ),
    ] {
        let text = String::from_utf8(answer.body).unwrap();
        assert!(
            !text.contains("w0rd") && !text.contains("dXNlcjpw"),
            "{text}"
        );
    }
    for secret in ["w0rd", "dXNlcjpw", "pa%24s"] {
        nowhere(&server, secret);
    }
}

#[test]
fn item_23_nothing_connects_to_what_is_not_public() {
    // Nothing is allowed here, and this host must hear nothing.
    let server = Server::exactly(&["--allow-http"]);
    let host = Host::having(images::small_png());
    let port = host.port;
    let mut urls: Vec<String> = [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00::1]",
        "192.168.0.1",
        "172.16.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ]
    .iter()
    .map(|address| format!("http://{address}:{port}/a.png"))
    .collect();
    urls.push(format!("http://user:password@127.0.0.1:{port}/a.png"));
    urls.push(format!("https://127.0.0.1:{port}/a.png"));
    for url in &urls {
        for path in ["/v1/compress", "/v1/original_images"] {
            let answer = server.post_json(path, &json!({ "image_url": url }));
            assert_eq!(answer.said(), (422, "image_url_forbidden".into()), "{url}");
        }
        let answer = server.post_json("/v1/callback_urls", &json!({ "url": url }));
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{url}");
        assert!(answer.json()["message"]["url"].is_array());
        let change = json!({ "callback_url": url }).to_string();
        let headers = [("Content-Type", "application/json")];
        let answer = server.send("PATCH", "/v1/shop", &headers, change.as_bytes());
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{url}");
    }
    assert_eq!(host.connections(), 0);
    assert_eq!(
        server.get("/v1/callback_urls").json()["callback_urls"],
        json!([])
    );

    // Redirects from an allowed host to others.
    let server = Server::start();
    for place in [
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://127.0.0.2:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ] {
        let to = place.clone();
        let redirecting = Host::new(move |_| Reply::Elsewhere(302, to.clone()));
        let answer = ask(&server, &redirecting.url);
        // A name of this machine may stand for the allowed address alone.
        if place.contains("localhost") && answer.status == 200 {
            continue;
        }
        assert_eq!(
            answer.said(),
            (422, "image_url_forbidden".into()),
            "{place}"
        );
        assert_eq!(redirecting.asked().len(), 1);
    }
}

#[test]
fn item_24_urls_that_lead_nowhere() {
    let server = Server::start();
    let long = format!("http://example.com/{}", "a".repeat(4096));
    for url in [
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "http://",
        "http:///a.png",
        "https:/a.png",
        "//example.com/a.png",
        "a.png",
        "http://exa mple.com/",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "http://[::1/a",
        "http://example.com:99999/",
        &long,
    ] {
        let answer = ask(&server, url);
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{url}");
        assert_eq!(
            answer.json()["message"],
            json!({ "image_url": ["is invalid"] })
        );
    }
    assert_eq!(
        ask(&server, "HTTP://127.0.0.1:1/").said().1,
        "image_url_unreachable"
    );

    let server = Server::with(&["--fetch-timeout", "2"]);
    let host = Host::new(|asked| match asked.path.as_str() {
        "/404" => Reply::status(404),
        "/500" => Reply::status(500),
        "/204" => Reply::status(204),
        "/slow" => Reply::Silence(Duration::from_secs(10)),
        "/ftp" => Reply::Elsewhere(302, "ftp://example.com/".into()),
        "/loop" => Reply::Elsewhere(301, "/loop".into()),
        path => match path.trim_start_matches('/').parse::<u32>() {
            Ok(0) => Reply::Bytes(200, images::small_png()),
            Ok(left) => Reply::Elsewhere(307, format!("/{}", left - 1)),
            Err(_) => Reply::status(400),
        },
    });
    for path in ["/404", "/500", "/204", "/slow", "/ftp", "/loop", "/6"] {
        let answer = ask(&server, &format!("{}{path}", host.url));
        assert_eq!(
            answer.said(),
            (422, "image_url_unreachable".into()),
            "{path}"
        );
        assert_eq!(
            answer.json()["message"],
            json!({ "image_url": ["could not be fetched"] })
        );
    }
    assert_eq!(ask(&server, &format!("{}/5", host.url)).status, 200);
    let refused = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        ask(&server, &format!("http://{refused}/")).said().1,
        "image_url_unreachable"
    );
    assert_eq!(
        ask(&server, "http://name.invalid/").said().1,
        "image_url_unreachable"
    );
}

#[test]
fn item_25_large_bodies_and_pages() {
    let server = Server::with(&["--max-bytes", "100000"]);
    for length in [Some(1_u64 << 40), None] {
        let host = Host::new(move |_| Reply::Endless(length));
        let answer = ask(&server, &host.url);
        assert_eq!(answer.said(), (413, "file_too_large".into()), "{length:?}");
        let sent = *host.sent.lock().unwrap();
        // What the system buffers is on its way already.
        assert!(sent < 16 << 20, "{sent} bytes were read of {length:?}");
    }
    let page = Host::having(b"<!doctype html><html><body>Log in</body></html>".to_vec());
    assert_eq!(
        ask(&server, &page.url).said(),
        (415, "unsupported_image_type".into())
    );
    // Nothing of what failed was accepted.
    assert_eq!(
        server.get("/v1/original_images").json()["original_images"],
        Value::Array(vec![])
    );
}
