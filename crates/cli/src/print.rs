//! Words and numbers for people, and a stdout that may be closed.

use std::io::{self, Stdout, Write};

use serde::Serialize;

/// Standard output. When its reader went away (`| head`), the rest is dropped in silence: the
/// images are still worked on.
pub(crate) struct Out {
    stdout: Stdout,
    closed: bool,
}

impl Out {
    pub fn stdout() -> Out {
        Out {
            stdout: io::stdout(),
            closed: false,
        }
    }

    /// A line of text.
    pub fn line(&mut self, text: &str) {
        self.write(&[text.as_bytes(), b"\n"]);
    }

    /// A line of JSON.
    pub fn json(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.line(&text),
            Err(error) => tracing::error!("a line could not be written as JSON: {error}"),
        }
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.write(&[bytes]);
    }

    fn write(&mut self, parts: &[&[u8]]) {
        if self.closed {
            return;
        }
        let mut lock = self.stdout.lock();
        let result = parts
            .iter()
            .try_for_each(|part| lock.write_all(part))
            .and_then(|()| lock.flush());
        if let Err(error) = result {
            self.closed = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                eprintln!("error: could not write to standard output: {error}");
            }
        }
    }
}

/// A size as people read it.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // What would be rounded to 1000 belongs to the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// How much smaller, in percent.
pub(crate) fn saved(input: u64, output: u64) -> String {
    if input == 0 {
        return "0 %".into();
    }
    let percent = (1.0 - output as f64 / input as f64) * 100.0;
    // Neither "0 %" of something nor "100 %" of all but something.
    match percent {
        percent if percent > 0.0 && percent < 1.0 => format!("{:.1} %", percent.max(0.1)),
        percent if percent > 99.0 && output > 0 => format!("{:.1} %", percent.min(99.9)),
        percent => format!("{percent:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_960, "10 kB"),
            (412_400, "412 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (11_400_000, "11 MB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn savings_read_well() {
        for (input, output, text) in [
            (0, 0, "0 %"),
            (100, 38, "62 %"),
            (1000, 1000, "0 %"),
            (10_000, 9_995, "0.1 %"),
            (1_000_000, 1, "99.9 %"),
        ] {
            assert_eq!(saved(input, output), text);
        }
    }
}
