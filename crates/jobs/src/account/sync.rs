//! The account's list, taken into the history.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use whittle_api::client::Meaning;
use whittle_api::{OptimizedImage, OriginalImage, Status};
use whittle_core::{AccountStatus, Cancel, Level, Outcome};
use whittle_store::ListedImage;

use super::{AccountError, Accounts};

/// Images that become lines of the history in one transaction.
const PART: usize = 500;
/// Images that one sync looks up, one by one, for the sizes of their results: the next goes on.
const LOOKS: u32 = 200;

impl Accounts {
    /// Takes what is new in the account's list into the history, and asks for plan and settings. Begun
    /// again after any interruption, it leaves no image out and takes none twice.
    ///
    /// # Errors
    /// When none is connected, or it cannot be asked.
    pub fn sync(&self, cancel: &Cancel) -> Result<AccountStatus, AccountError> {
        self.syncing.store(true, Ordering::Relaxed);
        let synced = self.synced(cancel);
        self.syncing.store(false, Ordering::Relaxed);
        synced?;
        self.refresh()
    }

    fn synced(&self, cancel: &Cancel) -> Result<(), AccountError> {
        let account = self.account()?;
        let name = account.link.name();
        let mut whole = false;
        loop {
            let (images, total) = self.noted_list(whole, cancel)?;
            if let Some(newest) = images.keys().next_back() {
                account.newest.fetch_max(*newest, Ordering::Relaxed);
            }
            let listed: Vec<ListedImage> = images.into_values().collect();
            for part in listed.chunks(PART) {
                self.store.take_listed(&name, part)?;
            }
            // What changed in the middle of the list, or was left out when a sync was interrupted, is
            // found by looking at all of it.
            if whole || self.store.listed_count(&name)? >= total {
                break;
            }
            whole = true;
        }
        if let Some(mut link) = self.store.account()? {
            link.synced_at = Some(whittle_store::now());
            self.store.save_account(Some(&link))?;
        }
        self.look_up_sizes(cancel)
    }

    /// The list tells nothing of results, so each image of others is looked up once. Nothing else waits for
    /// that: where it is refused or interrupted, the next sync goes on.
    fn look_up_sizes(&self, cancel: &Cancel) -> Result<(), AccountError> {
        let account = self.account()?;
        let name = account.link.name();
        for id in self.store.without_sizes(&name, LOOKS)? {
            match account.client.image(id, cancel) {
                Ok(image) => {
                    let told = listed(&image, &account.link.endpoint);
                    self.store.note_looked_up(&name, id, Some(&told))?;
                }
                Err(error) if matches!(error.meaning(), Meaning::Gone | Meaning::Refused) => {
                    self.store.note_looked_up(&name, id, None)?;
                }
                Err(error) => {
                    tracing::info!("sizes of the account's images: {error}");
                    break;
                }
            }
        }
        Ok(())
    }

    /// The list, by number, down to where all is known, or the whole of it; and how many there are. Pages
    /// move while they are read: what is seen twice is one image.
    fn noted_list(
        &self,
        whole: bool,
        cancel: &Cancel,
    ) -> Result<(BTreeMap<u64, ListedImage>, u64), AccountError> {
        let account = self.account()?;
        let name = account.link.name();
        let mut images = BTreeMap::new();
        let mut number = 1;
        loop {
            let page = self.noted(account.client.images(number, cancel))?;
            let mut news = false;
            for image in &page.images {
                if !self.store.is_listed(&name, image.id, &image.updated_at)? {
                    news = true;
                    images.insert(image.id, listed(image, &account.link.endpoint));
                }
            }
            let last = number >= page.pagination.total_pages || page.pagination.count == 0;
            if last || !news && !whole {
                return Ok((images, page.pagination.total_count));
            }
            number += 1;
        }
    }
}

fn listed(image: &OriginalImage, endpoint: &str) -> ListedImage {
    let host = endpoint
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    // Names from outside: without a separator that would make another path of it.
    let part = |text: &str| text.replace(['/', '\\'], "_");
    let name = match &image.filename {
        Some(name) => part(name),
        None => format!("image {}", image.id),
    };
    // A date that makes no sense must not send the image to the end of the history.
    let created = [&image.created_at, &image.updated_at]
        .into_iter()
        .find_map(|time| time.parse::<jiff::Timestamp>().ok())
        .unwrap_or_else(jiff::Timestamp::now);
    ListedImage {
        id: image.id,
        updated_at: image.updated_at.clone(),
        created_at: created.as_millisecond(),
        path: PathBuf::from(host).join(part(&image.origin)).join(name),
        format: image.file_type.map(|kind| kind.format()),
        outcome: match image.status {
            Status::Completed => Outcome::Optimized,
            Status::Error => Outcome::Failed,
            Status::Enqueued | Status::Processing => Outcome::Skipped,
        },
        mode: image.compression_type.unwrap_or_default(),
        level: image
            .compression_level
            .and_then(|level| Level::new(level).ok()),
        input_bytes: image.size.filter(|bytes| *bytes > 0),
        output_bytes: image.optimized_images.as_deref().and_then(result_bytes),
        size: image.width.zip(image.height),
    }
}

/// Of the full-size result, once there is one.
fn result_bytes(outputs: &[OptimizedImage]) -> Option<u64> {
    let result = outputs.iter().find(|output| output.style == "original")?;
    Some(result.size).filter(|bytes| *bytes > 0 && result.status == Status::Completed)
}
