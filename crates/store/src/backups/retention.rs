//! How long replaced originals are kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::{Backups, INCOMING};
use crate::{Error, Hash, Result, Store, clock, columns, journal};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Files that were being written when their process ended; none takes this long.
const INCOMING_FOR: Duration = Duration::from_secs(60 * 60);

/// What the user wants to be kept. Without limits everything is, for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// What a commit relied on within this many days is never removed. Without it nothing is.
    pub days: Option<u32>,
    /// Older ones are removed, oldest first, only while all together are larger than this; without
    /// it they are removed whatever their size.
    pub max_bytes: Option<u64>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Originals.
    pub count: u32,
    /// Their bytes.
    pub bytes: u64,
}

/// One backup that may be old enough.
struct Candidate {
    hash: Hash,
    path: PathBuf,
    bytes: u64,
    used_at: i64,
}

impl Store {
    /// Removes the backups that the user's limits no longer keep. Their lines stay in the history,
    /// but can no longer be put back.
    ///
    /// # Errors
    /// When the database or the folder refuses; what was removed until then is noted.
    pub fn prune_backups(&self, retention: Retention) -> Result<Pruned> {
        self.prune_backups_at(retention, clock::now())
    }

    pub(crate) fn prune_backups_at(&self, retention: Retention, now: i64) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        // While it is held no commit begins to rely on a backup; those that do already have made
        // its file young.
        let Some(_alone) = self.backups.lock_alone() else {
            return Ok(pruned);
        };
        self.backups.sweep_incoming();
        let Some(days) = retention.days else {
            return Ok(pruned);
        };
        let limit = now.saturating_sub(i64::from(days).saturating_mul(DAY_MS));
        let mut all = self.backup_files()?;
        all.sort_by_key(|candidate| candidate.used_at);
        let mut total: u64 = all.iter().map(|candidate| candidate.bytes).sum();
        for candidate in all.iter().take_while(|candidate| candidate.used_at < limit) {
            if retention.max_bytes.is_some_and(|max| total <= max) {
                break;
            }
            if self.remove_backup(candidate)? {
                total = total.saturating_sub(candidate.bytes);
                pruned.count += 1;
                pruned.bytes += candidate.bytes;
            }
        }
        Ok(pruned)
    }

    /// Everything in the folder, whether the history knows it or not, with the last time at which
    /// either says it was used.
    fn backup_files(&self) -> Result<Vec<Candidate>> {
        let connection = self.connection();
        let mut used = connection.prepare_cached("SELECT used_at FROM backups WHERE hash = ?")?;
        let mut found = Vec::new();
        for (hash, path) in self.backups.files() {
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            let noted: Option<i64> = used
                .query_row([hash.as_bytes().as_slice()], |row| row.get(0))
                .optional()?;
            found.push(Candidate {
                used_at: noted.unwrap_or(i64::MIN).max(changed_at(&metadata)),
                bytes: metadata.len(),
                hash,
                path,
            });
        }
        Ok(found)
    }

    fn remove_backup(&self, candidate: &Candidate) -> Result<bool> {
        let hash = candidate.hash.as_bytes().as_slice();
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if journal::needs(&transaction, hash)? {
            return Ok(false);
        }
        forget(&transaction, hash)?;
        // Within the transaction: should it fail, the history still says that the backup is there.
        fs::remove_file(&candidate.path).map_err(|source| Error::Backup {
            path: candidate.path.clone(),
            source,
        })?;
        transaction.commit()?;
        Ok(true)
    }
}

fn forget(transaction: &Transaction, hash: &[u8]) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE originals SET backup_hash = NULL WHERE backup_hash = ?",
        [hash],
    )?;
    transaction.execute("DELETE FROM backups WHERE hash = ?", params![hash])?;
    Ok(())
}

fn changed_at(metadata: &fs::Metadata) -> i64 {
    let since = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or(i64::MAX, |since| columns::number(since.as_millis() as u64))
}

impl Backups {
    /// The lock that a commit shares while it keeps an original.
    pub(super) fn lock_shared(&self) -> Option<File> {
        let file = self.lock_file()?;
        // A file system without locks has no second process either, as a rule.
        let _ = file.lock_shared();
        Some(file)
    }

    fn lock_alone(&self) -> Option<File> {
        let file = self.lock_file()?;
        file.lock().ok().map(|()| file)
    }

    fn lock_file(&self) -> Option<File> {
        File::create(self.dir.join("lock")).ok()
    }

    /// Every complete backup.
    fn files(&self) -> impl Iterator<Item = (Hash, PathBuf)> {
        self.folders()
            .flat_map(|folder| entries(&folder))
            .filter_map(|path| {
                let hash = Hash::from_hex(path.file_name()?.to_str()?).ok()?;
                Some((hash, path))
            })
    }

    fn sweep_incoming(&self) {
        for path in self.folders().flat_map(|folder| entries(&folder)) {
            let incoming = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(INCOMING.as_bytes()));
            let old = fs::metadata(&path)
                .and_then(|metadata| metadata.modified())
                .ok()
                .and_then(|time| time.elapsed().ok())
                .is_some_and(|age| age > INCOMING_FOR);
            if incoming && old {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn folders(&self) -> impl Iterator<Item = PathBuf> {
        entries(&self.dir).into_iter().filter(|path| path.is_dir())
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
