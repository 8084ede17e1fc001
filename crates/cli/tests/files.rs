//! Files that are odd, and what is decided about them; originals that come back; folders that are
//! watched and checked.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Bench {
        let bench = Bench(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("")).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("work").join(name)
    }

    fn write(&self, name: &str, number: u8) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, picture(number)).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command
            .args(args)
            .current_dir(self.path(""))
            .env("WHITTLE_DATA_DIR", self.0.path().join("data"))
            .env_remove("WHITTLE_LOG")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Replaces files, and returns their lines.
    fn replace(&self, args: &[&str]) -> Vec<Value> {
        let common = ["optimize", "--json", "--in-place", "--mode", "lossless"];
        lines(&self.run(&[&common[..], args].concat()))
    }
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn picture(number: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::NoCompression);
    let pixels: Vec<u8> = (0..256).flat_map(|_| [number, 9, 99]).collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&pixels)
        .unwrap();
    bytes
}

fn is_picture(path: &Path, number: u8) -> bool {
    std::fs::read(path).unwrap() == picture(number)
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let bench = Bench::new();
    assert!(
        Command::new("mkfifo")
            .arg(bench.path("fifo.png"))
            .status()
            .unwrap()
            .success()
    );
    std::fs::write(bench.path("empty.png"), b"").unwrap();
    std::fs::create_dir(bench.path("folder.png")).unwrap();
    symlink("/dev/zero", bench.path("device.png")).unwrap();
    symlink("nowhere.png", bench.path("dangling.png")).unwrap();
    for (name, code) in [
        ("fifo.png", "not_a_file"),
        ("/dev/zero", "not_a_file"),
        ("device.png", "not_a_file"),
        ("dangling.png", "not_found"),
        ("empty.png", "empty"),
    ] {
        let line = bench.replace(&[name]).remove(0);
        assert_eq!(
            (&line["outcome"], &line["code"]),
            (&"failed".into(), &code.into()),
            "{line}"
        );
    }
    // Within a folder they are passed over, and the others go on.
    bench.write("a.png", 1);
    std::fs::remove_file(bench.path("dangling.png")).unwrap();
    std::fs::remove_file(bench.path("empty.png")).unwrap();
    let all = bench.replace(&["."]);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["outcome"], "optimized");
}

#[test]
fn names_at_the_limit_are_replaced_and_put_back() {
    let bench = Bench::new();
    let name = format!("{}.png", "n".repeat(251));
    let path = bench.write(&name, 1);
    assert_eq!(bench.replace(&[&name])[0]["outcome"], "optimized");
    assert!(bench.run(&["revert", &name]).status.success());
    assert!(is_picture(&path, 1));
    let line = lines(&bench.run(&["optimize", "--json", &name])).remove(0);
    assert_eq!(line["outcome"], "failed");
    assert!(line["message"].as_str().unwrap().contains("name"), "{line}");
}

#[test]
fn names_that_mean_one_file_do_not_become_one_result() {
    let bench = Bench::new();
    // As a file system without case would have it: two names, one place.
    bench.write("in/upper/a.png", 1);
    bench.write("in/lower/a.png", 2);
    std::fs::create_dir_all(bench.path("out/upper")).unwrap();
    symlink("upper", bench.path("out/lower")).unwrap();
    let options = [
        "optimize",
        "--json",
        "--mode",
        "lossless",
        "--threads",
        "1",
        "--out",
        "out",
        "in",
    ];
    let lines = lines(&bench.run(&options));
    let codes: Vec<&Value> = lines.iter().map(|line| &line["code"]).collect();
    assert!(
        codes.contains(&&Value::Null) && codes.contains(&&"output_exists".into()),
        "{lines:?}"
    );
}

#[test]
fn attributes_and_access_lists_survive() {
    let bench = Bench::new();
    let path = bench.write("a.png", 1);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o604)).unwrap();
    let works = |program: &str, args: &[&str]| {
        let run = Command::new(program).args(args).arg(&path).output();
        run.is_ok_and(|output| output.status.success())
    };
    let tagged = works("setfattr", &["-n", "user.colour", "-v", "green"]);
    let listed = works("setfacl", &["-m", "u:1234:rw"]);
    // What the folder would give to new files is not the original's.
    let default = Command::new("setfacl")
        .args(["-d", "-m", "u:4321:rwx"])
        .arg(bench.path(""))
        .status();
    let acl = || {
        let output = Command::new("getfacl")
            .args(["-n", "-c", "-p"])
            .arg(&path)
            .output();
        output
            .map(|output| String::from_utf8(output.stdout).unwrap())
            .unwrap_or_default()
    };
    let (before, had) = (std::fs::metadata(&path).unwrap(), acl());
    std::fs::File::open(&path)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
        .unwrap();
    assert_eq!(
        bench.replace(&["--keep-times", "a.png"])[0]["outcome"],
        "optimized"
    );
    let after = std::fs::metadata(&path).unwrap();
    assert_ne!(before.ino(), after.ino());
    assert_eq!(
        (before.mode(), before.uid(), before.gid()),
        (after.mode(), after.uid(), after.gid())
    );
    assert_eq!(after.mtime(), 1_000_000_000);
    if listed && default.is_ok_and(|status| status.success()) {
        assert!(
            had.contains("user:1234:rw") && !had.contains("4321"),
            "{had}"
        );
        assert_eq!(acl(), had);
    } else {
        eprintln!("not tested: no access control lists here");
    }
    if tagged {
        let value = Command::new("getfattr")
            .args(["--only-values", "-n", "user.colour"])
            .arg(&path)
            .output();
        assert_eq!(value.unwrap().stdout, b"green");
    } else {
        eprintln!("not tested: no extended attributes here");
    }
    // Without the option the result is new.
    let other = bench.write("b.png", 2);
    std::fs::File::open(&other)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH)
        .unwrap();
    bench.replace(&["b.png"]);
    assert_ne!(std::fs::metadata(&other).unwrap().mtime(), 0);
}

#[test]
fn too_little_is_not_worth_it() {
    let bench = Bench::new();
    let path = bench.write("a.png", 1);
    let line = bench.replace(&["--min-saving", "99", "a.png"]).remove(0);
    assert_eq!(
        (&line["outcome"], &line["output"]),
        (&"already_optimal".into(), &Value::Null)
    );
    assert!(line["message"].as_str().unwrap().contains("99 %"), "{line}");
    assert!(is_picture(&path, 1));
    assert_eq!(
        bench.replace(&["--min-saving", "20", "a.png"])[0]["outcome"],
        "optimized"
    );
    assert_eq!(
        bench
            .run(&["optimize", "--min-saving", "100", "a.png"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn originals_come_back_by_file_by_folder_by_run_and_all() {
    let bench = Bench::new();
    let paths = ["a.png", "deep/b.png", "deep/er/c.png", "d.png"];
    for (number, name) in (0..).zip(paths) {
        bench.write(name, number);
    }
    let back = |expected: [bool; 4]| {
        let back: Vec<bool> = (0..)
            .zip(paths)
            .map(|(number, name)| is_picture(&bench.path(name), number))
            .collect();
        assert_eq!(back, expected);
    };
    bench.replace(&["."]);
    back([false; 4]);
    assert!(bench.run(&["revert", "deep"]).status.success());
    back([false, true, true, false]);
    bench.replace(&["deep"]);
    let history = lines(&bench.run(&["history", "--json"]));
    let batch = history[0]["batch"].as_str().unwrap();
    assert!(bench.run(&["revert", "--batch", batch]).status.success());
    back([false, true, true, false]);
    assert!(bench.run(&["revert", "--all"]).status.success());
    back([true; 4]);
    assert_eq!(bench.run(&["revert", "--all"]).status.code(), Some(1));
    assert_eq!(bench.run(&["revert"]).status.code(), Some(2));
    assert_eq!(
        bench.run(&["revert", "--all", "a.png"]).status.code(),
        Some(2)
    );
}

#[test]
fn an_edited_file_is_only_overwritten_by_force_and_is_kept() {
    let bench = Bench::new();
    let path = bench.write("a.png", 1);
    bench.replace(&["a.png"]);
    bench.write("a.png", 7);
    let refused = bench.run(&["revert", "a.png"]);
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("changed after") && told.contains("--force"),
        "{told}"
    );
    assert!(is_picture(&path, 7));
    assert!(bench.run(&["revert", "--force", "a.png"]).status.success());
    assert!(is_picture(&path, 1));
    let hex = blake3::hash(&picture(7)).to_hex();
    let kept = bench
        .0
        .path()
        .join("data/backups")
        .join(&hex[..2])
        .join(hex.as_str());
    assert!(is_picture(&kept, 7));
}

#[test]
fn check_tells_and_writes_nothing() {
    let bench = Bench::new();
    let path = bench.write("a.png", 1);
    let found = bench.run(&["check", "--mode", "lossless", "."]);
    assert_eq!(found.status.code(), Some(1));
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(
        text.contains("a.png: ") && text.contains("1 of 1 images could be smaller."),
        "{text}"
    );
    assert!(is_picture(&path, 1));
    assert_eq!(bench.path("").read_dir().unwrap().count(), 1);
    assert!(lines(&bench.run(&["history", "--json"])).is_empty());
    let json = lines(&bench.run(&["check", "--json", "--mode", "lossless", "a.png"]));
    assert_eq!(
        (&json[0]["outcome"], &json[0]["output"]),
        (&"optimized".into(), &Value::Null)
    );
    bench.replace(&["a.png"]);
    for history in [&[][..], &["--no-history"]] {
        let fine = bench.run(&[&["check", "--mode", "lossless", "."], history].concat());
        assert_eq!(fine.status.code(), Some(0), "{fine:?}");
    }
    std::fs::write(bench.path("broken.png"), b"\x89PNG\r\n\x1a\nbroken").unwrap();
    assert_eq!(bench.run(&["check", "broken.png"]).status.code(), Some(1));
    assert_eq!(
        bench.run(&["check", "--in-place", "a.png"]).status.code(),
        Some(2)
    );
}

#[test]
fn watch_prints_a_line_for_each_image_until_it_is_told_to_stop() {
    let bench = Bench::new();
    bench.write("old.png", 1);
    let mut command = bench.command(&["watch", "--json", "--in-place", "--mode", "lossless", "."]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&told.next().unwrap().unwrap()).unwrap() };
    let first = next();
    assert!(
        first["path"].as_str().unwrap().ends_with("old.png"),
        "{first}"
    );
    bench.write("deep/new.png", 2);
    let second = next();
    assert!(
        second["path"].as_str().unwrap().ends_with("deep/new.png"),
        "{second}"
    );
    assert_eq!(second["outcome"], "optimized");
    assert!(second.get("derivatives").is_some() && second.get("ms").is_some());
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let history = lines(&bench.run(&["history", "--json"]));
    assert_eq!((history.len(), &history[0]["origin"]), (2, &"watch".into()));
    assert_eq!(bench.run(&["watch", "old.png"]).status.code(), Some(2));
}
