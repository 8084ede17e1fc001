//! The fixtures of the contract, read and written.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/examples")
}

fn fixture(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// What is read can be written again, and is what it was.
fn same<T: Serialize + DeserializeOwned>(name: &str) {
    let value = fixture(name);
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), value, "{name}");
}

/// What an older server says can be read.
fn readable<T: DeserializeOwned>(name: &str) {
    let read: Result<T, _> = serde_json::from_value(fixture(name));
    read.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn what_the_server_says_is_written_as_decided() {
    same::<CompressResponse>("decided-compress-response");
    same::<CompressResponse>("decided-compress-over-time-response");
    same::<CompressResponse>("decided-image-error-response");
    same::<OriginalImageResponse>("decided-original-images-response");
    same::<OriginalImageList>("decided-original-images-list-response");
    same::<ShopResponse>("decided-shop-response");
    same::<CallbackUrlResponse>("decided-callback-url-create-response");
    same::<Deleted>("decided-deleted-response");
    same::<Dashboard>("decided-dashboard-response");
    same::<Event>("decided-webhook-processing");
    same::<Event>("decided-webhook-optimized");
    same::<Event>("decided-webhook-error");
}

#[test]
fn every_decided_error_is_what_its_code_and_message_make() {
    let mut seen = 0;
    for entry in folder().read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name
            .strip_suffix(".json")
            .filter(|n| n.starts_with("decided-error-"))
        else {
            continue;
        };
        let value = fixture(name);
        let read: ErrorBody = serde_json::from_value(value.clone()).unwrap();
        let made = ErrorBody::new(read.code, read.message.clone(), read.request_id.clone());
        assert_eq!(serde_json::to_value(&made).unwrap(), value, "{name}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen} errors");
}

#[test]
fn what_older_servers_say_can_be_read() {
    readable::<CompressResponse>("seed-compress-response");
    readable::<OriginalImageResponse>("seed-original-images-response");
    readable::<Dashboard>("seed-dashboard-response");
    readable::<OriginalImageResponse>("later-original-images-response");
    readable::<OriginalImageList>("later-original-images-list-response");
    readable::<OptimizedImage>("later-optimized-image-original-style");
    readable::<ShopResponse>("later-shop-response");
    readable::<CallbackUrlList>("later-callback-urls-list-response");
    readable::<CallbackUrlResponse>("later-callback-url-create-response");
    readable::<Event>("later-webhook-processing");
    readable::<Event>("later-webhook-optimized");
    readable::<Event>("later-webhook-error");
}

/// The contract that is built in is the one that is agreed on, where that is at hand.
#[test]
fn the_contract_is_the_agreed_one() {
    let agreed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contract/openapi.yaml");
    if let Ok(agreed) = std::fs::read_to_string(agreed) {
        assert!(
            agreed == OPENAPI,
            "contract/openapi.yaml is not the agreed one"
        );
    }
}
