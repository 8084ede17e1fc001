//! What the window remembers.

use rusqlite::{OptionalExtension, params};
use whittle_core::Settings;

use crate::{Result, Store, clock};

const WINDOW: &str = "window";

impl Store {
    /// The settings; the defaults when none were saved, or when they cannot be read.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn settings(&self) -> Result<Settings> {
        let json: Option<String> = self
            .connection()
            .prepare_cached("SELECT value FROM settings WHERE key = ?")?
            .query_row([WINDOW], |row| row.get(0))
            .optional()?;
        Ok(json
            .and_then(|json| {
                serde_json::from_str(&json)
                    .inspect_err(|error| tracing::warn!("unreadable settings: {error}"))
                    .ok()
            })
            .unwrap_or_default())
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn save_settings(&self, settings: &Settings) -> Result<()> {
        let json = serde_json::to_string(settings)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        self.connection().execute(
            "INSERT INTO settings (key, value, changed_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET value = ?2, changed_at = ?3",
            params![WINDOW, json, clock::now()],
        )?;
        Ok(())
    }
}
