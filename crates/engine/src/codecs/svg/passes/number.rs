//! Numbers in as few characters as their tolerance allows.

/// A decimal number: `digits` with the point moved `places` to the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i64,
    places: u8,
}

const POWERS: [f64; 13] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
];

/// Beyond this, an f64 no longer holds every whole number.
const MOST: f64 = 9e15;

impl Decimal {
    /// The number with the fewest decimal places that lies within `slack` of `value`. Renderers compute
    /// in single precision, so a slack of zero means: the same number there.
    pub(super) fn near(value: f64, slack: f64) -> Decimal {
        let mut found = Decimal {
            digits: 0,
            places: 0,
        };
        for (places, power) in POWERS.iter().enumerate() {
            let scaled = (value * power).round();
            if scaled.abs() > MOST {
                break;
            }
            found = Decimal {
                digits: scaled as i64,
                places: places as u8,
            };
            let close = found.value();
            if (close - value).abs() <= slack || close as f32 == value as f32 {
                break;
            }
        }
        if found.digits == 0 {
            found.places = 0;
        }
        found
    }

    pub(super) fn value(self) -> f64 {
        self.digits as f64 / POWERS[usize::from(self.places)]
    }

    fn is_dotted(self) -> bool {
        self.places > 0
    }

    /// How many characters it takes.
    fn length(self) -> usize {
        let places = usize::from(self.places);
        let digits = self
            .digits
            .unsigned_abs()
            .checked_ilog10()
            .map_or(1, |n| n as usize + 1);
        let whole = if places == 0 {
            digits
        } else {
            digits.saturating_sub(places)
        };
        whole + usize::from(self.digits < 0) + if places > 0 { places + 1 } else { 0 }
    }

    fn write(self, out: &mut String) {
        if self.digits < 0 {
            out.push('-');
        }
        let digits = self.digits.unsigned_abs();
        if self.places == 0 {
            out.push_str(&digits.to_string());
            return;
        }
        let power = 10u64.pow(u32::from(self.places));
        if digits >= power {
            out.push_str(&(digits / power).to_string());
        }
        out.push('.');
        let rest = (digits % power).to_string();
        for _ in rest.len()..usize::from(self.places) {
            out.push('0');
        }
        out.push_str(&rest);
    }
}

/// A number by itself.
pub(super) fn shortest(value: f64, slack: f64) -> String {
    let mut out = String::new();
    Decimal::near(value, slack).write(&mut out);
    out
}

/// What the end of a list of numbers means for the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    number: bool,
    dotted: bool,
}

impl End {
    /// What a letter or parenthesis leaves: nothing to be kept apart from.
    pub(super) const LETTER: End = End {
        number: false,
        dotted: false,
    };

    fn needs_space(self, next: Decimal) -> bool {
        let starts_with_dot =
            next.is_dotted() && next.digits.unsigned_abs() < 10u64.pow(u32::from(next.places));
        self.number && next.digits >= 0 && !(self.dotted && starts_with_dot)
    }

    fn after(number: Decimal) -> End {
        End {
            number: true,
            dotted: number.is_dotted(),
        }
    }

    /// Characters that these numbers take here, and what they leave.
    pub(super) fn cost(self, numbers: &[Decimal]) -> (usize, End) {
        let mut end = self;
        let mut cost = 0;
        for number in numbers {
            cost += number.length() + usize::from(end.needs_space(*number));
            end = End::after(*number);
        }
        (cost, end)
    }

    /// Writes numbers with no more between them than is needed.
    pub(super) fn write(self, numbers: &[Decimal], out: &mut String) -> End {
        let mut end = self;
        for number in numbers {
            if end.needs_space(*number) {
                out.push(' ');
            }
            number.write(out);
            end = End::after(*number);
        }
        end
    }

    /// Writes a flag of an arc: one character, which needs no space after it.
    pub(super) fn flag(self, flag: bool, out: &mut String) -> End {
        if self.number {
            out.push(' ');
        }
        out.push(if flag { '1' } else { '0' });
        End::LETTER
    }
}

/// A list of numbers apart by spaces or commas; `None` when anything else is there.
pub(super) fn list(text: &str) -> Option<Vec<f64>> {
    let mut scanner = Scanner::of(text);
    let mut numbers = Vec::new();
    loop {
        scanner.skip_separators();
        if scanner.is_done() {
            return Some(numbers);
        }
        numbers.push(scanner.number()?);
    }
}

/// Reads numbers as SVG writes them: `1-.5.5e3` are three.
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn of(text: &'a str) -> Scanner<'a> {
        Scanner {
            text: text.as_bytes(),
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Spaces with at most one comma.
    pub(super) fn skip_separators(&mut self) {
        self.skip_spaces();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_spaces();
        }
    }

    /// A finite number at this very place.
    pub(super) fn number(&mut self) -> Option<f64> {
        let start = self.at;
        if matches!(self.peek(), Some(b'-' | b'+')) {
            self.at += 1;
        }
        let whole = self.digits();
        let mut fraction = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            fraction = self.digits();
        }
        if whole + fraction == 0 {
            return None;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let mark = self.at;
            self.at += 1;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.at += 1;
            }
            // "1em" is a length and no exponent.
            if self.digits() == 0 {
                self.at = mark;
            }
        }
        let text = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        let text = text.strip_prefix('+').unwrap_or(text);
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// The text that is left.
    pub(super) fn rest(&self) -> &'a str {
        std::str::from_utf8(&self.text[self.at..]).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_few_characters_as_the_tolerance_allows() {
        for (value, slack, expected) in [
            (0.0, 0.0, "0"),
            (-0.0001, 0.01, "0"),
            (0.5, 0.0, ".5"),
            (-0.05, 0.0, "-.05"),
            (12.340, 0.0, "12.34"),
            (12.341, 0.01, "12.34"),
            (12.341, 0.1, "12.3"),
            (12.941, 0.05, "12.9"),
            (12.941, 0.1, "13"),
            (1e6, 0.0, "1000000"),
            (0.1 + 0.2, 0.0, ".3"),
            (1e-14, 0.0, "0"),
            (1234.5678, 0.0, "1234.5678"),
        ] {
            assert_eq!(shortest(value, slack), expected, "{value} {slack}");
            assert_eq!(Decimal::near(value, slack).length(), expected.len());
        }
    }

    #[test]
    fn nothing_more_than_needed_is_between_numbers() {
        for (numbers, expected) in [
            (&[1.0, 2.0][..], "1 2"),
            (&[1.0, -2.0], "1-2"),
            (&[0.5, 0.25, 3.0], ".5.25 3"),
            (&[1.0, 0.5], "1 .5"),
            (&[10.5, 0.5, -0.5], "10.5.5-.5"),
        ] {
            let decimals: Vec<Decimal> = numbers.iter().map(|n| Decimal::near(*n, 0.0)).collect();
            let mut out = String::new();
            let end = End::LETTER.write(&decimals, &mut out);
            assert_eq!(out, expected);
            assert_eq!(End::LETTER.cost(&decimals), (expected.len(), end));
            assert_eq!(list(&out).unwrap(), numbers);
        }
    }

    #[test]
    fn lists_are_read_as_written() {
        assert_eq!(
            list(" 1,2 -3.5.5e1+4 ").unwrap(),
            [1.0, 2.0, -3.5, 5.0, 4.0]
        );
        assert_eq!(list("").unwrap(), [0.0; 0]);
        for bad in ["1px", "a", "1,,2", "-", "1e999"] {
            assert_eq!(list(bad), None, "{bad}");
        }
    }
}
