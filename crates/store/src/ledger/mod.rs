//! The ledger of own outputs: by it Whittle never works twice on what it made itself.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use crate::columns::path_bytes;
use crate::{Hash, Result, Store, clock};

/// How a file came to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    /// A result with identical pixels.
    Lossless,
    /// A result that differs from its original.
    Lossy,
    /// A copy of an original that could not be made smaller.
    Copy,
}

impl WrittenAs {
    const fn name(self) -> &'static str {
        match self {
            WrittenAs::Lossless => "lossless",
            WrittenAs::Lossy => "lossy",
            WrittenAs::Copy => "copy",
        }
    }
}

impl Store {
    /// Notes the content of a file that is about to be written. Called before the file appears, so
    /// that no one can meet it unknown; a note of a file that was not written after all does no harm.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn note_output(&self, hash: &Hash, written_as: WrittenAs) -> Result<()> {
        note(&self.connection(), hash, written_as)?;
        Ok(())
    }

    /// How Whittle wrote a file of this content; `None` when it did not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn own_output(&self, hash: &Hash) -> Result<Option<WrittenAs>> {
        let name: Option<String> = self
            .connection()
            .prepare_cached("SELECT written_as FROM outputs WHERE hash = ?")?
            .query_row([hash.as_bytes().as_slice()], |row| row.get(0))
            .optional()?;
        Ok(name.and_then(|name| {
            [WrittenAs::Lossless, WrittenAs::Lossy, WrittenAs::Copy]
                .into_iter()
                .find(|written_as| written_as.name() == name)
        }))
    }

    /// Whether Whittle wrote a file of this content at this very (absolute) path. Of a copy of an
    /// original the content alone says nothing: the same bytes may be somebody's original.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn wrote(&self, path: &Path, hash: &Hash) -> Result<bool> {
        Ok(self
            .connection()
            .prepare_cached("SELECT 1 FROM originals WHERE output_path = ? AND output_hash = ?")?
            .exists(params![path_bytes(path), hash.as_bytes().as_slice()])?)
    }

    /// Whether Whittle wrote a file of this content.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn is_own_output(&self, hash: &Hash) -> Result<bool> {
        Ok(self.own_output(hash)?.is_some())
    }
}

/// As [`Store::note_output`], within a transaction.
pub(crate) fn note(
    connection: &Connection,
    hash: &Hash,
    written_as: WrittenAs,
) -> rusqlite::Result<()> {
    // What was once lossy stays so: the strongest statement about these bytes wins.
    connection
        .prepare_cached(
            "INSERT INTO outputs (hash, written_as, created_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (hash) DO UPDATE SET written_as = CASE
                 WHEN written_as = 'lossy' OR excluded.written_as = 'copy' THEN written_as
                 ELSE excluded.written_as END",
        )?
        .execute(params![
            hash.as_bytes().as_slice(),
            written_as.name(),
            clock::now()
        ])?;
    Ok(())
}

/// Reads a hash column. A hash of the wrong length counts as none: nothing is put back by it.
pub(crate) fn hash_column(bytes: Option<Vec<u8>>) -> Option<Hash> {
    bytes.and_then(|bytes| Hash::from_slice(&bytes).ok())
}
