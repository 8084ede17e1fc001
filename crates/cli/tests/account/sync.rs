//! The account's images in the history.

use crate::user::{User, picture, server};

#[test]
fn the_account_s_images_appear_in_the_history_once_whatever_interrupts() {
    let (server, proxy) = server(20, &[]);
    let user = User::connected(&server, &proxy);
    user.picture(1000);
    let own = user.optimize(&[]).remove(0);
    assert_eq!(own["outcome"], "optimized");
    let elsewhere: u32 = 230;
    for number in 0..elsewhere {
        let name = format!("elsewhere-{number}.png");
        let answer = server.enqueue(&name, &picture(number), &[("origin", "shopify")]);
        assert_eq!(answer.status, 200);
    }
    let last = server.enqueue("last.png", &picture(2000), &[]).image();
    server.ended(&last["id"]);

    proxy.faults(500);
    let mut synced = 0;
    for _ in 0..100 {
        synced += usize::from(user.run(&["account", "sync"]).status.success());
        if synced >= 3 && proxy.injected().len() >= 12 {
            break;
        }
    }
    assert!(synced >= 3, "it never came through");
    assert!(proxy.injected().len() >= 12);
    proxy.faults(0);
    assert!(user.run(&["account", "sync"]).status.success());
    let history = user.history();
    let of = |origin: &str| {
        history
            .iter()
            .filter(|line| line["origin"] == origin)
            .count()
    };
    assert_eq!(of("account"), elsewhere as usize + 1);
    assert_eq!(of("cli"), 1, "what was sent from here has its own line");
    let mut names: Vec<&str> = history
        .iter()
        .filter(|line| line["origin"] == "account")
        .map(|line| line["path"].as_str().unwrap())
        .collect();
    assert!(
        names[0].contains("/shopify/") || names[0].contains("/file/"),
        "{}",
        names[0]
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), elsewhere as usize + 1);
    assert!(history.iter().all(|line| line["outcome"] != "failed"));
    assert_eq!(user.status()["state"], "up_to_date");
    assert!(user.status()["synced_at"].is_string());
    // The totals of this computer count what this computer did.
    let stats = user.run(&["stats", "--json"]);
    let stats: serde_json::Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(stats["original_images_count"], 1);
}
