//! Writing results. **Invariant:** nothing else in Whittle writes into folders of the user.
//!
//! The order, each step of which says what failed and leaves the original untouched: what will be
//! written is noted in the journal → the original is kept as a backup, synced, and its hash checked
//! → derivatives and results stand complete and synced in temporary files of their folders → the
//! journal says so → the files get their names, an original that is replaced last, after its content
//! was hashed once more → what came out is hashed, too, where two files can change places → the folder
//! is synced → the line of the history ends the journal's.
//! So a full disk is met before anything changed, and a name never shows half a file.

mod attributes;
mod exchange;
mod export;
mod journal;
mod names;
mod plan;
mod recover;
mod stage;
mod temp;

pub use export::{export, export_new};
pub(crate) use journal::Journal;
pub(crate) use plan::{Files, Written, planned};
pub use recover::{Recovery, recover, recover_unrecorded};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use whittle_core::{ErrorCode, Output};
use whittle_engine::Encoded;
use whittle_store::{Backups, FileKind, Hash, Store, WrittenAs};

use crate::Plan;
use crate::revert::recorded_path;
use crate::run::Tools;
use crate::source::{Source, hash_file};
use crate::stop::Stop;
use crate::task::Task;
use plan::Planned;
use stage::{Placed, Staged};

/// Where the files of one image go.
pub(crate) struct Targets {
    full_size: FullSize,
    derivatives: Vec<PathBuf>,
}

enum FullSize {
    /// A file of its own.
    New(PathBuf),
    /// In the original's place; this is the file itself, behind all links.
    Instead(PathBuf),
}

/// Decides where the files go, and refuses early what would be refused in the end.
pub(crate) fn targets(task: &Task, tools: &Tools, source: &Source) -> Result<Targets, Stop> {
    let beside = match &task.plan.output {
        Output::Folder { path } => path.join(&task.below),
        Output::Suffix { .. } | Output::InPlace => task.path.clone(),
    };
    let full_size = match &task.plan.output {
        Output::Suffix { suffix } => FullSize::New(names::with_infix(&task.path, suffix)),
        Output::Folder { .. } => FullSize::New(beside.clone()),
        Output::InPlace => {
            let real = fs::canonicalize(&task.path)
                .map_err(|error| Stop::io(&error, "read", &task.path))?;
            replaceable(source)?;
            FullSize::Instead(real)
        }
    };
    let styles = &task.plan.recipe.styles;
    let derivatives: Vec<PathBuf> = styles
        .iter()
        .map(|style| names::with_infix(&beside, &style.name))
        .collect();
    let new_files = match &full_size {
        FullSize::New(path) => Some(path),
        FullSize::Instead(_) => None,
    };
    for path in new_files.into_iter().chain(&derivatives) {
        let free = task.batch.claim(task.id, path) && may_write(path, task, tools);
        if !free {
            return Err(output_exists(path));
        }
    }
    Ok(Targets {
        full_size,
        derivatives,
    })
}

/// Writes what was planned, and returns what is to be told of it. The original is touched last.
pub(crate) fn commit(
    task: &Task,
    tools: &Tools,
    source: &Source,
    files: &Files,
    mut journal: Option<&mut Journal>,
) -> Result<Option<String>, Stop> {
    let keep_times = task.plan.keep_times;
    let mut staged = Vec::new();
    for Planned { file, bytes, .. } in &files.0 {
        let (target, temp) = (&file.target, &file.temp);
        staged.push(match file.kind {
            FileKind::Derivative | FileKind::New => {
                Staged::new_file(target, temp, bytes, source, keep_times)?
            }
            FileKind::Instead => {
                let original = Some(&source.file);
                backups(tools)?.keep(&source.bytes, &source.hash, original)?;
                Staged::replacement(target, temp, bytes, keep_times)?
            }
        });
    }
    if task.cancel.check().is_err() {
        return Err(Stop::cancelled());
    }
    if !task.fence.begin_commit() {
        return Err(Stop::failed(ErrorCode::TimedOut, "The time limit ran out."));
    }
    if let Some(journal) = &mut journal {
        journal.placing()?;
    }
    let mut placed = AllPlaced::default();
    for (staged, Planned { file, .. }) in staged.into_iter().zip(&files.0) {
        placed.add(match file.kind {
            FileKind::Derivative | FileKind::New => {
                let one = staged.place(|path| may_write(path, task, tools))?;
                task.batch.placed(task.id, &file.target);
                one
            }
            FileKind::Instead => {
                let mut one = staged.replace(&file.target, &source.hash)?;
                if let (Some((temp, folder)), Some(journal)) = (one.left.take(), &mut journal) {
                    journal.note_left(&temp, folder);
                }
                one
            }
        });
    }
    Ok(placed.keep())
}

/// Puts a kept original back in the place of the file of this content, if that is still there
/// unchanged; without one, if nothing is there. Only [`crate::revert`] calls this.
pub(crate) fn put_back(
    store: &Store,
    path: &Path,
    original: &[u8],
    instead: Option<&Hash>,
) -> Result<(), Stop> {
    let temp = temp::name_beside(path);
    let folder = temp::folder_number(&temp);
    let noted = store.note_temp(&temp, folder)?;
    let placed = match instead {
        Some(result) => Staged::replacement(path, &temp, original, false).and_then(|staged| {
            store.begin_putting_back(noted, path)?;
            staged.replace(path, result)
        }),
        None => Staged::bare(path, &temp, original).and_then(|staged| staged.place(|_| false)),
    };
    if temp.symlink_metadata().is_err()
        && !temp::is_away(&temp, folder)
        && let Err(error) = store.strike_temp(noted)
    {
        tracing::warn!("{}: {error}", temp.display());
    }
    placed.map(drop)
}

/// The result, if it is one: strictly smaller, and by at least as much as the user wants.
pub(crate) fn smaller<'a>(encoded: &'a Encoded, source: &Source, plan: &Plan) -> Option<&'a [u8]> {
    let size = source.bytes.len() as u128;
    let enough = |bytes: &&[u8]| {
        bytes.len() < source.bytes.len()
            && (size - bytes.len() as u128) * 100 >= size * u128::from(plan.min_saving)
    };
    encoded.bytes.as_deref().filter(enough)
}

fn backups(tools: &Tools) -> Result<Backups, Stop> {
    match &tools.store {
        Some(store) => Ok(store.backups().clone()),
        // Without a history too, a replaced original is kept.
        None => Ok(Backups::in_data_dir(&whittle_store::data_dir()?)),
    }
}

/// Whether an original may be replaced by another file of the same name.
fn replaceable(source: &Source) -> Result<(), Stop> {
    if source.metadata.permissions().readonly() {
        return Err(Stop::skipped(
            ErrorCode::PermissionDenied,
            "The file is read-only, so it was left alone.",
        ));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(&source.metadata) > 1 {
        return Err(Stop::skipped(
            ErrorCode::Unsupported,
            "The file has several names (hard links), which replacing it would separate, so it was left alone.",
        ));
    }
    Ok(())
}

/// Whether a result may stand at this path: nothing is there, or a result of ours that nobody
/// changed since. Never the original itself, even if that is an own output, too.
fn may_write(path: &Path, task: &Task, tools: &Tools) -> bool {
    if fs::symlink_metadata(path).is_err() {
        return true;
    }
    let is_original = match (fs::canonicalize(path), fs::canonicalize(&task.path)) {
        (Ok(target), Ok(original)) => target == original,
        _ => true,
    };
    !is_original
        && !task.batch.is_of_another(task.id, path)
        && tools
            .store
            .as_deref()
            .is_some_and(|store| is_ours(path, store))
}

fn is_ours(path: &Path, store: &Store) -> bool {
    let Ok(hash) = hash_file(path) else {
        return false;
    };
    match store.own_output(&hash) {
        Ok(Some(WrittenAs::Lossless | WrittenAs::Lossy)) => true,
        Ok(Some(WrittenAs::Copy)) => store
            .wrote(&recorded_path(path, false), &hash)
            .unwrap_or(false),
        Ok(None) | Err(_) => false,
    }
}

fn output_exists(path: &Path) -> Stop {
    Stop::skipped(
        ErrorCode::OutputExists,
        format!(
            "{} exists already and was not made by Whittle, or is the result of another image; nothing was overwritten.",
            path.display()
        ),
    )
}

/// New files that go again unless all that belongs to them comes to stand.
#[derive(Default)]
struct AllPlaced {
    fresh: Vec<PathBuf>,
    doubt: Option<io::Error>,
}

impl AllPlaced {
    fn add(&mut self, placed: Placed) {
        self.fresh.extend(placed.fresh);
        self.doubt = self.doubt.take().or(placed.doubt);
    }

    /// What is to be told, if anything.
    fn keep(mut self) -> Option<String> {
        self.fresh.clear();
        self.doubt.take().map(|error| {
            format!("The result stands, but the system could not confirm that it survives a power cut: {error}.")
        })
    }
}

impl Drop for AllPlaced {
    fn drop(&mut self) {
        for path in &self.fresh {
            if let Err(error) = fs::remove_file(path) {
                tracing::warn!("could not remove {}: {error}", path.display());
            }
        }
    }
}
