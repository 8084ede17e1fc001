//! Which account is connected. The token is no part of it: it is in the system's keychain or, where
//! there is none and somebody said yes to it, in a file of its own that its owner alone can read.

use std::io::{self, Write};
use std::path::Path;

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use whittle_core::{AccountDefaults, AccountPlan, TokenPlace};

use crate::{Error, Result, Store, clock, data_dir};

const KEY: &str = "account";
const TOKEN: &str = "account-token";

/// The account that is connected, and what was last known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountLink {
    /// Its server's address.
    pub endpoint: String,
    /// Whether plain HTTP on this computer was asked for.
    #[serde(default)]
    pub allow_http: bool,
    /// Its name.
    pub login: String,
    /// Where the token is kept.
    pub token: TokenPlace,
    /// Nothing is sent for now.
    #[serde(default)]
    pub paused: bool,
    /// When both sides last knew the same: UTC, RFC 3339.
    #[serde(default)]
    pub synced_at: Option<String>,
    /// As last told.
    #[serde(default)]
    pub plan: Option<AccountPlan>,
    /// As last told.
    #[serde(default)]
    pub defaults: Option<AccountDefaults>,
}

impl AccountLink {
    /// What the account is called in the outbox: the same name on another server is another account.
    pub fn name(&self) -> String {
        format!("{} {}", self.endpoint, self.login)
    }
}

impl Store {
    /// The account that is connected.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn account(&self) -> Result<Option<AccountLink>> {
        let json: Option<String> = self
            .connection()
            .prepare_cached("SELECT value FROM settings WHERE key = ?")?
            .query_row([KEY], |row| row.get(0))
            .optional()?;
        Ok(json.and_then(|json| {
            serde_json::from_str(&json)
                .inspect_err(|error| tracing::warn!("an unreadable account: {error}"))
                .ok()
        }))
    }

    /// Connects an account, or changes what is known of it; `None` disconnects.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn save_account(&self, account: Option<&AccountLink>) -> Result<()> {
        let connection = self.connection();
        let Some(account) = account else {
            connection.execute("DELETE FROM settings WHERE key = ?", [KEY])?;
            return Ok(());
        };
        let json = serde_json::to_string(account)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        connection.execute(
            "INSERT INTO settings (key, value, changed_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = ?2, changed_at = ?3",
            params![KEY, json, clock::now()],
        )?;
        Ok(())
    }
}

/// The token in the file, if there is one.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn token_from_file(dir: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(dir.join(TOKEN)) {
        Ok(token) => Ok(Some(token)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(folder(dir, source)),
    }
}

/// Writes the token into a file that its owner alone can read.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_token_file(dir: &Path, token: &str) -> Result<()> {
    let written = || -> io::Result<()> {
        data_dir::create_private(dir)?;
        let temporary = dir.join(format!("{TOKEN}.new"));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // From its first moment on, not after it was written.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(token.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, dir.join(TOKEN))?;
        data_dir::sync_dir(dir)
    };
    written().map_err(|source| folder(dir, source))
}

/// Removes the file, if there is one.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_token_file(dir: &Path) -> Result<()> {
    match std::fs::remove_file(dir.join(TOKEN)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(folder(dir, error)),
        _ => Ok(()),
    }
}

fn folder(dir: &Path, source: io::Error) -> Error {
    Error::Folder {
        path: dir.to_path_buf(),
        source,
    }
}
