use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Plan;
use crate::expand::expand;
use crate::filter::Filter;
use crate::walk::{Met, walk};

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

/// Looks by name alone at what a plan would take of these paths, at `at_most` files and for a tenth of a second.
pub fn survey(paths: &[PathBuf], plan: &Plan, at_most: usize) -> Survey {
    survey_until(paths, plan, at_most, Instant::now() + AT_MOST)
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

fn survey_until(paths: &[PathBuf], plan: &Plan, at_most: usize, deadline: Instant) -> Survey {
    let mut survey = Survey::default();
    // What is wrong with a pattern is told by the batch.
    let Ok(filter) = Filter::new(plan) else {
        return survey;
    };
    // Folders count too, so that a tree of empty folders has an end.
    let mut seen = 0;
    let walked = walk(paths, plan, &filter, false, &mut |met| {
        if seen >= at_most || Instant::now() >= deadline {
            return ControlFlow::Break(());
        }
        seen += 1;
        match met {
            Met::Folder | Met::PassedFolder(..) => {}
            Met::Passed(..) => survey.skipped += 1,
            Met::File(found) => {
                survey.images += 1;
                survey.bytes += found.bytes;
            }
        }
        ControlFlow::Continue(())
    });
    survey.more = walked.is_break();
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
        let plan = Plan::default();
        let whole = Survey {
            images: 3,
            skipped: 1,
            bytes: 5 + 5 + 7,
            more: false,
        };
        let later = Instant::now() + Duration::from_secs(3600);
        assert_eq!(survey_until(&paths, &plan, 100, later), whole);
        let bounded = survey_until(&paths, &plan, 2, later);
        assert!(bounded.more && bounded.images + bounded.skipped <= 2);
        assert_eq!(
            survey_until(&paths, &plan, 100, Instant::now()),
            Survey {
                more: true,
                ..Survey::default()
            }
        );
    }

    #[test]
    fn counts_what_the_plan_takes() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("drafts")).unwrap();
        for name in ["1.png", "2.jpg", "2.min.jpg", "drafts/3.png"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let later = Instant::now() + Duration::from_secs(3600);
        let images = |plan: &Plan| {
            let paths = [folder.path().to_path_buf()];
            let found = survey_until(&paths, plan, 100, later);
            (found.images, found.skipped)
        };
        assert_eq!(images(&Plan::default()), (3, 1));
        let flat = Plan {
            recursive: false,
            ..Plan::default()
        };
        assert_eq!(images(&flat), (2, 1));
        let without = Plan {
            exclude: vec!["drafts".into(), "*.jpg".into()],
            ..Plan::default()
        };
        assert_eq!(images(&without), (1, 2));
        let into = Plan {
            output: whittle_core::Output::Folder {
                path: folder.path().join("drafts"),
            },
            ..Plan::default()
        };
        assert_eq!(images(&into), (2, 1));
        let named = survey_until(&[folder.path().join("2.min.jpg")], &without, 9, later);
        assert_eq!(named.images, 1);
    }
}
