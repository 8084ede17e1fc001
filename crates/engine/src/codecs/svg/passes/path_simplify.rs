//! Path data with fewer or simpler segments that draw the same line.

use super::path::{Point, Segment};

/// What must stay of a path besides the area and line that it draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Every point that ends a segment, because a marker may stand there.
    pub points: bool,
    /// Pieces without length, which round and square ends of a line make visible.
    pub dots: bool,
    /// The line back to the start, which only a stroke makes visible.
    pub closing: bool,
}

/// Most points that one line may swallow.
const RUN: usize = 48;

/// Simplifies; the line that is drawn moves by no more than about `slack`.
pub(super) fn simplified(segments: &[Segment], slack: f64, keep: Keep) -> Vec<Segment> {
    let straight = straightened(segments, slack);
    let merged = if keep.points {
        straight
    } else {
        merged(&straight, slack, keep)
    };
    closed(merged, slack, keep)
}

/// Curves that are lines become lines, and cubic curves that are quadratic become quadratic.
fn straightened(segments: &[Segment], slack: f64) -> Vec<Segment> {
    let mut at = Point::default();
    let mut start = at;
    let mut out = Vec::with_capacity(segments.len());
    for segment in segments {
        let simple = match *segment {
            Segment::Cubic(a, b, to) => {
                let flat = is_between(a, at, to, slack) && is_between(b, at, to, slack);
                if flat {
                    Segment::Line(to)
                } else {
                    as_quad(at, a, b, to, slack).unwrap_or(*segment)
                }
            }
            Segment::Quad(a, to) if is_between(a, at, to, slack) => Segment::Line(to),
            other => other,
        };
        if let Segment::Move(to) = simple {
            start = to;
        }
        at = simple.end().unwrap_or(start);
        out.push(simple);
    }
    out
}

/// Whether a control point lies on the line between two points, so that the curve stays there too.
fn is_between(control: Point, from: Point, to: Point, slack: f64) -> bool {
    from != to && control.distance_to(from, to) <= slack
}

/// The quadratic curve that a cubic one is, when their control points agree.
fn as_quad(from: Point, a: Point, b: Point, to: Point, slack: f64) -> Option<Segment> {
    let first = a.times(3.0).minus(from).times(0.5);
    let second = b.times(3.0).minus(to).times(0.5);
    // The middle of both moves each cubic control point by a third of their distance in halves.
    let apart = first.minus(second).length() / 3.0;
    (apart <= slack).then(|| Segment::Quad(first.plus(second).times(0.5), to))
}

/// Lines in one direction become one, pieces without length go, curves that were cut are joined.
fn merged(segments: &[Segment], slack: f64, keep: Keep) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::with_capacity(segments.len());
    // Where the last segment in `out` begins, and the points that it has swallowed.
    let (mut from, mut at, mut start) = (Point::default(), Point::default(), Point::default());
    let mut swallowed: Vec<Point> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        match *segment {
            Segment::Line(to) => {
                let lone = matches!(out.last(), Some(Segment::Move(_)) | None)
                    && !matches!(
                        segments.get(index + 1),
                        Some(
                            Segment::Line(_)
                                | Segment::Cubic(..)
                                | Segment::Quad(..)
                                | Segment::Arc { .. }
                        )
                    );
                if to == at && !(keep.dots || lone) {
                    continue;
                }
                if matches!(out.last(), Some(Segment::Line(_)))
                    && swallowed.len() < RUN
                    && is_straight_on(from, at, to, &swallowed, slack)
                {
                    swallowed.push(at);
                    at = to;
                    out.pop();
                    out.push(Segment::Line(to));
                    continue;
                }
            }
            Segment::Cubic(c, d, to) => {
                if c == at && d == at && to == at && !keep.dots {
                    continue;
                }
                if let Some(Segment::Cubic(a, b, _)) = out.last().copied()
                    && let Some(joined) = joined(from, [a, b, at], [c, d, to], slack)
                {
                    out.pop();
                    out.push(joined);
                    // Joined once, errors would add up when joined again.
                    from = to;
                    at = to;
                    continue;
                }
            }
            Segment::Move(to) => {
                // A move after a move draws nothing.
                if matches!(out.last(), Some(Segment::Move(_))) {
                    out.pop();
                }
                start = to;
            }
            _ => {}
        }
        from = at;
        at = segment.end().unwrap_or(start);
        swallowed.clear();
        out.push(*segment);
    }
    if out.len() > 1 && matches!(out.last(), Some(Segment::Move(_))) {
        out.pop();
    }
    out
}

/// Whether going on from `at` to `to` is the same line as coming to `at`, and no point strays.
fn is_straight_on(from: Point, at: Point, to: Point, swallowed: &[Point], slack: f64) -> bool {
    let (before, after) = (at.minus(from), to.minus(at));
    before.dot(after) > 0.0
        && std::iter::once(&at)
            .chain(swallowed)
            .all(|point| point.distance_to(from, to) <= slack * 0.5)
}

/// One cubic curve for two that were cut from it.
fn joined(from: Point, first: [Point; 3], second: [Point; 3], slack: f64) -> Option<Segment> {
    let [a, b, middle] = first;
    let [c, d, to] = second;
    let (before, after) = (middle.minus(b), c.minus(middle));
    let (left, right) = (before.length(), after.length());
    if left == 0.0 || right == 0.0 || slack == 0.0 {
        return None;
    }
    // One direction through the cut.
    if before.dot(after) < 0.999 * left * right {
        return None;
    }
    let part = left / (left + right);
    if !(0.05..=0.95).contains(&part) {
        return None;
    }
    let start = from.plus(a.minus(from).times(1.0 / part));
    let end = to.plus(d.minus(to).times(1.0 / (1.0 - part)));
    let whole = [from, start, end, to];
    let fits = |piece: [Point; 4], offset: f64, share: f64| {
        (1..=7).all(|step| {
            let t = f64::from(step) / 8.0;
            on_curve(piece, t)
                .minus(on_curve(whole, offset + share * t))
                .length()
                <= slack * 0.7
        })
    };
    (fits([from, a, b, middle], 0.0, part)
        && fits([middle, c, d, to], part, 1.0 - part)
        && on_curve(whole, part).minus(middle).length() <= slack * 0.7)
        .then_some(Segment::Cubic(start, end, to))
}

pub(super) fn on_curve([p, a, b, q]: [Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    p.times(s * s * s)
        .plus(a.times(3.0 * s * s * t))
        .plus(b.times(3.0 * s * t * t))
        .plus(q.times(t * t * t))
}

/// Drops the line back to the start before a `Close`, and what closes what only is filled.
fn closed(segments: Vec<Segment>, slack: f64, keep: Keep) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::with_capacity(segments.len());
    let mut start = Point::default();
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Move(to) => start = *to,
            Segment::Close if !keep.points => {
                let back =
                    matches!(out.last(), Some(Segment::Line(to)) if to.is_near(start, slack * 0.5));
                let has_more = out.len() >= 2
                    && !matches!(out[out.len() - 2], Segment::Move(_) | Segment::Close);
                if back && has_more {
                    out.pop();
                }
                let next_moves = matches!(segments.get(index + 1), None | Some(Segment::Move(_)));
                if !keep.closing && next_moves {
                    continue;
                }
            }
            _ => {}
        }
        out.push(*segment);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::path::parsed;
    use super::super::path_write::written;
    use super::*;

    const ALL: Keep = Keep {
        points: true,
        dots: true,
        closing: true,
    };

    const LINE: Keep = Keep {
        points: false,
        dots: false,
        closing: true,
    };

    fn simple(text: &str, slack: f64, keep: Keep) -> String {
        written(&simplified(&parsed(text).unwrap(), slack, keep), slack)
    }

    #[test]
    fn what_adds_nothing_goes() {
        for (text, expected) in [
            ("M0 0L5 0L9 0L9 9", "M0 0h9v9"),
            // Turning back is seen at the end of a stroke.
            ("M0 0h9h-5", "M0 0h9-5"),
            ("M0 0L5 5L5 5L9 0", "M0 0l5 5 4-5"),
            ("M0 0C1 1 2 2 3 3", "M0 0l3 3"),
            ("M0 0C2 2 4 2 6 0", "M0 0q3 3 6 0"),
            ("M0 0h9v9H0V0z", "M0 0h9v9H0z"),
            ("M1 1M2 2h3", "M2 2h3"),
            ("M2 2h3M5 5", "M2 2h3"),
            ("M2 2z", "M2 2z"),
            ("M2 2h0", "M2 2h0"),
        ] {
            assert_eq!(simple(text, 0.0, LINE), expected, "{text}");
        }
        assert_eq!(simple("M0 0L5 .01L9 0", 0.05, LINE), "M0 0h9");
        assert_eq!(simple("M0 0L5 .2L9 0", 0.05, LINE), "M0 0l5 .2L9 0");
    }

    #[test]
    fn points_and_dots_stay_where_they_are_seen() {
        assert_eq!(simple("M0 0h5h4h0z", 0.0, ALL), "M0 0h5 4 0z");
        let filled = Keep {
            closing: false,
            ..LINE
        };
        assert_eq!(
            simple("M0 0h9v9zM20 0h9v9z", 0.0, filled),
            "M0 0h9v9m11-9h9v9"
        );
        assert_eq!(simple("M0 0h9v9zh5", 0.0, filled), "M0 0h9v9zh5");
    }

    #[test]
    fn a_curve_that_was_cut_is_joined() {
        let whole =
            [(0.0, 0.0), (0.0, 40.0), (60.0, 80.0), (100.0, 10.0)].map(|(x, y)| Point::new(x, y));
        // By de Casteljau, at three tenths.
        let mix = |a: Point, b: Point| a.times(0.7).plus(b.times(0.3));
        let [p, a, b, q] = whole;
        let (pa, ab, bq) = (mix(p, a), mix(a, b), mix(b, q));
        let (l, r) = (mix(pa, ab), mix(ab, bq));
        let cut = [
            Segment::Move(p),
            Segment::Cubic(pa, l, mix(l, r)),
            Segment::Cubic(r, bq, q),
        ];
        let joined = simplified(&cut, 0.01, LINE);
        assert_eq!(joined.len(), 2);
        assert!(
            joined[1]
                .points()
                .zip([a, b, q])
                .all(|(x, y)| x.is_near(y, 0.01))
        );
        assert_eq!(simplified(&cut, 0.01, ALL).len(), 3);
        let mut bent = cut;
        bent[2] = Segment::Cubic(r.plus(Point::new(0.0, 5.0)), bq, q);
        assert_eq!(simplified(&bent, 0.01, LINE).len(), 3);
    }
}
