use serde::{Deserialize, Serialize};

use crate::Mode;

/// How the connection to an account is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum AccountState {
    /// There is none, and nothing leaves the computer.
    NotConnected,
    /// Its server does not accept the token.
    BadToken,
    /// The token cannot be read: the keychain is locked, or the token is gone.
    NoToken,
    /// Its owner or its operator closed it.
    Suspended,
    /// Its plan's bytes are used up.
    QuotaUsedUp,
    /// Its server cannot be reached.
    Offline,
    /// Images are on their way, or the list is being read.
    Syncing,
    /// Both sides know the same.
    UpToDate,
}

/// Where the token is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum TokenPlace {
    /// In the system's keychain.
    Keychain,
    /// In a file that its owner alone can read, after an explicit yes.
    File,
    /// In the variable `WHITTLE_ACCOUNT_TOKEN`, nowhere else.
    Environment,
}

/// What an account may use, and has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountPlan {
    /// For people.
    pub name: String,
    /// Bytes of originals in a billing period; `None` when there is no limit.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub bytes: Option<u64>,
    /// Bytes used in this period.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub used: u64,
    /// When the next period begins: UTC, RFC 3339.
    pub renews_at: Option<String>,
}

impl AccountPlan {
    /// Bytes that are left; `None` when there is no limit.
    pub fn left(&self) -> Option<u64> {
        self.bytes.map(|bytes| bytes.saturating_sub(self.used))
    }
}

/// What a job falls back to that names no quality of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountDefaults {
    /// What may differ.
    pub mode: Mode,
    /// The level of JPEGs.
    pub level_jpg: u8,
    /// The level of PNGs.
    pub level_png: u8,
    /// The level of GIFs.
    pub level_gif: u8,
}

/// How far an image is on its way to the account and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum OutboxState {
    /// Not sent yet.
    Waiting,
    /// Being sent; whether it arrived is not known.
    Sending,
    /// The account has it, and works on it.
    Sent,
    /// Its results came back.
    Done,
    /// The account could not do it, or what it made was refused.
    Failed,
    /// Somebody does not want it any more.
    Cancelled,
}

impl OutboxState {
    /// The name, as in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            OutboxState::Waiting => "waiting",
            OutboxState::Sending => "sending",
            OutboxState::Sent => "sent",
            OutboxState::Done => "done",
            OutboxState::Failed => "failed",
            OutboxState::Cancelled => "cancelled",
        }
    }
}

/// One image on its way to the account and back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OutboxItem {
    /// Its number here.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub id: i64,
    /// Its number there, once it is known.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub image: Option<u64>,
    /// Without folders.
    pub name: String,
    /// Bytes of the original.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub bytes: u64,
    /// How far it is.
    pub state: OutboxState,
    /// What keeps it, in one plain sentence.
    pub message: Option<String>,
    /// When it was put there: UTC, RFC 3339.
    pub created_at: String,
}

/// All that is known of the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountStatus {
    /// In one word.
    pub state: AccountState,
    /// What is wrong, in one plain sentence with what can be done about it.
    pub message: Option<String>,
    /// Its server's address.
    pub endpoint: Option<String>,
    /// Its name.
    pub login: Option<String>,
    /// Where the token is kept.
    pub token: Option<TokenPlace>,
    /// As it was when the server was last asked.
    pub plan: Option<AccountPlan>,
    /// As they were when the server was last asked.
    pub defaults: Option<AccountDefaults>,
    /// When both sides last knew the same: UTC, RFC 3339.
    pub synced_at: Option<String>,
    /// Nothing is sent for now.
    pub paused: bool,
    /// Images that are on their way.
    pub waiting: u32,
    /// Their bytes.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub waiting_bytes: u64,
    /// The last few, newest first.
    pub outbox: Vec<OutboxItem>,
}

/// What the account counts, in the last six months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountDashboard {
    /// Images ever accepted.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub original_images_count: u64,
    /// Outputs ever completed.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub optimized_images_count: u64,
    /// Oldest first; months without images have none.
    pub rows: Vec<AccountRow>,
}

/// One origin in one month (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AccountRow {
    /// The label of the integration that the images came through.
    pub origin: String,
    /// Bytes that counted against the quota; `None` when images were accepted but none counted.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub size: Option<u64>,
    /// The month, 1 to 12: this one and the five before.
    pub period: u8,
}
