use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    Effort, HistoryEntry, Level, Metadata, Mode, Output, Preset, PresetError, Recipe, ResizeStyle,
    Via,
};

/// A folder whose images are worked on as they appear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WatchedFolder {
    /// Its number in the database.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub id: i64,
    /// Absolute. It need not exist just now.
    #[serde(serialize_with = "crate::path_text::one")]
    pub path: PathBuf,
    /// What is done with what appears there.
    pub rules: WatchRules,
}

/// What is done with the images of a watched folder. Fields that an older version did not know take
/// their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WatchRules {
    /// What may differ.
    pub mode: Mode,
    /// How it should look, with `lossy`.
    pub level: Level,
    /// Derivatives to make of every image.
    pub styles: Vec<ResizeStyle>,
    /// Where results go.
    pub output: Output,
    /// What stays of the metadata.
    pub metadata: Metadata,
    /// How much CPU a smaller file may cost.
    pub effort: Effort,
    /// Where images are worked on.
    pub via: Via,
    /// Whether folders within the folder are watched, too.
    pub recursive: bool,
    /// Only files that fit one of these globs are taken; empty takes all.
    pub include: Vec<String>,
    /// Files and folders that fit one of these globs are left out.
    pub exclude: Vec<String>,
    /// Smaller files are left alone.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub min_bytes: u64,
    /// How much smaller, in percent of the original, a result must be: 0 to 99.
    pub min_saving: u8,
    /// Whether results have the times of their originals.
    pub keep_times: bool,
    /// Nothing is taken for now.
    pub paused: bool,
}

impl Default for WatchRules {
    fn default() -> Self {
        WatchRules {
            mode: Mode::default(),
            level: Level::default(),
            styles: Vec::new(),
            output: Output::default(),
            metadata: Metadata::default(),
            effort: Effort::default(),
            via: Via::default(),
            recursive: true,
            include: Vec::new(),
            exclude: Vec::new(),
            min_bytes: 0,
            min_saving: 0,
            keep_times: false,
            paused: false,
        }
    }
}

impl WatchRules {
    /// Checks what whoever filled in a form says, as it is with settings and presets.
    ///
    /// # Errors
    /// What is wrong with them, first things first.
    pub fn validated(mut self) -> Result<WatchRules, PresetError> {
        let preset = Preset {
            name: "of a folder".into(),
            mode: self.mode,
            level: self.level,
            styles: self.styles,
            output: self.output,
            metadata: self.metadata,
            via: self.via,
        };
        let preset = preset.validated()?;
        (self.styles, self.output) = (preset.styles, preset.output);
        self.min_saving = self.min_saving.min(99);
        Ok(self)
    }

    /// What these rules mean for the next images.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            mode: self.mode,
            level: self.level,
            styles: self.styles.clone(),
            metadata: self.metadata,
            effort: self.effort,
            ..Recipe::default()
        }
    }
}

/// How a watched folder is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WatchStatus {
    /// The folder's number.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub id: i64,
    /// The folder.
    #[serde(serialize_with = "crate::path_text::one")]
    pub path: PathBuf,
    /// In one word.
    pub state: WatchState,
    /// Why, in one plain sentence, with what can be done about it.
    pub message: Option<String>,
}

/// What became of a watched folder's images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WatchActivity {
    /// The folder's number.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub id: i64,
    /// Images that came lately.
    pub images: u32,
    /// Of these, those that failed.
    pub failed: u32,
    /// Bytes saved by the images that came lately.
    #[cfg_attr(feature = "ts", ts(as = "f64"))]
    pub saved_bytes: u64,
    /// The last few, however long ago, newest first.
    pub last: Vec<HistoryEntry>,
}

/// How a watched folder is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum WatchState {
    /// The system tells of every change.
    Watching,
    /// The folder is looked through every few seconds, because the system tells of no changes.
    Polling,
    /// It is not there, and is taken up again when it comes back.
    Missing,
    /// By the user's wish.
    Paused,
}
