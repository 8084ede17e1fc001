use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Why work stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cancelled {
    /// Somebody asked for it.
    #[error("cancelled")]
    Asked,
    /// The time limit ran out.
    #[error("the time limit ran out")]
    TimedOut,
}

/// A token that reaches every loop: asks whether to stop, and tells how far the work is.
///
/// Clones share their state.
#[derive(Clone, Debug)]
pub struct Cancel {
    asked: Arc<AtomicBool>,
    /// How much is done, in millionths.
    done: Arc<AtomicU32>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// A token that nobody has cancelled, without a time limit.
    pub fn new() -> Cancel {
        Cancel {
            asked: Arc::default(),
            done: Arc::default(),
            deadline: None,
        }
    }

    /// The same token with a time limit that begins now.
    pub fn with_limit(&self, limit: Duration) -> Cancel {
        Cancel {
            deadline: Instant::now().checked_add(limit),
            ..self.clone()
        }
    }

    /// The same token for a part of the work that keeps its progress to itself.
    pub fn unseen(&self) -> Cancel {
        Cancel {
            done: Arc::default(),
            ..self.clone()
        }
    }

    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Goes on, or says why not. Call it in every loop that may take long.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.asked.load(Ordering::Relaxed) {
            Err(Cancelled::Asked)
        } else if self
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            Err(Cancelled::TimedOut)
        } else {
            Ok(())
        }
    }

    /// The time that is left, when there is a limit.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Tells how much of the work is done, 0 to 1. Never goes back.
    pub fn progress(&self, done: f32) {
        self.done
            .fetch_max((done.clamp(0.0, 1.0) * 1e6) as u32, Ordering::Relaxed);
    }

    /// How much of the work is done, 0 to 1.
    pub fn done(&self) -> f32 {
        self.done.load(Ordering::Relaxed) as f32 / 1e6
    }
}

impl Default for Cancel {
    fn default() -> Self {
        Cancel::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_what_was_asked_and_done() {
        let token = Cancel::new();
        let limited = token.with_limit(Duration::from_secs(3600));
        assert_eq!(limited.check(), Ok(()));
        limited.progress(0.5);
        limited.progress(0.25);
        limited.unseen().progress(0.75);
        assert!((token.done() - 0.5).abs() < 1e-3);
        token.cancel();
        assert_eq!(limited.check(), Err(Cancelled::Asked));
        assert_eq!(limited.unseen().check(), Err(Cancelled::Asked));
    }

    #[test]
    fn a_limit_of_no_time_is_reached() {
        let limited = Cancel::new().with_limit(Duration::ZERO);
        assert_eq!(limited.check(), Err(Cancelled::TimedOut));
        assert_eq!(limited.time_left(), Some(Duration::ZERO));
    }
}
