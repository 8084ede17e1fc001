//! Path data as absolute segments.

use super::number::Scanner;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// Where a path goes next; all coordinates are absolute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Segment {
    Move(Point),
    Line(Point),
    Cubic(Point, Point, Point),
    Quad(Point, Point),
    Arc {
        radii: Point,
        /// In degrees.
        turn: f64,
        large: bool,
        sweep: bool,
        to: Point,
    },
    Close,
}

impl Point {
    pub(super) const fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    pub(super) fn plus(self, other: Point) -> Point {
        Point::new(self.x + other.x, self.y + other.y)
    }

    pub(super) fn minus(self, other: Point) -> Point {
        Point::new(self.x - other.x, self.y - other.y)
    }

    pub(super) fn times(self, factor: f64) -> Point {
        Point::new(self.x * factor, self.y * factor)
    }

    pub(super) fn dot(self, other: Point) -> f64 {
        self.x * other.x + self.y * other.y
    }

    pub(super) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }

    /// Whether both coordinates are within `slack` of the other's.
    pub(super) fn is_near(self, other: Point, slack: f64) -> bool {
        (self.x - other.x).abs() <= slack && (self.y - other.y).abs() <= slack
    }

    /// How far it is from the line piece between two points.
    pub(super) fn distance_to(self, from: Point, to: Point) -> f64 {
        let along = to.minus(from);
        let square = along.dot(along);
        let part = if square > 0.0 {
            (self.minus(from).dot(along) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.minus(from.plus(along.times(part))).length()
    }
}

impl Segment {
    /// Where it ends; `None` for the one that goes back to the start.
    pub(super) fn end(&self) -> Option<Point> {
        match self {
            Segment::Move(to)
            | Segment::Line(to)
            | Segment::Cubic(_, _, to)
            | Segment::Quad(_, to)
            | Segment::Arc { to, .. } => Some(*to),
            Segment::Close => None,
        }
    }

    /// Points that span it: its curve lies within their hull. An arc may leave it.
    pub(super) fn points(&self) -> impl Iterator<Item = Point> {
        match *self {
            Segment::Move(a) | Segment::Line(a) => [Some(a), None, None],
            Segment::Cubic(a, b, c) => [Some(a), Some(b), Some(c)],
            Segment::Quad(a, b) => [Some(a), Some(b), None],
            Segment::Arc { to, .. } => [Some(to), None, None],
            Segment::Close => [None; 3],
        }
        .into_iter()
        .flatten()
    }
}

/// The segments of path data; `None` when it is damaged, so that it has to stay as it is.
pub(super) fn parsed(text: &str) -> Option<Vec<Segment>> {
    let mut reader = Reader {
        scanner: Scanner::of(text),
        segments: Vec::with_capacity(text.len() / 8),
        at: Point::default(),
        start: Point::default(),
        control: None,
    };
    reader.scanner.skip_spaces();
    let mut letter = match reader.scanner.next() {
        None => return Some(Vec::new()),
        Some(letter @ (b'M' | b'm')) => letter,
        Some(_) => return None,
    };
    loop {
        reader.segment(letter)?;
        reader.scanner.skip_spaces();
        letter = match reader.scanner.peek() {
            None => return Some(reader.segments),
            Some(next) if next.is_ascii_alphabetic() => {
                reader.scanner.next();
                next
            }
            // Further numbers repeat the command, and lines follow a move.
            Some(_) => {
                reader.scanner.skip_separators();
                match letter {
                    b'M' => b'L',
                    b'm' => b'l',
                    b'Z' | b'z' => return None,
                    same => same,
                }
            }
        };
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    segments: Vec<Segment>,
    at: Point,
    start: Point,
    /// The last control point, for the shorthands, with whether it is a cubic curve's.
    control: Option<(Point, bool)>,
}

impl Reader<'_> {
    fn segment(&mut self, letter: u8) -> Option<()> {
        let origin = if letter.is_ascii_lowercase() {
            self.at
        } else {
            Point::default()
        };
        let mirrored = |reader: &Self, cubic: bool| match reader.control {
            Some((control, kind)) if kind == cubic => reader.at.times(2.0).minus(control),
            _ => reader.at,
        };
        let mut control = None;
        let segment = match letter.to_ascii_uppercase() {
            b'M' => {
                let to = self.point(origin)?;
                self.start = to;
                Segment::Move(to)
            }
            b'L' => Segment::Line(self.point(origin)?),
            b'H' => Segment::Line(Point::new(self.number()? + origin.x, self.at.y)),
            b'V' => Segment::Line(Point::new(self.at.x, self.number()? + origin.y)),
            b'C' => {
                let (a, b) = (self.point(origin)?, self.point(origin)?);
                control = Some((b, true));
                Segment::Cubic(a, b, self.point(origin)?)
            }
            b'S' => {
                let (a, b) = (mirrored(self, true), self.point(origin)?);
                control = Some((b, true));
                Segment::Cubic(a, b, self.point(origin)?)
            }
            b'Q' => {
                let a = self.point(origin)?;
                control = Some((a, false));
                Segment::Quad(a, self.point(origin)?)
            }
            b'T' => {
                let a = mirrored(self, false);
                control = Some((a, false));
                Segment::Quad(a, self.point(origin)?)
            }
            b'A' => self.arc(origin)?,
            b'Z' => Segment::Close,
            _ => return None,
        };
        self.control = control;
        self.at = segment.end().unwrap_or(self.start);
        self.segments.push(segment);
        Some(())
    }

    fn arc(&mut self, origin: Point) -> Option<Segment> {
        let radii = Point::new(self.number()?.abs(), self.number()?.abs());
        let turn = self.number()?;
        let (large, sweep) = (self.flag()?, self.flag()?);
        let to = self.point(origin)?;
        Some(if radii.x == 0.0 || radii.y == 0.0 {
            Segment::Line(to)
        } else {
            Segment::Arc {
                radii,
                turn,
                large,
                sweep,
                to,
            }
        })
    }

    fn number(&mut self) -> Option<f64> {
        self.scanner.skip_separators();
        self.scanner.number()
    }

    fn flag(&mut self) -> Option<bool> {
        self.scanner.skip_separators();
        match self.scanner.next()? {
            b'0' => Some(false),
            b'1' => Some(true),
            _ => None,
        }
    }

    fn point(&mut self, origin: Point) -> Option<Point> {
        Some(Point::new(
            self.number()? + origin.x,
            self.number()? + origin.y,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_commands_become_absolute() {
        let p = Point::new;
        let read =
            parsed("m1 2 3,4H9v-1c1 1 2 2 3 0s2 2 3 0Q1 1 2 2t2 0a5 5 0 015 5zl1 1").unwrap();
        assert_eq!(
            read,
            [
                Segment::Move(p(1.0, 2.0)),
                Segment::Line(p(4.0, 6.0)),
                Segment::Line(p(9.0, 6.0)),
                Segment::Line(p(9.0, 5.0)),
                Segment::Cubic(p(10.0, 6.0), p(11.0, 7.0), p(12.0, 5.0)),
                Segment::Cubic(p(13.0, 3.0), p(14.0, 7.0), p(15.0, 5.0)),
                Segment::Quad(p(1.0, 1.0), p(2.0, 2.0)),
                Segment::Quad(p(3.0, 3.0), p(4.0, 2.0)),
                Segment::Arc {
                    radii: p(5.0, 5.0),
                    turn: 0.0,
                    large: false,
                    sweep: true,
                    to: p(9.0, 7.0),
                },
                Segment::Close,
                Segment::Line(p(2.0, 3.0)),
            ]
        );
    }

    #[test]
    fn damaged_data_is_told() {
        for bad in [
            "L1 1",
            "M1",
            "M1 1x",
            "M1 1z2",
            "M1 1a1 1 0 2 0 1 1",
            "M1 1,,2",
            "M1 1L",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
        assert_eq!(parsed(" ").unwrap(), []);
    }
}
