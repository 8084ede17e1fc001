use std::time::{Duration, Instant};

/// Does the work; with the time that it took of a processor, or by the clock where the system does
/// not tell. Threads that the work starts are not counted.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (wall, cpu) = (Instant::now(), cpu_time());
    let done = work();
    let spent = match (cpu, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    };
    (done, spent)
}

/// What this thread has taken of a processor so far, where the system tells.
pub fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ')
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}
