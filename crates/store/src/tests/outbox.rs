use std::path::PathBuf;

use whittle_core::{Format, HistoryQuery, Mode, Origin, OutboxState, Outcome};

use crate::{Hash, Listed, ListedImage, OutboxEntry, Store, ToSend};

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
        input_bytes: 5,
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
