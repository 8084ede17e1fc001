//! The TypeScript twins of the shared types, for the window.

use ts_rs::{Config, TS};

/// The text of `ui/src/lib/ipc/types.ts`.
pub fn declarations() -> String {
    let config = Config::default();
    let mut text = String::from(
        "// Generated from whittle-core by `cargo xtask bindings`; a test fails when it is stale.\n",
    );
    macro_rules! declare {
        ($($name:ident),* $(,)?) => {
            $(
                text.push_str("\nexport ");
                text.push_str(&crate::$name::decl(&config));
                text.push('\n');
            )*
        };
    }
    declare!(
        Format,
        Mode,
        Level,
        Score,
        Effort,
        Strategy,
        ResizeStyle,
        Placement,
        Metadata,
        Theme,
        Language,
        Column,
        Origin,
        Output,
        Via,
        Preset,
        Settings,
        Outcome,
        ErrorCode,
        Way,
        Verdict,
        Tried,
        JobId,
        BatchId,
        JobInfo,
        DerivativeReport,
        Report,
        WatchRules,
        WatchedFolder,
        WatchState,
        WatchStatus,
        Event,
        HistoryEntry,
        WatchActivity,
        HistoryQuery,
        HistoryPage,
        FormatTotal,
        FolderTotal,
        ConsumptionRow,
        Consumption,
        Stats,
        Period,
        ColumnTotal,
        BiggestWin,
        ForeignImages,
        Dashboard,
        AccountState,
        AccountPlan,
        AccountDefaults,
        TokenPlace,
        OutboxState,
        OutboxItem,
        AccountStatus,
        AccountDashboard,
        AccountRow,
    );
    text
}
