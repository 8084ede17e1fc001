//! SQLite history, totals and settings, and the backups beside it
