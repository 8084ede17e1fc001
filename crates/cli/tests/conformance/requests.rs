//! Items 1 to 10: who may ask, in which shapes, and what is not valid.

use serde_json::{Value, json};

use crate::support::{Answer, Host, Part, Server, fixture, holds, images, multipart, path_of};

#[test]
fn item_01_tokens() {
    let server = Server::start();
    let get = |authorization: &str| {
        server.plain("GET", "/v1/shop", &[("Authorization", authorization)], b"")
    };
    assert_eq!(
        server.plain("GET", "/v1/shop", &[], b"").said(),
        (401, "missing_token".into())
    );
    for (authorization, code) in [
        ("Basic dXNlcjpwYXNz", "missing_token"),
        ("Bearer", "missing_token"),
        ("Bearer your-api-token", "invalid_token"),
    ] {
        let answer = get(authorization);
        assert_eq!(answer.said(), (401, code.into()), "{authorization}");
        assert!(answer.header("www-authenticate").is_some());
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(get(&format!("{scheme} {}", server.token)).status, 200);
    }
    // A revoked token is a wrong one.
    let other = server.token_of("me");
    let list = server.command(&["token", "list", "--json"]);
    let tokens: Vec<Value> = String::from_utf8(list.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert!(
        !format!("{tokens:?}").contains(&other[..20]),
        "tokens are not told again"
    );
    let bearer = format!("Bearer {other}");
    assert_eq!(get(&bearer).status, 200);
    assert!(
        server
            .command(&["token", "revoke", &tokens[1]["id"].to_string()])
            .status
            .success()
    );
    assert_eq!(get(&bearer).said(), (401, "invalid_token".into()));
    let database = std::fs::read(server.data().join("data/server.sqlite3")).unwrap();
    let log = std::fs::read(server.data().join("data/server.sqlite3-wal")).unwrap_or_default();
    for kept in [database, log] {
        let found = kept
            .windows(server.token.len())
            .any(|part| part == server.token.as_bytes());
        assert!(!found, "a token is stored as it is");
    }
}

#[test]
fn item_02_suspended_accounts_and_plain_http() {
    let server = Server::start();
    let image = server.compress("a.png", &images::small_png(), &[]).image();
    assert!(
        server
            .command(&["token", "suspend", "--account", "me"])
            .status
            .success()
    );
    for answer in [
        server.get("/v1/shop"),
        server.compress("a.png", &images::small_png(), &[]),
    ] {
        assert_eq!(answer.said(), (403, "account_suspended".into()));
    }
    let link = &image["optimized_images"][0]["link"];
    assert!(!server.download(link).is_empty());
    assert!(
        server
            .command(&["token", "resume", "--account", "me"])
            .status
            .success()
    );
    assert_eq!(server.get("/v1/shop").status, 200);

    let strict = Server::exactly(&[]);
    for (method, path) in [
        ("GET", "/v1/shop".to_owned()),
        ("POST", "/v1/compress".into()),
        ("GET", path_of(link)),
        ("GET", "/".into()),
        ("GET", "/nowhere".into()),
    ] {
        let answer = strict.send(method, &path, &[], b"");
        assert_eq!(answer.said(), (403, "https_required".into()), "{path}");
        assert_eq!(answer.header("location"), None);
    }
    // Behind a proxy that speaks HTTPS, and says so.
    let behind = Server::exactly(&["--behind-proxy"]);
    let said = |proto: &str| behind.send("GET", "/v1/shop", &[("X-Forwarded-Proto", proto)], b"");
    assert_eq!(said("https").status, 200);
    assert_eq!(said("http").said(), (403, "https_required".into()));
    assert_eq!(
        strict
            .send("GET", "/v1/shop", &[("X-Forwarded-Proto", "https")], b"")
            .status,
        403
    );
}

#[test]
fn item_03_every_error_has_one_shape() {
    let server = Server::start();
    for (method, path, expected) in [
        ("GET", "/v1/nowhere", (404, "not_found")),
        ("GET", "/v2/shop", (404, "not_found")),
        ("GET", "/v1/invoices", (404, "not_found")),
        ("GET", "/v1/export", (404, "not_found")),
        ("PUT", "/v1/shop", (405, "method_not_allowed")),
        ("DELETE", "/v1/compress", (405, "method_not_allowed")),
        ("GET", "/v1/compress", (405, "method_not_allowed")),
        ("POST", "/v1/original_images/1", (405, "method_not_allowed")),
        ("GET", "/v1/original_images/0", (404, "not_found")),
        ("GET", "/v1/original_images/x", (404, "not_found")),
        ("GET", "/v1/original_images/-1", (404, "not_found")),
        ("GET", "/v1/original_images/%2B1", (404, "not_found")),
        (
            "GET",
            "/v1/original_images/99999999999999999999",
            (404, "not_found"),
        ),
    ] {
        let (status, code) = expected;
        // That the body fits, and carries the request's id, is seen wherever an answer is read.
        assert_eq!(
            server.send(method, path, &[], b"").said(),
            (status, code.into()),
            "{method} {path}"
        );
    }
    let ids: Vec<String> = (0..3)
        .map(|_| {
            server
                .get("/v1/shop")
                .header("x-request-id")
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
}

#[test]
fn item_04_answers_are_json_whatever_is_accepted() {
    let server = Server::start();
    for headers in [
        &[][..],
        &[("Accept", "image/png")],
        &[("Accept", "")],
        &[("Accept", "text/html;q=0")],
    ] {
        for path in ["/v1/shop", "/v1/dashboard", "/v1/nowhere"] {
            let answer = server.send("GET", path, headers, b"");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(answer.json().is_object());
        }
    }
}

/// The fixtures as bytes on the wire. Their image and their host are put in.
fn sent(server: &Server, name: &str, host: &Host, file: &[u8]) -> (Answer, Value) {
    let wire = fixture(name);
    let asked = &wire["request"];
    let mut body = Vec::new();
    let text = asked["body"].as_str().unwrap();
    let text = text
        .replace("https://your-website.com", &host.url)
        .replace("http://your-website.com", &host.url);
    for (at, part) in text.split("{{FILE}}").enumerate() {
        if at > 0 {
            body.extend_from_slice(file);
        }
        body.extend_from_slice(part.as_bytes());
    }
    let bearer = format!("Bearer {}", server.token);
    let headers: Vec<(&str, &str)> = asked["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(
            |pair| match (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()) {
                ("Authorization", _) => ("Authorization", bearer.as_str()),
                pair => pair,
            },
        )
        .collect();
    let (method, path) = (
        asked["method"].as_str().unwrap(),
        asked["path"].as_str().unwrap(),
    );
    (
        server.plain(method, path, &headers, &body),
        wire["expect"].clone(),
    )
}

#[test]
fn item_05_every_wire_shape_is_understood() {
    let server = Server::start();
    let host = Host::having(images::wide_png());
    let file = images::photo(64, 48);
    let mut seen = 0;
    let folder = crate::support::contract_folder().join("examples");
    for entry in folder.read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name
            .strip_suffix(".json")
            .filter(|name| name.starts_with("wire-"))
        else {
            continue;
        };
        seen += 1;
        let (answer, expect) = sent(&server, name, &host, &file);
        let status = expect["status"].as_u64().unwrap_or(200);
        assert_eq!(
            u64::from(answer.status),
            status,
            "{name}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        if status != 200 {
            assert_eq!(answer.json()["code"], expect["code"], "{name}");
            continue;
        }
        let parsed = &expect["parsed"];
        if name == "wire-shop-update-urlencoded" {
            let shop = &answer.json()["shop"];
            for (member, value) in parsed.as_object().unwrap() {
                assert_eq!(&shop[member], value, "{name}: {member}");
            }
            continue;
        }
        let image = server.ended(&answer.image()["id"]);
        assert_eq!(image["status"], "completed", "{name}");
        for member in ["compression_type", "compression_level"] {
            if !parsed[member].is_null() {
                assert_eq!(image[member], parsed[member], "{name}: {member}");
            }
        }
        let filename = parsed
            .get("filename")
            .unwrap_or(&json!("image.png"))
            .clone();
        assert_eq!(image["filename"], filename, "{name}");
        if parsed["image_url"].is_string() {
            assert_eq!(host.asked().last().unwrap().path, "/images/image.png");
        } else {
            assert_eq!(server.download(&image["link"]), file, "{name}");
        }
        let outputs = image["optimized_images"].as_array().unwrap();
        let wanted = parsed["resize"].as_array().cloned().unwrap_or_default();
        assert_eq!(outputs.len(), 1 + wanted.len(), "{name}");
        for (wanted, output) in wanted.iter().zip(&outputs[1..]) {
            // The source is 1000 × 500, so that a crop has just the lengths that it asks for.
            for member in ["style", "width", "height"] {
                assert_eq!(output[member], wanted[member], "{name}: {member}");
            }
        }
    }
    assert_eq!(seen, 10);
}

/// With curl itself, where it is installed, as the reference prints them.
#[test]
fn item_05_the_commands_of_the_reference_work_as_typed() {
    let server = Server::start();
    let host = Host::having(images::small_png());
    std::fs::write(
        server.data().join("unoptimized-image.jpg"),
        images::photo(64, 48),
    )
    .unwrap();
    let (accept, bearer) = (
        "Accept: application/json",
        format!("Authorization: Bearer {}", server.token),
    );
    let image_url = format!("{}/images/image.png", host.url);
    let json =
        json!({ "image_url": image_url, "compression_type": "lossy", "compression_level": 65 })
            .to_string();
    let url_field = format!("image_url={image_url}");
    let commands: [(&str, Vec<&str>); 4] = [
        (
            "/v1/compress",
            vec![
                "-H",
                "Content-Type: multipart/form-data; boundary=Fu0hjwe",
                "-F",
                "file=@unoptimized-image.jpg;type=image/jpeg",
                "-F",
                "compression_type=lossy",
                "-F",
                "compression_level=65",
            ],
        ),
        (
            "/v1/compress",
            vec![
                "-H",
                "Content-Type: application/json",
                "-F",
                &url_field,
                "-F",
                "compression_type=lossy",
                "-F",
                "compression_level=65",
            ],
        ),
        (
            "/v1/compress",
            vec!["-H", "Content-Type: application/json", "-d", &json],
        ),
        (
            "/v1/original_images",
            vec![
                "-H",
                "Content-Type: application/json",
                "-F",
                &url_field,
                "-F",
                "compression_type=lossy",
                "-F",
                "compression_level=65",
            ],
        ),
    ];
    for (path, args) in commands {
        let output = std::process::Command::new("curl")
            .current_dir(server.data())
            .args(["-s", "-X", "POST", "-H", accept, "-H", &bearer])
            .args(&args)
            .arg(format!("{}{path}", server.url))
            .output();
        let Ok(output) = output else {
            println!("curl is not installed: the wire fixtures say the same byte for byte");
            return;
        };
        let answer: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let image = &answer["original_image"];
        assert_eq!(
            (&image["compression_type"], &image["compression_level"]),
            (&json!("lossy"), &json!(65)),
            "{args:?}: {answer}"
        );
    }
}

#[test]
fn item_06_chunked_bodies_odd_headers_and_unknown_members() {
    let server = Server::start();
    let (content_type, body) = multipart(&[Part::File("a.png", &images::small_png())]);
    let headers = [
        ("Content-Type", content_type.as_str()),
        ("Transfer-Encoding", "chunked"),
    ];
    let image = server.send("POST", "/v1/compress", &headers, &body).image();
    assert_eq!(image["status"], "completed");
    for path in [
        "/v1/shop",
        "/v1/dashboard",
        "/v1/original_images",
        "/v1/callback_urls",
    ] {
        let answer = server.send("GET", path, &[("Content-Type", "application/json")], b"");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(server.get(&format!("{path}/")).status, 200, "{path}/");
    }
    let host = Host::having(images::small_png());
    let unknown = json!({ "image_url": host.url, "nobody": { "knows": ["this"] }, "success": 7 });
    assert_eq!(server.post_json("/v1/compress", &unknown).status, 200);
    let image = server.compress("a.png", &images::small_png(), &[("what", "ever")]);
    assert_eq!(image.status, 200);
}

/// What is sent, with which headers and body, and the status and code that answer it.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [u8], (u16, &'a str));

#[test]
fn item_07_bodies_that_are_not_valid() {
    let server = Server::start();
    let png = images::small_png();
    let json_type = [("Content-Type", "application/json")];
    let (multipart_type, whole) = multipart(&[Part::File("a.png", &png)]);
    let multipart_type = [("Content-Type", multipart_type.as_str())];
    let none: [(&str, &str); 0] = [];
    let both = multipart(&[
        Part::File("a.png", &png),
        Part::Field("image_url", "https://example.com/a.png"),
    ]);
    let truncated = &whole[..whole.len() - 60];
    let cases: Vec<Case> = vec![
        ("neither", &json_type, b"{}", (422, "validation_failed")),
        ("nothing at all", &none, b"", (422, "validation_failed")),
        (
            "empty values",
            &json_type,
            br#"{"image_url": "", "file": null}"#,
            (422, "validation_failed"),
        ),
        ("both", &multipart_type, &both.1, (422, "validation_failed")),
        (
            "file as text",
            &json_type,
            br#"{"file": "abc"}"#,
            (422, "validation_failed"),
        ),
        (
            "truncated multipart",
            &multipart_type,
            truncated,
            (400, "invalid_body"),
        ),
        (
            "multipart of one line",
            &multipart_type,
            b"------conformance7b1f",
            (400, "invalid_body"),
        ),
        (
            "no boundary",
            &multipart_type,
            b"--\r\n\r\n",
            (400, "invalid_body"),
        ),
        (
            "truncated JSON",
            &json_type,
            br#"{"image_url": "http"#,
            (400, "invalid_json"),
        ),
        (
            "JSON that is no object",
            &json_type,
            b"[1, 2]",
            (400, "invalid_json"),
        ),
        (
            "deep JSON",
            &json_type,
            "{\"a\":".repeat(5000).leak().as_bytes(),
            (400, "invalid_json"),
        ),
        ("no JSON", &json_type, b"hello there", (400, "invalid_json")),
        (
            "not UTF-8",
            &json_type,
            b"{\"image_url\": \"\xff\"}",
            (400, "invalid_json"),
        ),
        (
            "an image as it is",
            &[("Content-Type", "image/png")],
            &png,
            (415, "unsupported_media_type"),
        ),
        (
            "text",
            &[("Content-Type", "text/plain")],
            b"hello there",
            (415, "unsupported_media_type"),
        ),
    ];
    for (what, headers, body, (status, code)) in cases {
        for path in ["/v1/compress", "/v1/original_images"] {
            let answer = server.send("POST", path, headers, body);
            assert_eq!(
                answer.said(),
                (status, code.into()),
                "{what}: {}",
                String::from_utf8_lossy(&answer.body)
            );
        }
    }
    let message = |headers: &[(&str, &str)], body: &[u8]| {
        server.send("POST", "/v1/compress", headers, body).json()["message"].clone()
    };
    assert_eq!(
        message(&json_type, b"{}"),
        json!({ "file": ["can't be blank"] })
    );
    assert_eq!(
        message(&json_type, br#"{"file": "abc"}"#),
        json!({ "file": ["must be sent as multipart/form-data"] })
    );
    // Any prefix of a body is refused, and none takes the server down.
    for end in (0..whole.len() - 1).step_by(37) {
        let answer = server.send("POST", "/v1/compress", &multipart_type, &whole[..end]);
        assert!(
            matches!(answer.status, 400 | 422),
            "{end}: {}",
            answer.status
        );
    }
}

/// Every member of the reference's answer is there, with a value of the same type.
fn has_all(reference: &Value, answer: &Value, at: &str) {
    match (reference, answer) {
        (Value::Object(reference), Value::Object(answer)) => {
            for (member, value) in reference {
                let found = answer
                    .get(member)
                    .unwrap_or_else(|| panic!("{at}/{member} is missing"));
                has_all(value, found, &format!("{at}/{member}"));
            }
        }
        (Value::Array(reference), Value::Array(answer)) => {
            for element in answer {
                has_all(&reference[0], element, at);
            }
        }
        // Sizes of the dashboard are null or a number in the reference itself.
        (Value::Null, Value::Number(_)) | (Value::Null, Value::Null) => {}
        (reference, answer) => assert_eq!(
            std::mem::discriminant(reference),
            std::mem::discriminant(answer),
            "{at}: {answer}"
        ),
    }
}

#[test]
fn item_08_answers_hold_all_that_the_reference_shows() {
    let server = Server::start();
    let resize = [
        ("compression_type", "lossless"),
        ("resize", r#"{"style":"icon","width":150,"height":150}"#),
    ];
    let compressed = server.compress("photo.png", &images::wide_png(), &resize);
    has_all(&fixture("seed-compress-response"), &compressed.json(), "");
    let queued = server.enqueue("photo.png", &images::wide_png(), &[]);
    has_all(
        &fixture("seed-original-images-response"),
        &queued.json(),
        "",
    );
    has_all(
        &fixture("decided-original-images-response"),
        &queued.json(),
        "",
    );
    has_all(
        &fixture("seed-dashboard-response"),
        &server.get("/v1/dashboard").json(),
        "",
    );
    let list = server.get("/v1/original_images").json();
    has_all(&fixture("decided-original-images-list-response"), &list, "");
    for name in ["seed-compress-response", "later-original-images-response"] {
        holds(
            if name.starts_with("seed-c") {
                "CompressResponse"
            } else {
                "OriginalImageResponse"
            },
            &fixture(name),
        );
    }
    assert_eq!(compressed.json()["success"], true);
    assert_eq!(queued.json()["success"], true);
}

#[test]
fn item_09_type_and_level_fall_back_to_the_account() {
    let server = Server::start();
    let levels = json!({ "compression_type": "lossy", "compression_level_jpg": 61, "compression_level_png": 62, "compression_level_gif": 63 });
    assert_eq!(
        server
            .send(
                "PATCH",
                "/v1/shop",
                &[("Content-Type", "application/json")],
                levels.to_string().as_bytes()
            )
            .status,
        200
    );
    for (name, bytes, level) in [
        ("a.jpg", images::photo(32, 24), 61),
        ("a.png", images::small_png(), 62),
        ("a.gif", images::animation(20, 10), 63),
        ("a.svg", images::drawing(20, 10), 85),
    ] {
        let image = server.compress(name, &bytes, &[]).image();
        assert_eq!(image["compression_type"], "lossy", "{name}");
        assert_eq!(image["compression_level"], level, "{name}");
        assert_eq!(
            image["optimized_images"][0]["compression_level"], level,
            "{name}"
        );
    }
    let given = [("compression_type", "lossy"), ("compression_level", "33")];
    let image = server
        .compress("a.png", &images::small_png(), &given)
        .image();
    assert_eq!(image["compression_level"], 33);
    let given = [
        ("compression_type", "lossless"),
        ("compression_level", "33"),
    ];
    let image = server
        .compress("a.png", &images::small_png(), &given)
        .image();
    assert_eq!(
        (&image["compression_type"], &image["compression_level"]),
        (&json!("lossless"), &json!(0))
    );
    let fresh = Server::start();
    let image = fresh.compress("a.png", &images::small_png(), &[]).image();
    assert_eq!(
        (&image["compression_type"], &image["compression_level"]),
        (&json!("balanced"), &json!(85))
    );
}

#[test]
fn item_10_levels_count_only_with_lossy() {
    let server = Server::start();
    let png = images::small_png();
    let host = Host::having(png.clone());
    for level in ["0", "101", "abc", "65.5", "-1", "1e2", " 65"] {
        let given = [("compression_type", "lossy"), ("compression_level", level)];
        let answer = server.compress("a.png", &png, &given);
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{level}");
        assert_eq!(
            answer.json()["message"],
            fixture("decided-error-422-compression-level")["message"]
        );
        for mode in ["lossless", "balanced"] {
            let given = [("compression_type", mode), ("compression_level", level)];
            let image = server.compress("a.png", &png, &given).image();
            assert_eq!(
                image["compression_level"],
                if mode == "lossless" { 0 } else { 85 }
            );
        }
    }
    for (level, status) in [
        (json!(65.5), 422),
        (json!([65]), 422),
        (json!(true), 422),
        (json!(65), 200),
        (json!("65"), 200),
        (json!(null), 200),
    ] {
        let body = json!({ "image_url": host.url, "compression_type": "lossy", "compression_level": level });
        assert_eq!(
            server.post_json("/v1/compress", &body).status,
            status,
            "{body}"
        );
    }
    // The type itself, and what else is chosen from a list.
    for (member, value) in [
        ("compression_type", "best"),
        ("strip_tags", "maybe"),
        ("origin", "Not An Origin"),
    ] {
        let answer = server.compress("a.png", &png, &[(member, value)]);
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{member}");
        assert!(answer.json()["message"][member].is_array(), "{member}");
    }
    let answer = server.compress("a.png", &png, &[("compression_type", "best")]);
    assert_eq!(
        answer.json()["message"],
        fixture("decided-error-422-compression-type")["message"]
    );
}
