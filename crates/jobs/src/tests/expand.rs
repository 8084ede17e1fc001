use super::*;
use crate::filter::PassedOver;

/// The names of the jobs of a batch, in their order, and why others were passed over.
fn expanded(bench: &Bench, paths: &[PathBuf], plan: Plan) -> (Vec<String>, Vec<(u32, String)>) {
    let batch = bench.queue().add(paths.to_vec(), plan);
    bench.queue().wait(&batch);
    let root = bench.path("");
    let (mut jobs, mut passed) = (Vec::new(), Vec::new());
    for event in bench.events() {
        match event {
            Event::Queued { jobs: queued } => jobs.extend(
                queued
                    .into_iter()
                    .filter(|job| job.batch == batch)
                    .map(|job| job.path.strip_prefix(&root).unwrap().display().to_string()),
            ),
            Event::Passed {
                batch: of,
                count,
                reason,
                ..
            } if of == batch => {
                passed.push((count, reason));
            }
            _ => {}
        }
    }
    (jobs, passed)
}

#[test]
fn folders_are_searched_and_files_are_taken_as_they_are() {
    let bench = Bench::new();
    for name in [
        "b.png",
        "a.jpg",
        "deep/er/c.svg",
        "notes.txt",
        ".hidden/d.png",
        ".e.png",
        "b.min.png",
        "alone.min.png",
    ] {
        bench.write(name, "same");
    }
    let root = bench.path("");
    let (jobs, passed) = expanded(&bench, std::slice::from_ref(&root), Plan::default());
    assert_eq!(jobs, ["a.jpg", "alone.min.png", "b.png", "deep/er/c.svg"]);
    assert_eq!(
        passed,
        [
            (1, PassedOver::NotAnImage.reason().to_owned()),
            (1, PassedOver::EarlierResult.reason().to_owned()),
            (2, PassedOver::Hidden.reason().to_owned()),
        ]
    );
    let flat = Plan {
        recursive: false,
        ..Plan::default()
    };
    assert_eq!(
        expanded(&bench, std::slice::from_ref(&root), flat).0,
        ["a.jpg", "alone.min.png", "b.png"]
    );
    // Named files are judged by their content, whatever they are called.
    let named = ["notes.txt", ".e.png", "b.min.png", "missing.png"].map(|name| bench.path(name));
    let (jobs, passed) = expanded(&bench, &named, Plan::default());
    assert_eq!((jobs.len(), passed.len()), (4, 0));
}

#[test]
fn globs_hold_in_folders() {
    let bench = Bench::new();
    for name in ["a.png", "b.jpg", "skip/c.png", "deep/d.png"] {
        bench.write(name, "same");
    }
    let plan = Plan {
        include: vec!["*.png".into()],
        exclude: vec!["skip".into()],
        ..Plan::default()
    };
    let (jobs, passed) = expanded(&bench, &[bench.path("")], plan);
    assert_eq!(jobs, ["a.png", "deep/d.png"]);
    assert_eq!(passed, [(2, PassedOver::Excluded.reason().to_owned())]);
    let wrong = Plan {
        include: vec!["a[".into()],
        ..Plan::default()
    };
    let (jobs, passed) = expanded(&bench, &[bench.path("")], wrong);
    assert_eq!((jobs.len(), passed.len()), (0, 1));
}

#[test]
fn the_same_file_is_one_job() {
    let bench = Bench::new();
    let path = bench.write("a.png", "same");
    bench.write("b.png", "same");
    let detour = bench.path("").join("../pictures/a.png");
    let (jobs, passed) = expanded(&bench, &[path, detour, bench.path("")], Plan::default());
    assert_eq!(jobs, ["a.png", "b.png"]);
    assert_eq!(passed, [(2, PassedOver::Twice.reason().to_owned())]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_never_round_in_circles() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    let path = bench.write("in/a.png", "same");
    bench.write("elsewhere/b.png", "same");
    symlink(bench.path("in"), bench.path("in/loop")).unwrap();
    symlink(bench.path("elsewhere"), bench.path("in/away.png")).unwrap();
    symlink(bench.path("elsewhere/b.png"), bench.path("in/linked.png")).unwrap();
    symlink(&path, bench.path("in/twice.png")).unwrap();
    symlink(bench.path("nowhere"), bench.path("in/broken.png")).unwrap();
    let (jobs, passed) = expanded(&bench, &[bench.path("in")], Plan::default());
    assert_eq!(jobs, ["in/a.png", "in/broken.png", "in/linked.png"]);
    assert!(
        passed.contains(&(1, PassedOver::NotAFile.reason().to_owned())),
        "{passed:?}"
    );
    assert!(
        passed.contains(&(1, PassedOver::Twice.reason().to_owned())),
        "{passed:?}"
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let bench = Bench::new();
    let fifo = bench.path("pipe.png");
    // Opening it would wait for a writer for ever.
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.is_ok_and(|status| status.success()));
    let report = bench.run_one(&fifo, &Plan::default());
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Failed, Some(ErrorCode::NotAFile))
    );
    let report = bench.run_one(Path::new("/dev/zero"), &Plan::default());
    assert_eq!(report.code, Some(ErrorCode::NotAFile));
}

#[test]
fn a_large_folder_arrives_in_portions() {
    let bench = Bench::new();
    for number in 0..700 {
        bench.write(&format!("{number:04}.png"), "same");
    }
    let reports = bench.run(
        &[bench.path("")],
        &Plan {
            record: false,
            ..Plan::default()
        },
    );
    assert_eq!(reports.len(), 700);
    assert!(reports.is_sorted_by(|a, b| a.path < b.path));
    let events = bench.events();
    let portions: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            Event::Queued { jobs } => Some(jobs.len()),
            _ => None,
        })
        .collect();
    assert_eq!(portions, [32, 512, 156]);
    let expanded = events
        .iter()
        .filter(|event| matches!(event, Event::Expanded { jobs: 700, .. }));
    assert_eq!(expanded.count(), 1);
}

#[test]
fn an_empty_folder_is_a_batch_that_ends() {
    let bench = Bench::new();
    assert_eq!(bench.run(&[bench.path("")], &Plan::default()), []);
    let missing = bench.run_one(&bench.path("missing"), &Plan::default());
    assert_eq!(
        (missing.outcome, missing.code),
        (Outcome::Failed, Some(ErrorCode::NotFound))
    );
}
