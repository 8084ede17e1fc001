//! From the paths that somebody gave to the files that are worked on.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::Plan;
use crate::filter::{Filter, PassedOver};
use crate::walk::{Found, Met, walk};

/// How many files the first and the later portions hold: rows show at once, and then in few events.
const FIRST: usize = 32;
const LATER: usize = 512;
/// Files that are named for each reason to pass them over.
const NAMED: usize = 5;

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
        seen: HashSet::new(),
        portion: Vec::new(),
        portion_size: FIRST,
        passed: HashMap::new(),
        take,
    };
    if walk(paths, plan, filter, true, &mut |met| search.meet(met)).is_continue() {
        // The last portion; nobody asks whether to go on.
        let _ = search.hand_over();
    }
    search.passed
}

struct Search<'a> {
    /// Every file once, however often and under whatever names it is given.
    seen: HashSet<PathBuf>,
    portion: Vec<Found>,
    portion_size: usize,
    passed: HashMap<PassedOver, Passed>,
    take: &'a mut dyn FnMut(Vec<Found>) -> bool,
}

impl Search<'_> {
    fn meet(&mut self, met: Met) -> ControlFlow<()> {
        match met {
            Met::Folder => {}
            Met::Passed(reason, path) | Met::PassedFolder(reason, path) => self.pass(reason, path),
            Met::File(found) => {
                let real = fs::canonicalize(&found.path).unwrap_or_else(|_| found.path.clone());
                if !self.seen.insert(real) {
                    self.pass(PassedOver::Twice, &found.path);
                    return ControlFlow::Continue(());
                }
                self.portion.push(found);
                if self.portion.len() >= self.portion_size {
                    self.portion_size = LATER;
                    return self.hand_over();
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pass(&mut self, reason: PassedOver, path: &Path) {
        let passed = self.passed.entry(reason).or_default();
        passed.count = passed.count.saturating_add(1);
        if passed.paths.len() < NAMED {
            passed.paths.push(path.to_path_buf());
        }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let portion = std::mem::take(&mut self.portion);
        match portion.is_empty() || (self.take)(portion) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    }
}
