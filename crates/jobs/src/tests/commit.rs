use super::*;
use crate::stop::Stop;
use whittle_core::{HistoryQuery, Mode};

#[test]
fn results_stand_beside_their_originals() {
    let bench = Bench::new();
    let path = bench.write("a.PNG", "half of this stays");
    let report = bench.run_one(&path, &Plan::default());
    assert_eq!(report.outcome, Outcome::Optimized);
    assert_eq!(report.output, Some(bench.path("a.min.PNG")));
    assert_eq!((report.input_bytes, report.output_bytes), (18, Some(9)));
    assert_eq!(report.removed, ["GPS position"]);
    assert_eq!(read(&bench.path("a.min.PNG")), "half of t");
    assert_eq!(read(&path), "half of this stays");
    assert_eq!(bench.names(), ["a.PNG", "a.min.PNG"]);
}

#[test]
fn a_folder_of_results_mirrors_the_tree_and_is_complete() {
    let bench = Bench::new();
    bench.write("in/a.png", "half of this stays");
    bench.write("in/deep/b.png", "same");
    bench.write("in/deep/c.png", "broken");
    bench.write("in/d.png", "webp");
    let out = bench.path("in/out");
    let reports = bench.run(&[bench.path("in")], &into(&out));
    let outcome = |name: &str| {
        let report = reports.iter().find(|report| report.path.ends_with(name));
        report
            .map(|report| (report.outcome, report.output.clone()))
            .unwrap()
    };
    assert_eq!(
        outcome("a.png"),
        (Outcome::Optimized, Some(out.join("a.png")))
    );
    assert_eq!(
        outcome("b.png"),
        (Outcome::AlreadyOptimal, Some(out.join("deep/b.png")))
    );
    assert_eq!(outcome("c.png"), (Outcome::Failed, None));
    assert_eq!(outcome("d.png"), (Outcome::Skipped, None));
    assert_eq!(read(&out.join("deep/b.png")), "same");
    let names = [
        "in/a.png",
        "in/d.png",
        "in/deep/b.png",
        "in/deep/c.png",
        "in/out/a.png",
        "in/out/deep/b.png",
    ];
    assert_eq!(bench.names(), names);

    // A second run searches the same tree, but not its own results, and replaces these.
    bench.write("in/a.png", "half of it, another time");
    assert_eq!(bench.run(&[bench.path("in")], &into(&out)).len(), 4);
    assert_eq!(read(&out.join("a.png")), "half of it, ");
    assert_eq!(bench.names(), names);
}

#[test]
fn results_that_are_not_smaller_are_not_written() {
    let bench = Bench::new();
    for content in ["same", "larger"] {
        let path = bench.write(&format!("{content}.png"), content);
        for plan in [Plan::default(), in_place()] {
            let report = bench.run_one(&path, &plan);
            assert_eq!(report.outcome, Outcome::AlreadyOptimal);
            assert_eq!((report.output, report.removed.len()), (None, 0));
            assert_eq!(report.output_bytes, Some(report.input_bytes));
        }
    }
    assert_eq!(bench.names(), ["larger.png", "same.png"]);
}

#[test]
fn nothing_of_others_is_overwritten() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    bench.write("a.min.png", "precious");
    bench.write("a.thumb.png", "precious, too");
    let report = bench.run_one(&path, &Plan::default());
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Skipped, Some(ErrorCode::OutputExists))
    );
    assert!(report.message.unwrap().contains("a.min.png"));
    let report = bench.run_one(&path, &styled(&["thumb"], in_place()));
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Skipped, Some(ErrorCode::OutputExists))
    );
    // Nor the original by its own result.
    let pictures = bench.path("");
    let report = bench.run_one(&path, &into(&pictures));
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Skipped, Some(ErrorCode::OutputExists))
    );
    assert_eq!(read(&bench.path("a.min.png")), "precious");
    assert_eq!(read(&bench.path("a.thumb.png")), "precious, too");
    assert_eq!(read(&path), "half of this stays");
    assert_eq!(bench.names().len(), 3);
}

#[test]
fn a_file_that_appears_meanwhile_is_not_overwritten() {
    let theirs = Arc::new(Mutex::new(PathBuf::new()));
    let path = Arc::clone(&theirs);
    let bench = Bench::with(1, Duration::from_secs(3600), move |_| {
        std::fs::write(&*path.lock().unwrap(), "precious").unwrap();
    });
    *theirs.lock().unwrap() = bench.path("a.min.png");
    let report = bench.run_one(
        &bench.write("a.png", "half of this stays"),
        &styled(&["thumb"], Plan::default()),
    );
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Skipped, Some(ErrorCode::OutputExists))
    );
    assert_eq!(read(&bench.path("a.min.png")), "precious");
    // The derivative, which stood already, went again.
    assert_eq!(bench.names(), ["a.min.png", "a.png"]);
}

#[test]
fn own_results_of_an_earlier_run_are_replaced() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    bench.run_one(&path, &Plan::default());
    bench.write("a.png", "half of that goes");
    assert_eq!(
        bench.run_one(&path, &Plan::default()).outcome,
        Outcome::Optimized
    );
    assert_eq!(read(&bench.path("a.min.png")), "half of ");
    // Once it was edited it is no longer ours.
    bench.write("a.min.png", "half edited");
    let report = bench.run_one(&path, &Plan::default());
    assert_eq!(report.code, Some(ErrorCode::OutputExists));
    assert_eq!(read(&bench.path("a.min.png")), "half edited");
}

#[test]
fn a_copy_is_ours_only_where_it_was_put() {
    let bench = Bench::new();
    let out = bench.path("out");
    let path = bench.write("in/a.png", "same");
    bench.run_one(&path, &into(&out));
    // Its source has changed: the copy gives way.
    bench.write("in/a.png", "half of this stays");
    let report = bench.run_one(&path, &into(&out));
    assert_eq!(report.output, Some(out.join("a.png")));
    // The same bytes elsewhere are somebody's original.
    let precious = bench.write("elsewhere/a.png", "same");
    let report = bench.run_one(&path, &into(&bench.path("elsewhere")));
    assert_eq!(report.code, Some(ErrorCode::OutputExists));
    assert_eq!(read(&precious), "same");
}

#[test]
fn two_images_of_one_name_do_not_become_one_result() {
    let bench = Bench::new();
    let (a, b) = (
        bench.write("a/x.png", "half of a"),
        bench.write("b/x.png", "half of b"),
    );
    let out = bench.path("out");
    let reports = bench.run(&[a, b], &into(&out));
    let codes: Vec<_> = reports.iter().map(|report| report.code).collect();
    assert_eq!(
        reports
            .iter()
            .filter(|report| report.output.is_some())
            .count(),
        1
    );
    assert!(codes.contains(&Some(ErrorCode::OutputExists)), "{codes:?}");
}

#[test]
fn derivatives_are_written_beside_whatever_becomes_of_the_original() {
    let bench = Bench::new();
    let a = bench.write("a.png", "half of this stays");
    let b = bench.write("b.png", "same");
    let plan = styled(&["thumb", "wide"], in_place());
    let report = bench.run_one(&a, &plan);
    assert_eq!(report.derivatives[1].output, Some(bench.path("a.wide.png")));
    assert_eq!(report.derivatives[1].bytes, "derivative wide".len() as u64);
    let report = bench.run_one(&b, &plan);
    assert_eq!(
        (report.outcome, report.output),
        (Outcome::AlreadyOptimal, None)
    );
    assert_eq!(read(&bench.path("b.thumb.png")), "derivative thumb");
    let names = [
        "a.png",
        "a.thumb.png",
        "a.wide.png",
        "b.png",
        "b.thumb.png",
        "b.wide.png",
    ];
    assert_eq!(bench.names(), names);
    // Both originals, three lines each.
    assert_eq!(
        bench.store.history(&HistoryQuery::default()).unwrap().total,
        6
    );

    let out = bench.path("out");
    bench.run_one(&a, &styled(&["tiny"], into(&out)));
    assert!(out.join("a.tiny.png").exists());
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    for plan in [Plan::default(), in_place(), into(&bench.path("out"))] {
        let plan = styled(
            &["thumb"],
            Plan {
                dry_run: true,
                ..plan
            },
        );
        let report = bench.run_one(&path, &plan);
        assert_eq!((report.outcome, report.output), (Outcome::Optimized, None));
        assert_eq!(report.output_bytes, Some(9));
        assert_eq!(report.derivatives[0].output, None);
    }
    assert_eq!(bench.names(), ["a.png"]);
    assert_eq!(read(&path), "half of this stays");
    assert_eq!(
        bench.store.history(&HistoryQuery::default()).unwrap().total,
        0
    );
    assert!(!bench.store.backups().dir().exists());
}

#[test]
fn originals_are_replaced_and_kept() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let report = bench.run_one(&path, &in_place());
    assert_eq!(report.output.as_deref(), Some(path.as_path()));
    assert_eq!(read(&path), "half of t");
    assert_eq!(bench.names(), ["a.png"]);
    let hash = blake3::hash(b"half of this stays");
    assert_eq!(
        bench.store.backups().read(&hash).unwrap(),
        b"half of this stays"
    );
    let entries = bench
        .store
        .history(&HistoryQuery::default())
        .unwrap()
        .entries;
    assert!(entries[0].revertible);
    assert_eq!(entries[0].path, path.canonicalize().unwrap());
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let edited = Arc::new(Mutex::new(PathBuf::new()));
    let path = Arc::clone(&edited);
    let bench = Bench::with(1, Duration::from_secs(3600), move |_| {
        std::fs::write(&*path.lock().unwrap(), "half edited").unwrap();
    });
    let path = bench.write("a.png", "half of this stays");
    *edited.lock().unwrap() = path.clone();
    let report = bench.run_one(&path, &styled(&["thumb"], in_place()));
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Failed, Some(ErrorCode::ChangedMeanwhile))
    );
    assert_eq!(report.output, None);
    assert_eq!(read(&path), "half edited");
    assert_eq!(bench.names(), ["a.png"]);
}

#[test]
fn a_file_that_another_program_replaces_is_left_alone() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let held = std::fs::File::open(&path).unwrap();
    held.lock().unwrap();
    let report = bench.run_one(&path, &in_place());
    assert_eq!(report.code, Some(ErrorCode::ChangedMeanwhile));
    drop(held);
    assert_eq!(
        bench.run_one(&path, &in_place()).outcome,
        Outcome::Optimized
    );
}

#[test]
fn own_results_are_not_worked_on_again() {
    let bench = Bench::new();
    let lossless = Plan {
        recipe: Recipe {
            mode: Mode::Lossless,
            ..Recipe::default()
        },
        ..in_place()
    };
    let lossy = bench.write("lossy.png", "half half half");
    let exact = bench.write("exact.png", "exact exact exact");
    bench.run(&[lossy.clone(), exact.clone()], &in_place());
    // Whoever copied or renamed it.
    let copy = bench.path("renamed.png");
    std::fs::copy(&lossy, &copy).unwrap();
    for (path, plan, own) in [
        (&lossy, &in_place(), true),
        (&copy, &in_place(), true),
        (&exact, &lossless, true),
        // A lossless result may still become smaller with loss.
        (&exact, &in_place(), false),
    ] {
        let before = read(path);
        let report = bench.run_one(path, plan);
        assert_eq!(report.code == Some(ErrorCode::OwnOutput), own, "{path:?}");
        assert_eq!(report.outcome == Outcome::AlreadyOptimal, own, "{path:?}");
        assert_eq!(read(path) == before, own, "{path:?}");
    }
}

#[test]
fn failed_writes_leave_nothing_behind() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let blocked = bench.write("blocked", "a file where a folder should be");
    let report = bench.run_one(&path, &into(&blocked.join("below")));
    assert_eq!((report.outcome, report.output), (Outcome::Failed, None));
    assert_eq!(bench.names(), ["a.png", "blocked"]);

    let long = bench.write(&format!("{}.png", "n".repeat(249)), "half of this stays");
    let report = bench.run_one(&long, &Plan::default());
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Failed, Some(ErrorCode::Io))
    );
    assert_eq!(bench.names().len(), 3);
    // In place there is nothing to append to the name.
    assert_eq!(
        bench.run_one(&long, &in_place()).outcome,
        Outcome::Optimized
    );
}

#[test]
fn a_backup_that_cannot_be_kept_stops_everything() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    std::fs::write(bench.store.backups().dir(), "no folder").unwrap();
    let report = bench.run_one(&path, &in_place());
    assert_eq!((report.outcome, report.output), (Outcome::Failed, None));
    assert_eq!(read(&path), "half of this stays");
    assert_eq!(bench.names(), ["a.png"]);
}

#[test]
fn what_the_system_says_has_a_code() {
    use std::io::{Error, ErrorKind};
    for (kind, code) in [
        (ErrorKind::StorageFull, ErrorCode::DiskFull),
        (ErrorKind::QuotaExceeded, ErrorCode::DiskFull),
        (ErrorKind::PermissionDenied, ErrorCode::PermissionDenied),
        (ErrorKind::ReadOnlyFilesystem, ErrorCode::PermissionDenied),
        (ErrorKind::NotFound, ErrorCode::NotFound),
        (ErrorKind::BrokenPipe, ErrorCode::Io),
    ] {
        let stop = Stop::io(&Error::from(kind), "write", Path::new("/p/a.png"));
        assert_eq!((stop.outcome, stop.code), (Outcome::Failed, code));
        assert!(
            stop.message.contains("/p/a.png") && stop.message.ends_with('.'),
            "{}",
            stop.message
        );
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn a_replaced_file_keeps_what_it_has_beside_its_content() {
        let bench = Bench::new();
        let path = bench.write("a.png", "half of this stays");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let has_attributes = xattr::set(&path, "user.colour", b"green").is_ok();
        // Only root may give files away.
        let owned = std::os::unix::fs::chown(&path, Some(65534), Some(65534)).is_ok();
        let before = std::fs::metadata(&path).unwrap();
        bench.run_one(&path, &in_place());
        let after = std::fs::metadata(&path).unwrap();
        assert_ne!(before.ino(), after.ino());
        assert_eq!(after.permissions().mode() & 0o7777, 0o640);
        assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
        assert!(!owned || after.uid() == 65534);
        if has_attributes {
            assert_eq!(
                xattr::get(&path, "user.colour").unwrap().as_deref(),
                Some(&b"green"[..])
            );
        } else {
            eprintln!("no extended attributes here: not tested");
        }
    }

    #[test]
    fn a_new_result_may_be_read_by_whom_the_original_may() {
        let bench = Bench::new();
        let path = bench.write("a.png", "half of this stays");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
        bench.run_one(&path, &Plan::default());
        let mode = std::fs::metadata(bench.path("a.min.png"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o444);
    }

    #[test]
    fn read_only_and_hard_linked_files_are_left_alone() {
        let bench = Bench::new();
        let fixed = bench.write("fixed.png", "half of this stays");
        std::fs::set_permissions(&fixed, PermissionsExt::from_mode(0o444)).unwrap();
        let linked = bench.write("linked.png", "half of this stays");
        std::fs::hard_link(&linked, bench.path("other.png")).unwrap();
        for (path, code) in [
            (&fixed, ErrorCode::PermissionDenied),
            (&linked, ErrorCode::Unsupported),
        ] {
            let report = bench.run_one(path, &in_place());
            assert_eq!(
                (report.outcome, report.code),
                (Outcome::Skipped, Some(code))
            );
            assert!(report.message.unwrap().contains("left alone"));
            assert_eq!(read(path), "half of this stays");
            // A result beside them does them no harm.
            assert_eq!(
                bench.run_one(path, &Plan::default()).outcome,
                Outcome::Optimized
            );
        }
    }

    #[test]
    fn symbolic_links_stay_and_their_target_is_replaced() {
        let bench = Bench::new();
        let target = bench.write("real/a.png", "half of this stays");
        let link = bench.path("link.png");
        symlink(&target, &link).unwrap();
        let report = bench.run_one(&link, &in_place());
        assert_eq!(report.outcome, Outcome::Optimized);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read(&target), "half of t");
        // The history names the file that was replaced.
        assert!(
            bench
                .store
                .revertible(&target.canonicalize().unwrap())
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn names_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStringExt;
        let bench = Bench::new();
        let name = std::ffi::OsString::from_vec(b"caf\xe9.png".to_vec());
        let path = bench.path("").join(name);
        std::fs::write(&path, "half of this stays").unwrap();
        let report = bench.run_one(&path, &in_place());
        assert_eq!(report.output, Some(path.clone()));
        let id = bench
            .store
            .revertible(&path.canonicalize().unwrap())
            .unwrap()
            .unwrap();
        crate::revert(&bench.store, id, crate::Edited::Refuse).unwrap();
        assert_eq!(read(&path), "half of this stays");
    }
}
