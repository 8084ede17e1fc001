//! What the window remembers.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use whittle_core::Settings;

use crate::{Result, Store, clock};

const WINDOW: &str = "window";

impl Store {
    /// The settings; the defaults when none were saved, or when they cannot be read.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn settings(&self) -> Result<Settings> {
        Ok(read(&self.connection())?)
    }

    /// Changes settings, as they are now, whoever changed them last: the window and the command line may
    /// both have the database open. What `change` refuses is not kept.
    ///
    /// # Errors
    /// When the database refuses; inside, what `change` answers.
    pub fn change_settings<E>(
        &self,
        change: impl FnOnce(Settings) -> std::result::Result<Settings, E>,
    ) -> Result<std::result::Result<Settings, E>> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = change(read(&transaction)?);
        if let Ok(settings) = &changed {
            write(&transaction, settings)?;
            transaction.commit()?;
        }
        Ok(changed)
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn save_settings(&self, settings: &Settings) -> Result<()> {
        Ok(write(&self.connection(), settings)?)
    }
}

fn read(connection: &Connection) -> rusqlite::Result<Settings> {
    let json: Option<String> = connection
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

fn write(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    let json = serde_json::to_string(settings)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection.execute(
        "INSERT INTO settings (key, value, changed_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = ?2, changed_at = ?3",
        params![WINDOW, json, clock::now()],
    )?;
    Ok(())
}
