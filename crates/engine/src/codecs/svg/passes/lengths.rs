//! Lengths and parts in few characters.

use super::number;

/// A length in the shortest way: in pixels or percent, or with its unit.
pub(super) fn length(text: &str, short: impl Fn(f64) -> String) -> Option<String> {
    let text = text.trim();
    let mut scanner = number::Scanner::of(text);
    let value = scanner.number()?;
    match scanner.rest() {
        "" | "px" => Some(short(value)),
        unit @ ("%" | "pt" | "pc" | "mm" | "cm" | "in" | "em" | "ex" | "rem") => {
            Some(format!("{}{unit}", plain(value)))
        }
        _ => None,
    }
}

pub(super) fn length_or_percent(text: &str, short: impl Fn(f64) -> String) -> Option<String> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => {
            let value: f64 = percent.parse().ok()?;
            let (percent, part) = (format!("{}%", short(value)), plain(value / 100.0));
            Some(if part.len() < percent.len() {
                part
            } else {
                percent
            })
        }
        None => length(text, short),
    }
}

pub(super) fn offset(text: &str, slack: f64) -> Option<String> {
    let text = text.trim();
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    let part = number::shortest(value, slack);
    let percent = format!("{}%", number::shortest(value * 100.0, slack * 100.0));
    Some(if percent.len() < part.len() {
        percent
    } else {
        part
    })
}

/// All digits of a number, and no more.
pub(super) fn plain(value: f64) -> String {
    let text = format!("{value}");
    match text.strip_prefix("0.") {
        Some(rest) => format!(".{rest}"),
        None => match text.strip_prefix("-0.") {
            Some(rest) => format!("-.{rest}"),
            None => text,
        },
    }
}
