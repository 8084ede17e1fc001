use whittle_core::{WatchRules, WatchedFolder};

use super::*;

fn activity(store: &Store, path: &str, since: i64) -> whittle_core::WatchActivity {
    let folder = WatchedFolder {
        id: 7,
        path: path.into(),
        rules: WatchRules::default(),
    };
    store.watch_activity(&folder, since).unwrap()
}

#[test]
fn activity_counts_what_came_into_the_folder_since_then() {
    let (_folder, store) = store();
    let done = |path| report(path, Outcome::Optimized, 1000, Some(400));
    add(&store, &done("/w/a/old.png"), Origin::Watch, 10);
    let new = add(&store, &done("/w/a/new.png"), Origin::Watch, 30);
    add(&store, &done("/w/a/deep/down.png"), Origin::Watch, 31);
    let broken = report("/w/a/broken.png", Outcome::Failed, 7, None);
    let broken = add(&store, &broken, Origin::Watch, 32);
    // Dropped on the window, and neighbours whose names begin alike.
    add(&store, &done("/w/a/dropped.png"), Origin::File, 33);
    add(&store, &done("/w/a.png"), Origin::Watch, 34);
    add(&store, &done("/w/ab/c.png"), Origin::Watch, 35);

    let seen = activity(&store, "/w/a", 20);
    assert_eq!((seen.id, seen.images, seen.failed), (7, 3, 1));
    assert_eq!(seen.saved_bytes, 1200);
    let last: Vec<i64> = seen.last.iter().map(|entry| entry.id).collect();
    assert_eq!(last.len(), 4);
    assert_eq!((last[0], last[2]), (broken, new));
    assert_eq!(activity(&store, "/w/a/", 20), seen);
    assert_eq!(activity(&store, "/", 0).images, 6);
    assert_eq!(activity(&store, "/elsewhere", 0).images, 0);
}
