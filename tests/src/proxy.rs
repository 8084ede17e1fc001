//! What can lie between a client and its server: it cuts, slows, refuses and lies.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Half of the request arrives, then the connection is gone.
    CutRequest,
    /// All of it arrives and is done, and the answer is lost.
    LostAnswer,
    /// The answer ends in its middle.
    CutAnswer,
    /// The answer is whole, but its JSON is not.
    TruncatedJson,
    /// The answer comes a few bytes at a time.
    SlowBody,
    /// Nothing comes for longer than anybody waits.
    Silence,
    /// Refused for now.
    TooManyRequests,
    /// Refused for now.
    Unavailable,
    /// Failed before anything was done.
    BrokenBefore,
    /// Done, and then failed.
    BrokenAfter,
    /// A link to a file that has ended.
    ExpiredLink,
    /// The server's clock is a day off.
    WrongClock,
}

const FAULTS: [Fault; 12] = [
    Fault::CutRequest,
    Fault::LostAnswer,
    Fault::CutAnswer,
    Fault::TruncatedJson,
    Fault::SlowBody,
    Fault::Silence,
    Fault::TooManyRequests,
    Fault::Unavailable,
    Fault::BrokenBefore,
    Fault::BrokenAfter,
    Fault::ExpiredLink,
    Fault::WrongClock,
];

type Tamper = dyn Fn(&str, &mut Vec<u8>) + Send + Sync;

/// A proxy on loopback, in front of one server.
#[derive(Clone)]
pub struct Proxy {
    /// Its address.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<String>,
    /// Faults in a thousand requests.
    rate: AtomicU32,
    down: AtomicBool,
    random: Mutex<u64>,
    injected: Mutex<Vec<Fault>>,
    expired: Mutex<HashSet<String>>,
    tamper: Mutex<Option<Box<Tamper>>>,
}

impl Proxy {
    /// Faultless, and down until it knows its server.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn start(seed: u64) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Proxy {
            url: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::new(Shared {
                upstream: Mutex::default(),
                rate: AtomicU32::new(0),
                down: AtomicBool::new(true),
                random: Mutex::new(seed),
                injected: Mutex::default(),
                expired: Mutex::default(),
                tamper: Mutex::default(),
            }),
        };
        let shared = Arc::clone(&proxy.shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Whatever goes wrong with a connection is one more fault.
                std::thread::spawn(move || drop(serve(client, &shared)));
            }
        });
        proxy
    }

    /// Leads to the server at this host and port from now on, and is up.
    pub fn to(&self, address: &str) {
        *self.shared.upstream.lock().unwrap() = address.to_owned();
        self.up(true);
    }

    /// Whether anything gets through.
    pub fn up(&self, up: bool) {
        self.shared.down.store(!up, Ordering::SeqCst);
    }

    /// Faults in a thousand requests.
    pub fn faults(&self, rate: u32) {
        self.shared.rate.store(rate, Ordering::SeqCst);
    }

    /// What was done to requests, in order.
    pub fn injected(&self) -> Vec<Fault> {
        self.shared.injected.lock().unwrap().clone()
    }

    /// Changes the bodies of answers, by the path that was asked for; their length must stay.
    pub fn tamper(&self, tamper: impl Fn(&str, &mut Vec<u8>) + Send + Sync + 'static) {
        *self.shared.tamper.lock().unwrap() = Some(Box::new(tamper));
    }
}

impl Shared {
    fn random(&self) -> u32 {
        let mut state = self.random.lock().unwrap();
        // Knuth's MMIX generator; its high bits are the good ones.
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as u32
    }

    /// What happens to this request.
    fn fault(&self, method: &str, path: &str) -> Option<Fault> {
        if self.random() % 1000 >= self.rate.load(Ordering::SeqCst) {
            return None;
        }
        let fault = FAULTS[self.random() as usize % FAULTS.len()];
        let is_file = path.starts_with("/v1/files/");
        let fits = match fault {
            Fault::ExpiredLink => is_file && self.expired.lock().unwrap().insert(path.to_owned()),
            Fault::TruncatedJson => !is_file,
            Fault::CutRequest => method == "POST",
            // It costs the most time of all.
            Fault::Silence => self.random().is_multiple_of(4),
            _ => true,
        };
        if !fits {
            return None;
        }
        self.injected.lock().unwrap().push(fault);
        Some(fault)
    }
}

fn serve(mut client: TcpStream, shared: &Shared) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(20)))?;
    if shared.down.load(Ordering::SeqCst) {
        return Ok(());
    }
    let (head, body) = request(&mut client)?;
    let mut words = head.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default().to_owned(),
        words.next().unwrap_or_default().to_owned(),
    );
    let fault = shared.fault(&method, &path);
    let own = |status: &str, headers: &str| {
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        )
    };
    match fault {
        Some(Fault::TooManyRequests) => {
            return client.write_all(own("429 Too Many Requests", "Retry-After: 0\r\n").as_bytes());
        }
        Some(Fault::Unavailable) => {
            return client.write_all(own("503 Service Unavailable", "").as_bytes());
        }
        Some(Fault::BrokenBefore) => {
            return client.write_all(own("500 Internal Server Error", "").as_bytes());
        }
        Some(Fault::ExpiredLink) => {
            return client.write_all(own("410 Gone", "").as_bytes());
        }
        Some(Fault::Silence) => {
            std::thread::sleep(Duration::from_millis(2600));
            return Ok(());
        }
        _ => {}
    }
    let mut upstream = TcpStream::connect(shared.upstream.lock().unwrap().as_str())?;
    upstream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let line_end = head.find("\r\n").unwrap_or(head.len());
    let head = format!(
        "{}\r\nConnection: close{}",
        &head[..line_end],
        &head[line_end..]
    );
    upstream.write_all(head.as_bytes())?;
    if fault == Some(Fault::CutRequest) {
        return upstream.write_all(&body[..body.len() / 2]);
    }
    upstream.write_all(&body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(answer.len(), |at| at + 4);
    let mut body = answer.split_off(split);
    let mut head = String::from_utf8_lossy(&answer).into_owned();
    if let Some(tamper) = &*shared.tamper.lock().unwrap() {
        tamper(&path, &mut body);
    }
    match fault {
        Some(Fault::LostAnswer) => return Ok(()),
        Some(Fault::BrokenAfter) => {
            return client.write_all(own("500 Internal Server Error", "").as_bytes());
        }
        Some(Fault::CutAnswer) => body.truncate(body.len() / 2),
        Some(Fault::TruncatedJson) => {
            let length = body.len();
            body.truncate(length / 2);
            head = head.replace(
                &format!("content-length: {length}"),
                &format!("content-length: {}", body.len()),
            );
        }
        Some(Fault::WrongClock) => {
            let date = head.lines().find(|line| line.starts_with("date: "));
            let date = date.unwrap_or_default().to_owned();
            let wrong = if shared.random().is_multiple_of(2) {
                "date: Sun, 06 Nov 1994 08:49:37 GMT"
            } else {
                "date: Fri, 06 Nov 2099 08:49:37 GMT"
            };
            head = head.replace(&date, wrong);
        }
        _ => {}
    }
    client.write_all(head.as_bytes())?;
    if fault == Some(Fault::SlowBody) {
        for piece in body.chunks((body.len() / 4).max(1)) {
            client.write_all(piece)?;
            std::thread::sleep(Duration::from_millis(60));
        }
        return Ok(());
    }
    client.write_all(&body)
}

/// Its head with the empty line, and its body.
fn request(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let head = read.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head {
            let text = String::from_utf8_lossy(&read[..end + 4]).into_owned();
            let length = text
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")
                        .map(str::to_owned)
                })
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or(0usize);
            if read.len() >= end + 4 + length {
                let body = read.split_off(end + 4);
                return Ok((text, body));
            }
        }
        match client.read(&mut piece)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => read.extend_from_slice(&piece[..count]),
        }
    }
}
