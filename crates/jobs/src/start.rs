//! What every start does before the first image.

use whittle_core::Settings;
use whittle_store::{LeftOver, Retention, Store};

use crate::commit::{Recovery, recover, recover_unrecorded};
use crate::watch::not_found_again;

/// What a start found.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Commits that were interrupted, and what became of them.
    pub recovery: Recovery,
    /// Images that an interrupted run did not get to, and no watched folder finds again. [`crate::Queue::resume`] goes on with them;
    /// [`Store::take_left_over`] drops them.
    pub left_over: Vec<LeftOver>,
}

/// Finishes or undoes what was interrupted, and removes old backups. What fails is logged: it must not
/// keep anybody from working.
pub fn start(store: &Store) -> Start {
    let logged = |error: &whittle_store::Error| tracing::error!("at the start: {error}");
    let mut recovery = recover(store).inspect_err(logged).unwrap_or_default();
    recovery += recover_unrecorded(store.dir());
    prune(store);
    let left_over = store
        .left_over()
        .and_then(|left_over| not_found_again(store, left_over));
    Start {
        recovery,
        left_over: left_over.inspect_err(logged).unwrap_or_default(),
    }
}

/// Removes backups that the user's limits no longer keep: at every start, and daily in a run that goes on.
pub(crate) fn prune(store: &Store) {
    let pruned = store
        .settings()
        .and_then(|settings| store.prune_backups(retention(&settings)));
    if let Err(error) = pruned {
        tracing::error!("backups: {error}");
    }
}

fn retention(settings: &Settings) -> Retention {
    Retention {
        days: settings.keep_backups_days,
        max_bytes: settings.max_backup_bytes,
    }
}
