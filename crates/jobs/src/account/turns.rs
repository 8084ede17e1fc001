use std::collections::{BTreeSet, HashSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use whittle_core::{Cancel, Cancelled};
use whittle_store::Hash;

/// Lets images be sent in the order of the outbox, and no image twice at once.
#[derive(Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What is to be sent.
    line: BTreeSet<i64>,
    /// What somebody takes care of.
    taken: HashSet<(Hash, String)>,
}

/// How often it is looked whether somebody cancelled.
const TICK: Duration = Duration::from_millis(100);

impl Turns {
    /// Waits until nobody else takes care of this image, and does so until the end.
    pub fn take_care<'a>(
        &'a self,
        content: Hash,
        ask: &str,
        cancel: &Cancel,
    ) -> Result<Care<'a>, Cancelled> {
        let key = (content, ask.to_owned());
        let mut state = self.state();
        while state.taken.contains(&key) {
            cancel.check()?;
            state = self.wait(state);
        }
        state.taken.insert(key.clone());
        Ok(Care { turns: self, key })
    }

    /// Stands in line.
    pub fn join(&self, entry: i64) -> Place<'_> {
        self.state().line.insert(entry);
        Place { turns: self, entry }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let (state, _) = self
            .changed
            .wait_timeout(state, TICK)
            .unwrap_or_else(PoisonError::into_inner);
        state
    }
}

/// Somebody takes care of an image.
pub(super) struct Care<'a> {
    turns: &'a Turns,
    key: (Hash, String),
}

impl Drop for Care<'_> {
    fn drop(&mut self) {
        self.turns.state().taken.remove(&self.key);
        self.turns.changed.notify_all();
    }
}

/// A place in the line.
pub(super) struct Place<'a> {
    turns: &'a Turns,
    entry: i64,
}

impl Place<'_> {
    /// Waits until nobody is before this one.
    pub fn first(&self, cancel: &Cancel) -> Result<(), Cancelled> {
        let mut state = self.turns.state();
        while state.line.first() != Some(&self.entry) {
            cancel.check()?;
            state = self.turns.wait(state);
        }
        Ok(())
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.turns.state().line.remove(&self.entry);
        self.turns.changed.notify_all();
    }
}
