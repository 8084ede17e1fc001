//! The HTTP API's words: one definition of what goes over the wire, for the server and for the
//! client of a remote account.
//!
//! `contract/openapi.yaml` is the authority, and `contract/examples/` has an example of everything
//! here. What the server writes is always complete. Fields that an older server may leave out or set
//! to null are an `Option`, so that its answers can be read as well; members that nobody knows are
//! passed over.

mod account;
mod callback;
pub mod client;
mod dashboard;
mod error;
mod event;
mod fetch;
mod image;
pub mod webhook;

pub use account::{PlanData, Shop, ShopResponse, UNLIMITED};
pub use callback::{CallbackUrl, CallbackUrlList, CallbackUrlResponse, NewCallbackUrl};
pub use dashboard::{Consumption, ConsumptionRow, Dashboard, ReportType, Stats};
pub use error::{Code, ErrorBody};
pub use event::{Event, EventOutput, Happening};
pub use fetch::{FetchError, Fetched, fetch, without_secrets};
pub use image::{
    CompressResponse, Deleted, FileType, OptimizedImage, OriginalImage, OriginalImageList,
    OriginalImageResponse, Pagination, Status,
};
pub use whittle_core::{Mode as CompressionType, ResizeStyle, Strategy};

/// The contract, as the server shows it.
pub const OPENAPI: &str = include_str!("../contract/openapi.yaml");

/// The largest id and the largest size: what JavaScript can count to.
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;

#[cfg(test)]
mod tests;
