//! Kills, failures and full disks at every step, through the real program: no original is ever
//! lost, no partial file ever stands at a final path, and the next start clears up.
//!
//! A short form runs with all tests; `cargo xtask torture --kills 1000` runs the long one.
#![cfg(unix)]

mod desktop;
mod images;
mod lab;

use std::process::Stdio;
use std::time::{Duration, Instant};

use desktop::Screen;
use lab::{Dice, Lab, SmallDisk, is_root, rounds};

/// The steps of a commit and of a revert, as the program itself counts them.
fn steps(command: &mut std::process::Command) -> Vec<String> {
    let output = command.env("WHITTLE_FAULT", "list").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    let steps = text.lines().filter_map(|line| line.strip_prefix("step "));
    steps.map(str::to_owned).collect()
}

#[test]
fn every_step_may_be_the_last() {
    // All formats in the long form; a commit is the same for each.
    let formats = if rounds(1) > 1 { 4 } else { 1 };
    let mut faults = 0;
    for (number, without_history) in (0..formats)
        .map(|number| (number, false))
        .chain([(0, true)])
    {
        let folder = tempfile::tempdir().unwrap();
        let mut lab = Lab::new(folder.path(), [number]);
        lab.without_history = without_history;
        let steps = steps(&mut lab.optimize("1"));
        lab.recovers("a run without faults");
        for name in [
            "backup: rename",
            "temp: sync",
            "replace: rename",
            #[cfg(target_os = "linux")]
            "replace: compare",
            "folder: sync",
            if without_history {
                "note: placing"
            } else {
                "history: record"
            },
        ] {
            assert!(
                steps.iter().any(|step| step.ends_with(name)),
                "{name}: {steps:?}"
            );
        }
        for kind in ["kill", "fail", "full"] {
            for (at, step) in (1..).zip(&steps) {
                lab.forget_backups();
                let fault = format!("{kind}:{at}");
                let output = lab
                    .optimize("1")
                    .env("WHITTLE_FAULT", &fault)
                    .output()
                    .unwrap();
                if kind == "kill" {
                    assert_eq!(output.status.code(), None, "{step} was not reached");
                } else {
                    let failed = output.status.code() == Some(1);
                    let told = String::from_utf8_lossy(&output.stdout).contains("\"message\":\"");
                    assert!(
                        failed || told || lab.replaced() == 1,
                        "{fault} {step}: {output:?}"
                    );
                    // What fails before the rename leaves the original untouched.
                    assert!(!failed || lab.replaced() == 0, "{fault} {step}: {output:?}");
                }
                lab.recovers(&format!(
                    "{fault} at {step}, without history: {without_history}"
                ));
                faults += 1;
            }
        }
    }
    eprintln!("{faults} faults injected into commits, no file lost");
}

#[test]
fn every_step_of_putting_back_may_be_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), [0]);
    let replace = || assert!(lab.optimize("1").output().unwrap().status.success());
    replace();
    let steps = steps(lab.command(&["revert", "--all"]).stdout(Stdio::null()));
    assert!(
        steps.iter().any(|step| step.ends_with("history: revert")),
        "{steps:?}"
    );
    for kind in ["kill", "fail", "full"] {
        for (at, step) in (1..).zip(&steps) {
            lab.recovers("between two faults");
            replace();
            let fault = format!("{kind}:{at}");
            let mut revert = lab.command(&["revert", "--all"]);
            let output = revert.env("WHITTLE_FAULT", &fault).output().unwrap();
            assert_eq!(
                output.status.code().is_none(),
                kind == "kill",
                "{fault} {step}"
            );
            lab.recovers(&format!("{fault} at {step} of a revert"));
        }
    }
}

#[test]
fn the_process_may_be_killed_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), 0..12);
    let began = Instant::now();
    assert!(lab.optimize("2").output().unwrap().status.success());
    // A run's time, as far as it is known: a machine may be busy now and idle later.
    let mut whole = began.elapsed();
    lab.recovers("a run without kills");
    let mut dice = Dice(0x57_4849_5454_4C45);
    let (mut kills, mut midway) = (0, 0);
    while kills < rounds(6) {
        let mut child = lab.start("2");
        dice.wait(whole);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.code().is_none() {
            kills += 1;
            whole += whole / 16;
        } else {
            whole -= whole / 4;
        }
        midway += u64::from((1..12).contains(&lab.replaced()));
        lab.recovers(&format!("kill {kills}"));
    }
    eprintln!("{kills} kills, {midway} of them midway, no file lost");
}

#[test]
fn the_windows_program_may_be_killed_at_any_time() {
    let Some(screen) = Screen::new() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), 0..12);
    let settings = ["settings", "mode=lossless", r#"output={"kind":"in_place"}"#];
    assert!(lab.command(&settings).output().unwrap().status.success());
    let start = || {
        let mut window = screen.desktop(&lab.data);
        window.arg(&lab.pictures).spawn().unwrap()
    };
    let patience = Instant::now() + Duration::from_secs(120);
    // The window opens first: what is to be interrupted begins with the first backup.
    let first_backup = |child: &mut std::process::Child| {
        while !lab.data.join("backups").is_dir() {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        Instant::now()
    };
    let mut child = start();
    let began = first_backup(&mut child);
    while lab.replaced() < 12 {
        assert!(
            Instant::now() < patience,
            "{} were replaced",
            lab.replaced()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    let whole = began.elapsed();
    child.kill().unwrap();
    child.wait().unwrap();
    lab.recovers("a whole run in the window");
    let mut dice = Dice(11);
    let mut midway = 0;
    // A start of the window takes a second or more: a twentieth of the kills.
    let kills = rounds(60).div_ceil(20);
    for kill in 1..=kills {
        lab.forget_backups();
        let mut child = start();
        first_backup(&mut child);
        dice.wait(whole);
        child.kill().unwrap();
        child.wait().unwrap();
        midway += u64::from((1..12).contains(&lab.replaced()));
        lab.recovers(&format!("kill {kill} of the window's program"));
    }
    eprintln!("{kills} kills of the window's program, {midway} of them midway, no file lost");
}

#[test]
fn queued_images_are_offered_again() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), 0..8);
    // Somewhere within the commit of the third image.
    let mut run = lab.optimize("1");
    let per_image = steps(&mut lab.optimize("1")).len() / 8;
    lab.recovers("counting");
    run.env("WHITTLE_FAULT", format!("kill:{}", per_image * 5 / 2));
    assert_eq!(run.output().unwrap().status.code(), None);
    let before = lab.replaced();
    assert!((1..8).contains(&before), "{before}");
    let history = lab
        .command(&["check", "--mode", "lossless"])
        .arg(&lab.pictures)
        .output()
        .unwrap();
    let told = String::from_utf8(history.stderr).unwrap();
    assert!(told.contains("whittle resume"), "{told}");
    let output = lab.command(&["resume", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(lab.replaced(), 8);
    let lines = String::from_utf8(output.stdout).unwrap().lines().count();
    assert_eq!(lines, 8 - before);
    let again = lab.command(&["resume", "--json"]).output().unwrap();
    assert!(
        again.stdout.is_empty() && again.stderr.is_empty(),
        "{again:?}"
    );
    lab.recovers("resuming");
}

#[test]
fn two_runs_at_once_do_each_other_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), 0..8);
    for round in 0..rounds(3).min(200) {
        let mut children = [lab.start("2"), lab.start("2")];
        for child in &mut children {
            // Whoever came second says so and fails for that image.
            assert!(child.wait().unwrap().code().is_some());
        }
        assert_eq!(lab.replaced(), 8, "round {round}");
        lab.recovers(&format!("two runs, round {round}"));
    }
}

#[test]
fn a_disk_may_fill_up() {
    let Some(disk) = SmallDisk::new("2m") else {
        return;
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let pictures = disk.path().join("pictures");
    for data in [disk.path().join("data"), elsewhere.path().join("data")] {
        let lab = Lab::in_two(&pictures, &data, 0..8);
        // The database must exist: a disk that is full from the start is told at the start.
        assert!(lab.command(&["history"]).output().unwrap().status.success());
        let filler = disk.path().join("filler");
        for free in [0u64, 8, 20, 48, 96, 192] {
            fill(&filler, free << 10);
            let output = lab.optimize("1").output().unwrap();
            assert!(output.status.code().is_some(), "{output:?}");
            lab.holds(&format!("{free} KiB free"));
            std::fs::remove_file(&filler).unwrap();
            lab.recovers(&format!("{free} KiB free"));
        }
    }
}

/// Fills a disk but for this many bytes.
fn fill(path: &std::path::Path, free: u64) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    let block = [0u8; 4096];
    while file.write_all(&block).is_ok() {}
    let _ = file.flush();
    let size = file.metadata().unwrap().len();
    file.set_len(size.saturating_sub(free)).unwrap();
}

#[test]
fn a_folder_may_be_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut lab = Lab::new(folder.path(), 0..4);
    lab.become_nobody();
    std::fs::set_permissions(&lab.pictures, PermissionsExt::from_mode(0o555)).unwrap();
    let output = lab.optimize("1").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text.matches("\"code\":\"permission_denied\"").count(),
        4,
        "{text}"
    );
    assert_eq!(lab.replaced(), 0);
    std::fs::set_permissions(&lab.pictures, PermissionsExt::from_mode(0o755)).unwrap();
    lab.holds("a read-only folder");
}

#[test]
fn somebody_elses_file_does_not_change_hands() {
    use std::os::unix::fs::PermissionsExt;
    if !is_root() {
        eprintln!("not tested: only the superuser can make files of others");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let mut lab = Lab::new(folder.path(), [0]);
    lab.become_nobody();
    std::fs::set_permissions(&lab.pictures, PermissionsExt::from_mode(0o777)).unwrap();
    let path = lab.pictures.join("0.png");
    std::os::unix::fs::chown(&path, Some(1), Some(1)).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
    let output = lab.optimize("1").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(lab.replaced(), 0);
}

#[test]
fn a_folder_may_be_away_at_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), [0]);
    let away = folder.path().join("away");
    let steps = steps(&mut lab.optimize("1"));
    lab.recovers("counting");
    // The program goes with it, or goes on without it; then nothing, or another folder, is in its place.
    for (killed, other) in [(true, false), (false, false), (true, true), (false, true)] {
        for (at, step) in (1..).zip(&steps) {
            lab.forget_backups();
            let mut held = Lab::held(lab.optimize("1"), &format!("hold:{at}"));
            std::fs::rename(&lab.pictures, &away).unwrap();
            if killed {
                held.kill().unwrap();
            }
            drop(held.stdin.take());
            held.wait().unwrap();
            if other {
                std::fs::create_dir(&lab.pictures).unwrap();
            }
            // A start while it is away must not give anything up.
            for _ in 0..2 {
                let start = lab.command(&["resume", "--forget"]).output().unwrap();
                assert!(start.status.success(), "{start:?}");
            }
            if other {
                std::fs::remove_dir(&lab.pictures).unwrap();
            }
            std::fs::rename(&away, &lab.pictures).unwrap();
            lab.recovers(&format!(
                "its folder was away at {step}, killed: {killed}, another in its place: {other}"
            ));
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_written_at_the_last_moment_stays() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), [0]);
    let path = lab.pictures.join("0.png");
    let edited = images::image(4).1;
    let last_moment = |command: &mut std::process::Command| {
        let steps = steps(command.stdout(Stdio::null()));
        let at = steps
            .iter()
            .position(|step| step.ends_with("replace: rename"));
        at.unwrap_or_else(|| panic!("{steps:?}")) + 1
    };
    let of_a_commit = last_moment(&mut lab.optimize("1"));
    let of_a_revert = last_moment(&mut lab.command(&["revert", "--all"]));
    for (reverting, at) in [(false, of_a_commit), (true, of_a_revert)] {
        for next in ["", "kill", "fail"] {
            for renamed in [false, true] {
                let about = format!("reverting: {reverting}, {next}, renamed: {renamed}");
                lab.forget_backups();
                let command = match reverting {
                    false => lab.optimize("1"),
                    true => {
                        assert!(lab.optimize("1").output().unwrap().status.success());
                        lab.command(&["revert", "--all"])
                    }
                };
                let then = match next {
                    "" => String::new(),
                    next => format!(",{next}:{}", at + 1),
                };
                let mut held = Lab::held(command, &format!("hold:{at}{then}"));
                match renamed {
                    false => std::fs::write(&path, &edited).unwrap(),
                    true => {
                        let beside = folder.path().join("beside");
                        std::fs::write(&beside, &edited).unwrap();
                        std::fs::rename(beside, &path).unwrap();
                    }
                }
                drop(held.stdin.take());
                let status = held.wait().unwrap();
                assert!(!status.success(), "{about}");
                assert_eq!(status.code().is_none(), next == "kill", "{about}");
                let start = lab.command(&["resume", "--forget"]).output().unwrap();
                assert!(start.status.success(), "{about}: {start:?}");
                assert!(std::fs::read(&path).unwrap() == edited, "{about}");
                assert_eq!(lab.names(), ["0.png"], "{about}");
                std::fs::write(&path, lab.original("0.png")).unwrap();
            }
        }
    }
}

#[test]
fn a_folder_may_disappear() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::new(folder.path(), 0..8);
    let away = folder.path().join("away");
    let began = Instant::now();
    assert!(lab.optimize("2").output().unwrap().status.success());
    let whole = began.elapsed();
    lab.recovers("a run");
    let mut dice = Dice(7);
    for round in 0..rounds(5).min(200) {
        let mut child = lab.start("2");
        dice.wait(whole);
        std::fs::rename(&lab.pictures, &away).unwrap();
        // Every second time the program goes with it.
        if round % 2 == 0 {
            let _ = child.kill();
        }
        assert!(child.wait().is_ok());
        // A start while it is away must not give anything up.
        let start = lab.command(&["resume", "--forget"]).output().unwrap();
        assert!(start.status.success(), "{start:?}");
        let _ = std::fs::remove_dir_all(&lab.pictures);
        std::fs::rename(&away, &lab.pictures).unwrap();
        std::thread::sleep(Duration::from_millis(1));
        lab.recovers(&format!("round {round}"));
    }
}
