//! Files by the key of their link, and when they go.

use rusqlite::{Connection, OptionalExtension, params};
use whittle_core::Format;

use super::{ImageStatus, Records};
use crate::columns::{named, number};
use crate::{Result, clock};

/// What is behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// The name that the link must have.
    pub filename: String,
    /// What the content is.
    pub format: Format,
    /// Of the bytes.
    pub etag: String,
    /// How far it is; an original is completed from the start.
    pub status: ImageStatus,
    /// Whether its link has ended.
    pub expired: bool,
}

impl Records {
    /// The file of this key.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn file(&self, key: &str) -> Result<Option<FileRecord>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT filename, format, etag, 'completed' AS status, expire_at, cleared
             FROM images WHERE file_key = ?1
             UNION ALL
             SELECT filename, format, outputs.etag, outputs.status, outputs.expire_at, cleared
             FROM outputs JOIN images ON images.id = image_id WHERE outputs.file_key = ?1",
        )?;
        let now = clock::now();
        let file = statement.query_row([key], |row| {
            let expire_at: Option<i64> = row.get("expire_at")?;
            Ok(FileRecord {
                filename: row.get("filename")?,
                format: named(row, "format")?,
                etag: row.get("etag")?,
                status: named(row, "status")?,
                expired: row.get("cleared")? || expire_at.is_some_and(|end| end <= now),
            })
        });
        Ok(file.optional()?)
    }

    /// Images whose links have ended and whose files are still there, with the names of these.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn expired(&self, most: u64) -> Result<Vec<(i64, Vec<String>)>> {
        let connection = self.connection();
        let ids: Vec<i64> = connection
            .prepare_cached(
                "SELECT id FROM images WHERE cleared = 0 AND expire_at <= ?
                 ORDER BY expire_at LIMIT ?",
            )?
            .query_map(params![clock::now(), number(most)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let with_keys = ids
            .into_iter()
            .map(|id| Ok((id, keys_of(&connection, id)?)));
        with_keys.collect()
    }

    /// Notes that the files of an image are gone.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_cleared(&self, image: i64) -> Result<()> {
        self.connection()
            .execute("UPDATE images SET cleared = 1 WHERE id = ?", [image])?;
        Ok(())
    }

    /// Whether a file of this name belongs to anything.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn knows_file(&self, key: &str) -> Result<bool> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM images WHERE file_key = ?1)
                 OR EXISTS (SELECT 1 FROM outputs WHERE file_key = ?1)",
        )?;
        Ok(statement.query_row([key], |row| row.get(0))?)
    }
}

pub(super) fn keys_of(connection: &Connection, image: i64) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached(
            "SELECT file_key FROM images WHERE id = ?1
             UNION ALL SELECT file_key FROM outputs WHERE image_id = ?1",
        )?
        .query_map([image], |row| row.get(0))?
        .collect()
}
