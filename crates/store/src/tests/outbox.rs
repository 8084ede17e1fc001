use std::path::PathBuf;

use whittle_core::{
    ForeignImages, Format, HistoryQuery, Mode, Origin, OutboxState, Outcome, Period, TokenPlace,
};

use crate::{AccountLink, Hash, Listed, ListedImage, OutboxEntry, Store, ToSend};

const ACCOUNT: &str = "https://host/v1 me";

fn enter(store: &Store, content: &Hash, ask: &str) -> Option<OutboxEntry> {
    let image = ToSend {
        account: ACCOUNT,
        content,
        ask,
        name: "a.png",
        bytes: 9,
    };
    store.enter_outbox(image).unwrap()
}

fn listed(id: u64, updated_at: &str, outcome: Outcome) -> ListedImage {
    ListedImage {
        id,
        updated_at: updated_at.into(),
        created_at: 1_000,
        path: PathBuf::from(format!("host/file/{id}.png")),
        format: Some(Format::Png),
        outcome,
        mode: Mode::Balanced,
        level: None,
        input_bytes: Some(5),
        output_bytes: None,
        size: None,
    }
}

#[test]
fn the_same_image_is_in_the_outbox_once_and_keeps_what_is_known_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let content = blake3::hash(b"a");
    let first = enter(&store, &content, "lossy").unwrap();
    assert_eq!((first.state, first.image), (OutboxState::Waiting, None));
    assert_ne!(enter(&store, &content, "lossless").unwrap().id, first.id);
    assert!(store.note_sending(first.id, 7).unwrap());
    // As after a kill: it may have arrived.
    let again = enter(&store, &content, "lossy").unwrap();
    assert_eq!(again.id, first.id);
    assert_eq!((again.state, again.after_image), (OutboxState::Sending, 7));
    // Given up while nobody knows, it is not taken for one that was never sent.
    assert!(store.cancel_outbox(first.id).unwrap());
    assert!(store.is_unwanted(first.id).unwrap());
    assert!(!store.note_sending(first.id, 8).unwrap());
    let again = enter(&store, &content, "lossy").unwrap();
    assert_eq!(again.state, OutboxState::Sending);
    // Refused, it surely did not arrive.
    assert!(
        store
            .note_outbox(first.id, OutboxState::Waiting, None)
            .unwrap()
    );
    store.cancel_outbox(first.id).unwrap();
    assert_eq!(
        enter(&store, &content, "lossy").unwrap().state,
        OutboxState::Waiting
    );

    store.note_sending(first.id, 7).unwrap();
    assert!(store.note_sent(first.id, 8).unwrap());
    assert!(store.is_of_outbox(ACCOUNT, 8).unwrap());
    // One image of the account is one of ours.
    let other = enter(&store, &content, "lossless").unwrap();
    assert!(!store.note_sent(other.id, 8).unwrap());
    assert_eq!(store.outbox_size(ACCOUNT).unwrap(), (2, 18));
    store
        .note_outbox(first.id, OutboxState::Done, None)
        .unwrap();
    assert_eq!(enter(&store, &content, "lossy").unwrap().image, Some(8));
    let shown = store.outbox(ACCOUNT, 10).unwrap();
    assert_eq!(shown.len(), 2);
    assert_eq!(
        (shown[1].image, shown[1].state),
        (Some(8), OutboxState::Done)
    );
    assert!(
        store
            .outbox("https://elsewhere/v1 me", 10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn the_account_s_images_become_lines_once_and_those_sent_from_here_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let list = [
        listed(1, "t1", Outcome::Skipped),
        listed(2, "t1", Outcome::Optimized),
        listed(3, "t1", Outcome::Optimized),
    ];
    let taken = store.take_listed(ACCOUNT, &list).unwrap();
    assert_eq!(taken, Listed { new: 3, changed: 0 });
    assert_eq!(
        store.take_listed(ACCOUNT, &list).unwrap(),
        Listed::default()
    );
    let changed = store.take_listed(ACCOUNT, &[listed(1, "t2", Outcome::Optimized)]);
    assert_eq!(changed.unwrap(), Listed { new: 0, changed: 1 });
    let lines = || store.history(&HistoryQuery::default()).unwrap().entries;
    assert_eq!(lines().len(), 3);
    assert!(
        lines()
            .iter()
            .all(|line| line.outcome == Outcome::Optimized)
    );
    assert!(lines().iter().all(|line| line.origin == Origin::Account));

    // It was listed before its number was known here.
    let ours = enter(&store, &blake3::hash(b"a"), "lossy").unwrap();
    store.note_sent(ours.id, 3).unwrap();
    assert_eq!(lines().len(), 2);
    store
        .take_listed(ACCOUNT, &[listed(3, "t9", Outcome::Optimized)])
        .unwrap();
    assert_eq!(lines().len(), 2);
    assert_eq!(store.listed_count(ACCOUNT).unwrap(), 3);
    assert_eq!(store.stats().unwrap().original_images_count, 0);
}

#[test]
fn the_dashboard_tells_the_account_s_other_images_apart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let now = 1_780_000_000_000; // 28 May 2026
    let month = 31 * 24 * 3600 * 1000;
    let image = |id: u64, created_at: i64, input_bytes: u64| ListedImage {
        created_at,
        input_bytes: Some(input_bytes).filter(|bytes| *bytes > 0),
        output_bytes: Some(1),
        ..listed(id, "t1", Outcome::Optimized)
    };
    let list = [
        image(1, now - 20 * month, 9),
        image(2, now - month, 40),
        image(3, now - month, 2),
        image(4, now, 0),
        image(5, now, 500),
    ];
    store.take_listed(ACCOUNT, &list).unwrap();
    store.take_listed("another", &[image(1, now, 7)]).unwrap();
    // One of them turns out to be sent from here: it is counted there.
    let ours = enter(&store, &blake3::hash(b"a"), "lossy").unwrap();
    store.note_sent(ours.id, 5).unwrap();
    let foreign = |store: &Store| store.dashboard_at(now, Period::Month).unwrap().foreign;
    assert_eq!(
        foreign(&store),
        ForeignImages::default(),
        "none is connected"
    );
    let (endpoint, login) = ACCOUNT.split_once(' ').unwrap();
    let link = AccountLink {
        endpoint: endpoint.into(),
        allow_http: false,
        login: login.into(),
        token: TokenPlace::Environment,
        paused: false,
        synced_at: None,
        plan: None,
        defaults: None,
    };
    store.save_account(Some(&link)).unwrap();
    let found = foreign(&store);
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| (row.period, row.size))
        .collect();
    assert_eq!((found.images, rows), (4, vec![(4, Some(42)), (5, None)]));
    let here = store.dashboard_at(now, Period::Month).unwrap();
    assert_eq!(here.stats.original_images_count, 0);
    assert!(here.columns.iter().all(|column| column.images == 0));
    for period in [Period::Month, Period::SixMonths, Period::All] {
        let here = store.dashboard_at(now, period).unwrap();
        assert_eq!((here.stats.saved_bytes, here.saved_ever), (0, 0));
        assert!(here.stats.by_format.is_empty() && here.stats.by_folder.is_empty());
        assert!(here.biggest_wins.is_empty() && here.stats.consumption.data.is_empty());
        assert_eq!((here.images_ever, here.mean_score), (0, None));
    }
}

#[test]
fn the_account_s_images_stand_by_their_dates_among_ours_and_are_looked_up_once() {
    let (_folder, store) = super::store();
    let report = |path| super::report(path, Outcome::Optimized, 10, Some(4));
    let mut newest = report("/newest.png");
    newest.derivatives = vec![super::derivative("thumb")];
    super::add(&store, &report("/oldest.png"), Origin::Cli, 1_000);
    super::add(&store, &newest, Origin::Cli, 3_000);
    let image = |id: u64, created_at: i64| ListedImage {
        created_at,
        input_bytes: None,
        ..listed(id, "t1", Outcome::Optimized)
    };
    // As a list tells it, oldest first; the last two came in one moment.
    let list = [image(1, 500), image(2, 2_000), image(3, 2_000)];
    store.take_listed(ACCOUNT, &list).unwrap();
    let names = || -> Vec<String> {
        let entries = store.history(&HistoryQuery::default()).unwrap().entries;
        let name = |entry: &whittle_core::HistoryEntry| {
            let name = entry.path.file_name().unwrap().to_string_lossy();
            format!("{name}{}", entry.style.as_deref().unwrap_or_default())
        };
        entries.iter().map(name).collect()
    };
    let by_date = [
        "newest.png",
        "newest.pngthumb",
        "3.png",
        "2.png",
        "oldest.png",
        "1.png",
    ];
    assert_eq!(names(), by_date);

    assert_eq!(store.without_sizes(ACCOUNT, 2).unwrap(), [3, 2]);
    assert!(store.without_sizes("another", 9).unwrap().is_empty());
    let told = ListedImage {
        input_bytes: Some(80),
        output_bytes: Some(20),
        size: Some((4, 3)),
        ..image(3, 2_000)
    };
    store.note_looked_up(ACCOUNT, 3, Some(&told)).unwrap();
    // Gone there, and of one that says nothing: nobody asks again.
    store.note_looked_up(ACCOUNT, 2, None).unwrap();
    store
        .note_looked_up(ACCOUNT, 1, Some(&image(1, 500)))
        .unwrap();
    assert!(store.without_sizes(ACCOUNT, 9).unwrap().is_empty());
    let sizes = || -> Vec<_> {
        let entries = store.history(&HistoryQuery::default()).unwrap().entries;
        let foreign = entries
            .iter()
            .filter(|entry| entry.origin == Origin::Account);
        foreign
            .map(|entry| (entry.input_bytes, entry.output_bytes))
            .collect()
    };
    let known = [(Some(80), Some(20)), (None, None), (None, None)];
    assert_eq!(sizes(), known);

    // What changes there is looked up again, and what is known is not lost by a list without it.
    let changed = ListedImage {
        updated_at: "t2".into(),
        ..image(2, 2_000)
    };
    let again = ListedImage {
        updated_at: "t2".into(),
        ..image(3, 2_000)
    };
    store.take_listed(ACCOUNT, &[changed, again]).unwrap();
    assert_eq!(store.without_sizes(ACCOUNT, 9).unwrap(), [2]);
    assert_eq!(sizes(), known);
    assert_eq!(names(), by_date);
}
