//! How much memory the images that are worked on at once may take together.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The least that is planned with, and what is assumed where the machine doesn't tell.
const AT_LEAST: u64 = 2 << 30;

/// A budget that jobs take their part from, in the order in which they ask. Without that order a
/// large image would wait for ever while small ones pass it.
pub(crate) struct Memory {
    budget: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    used: u64,
    next_ticket: u64,
    line: VecDeque<u64>,
}

/// A part of the budget, given back when it is dropped.
pub(crate) struct Reserved {
    memory: Arc<Memory>,
    bytes: u64,
}

impl Memory {
    pub fn new(budget: u64) -> Arc<Memory> {
        Arc::new(Memory {
            budget,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Half of the machine's memory.
    pub fn of_this_machine() -> Arc<Memory> {
        Memory::new((total().unwrap_or(0) / 2).max(AT_LEAST))
    }

    /// Waits until this much is free. What is larger than the whole budget waits until it is
    /// alone. Gives up when `stop` says so; it is asked whenever something changes.
    pub fn reserve(self: &Arc<Self>, bytes: u64, stop: impl Fn() -> bool) -> Option<Reserved> {
        let mut state = self.state();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.line.push_back(ticket);
        loop {
            if stop() {
                state.line.retain(|waiting| *waiting != ticket);
                self.changed.notify_all();
                return None;
            }
            let fits = state.used == 0 || state.used.saturating_add(bytes) <= self.budget;
            if fits && state.line.front() == Some(&ticket) {
                state.line.pop_front();
                state.used = state.used.saturating_add(bytes);
                self.changed.notify_all();
                return Some(Reserved {
                    memory: Arc::clone(self),
                    bytes,
                });
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets everyone who waits ask `stop` again.
    pub fn wake(&self) {
        // Under the lock: who has just asked `stop` and is about to wait must not miss this.
        let _state = self.state();
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut state = self.memory.state();
        state.used = state.used.saturating_sub(self.bytes);
        self.memory.changed.notify_all();
    }
}

/// The machine's memory in bytes.
fn total() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    #[test]
    fn the_budget_holds_and_everyone_gets_a_turn() {
        let memory = Memory::new(100);
        let (used, peak) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [60, 50, 40, 100, 10, 90, 30, 70] {
                let (memory, used, peak) = (&memory, &used, &peak);
                scope.spawn(move || {
                    let _reserved = memory.reserve(bytes, || false).unwrap();
                    peak.fetch_max(
                        used.fetch_add(bytes, Ordering::SeqCst) + bytes,
                        Ordering::SeqCst,
                    );
                    std::thread::yield_now();
                    used.fetch_sub(bytes, Ordering::SeqCst);
                });
            }
        });
        assert!(peak.load(Ordering::SeqCst) <= 100);
        assert_eq!(memory.state().used, 0);
    }

    #[test]
    fn what_is_too_large_runs_alone() {
        let memory = Memory::new(100);
        let large = memory.reserve(500, || false).unwrap();
        assert!(memory.reserve(1, || true).is_none());
        drop(large);
        assert!(memory.reserve(1, || false).is_some());
    }

    #[test]
    fn giving_up_makes_room_in_the_line() {
        let memory = Memory::new(100);
        let stopped = AtomicBool::new(false);
        let first = memory.reserve(80, || false).unwrap();
        std::thread::scope(|scope| {
            let large = scope.spawn(|| {
                memory
                    .reserve(90, || stopped.load(Ordering::SeqCst))
                    .is_none()
            });
            while memory.state().line.is_empty() {
                std::thread::yield_now();
            }
            // It would fit beside the first, but it is not its turn.
            let small = scope.spawn(|| memory.reserve(10, || false).is_some());
            while memory.state().line.len() < 2 {
                std::thread::yield_now();
            }
            stopped.store(true, Ordering::SeqCst);
            memory.wake();
            assert!(large.join().unwrap());
            assert!(small.join().unwrap());
        });
        drop(first);
        assert_eq!(memory.state().used, 0);
    }
}
