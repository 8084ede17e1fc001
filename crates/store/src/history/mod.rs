//! The history: a line for each image that came in, and one for each derivative of it.

mod query;
mod record;
mod revert;

#[cfg(test)]
pub(crate) use query::first_page;
pub(crate) use query::{ORIGINALS, entry};
pub use record::Record;
pub(crate) use record::counts;
pub(crate) use record::next_id;
pub use revert::{Contents, Replaced};
