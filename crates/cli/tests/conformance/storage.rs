//! Files that are stored elsewhere: with whoever speaks S3.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::support::{Asked, Host, Reply, Server, images, until};

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// As much of S3 as the server needs: put, get, delete.
fn bucket(asked: &Asked, objects: &Objects) -> Reply {
    let mut objects = objects.lock().unwrap();
    let path = asked.path.split('?').next().unwrap().to_owned();
    let etag = || ("ETag", "\"1\"".to_owned());
    match asked.method.as_str() {
        "PUT" => {
            assert!(
                asked
                    .header("authorization")
                    .unwrap()
                    .starts_with("AWS4-HMAC-SHA256")
            );
            objects.insert(path, asked.body.clone());
            Reply::Full(200, vec![etag()], Vec::new())
        }
        "GET" => match objects.get(&path) {
            Some(bytes) => {
                let time = ("Last-Modified", "Tue, 24 Nov 2026 10:00:00 GMT".to_owned());
                Reply::Full(200, vec![etag(), time], bytes.clone())
            }
            None => Reply::status(404),
        },
        "DELETE" => {
            objects.remove(&path);
            Reply::status(204)
        }
        // Several at once, named in XML.
        "POST" => {
            let body = String::from_utf8(asked.body.clone()).unwrap();
            let mut answer = String::from("<DeleteResult>");
            for key in body.split("<Key>").skip(1) {
                let key = &key[..key.find("</Key>").unwrap()];
                objects.remove(&format!("{}/{key}", path.trim_end_matches('/')));
                answer += &format!("<Deleted><Key>{key}</Key></Deleted>");
            }
            answer += "</DeleteResult>";
            Reply::Bytes(200, answer.into_bytes())
        }
        other => panic!("{other} {}", asked.path),
    }
}

#[test]
fn files_can_be_stored_by_s3() {
    let objects = Objects::default();
    let kept = Arc::clone(&objects);
    let host = Host::new(move |asked| bucket(asked, &kept));
    let environment = [
        ("AWS_ENDPOINT", host.url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "a-secret-key"),
        ("AWS_REGION", "eu-test-1"),
    ];
    let server = Server::within(&environment, &["--storage", "s3://bucket/some/folder"]);
    let png = images::small_png();
    let image = server.compress("a.png", &png, &[]).image();
    assert_eq!(server.download(&image["link"]), png);
    let small = server.download(&image["optimized_images"][0]["link"]);
    assert_eq!(image["optimized_images"][0]["size"], small.len());
    let keys: Vec<String> = objects.lock().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), 2);
    assert!(
        keys.iter()
            .all(|key| key.starts_with("/bucket/some/folder/")),
        "{keys:?}"
    );
    assert!(
        !server.data().join("data/files").exists(),
        "nothing is kept here"
    );
    assert!(!server.log().contains("a-secret-key"));
    assert_eq!(
        server
            .delete(&format!("/v1/original_images/{}", image["id"]))
            .status,
        200
    );
    until("the objects to go", || objects.lock().unwrap().is_empty());
}
