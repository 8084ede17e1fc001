use std::time::Duration;

/// How often, and after what waits, a call is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Further tries after the first.
    pub more: u32,
    /// The wait before the second try; each further one is twice as long.
    pub first: Duration,
    /// The longest wait, whatever a server asks for; what takes longer is told instead.
    pub longest: Duration,
}

impl Default for Retries {
    fn default() -> Retries {
        Retries {
            more: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
        }
    }
}

impl Retries {
    /// How long to wait before try `number`, counted from 1: between half and all of what doubling
    /// says, so that clients that failed together do not come back together, and never less than the
    /// server asks for. `None` when it is not to be tried again.
    pub fn wait(&self, number: u32, asked: Option<Duration>) -> Option<Duration> {
        if number > self.more {
            return None;
        }
        let doubled = self.first.saturating_mul(1 << (number - 1).min(16));
        let jittered = doubled.min(self.longest).mul_f64(0.5 + 0.5 * fraction());
        let wait = jittered.max(asked.unwrap_or_default());
        (wait <= self.longest).then_some(wait)
    }
}

/// A number from 0 up to, and without, 1.
fn fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness waits are only less spread.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

/// What a header `Retry-After` says: seconds, or a date by the server's own clock.
pub(super) fn asked(header: &str, server_now: std::time::SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(server_now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn waits_double_and_are_spread() {
        let retries = Retries::default();
        for number in 1..=4 {
            let most = Duration::from_millis(500 << (number - 1));
            let waits: Vec<Duration> = (0..50)
                .map(|_| retries.wait(number, None).unwrap())
                .collect();
            assert!(waits.iter().all(|wait| *wait <= most && *wait >= most / 2));
            assert!(waits.iter().any(|wait| *wait != waits[0]), "no jitter");
        }
        assert_eq!(retries.wait(5, None), None);
    }

    #[test]
    fn what_the_server_asks_for_is_kept_to() {
        let retries = Retries::default();
        let asked = Some(Duration::from_secs(7));
        assert_eq!(retries.wait(1, asked), asked);
        assert_eq!(retries.wait(1, Some(Duration::from_secs(3600))), None);
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(asked("120", now), Some(Duration::from_secs(120)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(asked(date, now), Some(Duration::from_secs(7)));
        assert_eq!(
            asked(date, now + Duration::from_secs(99)),
            Some(Duration::ZERO)
        );
        assert_eq!(asked("soon", now), None);
    }
}
