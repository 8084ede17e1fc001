//! The HTTP API, served: accounts, a durable queue of images, webhooks, and links to files.
//!
//! [`run`] serves until it is told to stop; [`Server`] is the same for whoever has a runtime. What
//! is served is `crates/api/contract/openapi.yaml`, word for word.
//!
//! A request is read without trusting its header (`request`), its image looked at, stored and put
//! into the records (`intake`), worked on by one of a few threads (`worker`), and its outputs found
//! again by their links (`routes::files`). What the network may be asked for is decided in one
//! place (`outbound`).
//!
//! **Invariant:** threads of the async runtime never decode, hash or wait for the disk: images are
//! looked at and worked on elsewhere, and the records are reached through `App::records`.

mod address;
mod app;
mod config;
mod dashboard;
mod deliver;
mod files;
mod intake;
mod limits;
mod metrics;
mod outbound;
mod page;
mod present;
mod random;
mod refusal;
mod request;
mod routes;
mod serve;
mod sweep;
mod token;
mod worker;

pub use address::{NoRange, Range};
pub use config::{Config, Tls};
pub use serve::{Server, Stop, run, stop_signal};
pub use token::new_token;
pub use whittle_store::data_dir;
pub use whittle_store::server::Records;

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server could not start. The text is a plain sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, or not this machine's.
    #[error("{address} cannot be listened on: {source}.")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder cannot be made or used.
    #[error("The folder {} cannot be used: {source}.", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another server is at work on the same data.
    #[error("Another server uses the folder {} already.", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The certificate or the key cannot be used.
    #[error("The certificate or its key cannot be used: {0}.")]
    Tls(String),
    /// Not a place to store files in.
    #[error("Files cannot be stored in {0}: give a folder or s3://bucket/folder.")]
    Storage(String),
    /// The store of files refused.
    #[error("The store of files cannot be used: {0}.")]
    Files(#[from] object_store::Error),
    /// The records cannot be used.
    #[error(transparent)]
    Records(#[from] whittle_store::Error),
    /// The system refused a thread or a connection.
    #[error("The server could not start: {0}.")]
    Io(#[from] std::io::Error),
    /// The client for fetching images could not be made.
    #[error("The server could not start: {0}.")]
    Client(#[from] reqwest::Error),
}
