use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A job's number within one run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(as = "f64"))]
pub struct JobId(pub u64);

/// The images that came together: one drop, one command. Unique over all runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "ts", ts(as = "String"))]
pub struct BatchId(pub String);

/// Where an image came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Origin {
    /// Dropped, picked or pasted.
    File,
    /// Appeared in a watched folder.
    Watch,
    /// Fetched from an address.
    Url,
    /// Named on the command line.
    Cli,
    /// Sent to the HTTP API.
    Api,
    /// Was sent to the account from elsewhere, and is known from its list.
    Account,
}

impl Origin {
    /// The name, as in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::File => "file",
            Origin::Watch => "watch",
            Origin::Url => "url",
            Origin::Cli => "cli",
            Origin::Api => "api",
            Origin::Account => "account",
        }
    }
}

/// Where an image is worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Via {
    /// On this computer; nothing leaves it.
    #[default]
    Here,
    /// By the account that is connected.
    Account {
        /// Whether mode and level are the account's own settings.
        #[serde(default)]
        defaults: bool,
        /// Whether this computer steps in where the account cannot do it, or what it sends is refused.
        #[serde(default)]
        or_here: bool,
    },
}

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Output {
    /// `name.SUFFIX.ext` beside the original.
    Suffix {
        /// Without dots around it.
        suffix: String,
    },
    /// Into this folder, in the same tree as below the folder that was given.
    Folder {
        /// Made when it is missing.
        #[serde(serialize_with = "crate::path_text::one")]
        path: PathBuf,
    },
    /// The original is replaced and kept as a backup.
    InPlace,
}

impl Default for Output {
    fn default() -> Self {
        Output::Suffix {
            suffix: "min".into(),
        }
    }
}

/// What a row shows before its image was touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct JobInfo {
    /// The job's number.
    pub id: JobId,
    /// What it came with.
    pub batch: BatchId,
    /// Where it came from.
    pub origin: Origin,
    /// Whether it is worked on as the user's settings of that moment say, and not by the rules of a watched
    /// folder, a choice for this image alone, or what an earlier run was to do.
    pub by_settings: bool,
    /// The original.
    #[serde(serialize_with = "crate::path_text::one")]
    pub path: PathBuf,
    /// Its size when it was queued.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub input_bytes: u64,
}
