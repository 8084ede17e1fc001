use std::sync::atomic::AtomicUsize;

use super::*;
use whittle_core::{HistoryQuery, Origin};

#[test]
fn events_come_in_order() {
    let bench = Bench::new();
    let paths: Vec<PathBuf> = (0..20)
        .map(|number| bench.write(&format!("{number}.png"), "half of this stays"))
        .collect();
    let batch = bench.queue().add(paths, Plan::default());
    assert_eq!(bench.queue().wait(&batch).len(), 20);
    let events = bench.events();
    let position = |wanted: &dyn Fn(&Event) -> bool| {
        let found: Vec<usize> = (0..events.len())
            .filter(|at| wanted(&events[*at]))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0]
    };
    let end = position(&|event| {
        *event
            == Event::BatchFinished {
                batch: batch.clone(),
            }
    });
    for number in 1..=20 {
        let id = JobId(number);
        let queued = position(
            &|event| matches!(event, Event::Queued { jobs } if jobs.iter().any(|job| job.id == id)),
        );
        let started = position(&|event| *event == Event::Started { job: id });
        let finished = position(
            &|event| matches!(event, Event::Finished { job, history: Some(_), .. } if *job == id),
        );
        assert!(queued < started && started < finished && finished < end);
        assert_eq!(bench.queue().job(id).unwrap().id, id);
        assert_eq!(
            bench.queue().report(id).unwrap().outcome,
            Outcome::Optimized
        );
        assert!(bench.queue().history(id).is_some());
    }
    assert_eq!(bench.queue().job(JobId(21)), None);
    assert_eq!(bench.queue().wait(&BatchId("unknown".into())), []);
}

/// Nothing between the queue and the engine makes one image wait for another, the database included,
/// but the memory that they would take together: of five workers, three fit.
#[test]
fn images_are_worked_on_at_once_as_far_as_memory_allows() {
    const FIT: usize = 3;
    let (inside, most) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let seen = Arc::clone(&most);
    let bench = Bench::with(5, Duration::from_secs(3600), move |_| {
        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        // Nobody leaves before as many as fit are in.
        while most.load(Ordering::SeqCst) < FIT {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Time enough for one too many to come in.
        std::thread::sleep(Duration::from_millis(10));
        inside.fetch_sub(1, Ordering::SeqCst);
    });
    let content = format!("half {}", " ".repeat(300_000));
    let paths: Vec<PathBuf> = (0..15)
        .map(|number| bench.write(&format!("{number}.png"), &content))
        .collect();
    let reports = bench.run(&paths, &Plan::default());
    assert!(
        reports
            .iter()
            .all(|report| report.outcome == Outcome::Optimized)
    );
    assert_eq!(seen.load(Ordering::SeqCst), FIT);
}

/// A larger number is followed while an image is worked on; a smaller one lets what runs come to its end.
#[test]
fn images_at_once_are_changed_meanwhile() {
    let bench = Bench::with(1, Duration::from_secs(3600), |_| {});
    let write = |names: std::ops::Range<usize>, content: &str| -> Vec<PathBuf> {
        names
            .map(|number| bench.write(&format!("{number}.png"), content))
            .collect()
    };
    let first = bench
        .queue()
        .add(write(0..3, "wait for the gate"), Plan::default());
    bench.until_started(1);
    bench.queue().set_threads(3);
    bench.until_started(3);

    bench.queue().set_threads(1);
    let then = bench
        .queue()
        .add(write(3..9, "half of this stays"), Plan::default());
    bench.open_gate();
    let reports = [bench.queue().wait(&first), bench.queue().wait(&then)].concat();
    assert_eq!(reports.len(), 9);
    let is_optimized = |report: &Report| report.outcome == Outcome::Optimized;
    assert!(reports.iter().all(is_optimized), "{reports:?}");
    let mut running = 0;
    for event in bench.events() {
        match event {
            Event::Started { job } => {
                running += 1;
                assert!(job.0 <= 3 || running == 1, "{running} at once");
            }
            Event::Finished { .. } => running -= 1,
            _ => {}
        }
    }
}

#[test]
fn one_bad_image_harms_only_itself() {
    let bench = Bench::new();
    let contents = [
        "half of this stays",
        "panic",
        "broken",
        "webp",
        "half of that, too",
    ];
    let paths: Vec<PathBuf> = (0..)
        .zip(contents)
        .map(|(n, content)| bench.write(&format!("{n}.png"), content))
        .collect();
    let plan = Plan {
        origin: Origin::Watch,
        ..Plan::default()
    };
    let ends: Vec<_> = bench
        .run(&paths, &plan)
        .iter()
        .map(|report| (report.outcome, report.code))
        .collect();
    assert_eq!(
        ends,
        [
            (Outcome::Optimized, None),
            (Outcome::Failed, Some(ErrorCode::Internal)),
            (Outcome::Failed, Some(ErrorCode::NotAnImage)),
            (Outcome::Skipped, Some(ErrorCode::Unsupported)),
            (Outcome::Optimized, None),
        ]
    );
    let entries = bench
        .store
        .history(&HistoryQuery::default())
        .unwrap()
        .entries;
    assert_eq!(entries.len(), 5);
    assert!(entries.iter().all(|entry| entry.origin == Origin::Watch));
}

#[test]
fn cancelled_jobs_end_and_finished_ones_stay() {
    let bench = Bench::with(1, Duration::from_secs(3600), |_| {});
    let paths = [
        bench.write("1.png", "half of this stays"),
        bench.write("2.png", "wait"),
        bench.write("3.png", "half"),
        bench.write("4.png", "half of this stays"),
    ];
    let batch = bench.queue().add(paths.to_vec(), Plan::default());
    bench.until_started(2);
    bench.queue().cancel(&[JobId(3)]);
    bench.queue().cancel(&[JobId(2), JobId(1), JobId(99)]);
    let outcomes: Vec<_> = bench
        .queue()
        .wait(&batch)
        .iter()
        .map(|report| report.outcome)
        .collect();
    use Outcome::{Cancelled, Optimized};
    assert_eq!(outcomes, [Optimized, Cancelled, Cancelled, Optimized]);
    assert!(bench.path("1.min.png").exists() && !bench.path("2.min.png").exists());
    // What never began is not part of the history.
    assert_eq!(
        bench.store.history(&HistoryQuery::default()).unwrap().total,
        3
    );
}

#[test]
fn everything_can_be_cancelled() {
    let bench = Bench::new();
    for number in 0..50 {
        bench.write(&format!("{number}.png"), "wait");
    }
    let batch = bench.queue().add(vec![bench.path("")], Plan::default());
    bench.until_started(2);
    bench.queue().cancel_all();
    let reports = bench.queue().wait(&batch);
    assert!(
        reports
            .iter()
            .all(|report| report.outcome == Outcome::Cancelled)
    );
    assert!(
        reports
            .iter()
            .all(|report| report.code == Some(ErrorCode::Cancelled))
    );
    assert_eq!(bench.names().len(), 50);
}

#[test]
fn a_paused_queue_begins_nothing() {
    let bench = Bench::new();
    bench.queue().pause(true);
    assert!(bench.queue().is_paused());
    let path = bench.write("a.png", "half of this stays");
    let batch = bench.queue().add(vec![path], Plan::default());
    bench.until(|events| {
        events
            .iter()
            .find(|event| matches!(event, Event::Expanded { .. }))
            .cloned()
    });
    assert!(
        !bench
            .events()
            .iter()
            .any(|event| matches!(event, Event::Started { .. }))
    );
    bench.queue().pause(false);
    assert_eq!(bench.queue().wait(&batch).len(), 1);
}

#[test]
fn progress_is_told() {
    let bench = Bench::new();
    let path = bench.write("a.png", "wait");
    let batch = bench.queue().add(vec![path], Plan::default());
    let done = bench.until(|events| {
        events.iter().find_map(|event| match event {
            Event::Progress {
                job: JobId(1),
                done,
            } => Some(*done),
            _ => None,
        })
    });
    assert!((done - 0.5).abs() < 1e-3);
    bench.open_gate();
    bench.queue().wait(&batch);
}

#[test]
fn a_runaway_is_given_up_and_the_others_go_on() {
    let bench = Bench::with(1, Duration::from_millis(20), |_| {});
    // It takes all the memory that there is for images, and never gives it back.
    let content = format!("hang whatever you ask {}", " ".repeat(1 << 20));
    let runaway = bench.write("1.png", &content);
    let other = bench.write("2.png", "half of this stays");
    let mut short = in_place();
    short.recipe.limits.time = Duration::from_millis(20);
    let batches = [
        bench.queue().add(vec![runaway.clone()], short),
        bench.queue().add(vec![other], in_place()),
    ];
    let report = bench.queue().wait(&batches[0]).remove(0);
    assert_eq!(
        (report.outcome, report.code),
        (Outcome::Failed, Some(ErrorCode::TimedOut))
    );
    assert_eq!(report.input_bytes, content.len() as u64);
    let report = bench.queue().wait(&batches[1]).remove(0);
    assert_eq!(report.outcome, Outcome::Optimized);
    // When it comes back after all, it neither writes nor speaks.
    let told = bench.events().len();
    bench.open_gate();
    let later = bench.write("3.png", "half of this stays");
    bench.run_one(&later, &in_place());
    assert_eq!(read(&runaway), content);
    let finished = bench.events()[told..]
        .iter()
        .filter(|event| matches!(event, Event::Finished { .. }))
        .count();
    assert_eq!(finished, 1);
    let history = bench.store.history(&HistoryQuery::default()).unwrap();
    assert_eq!(history.total, 3);
}

#[test]
fn retried_jobs_begin_from_the_original() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let batch = bench.queue().add(vec![path.clone()], in_place());
    bench.queue().wait(&batch);
    assert_eq!(read(&path), "half of t");
    let again = bench.queue().retry(&[JobId(1)], &Plan::default().into());
    assert_ne!(again, batch);
    let reports = bench.queue().wait(&again);
    assert_eq!(reports[0].input_bytes, 18);
    assert_eq!(reports[0].output, Some(bench.path("a.min.png")));
    assert_eq!(read(&path), "half of this stays");
    // And again: its own result of the run before is replaced.
    let again = bench.queue().retry(&[JobId(1)], &Plan::default().into());
    assert_eq!(bench.queue().wait(&again)[0].outcome, Outcome::Optimized);
    assert_eq!(bench.names(), ["a.min.png", "a.png"]);
    let queued = bench
        .events()
        .iter()
        .filter(|event| matches!(event, Event::Queued { .. }))
        .count();
    let ended = bench
        .events()
        .iter()
        .filter(|event| matches!(event, Event::BatchFinished { .. }))
        .count();
    assert_eq!((queued, ended), (3, 3));
}

/// A line of the history is run again as a job of its own, from what was there before Whittle's first result:
/// the file was replaced twice.
#[test]
fn lines_of_the_history_are_run_again_from_the_original() {
    let bench = Bench::new();
    let path = bench.write("a.png", "exact half of this stays");
    let lossy = Plan {
        recipe: Recipe {
            mode: whittle_core::Mode::Lossy,
            ..Recipe::default()
        },
        ..in_place()
    };
    let lossless = Plan {
        recipe: Recipe {
            mode: whittle_core::Mode::Lossless,
            ..Recipe::default()
        },
        ..in_place()
    };
    bench.run_one(&path, &lossless);
    bench.run_one(&path, &lossy);
    assert_eq!(read(&path), "exact ");
    let lines = [JobId(1), JobId(2)].map(|job| bench.queue().history(job).unwrap());
    let recorded = bench.store.entry(lines[0]).unwrap().unwrap().path;

    // Cancelled before it begins, it has put nothing back; tried again, it begins from the original as well.
    bench.queue().pause(true);
    bench
        .queue()
        .add_again(recorded.clone(), in_place())
        .unwrap();
    bench.queue().cancel(&[JobId(3)]);
    assert_eq!(read(&path), "exact ");
    let again = bench.queue().retry(&[JobId(3)], &Plan::default().into());
    bench.queue().pause(false);
    let reports = bench.queue().wait(&again);
    assert_eq!(reports[0].input_bytes, 24, "{reports:?}");
    assert_eq!(read(&path), "exact half of this stays");
    let reverted: Vec<i64> = bench
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Reverted { history } => Some(*history),
            _ => None,
        })
        .collect();
    assert_eq!(reverted, [lines[1], lines[0]]);
    assert!(bench.store.entry(lines[0]).unwrap().unwrap().reverted);

    // Where nothing is replaced now, the file is the original.
    let batch = bench.queue().add_again(recorded, in_place()).unwrap();
    assert_eq!(bench.queue().wait(&batch)[0].input_bytes, 24);
    assert_eq!(read(&path), "exact half o");
}

#[test]
fn what_was_edited_between_two_runs_is_an_original_of_its_own() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    bench.run_one(&path, &in_place());
    std::fs::write(&path, "half of what was edited stays").unwrap();
    bench.run_one(&path, &in_place());
    let line = bench.queue().history(JobId(2)).unwrap();
    let recorded = bench.store.entry(line).unwrap().unwrap().path;
    let batch = bench
        .queue()
        .add_again(recorded.clone(), in_place())
        .unwrap();
    assert_eq!(bench.queue().wait(&batch)[0].input_bytes, 29);
    // An edited result is not overwritten.
    std::fs::write(&path, "half edited").unwrap();
    let batch = bench.queue().add_again(recorded, in_place()).unwrap();
    let reports = bench.queue().wait(&batch);
    assert_eq!(reports[0].code, Some(ErrorCode::ChangedMeanwhile));
    assert_eq!(read(&path), "half edited");
}

#[test]
fn a_retry_does_not_overwrite_what_was_edited_since() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let batch = bench.queue().add(vec![path.clone()], in_place());
    bench.queue().wait(&batch);
    std::fs::write(&path, "half edited").unwrap();
    let again = bench.queue().retry(&[JobId(1)], &in_place().into());
    let reports = bench.queue().wait(&again);
    assert_eq!(reports[0].code, Some(ErrorCode::ChangedMeanwhile));
    assert_eq!(read(&path), "half edited");
    // The result is back: the next try begins from the original all the same.
    std::fs::write(&path, "half of t").unwrap();
    let again = bench.queue().retry(&[JobId(1)], &in_place().into());
    assert_eq!(bench.queue().wait(&again)[0].input_bytes, 18);
    assert_eq!(read(&path), "half of t");
}

/// Whatever runs of it were cancelled before they began, an original that was replaced can be put back.
#[test]
fn a_retry_that_is_cancelled_in_time_leaves_everything_as_it_was() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let batch = bench.queue().add(vec![path.clone()], in_place());
    bench.queue().wait(&batch);
    let (job, line) = (JobId(1), bench.queue().history(JobId(1)));
    let before = bench.queue().report(job);
    for _ in 0..2 {
        bench.queue().pause(true);
        let again = bench.queue().retry(&[job], &Plan::default().into());
        assert_eq!(bench.queue().job(job).unwrap().batch, again);
        bench.queue().cancel(&[job]);
        assert_eq!(bench.queue().wait(&again), []);
        bench.queue().pause(false);
        assert_eq!(bench.queue().history(job), line);
        assert_eq!(bench.queue().report(job), before);
        assert_eq!(bench.queue().job(job).unwrap().batch, batch);
        assert_eq!(bench.queue().wait(&batch).len(), 1);
        let mut told = bench.events().into_iter().rev();
        let told = told.find(|event| matches!(event, Event::Finished { .. }));
        let as_before = Event::Finished {
            job,
            report: Box::new(before.clone().unwrap()),
            history: line,
            as_before: true,
        };
        assert_eq!(told, Some(as_before));
    }
    // Work begins from the original, and not from what was made of it.
    let again = bench.queue().retry(&[job], &in_place().into());
    assert_eq!(bench.queue().wait(&again)[0].input_bytes, 18);
    let line = bench.queue().history(job).unwrap();
    crate::revert(&bench.store, line, crate::Edited::Refuse).unwrap();
    assert_eq!(read(&path), "half of this stays");
    // What was put back is told to be so.
    bench.queue().pause(true);
    bench.queue().retry(&[job], &in_place().into());
    bench.queue().cancel(&[job]);
    let events = bench.events();
    let at = |wanted: &dyn Fn(&Event) -> bool| events.iter().rposition(wanted);
    let finished =
        at(&|event| matches!(event, Event::Finished { history, .. } if *history == Some(line)));
    let reverted = at(&|event| *event == Event::Reverted { history: line });
    assert!(reverted > finished, "{events:?}");
}

#[test]
fn forgotten_jobs_are_gone() {
    let bench = Bench::with(1, Duration::from_secs(3600), |_| {});
    let paths = [
        bench.write("1.png", "same"),
        bench.write("2.png", "wait"),
        bench.write("3.png", "same"),
    ];
    let batch = bench.queue().add(paths.to_vec(), Plan::default());
    bench.until_started(2);
    bench.queue().forget(&[JobId(1), JobId(2), JobId(3)]);
    assert_eq!(bench.queue().job(JobId(1)), None);
    assert_eq!(bench.queue().job(JobId(3)), None);
    bench.open_gate();
    assert_eq!(bench.queue().wait(&batch), []);
    assert_eq!(bench.queue().job(JobId(2)), None);
    // And so is the batch, and one that is forgotten when it is done.
    let path = bench.write("4.png", "same");
    bench.run_one(&path, &Plan::default());
    bench.queue().forget(&[JobId(4)]);
    while bench.queue().batches() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let finished = bench
        .events()
        .iter()
        .filter(|event| matches!(event, Event::Finished { .. }))
        .count();
    assert_eq!(finished, 2);
}

#[test]
fn two_jobs_on_one_file_lose_nothing() {
    for _ in 0..20 {
        let bench = Bench::new();
        let path = bench.write("a.png", "half of this stays");
        let batches = [(); 2].map(|()| bench.queue().add(vec![path.clone()], in_place()));
        let reports: Vec<Report> = batches
            .iter()
            .flat_map(|batch| bench.queue().wait(batch))
            .collect();
        let replaced = reports
            .iter()
            .filter(|report| report.outcome == Outcome::Optimized)
            .count();
        assert_eq!(replaced, 1, "{reports:?}");
        assert_eq!(read(&path), "half of t");
        let id = bench
            .store
            .revertible(&path.canonicalize().unwrap())
            .unwrap()
            .unwrap();
        crate::revert(&bench.store, id, crate::Edited::Refuse).unwrap();
        assert_eq!(read(&path), "half of this stays");
    }
}

#[test]
fn a_queue_can_be_dropped_at_any_time() {
    let mut bench = Bench::new();
    for number in 0..100 {
        bench.write(
            &format!("{number}.png"),
            if number % 2 == 0 { "wait" } else { "same" },
        );
    }
    bench.queue().add(vec![bench.path("")], Plan::default());
    bench.until_started(1);
    bench.queue = None;
    assert_eq!(bench.names().len(), 100);
}

#[test]
fn without_a_store_nothing_existing_is_replaced() {
    let bench = Bench::new();
    let tools = Tools {
        store: None,
        engine: made_up_engine(Arc::clone(&bench.gate), |_| {}),
        memory: Memory::new(1 << 20),
        accounts: None,
    };
    let queue = Queue::start_with(tools, 1, Duration::from_secs(3600), Arc::new(|_| {}));
    let path = bench.write("a.png", "half of this stays");
    let run = || {
        queue
            .wait(&queue.add(vec![path.clone()], Plan::default()))
            .remove(0)
    };
    assert_eq!(run().outcome, Outcome::Optimized);
    assert_eq!(run().code, Some(ErrorCode::OutputExists));
    assert_eq!(queue.history(JobId(1)), None);
}

#[test]
fn images_that_are_held_wait_while_others_go_on() {
    let bench = Bench::new();
    bench.queue().pause(true);
    let paths = (0..3)
        .map(|number| bench.write(&format!("{number}.png"), "half of this stays"))
        .collect();
    let batch = bench.queue().add(paths, Plan::default());
    let ids = [JobId(1), JobId(2), JobId(3)];
    bench.until(|events| {
        let expanded = |event: &Event| matches!(event, Event::Expanded { .. });
        events.iter().any(expanded).then_some(())
    });
    bench.queue().hold(&ids[..2], true);
    bench.queue().pause(false);
    bench.until(|events| {
        let third = |event: &Event| matches!(event, Event::Finished { job, .. } if *job == ids[2]);
        events.iter().any(third).then_some(())
    });
    assert!(bench.queue().report(ids[0]).is_none() && bench.queue().report(ids[1]).is_none());
    let mut held = bench.queue().held();
    held.sort();
    assert_eq!(held, ids[..2]);
    // One is cancelled, and when it is tried again nobody holds it any more.
    bench.queue().cancel(&ids[..1]);
    let again = bench.queue().retry(&ids[..1], &Plan::default().into());
    bench.queue().hold(&ids[1..2], false);
    let mut reports = bench.queue().wait(&batch);
    reports.extend(bench.queue().wait(&again));
    assert_eq!(reports.len(), 3);
    assert!(
        reports
            .iter()
            .all(|report| report.outcome == Outcome::Optimized)
    );
    assert!(bench.queue().held().is_empty());
}
