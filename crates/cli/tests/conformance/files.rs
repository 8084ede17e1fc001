//! Item 35: links to files.

use serde_json::Value;

use crate::support::{Answer, Server, images, path_of, until};

/// Whatever is said of a file, nothing of it runs.
fn is_harmless(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'; sandbox")
    );
}

#[test]
fn item_35_file_links() {
    let server = Server::start();
    let png = images::small_png();
    let image = server.compress("größe (1).png", &png, &[]).image();
    for link in [&image["link"], &image["optimized_images"][0]["link"]] {
        let path = path_of(link);
        let get = |headers: &[(&str, &str)]| server.plain("GET", &path, headers, b"");
        let whole = get(&[]);
        assert_eq!(
            (whole.status, whole.header("content-type")),
            (200, Some("image/png"))
        );
        assert_eq!(
            whole.header("cache-control"),
            Some("private, max-age=3600, immutable")
        );
        assert!(
            whole.header("content-disposition").unwrap().starts_with(
                "inline; filename=\"gr__e (1).png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe"
            )
        );
        // A token that is sent is ignored, a wrong one as well.
        assert_eq!(get(&[("Authorization", "Bearer wrong")]).status, 200);
        let head = server.plain("HEAD", &path, &[], b"");
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(
            head.header("content-length"),
            Some(whole.body.len().to_string().as_str())
        );
        let etag = whole.header("etag").unwrap();
        assert_eq!(head.header("etag"), Some(etag));
        for known in [
            etag.to_owned(),
            format!("\"other\", {etag}"),
            format!("W/{etag}"),
            "*".into(),
        ] {
            let answer = get(&[("If-None-Match", &known)]);
            assert_eq!(
                (answer.status, answer.header("etag")),
                (304, Some(etag)),
                "{known}"
            );
            is_harmless(&answer);
        }
        assert_eq!(get(&[("If-None-Match", "\"other\"")]).status, 200);
        let (folder, _) = path.rsplit_once('/').unwrap();
        for other in [
            format!("{folder}/other.png"),
            format!("/v1/files/{}/a.png", "1".repeat(24)),
            "/v1/files/short/a.png".into(),
            "/v1/files/..%2F..%2F..%2Fserver.sqlite3/a".into(),
            format!("/v1/files/{}/a.png", "0".repeat(24)),
        ] {
            let answer = server.plain("GET", &other, &[], b"");
            assert_eq!(answer.said(), (404, "not_found".into()), "{other}");
            is_harmless(&answer);
        }
        for answer in [&whole, &head] {
            is_harmless(answer);
        }
    }
    assert!(
        !server.log().contains(&path_of(&image["link"])[10..30]),
        "a link is a permission: it is not logged"
    );
}

#[test]
fn item_35_unfinished_links() {
    let server = Server::with(&["--workers", "1", "--wait", "0"]);
    // The first keeps the worker busy, so that the second waits.
    server.enqueue("a.jpg", &images::photo(900, 700), &[]);
    let image = server
        .compress("b.jpg", &images::photo(900, 700), &[])
        .image();
    let link = path_of(&image["optimized_images"][0]["link"]);
    let answer = server.plain("GET", &link, &[], b"");
    assert_eq!(answer.said(), (404, "file_not_ready".into()));
    assert!(
        answer
            .header("retry-after")
            .unwrap()
            .parse::<u32>()
            .unwrap()
            >= 1
    );
    is_harmless(&answer);
    assert_eq!(
        server
            .plain("GET", &path_of(&image["link"]), &[], b"")
            .status,
        200
    );
    server.ended(&image["id"]);
    assert_eq!(server.plain("GET", &link, &[], b"").status, 200);
}

#[test]
fn item_35_links_end() {
    let server = Server::with(&["--link-lifetime", "2"]);
    let image = server.compress("a.png", &images::small_png(), &[]).image();
    let links: Vec<Value> = vec![
        image["link"].clone(),
        image["optimized_images"][0]["link"].clone(),
    ];
    for link in &links {
        assert_eq!(server.plain("GET", &path_of(link), &[], b"").status, 200);
    }
    until("the end of the links", || {
        links
            .iter()
            .all(|link| server.plain("GET", &path_of(link), &[], b"").status == 410)
    });
    for link in &links {
        let answer = server.plain("GET", &path_of(link), &[], b"");
        assert_eq!(answer.said(), (410, "file_expired".into()));
        is_harmless(&answer);
    }
    // The record stays, and says when it was.
    let image = server
        .get(&format!("/v1/original_images/{}", image["id"]))
        .image();
    assert_eq!(image["status"], "completed");
    assert!(image["optimized_images"][0]["expire_at"].is_string());
    // The files go at the next look, which each start takes.
    let files = server.data().join("data/files");
    let server = server.restarted(&["--link-lifetime", "2"]);
    until("the files to go", || {
        std::fs::read_dir(&files).unwrap().count() == 0
    });
    for link in &links {
        assert_eq!(
            server.plain("GET", &path_of(link), &[], b"").said(),
            (410, "file_expired".into())
        );
    }
}

#[test]
fn files_that_belong_to_nothing_go() {
    let server = Server::start();
    let image = server.compress("a.png", &images::small_png(), &[]).image();
    let files = server.data().join("data/files");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 3600);
    let put = |name: &str| {
        let path = files.join(name);
        std::fs::write(&path, "bytes").unwrap();
        path
    };
    let age = |path: &std::path::Path| {
        let file = std::fs::File::options().append(true).open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    let orphan = put("111111111111111111111111");
    // A record may still come for this one.
    let young = put("222222222222222222222222");
    let of_others = put("notes of the operator.txt");
    age(&orphan);
    age(&of_others);
    let known: Vec<_> = [&image["link"], &image["optimized_images"][0]["link"]]
        .map(|link| files.join(path_of(link).split('/').nth(3).unwrap()))
        .to_vec();
    known.iter().for_each(|path| age(path));
    let _server = server.restarted(&[]);
    until("the orphan to go", || !orphan.exists());
    assert!(young.exists() && of_others.exists());
    assert!(known.iter().all(|path| path.exists()), "{known:?}");
}
