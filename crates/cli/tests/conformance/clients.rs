//! Item 37: a published client, and the page for people.

use std::path::Path;
use std::process::Command;

use crate::support::{Server, contract_folder, fixture, holds, images};

/// Where `cargo xtask test` installs the client; without it, and outside of that, the test says so.
fn client() -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/npm");
    let is_there = folder.join("node_modules/@crush-pics/crush-pics").is_dir();
    let must = std::env::var_os("WHITTLE_CLIENT_TESTS").is_some();
    assert!(
        is_there || !must,
        "the client is not installed: npm ci in {}",
        folder.display()
    );
    is_there.then_some(folder)
}

#[test]
fn item_37_the_npm_client() {
    let Some(folder) = client() else {
        println!("passed over: run `npm ci` in crates/cli/tests/clients/npm first");
        return;
    };
    let server = Server::start();
    std::fs::write(server.data().join("photo.jpg"), images::photo(64, 48)).unwrap();
    let output = Command::new("node")
        .arg(folder.join("methods.js"))
        .arg(format!("{}/v1", server.url))
        .arg(&server.token)
        .arg(server.data().join("photo.jpg"))
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // Every method but invoices and export.
    assert_eq!(
        said.lines().filter(|line| line.starts_with("ok ")).count(),
        10,
        "{said}"
    );
}

#[test]
fn item_37_every_fixture_fits_its_schema() {
    let index = fixture("index");
    let mut checked = 0;
    for entry in index.as_array().unwrap() {
        let name = entry["file"].as_str().unwrap().trim_end_matches(".json");
        let Some(schema) = entry["schema"].as_str() else {
            continue;
        };
        holds(schema.rsplit('/').next().unwrap(), &fixture(name));
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
    // None is forgotten: each file is in the index.
    let files = contract_folder()
        .join("examples")
        .read_dir()
        .unwrap()
        .count();
    assert_eq!(files, index.as_array().unwrap().len() + 1);
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let server = Server::start();
    let page = server.plain("GET", "/", &[], b"");
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let html = String::from_utf8(page.body.clone()).unwrap();
    for text in [
        "POST",
        "/v1/compress",
        "/v1/dashboard",
        "Webhooks",
        "CompressResponse",
        &server.url,
        "Images waiting",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for word in ["<script", "src=", "@import", "url(", "<link"] {
        assert!(!html.contains(word), "{word}");
    }
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    let openapi = server.plain("GET", "/openapi.yaml", &[], b"");
    assert_eq!(
        openapi.body,
        std::fs::read(contract_folder().join("openapi.yaml")).unwrap()
    );
    let health = server.plain("GET", "/healthz", &[], b"");
    assert_eq!(
        (health.status, health.json()),
        (200, serde_json::json!({ "status": "ok" }))
    );
    server.compress("a.png", &images::small_png(), &[]);
    let metrics = String::from_utf8(server.plain("GET", "/metrics", &[], b"").body).unwrap();
    for line in [
        "whittle_http_requests_total{route=\"/v1/compress\",status=\"200\"} 1",
        "whittle_images_completed_total 1",
        "whittle_images_waiting 0",
        "whittle_image_work_seconds_count 1",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}
