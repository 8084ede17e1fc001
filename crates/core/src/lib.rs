//! The words that every part of Whittle shares: formats, modes, levels and scores, resize styles,
//! recipes, jobs, events and outcomes.
//!
//! This crate does no IO and knows no codec, so every other crate may depend on it.

mod account;
mod cancel;
mod csv;
mod event;
mod format;
mod history;
mod job;
mod outcome;
mod path_text;
mod preset;
mod quality;
mod recipe;
mod resize;
mod settings;
#[cfg(feature = "ts")]
pub mod typescript;
mod watch;

pub use account::{
    AccountDashboard, AccountDefaults, AccountPlan, AccountRow, AccountState, AccountStatus,
    OutboxItem, OutboxState, TokenPlace,
};
pub use cancel::{Cancel, Cancelled};
pub use csv::{dashboard_csv, history_csv};
pub use event::{Event, Events};
pub use format::Format;
pub use history::{
    BiggestWin, ColumnTotal, Consumption, ConsumptionRow, Dashboard, FolderTotal, ForeignImages,
    FormatTotal, HistoryEntry, HistoryPage, HistoryQuery, Period, Stats,
};
pub use job::{BatchId, JobId, JobInfo, Origin, Output, Via};
pub use outcome::{DerivativeReport, ErrorCode, Outcome, Report, Tried, Verdict, Way};
pub use preset::{Preset, PresetError, is_suffix};
pub use quality::{Effort, Level, Mode, OutOfRange, Score};
pub use recipe::{Limits, Metadata, Recipe};
pub use resize::{Placement, ResizeStyle, Strategy, StyleError};
pub use settings::{Column, Language, Settings, Theme};
pub use watch::{WatchActivity, WatchRules, WatchState, WatchStatus, WatchedFolder};
