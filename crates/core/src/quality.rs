use serde::{Deserialize, Serialize};

/// What a result may differ in from its original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Mode {
    /// Decoded pixels are identical; only the hidden colour of fully transparent pixels may change.
    Lossless,
    /// The smallest file that nobody can tell from the original.
    #[default]
    Balanced,
    /// The smallest file at the chosen [`Level`].
    Lossy,
}

impl Mode {
    /// The lower-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Lossless => "lossless",
            Mode::Balanced => "balanced",
            Mode::Lossy => "lossy",
        }
    }
}

/// A number was outside the range of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a level is a whole number from 1 to 100")]
pub struct OutOfRange;

/// How a lossy result should look, 1 to 100. A promise about looks, not an encoder's dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(as = "u8"))]
pub struct Level(u8);

impl Level {
    /// A level, or [`OutOfRange`] outside 1 to 100.
    pub const fn new(value: u8) -> Result<Level, OutOfRange> {
        if value >= 1 && value <= 100 {
            Ok(Level(value))
        } else {
            Err(OutOfRange)
        }
    }

    /// The number, 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The score that a result at this level aims at.
    ///
    /// Piecewise linear through the published equivalence of SSIMULACRA2 with common JPEG settings.
    pub fn target(self) -> Score {
        const POINTS: [(f64, f64); 7] = [
            (1.0, 10.0),
            (35.0, 50.0),
            (70.0, 70.0),
            (85.0, 80.0),
            (90.0, 85.0),
            (95.0, 90.0),
            (100.0, 95.0),
        ];
        let level = f64::from(self.0);
        let right = POINTS
            .iter()
            .position(|&(x, _)| level <= x)
            .unwrap_or(POINTS.len() - 1)
            .max(1);
        let ((x0, y0), (x1, y1)) = (POINTS[right - 1], POINTS[right]);
        Score(y0 + (level - x0) * (y1 - y0) / (x1 - x0))
    }
}

impl Default for Level {
    fn default() -> Self {
        Level(85)
    }
}

impl TryFrom<u8> for Level {
    type Error = OutOfRange;
    fn try_from(value: u8) -> Result<Self, OutOfRange> {
        Level::new(value)
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> u8 {
        level.0
    }
}

impl std::str::FromStr for Level {
    type Err = OutOfRange;
    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        text.parse::<u8>()
            .map_err(|_| OutOfRange)
            .and_then(Level::new)
    }
}

/// SSIMULACRA2 of a result against its original, both colour-managed to sRGB. 100 is identical.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(as = "f64"))]
pub struct Score(pub f64);

impl Score {
    /// Not a bit of difference.
    pub const IDENTICAL: Score = Score(100.0);
    /// What `balanced` aims at.
    pub const BALANCED: Score = Score(85.0);
}

/// How much CPU a smaller file may cost; never what it looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Effort {
    /// Quick answers for previews and slow machines.
    Fast,
    /// What a laptop forgives.
    #[default]
    Default,
    /// Everything that still makes a file smaller.
    Max,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_meet_the_published_points() {
        for (level, score) in [
            (1, 10.0),
            (35, 50.0),
            (70, 70.0),
            (85, 80.0),
            (90, 85.0),
            (95, 90.0),
            (100, 95.0),
        ] {
            assert_eq!(Level(level).target(), Score(score), "level {level}");
        }
        assert_eq!(Level(77).target(), Score(70.0 + 7.0 * 10.0 / 15.0));
    }

    #[test]
    fn targets_rise_with_the_level() {
        let targets: Vec<f64> = (1..=100).map(|level| Level(level).target().0).collect();
        assert!(targets.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn levels_outside_1_to_100_are_refused() {
        for text in ["0", "101", "256", "-1", "65.5", "abc", ""] {
            assert_eq!(text.parse::<Level>(), Err(OutOfRange), "{text}");
        }
        assert!(serde_json::from_str::<Level>("0").is_err());
    }
}
