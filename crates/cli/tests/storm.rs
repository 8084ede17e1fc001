//! Watched folders as people use them, through the real program: ten thousand files at once, results
//! that are renamed, copied and synced, and a system that watches no more folders.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// What a watcher may take, however many files there are: what it begins with, and room for images.
const MEMORY_KIB: u64 = 192 << 10;

struct Watching {
    child: Child,
    lines: mpsc::Receiver<Value>,
}

impl Watching {
    fn new(mut command: Command) -> Watching {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, told) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Watching { child, lines: told }
    }

    /// The next image, by its path and outcome.
    fn next(&self) -> (PathBuf, String) {
        let line = self.lines.recv_timeout(Duration::from_secs(300)).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("path").into(), text("outcome"))
    }

    /// Lets a new image through: when it is done, so is what came before it.
    fn pass(&self, path: &Path, number: u32) {
        std::fs::write(path, picture(u32::MAX - number)).unwrap();
        let (taken, outcome) = self.next();
        assert_eq!(taken, path, "a result was taken");
        assert_eq!(outcome, "optimized");
    }

    fn peak_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watch(data: &Path, folders: &[&Path]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
    let options = ["watch", "--json", "--in-place", "--mode", "lossless"];
    command
        .args(options)
        .args(folders)
        .env("WHITTLE_DATA_DIR", data)
        .env_remove("WHITTLE_LOG")
        .env_remove("WHITTLE_FAULT")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn picture(number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::NoCompression);
    let [a, b, c, d] = number.to_be_bytes();
    let pixels: Vec<u8> = (0..128)
        .flat_map(|_| [a, b, 7, 255, c, d, 9, 255])
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn a_storm_is_worked_off_and_its_results_are_let_alone() {
    // Ten thousand in the long form.
    let files: u32 = match std::env::var_os("WHITTLE_TORTURE") {
        Some(_) => 10_000,
        None => 150,
    };
    let all = tempfile::tempdir().unwrap();
    let (one, two, data) = (
        all.path().join("one"),
        all.path().join("two"),
        all.path().join("data"),
    );
    std::fs::create_dir(&one).unwrap();
    std::fs::create_dir(&two).unwrap();
    let watching = Watching::new(watch(&data, &[&one, &two]));
    watching.pass(&one.join("first.png"), 0);
    let mut expected = BTreeSet::new();
    for number in 0..files {
        let path = one.join((number % 7).to_string());
        std::fs::create_dir_all(&path).unwrap();
        let path = path.join(format!("{number}.png"));
        std::fs::write(&path, picture(number)).unwrap();
        expected.insert(path);
    }
    let began = std::time::Instant::now();
    while !expected.is_empty() {
        let (path, outcome) = watching.next();
        assert!(expected.remove(&path), "{path:?} was taken twice");
        assert_eq!(outcome, "optimized", "{path:?}");
    }
    let peak = watching.peak_kib();
    eprintln!(
        "{files} files at once, worked off in {:.0} s, at most {peak} KiB of memory",
        began.elapsed().as_secs_f64()
    );
    assert!(peak < MEMORY_KIB, "{peak} KiB");

    // What becomes of results: a rename, a copy, a touch, a sync there and back, lost attributes, a
    // copy in another watched folder, and an editor that saves the same by writing beside.
    let result = |number: u32| {
        one.join((number % 7).to_string())
            .join(format!("{number}.png"))
    };
    for number in 0..files / 5 {
        let path = result(number);
        let beside = |name: &str| path.with_file_name(format!("{number}{name}"));
        match number % 7 {
            0 => std::fs::rename(&path, beside(" renamed.png")).unwrap(),
            1 => drop(std::fs::copy(&path, beside(" copied.png")).unwrap()),
            2 => {
                let file = std::fs::File::options().write(true).open(&path).unwrap();
                file.set_modified(std::time::SystemTime::now()).unwrap();
            }
            3 => {
                let away = all.path().join("away");
                std::fs::copy(&path, &away).unwrap();
                std::fs::remove_file(&path).unwrap();
                std::fs::copy(&away, &path).unwrap();
            }
            4 => {
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(&path, bytes).unwrap();
            }
            5 => drop(std::fs::copy(&path, two.join(format!("{number}.png"))).unwrap()),
            _ => {
                std::fs::copy(&path, beside(".sync")).unwrap();
                std::fs::rename(beside(".sync"), &path).unwrap();
            }
        }
    }
    watching.pass(&one.join("second.png"), 1);
    watching.pass(&two.join("third.png"), 2);
    // Nor at the next start.
    drop(watching);
    let watching = Watching::new(watch(&data, &[&one, &two]));
    watching.pass(&one.join("fourth.png"), 3);
    watching.pass(&two.join("fifth.png"), 4);
    eprintln!(
        "{} results moved, copied and touched, none worked on again",
        files / 5
    );
}

#[test]
fn a_system_that_watches_no_more_folders_is_told_of_and_polled() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("folder");
    for number in 0..20 {
        std::fs::create_dir_all(folder.join(number.to_string())).unwrap();
    }
    // A limit for this process alone, in a namespace of its own.
    let limited = r#"echo 5 > /proc/sys/user/max_inotify_watches && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", limited, "sh"]);
    let plain = watch(&all.path().join("data"), &[&folder]);
    command.arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut watching = Watching::new(command);
    let mut told = String::new();
    let mut stderr = BufReader::new(watching.child.stderr.take().unwrap());
    stderr.read_line(&mut told).unwrap();
    if told.contains("unshare") || told.contains("max_inotify_watches:") || told.is_empty() {
        eprintln!("not tested: limits for one process are not allowed here: {told}");
        return;
    }
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
    assert!(
        told.contains("looking through it") && told.contains("sysctl fs.inotify.max_user_watches"),
        "{told}"
    );
    watching.pass(&folder.join("7/a.png"), 0);
    watching.pass(&folder.join("19/b.png"), 1);
}
