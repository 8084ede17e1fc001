//! How values look in the database's columns.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use rusqlite::Row;
use rusqlite::types::Type;
use serde::de::DeserializeOwned;

/// A path's bytes, so that names that are not UTF-8 survive.
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec();
    #[cfg(not(unix))]
    path.to_string_lossy().into_owned().into_bytes()
}

/// The path of these bytes.
pub(crate) fn path(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes));
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first path that lies below a folder, and the first after all of these, as the database sorts
/// them: byte by byte.
pub(crate) fn below(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let separator = MAIN_SEPARATOR as u8;
    let mut from = path_bytes(folder);
    if from.last() != Some(&separator) {
        from.push(separator);
    }
    let mut to = from.clone();
    to.pop();
    to.push(separator + 1);
    (from, to)
}

/// What a search looks through: the path in small letters.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// An enum by its name in JSON.
pub(crate) fn named<T: DeserializeOwned>(row: &Row, column: &str) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    parse(&name)
}

/// As [`named`], where the column may be empty.
pub(crate) fn maybe_named<T: DeserializeOwned>(
    row: &Row,
    column: &str,
) -> rusqlite::Result<Option<T>> {
    let name: Option<String> = row.get(column)?;
    name.map(|name| parse(&name)).transpose()
}

pub(crate) fn parse<T: DeserializeOwned>(name: &str) -> rusqlite::Result<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// Counts and sizes: SQLite's integers are signed, ours never negative.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The other way round.
pub(crate) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// The other way round, for counts.
pub(crate) fn count(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}
