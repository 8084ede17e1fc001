//! Bytes at equal score: what a peer would need for the score that Whittle reached.

use super::rows::Row;

/// One result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Of the whole: the mean of an animation's frames.
    pub score: f64,
    /// Of the file.
    pub bytes: f64,
    /// Of the worst frame or block.
    pub worst: f64,
}

/// A peer's results for one file, in the order of their scores.
#[derive(Clone, Debug)]
pub struct Curve(Vec<Point>);

/// What a curve says of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// Its result of this score.
    Reached(Point),
    /// Its best lossy result looks worse.
    Above,
    /// Its smallest result looks better: it was not tried with a lower setting.
    Below,
}

impl Curve {
    /// The lossy results of a tool for a file. A setting that another beats in both bytes and score is
    /// left out, in the peer's favour; so is what the tool left as it was.
    pub fn of(rows: &[&Row], tool: &str) -> Curve {
        let point = |row: &&&Row| {
            let score = row.score?;
            Some(Point {
                score,
                bytes: row.bytes_out as f64,
                worst: row.worst.unwrap_or(score),
            })
        };
        let lossy = rows.iter().filter(|row| row.tool == tool && row.is_lossy());
        Curve::through(lossy.filter_map(|row| point(&row)).collect())
    }

    fn through(mut points: Vec<Point>) -> Curve {
        // From the best score downwards, each further point must be smaller than all before it.
        points.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then(a.bytes.total_cmp(&b.bytes))
        });
        let mut smallest = f64::INFINITY;
        points.retain(|point| {
            let counts = point.bytes < smallest;
            smallest = smallest.min(point.bytes);
            counts
        });
        points.reverse();
        Curve(points)
    }

    /// What it needs for a score: between two results, bytes along a straight line in their logarithm.
    pub fn at(&self, score: f64) -> At {
        let Some((first, last)) = self.0.first().zip(self.0.last()) else {
            return At::Above;
        };
        if score > last.score {
            return At::Above;
        }
        if score < first.score {
            return At::Below;
        }
        let right = self.0.partition_point(|point| point.score < score);
        let (a, b) = (self.0[right.saturating_sub(1)], self.0[right]);
        let span = b.score - a.score;
        let part = if span > 0.0 {
            (score - a.score) / span
        } else {
            1.0
        };
        let between = |a: f64, b: f64| a + part * (b - a);
        At::Reached(Point {
            score,
            bytes: between(a.bytes.ln(), b.bytes.ln()).exp(),
            worst: between(a.worst, b.worst),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(points: &[(f64, f64)]) -> Curve {
        let point = |&(score, bytes)| Point {
            score,
            bytes,
            worst: score - 10.0,
        };
        Curve::through(points.iter().map(point).collect())
    }

    fn bytes(curve: &Curve, score: f64) -> f64 {
        match curve.at(score) {
            At::Reached(point) => point.bytes,
            other => panic!("{score} is {other:?}"),
        }
    }

    #[test]
    fn bytes_lie_between_on_a_logarithmic_line() {
        let curve = through(&[(80.0, 100.0), (90.0, 400.0), (70.0, 50.0)]);
        assert!((bytes(&curve, 90.0) - 400.0).abs() < 1e-6);
        assert!((bytes(&curve, 85.0) - 200.0).abs() < 1e-6);
        assert!((bytes(&curve, 70.0) - 50.0).abs() < 1e-6);
        assert_eq!(curve.at(90.1), At::Above);
        assert_eq!(curve.at(69.9), At::Below);
        let At::Reached(point) = curve.at(85.0) else {
            panic!("85 lies on the curve");
        };
        assert!((point.worst - 75.0).abs() < 1e-6);
    }

    #[test]
    fn beaten_settings_do_not_count() {
        // The second is larger and worse than the third.
        let curve = through(&[(70.0, 50.0), (75.0, 120.0), (80.0, 100.0)]);
        assert!((bytes(&curve, 75.0) - (50.0f64 * 100.0).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn without_results_no_score_is_reached() {
        assert_eq!(through(&[]).at(50.0), At::Above);
    }
}
