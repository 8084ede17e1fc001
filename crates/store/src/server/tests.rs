//! The records by themselves. That they hold when the server is killed is tested with the server.

use whittle_core::{Format, Mode};

use super::*;

fn announce(announced: Announced) -> (String, String) {
    let id = format!("evt_{}_{:?}", announced.image.id, announced.image.status);
    (id, format!("{}", announced.quota_usage))
}

fn new_image(account: i64, waited_for: bool, name: &str) -> NewImage {
    NewImage {
        account,
        mode: Mode::Balanced,
        level: 85,
        origin: "file".into(),
        keep_tags: false,
        waited_for,
        bytes: 100,
        width: 4,
        height: 3,
        format: Format::Png,
        peak_memory: 1,
        filename: "a.png".into(),
        file_key: format!("{name}-original"),
        etag: "e".into(),
        outputs: vec![NewOutput {
            resize: None,
            width: 4,
            height: 3,
            file_key: format!("{name}-full"),
        }],
    }
}

fn records() -> (tempfile::TempDir, Records, i64) {
    let dir = tempfile::tempdir().unwrap();
    let records = Records::open(dir.path()).unwrap();
    records.add_token("me", &[1; 32], "hint").unwrap();
    let account = records.account_of_token(&[1; 32]).unwrap().unwrap().id;
    (dir, records, account)
}

fn completed() -> Finished {
    Finished {
        outputs: vec![FinishedOutput {
            width: 4,
            height: 3,
            bytes: 60,
            etag: "f".into(),
        }],
        error: None,
        lifetime: 0,
    }
}

#[test]
fn the_steps_are_sound() {
    rusqlite_migration::Migrations::from_slice(STEPS)
        .validate()
        .unwrap();
}

#[test]
fn what_somebody_waits_for_goes_first_and_nothing_is_claimed_twice() {
    let (_dir, records, account) = records();
    let first = records.add_image(&new_image(account, false, "a")).unwrap();
    let second = records.add_image(&new_image(account, true, "b")).unwrap();
    let claimed = || records.claim(&announce).unwrap().map(|image| image.id);
    assert_eq!(claimed(), Some(second.id));
    assert_eq!(claimed(), Some(first.id));
    assert_eq!(claimed(), None);
    // A server that is gone has claimed them for nothing.
    assert_eq!(records.recover().unwrap().images, 2);
    assert_eq!(claimed(), Some(second.id));
    let image = records.image(account, second.id).unwrap().unwrap();
    assert_eq!((image.status, image.attempts), (ImageStatus::Processing, 2));
}

#[test]
fn an_image_counts_once_and_only_when_it_is_completed() {
    let (_dir, records, account) = records();
    for name in ["a", "b"] {
        records.add_image(&new_image(account, false, name)).unwrap();
    }
    let first = records.claim(&announce).unwrap().unwrap();
    assert!(records.finish(first.id, &completed(), &announce).unwrap());
    assert!(!records.finish(first.id, &completed(), &announce).unwrap());
    let second = records.claim(&announce).unwrap().unwrap();
    let failed = Finished {
        outputs: Vec::new(),
        error: Some("cant_compress".into()),
        lifetime: 0,
    };
    assert!(records.finish(second.id, &failed, &announce).unwrap());
    assert_eq!(records.quota_usage(account).unwrap(), 100);
    let account_now = records.account_named("me").unwrap().unwrap();
    assert_eq!((account_now.originals, account_now.outputs), (2, 1));
    // Totals stay when images go.
    assert_eq!(
        records.delete_image(account, first.id).unwrap().unwrap(),
        ["a-original", "a-full"]
    );
    assert_eq!(records.quota_usage(account).unwrap(), 100);
    assert_eq!(records.account_named("me").unwrap().unwrap().originals, 2);
}

#[test]
fn an_image_never_goes_back() {
    let (_dir, records, account) = records();
    records.add_image(&new_image(account, false, "a")).unwrap();
    let image = records.claim(&announce).unwrap().unwrap();
    let back = |status: &str| {
        records.connection().execute(
            "UPDATE images SET status = ?2 WHERE id = ?1",
            rusqlite::params![image.id, status],
        )
    };
    assert!(back("enqueued").is_err());
    records.finish(image.id, &completed(), &announce).unwrap();
    for status in ["enqueued", "processing", "error"] {
        assert!(back(status).is_err(), "{status}");
    }
}

#[test]
fn webhooks_wait_for_each_callback_and_go_with_it() {
    let (_dir, records, account) = records();
    let one = records
        .add_callback(account, "https://a/", &[1])
        .unwrap()
        .unwrap();
    assert_eq!(
        records.add_callback(account, "https://a/", &[2]).unwrap(),
        None
    );
    // Nobody is told of what somebody waits for.
    records.add_image(&new_image(account, true, "a")).unwrap();
    records.claim(&announce).unwrap();
    assert_eq!(records.take_due(10).unwrap(), (Vec::new(), None));
    records.add_image(&new_image(account, false, "b")).unwrap();
    let image = records.claim(&announce).unwrap().unwrap();
    records.finish(image.id, &completed(), &announce).unwrap();
    let (due, _) = records.take_due(10).unwrap();
    let ids: Vec<&str> = due.iter().map(|delivery| delivery.id.as_str()).collect();
    assert_eq!(ids, ["evt_2_Processing", "evt_2_Completed"]);
    assert_eq!(
        due[1].body, "100",
        "the quota counts the image that is told of"
    );
    // Taken once; put back when the server that took them is gone, under the same id.
    assert!(records.take_due(10).unwrap().0.is_empty());
    records.delivered(&due[0].id).unwrap();
    records.not_delivered(&due[1].id, Some(0)).unwrap();
    assert_eq!(records.take_due(10).unwrap().0[0].tries, 1);
    assert_eq!(records.recover().unwrap().deliveries, 1);
    assert_eq!(records.take_due(10).unwrap().0[0].id, due[1].id);
    assert!(!records.delete_callback(account + 1, one).unwrap());
    assert!(records.delete_callback(account, one).unwrap());
    assert_eq!(records.recover().unwrap().deliveries, 0);
}

#[test]
fn files_end_and_are_cleared() {
    let (_dir, records, account) = records();
    records.add_image(&new_image(account, false, "a")).unwrap();
    assert!(!records.file("a-original").unwrap().unwrap().expired);
    let image = records.claim(&announce).unwrap().unwrap();
    assert!(records.expired(10).unwrap().is_empty());
    records.finish(image.id, &completed(), &announce).unwrap();
    assert!(records.file("a-full").unwrap().unwrap().expired);
    let keys = vec!["a-original".to_owned(), "a-full".to_owned()];
    assert_eq!(records.expired(10).unwrap(), [(image.id, keys)]);
    records.set_cleared(image.id).unwrap();
    assert!(records.expired(10).unwrap().is_empty());
    assert!(records.knows_file("a-full").unwrap());
    assert!(!records.knows_file("b-full").unwrap());
}

#[test]
fn tokens_open_their_account_until_they_are_revoked() {
    let (_dir, records, account) = records();
    let id = records.add_token("me", &[2; 32], "two").unwrap();
    records.add_token("you", &[3; 32], "three").unwrap();
    assert_eq!(
        records.account_of_token(&[2; 32]).unwrap().unwrap().id,
        account
    );
    assert!(records.revoke_token(id).unwrap());
    assert!(!records.revoke_token(id).unwrap());
    assert_eq!(records.account_of_token(&[2; 32]).unwrap(), None);
    assert_eq!(records.tokens().unwrap().len(), 3);
    assert!(records.set_suspended("you", true).unwrap());
    assert!(
        records
            .account_of_token(&[3; 32])
            .unwrap()
            .unwrap()
            .suspended
    );
    assert!(!records.set_suspended("nobody", true).unwrap());
    assert!(records.set_plan("you", Some(5)).unwrap());
}
