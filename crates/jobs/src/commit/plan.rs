//! What is about to be written for one image.

use std::fs;
use std::path::{Path, PathBuf};

use whittle_core::{Mode, Output, Via};
use whittle_engine::Encoded;
use whittle_store::{CommitFile, FileKind, Hash, WrittenAs};

use super::{FullSize, Targets, smaller, temp};
use crate::source::Source;
use crate::task::Task;

/// The files of one image, in the order in which they get their names: the original is touched last.
pub(crate) struct Files<'a>(pub(super) Vec<Planned<'a>>);

pub(super) struct Planned<'a> {
    pub file: CommitFile,
    pub written_as: WrittenAs,
    pub bytes: &'a [u8],
}

/// What will have been written.
#[derive(Clone, Default)]
pub(crate) struct Written {
    pub output: Option<PathBuf>,
    pub output_hash: Option<Hash>,
    /// Set when the original is replaced.
    pub backup: Option<Hash>,
    /// In the order of the recipe's styles.
    pub derivatives: Vec<(PathBuf, Hash)>,
}

/// Strictly smaller results only, and derivatives whatever becomes of the original. Nothing in a
/// dry run.
pub(crate) fn planned<'a>(
    task: &Task,
    source: &'a Source,
    targets: &Targets,
    encoded: &'a Encoded,
) -> Files<'a> {
    if task.plan.dry_run {
        return Files(Vec::new());
    }
    let derivatives = encoded.derivatives.iter().zip(&targets.derivatives);
    let mut files: Vec<Planned> = derivatives
        .map(|(derivative, target)| {
            // Made by resizing: as good as it gets, whatever is asked for later.
            planned_file(
                FileKind::Derivative,
                target,
                &derivative.bytes,
                WrittenAs::Lossy,
            )
        })
        .collect();
    let result = smaller(encoded, source, &task.plan);
    files.extend(match (&targets.full_size, result) {
        (FullSize::Instead(real), Some(bytes)) => Some(planned_file(
            FileKind::Instead,
            real,
            bytes,
            written_as(task, encoded),
        )),
        (FullSize::New(path), Some(bytes)) => Some(planned_file(
            FileKind::New,
            path,
            bytes,
            written_as(task, encoded),
        )),
        // Whoever asks for a folder of results expects a complete one.
        (FullSize::New(path), None) if matches!(task.plan.output, Output::Folder { .. }) => Some(
            planned_file(FileKind::New, path, &source.bytes, WrittenAs::Copy),
        ),
        (FullSize::New(_) | FullSize::Instead(_), None) => None,
    });
    Files(files)
}

fn planned_file<'a>(
    kind: FileKind,
    target: &Path,
    bytes: &'a [u8],
    written_as: WrittenAs,
) -> Planned<'a> {
    Planned {
        file: CommitFile {
            kind,
            folder: temp::folder_number(target),
            temp: temp::name_beside(target),
            target: target.to_path_buf(),
            hash: blake3::hash(bytes),
            fresh: fs::symlink_metadata(target).is_err(),
        },
        written_as,
        bytes,
    }
}

fn written_as(task: &Task, encoded: &Encoded) -> WrittenAs {
    // What an account made as small as it could is not sent there once more, whatever its pixels are.
    let by_account = task.plan.via != Via::Here && task.plan.recipe.mode != Mode::Lossless;
    match encoded.score >= whittle_core::Score::IDENTICAL && !by_account {
        true => WrittenAs::Lossless,
        false => WrittenAs::Lossy,
    }
}

impl Files<'_> {
    pub fn written(&self, task: &Task, source: &Source) -> Written {
        let mut written = Written::default();
        for Planned { file, .. } in &self.0 {
            match file.kind {
                FileKind::Derivative => written.derivatives.push((file.target.clone(), file.hash)),
                FileKind::New => {
                    written.output = Some(file.target.clone());
                    written.output_hash = Some(file.hash);
                }
                FileKind::Instead => {
                    // As it was given: the target may lie behind a link.
                    written.output = Some(task.path.clone());
                    written.output_hash = Some(file.hash);
                    written.backup = Some(source.hash);
                }
            }
        }
        written
    }

    /// As the journal keeps them: with paths that hold from anywhere.
    pub fn noted(&self) -> Vec<(CommitFile, WrittenAs)> {
        let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let noted = self.0.iter().map(|planned| {
            let mut file = planned.file.clone();
            file.temp = full(&file.temp);
            file.target = full(&file.target);
            (file, planned.written_as)
        });
        noted.collect()
    }
}
