//! The client against answers as servers, proxies and networks give them. Against the real server it is
//! tested with `whittle serve`, in crates/cli/tests/account.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Instant;

use bytes::Bytes;
use whittle_core::{Level, Strategy};

use super::*;
use crate::{FileType, Status};

/// Answers each connection with the next of these, and keeps what was asked.
struct Host {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn saying(answers: Vec<Vec<u8>>) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                kept.lock().unwrap().push(request(&mut stream));
                // The client may be gone already.
                let _ = stream.write_all(&answer);
            }
        });
        Host { address, asked }
    }

    fn client(&self) -> Client {
        let endpoint = Endpoint::new(&self.address, true).unwrap();
        Client::new(endpoint, Token::new("wh_secret").unwrap(), quick()).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn quick() -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(900),
        retries: Retries {
            more: 2,
            first: Duration::from_millis(10),
            longest: Duration::from_secs(2),
        },
    }
}

/// A request, whole: as long as its header says.
fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.trim().parse().unwrap());
            if read.len() >= end + 4 + length {
                break;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/contract/examples");
    std::fs::read(format!("{folder}/{name}.json")).unwrap()
}

fn ok(name: &str) -> Vec<u8> {
    answer("200 OK", "", &fixture(name))
}

fn ask() -> Ask {
    let style = |text: &str| text.parse().unwrap();
    Ask {
        quality: Some((Mode::Lossy, Level::new(65).unwrap())),
        styles: vec![style("icon:crop:150x150"), style("wide:landscape:320x")],
        strip_tags: true,
        origin: "whittle".into(),
    }
}

fn photo() -> Source {
    Source::File {
        name: "pho\"to.png".into(),
        bytes: Bytes::from(vec![7; 200_000]),
    }
}

fn go() -> Cancel {
    Cancel::new()
}

#[test]
fn the_reference_s_own_answers_are_read_value_by_value() {
    let host = Host::saying(vec![
        ok("seed-compress-response"),
        ok("seed-original-images-response"),
        ok("seed-dashboard-response"),
    ]);
    let client = host.client();
    let image = client.compress(&photo(), &ask(), &go()).unwrap();
    assert_eq!(image.id, 5);
    assert_eq!(image.compression_type, Some(Mode::Lossy));
    assert_eq!(image.compression_level, Some(65));
    assert_eq!(image.origin, "file");
    assert_eq!(image.size, Some(297_412));
    assert_eq!(image.file_type, Some(FileType::Png));
    assert_eq!(image.filename.as_deref(), Some("photo.png"));
    assert_eq!(image.status, Status::Completed);
    assert_eq!(image.created_at, "2018-07-09T13:07:42.943Z");
    assert_eq!(image.updated_at, "2018-07-09T13:07:46.074Z");
    assert_eq!(
        image.link.as_deref(),
        Some("https://api.crush.pics/v1/files/X8KxL3cD1viTBasepBwSL4Tz/photo.png")
    );
    let outputs = image.optimized_images.unwrap();
    assert_eq!(outputs.len(), 1);
    let icon = &outputs[0];
    assert_eq!((icon.id, icon.status), (4, Status::Enqueued));
    assert_eq!(icon.compression_type, Some(Mode::Lossless));
    assert_eq!(icon.compression_level, Some(0));
    assert_eq!(icon.style, "icon");
    assert_eq!((icon.width, icon.height), (Some(150), Some(150)));
    assert_eq!(
        icon.link,
        "https://api.crush.pics/v1/files/ZdcSBAk1m4XMeH9KNvSmWFNN/photo.png"
    );
    assert_eq!((icon.size, icon.file_type), (465, FileType::Png));
    assert_eq!(icon.filename, "photo.png");
    assert_eq!(icon.created_at, "2018-07-09T13:07:43.005Z");
    assert_eq!(icon.updated_at, "2018-07-09T13:07:46.069Z");
    assert_eq!(icon.expire_at, None);

    let queued = client.enqueue(&photo(), &ask(), &go()).unwrap();
    assert_eq!((queued.id, queued.status), (5, Status::Enqueued));
    assert_eq!(queued.compression_type, Some(Mode::Lossy));
    assert_eq!(queued.compression_level, Some(65));
    assert_eq!(queued.size, Some(297_412));
    assert_eq!(queued.created_at, "2018-06-29T15:52:22.589Z");
    assert_eq!(queued.updated_at, "2018-06-29T15:52:22.596Z");
    assert_eq!(
        queued.link.as_deref(),
        Some("https://api.crush.pics/v1/files/LX8Xhv3Z2T2dQDSRnrC3UBxg/photo.png")
    );
    assert_eq!(queued.optimized_images, None);

    let stats = client
        .dashboard(ReportType::SixMonths, &go())
        .unwrap()
        .stats;
    assert_eq!(stats.original_images_count, 475);
    assert_eq!(stats.optimized_images_count, 475);
    assert_eq!(stats.consumption.kind, ReportType::SixMonths);
    let rows: Vec<_> = stats
        .consumption
        .data
        .iter()
        .map(|row| (row.origin.as_str(), row.size, row.period))
        .collect();
    assert_eq!(
        rows,
        [
            ("file", None, 2),
            ("shopify_article", None, 2),
            ("file", None, 3),
            ("file", None, 6),
            ("shopify", Some(1_858_202), 7),
            ("file", None, 7),
        ]
    );
}

#[test]
fn an_upload_says_what_is_to_be_made_and_tells_how_far_it_is() {
    let host = Host::saying(vec![ok("seed-original-images-response")]);
    let cancel = go();
    host.client().enqueue(&photo(), &ask(), &cancel).unwrap();
    assert!(cancel.done() > 0.39, "{}", cancel.done());
    let asked = &host.asked()[0];
    let head = asked.to_lowercase();
    assert!(head.starts_with("post /v1/original_images http/1.1\r\n"));
    assert!(head.contains("authorization: bearer wh_secret\r\n"));
    assert!(head.contains("content-length: "), "not chunked");
    for (name, value) in [
        ("compression_type", "lossy"),
        ("compression_level", "65"),
        ("strip_tags", "true"),
        ("origin", "whittle"),
        ("resize[0][style]", "icon"),
        ("resize[0][strategy]", Strategy::Crop.name()),
        ("resize[0][height]", "150"),
        ("resize[1][style]", "wide"),
        ("resize[1][strategy]", Strategy::Landscape.name()),
        ("resize[1][width]", "320"),
    ] {
        let field = format!("name=\"{name}\"\r\n\r\n{value}\r\n");
        assert!(asked.contains(&field), "{name} is missing");
    }
    assert!(!asked.contains("resize[1][height]"));
    assert!(asked.contains("name=\"file\"; filename=\"pho%22to.png\"\r\n"));
    // The account's own settings are what is not named.
    let host = Host::saying(vec![ok("seed-original-images-response")]);
    let own = Ask {
        quality: None,
        styles: Vec::new(),
        ..ask()
    };
    host.client().enqueue(&photo(), &own, &go()).unwrap();
    assert!(!host.asked()[0].contains("compression_"));
}

#[test]
fn lists_of_older_servers_are_read_and_one_odd_image_costs_only_itself() {
    let host = Host::saying(vec![
        ok("later-original-images-list-response"),
        answer(
            "200 OK",
            "",
            br#"{"new":1,"original_images":[{"id":"x"},{"id":9,"origin":"file","status":"completed",
                "created_at":"a","updated_at":"b","size":null,"more":{}}],
                "pagination":{"current":1,"total_pages":1,"total_count":2,"per_page":100,"count":2}}"#,
        ),
    ]);
    let client = host.client();
    let page = client.images(1, &go()).unwrap();
    assert_eq!(page.images.len(), 10);
    assert_eq!(page.pagination.total_count, 124);
    assert_eq!(
        (page.images[9].id, page.images[9].compression_type),
        (4016, None)
    );
    let odd = client.images(1, &go()).unwrap();
    assert_eq!(odd.images.len(), 1);
    assert_eq!((odd.images[0].id, odd.images[0].size), (9, None));
}

#[test]
fn what_is_refused_for_now_is_asked_again_and_nothing_else() {
    let busy = answer("429 Too Many Requests", "Retry-After: 1\r\n", b"{}");
    let down = answer("503 Service Unavailable", "Retry-After: 0\r\n", b"<html>");
    let host = Host::saying(vec![
        busy,
        down.clone(),
        ok("seed-original-images-response"),
    ]);
    let began = Instant::now();
    let sent = host.client().enqueue(&photo(), &ask(), &go());
    assert_eq!(sent.unwrap().id, 5);
    assert_eq!(host.asked().len(), 3);
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After");

    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "402 Payment Required",
        "403 Forbidden",
        "404 Not Found",
        "410 Gone",
        "413 Too Large",
        "415 Unsupported",
        "422 Unprocessable",
    ] {
        let host = Host::saying(vec![answer(status, "", b"{}"), ok("later-shop-response")]);
        assert!(host.client().shop(&go()).is_err(), "{status}");
        assert_eq!(host.asked().len(), 1, "{status}");
    }
    // A wait that is too long is told.
    let long = answer("503 Service Unavailable", "Retry-After: 3600\r\n", b"{}");
    let host = Host::saying(vec![long, ok("later-shop-response")]);
    assert_eq!(
        host.client().shop(&go()).unwrap_err().meaning(),
        Meaning::Later
    );
    // And after some tries it is enough.
    let host = Host::saying(vec![down; 9]);
    assert_eq!(
        host.client().shop(&go()).unwrap_err().meaning(),
        Meaning::Later
    );
    assert_eq!(host.asked().len(), 3);
}

#[test]
fn a_read_is_repeated_where_an_image_is_not() {
    let whole = ok("later-shop-response");
    let cut_off = whole[..whole.len() - 30].to_vec();
    let half = answer("200 OK", "", br#"{"shop":{"login":"#);
    let broken = answer("500 Internal Server Error", "", b"{}");
    let host = Host::saying(vec![cut_off.clone(), half.clone(), whole.clone()]);
    assert_eq!(host.client().shop(&go()).unwrap().login, "user@example.com");
    let host = Host::saying(vec![broken.clone(), Vec::new(), whole]);
    assert_eq!(
        host.client().shop(&go()).unwrap().plan_data.bytes,
        25_000_000
    );
    for fault in [cut_off, half, broken, Vec::new()] {
        let host = Host::saying(vec![fault, ok("seed-original-images-response")]);
        let error = host.client().enqueue(&photo(), &ask(), &go()).unwrap_err();
        assert_eq!(error.meaning(), Meaning::Unknown, "{error:?}");
        assert_eq!(host.asked().len(), 1);
    }
}

#[test]
fn silence_ends_and_so_does_who_is_cancelled() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(
        Endpoint::new(&address, true).unwrap(),
        Token::new("t").unwrap(),
        quick(),
    )
    .unwrap();
    let error = client.enqueue(&photo(), &ask(), &go()).unwrap_err();
    assert_eq!(error, ClientError::TimedOut);
    let cancel = go();
    cancel.cancel();
    assert_eq!(client.shop(&cancel).unwrap_err(), ClientError::Cancelled);
    drop(listener);
    assert_eq!(client.shop(&go()).unwrap_err(), ClientError::Unreachable);
}

#[test]
fn the_server_s_clock_is_known() {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let host = Host::saying(vec![answer(
        "200 OK",
        date,
        &fixture("later-shop-response"),
    )]);
    let client = host.client();
    client.shop(&go()).unwrap();
    let told: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
    let apart = client.server_now().as_second() - told.as_second();
    assert!((0..60).contains(&apart), "{apart}");
}

#[test]
fn files_come_without_the_token_and_no_larger_than_they_may() {
    let host = Host::saying(vec![
        answer("200 OK", "", b"bytes"),
        answer("200 OK", "", b"too many"),
        answer("410 Gone", "", &fixture("decided-error-410-file-expired")),
        answer("302 Found", "Location: http://192.0.2.1/x\r\n", b""),
    ]);
    let client = host.client();
    let link = format!("{}/v1/files/k/a.png", host.address);
    assert_eq!(client.download(&link, 5, &go()).unwrap(), b"bytes");
    assert!(!host.asked()[0].to_lowercase().contains("authorization"));
    let error = client.download(&link, 5, &go()).unwrap_err();
    assert_eq!(error, ClientError::TooLarge { limit: 5 });
    let error = client.download(&link, 5, &go()).unwrap_err();
    assert_eq!(error.meaning(), Meaning::Gone);
    let error = client.download(&link, 5, &go()).unwrap_err();
    assert!(matches!(error, ClientError::Refused(refusal) if refusal.status == 302));
    for link in ["http://192.0.2.1/a", "file:///etc/passwd", "photo.png"] {
        assert_eq!(
            client.download(link, 5, &go()).unwrap_err(),
            ClientError::Link
        );
    }
}

#[test]
fn the_token_and_the_image_follow_no_redirect() {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let elsewhere = Host::saying(vec![ok("later-shop-response")]);
        let to = format!("Location: {}/v1/shop\r\n", elsewhere.address);
        let host = Host::saying(vec![answer(status, &to, b""); 2]);
        let client = host.client();
        for error in [
            client.shop(&go()).unwrap_err(),
            client.enqueue(&photo(), &ask(), &go()).unwrap_err(),
        ] {
            assert_eq!(error.meaning(), Meaning::Refused, "{status}");
            assert!(error.to_string().contains("sends elsewhere"), "{error}");
        }
        assert!(elsewhere.asked().is_empty(), "{status}");
    }
}

#[test]
fn the_other_calls_of_the_contract() {
    let host = Host::saying(vec![
        ok("decided-shop-response"),
        ok("decided-compress-response"),
        ok("decided-deleted-response"),
        answer("404 Not Found", "", b"{}"),
        ok("later-callback-urls-list-response"),
        ok("decided-callback-url-create-response"),
        answer("200 OK", "", b""),
    ]);
    let client = host.client();
    let update = ShopUpdate {
        compression_type: Some(Mode::Lossy),
        compression_level: Some(70),
        ..ShopUpdate::default()
    };
    client.update_shop(&update, &go()).unwrap();
    let image = client.image(5, &go()).unwrap();
    assert_eq!(image.optimized_images.map(|outputs| outputs.len()), Some(2));
    client.delete_image(5, &go()).unwrap();
    client.delete_image(5, &go()).unwrap();
    assert_eq!(
        client.callback_urls(&go()).unwrap()[0].url,
        "https://test.com/wh"
    );
    let added = client
        .add_callback_url("https://a.example/w", &go())
        .unwrap();
    assert!(
        added
            .secret
            .is_some_and(|secret| secret.starts_with("whsec_"))
    );
    let lines: Vec<String> = host
        .asked()
        .iter()
        .map(|asked| asked.lines().next().unwrap().replace(" HTTP/1.1", ""))
        .collect();
    assert_eq!(
        lines,
        [
            "PATCH /v1/shop",
            "GET /v1/original_images/5",
            "DELETE /v1/original_images/5",
            "DELETE /v1/original_images/5",
            "GET /v1/callback_urls",
            "POST /v1/callback_urls",
        ]
    );
    assert!(host.asked()[0].ends_with(r#"{"compression_type":"lossy","compression_level":70}"#));
}
