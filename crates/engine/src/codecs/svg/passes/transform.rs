//! Transforms: lists of functions as one matrix, written in the shortest way.

use super::number::{Decimal, End, Scanner};
use super::path::Point;

/// `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
    pub e: f64,
    pub f: f64,
}

impl Matrix {
    pub(super) const IDENTITY: Matrix = Matrix::of([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) const fn of([a, b, c, d, e, f]: [f64; 6]) -> Matrix {
        Matrix { a, b, c, d, e, f }
    }

    /// This transform around an inner one.
    pub(super) fn times(self, inner: Matrix) -> Matrix {
        let origin = self.at(Point::new(inner.e, inner.f));
        Matrix {
            a: self.a * inner.a + self.c * inner.b,
            b: self.b * inner.a + self.d * inner.b,
            c: self.a * inner.c + self.c * inner.d,
            d: self.b * inner.c + self.d * inner.d,
            e: origin.x,
            f: origin.y,
        }
    }

    pub(super) fn at(self, point: Point) -> Point {
        Point::new(
            self.a * point.x + self.c * point.y + self.e,
            self.b * point.x + self.d * point.y + self.f,
        )
    }

    /// How many times longer the longest of all directions becomes.
    pub(super) fn stretch(self) -> f64 {
        let sum = self.a * self.a + self.b * self.b + self.c * self.c + self.d * self.d;
        let determinant = self.a * self.d - self.b * self.c;
        ((sum
            + (sum * sum - 4.0 * determinant * determinant)
                .max(0.0)
                .sqrt())
            / 2.0)
            .sqrt()
    }

    /// The factor of a transform that keeps shapes, as turning, mirroring and scaling do.
    pub(super) fn uniform(self) -> Option<f64> {
        let factor = self.a.hypot(self.b);
        let fine = factor * 1e-6;
        let kept = (self.a - self.d).abs() < fine && (self.b + self.c).abs() < fine;
        let mirrored = (self.a + self.d).abs() < fine && (self.b - self.c).abs() < fine;
        (factor > 0.0 && (kept || mirrored)).then_some(factor)
    }

    pub(super) fn is_finite(self) -> bool {
        [self.a, self.b, self.c, self.d, self.e, self.f]
            .iter()
            .all(|number| number.is_finite())
    }
}

/// The matrix of a list of transforms; `None` when it is damaged, and so to be left alone.
pub(super) fn parsed(text: &str) -> Option<Matrix> {
    let mut scanner = Scanner::of(text);
    let mut whole = Matrix::IDENTITY;
    loop {
        scanner.skip_separators();
        if scanner.is_done() {
            return whole.is_finite().then_some(whole);
        }
        let mut name = String::new();
        while let Some(letter) = scanner.peek().filter(u8::is_ascii_alphabetic) {
            name.push(char::from(letter));
            scanner.next();
        }
        scanner.skip_spaces();
        if scanner.next() != Some(b'(') {
            return None;
        }
        let mut numbers = Vec::new();
        loop {
            scanner.skip_separators();
            if scanner.peek() == Some(b')') {
                scanner.next();
                break;
            }
            numbers.push(scanner.number()?);
        }
        whole = whole.times(function(&name, &numbers)?);
    }
}

fn function(name: &str, numbers: &[f64]) -> Option<Matrix> {
    Some(Matrix::of(match (name, numbers) {
        ("matrix", &[a, b, c, d, e, f]) => [a, b, c, d, e, f],
        ("translate", &[x]) => [1.0, 0.0, 0.0, 1.0, x, 0.0],
        ("translate", &[x, y]) => [1.0, 0.0, 0.0, 1.0, x, y],
        ("scale", &[x]) => [x, 0.0, 0.0, x, 0.0, 0.0],
        ("scale", &[x, y]) => [x, 0.0, 0.0, y, 0.0, 0.0],
        ("rotate", &[angle]) => turned(angle),
        ("rotate", &[angle, x, y]) => {
            let to = Matrix::of([1.0, 0.0, 0.0, 1.0, x, y]);
            let back = Matrix::of([1.0, 0.0, 0.0, 1.0, -x, -y]);
            return Some(to.times(Matrix::of(turned(angle))).times(back));
        }
        ("skewX", &[angle]) => [1.0, 0.0, angle.to_radians().tan(), 1.0, 0.0, 0.0],
        ("skewY", &[angle]) => [1.0, angle.to_radians().tan(), 0.0, 1.0, 0.0, 0.0],
        _ => return None,
    }))
}

fn turned(angle: f64) -> [f64; 6] {
    // Right angles come out without the noise of the sine of pi.
    let (sin, cos) = match angle.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        _ => angle.to_radians().sin_cos(),
    };
    [cos, sin, -sin, cos, 0.0, 0.0]
}

/// How far the numbers of a matrix may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slack {
    /// Of the four that turn and stretch.
    pub linear: f64,
    /// Of the two that move.
    pub offset: f64,
}

/// The shortest text for a matrix; empty for the one that changes nothing.
pub(super) fn written(matrix: Matrix, slack: Slack) -> String {
    // Numbers that single precision cannot hold apart are the noise of multiplying.
    let linear = slack.linear.max(1e-9);
    let is = |value: f64, wanted: f64| (value - wanted).abs() <= linear;
    let Matrix { a, b, c, d, e, f } = matrix;
    let near = |value: f64| Decimal::near(value, linear);
    let (x, y) = (
        Decimal::near(e, slack.offset.max(e.abs() * 1e-8)),
        Decimal::near(f, slack.offset.max(f.abs() * 1e-8)),
    );
    let still = x.value() == 0.0 && y.value() == 0.0;
    let moved = || {
        if y.value() == 0.0 {
            call("translate", &[x])
        } else {
            call("translate", &[x, y])
        }
    };
    let mut forms = vec![call("matrix", &[near(a), near(b), near(c), near(d), x, y])];
    if is(b, 0.0) && is(c, 0.0) {
        let lead = if still { String::new() } else { moved() };
        if is(a, 1.0) && is(d, 1.0) {
            return lead;
        }
        forms.push(if is(a - d, 0.0) {
            lead + &call("scale", &[near(a)])
        } else {
            lead + &call("scale", &[near(a), near(d)])
        });
    } else if is(a - d, 0.0) && is(b + c, 0.0) && is(a.hypot(b), 1.0) {
        let angle = b.atan2(a);
        let degrees = Decimal::near(angle.to_degrees(), linear.to_degrees() * 0.5);
        if still {
            forms.push(call("rotate", &[degrees]));
        } else {
            forms.push(moved() + &call("rotate", &[degrees]));
            // The point that stays where it is: (1 - cos) p + sin q = e, (1 - cos) q - sin p = f.
            let (sin, cos) = degrees.value().to_radians().sin_cos();
            let base = 2.0 * (1.0 - cos);
            if base > 1e-3 {
                let centre = Point::new(
                    ((1.0 - cos) * e - sin * f) / base,
                    ((1.0 - cos) * f + sin * e) / base,
                );
                let fine = slack.offset / 2.0;
                forms.push(call(
                    "rotate",
                    &[
                        degrees,
                        Decimal::near(centre.x, fine),
                        Decimal::near(centre.y, fine),
                    ],
                ));
            }
        }
    }
    forms
        .into_iter()
        .min_by_key(String::len)
        .unwrap_or_default()
}

fn call(name: &str, numbers: &[Decimal]) -> String {
    let mut out = format!("{name}(");
    End::LETTER.write(numbers, &mut out);
    out.push(')');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: Slack = Slack {
        linear: 0.0,
        offset: 0.0,
    };

    #[test]
    fn transforms_become_short() {
        for (text, expected) in [
            ("translate(10.000, 0)", "translate(10)"),
            ("translate(1 2) translate(-1,-2)", ""),
            ("matrix(1,0,0,1,5,-6)", "translate(5-6)"),
            ("matrix(2 0 0 2 0 0)", "scale(2)"),
            ("scale(1 -1)", "scale(1-1)"),
            ("matrix(0 1 -1 0 0 0)", "rotate(90)"),
            ("rotate(45, 10, 20)", "rotate(45 10 20)"),
            ("matrix(1 2 3 4 5 6)", "matrix(1 2 3 4 5 6)"),
            ("translate(0,640) scale(.1,-.1)", "matrix(.1 0 0-.1 0 640)"),
            ("", ""),
        ] {
            assert_eq!(written(parsed(text).unwrap(), EXACT), expected, "{text}");
        }
        for bad in [
            "rotate(1 2)",
            "scale()",
            "perspective(1)",
            "translate(1px)",
            "scale(2",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn slack_makes_them_shorter() {
        let matrix = parsed("matrix(.70710678 .70710678 -.70710678 .70710678 10.123 5.9)").unwrap();
        let slack = Slack {
            linear: 1e-4,
            offset: 0.05,
        };
        let text = written(matrix, slack);
        assert!(text.len() <= 28, "{text}");
        let close = parsed(&text).unwrap();
        for point in [Point::new(0.0, 0.0), Point::new(10.0, 10.0)] {
            assert!(matrix.at(point).is_near(close.at(point), 0.06), "{text}");
        }
    }

    #[test]
    fn stretch_is_the_longest_direction() {
        assert_eq!(parsed("scale(2 -3)").unwrap().stretch(), 3.0);
        assert!((parsed("rotate(30)").unwrap().stretch() - 1.0).abs() < 1e-9);
        assert_eq!(parsed("scale(2 -2)").unwrap().uniform(), Some(2.0));
        assert_eq!(parsed("scale(2 -3)").unwrap().uniform(), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_the_same_transform(
            angle in -360.0..360.0f64, x in -99.0..99.0f64, y in -99.0..99.0f64, scale in 0.1..9.0f64,
            plain in proptest::bool::ANY,
        ) {
            let scale = if plain { 1.0 } else { scale };
            let text = format!("translate({x} {y})rotate({angle} 3 4)scale({scale})");
            let matrix = parsed(&text).unwrap();
            let again = parsed(&written(matrix, EXACT)).unwrap();
            for point in [Point::new(0.0, 0.0), Point::new(50.0, -20.0)] {
                proptest::prop_assert!(matrix.at(point).is_near(again.at(point), 1e-2));
            }
        }
    }
}
