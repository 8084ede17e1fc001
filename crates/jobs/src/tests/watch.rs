use super::*;
use crate::walk::Found;
use crate::watch::{Pace, Watched, Watcher, attach, no_events};
use whittle_core::{HistoryQuery, Origin, WatchRules, WatchState};
use whittle_store::SeenFile;

const PACE: Pace = Pace {
    tick: Duration::from_millis(10),
    idle: Duration::from_millis(20),
    settled: Duration::from_millis(40),
    poll: Duration::from_millis(50),
};

struct Desk {
    bench: Bench,
    queue: Arc<Queue>,
    watcher: Option<Watcher>,
}

impl Desk {
    fn new() -> Desk {
        let mut bench = Bench::new();
        let queue = Arc::new(bench.queue.take().unwrap());
        Desk {
            bench,
            queue,
            watcher: None,
        }
    }

    fn watch(&mut self, folders: Vec<Watched>) {
        self.watch_by(folders, attach);
    }

    fn watch_by(&mut self, folders: Vec<Watched>, attach: crate::watch::Attach) {
        self.watch_keeping(folders, usize::MAX, attach);
    }

    fn watch_keeping(&mut self, folders: Vec<Watched>, keep: usize, attach: crate::watch::Attach) {
        self.watcher = None;
        let (queue, store) = (Arc::clone(&self.queue), Arc::clone(&self.bench.store));
        let watcher = Watcher::start_with(queue, store, folders, keep, PACE, attach);
        self.watcher = Some(watcher);
    }

    /// Outcomes by file name, in the order in which they came.
    fn finished(&self) -> Vec<(String, Outcome)> {
        let events = self.bench.events();
        let finished = events.iter().filter_map(|event| match event {
            Event::Finished { report, .. } => {
                let name = report
                    .path
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                Some((name, report.outcome))
            }
            _ => None,
        });
        finished.collect()
    }

    fn until_finished(&self, count: usize) {
        while self.finished().len() < count {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Lets a picture through the whole watcher: when it is done, so is what came before it.
    fn pass(&self, folder: &str) {
        let count = self.finished().len();
        let name = format!("{folder}/sentinel-{count}.png");
        self.bench.write(&name, format!("same sentinel {count}"));
        self.until_finished(count + 1);
        let last = self.finished().pop().unwrap().0;
        assert_eq!(
            last,
            format!("sentinel-{count}.png"),
            "{:?}",
            self.finished()
        );
    }

    fn until_state(&self, state: WatchState) {
        while self
            .watcher
            .as_ref()
            .unwrap()
            .status()
            .first()
            .map(|status| status.state)
            != Some(state)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn watched(bench: &Bench, folder: &str, plan: Plan) -> Watched {
    Watched {
        id: 1,
        path: bench.path(folder),
        plan: Plan {
            origin: whittle_core::Origin::Watch,
            ..plan
        },
        min_bytes: 0,
        paused: false,
    }
}

#[test]
fn what_was_there_and_what_comes_is_taken_once() {
    let mut desk = Desk::new();
    desk.bench.write("in/old.png", "half of the old one");
    let folders = vec![watched(&desk.bench, "in", in_place())];
    desk.watch(folders.clone());
    desk.until_finished(1);
    desk.bench.write("in/deep/new.png", "half of the new one");
    desk.until_finished(2);
    assert_eq!(read(&desk.bench.path("in/deep/new.png")), "half of t");
    // Its own results are not taken: not at once, not after a restart, not when they are touched.
    desk.pass("in");
    desk.watch(folders);
    desk.pass("in");
    std::fs::File::open(desk.bench.path("in/old.png"))
        .unwrap()
        .set_modified(std::time::SystemTime::now())
        .unwrap();
    desk.pass("in");
    let optimized = desk
        .finished()
        .iter()
        .filter(|(_, outcome)| *outcome == Outcome::Optimized)
        .count();
    assert_eq!(optimized, 2, "{:?}", desk.finished());
    let lines = desk.bench.store.history(&HistoryQuery::default()).unwrap();
    assert_eq!(lines.entries[0].origin, whittle_core::Origin::Watch);
}

/// What a killed run did not get to is offered again, but not what its watched folder finds by itself.
#[test]
fn what_is_found_again_is_not_left_over() {
    let bench = Bench::new();
    let names = ["in/new.png", "in/drafts/x.png", "in/seen.png", "out/y.png"];
    for name in names.iter().chain(&["paused/z.png"]) {
        bench.write(name, "half of this stays");
    }
    let images: Vec<PathBuf> = ["in/new.png", "in/gone.png"]
        .into_iter()
        .chain(names)
        .chain(["paused/z.png"])
        .map(|name| bench.path(name))
        .collect();
    let rules = WatchRules {
        exclude: vec!["drafts".into()],
        ..WatchRules::default()
    };
    let paused = WatchRules {
        paused: true,
        ..WatchRules::default()
    };
    for (folder, rules) in [("in", rules), ("paused", paused)] {
        let folder = bench.path(folder);
        bench.store.add_watched_folder(&folder, &rules).unwrap();
    }
    let seen = bench.path("in/seen.png");
    let metadata = std::fs::metadata(&seen).unwrap();
    let modified = metadata.modified().unwrap();
    let since = modified.duration_since(std::time::SystemTime::UNIX_EPOCH);
    let file = SeenFile {
        bytes: metadata.len(),
        modified: i64::try_from(since.unwrap().as_nanos()).unwrap(),
        hash: crate::source::hash_file(&seen).unwrap(),
        path: seen,
    };
    bench.store.note_seen(&[file]).unwrap();

    let killed = Store::open(bench.store.dir()).unwrap();
    for (batch, origin) in [("watched", Origin::Watch), ("dropped", Origin::File)] {
        let plan = Plan {
            origin,
            ..Plan::default()
        };
        let plan = serde_json::to_string(&plan).unwrap();
        let images = images.iter().map(|path| (path.as_path(), path.as_path()));
        let batch = BatchId(batch.into());
        killed.note_queued(&batch, &plan, images).unwrap();
    }
    drop(killed);
    let left_over = || {
        let left = crate::start(&bench.store).left_over.into_iter();
        left.map(|left| {
            let paths = left.images.into_iter().map(|(path, _)| path);
            (left.batch.0, paths.collect::<Vec<_>>())
        })
        .collect::<Vec<_>>()
    };
    let expected = [
        ("watched".to_owned(), images[3..].to_vec()),
        ("dropped".to_owned(), images.clone()),
    ];
    assert_eq!(left_over(), expected);
    // They are forgotten, and not only hidden: nobody is offered them once the folder is not watched any more.
    for folder in bench.store.watched_folders().unwrap() {
        bench.store.remove_watched_folder(folder.id).unwrap();
    }
    assert_eq!(left_over(), expected);
}

#[test]
fn results_are_known_under_any_name_and_in_any_folder() {
    let mut desk = Desk::new();
    desk.bench.write("a/one.png", "half of one picture");
    std::fs::create_dir(desk.bench.path("b")).unwrap();
    let (a, b) = (
        watched(&desk.bench, "a", in_place()),
        watched(&desk.bench, "b", in_place()),
    );
    desk.watch(vec![a, Watched { id: 2, ..b }]);
    desk.until_finished(1);
    let one = desk.bench.path("a/one.png");
    // Renamed, copied, come back from a sync, and in another watched folder.
    std::fs::copy(&one, desk.bench.path("a/copy.png")).unwrap();
    std::fs::copy(&one, desk.bench.path("b/elsewhere.png")).unwrap();
    let synced = desk.bench.path("a/.one.png.sync");
    std::fs::copy(&one, &synced).unwrap();
    std::fs::remove_file(&one).unwrap();
    std::fs::rename(&synced, desk.bench.path("a/two.png")).unwrap();
    desk.pass("a");
    desk.pass("b");
    assert_eq!(desk.finished().len(), 3, "{:?}", desk.finished());
}

#[test]
fn results_beside_the_originals_are_not_taken() {
    let mut desk = Desk::new();
    let plan = styled(&["thumb"], Plan::default());
    desk.bench.write("in/a.png", "half of this stays");
    let folders = vec![watched(&desk.bench, "in", plan)];
    desk.watch(folders.clone());
    desk.until_finished(1);
    desk.pass("in");
    desk.watch(folders);
    desk.pass("in");
    let of_a = desk
        .finished()
        .iter()
        .filter(|(name, _)| name.starts_with("a."))
        .count();
    assert_eq!(of_a, 1, "{:?}", desk.finished());
    // A new version of the original is.
    desk.bench.write("in/a.png", "half of that stays instead");
    while read(&desk.bench.path("in/a.min.png")) != "half of that " {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn editors_that_write_beside_and_rename_over_are_understood() {
    let mut desk = Desk::new();
    desk.bench.write("in/a.png", "half of this stays");
    desk.watch(vec![watched(&desk.bench, "in", in_place())]);
    desk.until_finished(1);
    for round in 0..3 {
        let temp = desk
            .bench
            .write("in/.a.png.new", format!("half of version number {round}"));
        std::fs::rename(temp, desk.bench.path("in/a.png")).unwrap();
        desk.until_finished(2 + round);
    }
    assert!(
        desk.finished()
            .iter()
            .all(|(name, outcome)| name == "a.png" && *outcome == Outcome::Optimized)
    );
    assert_eq!(read(&desk.bench.path("in/a.png")), "half of vers");
}

#[test]
fn files_are_taken_when_they_are_complete() {
    use std::io::Write;
    let mut desk = Desk::new();
    std::fs::create_dir(desk.bench.path("in")).unwrap();
    desk.watch(vec![watched(&desk.bench, "in", in_place())]);
    let path = desk.bench.path("in/slow.png");
    let mut file = std::fs::File::create(&path).unwrap();
    for _ in 0..5 {
        file.write_all(b"half of it ").unwrap();
        if cfg!(target_os = "linux") {
            // Much longer than a file must be still; but it is open.
            std::thread::sleep(PACE.settled * 2);
        }
    }
    assert_eq!(desk.finished(), []);
    drop(file);
    desk.until_finished(1);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 27);
    // A place that a browser holds, and what it downloads.
    desk.bench.write("in/b.png.part", "half of what is");
    desk.bench.write("in/b.png", "half");
    desk.pass("in");
    std::fs::rename(
        desk.bench.path("in/b.png.part"),
        desk.bench.path("in/b.png"),
    )
    .unwrap();
    desk.until_finished(3);
    assert_eq!(read(&desk.bench.path("in/b.png")), "half of");
}

#[test]
fn the_rules_of_a_folder_hold() {
    let mut desk = Desk::new();
    let plan = Plan {
        exclude: vec!["drafts".into()],
        recursive: true,
        ..into(&desk.bench.path("in/out"))
    };
    let rules = Watched {
        min_bytes: 10,
        ..watched(&desk.bench, "in", plan)
    };
    desk.bench.write("in/small.png", "half");
    desk.bench.write("in/drafts/a.png", "half of this stays");
    desk.bench.write("in/notes.txt", "half of this stays");
    desk.bench.write("in/deep/a.png", "half of this stays");
    desk.watch(vec![rules.clone()]);
    desk.until_finished(1);
    assert_eq!(read(&desk.bench.path("in/out/deep/a.png")), "half of t");
    desk.bench.write("in/drafts/b.png", "half of this stays");
    desk.bench.write("in/deep/.b.png", "half of this stays");
    desk.pass("in");
    assert_eq!(desk.finished().len(), 2, "{:?}", desk.finished());

    let paused = Watched {
        paused: true,
        ..rules.clone()
    };
    desk.watcher.as_ref().unwrap().watch(vec![paused]);
    desk.until_state(WatchState::Paused);
    desk.bench.write("in/later.png", "half of this stays");
    std::thread::sleep(PACE.settled * 3);
    assert_eq!(desk.finished().len(), 2);
    desk.watcher.as_ref().unwrap().watch(vec![rules]);
    desk.until_finished(3);
}

#[test]
fn a_folder_that_is_missing_is_taken_up_when_it_comes() {
    let mut desk = Desk::new();
    desk.watch(vec![watched(&desk.bench, "in", in_place())]);
    desk.until_state(WatchState::Missing);
    desk.bench.write("in/a.png", "half of this stays");
    desk.until_finished(1);
    desk.until_state(WatchState::Watching);
    // Another one in its place.
    std::fs::rename(desk.bench.path("in"), desk.bench.path("away")).unwrap();
    desk.until_state(WatchState::Missing);
    desk.bench.write("in/b.png", "half of that stays");
    desk.until_finished(2);
    let told = desk.bench.events();
    assert!(
        told.iter()
            .any(|event| matches!(event, Event::Watch { status }
        if status.state == WatchState::Missing && status.message.is_some()))
    );
}

#[test]
fn where_no_events_come_the_folder_is_polled() {
    let mut desk = Desk::new();
    std::fs::create_dir(desk.bench.path("in")).unwrap();
    desk.watch_by(vec![watched(&desk.bench, "in", in_place())], no_events);
    desk.until_state(WatchState::Polling);
    let message = desk
        .watcher
        .as_ref()
        .unwrap()
        .status()
        .remove(0)
        .message
        .unwrap();
    assert!(message.contains("max_user_watches"), "{message}");
    desk.bench.write("in/a.png", "half of this stays");
    desk.until_finished(1);
    desk.pass("in");
    assert_eq!(desk.finished().len(), 2);
}

#[test]
fn a_storm_of_files_is_worked_off() {
    // 10,000 in the long form.
    let files: usize = match std::env::var_os("WHITTLE_TORTURE") {
        Some(_) => 10_000,
        None => 400,
    };
    let mut desk = Desk::new();
    std::fs::create_dir(desk.bench.path("in")).unwrap();
    desk.watch(vec![watched(&desk.bench, "in", in_place())]);
    desk.until_state(WatchState::Watching);
    for number in 0..files {
        desk.bench.write(
            &format!("in/{}/{number}.png", number % 7),
            format!("half of the file with number {number}"),
        );
    }
    desk.until_finished(files);
    desk.pass("in");
    let finished = desk.finished();
    assert_eq!(finished.len(), files + 1);
    assert_eq!(
        finished
            .iter()
            .filter(|(_, outcome)| *outcome == Outcome::Optimized)
            .count(),
        files
    );
}

#[test]
fn only_the_last_images_stay_in_the_list() {
    let mut desk = Desk::new();
    for number in 0..5 {
        desk.bench.write(
            &format!("in/{number}.png"),
            format!("half of number {number}"),
        );
    }
    let folders = vec![watched(&desk.bench, "in", in_place())];
    desk.watch_keeping(folders, 2, attach);
    let released = desk.bench.until(|events| {
        let released: Vec<JobId> = events
            .iter()
            .filter_map(|event| match event {
                Event::Released { jobs } => Some(jobs.clone()),
                _ => None,
            })
            .flatten()
            .collect();
        (released.len() == 3).then_some(released)
    });
    let known = (1..=5)
        .map(JobId)
        .filter(|id| desk.queue.job(*id).is_some());
    let known: Vec<JobId> = known.collect();
    assert_eq!(known.len(), 2);
    assert!(known.iter().all(|id| !released.contains(id)));
    // They are not taken again for that.
    desk.pass("in");
    assert_eq!(desk.finished().len(), 6, "{:?}", desk.finished());
}

#[test]
fn what_is_released_is_forgotten() {
    let bench = Bench::new();
    let path = bench.write("a.png", "half of this stays");
    let found = Found {
        below: "a.png".into(),
        bytes: 18,
        path,
    };
    let jobs = bench
        .queue()
        .add_found(vec![found], Arc::new(Plan::default()));
    bench.until(|events| {
        let ended = |event: &&Event| matches!(event, Event::BatchFinished { .. });
        events.iter().find(ended).map(|_| ())
    });
    assert!(bench.queue().report(jobs[0]).is_some());
    bench.queue().release(&jobs);
    assert_eq!(bench.queue().job(jobs[0]), None);
}

/// What is cancelled is not done: it is neither noted as seen nor taken again at once.
#[test]
fn what_is_cancelled_waits_until_it_changes_or_the_next_start() {
    let mut desk = Desk::new();
    desk.queue.pause(true);
    desk.bench.write("in/a.png", "half of the first");
    desk.bench.write("in/b.png", "half of the second");
    let folders = vec![watched(&desk.bench, "in", in_place())];
    // Without events, so that the folder is searched over and over.
    desk.watch_by(folders.clone(), no_events);
    let jobs = [JobId(1), JobId(2)];
    let queue = Arc::clone(&desk.queue);
    desk.bench
        .until(|_| jobs.iter().all(|id| queue.job(*id).is_some()).then_some(()));
    desk.queue.cancel(&jobs);
    desk.queue.pause(false);
    desk.pass("in");
    desk.pass("in");
    let names = |desk: &Desk| -> Vec<String> {
        let finished = desk.finished().into_iter();
        let optimized = finished.filter(|(_, outcome)| *outcome == Outcome::Optimized);
        optimized.map(|(name, _)| name).collect()
    };
    assert_eq!(desk.finished().len(), 4, "{:?}", desk.finished());
    assert!(names(&desk).is_empty());
    desk.bench.write("in/a.png", "half of what was changed");
    desk.until_finished(5);
    assert_eq!(names(&desk), ["a.png"]);
    desk.watch(folders);
    desk.until_finished(6);
    assert_eq!(names(&desk), ["a.png", "b.png"]);
}

#[test]
fn what_the_user_cancels_are_not_images_of_watched_folders() {
    let mut desk = Desk::new();
    desk.queue.pause(true);
    desk.bench.write("in/a.png", "half of the first");
    let folders = vec![watched(&desk.bench, "in", in_place())];
    desk.watch(folders);
    let queue = Arc::clone(&desk.queue);
    desk.bench
        .until(|_| queue.job(JobId(1)).is_some().then_some(()));
    let own = desk.bench.write("own.png", "half of my own");
    let batch = desk.queue.add(vec![own], Plan::default());
    desk.bench.until(|_| queue.job(JobId(2)).map(|_| ()));
    desk.queue.cancel_added();
    assert_eq!(desk.queue.wait(&batch)[0].outcome, Outcome::Cancelled);
    desk.queue.pause(false);
    desk.until_finished(2);
    let expected = ("a.png".to_owned(), Outcome::Optimized);
    assert_eq!(desk.finished()[1], expected);
}

/// Whatever the settings are: an image of a watched folder is worked on once more by its folder's rules.
#[test]
fn images_of_watched_folders_are_tried_again_by_their_rules() {
    let mut desk = Desk::new();
    let path = desk.bench.write("in/a.png", "half of this stays");
    let folders = vec![watched(&desk.bench, "in", in_place())];
    desk.watch(folders.clone());
    desk.until_finished(1);
    let row = desk.queue.job(JobId(1)).unwrap();
    assert!(row.origin == whittle_core::Origin::Watch && !row.by_settings);
    let now = Plan::default();
    let mut again = crate::Again {
        plan: now.clone(),
        folders: Vec::new(),
        quality: None,
    };
    for folders in [Vec::new(), folders.clone()] {
        again.folders = folders;
        let batch = desk.queue.retry(&[JobId(1)], &again);
        let report = desk.queue.wait(&batch).remove(0);
        assert_eq!(report.output, Some(path.clone()), "{report:?}");
        assert_eq!(desk.bench.names(), ["in/a.png"]);
    }
    // What was changed in the rules since, and what was chosen for this image alone, is heeded.
    again.folders[0].plan.output = Output::Suffix {
        suffix: "small".into(),
    };
    let level = whittle_core::Level::new(33).unwrap();
    again.quality = Some((whittle_core::Mode::Lossy, level));
    let batch = desk.queue.retry(&[JobId(1)], &again);
    let report = desk.queue.wait(&batch).remove(0);
    assert_eq!(report.output, Some(desk.bench.path("in/a.small.png")));
    assert_eq!(report.level, Some(level));
    // Those that the user added follow the settings.
    let own = desk.bench.write("own.png", "half of my own");
    desk.queue.wait(&desk.queue.add(vec![own], in_place()));
    again.quality = None;
    let batch = desk.queue.retry(&[JobId(2)], &again);
    let report = desk.queue.wait(&batch).remove(0);
    assert_eq!(report.output, Some(desk.bench.path("own.min.png")));
    assert!(desk.queue.job(JobId(2)).unwrap().by_settings);
}
