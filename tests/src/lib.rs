//! Helpers that the cross-crate tests share.

#[cfg(feature = "decode")]
pub mod decode;
pub mod fixtures;
pub mod gaps;
mod parallel;
#[cfg(feature = "decode")]
pub mod promises;
#[cfg(feature = "window")]
pub mod window;

pub use parallel::two_at_a_time;
