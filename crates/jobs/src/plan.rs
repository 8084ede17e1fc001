use whittle_core::{Origin, Output, Recipe};

use crate::filter::Filter;

/// What is to be done with the images of a batch.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where they came from.
    pub origin: Origin,
    /// What decides the results.
    pub recipe: Recipe,
    /// Where the results go.
    pub output: Output,
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
            output: Output::default(),
            dry_run: false,
            record: true,
            recursive: true,
            include: Vec::new(),
            exclude: Vec::new(),
        }
    }
}
