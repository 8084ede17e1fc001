//! Which files of a folder are taken.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use whittle_core::{Format, Output};

use crate::{InvalidGlob, Plan};

/// The rules of one plan. They hold for what is found in folders; a file that somebody names is
/// always taken.
pub(crate) struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    /// What stands before the extension in names of our own results.
    suffixes: Vec<String>,
}

/// Why a file of a folder is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PassedOver {
    Hidden,
    NotAnImage,
    NotAFile,
    Excluded,
    EarlierResult,
    Twice,
}

impl PassedOver {
    pub const ALL: [PassedOver; 6] = [
        PassedOver::NotAnImage,
        PassedOver::EarlierResult,
        PassedOver::Excluded,
        PassedOver::Hidden,
        PassedOver::NotAFile,
        PassedOver::Twice,
    ];

    /// In one plain sentence.
    pub const fn reason(self) -> &'static str {
        match self {
            PassedOver::Hidden => "Hidden files and folders are passed over.",
            PassedOver::NotAnImage => "Not an image that Whittle knows, by its name.",
            PassedOver::NotAFile => "Not a regular file.",
            PassedOver::Excluded => "Left out by the patterns.",
            PassedOver::EarlierResult => "The result of an earlier run stands beside its original.",
            PassedOver::Twice => "The same file was given twice.",
        }
    }
}

impl Filter {
    pub fn new(plan: &Plan) -> Result<Filter, InvalidGlob> {
        let suffix = match &plan.output {
            Output::Suffix { suffix } => suffix.clone(),
            Output::Folder { .. } | Output::InPlace => "min".to_owned(),
        };
        Ok(Filter {
            include: match plan.include.as_slice() {
                [] => None,
                globs => Some(set(globs)?),
            },
            exclude: set(&plan.exclude)?,
            suffixes: std::iter::once(suffix)
                .chain(plan.recipe.styles.iter().map(|style| style.name.clone()))
                .collect(),
        })
    }

    /// Whether a folder below the given one is left out with all it holds.
    pub fn passes_folder(&self, below: &Path) -> Option<PassedOver> {
        if is_hidden(below) {
            Some(PassedOver::Hidden)
        } else if self.excludes(below) {
            Some(PassedOver::Excluded)
        } else {
            None
        }
    }

    /// Whether a file is left out. `path` is where it is, `below` the same from the given folder.
    pub fn passes_file(&self, path: &Path, below: &Path) -> Option<PassedOver> {
        if is_hidden(below) {
            Some(PassedOver::Hidden)
        } else if !has_known_extension(path) {
            Some(PassedOver::NotAnImage)
        } else if self.excludes(below) || self.does_not_include(below) {
            Some(PassedOver::Excluded)
        } else if self.is_earlier_result(path) {
            Some(PassedOver::EarlierResult)
        } else {
            None
        }
    }

    /// A pattern may mean the name alone, or the way from the given folder.
    fn excludes(&self, below: &Path) -> bool {
        self.exclude.is_match(below)
            || below
                .file_name()
                .is_some_and(|name| self.exclude.is_match(name))
    }

    fn does_not_include(&self, below: &Path) -> bool {
        self.include.as_ref().is_some_and(|include| {
            !include.is_match(below)
                && !below.file_name().is_some_and(|name| include.is_match(name))
        })
    }

    /// Whether this is `name.min.ext` with `name.ext` beside it.
    fn is_earlier_result(&self, path: &Path) -> bool {
        let (Some(stem), Some(extension)) = (path.file_stem(), path.extension()) else {
            return false;
        };
        let stem = Path::new(stem);
        let Some(suffix) = stem.extension() else {
            return false;
        };
        self.suffixes.iter().any(|own| OsStr::new(own) == suffix) && {
            let mut original = OsString::from(stem.file_stem().unwrap_or_default());
            original.push(".");
            original.push(extension);
            path.with_file_name(original).is_file()
        }
    }
}

/// Whether a name says that this is an image.
pub(crate) fn has_known_extension(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|extension| Format::from_extension(extension).is_some())
}

pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn set(globs: &[String]) -> Result<GlobSet, InvalidGlob> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(Glob::new(glob)?);
    }
    Ok(builder.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_in_folders() {
        let plan = Plan {
            include: vec!["*.png".into(), "b/**".into()],
            exclude: vec!["node_modules".into(), "*.draft.*".into()],
            ..Plan::default()
        };
        let filter = Filter::new(&plan).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let at = |below: &str| filter.passes_file(&folder.path().join(below), Path::new(below));
        assert_eq!(at("a.png"), None);
        assert_eq!(at("deep/er/a.PNG"), Some(PassedOver::Excluded));
        assert_eq!(at("deep/er/a.png"), None);
        assert_eq!(at("b/a.JPG"), None);
        assert_eq!(at("a.jpg"), Some(PassedOver::Excluded));
        assert_eq!(at("a.draft.png"), Some(PassedOver::Excluded));
        assert_eq!(at("a.txt"), Some(PassedOver::NotAnImage));
        assert_eq!(at("png"), Some(PassedOver::NotAnImage));
        assert_eq!(at(".a.png"), Some(PassedOver::Hidden));
        let folder_of = |below: &str| filter.passes_folder(Path::new(below));
        assert_eq!(folder_of("x/node_modules"), Some(PassedOver::Excluded));
        assert_eq!(folder_of(".git"), Some(PassedOver::Hidden));
        assert_eq!(folder_of("x"), None);
    }

    #[test]
    fn earlier_results_are_known_by_their_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        let filter = Filter::new(&Plan::default()).unwrap();
        let result = folder.path().join("a.min.png");
        assert_eq!(filter.passes_file(&result, Path::new("a.min.png")), None);
        std::fs::write(folder.path().join("a.png"), b"").unwrap();
        assert_eq!(
            filter.passes_file(&result, Path::new("a.min.png")),
            Some(PassedOver::EarlierResult)
        );
    }

    #[test]
    fn a_glob_that_is_none_is_refused() {
        let plan = Plan {
            exclude: vec!["a[".into()],
            ..Plan::default()
        };
        assert!(plan.check().is_err());
        assert!(Plan::default().check().is_ok());
    }
}
