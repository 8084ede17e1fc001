//! The account's images in the history.

use serde_json::Value;

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

    // Each is looked up for the size of its result, some hundred at a time; then nothing is asked anew.
    for _ in 0..3 {
        assert!(user.run(&["account", "sync"]).status.success());
    }
    let again = user.history();
    assert_eq!(again.len(), history.len());
    let mut there = Vec::new();
    for page in 1.. {
        let path = format!("/v1/original_images?per_page=100&page={page}");
        let list = server.get(&path).json();
        there.extend(list["original_images"].as_array().unwrap().clone());
        if list["pagination"]["total_pages"].as_u64().unwrap() <= page {
            break;
        }
    }
    for line in again.iter().filter(|line| line["origin"] == "account") {
        let path = line["path"].as_str().unwrap();
        let named =
            |image: &&Value| path.ends_with(&format!("/{}", image["filename"].as_str().unwrap()));
        let image = there.iter().find(named).unwrap();
        assert_eq!(line["created_at"], image["created_at"], "{path}");
        assert_eq!(line["input_bytes"], image["size"], "{path}");
        let whole = server
            .get(&format!("/v1/original_images/{}", image["id"]))
            .image();
        let result = &whole["optimized_images"][0];
        assert_eq!(line["output_bytes"], result["size"], "{path}");
    }
    let csv = user.run(&["history", "--csv"]);
    let csv = String::from_utf8_lossy(&csv.stdout).into_owned();
    let dates: Vec<&str> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(dates.len(), again.len());
    assert!(
        dates.is_sorted_by(|newer, older| newer >= older),
        "{dates:?}"
    );
    let shown = user.run(&["history", "--limit", "1"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("last.png") && shown.contains(" % "),
        "{shown}"
    );
    // The totals of this computer count what this computer did.
    let stats = user.run(&["stats", "--json"]);
    let stats: serde_json::Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(stats["original_images_count"], 1);
    let saved = own["input_bytes"].as_u64().unwrap() - own["output_bytes"].as_u64().unwrap();
    assert_eq!(stats["saved_bytes"], saved);
    assert_eq!(stats["by_folder"].as_array().unwrap().len(), 1);
    assert_eq!(stats["by_format"][0]["images"], 1);
}
