use rusqlite::params;
use whittle_core::{WatchActivity, WatchedFolder};

use crate::columns::{below, count, size};
use crate::history::{ORIGINALS, entry};
use crate::{Result, Store};

/// The last images of a folder that are named.
const LAST: u32 = 5;

impl Store {
    /// What became of a watched folder's images since this moment, in ms since 1970.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn watch_activity(&self, folder: &WatchedFolder, since: i64) -> Result<WatchActivity> {
        let connection = self.connection();
        let transaction = connection.unchecked_transaction()?;
        let (from, to) = below(&folder.path);
        let (images, failed, saved) = transaction
            .prepare_cached(
                "SELECT count(*), count(*) FILTER (WHERE outcome = 'failed'),
                        coalesce(sum(input_bytes - output_bytes)
                            FILTER (WHERE outcome = 'optimized' AND reverted_at IS NULL), 0)
                 FROM originals
                 WHERE path >= ?1 AND path < ?2 AND origin = 'watch' AND created_at >= ?3",
            )?
            .query_row(params![from, to, since], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let last = transaction
            .prepare_cached(&format!(
                "{ORIGINALS} WHERE o.path >= ?1 AND o.path < ?2 AND o.origin = 'watch'
                 ORDER BY o.id DESC LIMIT {LAST}"
            ))?
            .query_map(params![from, to], entry)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(WatchActivity {
            id: folder.id,
            images: count(images),
            failed: count(failed),
            saved_bytes: size(saved),
            last,
        })
    }
}
