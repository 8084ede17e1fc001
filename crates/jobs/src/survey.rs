use std::path::PathBuf;
use std::time::{Duration, Instant};

use walkdir::WalkDir;

use crate::Plan;
use crate::expand::expand;
use crate::filter::{Filter, has_known_extension, is_hidden};

/// How long a survey may take: somebody holds the mouse button down.
const AT_MOST: Duration = Duration::from_millis(100);

/// What a drop would bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Images that would be taken.
    pub images: u32,
    /// Files that would be passed over.
    pub skipped: u32,
    /// Bytes of these images.
    pub bytes: u64,
    /// Whether there is more than was counted.
    pub more: bool,
}

/// Looks by name alone at what these paths hold, at `at_most` files and for a tenth of a second.
pub fn survey(paths: &[PathBuf], at_most: usize) -> Survey {
    survey_until(paths, at_most, Instant::now() + AT_MOST)
}

/// Bytes of the images that a plan would take from these paths. By name alone, too, and so only about.
pub fn bytes_of(paths: &[PathBuf], plan: &Plan) -> u64 {
    let mut bytes = 0;
    // What is wrong with a filter is told by the batch.
    if let Ok(filter) = Filter::new(plan) {
        expand(paths, plan, &filter, &mut |found| {
            bytes += found.iter().map(|found| found.bytes).sum::<u64>();
            true
        });
    }
    bytes
}

fn survey_until(paths: &[PathBuf], at_most: usize, deadline: Instant) -> Survey {
    let mut survey = Survey::default();
    let entries = paths.iter().flat_map(|path| {
        WalkDir::new(path)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()))
    });
    // Folders count too, so that a tree of empty folders has an end.
    for (seen, entry) in entries.enumerate() {
        if seen >= at_most || Instant::now() >= deadline {
            survey.more = true;
            break;
        }
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            // What is dropped itself is judged by its content later.
            Ok(entry) if entry.depth() == 0 || has_known_extension(entry.path()) => {
                survey.images += 1;
                survey.bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            }
            _ => survey.skipped += 1,
        }
    }
    survey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_until_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/.hidden")).unwrap();
        for name in ["1.png", "2.JPG", "a/3.svg", "a/.hidden/4.png", "notes.txt"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let paths = [folder.path().to_path_buf()];
        let whole = Survey {
            images: 3,
            skipped: 1,
            bytes: 5 + 5 + 7,
            more: false,
        };
        let later = Instant::now() + Duration::from_secs(3600);
        assert_eq!(survey_until(&paths, 100, later), whole);
        let bounded = survey_until(&paths, 2, later);
        assert!(bounded.more && bounded.images + bounded.skipped <= 2);
        assert_eq!(
            survey_until(&paths, 100, Instant::now()),
            Survey {
                more: true,
                ..Survey::default()
            }
        );
    }
}
