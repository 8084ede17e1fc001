//! Webhooks: signed, delivered, tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use whittle_api::webhook;
use whittle_store::server::Delivery;

use crate::app::{App, Phase, Shared};
use crate::random;

/// Webhooks on their way at once.
const AT_ONCE: u32 = 32;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Waits are longer by up to this much, so that receivers that were down are not hit by all at once.
const JITTER: f64 = 0.2;

/// Delivers what waits until the server closes.
pub(crate) async fn run(app: Shared) {
    let mut phase = app.phase.subscribe();
    let under_way = Arc::new(AtomicU32::new(0));
    loop {
        if app.phase() == Phase::Closing {
            return;
        }
        let free = AT_ONCE.saturating_sub(under_way.load(Ordering::SeqCst));
        let mut next = None;
        if free > 0 {
            match app.records(move |records| records.take_due(free)).await {
                Ok((due, next_at)) => {
                    next = next_at;
                    for delivery in due {
                        under_way.fetch_add(1, Ordering::SeqCst);
                        let (app, under_way) = (Arc::clone(&app), Arc::clone(&under_way));
                        tokio::spawn(async move {
                            deliver(&app, delivery).await;
                            under_way.fetch_sub(1, Ordering::SeqCst);
                            app.deliveries.notify_one();
                        });
                    }
                }
                // The log has the cause.
                Err(_) => next = Some(i64::MAX),
            }
        }
        let now = jiff::Timestamp::now().as_millisecond();
        let wait = next.map_or(60_000, |at| at.saturating_sub(now).clamp(20, 60_000));
        let wait = Duration::from_millis(wait.unsigned_abs());
        tokio::select! {
            () = app.deliveries.notified() => {}
            () = tokio::time::sleep(wait) => {}
            _ = phase.wait_for(|phase| *phase == Phase::Closing) => return,
        }
    }
}

async fn deliver(app: &App, delivery: Delivery) {
    let delivered = send(app, &delivery).await;
    app.metrics.tried(delivered);
    let waits = &app.config.webhook_waits;
    let wait = waits.get(delivery.tries as usize);
    let again_in = wait.map(|wait| {
        let stretched = wait.as_secs_f64() * (1.0 + JITTER * random::fraction());
        (stretched * 1000.0) as i64
    });
    if !delivered && again_in.is_none() {
        tracing::warn!(
            webhook = delivery.id,
            "given up after {} tries",
            delivery.tries + 1
        );
    }
    // What cannot be noted is tried again by the next server.
    let _ = app
        .records(move |records| match delivered {
            true => records.delivered(&delivery.id),
            false => records.not_delivered(&delivery.id, again_in),
        })
        .await;
}

/// Whether the receiver took it: any 2xx within the time.
async fn send(app: &App, delivery: &Delivery) -> bool {
    let time = jiff::Timestamp::now().as_second().to_string();
    let headers = [
        (webhook::ID, delivery.id.clone()),
        (
            webhook::SIGNATURE,
            signature(&delivery.secret, &delivery.id, &time, &delivery.body),
        ),
        (webhook::TIMESTAMP, time),
    ];
    let sent = app.outbound.post(&delivery.url, &headers, &delivery.body);
    match tokio::time::timeout(PATIENCE, sent).await {
        Ok(Some(status)) => (200..300).contains(&status),
        Ok(None) | Err(_) => false,
    }
}

/// By the Standard Webhooks scheme.
fn signature(secret: &[u8], id: &str, time: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

/// The key of a new callback URL.
pub(crate) fn new_secret() -> [u8; 32] {
    random::bytes()
}

/// A key as its owner writes it.
pub(crate) fn written(secret: &[u8]) -> String {
    format!("{}{}", webhook::SECRET_PREFIX, STANDARD.encode(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_contract() {
        let vector =
            include_str!("../../api/contract/examples/decided-webhook-signature-vector.json");
        let vector: serde_json::Value = serde_json::from_str(vector).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let written_secret = text(&vector["secret"]);
        let encoded = written_secret.strip_prefix(webhook::SECRET_PREFIX).unwrap();
        let secret = STANDARD.decode(encoded).unwrap();
        assert_eq!(written(&secret), written_secret);
        let headers = &vector["headers"];
        assert_eq!(
            signature(
                &secret,
                &text(&headers[webhook::ID]),
                &text(&headers[webhook::TIMESTAMP]),
                &text(&vector["body"])
            ),
            text(&headers[webhook::SIGNATURE])
        );
    }
}
