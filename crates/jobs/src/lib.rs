//! From paths to finished files: the queue, expanding folders, the atomic commit, and undo.
//!
//! The main flow of one image is [`run::run_job`]: read → optimize → commit → record → send.
//!
//! **Invariant:** only the module [`commit`] writes into folders of the user.

mod account;
mod again;
mod batch;
mod commit;
mod compare;
mod expand;
mod fetched;
mod filter;
mod memory;
mod plan;
mod preset;
mod queue;
mod revert;
mod run;
mod source;
mod start;
mod stop;
mod survey;
mod task;
mod thumbnail;
mod walk;
mod watch;
mod worker;

pub use account::{AccountError, Accounts, Connection, TOKEN_VARIABLE, token_in_environment};
pub use again::Again;
pub use commit::{Recovery, export, export_new, recover, recover_unrecorded};
pub use compare::{
    Attempt, Changed, Comparison, Looked, NoComparison, Sampled, Side, changed_since,
    original_bytes, result_bytes,
};
pub use fetched::{FETCH_LIMIT, NotKept, keep_fetched};
pub use plan::{InvalidGlob, Plan};
pub use preset::{NoPreset, read_preset};
pub use queue::Queue;
pub use revert::{Edited, RevertError, recorded_path, revert, revert_all};
pub use start::{Start, start};
pub use survey::{Survey, bytes_of, survey};
pub use thumbnail::{NoThumbnail, thumbnail};
pub use watch::{Watched, Watcher};
pub use whittle_api::client::{Endpoint, NoToken, Token};
pub use whittle_engine::View;
pub use whittle_store::{Error as StoreError, LeftOver, Store, data_dir};

#[cfg(test)]
mod tests;

/// The stack of every thread that runs the engine. SVG parsers and renderers recurse with the
/// depth of an untrusted file; the depth limit of the recipe fits in here with room to spare.
pub const STACK: usize = 32 << 20;
