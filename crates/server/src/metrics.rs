//! Counters for whoever watches the server, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use whittle_store::server::Backlog;

/// Upper bounds of the histogram, in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 25.0, 60.0];

/// What happened since the server began.
pub(crate) struct Metrics {
    pub began: Instant,
    requests: Mutex<BTreeMap<(&'static str, u16), u64>>,
    seconds: Histogram,
    work: Histogram,
    accepted: AtomicU64,
    accepted_bytes: AtomicU64,
    completed: AtomicU64,
    failed: AtomicU64,
    delivered: AtomicU64,
    not_delivered: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics {
            began: Instant::now(),
            requests: Mutex::default(),
            seconds: Histogram::default(),
            work: Histogram::default(),
            accepted: AtomicU64::default(),
            accepted_bytes: AtomicU64::default(),
            completed: AtomicU64::default(),
            failed: AtomicU64::default(),
            delivered: AtomicU64::default(),
            not_delivered: AtomicU64::default(),
        }
    }
}

#[derive(Default)]
struct Histogram {
    /// Of each bound those above the bound before; the last are above all bounds.
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    fn note(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let at = BOUNDS.partition_point(|bound| *bound < seconds);
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn write(&self, text: &mut String, name: &str, help: &str) {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut count = 0;
        for (at, number) in self.counts.iter().enumerate() {
            count += number.load(Ordering::Relaxed);
            let bound = BOUNDS.get(at).map_or("+Inf".into(), f64::to_string);
            let _ = writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {count}");
        }
        let sum = self.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "{name}_sum {sum}\n{name}_count {count}");
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        *self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((route, status))
            .or_default() += 1;
        self.seconds.note(took);
    }

    /// An image was accepted.
    pub fn accepted(&self, bytes: u64) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.accepted_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A worker was at an image for so long.
    pub fn worked(&self, took: Duration) {
        self.work.note(took);
    }

    /// An image came to its end.
    pub fn finished(&self, completed: bool) {
        let counter = if completed {
            &self.completed
        } else {
            &self.failed
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// A webhook was tried.
    pub fn tried(&self, delivered: bool) {
        let counter = if delivered {
            &self.delivered
        } else {
            &self.not_delivered
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything, in the text form of Prometheus.
    pub fn text(&self, backlog: Backlog) -> String {
        let mut text = String::new();
        let name = "whittle_http_requests_total";
        let _ = writeln!(
            text,
            "# HELP {name} Requests answered.\n# TYPE {name} counter"
        );
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, status), count) in requests.iter() {
            let _ = writeln!(
                text,
                "{name}{{route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
        drop(requests);
        self.seconds.write(
            &mut text,
            "whittle_http_request_seconds",
            "Time from a request to its answer.",
        );
        self.work.write(
            &mut text,
            "whittle_image_work_seconds",
            "Time that a worker was at an image.",
        );
        let counters = [
            (
                "whittle_images_accepted_total",
                "Images accepted.",
                &self.accepted,
            ),
            (
                "whittle_images_accepted_bytes_total",
                "Bytes of images accepted.",
                &self.accepted_bytes,
            ),
            (
                "whittle_images_completed_total",
                "Images completed.",
                &self.completed,
            ),
            (
                "whittle_images_failed_total",
                "Images that failed.",
                &self.failed,
            ),
            (
                "whittle_webhooks_delivered_total",
                "Webhooks delivered.",
                &self.delivered,
            ),
            (
                "whittle_webhooks_not_delivered_total",
                "Tries of webhooks that failed.",
                &self.not_delivered,
            ),
        ];
        for (name, help, counter) in counters {
            let value = counter.load(Ordering::Relaxed);
            let _ = writeln!(
                text,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}"
            );
        }
        for (name, help, value) in [
            (
                "whittle_images_waiting",
                "Images without an end.",
                backlog.images,
            ),
            (
                "whittle_webhooks_waiting",
                "Webhooks that will be tried.",
                backlog.deliveries,
            ),
        ] {
            let _ = writeln!(
                text,
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
            );
        }
        text
    }
}
