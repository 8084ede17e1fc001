//! Items 28 to 32: the list, the dashboard, settings and callback URLs.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::support::{Answer, Server, fixture, images};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

#[test]
fn item_28_the_list_and_its_pages() {
    let server = Server::start();
    let png = images::small_png();
    let ids: Vec<Value> = (0..5)
        .map(|_| server.compress("a.png", &png, &[]).image()["id"].clone())
        .collect();
    let listed = |path: &str| -> (Vec<Value>, Value, Answer) {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        let json = answer.json();
        let images = json["original_images"].as_array().unwrap();
        (
            images.iter().map(|image| image["id"].clone()).collect(),
            json["pagination"].clone(),
            answer,
        )
    };
    let newest: Vec<Value> = ids.iter().rev().cloned().collect();
    let (all, pagination, _) = listed("/v1/original_images");
    assert_eq!(all, newest);
    assert_eq!(
        pagination,
        json!({ "current": 1, "total_pages": 1, "total_count": 5, "per_page": 10, "count": 5 })
    );
    let mut paged = Vec::new();
    for page in 1..=3 {
        let (some, pagination, answer) =
            listed(&format!("/v1/original_images?page={page}&per_page=2"));
        assert_eq!(
            pagination,
            json!({ "current": page, "total_pages": 3, "total_count": 5, "per_page": 2, "count": some.len() })
        );
        paged.extend(some);
        let link = answer.header("link").unwrap();
        let rel = |name: &str| {
            let links = link
                .split(", ")
                .map(|link| link.split_once("; rel=").unwrap());
            let found = links
                .into_iter()
                .find(|(_, rel)| rel.trim_matches('"') == name);
            found.map(|(url, _)| url.trim_matches(['<', '>']).to_owned())
        };
        let to = |page: u32| {
            Some(format!(
                "{}/v1/original_images?page={page}&per_page=2",
                server.url
            ))
        };
        assert_eq!((rel("first"), rel("last")), (to(1), to(3)));
        assert_eq!(rel("prev"), if page > 1 { to(page - 1) } else { None });
        assert_eq!(rel("next"), if page < 3 { to(page + 1) } else { None });
    }
    assert_eq!(paged, newest);
    let (none, pagination, _) = listed("/v1/original_images?page=9&per_page=2");
    assert_eq!(
        (none.len(), &pagination["count"], &pagination["total_count"]),
        (0, &json!(0), &json!(5))
    );
    for query in [
        "page=0",
        "page=x",
        "page=-1",
        "page=1.5",
        "per_page=0",
        "per_page=101",
        "per_page=x",
        "page=99999999999999999999",
    ] {
        let answer = server.get(&format!("/v1/original_images?{query}"));
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{query}");
        let field = query.split('=').next().unwrap();
        assert!(answer.json()["message"][field].is_array(), "{query}");
    }
    assert_eq!(listed("/v1/images/?page=1").0, newest);
    assert_eq!(listed("/v1/images?page=2&per_page=3").0, newest[3..]);
}

#[test]
fn item_29_accounts_do_not_see_each_other() {
    let server = Server::start();
    let image = server.compress("a.png", &images::small_png(), &[]).image();
    let hook = server
        .post_json(
            "/v1/callback_urls",
            &json!({ "url": "https://example.com/hook" }),
        )
        .json();
    let other = format!("Bearer {}", server.token_of("other"));
    let as_other =
        |method: &str, path: &str| server.plain(method, path, &[("Authorization", &other)], b"");
    let own = format!("/v1/original_images/{}", image["id"]);
    let own_hook = format!("/v1/callback_urls/{}", hook["callback_url"]["id"]);
    for (method, path) in [("GET", &own), ("DELETE", &own), ("DELETE", &own_hook)] {
        assert_eq!(
            as_other(method, path).said(),
            (404, "not_found".into()),
            "{method} {path}"
        );
    }
    assert_eq!(
        as_other("GET", "/v1/original_images").json()["original_images"],
        json!([])
    );
    assert_eq!(
        as_other("GET", "/v1/callback_urls").json()["callback_urls"],
        json!([])
    );
    assert_eq!(
        as_other("GET", "/v1/dashboard").json()["stats"]["original_images_count"],
        0
    );

    let before = server.get("/v1/dashboard").json();
    let links = [
        image["link"].clone(),
        image["optimized_images"][0]["link"].clone(),
    ];
    for link in &links {
        assert!(!server.download(link).is_empty());
    }
    let deleted = server.delete(&own);
    assert_eq!(
        (deleted.status, deleted.json()),
        (200, fixture("decided-deleted-response"))
    );
    assert_eq!(server.get(&own).said(), (404, "not_found".into()));
    assert_eq!(server.delete(&own).said(), (404, "not_found".into()));
    for link in &links {
        let answer = server.plain("GET", &crate::support::path_of(link), &[], b"");
        assert_eq!(answer.said(), (404, "not_found".into()));
    }
    let files = std::fs::read_dir(server.data().join("data/files"))
        .unwrap()
        .count();
    assert_eq!(files, 0, "its files are gone");
    assert_eq!(server.get("/v1/dashboard").json(), before);
    assert_ne!(
        server.compress("a.png", &images::small_png(), &[]).image()["id"],
        image["id"]
    );
}

/// Changes the records of a server that is up, as no request could.
fn records(server: &Server) -> Connection {
    let connection = Connection::open(server.data().join("data/server.sqlite3")).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(15))
        .unwrap();
    connection
}

#[test]
fn item_30_the_dashboard() {
    let server = Server::start();
    let photo = images::photo(40, 30);
    for origin in ["shopify", "shopify", "wp"] {
        assert_eq!(
            server
                .compress("a.jpg", &photo, &[("origin", origin)])
                .status,
            200
        );
    }
    let png = images::small_png();
    let failed = server
        .enqueue("a.png", &png[..png.len() / 2], &[("origin", "api")])
        .image();
    server.ended(&failed["id"]);
    // Each of the contract's tables is a day on which it is read; here it is today, and the numbers
    // of periods follow from it. That other days give the contract's lists is tested beside the code.
    let today = jiff_today(&server);
    for (kind, length) in [
        (None, 6),
        (Some("six_months"), 6),
        (Some("week"), 7),
        (Some("month"), today.2),
    ] {
        let path = kind.map_or("/v1/dashboard".into(), |kind| {
            format!("/v1/dashboard?report_type={kind}")
        });
        let stats = server.get(&path).json()["stats"].clone();
        assert_eq!(
            (
                &stats["original_images_count"],
                &stats["optimized_images_count"]
            ),
            (&json!(4), &json!(3))
        );
        let consumption = &stats["consumption"];
        assert_eq!(consumption["type"], kind.unwrap_or("six_months"));
        assert_eq!(
            consumption["columns"].as_array().unwrap().len(),
            length as usize,
            "{path}"
        );
        let period = match kind {
            Some("week") => today.3,
            Some("month") => today.2,
            _ => today.1,
        };
        let row =
            |origin: &str, size: Value| json!({ "origin": origin, "size": size, "period": period });
        let bytes = photo.len();
        assert_eq!(
            consumption["data"],
            json!([
                row("api", Value::Null),
                row("shopify", json!(bytes * 2)),
                row("wp", json!(bytes))
            ]),
            "{path}"
        );
        for (origin, bytes) in [("api", 0), ("shopify", bytes * 2), ("wp", bytes)] {
            let series = consumption["series"][origin].as_array().unwrap();
            assert_eq!(series.len(), length as usize);
            assert_eq!(series.last().unwrap(), bytes);
        }
    }
    // Older days: in the window of six months, and before it.
    for (months, bytes) in [(5, 1000), (6, 5000), (12, 7000)] {
        records(&server)
            .execute(
                "INSERT INTO usage (account_id, day, origin, images, bytes)
                 VALUES (1, date('now', 'start of month', ?), 'file', 1, ?)",
                params![format!("-{months} months"), bytes],
            )
            .unwrap();
    }
    let data = server.get("/v1/dashboard").json()["stats"]["consumption"].clone();
    let oldest = (today.1 + 6) % 12 + 1;
    assert_eq!(
        data["data"][0],
        json!({ "origin": "file", "size": 1000, "period": oldest })
    );
    assert_eq!(data["series"]["file"], json!([1000, 0, 0, 0, 0, 0]));
    for kind in ["year", "SIX_MONTHS", "7"] {
        let answer = server.get(&format!("/v1/dashboard?report_type={kind}"));
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{kind}");
    }
}

/// Year, month, day and ISO weekday in UTC, by SQLite's reckoning and not by ours.
fn jiff_today(server: &Server) -> (i64, i64, i64, i64) {
    records(server)
        .query_row(
            "SELECT strftime('%Y'), strftime('%m'), strftime('%d'), strftime('%u')",
            [],
            |row| {
                let number = |at| row.get::<_, String>(at).map(|text| text.parse().unwrap());
                Ok((number(0)?, number(1)?, number(2)?, number(3)?))
            },
        )
        .unwrap()
}

#[test]
fn item_31_settings_are_changed_together_or_not_at_all() {
    let server = Server::start();
    let shop = || server.get("/v1/shop").json();
    let patch = |headers: &[(&str, &str)], body: &str| {
        server.send("PATCH", "/v1/shop", headers, body.as_bytes())
    };
    let first = shop();
    assert_eq!(first["shop"]["login"], "me");
    for (member, value) in [
        ("compression_type", json!("balanced")),
        ("compression_level_jpg", json!(85)),
        ("compression_level_png", json!(85)),
        ("compression_level_gif", json!(85)),
    ] {
        assert_eq!(first["shop"][member], value);
    }
    assert_eq!(
        first["shop"]["plan_data"]["bytes"],
        9_007_199_254_740_991_u64
    );
    let answer = patch(&JSON, &fixture("later-shop-update-request").to_string());
    assert_eq!((answer.status, answer.json()), (200, shop()));
    assert_eq!(shop()["shop"]["compression_level_gif"], 70);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = patch(&form, "compression_level_png=12");
    assert_eq!((answer.status, answer.json()), (200, shop()));
    assert_eq!(
        (
            &shop()["shop"]["compression_level_png"],
            &shop()["shop"]["compression_level_jpg"]
        ),
        (&json!(12), &json!(70))
    );
    // One level for all, where a specific one wins.
    assert_eq!(
        patch(
            &JSON,
            r#"{"compression_level": 40, "compression_level_gif": "41"}"#
        )
        .status,
        200
    );
    let levels = |shop: &Value| {
        ["jpg", "png", "gif"].map(|name| {
            shop["shop"][format!("compression_level_{name}")]
                .as_u64()
                .unwrap()
        })
    };
    assert_eq!(levels(&shop()), [40, 40, 41]);
    let before = shop();
    for body in [
        r#"{"compression_type": "lossless", "compression_level_jpg": 0}"#,
        r#"{"compression_level_png": 5, "compression_type": "best"}"#,
        r#"{"compression_level_png": 5, "callback_url": "ftp://example.com"}"#,
        r#"{"compression_level_png": 5, "compression_level": 101}"#,
    ] {
        let answer = patch(&JSON, body);
        assert_eq!(answer.said(), (422, "validation_failed".into()), "{body}");
        assert_eq!(shop(), before, "{body}");
    }
    assert_eq!(patch(&JSON, "{").said(), (400, "invalid_json".into()));
    assert_eq!(patch(&JSON, "{}").status, 200);
    // A callback URL is added once, and none is taken away.
    for _ in 0..2 {
        let url = json!({ "callback_url": "https://example.com/from-patch" }).to_string();
        assert_eq!(patch(&JSON, &url).status, 200);
    }
    let callbacks = &shop()["shop"]["callback_urls"];
    assert_eq!(callbacks.as_array().unwrap().len(), 1);
    assert_eq!(callbacks[0]["url"], "https://example.com/from-patch");
}

#[test]
fn item_32_callback_urls() {
    let server = Server::exactly(&["--behind-proxy"]);
    let secure = [
        ("X-Forwarded-Proto", "https"),
        ("Content-Type", "application/json"),
    ];
    let send =
        |method: &str, path: &str, body: &str| server.send(method, path, &secure, body.as_bytes());
    let url = fixture("later-callback-url-create-request").to_string();
    let created = send("POST", "/v1/callback_urls", &url);
    assert_eq!(created.status, 200);
    let callback = created.json()["callback_url"].clone();
    assert_eq!(callback["url"], "https://example.com/webhook");
    assert!(callback["secret"].as_str().unwrap().starts_with("whsec_"));
    let twice = send("POST", "/v1/callback_urls", &url);
    assert_eq!(twice.said(), (422, "validation_failed".into()));
    let decided = fixture("decided-error-422-url-taken");
    for member in ["message", "formatted_message", "error", "status"] {
        assert_eq!(twice.json()[member], decided[member]);
    }
    let http = send(
        "POST",
        "/v1/callback_urls",
        r#"{"url": "http://example.com/webhook"}"#,
    );
    assert_eq!(http.said(), (422, "validation_failed".into()));
    assert_eq!(
        http.json()["message"],
        fixture("later-error-422-url-invalid")["message"]
    );
    for body in [
        "{}",
        r#"{"url": ""}"#,
        r#"{"url": "no url"}"#,
        r#"{"url": ["https://example.com"]}"#,
    ] {
        assert_eq!(
            send("POST", "/v1/callback_urls", body).said(),
            (422, "validation_failed".into()),
            "{body}"
        );
    }
    let list = send("GET", "/v1/callback_urls", "").json();
    assert_eq!(
        list,
        json!({ "callback_urls": [{ "id": callback["id"], "url": callback["url"] }] })
    );
    let path = format!("/v1/callback_urls/{}", callback["id"]);
    assert_eq!(send("DELETE", &path, "").json(), json!({ "success": true }));
    assert_eq!(send("DELETE", &path, "").said(), (404, "not_found".into()));
    assert_eq!(
        send("GET", "/v1/callback_urls", "").json(),
        json!({ "callback_urls": [] })
    );
}
