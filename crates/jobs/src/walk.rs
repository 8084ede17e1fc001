//! The way through the folders that somebody gave, for whoever takes the files and whoever only counts them.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use whittle_core::Output;

use crate::Plan;
use crate::filter::{Filter, PassedOver};

/// A file to be worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub path: PathBuf,
    /// The same from the folder that was given; the name alone of a file that was given.
    pub below: PathBuf,
    pub bytes: u64,
}

/// What is met on the way.
pub(crate) enum Met<'a> {
    /// A folder that is looked into.
    Folder,
    /// A file that the plan takes.
    File(Found),
    /// A file that it does not take.
    Passed(PassedOver, &'a Path),
    /// A folder that is left out with all it holds.
    PassedFolder(PassedOver, &'a Path),
}

/// Goes through `paths`, and folder by folder in the order of names where that is wanted, until `meet` breaks
/// it off.
pub(crate) fn walk(
    paths: &[PathBuf],
    plan: &Plan,
    filter: &Filter,
    in_order: bool,
    meet: &mut dyn FnMut(Met) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut walk = Walk {
        filter,
        results: match &plan.output {
            Output::Folder { path } => fs::canonicalize(path).ok(),
            Output::Suffix { .. } | Output::InPlace => None,
        },
        deepest: if plan.recursive { usize::MAX } else { 1 },
        in_order,
        meet,
    };
    for path in paths {
        if path.is_dir() {
            walk.folder(path)?;
        } else {
            // Whatever it is: reading it will say what is wrong.
            let below = path.file_name().map(PathBuf::from).unwrap_or_default();
            walk.found(path, &below, fs::metadata(path).ok())?;
        }
    }
    ControlFlow::Continue(())
}

struct Walk<'a> {
    filter: &'a Filter,
    /// The folder that results go into: not searched, even if it lies within a given one.
    results: Option<PathBuf>,
    deepest: usize,
    in_order: bool,
    meet: &'a mut dyn FnMut(Met) -> ControlFlow<()>,
}

impl Walk<'_> {
    fn folder(&mut self, root: &Path) -> ControlFlow<()> {
        let mut entries = WalkDir::new(root).max_depth(self.deepest);
        if self.in_order {
            entries = entries.sort_by_file_name();
        }
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.depth() == 0 => (self.meet)(Met::Folder)?,
                Ok(entry) if entry.file_type().is_dir() => {
                    if !self.enters(&entry, root)? {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) => self.entry(&entry, root)?,
                // Taken as if it were a file: reading it will say what is wrong.
                Err(error) => {
                    let path = error.path().unwrap_or(root);
                    self.found(path, below(path, root), None)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn enters(&mut self, entry: &DirEntry, root: &Path) -> ControlFlow<(), bool> {
        let path = entry.path();
        if let Some(reason) = self.filter.passes_folder(below(path, root)) {
            (self.meet)(Met::PassedFolder(reason, path))?;
            return ControlFlow::Continue(false);
        }
        if self.results.is_some() && fs::canonicalize(path).ok() == self.results {
            return ControlFlow::Continue(false);
        }
        (self.meet)(Met::Folder)?;
        ControlFlow::Continue(true)
    }

    fn entry(&mut self, entry: &DirEntry, root: &Path) -> ControlFlow<()> {
        let path = entry.path();
        let below = below(path, root);
        if let Some(reason) = self.filter.passes_file(path, below) {
            return (self.meet)(Met::Passed(reason, path));
        }
        // Of a symbolic link this tells about its target. Links to folders are not entered, so
        // there are no loops.
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                (self.meet)(Met::Passed(PassedOver::NotAFile, path))
            }
            metadata => self.found(path, below, metadata.ok()),
        }
    }

    fn found(
        &mut self,
        path: &Path,
        below: &Path,
        metadata: Option<fs::Metadata>,
    ) -> ControlFlow<()> {
        (self.meet)(Met::File(Found {
            path: path.to_path_buf(),
            below: below.to_path_buf(),
            bytes: metadata.map_or(0, |metadata| metadata.len()),
        }))
    }
}

fn below<'a>(path: &'a Path, root: &Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}
