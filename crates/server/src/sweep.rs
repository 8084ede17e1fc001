//! Clean-up: files whose links have ended, and files that belong to nothing.

use std::time::Duration;

use futures_util::StreamExt;

use crate::app::{App, Phase, Shared};
use crate::random::is_file_key;
use crate::refusal::Refusal;

/// How often ended links are looked for. Their answer is 410 from the second on anyway.
const ENDED: Duration = Duration::from_secs(60);
/// How often files that belong to nothing are looked for.
const ORPHANS: Duration = Duration::from_secs(6 * 3600);
/// A file is stored before its record is written; one that is younger may still get it.
const YOUNG: i64 = 3600;

pub(crate) async fn run(app: Shared) {
    let mut phase = app.phase.subscribe();
    // At once after a start: a server that was killed may have left some.
    let mut orphans_at = tokio::time::Instant::now();
    loop {
        if let Err(refusal) = ended(&app).await {
            tracing::warn!(
                "files of ended links stay for now: {}",
                refusal.code.status()
            );
        }
        if tokio::time::Instant::now() >= orphans_at {
            orphans_at += ORPHANS;
            if let Err(refusal) = orphans(&app).await {
                tracing::warn!(
                    "files that belong to nothing stay for now: {}",
                    refusal.code.status()
                );
            }
        }
        tokio::select! {
            () = tokio::time::sleep(ENDED) => {}
            _ = phase.wait_for(|phase| *phase == Phase::Closing) => return,
        }
    }
}

/// Removes files of links that have ended.
pub(crate) async fn ended(app: &App) -> Result<(), Refusal> {
    loop {
        let some = app.records(|records| records.expired(100)).await?;
        if some.is_empty() {
            return Ok(());
        }
        for (image, keys) in some {
            app.files.remove(&keys).await?;
            app.records(move |records| records.set_cleared(image))
                .await?;
        }
    }
}

/// Removes files that no record knows: of a server that was killed between the two, and of images
/// that were deleted while they were worked on.
async fn orphans(app: &App) -> Result<(), Refusal> {
    let now = jiff::Timestamp::now().as_second();
    let mut files = app.files.all();
    while let Some(file) = files.next().await {
        let (key, time) = file?;
        // What is not one of our keys is somebody else's file.
        if now - time < YOUNG || !is_file_key(&key) {
            continue;
        }
        let asked = key.clone();
        if !app
            .records(move |records| records.knows_file(&asked))
            .await?
        {
            app.files.remove(&[key]).await?;
        }
    }
    Ok(())
}
