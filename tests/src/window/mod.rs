//! Driving the real window: a screen of its own, a message bus, and WebKit's driver.
//!
//! Elements are found as a person with a screen reader finds them: by role and name.

mod app;
mod desk;
pub mod images;
mod keyboard;
mod served;

pub use app::{App, Element, built, start_plainly};
pub use desk::{Desk, Holder, missing};
pub use keyboard::key;
pub use served::Served;
