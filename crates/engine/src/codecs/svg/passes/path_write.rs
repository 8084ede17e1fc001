//! Path data in few characters.
//!
//! Each segment is written in the shortest of its forms. Every number is chosen for where the reader
//! will stand at that moment, so that the roundings of relative steps do not add up.

use super::number::{Decimal, End};
use super::path::{Point, Segment};

/// How far control points may move for each unit that an end point may: a point of a cubic curve moves
/// by at most 4/9 of what one of its control points does.
const CONTROL: f64 = 1.5;

/// Of the slack, the part that the place of a level or upright line has. Such a line may lie just at the
/// border between pixels or their samples, where moving it shows in all of its length.
pub(super) const STRAIGHT: f64 = 0.1;

/// Writes segments; no point moves by more than `slack` in x or in y.
pub(super) fn written(segments: &[Segment], slack: f64) -> String {
    let slacks = slacks(segments, slack);
    let mut writer = Writer {
        out: String::new(),
        end: End::LETTER,
        letter: 0,
        at: Point::default(),
        start: Point::default(),
        control: None,
        slack,
        of_end: Point::new(slack, slack),
    };
    for (segment, of_end) in segments.iter().zip(slacks) {
        writer.of_end = of_end;
        writer.segment(segment);
    }
    writer.out
}

/// How far the end of each segment may move, in x and in y.
fn slacks(segments: &[Segment], slack: f64) -> Vec<Point> {
    let mut slacks = vec![Point::new(slack, slack); segments.len()];
    let (mut start, mut before, mut at) = (0, 0, Point::default());
    for (index, segment) in segments.iter().enumerate() {
        let end = segment
            .end()
            .or_else(|| segments[start].end())
            .unwrap_or(at);
        match segment {
            Segment::Move(_) => start = index,
            Segment::Line(_) | Segment::Close if end != at => {
                let other = if *segment == Segment::Close {
                    start
                } else {
                    index
                };
                // Sums of relative steps are seldom the same to the last bit.
                for point in [before, other] {
                    if same(end.x, at.x, slack) {
                        slacks[point].x = slack * STRAIGHT;
                    }
                    if same(end.y, at.y, slack) {
                        slacks[point].y = slack * STRAIGHT;
                    }
                }
            }
            _ => {}
        }
        (before, at) = (index, end);
    }
    slacks
}

struct Writer {
    out: String,
    end: End,
    /// The command that numbers would repeat now.
    letter: u8,
    /// Where the reader stands.
    at: Point,
    start: Point,
    /// The last control point as the reader knows it, with whether it is a cubic curve's.
    control: Option<(Point, bool)>,
    slack: f64,
    /// How far the end of the present segment may move, in x and in y.
    of_end: Point,
}

/// One way to write a segment.
struct Form {
    letter: u8,
    numbers: [Decimal; 6],
    count: usize,
    to: Point,
    control: Option<(Point, bool)>,
}

impl Writer {
    fn segment(&mut self, segment: &Segment) {
        match *segment {
            Segment::Close => {
                self.out.push('z');
                self.end = End::LETTER;
                self.letter = b'z';
                self.at = self.start;
                self.control = None;
            }
            Segment::Arc {
                radii,
                turn,
                large,
                sweep,
                to,
            } => self.arc(radii, turn, large, sweep, to),
            _ => {
                let mut best: Option<(usize, Form)> = None;
                for relative in [true, false] {
                    for form in self.forms(segment, relative).into_iter().flatten() {
                        let cost = self.cost(&form);
                        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                            best = Some((cost, form));
                        }
                    }
                }
                if let Some((_, form)) = best {
                    self.write(&form);
                    if matches!(segment, Segment::Move(_)) {
                        self.start = self.at;
                    }
                }
            }
        }
    }

    fn implied(&self, letter: u8) -> bool {
        let repeated = match self.letter {
            b'M' => b'L',
            b'm' => b'l',
            same => same,
        };
        // A second move has to say so.
        repeated == letter && !matches!(letter, b'M' | b'm')
    }

    fn cost(&self, form: &Form) -> usize {
        let numbers = &form.numbers[..form.count];
        if self.implied(form.letter) {
            self.end.cost(numbers).0
        } else {
            1 + End::LETTER.cost(numbers).0
        }
    }

    fn write(&mut self, form: &Form) {
        if !self.implied(form.letter) {
            self.out.push(char::from(form.letter));
            self.end = End::LETTER;
        }
        self.end = self.end.write(&form.numbers[..form.count], &mut self.out);
        self.letter = form.letter;
        self.at = form.to;
        self.control = form.control;
    }

    /// The ways to write a segment that is not an arc, relative to the reader's place or absolute.
    fn forms(&self, segment: &Segment, relative: bool) -> [Option<Form>; 3] {
        let origin = if relative { self.at } else { Point::default() };
        let letter = |upper: u8| {
            if relative {
                upper.to_ascii_lowercase()
            } else {
                upper
            }
        };
        // A number, and the coordinate that the reader makes of it.
        let x = |value: f64, slack: f64| {
            let number = Decimal::near(value - origin.x, slack.max(noise(value)));
            (number, number.value() + origin.x)
        };
        let y = |value: f64, slack: f64| {
            let number = Decimal::near(value - origin.y, slack.max(noise(value)));
            (number, number.value() + origin.y)
        };
        let form = |upper: u8, points: &[(Point, Point)], cubic: bool| {
            let mut numbers = [Decimal::near(0.0, 0.0); 6];
            let mut read = [Point::default(); 3];
            for (index, (point, slack)) in points.iter().enumerate() {
                let ((a, px), (b, py)) = (x(point.x, slack.x), y(point.y, slack.y));
                numbers[2 * index] = a;
                numbers[2 * index + 1] = b;
                read[index] = Point::new(px, py);
            }
            let count = points.len();
            Form {
                letter: letter(upper),
                numbers,
                count: 2 * count,
                to: read[count - 1],
                control: (count > 1).then(|| (read[count - 2], cubic)),
            }
        };
        let slack = self.of_end;
        let loose = self.slack * CONTROL;
        let control = Point::new(loose, loose);
        let mirrored = |cubic: bool| match self.control {
            Some((control, kind)) if kind == cubic => self.at.times(2.0).minus(control),
            _ => self.at,
        };
        match *segment {
            Segment::Move(to) => {
                let first = self.letter == 0;
                // The first one is absolute in any case.
                [
                    (!first || !relative).then(|| form(b'M', &[(to, slack)], false)),
                    None,
                    None,
                ]
            }
            Segment::Line(to) => {
                let straight = |upper: u8, (number, read): (Decimal, f64)| {
                    let mut numbers = [Decimal::near(0.0, 0.0); 6];
                    numbers[0] = number;
                    Form {
                        letter: letter(upper),
                        numbers,
                        count: 1,
                        to: if upper == b'H' {
                            Point::new(read, self.at.y)
                        } else {
                            Point::new(self.at.x, read)
                        },
                        control: None,
                    }
                };
                let level = same(to.y, self.at.y, slack.y);
                let upright = same(to.x, self.at.x, slack.x);
                [
                    level.then(|| straight(b'H', x(to.x, slack.x))),
                    upright.then(|| straight(b'V', y(to.y, slack.y))),
                    Some(form(b'L', &[(to, slack)], false)),
                ]
            }
            Segment::Cubic(a, b, to) => {
                let expected = mirrored(true);
                let smooth = same(a.x, expected.x, loose) && same(a.y, expected.y, loose);
                [
                    smooth.then(|| form(b'S', &[(b, control), (to, slack)], true)),
                    Some(form(b'C', &[(a, control), (b, control), (to, slack)], true)),
                    None,
                ]
            }
            Segment::Quad(a, to) => {
                let expected = mirrored(false);
                let smooth = same(a.x, expected.x, self.slack) && same(a.y, expected.y, self.slack);
                let short = smooth.then(|| Form {
                    // What the reader takes for the control point of the next shorthand.
                    control: Some((expected, false)),
                    ..form(b'T', &[(to, slack)], false)
                });
                [
                    short,
                    Some(form(
                        b'Q',
                        &[(a, Point::new(self.slack, self.slack)), (to, slack)],
                        false,
                    )),
                    None,
                ]
            }
            Segment::Arc { .. } | Segment::Close => [None, None, None],
        }
    }

    fn arc(&mut self, radii: Point, turn: f64, large: bool, sweep: bool, to: Point) {
        let (slack, of_end) = (self.slack, self.of_end);
        // Half a circle's middle moves by much when its radius is a little too large.
        let fine = slack * 0.25;
        let round = (radii.x - radii.y).abs() <= fine;
        let rx = Decimal::near(radii.x, fine);
        let ry = if round {
            rx
        } else {
            Decimal::near(radii.y, fine)
        };
        // A circle looks the same however it is turned; else a slack of so many degrees at its rim.
        let turn = if round {
            Decimal::near(0.0, 0.0)
        } else {
            Decimal::near(turn, (fine / radii.x.max(radii.y)).to_degrees())
        };
        let shape = [rx, ry, turn];
        let ends = |origin: Point| {
            [
                Decimal::near(to.x - origin.x, of_end.x.max(noise(to.x))),
                Decimal::near(to.y - origin.y, of_end.y.max(noise(to.y))),
            ]
        };
        let relative = ends(self.at);
        let absolute = ends(Point::default());
        let length = |letter: u8, ends: &[Decimal; 2]| {
            let lead = usize::from(!self.implied(letter));
            lead + End::LETTER.cost(ends).0
        };
        let (letter, ends, origin) = if length(b'a', &relative) <= length(b'A', &absolute) {
            (b'a', relative, self.at)
        } else {
            (b'A', absolute, Point::default())
        };
        if !self.implied(letter) {
            self.out.push(char::from(letter));
            self.end = End::LETTER;
        }
        self.end = self.end.write(&shape, &mut self.out);
        self.end = self.end.flag(large, &mut self.out);
        self.end = self.end.flag(sweep, &mut self.out);
        self.end = self.end.write(&ends, &mut self.out);
        self.letter = letter;
        self.at = origin.plus(Point::new(ends[0].value(), ends[1].value()));
        self.control = None;
    }
}

/// What single precision cannot tell apart at this coordinate, with room to spare.
fn noise(value: f64) -> f64 {
    value.abs() * 1e-8
}

/// Whether two coordinates are the same within a slack, or in single precision.
fn same(a: f64, b: f64, slack: f64) -> bool {
    (a - b).abs() <= slack || a as f32 == b as f32
}

#[cfg(test)]
mod tests {
    use super::super::path::parsed;
    use super::*;

    fn short(text: &str, slack: f64) -> String {
        written(&parsed(text).unwrap(), slack)
    }

    #[test]
    fn the_shortest_forms_are_found() {
        for (text, expected) in [
            ("M 10 10 L 20 10 L 20 20 L 10 20 Z", "M10 10h10v10H10z"),
            ("M 0.5 0.5 l 0.5 0.25 l -0.25 1", "M.5.5l.5.25-.25 1"),
            ("M1 1 L 2 3 L 4 5", "M1 1l1 2 2 2"),
            ("m5 5 1 1 M 100 100 1 0", "M5 5l1 1m94 94L1 0"),
            ("M0 0C1 1 2 2 3 0C4 -2 5 2 6 0", "M0 0c1 1 2 2 3 0s2 2 3 0"),
            ("M0 0Q1 1 2 0Q3 -1 4 0Q5 1 6 0", "M0 0q1 1 2 0t2 0 2 0"),
            ("M0 0A5 5 30 1 0 9 9", "M0 0a5 5 0 109 9"),
            ("M0 0a5 4 30 0 1 .5 .5", "M0 0a5 4 30 01.5.5"),
            ("M1 1zM2 2z", "M1 1zm1 1z"),
        ] {
            assert_eq!(short(text, 0.0), expected, "{text}");
        }
    }

    #[test]
    fn level_and_upright_lines_keep_their_place() {
        // The last two lines are upright but for what adding up leaves, and one is drawn by closing.
        for text in [
            "M84.27 105.75l6.746-76.267L58.718 54l32.298 24.517V29.483z",
            "M84.27 105.75l6.746-76.267L58.718 54l32.298 24.517z",
            "M9.016 0a2 2 0 0 1-1 3.4242h-5z",
        ] {
            let (before, after) = (parsed(text).unwrap(), parsed(&short(text, 0.02)).unwrap());
            for pair in before.windows(2).zip(after.windows(2)) {
                let ends = |pair: &[Segment]| Some((pair[0].end()?, pair[1].end()?));
                if let (Some((a, b)), Some((c, d))) = (ends(pair.0), ends(pair.1)) {
                    if (a.x - b.x).abs() < 1e-9 {
                        assert!(
                            (a.x - c.x).abs() <= 0.0021 && (b.x - d.x).abs() <= 0.0021,
                            "{text}"
                        );
                    }
                    if (a.y - b.y).abs() < 1e-9 {
                        assert!(
                            (a.y - c.y).abs() <= 0.0021 && (b.y - d.y).abs() <= 0.0021,
                            "{text}"
                        );
                    }
                }
            }
        }
        // The line that closes it is upright.
        let after = parsed(&short("M91.016 29.483L58.718 54l32.298 24.517z", 0.02)).unwrap();
        for point in [after[0].end().unwrap(), after[2].end().unwrap()] {
            assert!((point.x - 91.016).abs() <= 0.0021, "{point:?}");
        }
    }

    #[test]
    fn rounding_does_not_add_up() {
        let mut text = String::from("M0 0");
        for step in 1..=500 {
            text.push_str(&format!(
                "L{} {}",
                f64::from(step) * 0.3333,
                f64::from(step % 7)
            ));
        }
        let short = short(&text, 0.05);
        let (before, after) = (parsed(&text).unwrap(), parsed(&short).unwrap());
        assert_eq!(before.len(), after.len());
        for (a, b) in before.iter().zip(&after) {
            assert!(a.end().unwrap().is_near(b.end().unwrap(), 0.0501));
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_back_lies_within_the_slack(
            points in proptest::collection::vec((-999.0..999.0f64, -999.0..999.0f64, 0..5u8), 1..40),
            slack in 0.0..0.5f64,
        ) {
            let mut segments = vec![Segment::Move(Point::new(points[0].0, points[0].1))];
            for window in points.windows(3) {
                let [a, b, c] = [0, 1, 2].map(|index| Point::new(window[index].0, window[index].1));
                segments.push(match window[0].2 {
                    0 => Segment::Line(a),
                    1 => Segment::Cubic(a, b, c),
                    2 => Segment::Quad(a, b),
                    3 => Segment::Move(c),
                    _ => Segment::Close,
                });
            }
            let read = parsed(&written(&segments, slack)).unwrap();
            proptest::prop_assert_eq!(read.len(), segments.len());
            for (a, b) in segments.iter().zip(&read) {
                for (p, q) in a.points().zip(b.points()) {
                    proptest::prop_assert!(p.is_near(q, slack * CONTROL + 1e-3), "{p:?} {q:?}");
                }
                if let (Some(p), Some(q)) = (a.end(), b.end()) {
                    proptest::prop_assert!(p.is_near(q, slack + 1e-3), "{p:?} {q:?}");
                }
            }
        }
    }
}
