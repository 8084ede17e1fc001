//! A server of its own for each test, a client that says exactly what it is told, and others on the
//! network.

mod client;
mod contract;
mod host;
pub mod images;
mod server;

pub use client::{Answer, Part, exchange, multipart, request};
pub use contract::holds;
pub use host::{Asked, Host, Reply};
pub use server::Server;

use serde_json::Value;

/// A fixture of the contract.
pub fn fixture(name: &str) -> Value {
    let path = contract_folder()
        .join("examples")
        .join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap()
}

pub fn contract_folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/contract")
}

/// Asks until it is so, for at most a minute.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !so() {
        assert!(
            std::time::Instant::now() < end,
            "{what}: it never came to that"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// The end of a link, as a path on the server.
pub fn path_of(link: &Value) -> String {
    let link = link.as_str().expect("a link");
    link[link.find("/v1/").expect("a link to a file")..].to_owned()
}
