//! HTTP/1.1 by hand: what is sent is what the test says, byte for byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The status, and the code of an error.
    pub fn said(&self) -> (u16, String) {
        let code = match self.status {
            400.. => self.json()["code"].as_str().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        (self.status, code)
    }

    /// The image of a good answer.
    #[track_caller]
    pub fn image(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()["original_image"].clone()
    }
}

/// Sends a request and reads the answer. The connection is closed after it.
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let has = |name: &str| {
        headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let chunked = has("transfer-encoding");
    if !chunked && !has("content-length") && (!body.is_empty() || method != "GET") {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text += "\r\n";
    let mut bytes = text.into_bytes();
    if chunked {
        for part in body.chunks(1000) {
            bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
            bytes.extend(part);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
    } else {
        bytes.extend(body);
    }
    let stream = TcpStream::connect(address).expect("the server listens");
    exchange(stream, &bytes, method == "HEAD")
}

/// Writes these bytes and reads one answer.
pub fn exchange(mut stream: impl Read + Write + Timed, bytes: &[u8], head: bool) -> Answer {
    stream.patience(Duration::from_secs(90));
    // A server that refuses early may close while this still writes: its answer counts.
    let _ = stream.write_all(bytes);
    let _ = stream.flush();
    let mut all = Vec::new();
    let mut buffer = [0; 16384];
    loop {
        if let Some(answer) = whole(&all, head, false) {
            return answer;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
        }
    }
    whole(&all, head, true)
        .unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&all)))
}

/// Streams that can be told how long to wait.
pub trait Timed {
    fn patience(&self, time: Duration);
}

impl Timed for TcpStream {
    fn patience(&self, time: Duration) {
        self.set_read_timeout(Some(time)).unwrap();
    }
}

impl Timed for rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    fn patience(&self, time: Duration) {
        self.sock.patience(time);
    }
}

/// The answer, once all of it is there.
fn whole(bytes: &[u8], head: bool, closed: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).expect("headers are text");
    let mut lines = text.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    if status == 100 {
        return whole(&bytes[end + 4..], head, closed);
    }
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    if head || matches!(status, 204 | 304) {
        assert!(answer.body.is_empty(), "a body where none may be");
        return Some(answer);
    }
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunked(&answer.body)?;
        return Some(answer);
    }
    match answer.header("content-length") {
        Some(length) => (answer.body.len() >= length.parse::<usize>().unwrap()).then_some(answer),
        None => closed.then_some(answer),
    }
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

/// A part of a multipart body.
pub enum Part<'a> {
    Field(&'a str, &'a str),
    File(&'a str, &'a [u8]),
}

/// The content type and the body.
pub fn multipart(parts: &[Part]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----conformance7b1f";
    let mut body = Vec::new();
    for part in parts {
        body.extend(format!("--{BOUNDARY}\r\n").into_bytes());
        match part {
            Part::Field(name, value) => body.extend(
                format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .into_bytes(),
            ),
            Part::File(name, bytes) => {
                body.extend(
                    format!(
                        "Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                         Content-Type: application/octet-stream\r\n\r\n"
                    )
                    .into_bytes(),
                );
                body.extend_from_slice(bytes);
                body.extend(b"\r\n");
            }
        }
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
