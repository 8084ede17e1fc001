//! Images that are worked on by the account.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use whittle_tests::fixtures::{Picture, jpeg};

use crate::support::{Server, images, until};
use crate::user::{User, lines, server};

fn count(server: &Server) -> u64 {
    let list = server.get("/v1/original_images").json();
    list["pagination"]["total_count"].as_u64().unwrap()
}

#[test]
fn images_of_every_kind_go_to_the_account_and_back_once() {
    let (server, proxy) = server(2, &[]);
    let user = User::connected(&server, &proxy);
    let photo = jpeg::encoded(&Picture::photo(320, 200, 5), jpeg::CAMERA);
    for (name, bytes) in [
        ("a.png", images::wide_png()),
        ("b.jpg", photo),
        ("c.gif", images::animation(120, 80)),
        ("d.svg", images::drawing(40, 40)),
    ] {
        std::fs::write(user.pictures().join(name), bytes).unwrap();
    }
    let args = [
        "--resize",
        "thumb:fit:80x80",
        "--mode",
        "lossy",
        "--level",
        "60",
    ];
    let made = user.optimize(&args);
    assert_eq!(made.len(), 4);
    for line in &made {
        assert_eq!(line["outcome"], "optimized", "{line}");
        assert_eq!(
            (&line["mode"], &line["level"]),
            (&"lossy".into(), &60.into())
        );
        let output = user.dir.path().join(line["output"].as_str().unwrap());
        let bytes = std::fs::read(output).unwrap();
        assert_eq!(line["output_bytes"], bytes.len());
        assert_eq!(line["derivatives"][0]["style"], "thumb");
        assert!(line["derivatives"][0]["width"].as_u64().unwrap() <= 80);
    }
    assert_eq!(count(&server), 4);
    let listed = server.get("/v1/original_images").json();
    let named = |name: &str| -> Value {
        let images = listed["original_images"].as_array().unwrap();
        images
            .iter()
            .find(|image| image["filename"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(named("a.png")["origin"], "cli");
    assert_eq!(named("b.jpg")["compression_level"], 60);
    let again = server
        .get(&format!("/v1/original_images/{}", named("c.gif")["id"]))
        .image();
    assert_eq!(again["optimized_images"][1]["style"], "thumb");

    // The same content under another name, and in another folder, needs no second sending.
    std::fs::copy(
        user.pictures().join("a.png"),
        user.pictures().join("copy.png"),
    )
    .unwrap();
    let made = user.optimize(&[&args[..], &["--include", "copy.png"]].concat());
    assert_eq!(made[0]["outcome"], "optimized", "{made:?}");
    assert_eq!(count(&server), 4);
    assert_eq!(
        user.history().len(),
        10,
        "five images with a derivative each"
    );
}

#[test]
fn what_a_batch_takes_of_the_plan_is_told_before_it_is_sent() {
    let (server, proxy) = server(11, &[]);
    let user = User::connected(&server, &proxy);
    let sizes = [1, 2].map(|number| std::fs::metadata(user.picture(number)).unwrap().len());
    let sum: u64 = sizes.iter().sum();
    std::fs::write(user.pictures().join("notes.txt"), "not an image").unwrap();
    let mut args = vec!["optimize", "pictures", "--out", "out", "--via", "account"];
    let plan = |bytes: u64| {
        let bytes = bytes.to_string();
        server.command(&["token", "plan", "--account", "me", "--bytes", &bytes]);
    };
    let forecast = |args: &[&str]| {
        let output = user.run(args);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output, text)
    };
    // More than is left: told, and sent all the same, for the account decides.
    plan(1);
    args.push("--json");
    let (output, text) = forecast(&args);
    let told: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        told["forecast"],
        serde_json::json!({ "account": "me", "bytes": sum, "left": 1, "over": true })
    );
    let made = lines(&output);
    assert_eq!(made.len(), 2, "nothing else is on stdout");
    args.pop();
    let used = server.get("/v1/shop").json()["shop"]["plan_data"]["quota_usage"]
        .as_u64()
        .unwrap();
    assert!(used > 0);
    plan(used + 212_000_000);
    let (_, text) = forecast(&args);
    assert!(text.contains("of the 212"), "{text}");
    plan(used);
    user.picture(3);
    let (output, text) = forecast(&args);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("only 0 B of its plan are left: what goes beyond is refused"),
        "{text}"
    );
    let (_, text) = forecast(&["optimize", "pictures", "--out", "out"]);
    assert!(!text.contains("account"), "{text}");
}

#[test]
fn the_account_s_own_settings_decide_where_none_are_named() {
    let (server, proxy) = server(3, &[]);
    let user = User::connected(&server, &proxy);
    user.run(&["account", "defaults", "--mode", "lossy", "--level", "35"]);
    user.picture(1);
    let made = user.optimize(&[]);
    assert_eq!(made[0]["outcome"], "optimized", "{made:?}");
    assert_eq!(
        (&made[0]["mode"], &made[0]["level"]),
        (&"lossy".into(), &35.into())
    );
    // And nothing goes there that nobody sent there.
    let here = user.run(&["optimize", "pictures", "--out", "here", "--json"]);
    assert_eq!(lines(&here)[0]["mode"], "balanced");
    assert_eq!(count(&server), 1);
}

#[test]
fn what_is_wrong_is_refused_and_done_here_where_that_is_allowed() {
    let (server, proxy) = server(4, &[]);
    let user = User::connected(&server, &proxy);
    proxy.tamper(|path, body| {
        if path.starts_with("/v1/files/") {
            body.reverse();
        }
    });
    let original = user.picture(1);
    let before = std::fs::read(&original).unwrap();
    let in_place = |more: &[&str]| {
        let args = [
            "optimize",
            "pictures",
            "--in-place",
            "--json",
            "--via",
            "account",
        ];
        lines(&user.run(&[&args[..], more].concat())).remove(0)
    };
    let line = in_place(&[]);
    assert_eq!(line["outcome"], "failed", "{line}");
    assert_eq!(line["code"], "verification_failed");
    assert_eq!(std::fs::read(&original).unwrap(), before);
    let line = in_place(&["--or-here"]);
    assert_eq!(line["outcome"], "optimized", "{line}");
    assert!(line["message"].as_str().unwrap().contains("optimized here"));
    assert!(std::fs::read(&original).unwrap().len() < before.len());
}

#[test]
fn a_plan_that_is_used_up_stops_nothing_that_may_be_done_here() {
    let (server, proxy) = server(5, &[]);
    let user = User::connected(&server, &proxy);
    server.command(&["token", "plan", "--account", "me", "--bytes", "0"]);
    user.picture(1);
    let line = user.optimize(&[]).remove(0);
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&"failed".into(), &"quota_used_up".into())
    );
    let line = user.optimize(&["--or-here"]).remove(0);
    assert_eq!(line["outcome"], "optimized", "{line}");
    assert_eq!(count(&server), 0);
    user.run(&["account", "disconnect"]);
    let output = user.run(&["optimize", "pictures", "--via", "account"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("whittle account connect"));
}

#[test]
fn what_was_queued_offline_is_sent_when_the_network_is_back() {
    let (server, proxy) = server(6, &[]);
    let user = User::connected(&server, &proxy);
    for number in 0..6 {
        user.picture(number);
    }
    proxy.up(false);
    let child = user.started(&[
        "optimize", "pictures", "--out", "out", "--json", "--via", "account",
    ]);
    until("an image that waits for the network", || {
        let output = user.run(&["account", "outbox", "--json"]);
        let waiting = String::from_utf8_lossy(&output.stdout).into_owned();
        waiting.contains("cannot be reached") || waiting.contains("broke")
    });
    assert_eq!(count(&server), 0);
    proxy.up(true);
    let output = child.wait_with_output().unwrap();
    let made = lines(&output);
    assert_eq!(made.len(), 6);
    assert!(
        made.iter().all(|line| line["outcome"] == "optimized"),
        "{made:?}"
    );
    assert_eq!(count(&server), 6);
}

#[test]
fn the_outbox_can_be_paused_and_its_images_given_up() {
    let (server, proxy) = server(7, &[]);
    let user = User::connected(&server, &proxy);
    user.picture(1);
    assert!(user.run(&["account", "outbox", "--pause"]).status.success());
    let child = user.started(&[
        "optimize", "pictures", "--out", "out", "--json", "--via", "account",
    ]);
    let mut items = Vec::new();
    until("an image in the outbox", || {
        items = lines(&user.run(&["account", "outbox", "--json"]));
        !items.is_empty()
    });
    assert_eq!(items[0]["state"], "waiting");
    assert_eq!(count(&server), 0);
    let id = items[0]["id"].to_string();
    assert!(
        user.run(&["account", "outbox", "--cancel", &id])
            .status
            .success()
    );
    let line = lines(&child.wait_with_output().unwrap()).remove(0);
    assert_eq!(line["outcome"], "cancelled", "{line}");
    user.run(&["account", "outbox", "--resume"]);
    let line = user.optimize(&[]).remove(0);
    assert_eq!(line["outcome"], "optimized", "{line}");
    assert_eq!(count(&server), 1);
}

#[test]
fn a_result_whose_link_has_ended_is_made_anew() {
    let (server, proxy) = server(8, &["--link-lifetime", "1"]);
    let user = User::connected(&server, &proxy);
    user.picture(1);
    let first = AtomicBool::new(true);
    proxy.tamper(move |path, body| {
        // The server said that it is ready; by the time it is fetched the link is over.
        let is_image = path.starts_with("/v1/original_images/");
        let done = String::from_utf8_lossy(body).contains("\"completed\"");
        if is_image && done && first.swap(false, Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1900));
        }
    });
    let line = user.optimize(&[]).remove(0);
    assert_eq!(line["outcome"], "optimized", "{line}");
    assert_eq!(count(&server), 2);
}

#[test]
fn a_kill_at_any_moment_loses_nothing_and_sends_nothing_twice() {
    let (server, proxy) = server(9, &[]);
    let user = User::connected(&server, &proxy);
    let images = 12;
    for number in 0..images {
        user.picture(number);
    }
    let mut command = vec!["optimize", "pictures", "--in-place", "--via", "account"];
    for moment in [0, 150, 350, 600] {
        let mut child = user
            .program()
            .args(&command)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("an image in the outbox", || {
            let output = user.run(&["account", "outbox", "--json"]);
            !output.stdout.is_empty()
        });
        std::thread::sleep(Duration::from_millis(moment));
        let _ = child.kill();
        child.wait().unwrap();
        command = vec!["resume"];
    }
    let output = user.run(&["resume", "--json"]);
    assert!(output.status.success(), "{output:?}");
    for number in 0..images {
        let path = user.pictures().join(format!("picture-{number}.png"));
        let before = crate::user::picture(number).len() as u64;
        assert!(path.metadata().unwrap().len() < before, "{path:?}");
    }
    assert_eq!(count(&server), u64::from(images));
    assert_eq!(user.history().len(), images as usize);
}
