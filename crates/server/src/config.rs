//! What the operator decides.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::address::Range;

/// Everything that the operator decides, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What links begin with; `None` takes the address that is listened on.
    pub public_url: Option<String>,
    /// Whether requests over plain HTTP are served, and callbacks to it are allowed.
    pub allow_http: bool,
    /// Whether a proxy in front says by `X-Forwarded-Proto` how a request came.
    pub behind_proxy: bool,
    /// Certificate chain and key, as PEM files.
    pub tls: Option<Tls>,
    /// Holds the records, and the files unless they are stored elsewhere.
    pub data_dir: PathBuf,
    /// Where files are stored, as `s3://bucket/folder` or a folder; `None` takes `files` in `data_dir`.
    pub storage: Option<String>,
    /// Images worked on at once.
    pub workers: usize,
    /// How long `POST /v1/compress` waits for the result.
    pub wait: Duration,
    /// How long an image may be worked on.
    pub image_time: Duration,
    /// Bytes that an image may have.
    pub max_bytes: u64,
    /// Pixels that an image may have.
    pub max_pixels: u64,
    /// Resize styles that a request may name.
    pub max_styles: usize,
    /// Images that an account may send at the same time.
    pub max_at_once: usize,
    /// Requests that an account may make in a minute; `None` is no limit.
    pub max_per_minute: Option<u32>,
    /// Images that may wait; above that, new ones are refused.
    pub max_queue: u64,
    /// Connections at once.
    pub max_connections: usize,
    /// How long links to files hold.
    pub link_lifetime: Duration,
    /// How long the fetch of an `image_url` may take.
    pub fetch_time: Duration,
    /// Addresses that may be fetched from and called back although they are not public.
    pub allowed_addresses: Vec<Range>,
    /// How long to wait before each further try of a webhook; as many tries as there are waits.
    pub webhook_waits: Vec<Duration>,
    /// How long running requests may take when the server is told to stop.
    pub drain: Duration,
}

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificates: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Config {
    /// The contract's numbers, for a server that keeps its data here.
    pub fn new(listen: SocketAddr, data_dir: PathBuf) -> Config {
        Config {
            listen,
            public_url: None,
            allow_http: false,
            behind_proxy: false,
            tls: None,
            data_dir,
            storage: None,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            wait: Duration::from_secs(25),
            image_time: Duration::from_secs(120),
            max_bytes: 32 << 20,
            max_pixels: 100_000_000,
            max_styles: 10,
            max_at_once: 32,
            max_per_minute: None,
            max_queue: 10_000,
            max_connections: 1024,
            link_lifetime: Duration::from_secs(24 * 3600),
            fetch_time: Duration::from_secs(15),
            allowed_addresses: Vec::new(),
            webhook_waits: [10, 60, 300, 1800, 7200].map(Duration::from_secs).to_vec(),
            drain: Duration::from_secs(30),
        }
    }
}
