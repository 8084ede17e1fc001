//! Writing results. **Invariant:** nothing else in Whittle writes into folders of the user.
//!
//! Everything is staged first: derivatives and results stand complete and synced in temporary
//! files of their folders before the first of them gets its name. So a full disk is met before
//! anything changed, and a name never shows half a file.

mod attributes;
mod names;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};

use whittle_core::{ErrorCode, Output};
use whittle_engine::Encoded;
use whittle_store::{Backups, Hash, Store, WrittenAs};

use crate::revert::recorded_path;
use crate::run::Tools;
use crate::source::{Source, hash_file};
use crate::stop::Stop;
use crate::task::Task;
use stage::Staged;

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

/// What was written.
#[derive(Default)]
pub(crate) struct Written {
    pub output: Option<PathBuf>,
    pub output_hash: Option<Hash>,
    /// Set when the original was replaced.
    pub backup: Option<Hash>,
    /// In the order of the recipe's styles.
    pub derivatives: Vec<(PathBuf, Hash)>,
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

/// Writes what the engine made, as the plan says. Strictly smaller results only; the original is
/// touched last.
pub(crate) fn commit(
    task: &Task,
    tools: &Tools,
    source: &Source,
    targets: &Targets,
    encoded: &Encoded,
) -> Result<Written, Stop> {
    let mut written = Written::default();
    if task.plan.dry_run {
        return Ok(written);
    }
    let mut staged = Vec::new();
    for (derivative, target) in encoded.derivatives.iter().zip(&targets.derivatives) {
        let staged_one = Staged::new_file(target, &derivative.bytes, source)?;
        // Made by resizing: as good as it gets, whatever is asked for later.
        note(tools, &staged_one.hash, WrittenAs::Lossy)?;
        written.derivatives.push((target.clone(), staged_one.hash));
        staged.push(staged_one);
    }
    let full_size = stage_full_size(task, tools, source, targets, encoded, &mut written)?;

    if task.cancel.check().is_err() {
        return Err(Stop::cancelled());
    }
    if !task.fence.begin_commit() {
        return Err(Stop::failed(ErrorCode::TimedOut, "The time limit ran out."));
    }
    let mut placed = Placed::default();
    for new_file in staged {
        placed.add(new_file.place(|path| may_write(path, task, tools))?);
    }
    match (full_size, &targets.full_size) {
        (None, _) => {}
        (Some(result), FullSize::New(_)) => {
            placed.add(result.place(|path| may_write(path, task, tools))?);
        }
        (Some(result), FullSize::Instead(real)) => result.replace(real, &source.hash)?,
    }
    placed.keep();
    Ok(written)
}

/// Puts a kept original back in the place of the result that replaced it, if that is still there
/// unchanged. Only [`crate::revert`] calls this.
pub(crate) fn put_back(path: &Path, original: &[u8], result: &Hash) -> Result<(), Stop> {
    if path.exists() {
        Staged::replacement(path, original)?.replace(path, result)
    } else {
        Staged::bare(path, original)?.place(|_| false).map(drop)
    }
}

fn stage_full_size(
    task: &Task,
    tools: &Tools,
    source: &Source,
    targets: &Targets,
    encoded: &Encoded,
    written: &mut Written,
) -> Result<Option<Staged>, Stop> {
    let smaller = smaller(encoded, source);
    let (staged, written_as) = match (&targets.full_size, smaller) {
        (FullSize::Instead(real), Some(bytes)) => {
            backups(tools)?.keep(&source.bytes, &source.hash)?;
            written.backup = Some(source.hash);
            (Staged::replacement(real, bytes)?, written_as(encoded))
        }
        (FullSize::New(path), Some(bytes)) => {
            (Staged::new_file(path, bytes, source)?, written_as(encoded))
        }
        // Whoever asks for a folder of results expects a complete one.
        (FullSize::New(path), None) if matches!(task.plan.output, Output::Folder { .. }) => (
            Staged::new_file(path, &source.bytes, source)?,
            WrittenAs::Copy,
        ),
        (FullSize::New(_) | FullSize::Instead(_), None) => return Ok(None),
    };
    note(tools, &staged.hash, written_as)?;
    written.output_hash = Some(staged.hash);
    written.output = Some(match &targets.full_size {
        FullSize::New(path) => path.clone(),
        FullSize::Instead(_) => task.path.clone(),
    });
    Ok(Some(staged))
}

/// The result, if it is one.
pub(crate) fn smaller<'a>(encoded: &'a Encoded, source: &Source) -> Option<&'a [u8]> {
    encoded
        .bytes
        .as_deref()
        .filter(|bytes| bytes.len() < source.bytes.len())
}

fn written_as(encoded: &Encoded) -> WrittenAs {
    if encoded.score >= whittle_core::Score::IDENTICAL {
        WrittenAs::Lossless
    } else {
        WrittenAs::Lossy
    }
}

/// In the ledger before the file has its name, so that nobody can meet it unknown.
fn note(tools: &Tools, hash: &Hash, written_as: WrittenAs) -> Result<(), Stop> {
    match &tools.store {
        Some(store) => Ok(store.note_output(hash, written_as)?),
        None => Ok(()),
    }
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
struct Placed(Vec<PathBuf>);

impl Placed {
    fn add(&mut self, new_file: Option<PathBuf>) {
        self.0.extend(new_file);
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.0 {
            if let Err(error) = fs::remove_file(path) {
                tracing::warn!("could not remove {}: {error}", path.display());
            }
        }
    }
}
