use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Effort, Level, Limits, Metadata, Mode, Output, Preset, Recipe, ResizeStyle, Via};

/// Light, dark, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The language of the window; the command line is in English.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Language {
    /// What the system says, or English where it says one that there are no words in.
    #[default]
    #[serde(rename = "system")]
    System,
    /// English.
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

/// A column of the window's list of images that can be hidden; the names always stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Column {
    /// The size of the original.
    Original,
    /// The size of the result.
    Optimized,
    /// What was saved, and how far the work is.
    Saved,
    /// The score.
    Quality,
}

/// What the window remembers. Fields that an older version did not know take their defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Settings {
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
    /// Images at once; `None` means one for each core.
    pub threads: Option<u32>,
    /// The window's colours.
    pub theme: Theme,
    /// The window's words.
    pub language: Language,
    /// Columns of the list of images that are hidden.
    pub hidden_columns: Vec<Column>,
    /// How much smaller, in percent of the original, a result must be: 0 to 99.
    pub min_saving: u8,
    /// Whether results have the times of their originals.
    pub keep_times: bool,
    /// Backups that were needed within this many days are never removed; `None` removes none.
    pub keep_backups_days: Option<u32>,
    /// Older backups are removed only while all together are larger than this; `None` removes
    /// them whatever their size.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub max_backup_bytes: Option<u64>,
    /// Pixels that an image may have; `None` means the usual limit.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub max_pixels: Option<u64>,
    /// Seconds that an image may take; `None` means the usual limit.
    pub max_seconds: Option<u32>,
    /// Of dropped folders, only files that fit one of these globs are taken; empty takes all.
    pub include: Vec<String>,
    /// Of dropped folders, files and folders that fit one of these globs are left out.
    pub exclude: Vec<String>,
    /// Of dropped folders, only what lies in them directly is taken.
    pub flat: bool,
    /// Whether the end of a batch is told by no notification of the system.
    pub quiet: bool,
    /// Whether the program goes on in the tray when its window is closed.
    pub keep_in_tray: bool,
    /// Sets of settings with names.
    pub presets: Vec<Preset>,
}

impl Settings {
    /// What these settings mean for the next images.
    pub fn recipe(&self) -> Recipe {
        let usual = Limits::default();
        Recipe {
            mode: self.mode,
            level: self.level,
            styles: self.styles.clone(),
            metadata: self.metadata,
            effort: self.effort,
            limits: Limits {
                pixels: self.max_pixels.unwrap_or(usual.pixels),
                time: self.max_seconds.map_or(usual.time, |seconds| {
                    Duration::from_secs(u64::from(seconds))
                }),
                ..usual
            },
        }
    }
}
