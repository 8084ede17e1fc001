//! Items 33 and 34: webhooks.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::support::{Asked, Host, Reply, Server, fixture, holds, images, until};

fn register(server: &Server, url: &str) -> Value {
    let answer = server.post_json("/v1/callback_urls", &json!({ "url": url }));
    assert_eq!(answer.status, 200);
    answer.json()["callback_url"].clone()
}

/// As a receiver does it, with a library that others wrote.
fn verifies(secret: &Value, asked: &Asked) -> bool {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, asked.header(name).unwrap().parse().unwrap());
    }
    let webhook = Webhook::new(secret.as_str().unwrap()).unwrap();
    webhook.verify(&asked.body, &headers).is_ok()
}

#[test]
fn item_33_bodies_signatures_and_every_url() {
    let server = Server::start();
    let receivers = [
        Host::new(|_| Reply::status(200)),
        Host::new(|_| Reply::status(201)),
    ];
    let hooks: Vec<Value> = receivers
        .iter()
        .map(|receiver| register(&server, &format!("{}/hook?from=whittle", receiver.url)))
        .collect();
    // Nobody is told of what is waited for.
    assert_eq!(
        server.compress("a.png", &images::small_png(), &[]).status,
        200
    );
    let resize = [
        ("resize", r#"{"style":"icon","width":20}"#),
        ("compression_type", "lossy"),
        ("compression_level", "65"),
    ];
    let queued = server
        .enqueue("a.png", &images::small_png(), &resize)
        .image();
    let image = server.ended(&queued["id"]);
    until("both webhooks at both receivers", || {
        receivers.iter().all(|receiver| receiver.asked().len() == 2)
    });
    let mut ids = BTreeSet::new();
    for (receiver, hook) in receivers.iter().zip(&hooks) {
        let mut asked = receiver.asked();
        asked.sort_by_key(|asked| !String::from_utf8_lossy(&asked.body).contains("\"processing\""));
        for (asked, (schema, example)) in asked.iter().zip([
            ("ImageProcessingEvent", "decided-webhook-processing"),
            ("ImageOptimizedEvent", "decided-webhook-optimized"),
        ]) {
            assert_eq!(
                (asked.method.as_str(), asked.path.as_str()),
                ("POST", "/hook?from=whittle")
            );
            assert_eq!(asked.header("content-type"), Some("application/json"));
            let body: Value = serde_json::from_slice(&asked.body).unwrap();
            holds(schema, &body);
            let members = |value: &Value| {
                value
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .collect::<BTreeSet<_>>()
            };
            assert_eq!(members(&body), members(&fixture(example)));
            assert_eq!(
                (
                    &body["image_id"],
                    &body["shop_identifier"],
                    &body["compression_level"]
                ),
                (&queued["id"], &json!("me"), &json!(65))
            );
            assert_eq!(body["id"].as_str(), asked.header("webhook-id"));
            ids.insert(body["id"].as_str().unwrap().to_owned());
            assert!(verifies(&hook["secret"], asked));
            assert!(
                !verifies(&hooks[usize::from(hook == &hooks[0])]["secret"], asked),
                "each URL has a secret of its own"
            );
            let mut changed = asked.clone();
            changed.body[10] ^= 1;
            assert!(!verifies(&hook["secret"], &changed));
            if schema == "ImageProcessingEvent" {
                assert_eq!(body["link"], image["link"]);
            } else {
                for (told, output) in body["optimized_images"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .zip(image["optimized_images"].as_array().unwrap())
                {
                    for member in [
                        "style",
                        "status",
                        "size",
                        "width",
                        "height",
                        "link",
                        "id",
                        "expire_at",
                    ] {
                        assert_eq!(told[member], output[member], "{member}");
                    }
                }
                assert_eq!(
                    body["quota_usage"],
                    server.get("/v1/shop").json()["shop"]["plan_data"]["quota_usage"]
                );
            }
        }
    }
    assert_eq!(ids.len(), 4, "one id for each event and URL");
}

/// How often one kind of answer is tried.
fn tries(
    reply: impl Fn(usize) -> Reply + Send + Sync + 'static,
    waits: &str,
    expected: usize,
) -> Vec<Asked> {
    let server = Server::with(&["--webhook-waits", waits]);
    let count = Mutex::new(0);
    let receiver = Host::new(move |asked| {
        if String::from_utf8_lossy(&asked.body).contains("\"processing\"") {
            return Reply::status(204);
        }
        let mut count = count.lock().unwrap();
        *count += 1;
        reply(*count)
    });
    register(&server, &receiver.url);
    let image = server.enqueue("a.png", &images::small_png(), &[]).image();
    server.ended(&image["id"]);
    let told = || -> Vec<Asked> {
        let asked = receiver.asked().into_iter();
        asked
            .filter(|asked| String::from_utf8_lossy(&asked.body).contains("\"optimized\""))
            .collect()
    };
    until("all tries", || {
        let metrics = server.plain("GET", "/metrics", &[], b"");
        told().len() >= expected
            && String::from_utf8_lossy(&metrics.body).contains("whittle_webhooks_waiting 0")
    });
    // And no more than that.
    std::thread::sleep(Duration::from_millis(1500));
    let told = told();
    assert_eq!(told.len(), expected);
    for again in &told {
        assert_eq!(
            (again.header("webhook-id"), &again.body),
            (told[0].header("webhook-id"), &told[0].body)
        );
    }
    told
}

#[test]
fn item_34_failures_are_retried_five_times() {
    let told = tries(|_| Reply::status(500), "1,0,0,1,0", 6);
    let times: BTreeSet<&str> = told
        .iter()
        .map(|asked| asked.header("webhook-timestamp").unwrap())
        .collect();
    assert!(times.len() > 1, "each try has its own time");
}

#[test]
fn item_34_redirects_and_silence_are_failures() {
    let elsewhere = Host::new(|_| Reply::status(200));
    let place = elsewhere.url.clone();
    tries(move |_| Reply::Elsewhere(302, place.clone()), "0,0", 3);
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
    // Silence for longer than the receiver's 10 seconds.
    tries(
        |count| {
            if count == 1 {
                Reply::Silence(Duration::from_secs(12))
            } else {
                Reply::status(200)
            }
        },
        "0,0",
        2,
    );
}

#[test]
fn item_34_any_2xx_ends_it() {
    for status in [200, 201, 204] {
        tries(
            move |count| Reply::status(if count == 1 { 503 } else { status }),
            "0,0,0",
            2,
        );
    }
}

#[test]
fn item_34_deleting_the_url_ends_it() {
    let server = Server::with(&["--webhook-waits", "1,1,1,1,1"]);
    let receiver = Host::new(|_| Reply::status(500));
    let hook = register(&server, &receiver.url);
    let image = server.enqueue("a.png", &images::small_png(), &[]).image();
    server.ended(&image["id"]);
    until("a first try", || !receiver.asked().is_empty());
    assert_eq!(
        server
            .delete(&format!("/v1/callback_urls/{}", hook["id"]))
            .status,
        200
    );
    std::thread::sleep(Duration::from_millis(200));
    let so_far = receiver.asked().len();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(receiver.asked().len(), so_far);
}
