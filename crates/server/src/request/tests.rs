//! The contract's wire fixtures, as far as a request can be understood without its image.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value as Json, json};
use whittle_core::Mode;

use super::*;

/// What the server makes of a wire fixture, in the words of its `expect`.
async fn understood(wire: &Json) -> Result<Json, u16> {
    let asked = &wire["request"];
    let mut headers = HeaderMap::new();
    for pair in asked["headers"].as_array().unwrap() {
        let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
        headers.append(
            name,
            HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap(),
        );
    }
    let body = asked["body"].as_str().unwrap().to_owned();
    // In small pieces, as a slow network has it.
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> = body
        .as_bytes()
        .chunks(7)
        .map(|piece| Ok(piece.to_vec()))
        .collect();
    let mut data = Body::from_stream(futures_util::stream::iter(pieces)).into_data_stream();
    let folder = tempfile::tempdir().unwrap();
    let received = read(&headers, &mut data, 1 << 20, folder.path())
        .await
        .map_err(|refusal| refusal.code.status())?;
    let mut parsed = Map::new();
    if asked["method"] == "PATCH" {
        let change = ShopChange::from(&received.fields).map_err(|refusal| refusal.code.status())?;
        parsed.insert("compression_type".into(), json!(change.mode));
        parsed.insert("compression_level_jpg".into(), json!(change.jpg));
        assert_eq!((change.png, change.gif), (None, None));
        return Ok(parsed.into());
    }
    let named = received.fields.get("strip_tags").is_some();
    let ask = Ask::from(received, Mode::Balanced, 10).map_err(|refusal| refusal.code.status())?;
    match ask.source {
        Source::Url(url) => {
            parsed.insert("image_url".into(), json!(url.as_str()));
        }
        Source::Upload(upload) => {
            let bytes = upload.bytes.into_bytes().await.unwrap();
            parsed.insert("file".into(), json!(String::from_utf8(bytes).unwrap()));
            parsed.insert("filename".into(), json!(upload.filename));
        }
    }
    if let Some(mode) = ask.mode {
        parsed.insert("compression_type".into(), json!(mode));
    }
    if let Some(level) = ask.level {
        parsed.insert("compression_level".into(), json!(level));
    }
    if named {
        parsed.insert("strip_tags".into(), json!(!ask.keep_tags));
    }
    if !ask.styles.is_empty() {
        let styles = ask.styles.iter().map(|style| {
            json!({
                "style": style.name, "strategy": style.strategy,
                "width": style.width, "height": style.height,
            })
        });
        parsed.insert("resize".into(), styles.collect());
    }
    Ok(parsed.into())
}

#[tokio::test]
async fn every_wire_fixture_is_understood_as_it_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/contract/examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("wire-") {
            continue;
        }
        seen += 1;
        let wire: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let expected = &wire["expect"];
        match understood(&wire).await {
            Ok(parsed) => assert_eq!(parsed, expected["parsed"], "{name}"),
            Err(status) => assert_eq!(json!(status), expected["status"], "{name}"),
        }
    }
    assert_eq!(seen, 10);
}
