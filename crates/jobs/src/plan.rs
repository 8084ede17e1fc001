use serde::{Deserialize, Serialize};
use whittle_core::{Origin, Output, Recipe, Via};

use crate::filter::Filter;

/// What is to be done with the images of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Where they came from.
    pub origin: Origin,
    /// What decides the results.
    pub recipe: Recipe,
    /// Where the images are worked on.
    #[serde(default)]
    pub via: Via,
    /// Where the results go.
    pub output: Output,
    /// How much smaller, in percent of the original, a result must be to take its place: 0 to 99.
    pub min_saving: u8,
    /// Whether results have the times of their originals.
    pub keep_times: bool,
    /// Everything but writing: no file, no line in the history.
    pub dry_run: bool,
    /// Whether the history is kept.
    pub record: bool,
    /// Whether folders within folders are searched.
    pub recursive: bool,
    /// Files of folders are taken only when one of these globs fits; empty takes all.
    pub include: Vec<String>,
    /// Files and folders within folders that fit one of these globs are left out.
    pub exclude: Vec<String>,
}

/// A pattern that is not one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidGlob(#[from] globset::Error);

impl Plan {
    /// The same plan, whatever the current folder is.
    pub(crate) fn anywhere(&self) -> Plan {
        let mut plan = self.clone();
        if let Output::Folder { path } = &mut plan.output
            && let Ok(full) = std::path::absolute(&*path)
        {
            *path = full;
        }
        plan
    }

    /// Whether this plan can be taken up again by another run: it leaves traces, and all of it can
    /// be written down as text.
    pub(crate) fn is_resumable(&self) -> bool {
        let output_is_text = match &self.output {
            Output::Folder { path } => path.to_str().is_some(),
            Output::Suffix { .. } | Output::InPlace => true,
        };
        self.record && !self.dry_run && output_is_text
    }

    /// Checks the globs, for whoever lets people type them.
    ///
    /// # Errors
    /// When one of them is not a glob.
    pub fn check(&self) -> Result<(), InvalidGlob> {
        Filter::new(self).map(drop)
    }
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            origin: Origin::File,
            recipe: Recipe::default(),
            via: Via::default(),
            output: Output::default(),
            min_saving: 0,
            keep_times: false,
            dry_run: false,
            record: true,
            recursive: true,
            include: Vec::new(),
            exclude: Vec::new(),
        }
    }
}
