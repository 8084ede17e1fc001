//! What a search begins with, and where it looks twice.

use whittle_core::Effort;

use super::geometry::Rect;

/// Limits that were right for frames that draw about as much.
pub(super) struct Guesses {
    by_size: [Option<f32>; 32],
    start: f32,
    /// The largest that is tried.
    pub most: f32,
}

impl Guesses {
    pub fn new(target: f64) -> Guesses {
        let start = 0.02 * (1.0 + (90.0 - target as f32).max(0.0) / 10.0);
        Guesses {
            by_size: [None; 32],
            start,
            most: start * 4.0,
        }
    }

    fn size(rect: Rect) -> usize {
        (rect.area().ilog2() as usize).min(31)
    }

    pub fn first(&self, rect: Rect) -> f32 {
        let size = Guesses::size(rect);
        let nearest = (0..32)
            .filter(|&other| self.by_size[other].is_some())
            .min_by_key(|other| other.abs_diff(size));
        nearest
            .and_then(|nearest| self.by_size[nearest])
            .unwrap_or(self.start)
    }

    pub fn learn(&mut self, rect: Rect, limit: f32) {
        if limit > 0.0 {
            self.by_size[Guesses::size(rect)] = Some(limit);
        }
    }
}

/// Which frames are also measured as a whole.
pub(super) struct Checks {
    every: usize,
}

impl Checks {
    pub fn new(effort: Effort, area: usize, frames: usize) -> Checks {
        let budget = match effort {
            Effort::Fast => 1 << 20,
            Effort::Default => 8 << 20,
            Effort::Max => 32 << 20,
        };
        Checks {
            every: frames.div_ceil((budget / area).max(1)),
        }
    }

    pub fn includes(&self, number: usize) -> bool {
        number.is_multiple_of(self.every)
    }
}
