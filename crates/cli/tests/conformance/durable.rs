//! Items 19 to 21: the queue, and what survives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::{Host, Reply, Server, images, until};

/// The id of a message and its body.
type Told = (String, Vec<u8>);

fn rank(status: &Value) -> usize {
    ["enqueued", "processing", "completed"]
        .iter()
        .position(|known| status == known)
        .unwrap_or_else(|| panic!("{status}"))
}

#[test]
fn item_19_queued_images_move_forward() {
    let server = Server::with(&["--workers", "1"]);
    let host = Host::having(images::photo(300, 200));
    let answers = [
        server.enqueue("a.jpg", &images::photo(500, 400), &[]),
        server.post_json(
            "/v1/original_images",
            &json!({ "image_url": format!("{}/b.jpg", host.url) }),
        ),
    ];
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    for answer in answers {
        let image = answer.image();
        assert_eq!(image["status"], "enqueued");
        assert!(image["size"].as_u64().unwrap() > 0);
        assert!(image.get("optimized_images").is_none());
        seen.insert(image["id"].as_u64().unwrap(), 0);
    }
    until("the end of both", || {
        for (id, before) in &mut seen {
            let image = server.get(&format!("/v1/original_images/{id}")).image();
            let now = rank(&image["status"]);
            assert!(now >= *before, "{id} went back");
            for output in image["optimized_images"].as_array().unwrap() {
                assert!(rank(&output["status"]) <= now.max(1));
            }
            *before = now;
        }
        seen.values().all(|rank| *rank == 2)
    });
}

#[test]
fn item_20_a_killed_server_goes_on() {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    // Takes nothing while it is down: every webhook waits then.
    let receiver = Host::new(move |_| match is_up.load(Ordering::SeqCst) {
        true => Reply::status(200),
        false => Reply::status(500),
    });
    let options = [
        "--workers",
        "1",
        "--webhook-waits",
        "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
    ];
    let mut server = Server::with(&options);
    let hook = json!({ "url": format!("{}/hook", receiver.url) });
    assert_eq!(server.post_json("/v1/callback_urls", &hook).status, 200);
    let ids: Vec<Value> = (0..6)
        .map(|at| {
            server
                .enqueue("a.jpg", &images::photo(300 + at, 200), &[])
                .image()["id"]
                .clone()
        })
        .collect();
    let mut before: BTreeMap<String, usize> = BTreeMap::new();
    for kill in 0..3 {
        // In the middle of something, at another place each time.
        std::thread::sleep(std::time::Duration::from_millis(400 * (kill + 1)));
        server = server.restarted(&options);
        for id in &ids {
            let image = server.get(&format!("/v1/original_images/{id}")).image();
            let now = rank(&image["status"]);
            let before = before.insert(id.to_string(), now).unwrap_or(0);
            assert!(now >= before, "{id} went back at a kill");
        }
    }
    for id in &ids {
        assert_eq!(server.ended(id)["status"], "completed");
    }
    up.store(true, Ordering::SeqCst);
    // One of each kind for each image, under one id however often it was tried.
    let told = || {
        let mut told: BTreeMap<(String, String), Vec<Told>> = BTreeMap::new();
        for asked in receiver.asked() {
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            let key = (
                body["image_id"].to_string(),
                body["event"].as_str().unwrap().to_owned(),
            );
            let id = asked.header("webhook-id").unwrap().to_owned();
            told.entry(key).or_default().push((id, asked.body));
        }
        told
    };
    until("every webhook", || {
        let waiting = server.plain("GET", "/metrics", &[], b"");
        String::from_utf8(waiting.body)
            .unwrap()
            .contains("whittle_webhooks_waiting 0")
    });
    let told = told();
    for id in &ids {
        for event in ["processing", "optimized"] {
            let tries = told
                .get(&(id.to_string(), event.to_owned()))
                .unwrap_or_else(|| panic!("{event} of {id} never arrived"));
            assert!(
                tries.iter().all(|same| *same == tries[0]),
                "{event} of {id} came under two ids"
            );
        }
    }
    assert_eq!(told.len(), ids.len() * 2);
    let dashboard = server.get("/v1/dashboard").json();
    assert_eq!(
        dashboard["stats"]["optimized_images_count"],
        ids.len(),
        "each counts once"
    );
}

#[test]
fn item_21_an_image_that_fails_late() {
    let server = Server::start();
    let receiver = Host::new(|_| Reply::status(201));
    let hook = json!({ "url": receiver.url });
    assert_eq!(server.post_json("/v1/callback_urls", &hook).status, 200);
    let png = images::small_png();
    // The header is fine, the pixels are cut off.
    let image = server.enqueue("a.png", &png[..png.len() / 2], &[]).image();
    let image = server.ended(&image["id"]);
    assert_eq!(image["status"], "error");
    let output = &image["optimized_images"][0];
    assert_eq!(
        (&output["status"], &output["error_msg"]),
        (&json!("error"), &json!("cant_compress"))
    );
    assert_eq!(
        (&output["size"], &output["expire_at"]),
        (&json!(0), &Value::Null)
    );
    let mut error = Value::Null;
    until("the webhook", || {
        let bodies = receiver
            .asked()
            .into_iter()
            .map(|asked| serde_json::from_slice::<Value>(&asked.body).unwrap());
        error = bodies
            .into_iter()
            .find(|body| body["event"] == "error")
            .unwrap_or_default();
        error.is_object()
    });
    assert_eq!(
        (&error["error"], &error["image_id"]),
        (&json!("cant_compress"), &image["id"])
    );
    crate::support::holds("ImageErrorEvent", &error);
    let usage = server.get("/v1/shop").json();
    assert_eq!(
        usage["shop"]["plan_data"]["quota_usage"], 0,
        "what failed counts for nothing"
    );
}
