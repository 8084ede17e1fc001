//! Somebody else on the network: has images, takes webhooks, and misbehaves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What it gets.
#[derive(Clone, Debug)]
pub enum Reply {
    Bytes(u16, Vec<u8>),
    /// With headers of its own.
    Full(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A status and a place to go to.
    Elsewhere(u16, String),
    /// Nothing for so long.
    Silence(Duration),
    /// A length, and bytes without end.
    Endless(Option<u64>),
}

impl Reply {
    pub fn status(status: u16) -> Reply {
        Reply::Bytes(status, Vec::new())
    }
}

/// Listens on loopback for as long as the test runs.
pub struct Host {
    pub url: String,
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<Mutex<usize>>,
    /// Bytes that endless answers got rid of.
    pub sent: Arc<Mutex<u64>>,
}

impl Host {
    pub fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let host = Host {
            url: format!("http://127.0.0.1:{port}"),
            port,
            asked: Arc::default(),
            connections: Arc::default(),
            sent: Arc::default(),
        };
        let (asked, connections, sent) = (
            Arc::clone(&host.asked),
            Arc::clone(&host.connections),
            Arc::clone(&host.sent),
        );
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *connections.lock().unwrap() += 1;
                let (asked, sent, answer) =
                    (Arc::clone(&asked), Arc::clone(&sent), Arc::clone(&answer));
                std::thread::spawn(move || {
                    if let Some(request) = read(&stream) {
                        asked.lock().unwrap().push(request.clone());
                        write(stream, answer(&request), &sent);
                    }
                });
            }
        });
        host
    }

    /// Has these bytes under every path.
    pub fn having(bytes: Vec<u8>) -> Host {
        Host::new(move |_| Reply::Bytes(200, bytes.clone()))
    }

    /// What arrived so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut asked = Asked {
        method,
        path,
        headers,
        body: Vec::new(),
    };
    let length = asked.header("content-length").and_then(|n| n.parse().ok());
    asked.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}

fn write(mut stream: TcpStream, reply: Reply, sent: &Mutex<u64>) {
    // The other side may have heard enough.
    let _ = match reply {
        Reply::Bytes(status, bytes) => stream
            .write_all(
                format!(
                    "HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    bytes.len()
                )
                .as_bytes(),
            )
            .and_then(|()| stream.write_all(&bytes)),
        Reply::Full(status, headers, bytes) => {
            let headers: String = headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\r\n"))
                .collect();
            let head = format!(
                "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
                bytes.len()
            );
            stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&bytes))
        }
        Reply::Elsewhere(status, place) => stream.write_all(
            format!("HTTP/1.1 {status} Go\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        ),
        Reply::Silence(time) => {
            std::thread::sleep(time);
            Ok(())
        }
        Reply::Endless(length) => {
            let length = length.map_or(String::new(), |length| format!("Content-Length: {length}\r\n"));
            let head = format!("HTTP/1.1 200 OK\r\n{length}Connection: close\r\n\r\n");
            let mut written = stream.write_all(head.as_bytes());
            while written.is_ok() {
                written = stream.write_all(&[b'x'; 65536]);
                *sent.lock().unwrap() += 65536;
            }
            written
        }
    };
}
