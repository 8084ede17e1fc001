use whittle_core::{Format, Score, Strategy, Tried, Verdict, Way};

/// What the engine made of an image.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What the content is, before and after.
    pub format: Format,
    /// The smaller file; `None` when nothing smaller keeps the promise.
    pub bytes: Option<Vec<u8>>,
    /// Of the result against the original; [`Score::IDENTICAL`] when nothing visible changed.
    pub score: Score,
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// 1 for a still picture.
    pub frames: u32,
    /// What metadata the result lacks, in words: "GPS position", "thumbnail".
    pub removed: Vec<String>,
    /// What is special, in words: "Display P3 kept", "48 frames", "alpha".
    pub notes: Vec<String>,
    /// What was tried on the way, in this order.
    pub tried: Vec<Tried>,
    /// One for each resize style of the recipe, in its order.
    pub derivatives: Vec<Derivative>,
}

/// A resized and then optimized picture.
#[derive(Clone, Debug)]
pub struct Derivative {
    /// Name of the resize style.
    pub style: String,
    /// Its strategy.
    pub strategy: Strategy,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file, in the original's format.
    pub bytes: Vec<u8>,
    /// Against the resized picture before compression.
    pub score: Score,
}

/// What was tried of an image so far.
#[derive(Debug, Default)]
pub(crate) struct Trials(Vec<Tried>);

impl Trials {
    /// A file that may become the result.
    pub fn made(&mut self, way: Way, bytes: usize, score: Score) {
        self.note(way, bytes, score, Verdict::TooLarge);
    }

    /// A file that looks too bad.
    pub fn missed(&mut self, way: Way, bytes: usize, score: Score) {
        self.note(way, bytes, score, Verdict::TooFar);
    }

    fn note(&mut self, way: Way, bytes: usize, score: Score, verdict: Verdict) {
        self.0.push(Tried {
            way,
            bytes: bytes as u64,
            score,
            verdict,
        });
    }

    /// The one of this score is packed as well as can be now.
    pub fn finished(&mut self, bytes: usize, score: Score) {
        let mut made = self.0.iter_mut().rev();
        if let Some(tried) = made.find(|tried| tried.score == score) {
            tried.bytes = bytes as u64;
        }
    }

    /// A file of this size was packed better.
    pub fn smaller(&mut self, before: usize, after: usize) {
        let mut made = self.0.iter_mut().rev();
        if let Some(tried) = made.find(|tried| tried.bytes == before as u64) {
            tried.bytes = after as u64;
        }
    }

    /// All of them, now that the result is chosen.
    pub fn judged(mut self, result: Option<&[u8]>, score: Score) -> Vec<Tried> {
        let size = result.map(|result| result.len() as u64);
        let mut made = self.0.iter_mut().rev();
        if let Some(chosen) = made.find(|tried| {
            Some(tried.bytes) == size && tried.score == score && tried.verdict == Verdict::TooLarge
        }) {
            chosen.verdict = Verdict::Chosen;
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_what_was_made_is_chosen() {
        let mut trials = Trials::default();
        trials.missed(Way::Reduced, 3, Score(70.0));
        trials.made(Way::Reduced, 4, Score(85.0));
        trials.finished(3, Score(85.0));
        trials.made(Way::Packed, 9, Score::IDENTICAL);
        let tried = trials.judged(Some(&[0; 3]), Score(85.0));
        let verdicts: Vec<Verdict> = tried.iter().map(|tried| tried.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::TooFar, Verdict::Chosen, Verdict::TooLarge]
        );
        assert_eq!(tried[1].bytes, 3);
        let mut trials = Trials::default();
        trials.made(Way::Packed, 9, Score::IDENTICAL);
        let tried = trials.judged(None, Score::IDENTICAL);
        assert_eq!(tried[0].verdict, Verdict::TooLarge);
    }
}
