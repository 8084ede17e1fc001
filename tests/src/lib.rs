//! Helpers that the cross-crate tests share.

#[cfg(feature = "bench")]
pub mod bench;
mod cpu;
#[cfg(feature = "decode")]
pub mod decode;
pub mod fixtures;
pub mod fuzz;
mod parallel;
#[cfg(feature = "decode")]
pub mod promises;
pub mod proxy;
#[cfg(feature = "window")]
pub mod window;

pub use cpu::{cpu_time, timed};
pub use parallel::two_at_a_time;
