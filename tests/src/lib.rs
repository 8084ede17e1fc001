//! Helpers that the cross-crate tests share.

#[cfg(feature = "decode")]
pub mod decode;
pub mod fixtures;
#[cfg(feature = "window")]
pub mod window;
