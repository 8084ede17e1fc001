//! From the paths that somebody gave to the files that are worked on.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use whittle_core::Output;

use crate::Plan;
use crate::filter::{Filter, PassedOver};

/// How many files the first and the later portions hold: rows show at once, and then in few events.
const FIRST: usize = 32;
const LATER: usize = 512;
/// Files that are named for each reason to pass them over.
const NAMED: usize = 5;

/// A file to be worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub path: PathBuf,
    /// The same from the folder that was given; the name alone of a file that was given.
    pub below: PathBuf,
    pub bytes: u64,
}

/// Files that are not taken, for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    pub count: u32,
    /// The first of them.
    pub paths: Vec<PathBuf>,
}

/// Finds the files below `paths`, and hands them over in portions as they are found. `take`
/// answers whether to go on.
pub(crate) fn expand(
    paths: &[PathBuf],
    plan: &Plan,
    filter: &Filter,
    take: &mut dyn FnMut(Vec<Found>) -> bool,
) -> HashMap<PassedOver, Passed> {
    let mut search = Search {
        filter,
        results: match &plan.output {
            Output::Folder { path } => fs::canonicalize(path).ok(),
            Output::Suffix { .. } | Output::InPlace => None,
        },
        recursive: plan.recursive,
        seen: HashSet::new(),
        portion: Vec::new(),
        portion_size: FIRST,
        passed: HashMap::new(),
        take,
        stopped: false,
    };
    for path in paths {
        if path.is_dir() {
            search.folder(path);
        } else {
            let below = path.file_name().map(PathBuf::from).unwrap_or_default();
            let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
            search.found(path.clone(), below, bytes);
        }
        if search.stopped {
            break;
        }
    }
    search.hand_over();
    search.passed
}

struct Search<'a> {
    filter: &'a Filter,
    /// The folder that results go into: not searched, even if it lies within a given one.
    results: Option<PathBuf>,
    recursive: bool,
    /// Every file once, however often and under whatever names it is given.
    seen: HashSet<PathBuf>,
    portion: Vec<Found>,
    portion_size: usize,
    passed: HashMap<PassedOver, Passed>,
    take: &'a mut dyn FnMut(Vec<Found>) -> bool,
    stopped: bool,
}

impl Search<'_> {
    fn folder(&mut self, root: &Path) {
        let mut walk = WalkDir::new(root)
            .max_depth(if self.recursive { usize::MAX } else { 1 })
            .sort_by_file_name()
            .into_iter();
        while let Some(entry) = walk.next() {
            if self.stopped {
                return;
            }
            match entry {
                Ok(entry) if entry.depth() == 0 => {}
                Ok(entry) if entry.file_type().is_dir() => {
                    if !self.enters(&entry, root) {
                        walk.skip_current_dir();
                    }
                }
                Ok(entry) => self.entry(&entry, root),
                // Taken as if it were a file: reading it will say what is wrong.
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let below = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
                    self.found(path, below, 0);
                }
            }
        }
    }

    fn enters(&mut self, entry: &DirEntry, root: &Path) -> bool {
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        if let Some(reason) = self.filter.passes_folder(below) {
            self.pass(reason, entry.path());
            return false;
        }
        self.results.is_none() || fs::canonicalize(entry.path()).ok() != self.results
    }

    fn entry(&mut self, entry: &DirEntry, root: &Path) {
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(path);
        if let Some(reason) = self.filter.passes_file(path, below) {
            return self.pass(reason, path);
        }
        // Of a symbolic link this tells about its target. Links to folders are not entered, so
        // there are no loops.
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {
                self.found(path.to_path_buf(), below.to_path_buf(), metadata.len());
            }
            Ok(_) => self.pass(PassedOver::NotAFile, path),
            Err(_) => self.found(path.to_path_buf(), below.to_path_buf(), 0),
        }
    }

    fn found(&mut self, path: PathBuf, below: PathBuf, bytes: u64) {
        let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if !self.seen.insert(real) {
            return self.pass(PassedOver::Twice, &path);
        }
        self.portion.push(Found { path, below, bytes });
        if self.portion.len() >= self.portion_size {
            self.hand_over();
            self.portion_size = LATER;
        }
    }

    fn pass(&mut self, reason: PassedOver, path: &Path) {
        let passed = self.passed.entry(reason).or_default();
        passed.count = passed.count.saturating_add(1);
        if passed.paths.len() < NAMED {
            passed.paths.push(path.to_path_buf());
        }
    }

    fn hand_over(&mut self) {
        if !self.portion.is_empty() && !(self.take)(std::mem::take(&mut self.portion)) {
            self.stopped = true;
        }
    }
}
