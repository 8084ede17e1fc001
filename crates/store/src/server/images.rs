//! Images that were sent, and their outputs.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use whittle_core::{Format, Mode, ResizeStyle};

use super::Records;
use crate::columns::{count, named, number, size};
use crate::{Result, clock};

/// How far an image or an output is. Moves only downwards in this list; the last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageStatus {
    /// Waits for a worker.
    Enqueued,
    /// A worker has begun.
    Processing,
    /// The result is there.
    Completed,
    /// There is no result.
    Error,
}

/// An image to be accepted. Its bytes are stored under `file_key` already.
#[derive(Clone, Debug)]
pub struct NewImage {
    /// Whose it is.
    pub account: i64,
    /// What it is worked on by.
    pub mode: Mode,
    /// The level; 0 for lossless.
    pub level: u8,
    /// Label of the integration.
    pub origin: String,
    /// Whether metadata stays.
    pub keep_tags: bool,
    /// Whether somebody waits for it.
    pub waited_for: bool,
    /// Its size.
    pub bytes: u64,
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// What its content is.
    pub format: Format,
    /// What working on it may take.
    pub peak_memory: u64,
    /// Without folders.
    pub filename: String,
    /// Names its bytes.
    pub file_key: String,
    /// Of its bytes.
    pub etag: String,
    /// The full-size output first.
    pub outputs: Vec<NewOutput>,
}

/// An output to be made.
#[derive(Clone, Debug)]
pub struct NewOutput {
    /// `None` for the full-size output.
    pub resize: Option<ResizeStyle>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Will name its bytes.
    pub file_key: String,
}

/// An image that was accepted.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub account: i64,
    /// What it is worked on by.
    pub mode: Mode,
    /// The level; 0 for lossless.
    pub level: u8,
    /// Label of the integration.
    pub origin: String,
    /// Whether metadata stays.
    pub keep_tags: bool,
    /// Whether somebody waits for it.
    pub waited_for: bool,
    /// Its size.
    pub bytes: u64,
    /// Pixels, as displayed.
    pub width: u32,
    /// Pixels, as displayed.
    pub height: u32,
    /// What its content is.
    pub format: Format,
    /// What working on it may take.
    pub peak_memory: u64,
    /// Without folders.
    pub filename: String,
    /// Names its bytes.
    pub file_key: String,
    /// How far it is.
    pub status: ImageStatus,
    /// How often a worker began.
    pub attempts: u32,
    /// UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// UTC, RFC 3339 with milliseconds.
    pub updated_at: String,
    /// The full-size output first; empty in lists.
    pub outputs: Vec<OutputRecord>,
}

/// An output of an image.
#[derive(Clone, Debug)]
pub struct OutputRecord {
    /// Its number.
    pub id: i64,
    /// `None` for the full-size output.
    pub resize: Option<ResizeStyle>,
    /// How far it is.
    pub status: ImageStatus,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Its size; 0 until completed.
    pub bytes: u64,
    /// Why there is none.
    pub error: Option<String>,
    /// Names its bytes.
    pub file_key: String,
    /// UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// UTC, RFC 3339 with milliseconds.
    pub updated_at: String,
    /// When its link ends.
    pub expire_at: Option<String>,
}

impl Records {
    /// Accepts an image, and counts it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn add_image(&self, new: &NewImage) -> Result<Image> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = clock::now();
        let day = clock::day(now);
        transaction
            .prepare_cached(
                "INSERT INTO images (account_id, mode, level, origin, keep_tags, waited_for, bytes,
                     width, height, format, peak_memory, filename, file_key, etag, status, day,
                     created_at, updated_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'enqueued', ?, ?, ?)",
            )?
            .execute(params![
                new.account,
                new.mode.name(),
                new.level,
                new.origin,
                new.keep_tags,
                new.waited_for,
                number(new.bytes),
                new.width,
                new.height,
                new.format.name(),
                number(new.peak_memory),
                new.filename,
                new.file_key,
                new.etag,
                day,
                now,
                now
            ])?;
        let id = transaction.last_insert_rowid();
        for output in &new.outputs {
            add_output(&transaction, id, output, now)?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO usage (account_id, day, origin, images, bytes) VALUES (?, ?, ?, 1, 0)
                 ON CONFLICT DO UPDATE SET images = images + 1",
            )?
            .execute(params![new.account, day, new.origin])?;
        transaction
            .prepare_cached("UPDATE accounts SET originals = originals + 1 WHERE id = ?")?
            .execute([new.account])?;
        let image = image_by_id(&transaction, id)?;
        transaction.commit()?;
        Ok(image.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// An image of this account.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn image(&self, account: i64, id: i64) -> Result<Option<Image>> {
        let connection = self.connection();
        let image = image_by_id(&connection, id)?;
        Ok(image.filter(|image| image.account == account))
    }

    /// A part of an account's images, newest first and without their outputs, and how many it has.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn images(&self, account: i64, skip: u64, take: u64) -> Result<(Vec<Image>, u64)> {
        let mut connection = self.connection();
        // Both from one moment.
        let transaction = connection.transaction()?;
        let total = transaction
            .prepare_cached("SELECT count(*) FROM images WHERE account_id = ?")?
            .query_row([account], |row| row.get(0))?;
        let images = transaction
            .prepare_cached(
                "SELECT * FROM images WHERE account_id = ? ORDER BY id DESC LIMIT ? OFFSET ?",
            )?
            .query_map(params![account, number(take), number(skip)], image)?
            .collect::<rusqlite::Result<_>>()?;
        Ok((images, size(total)))
    }

    /// Forgets an image; gives the names of its files. Totals stay. `None` when the account has no
    /// such image.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn delete_image(&self, account: i64, id: i64) -> Result<Option<Vec<String>>> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let keys = super::files::keys_of(&transaction, id)?;
        let deleted = transaction.execute(
            "DELETE FROM images WHERE id = ? AND account_id = ?",
            params![id, account],
        )?;
        transaction.commit()?;
        Ok((deleted == 1).then_some(keys))
    }
}

fn add_output(transaction: &Transaction, image: i64, output: &NewOutput, now: i64) -> Result<()> {
    let resize = output.resize.as_ref().map(serde_json::to_string);
    let resize = resize
        .transpose()
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    transaction
        .prepare_cached(
            "INSERT INTO outputs (image_id, style, resize, status, width, height, file_key,
                 created_at, updated_at)
             VALUES (?, ?, ?, 'enqueued', ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            image,
            output.resize.as_ref().map(|style| style.name.as_str()),
            resize,
            output.width,
            output.height,
            output.file_key,
            now,
            now
        ])?;
    Ok(())
}

pub(super) fn image_by_id(connection: &Connection, id: i64) -> rusqlite::Result<Option<Image>> {
    let found = connection
        .prepare_cached("SELECT * FROM images WHERE id = ?")?
        .query_row([id], image)
        .optional()?;
    let Some(mut image) = found else {
        return Ok(None);
    };
    image.outputs = connection
        .prepare_cached("SELECT * FROM outputs WHERE image_id = ? ORDER BY id")?
        .query_map([id], output)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(image))
}

fn image(row: &Row) -> rusqlite::Result<Image> {
    Ok(Image {
        id: row.get("id")?,
        account: row.get("account_id")?,
        mode: named(row, "mode")?,
        level: row.get("level")?,
        origin: row.get("origin")?,
        keep_tags: row.get("keep_tags")?,
        waited_for: row.get("waited_for")?,
        bytes: size(row.get("bytes")?),
        width: row.get("width")?,
        height: row.get("height")?,
        format: named(row, "format")?,
        peak_memory: size(row.get("peak_memory")?),
        filename: row.get("filename")?,
        file_key: row.get("file_key")?,
        status: named(row, "status")?,
        attempts: count(row.get("attempts")?),
        created_at: clock::text(row.get("created_at")?),
        updated_at: clock::text(row.get("updated_at")?),
        outputs: Vec::new(),
    })
}

fn output(row: &Row) -> rusqlite::Result<OutputRecord> {
    let resize: Option<String> = row.get("resize")?;
    let resize = resize.map(|text| serde_json::from_str(&text)).transpose();
    Ok(OutputRecord {
        id: row.get("id")?,
        resize: resize.map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                0,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?,
        status: named(row, "status")?,
        width: row.get("width")?,
        height: row.get("height")?,
        bytes: size(row.get("bytes")?),
        error: row.get("error")?,
        file_key: row.get("file_key")?,
        created_at: clock::text(row.get("created_at")?),
        updated_at: clock::text(row.get("updated_at")?),
        expire_at: row.get::<_, Option<i64>>("expire_at")?.map(clock::text),
    })
}
