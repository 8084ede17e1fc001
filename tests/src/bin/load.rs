//! A server under load: how many images a second, how long each waits, and what memory that takes.
//!
//! `load WHITTLE [SECONDS]` starts `whittle serve` on a free port of this machine, and lets 1, 8 and 64
//! clients compress images of 64 KiB and 4 MiB, each case for some seconds. While they do, another one asks
//! whether the server lives: if images held up its threads, that answer would be late.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use whittle_tests::fixtures::{Picture, jpeg};

/// How long each case lasts, unless the caller says otherwise. Requests under way are waited for.
const SECONDS: u64 = 20;

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1);
    let whittle = PathBuf::from(args.next().context("usage: load WHITTLE [SECONDS]")?);
    let seconds = match args.next() {
        Some(text) => text.to_string_lossy().parse().context("seconds")?,
        None => SECONDS,
    };
    println!(
        "| image | clients | requests a second | answered | finished | p50 s | p95 s | p99 s | 429, 503 | other | lost | p99 of /healthz ms | peak MiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, size) in [("64 KiB", 64 << 10), ("4 MiB", 4 << 20)] {
        let image = image_of(size);
        for clients in [1, 8, 64] {
            let server = Server::start(&whittle)?;
            let case = server.under_load(&image, clients, Duration::from_secs(seconds));
            println!("| {name} | {clients} | {}", case.told(server.peak_mib()?));
        }
    }
    Ok(())
}

/// A photograph that takes about so many bytes.
fn image_of(bytes: usize) -> Vec<u8> {
    let (mut low, mut high) = (16u32, 8192u32);
    let drawn = |side: u32| jpeg::encoded(&Picture::photo(side * 4 / 3, side, 7), jpeg::CAMERA);
    while high - low > low / 32 + 1 {
        let middle = u32::midpoint(low, high);
        if drawn(middle).len() < bytes {
            low = middle;
        } else {
            high = middle;
        }
    }
    drawn(low)
}

struct Server {
    child: Child,
    address: String,
    token: String,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(whittle: &Path) -> Result<Server> {
        let folder = tempfile::tempdir()?;
        let command = || {
            let mut command = Command::new(whittle);
            command.env("WHITTLE_DATA_DIR", folder.path().join("data"));
            command.env("WHITTLE_LOG", "error");
            command
        };
        let told = command()
            .args(["token", "new", "--account", "load"])
            .output()?;
        ensure!(told.status.success(), "no token");
        let mut child = command()
            .args(["serve", "--listen", "127.0.0.1:0", "--allow-http"])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("an output")?).read_line(&mut line)?;
        let address = line.trim().trim_start_matches("listening on http://");
        Ok(Server {
            child,
            address: address.to_owned(),
            token: String::from_utf8(told.stdout)?.trim().to_owned(),
            _folder: folder,
        })
    }

    fn under_load(&self, image: &[u8], clients: usize, time: Duration) -> Case {
        let request = self.compress(image);
        let began = Instant::now();
        let over = AtomicBool::new(false);
        let (answers, health) = std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut waits = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let health =
                        "GET /healthz HTTP/1.1\r\nHost: whittle\r\nConnection: close\r\n\r\n";
                    let asked = Instant::now();
                    let answer = self.answer(health.as_bytes());
                    // One that never comes is the latest of all.
                    waits.push(match answer {
                        Ok((200, _)) => asked.elapsed(),
                        _ => Duration::MAX,
                    });
                    std::thread::sleep(Duration::from_millis(20));
                }
                waits
            });
            let threads: Vec<_> = (0..clients)
                .map(|_| {
                    scope.spawn(|| {
                        let mut answers = Vec::new();
                        while began.elapsed() < time {
                            let asked = Instant::now();
                            let answer = self.answer(&request);
                            answers.push((answer, asked.elapsed()));
                            // Whoever is told to wait does, if not for long.
                            if matches!(answers.last(), Some((Ok((429 | 503, _)), _))) {
                                std::thread::sleep(Duration::from_millis(200));
                            }
                        }
                        answers
                    })
                })
                .collect();
            let answers: Vec<_> = threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("a client does not panic"))
                .collect();
            over.store(true, Ordering::Relaxed);
            (answers, asking.join().expect("nor does this one"))
        });
        Case::of(answers, health, began.elapsed())
    }

    fn compress(&self, image: &[u8]) -> Vec<u8> {
        let boundary = "----whittle-load";
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(image);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let mut request = format!(
            "POST /v1/compress HTTP/1.1\r\nHost: whittle\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.token,
            body.len()
        )
        .into_bytes();
        request.append(&mut body);
        request
    }

    /// The status of an answer, and its body.
    fn answer(&self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        // A refusal may come before everything is sent; then the answer is what counts.
        let sent = stream.write_all(request);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let status = answer
            .get(9..12)
            .and_then(|text| std::str::from_utf8(text).ok());
        let Some(status) = status.and_then(|text| text.parse().ok()) else {
            sent?;
            anyhow::bail!("no answer");
        };
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n");
        Ok((status, answer.split_off(body.unwrap_or(0))))
    }

    fn peak_mib(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line
            .context("Linux tells it")?
            .trim()
            .trim_end_matches(" kB");
        Ok(kib.parse::<u64>()? >> 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came of it.
struct Case {
    rate: f64,
    statuses: BTreeMap<u16, usize>,
    /// Answers that hold a result, rather than the promise of one.
    finished: usize,
    /// Requests without any answer.
    lost: usize,
    /// How long results took, in order.
    waits: Vec<Duration>,
    health: Vec<Duration>,
}

/// What came back with its status, or nothing, and how long that took.
type Answered = (Result<(u16, Vec<u8>)>, Duration);

impl Case {
    fn of(answers: Vec<Answered>, mut health: Vec<Duration>, time: Duration) -> Case {
        let mut case = Case {
            rate: 0.0,
            statuses: BTreeMap::new(),
            finished: 0,
            lost: 0,
            waits: Vec::new(),
            health: Vec::new(),
        };
        for (answer, wait) in answers {
            match answer {
                Ok((status, body)) => {
                    *case.statuses.entry(status).or_default() += 1;
                    if status == 200 {
                        case.waits.push(wait);
                        let text = String::from_utf8_lossy(&body);
                        case.finished += usize::from(text.contains("\"status\":\"completed\""));
                    }
                }
                Err(error) => {
                    eprintln!("lost: {error:#}");
                    case.lost += 1;
                }
            }
        }
        case.waits.sort();
        health.sort();
        case.health = health;
        case.rate = case.waits.len() as f64 / time.as_secs_f64();
        case
    }

    fn told(&self, peak_mib: u64) -> String {
        let count = |wanted: fn(u16) -> bool| -> usize {
            let of = self.statuses.iter().filter(|(status, _)| wanted(**status));
            of.map(|(_, count)| count).sum()
        };
        let [half, most, nearly_all] = [0.5, 0.95, 0.99].map(|part| at(&self.waits, part));
        format!(
            "{:.2} | {} | {} | {:.2} | {:.2} | {:.2} | {} | {} | {} | {:.0} | {peak_mib} |",
            self.rate,
            count(|status| status == 200),
            self.finished,
            half.as_secs_f64(),
            most.as_secs_f64(),
            nearly_all.as_secs_f64(),
            count(|status| matches!(status, 429 | 503)),
            count(|status| !matches!(status, 200 | 429 | 503)),
            self.lost,
            at(&self.health, 0.99).as_secs_f64() * 1e3,
        )
    }
}

/// The value below which this part of all lies.
fn at(sorted: &[Duration], part: f64) -> Duration {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted
        .get(place.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}
