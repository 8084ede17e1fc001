//! Faults by the hundred: nothing is lost, nothing is doubled.
//!
//! The short form is part of every test run; `WHITTLE_ACCOUNT_FAULTS=500` goes on until so many faults were
//! injected (`cargo xtask torture` does).

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use crate::user::{User, server};

const IMAGES: u32 = 10;

#[test]
fn faults_lose_nothing_and_double_nothing() {
    let wanted: usize = std::env::var("WHITTLE_ACCOUNT_FAULTS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(40);
    let (server, proxy) = server(42, &[]);
    let user = User::connected(&server, &proxy);
    let mut sent: u32 = 0;
    let mut kills = 0;
    while proxy.injected().len() < wanted {
        for number in sent..sent + IMAGES {
            user.picture(number);
        }
        sent += IMAGES;
        proxy.faults(450);
        let command = [
            "optimize",
            "pictures",
            "--in-place",
            "--json",
            "--via",
            "account",
            "--mode",
            "lossy",
        ];
        // Every other round the program is killed in the middle.
        if (sent / IMAGES).is_multiple_of(2) {
            let mut child = user
                .program()
                .args(command)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(600 + u64::from(sent) * 13 % 900));
            let _ = child.kill();
            child.wait().unwrap();
            kills += 1;
            let output = user.run(&["resume", "--json"]);
            assert!(output.status.success(), "{output:?}");
            // On a busy machine it may have been killed before it had queued anything.
            let output = user.run(&command);
            assert!(output.status.success(), "{output:?}");
        } else {
            let output = user.run(&command);
            assert!(output.status.success(), "{output:?}");
        }
        proxy.faults(0);
        let list = server.get("/v1/original_images").json();
        assert_eq!(
            list["pagination"]["total_count"], sent,
            "sent twice, or lost"
        );
        let lines = user.history();
        for number in 0..sent {
            let name = format!("picture-{number}.png");
            let of_it = lines.iter().filter(|line| {
                line["outcome"] == "optimized"
                    && line["path"]
                        .as_str()
                        .unwrap()
                        .ends_with(&format!("/{name}"))
            });
            assert_eq!(of_it.count(), 1, "{name}");
            let original = crate::user::picture(number).len();
            let now = std::fs::metadata(user.pictures().join(&name))
                .unwrap()
                .len();
            assert!(now < original as u64, "{name} was not replaced");
        }
        let output = user.run(&["account", "outbox", "--json"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            !text.contains("\"waiting\"") && !text.contains("\"sending\""),
            "{text}"
        );
    }
    let mut kinds: BTreeMap<_, u32> = BTreeMap::new();
    for fault in proxy.injected() {
        *kinds.entry(fault).or_default() += 1;
    }
    println!(
        "{} faults and {kills} kills in {sent} images, none lost, none doubled: {kinds:?}",
        proxy.injected().len()
    );
}
