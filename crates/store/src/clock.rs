//! Time as the database keeps it: milliseconds since 1970, and months, both in UTC.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// How long ago this moment was; nothing for one that is still to come.
pub(crate) fn since(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(now().saturating_sub(ms)).unwrap_or(0))
}

/// RFC 3339 with milliseconds.
pub(crate) fn text(ms: i64) -> String {
    zoned(ms).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The day that this moment lies in: `YYYY-MM-DD`.
pub(crate) fn day(ms: i64) -> String {
    zoned(ms).strftime("%Y-%m-%d").to_string()
}

/// A month of a year, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    year: i16,
    /// 1 to 12.
    pub number: u8,
}

impl Month {
    /// The month that this moment lies in.
    pub fn of(ms: i64) -> Month {
        let zoned = zoned(ms);
        Month {
            year: zoned.year(),
            number: zoned.month() as u8,
        }
    }

    /// This month and the ones before it, oldest first.
    pub fn window(self, months: usize) -> Vec<Month> {
        let mut window: Vec<Month> =
            std::iter::successors(Some(self), |month| Some(month.before()))
                .take(months)
                .collect();
        window.reverse();
        window
    }

    /// Its first moment.
    pub fn begin(self) -> i64 {
        let first = jiff::civil::Date::new(self.year, self.number as i8, 1);
        let first = first.and_then(|first| first.to_zoned_datetime(TimeZone::UTC));
        first.map_or(0, |first| first.timestamp().as_millisecond())
    }

    fn before(self) -> Month {
        match self.number {
            1 => Month {
                year: self.year - 1,
                number: 12,
            },
            number => Month {
                number: number - 1,
                ..self
            },
        }
    }
}

/// `YYYY-MM`, which sorts as text.
impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.number)
    }
}

fn zoned(ms: i64) -> jiff::ZonedDateTime {
    // A database that somebody edited may hold any number; a wrong date is better than a crash.
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned_datetime(TimeZone::UTC)
}
