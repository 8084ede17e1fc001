//! Hostile files through the command line and the watcher: each ends as its manifest says, within
//! its memory, and harms nobody else. Drawings never open a file or a socket.
//!
//! Where the corpus is not there, only the drawings that are made here are tried.
#![cfg(unix)]

#[path = "torture/desktop.rs"]
mod desktop;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What an image may take above an idle process; the two valid giants may take more.
const MEMORY_KIB: u64 = 512 << 10;
const GIANTS: [&str; 2] = [
    "bomb-png-20000x20000-gray8-valid.png",
    "giant-jpeg-20000x14000-gray-valid.jpg",
];

struct Hostile {
    path: PathBuf,
    name: String,
    expected: String,
}

fn corpus() -> Vec<Hostile> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = std::fs::read_to_string(corpus.join("MANIFEST.tsv")) else {
        eprintln!("not tested: there is no corpus beside the repository");
        return Vec::new();
    };
    let lines = manifest.lines().filter(|line| line.starts_with("hostile/"));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            Hostile {
                path: corpus.join(columns[0]),
                name: columns[0].trim_start_matches("hostile/").to_owned(),
                expected: columns[8].to_owned(),
            }
        })
        .collect()
}

fn whittle(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
    command
        .env("WHITTLE_DATA_DIR", data)
        .env_remove("WHITTLE_LOG")
        .stdin(Stdio::null());
    command
}

/// The most memory that a process had, in KiB, looked at until it ended.
fn peak_until_end(child: &mut std::process::Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

fn is_as_expected(expected: &str, line: &Value) -> bool {
    let (outcome, code) = (line["outcome"].as_str().unwrap(), &line["code"]);
    let is_fault = code == "internal" || code == "timed_out" || code == "verification_failed";
    !is_fault
        && match expected {
            "error" => outcome == "failed" || outcome == "skipped",
            // A format that is not worked on yet is skipped, with the reason.
            "ok" => outcome != "failed",
            _ => true,
        }
}

#[test]
fn each_ends_as_its_manifest_says_and_within_its_memory() {
    let long = std::env::var_os("WHITTLE_TORTURE").is_some();
    // The corpus tests try every mode; here it is the way through the program that counts.
    let modes: &[&str] = match long {
        true => &["lossless", "balanced", "lossy"],
        false => &["balanced"],
    };
    let mut tried = 0;
    let mut wrong = Vec::new();
    for hostile in corpus() {
        if !long && GIANTS.contains(&hostile.name.as_str()) {
            continue;
        }
        for mode in modes {
            let folder = tempfile::tempdir().unwrap();
            let mut command = whittle(&folder.path().join("data"));
            command
                .args(["optimize", "--json", "--mode", mode, "--out"])
                .arg(folder.path().join("out"))
                .arg(&hostile.path);
            let began = std::time::Instant::now();
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let stdout = child.stdout.take().unwrap();
            let peak = peak_until_end(&mut child);
            let took = began.elapsed().as_secs_f64();
            let lines: Vec<String> = BufReader::new(stdout).lines().map(Result::unwrap).collect();
            assert_eq!(lines.len(), 1, "{}: {lines:?}", hostile.name);
            let line: Value = serde_json::from_str(&lines[0]).unwrap();
            eprintln!(
                "{took:6.2} s {:>7} KiB {mode:8} {}: {} {}",
                peak, hostile.name, line["outcome"], line["code"]
            );
            if !is_as_expected(&hostile.expected, &line) {
                wrong.push(format!("{} {mode}: {line}", hostile.name));
            }
            // Some tens of MiB are the program's own.
            if peak > MEMORY_KIB + (64 << 10) && !GIANTS.contains(&hostile.name.as_str()) {
                wrong.push(format!("{} {mode}: {peak} KiB", hostile.name));
            }
            tried += 1;
        }
    }
    eprintln!("{tried} hostile runs");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_watcher_survives_them_all_together() {
    let corpus = corpus();
    if corpus.is_empty() {
        return;
    }
    let long = std::env::var_os("WHITTLE_TORTURE").is_some();
    let is_giant = |hostile: &&Hostile| GIANTS.contains(&hostile.name.as_str());
    let others: Vec<&Hostile> = corpus.iter().filter(|one| !is_giant(one)).collect();
    // Every mode takes the same way through the watcher.
    let mut rounds = vec![("balanced", others.clone())];
    if long {
        rounds.push(("lossless", others.clone()));
        rounds.push(("lossy", others));
        rounds.push(("balanced", corpus.iter().filter(is_giant).collect()));
    }
    for (mode, files) in rounds {
        let (peak, seconds) = watched(mode, &files);
        eprintln!(
            "{} files through the watcher, {mode}: {seconds:.0} s, at most {peak} KiB",
            files.len()
        );
        // Images are worked on side by side, and share this by the budget for memory.
        let giants = files.iter().all(is_giant);
        assert!(
            giants || peak < MEMORY_KIB + (64 << 10),
            "{mode}: {peak} KiB"
        );
    }
}

/// Has a watcher work on these files; its memory in KiB at most, and the seconds it took.
fn watched(mode: &str, files: &[&Hostile]) -> (u64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    let mut expected = BTreeSet::new();
    for hostile in files {
        std::fs::copy(&hostile.path, pictures.join(&hostile.name)).unwrap();
        // An empty file is not complete yet.
        if std::fs::metadata(&hostile.path).unwrap().len() > 0 {
            expected.insert(hostile.name.clone());
        }
    }
    let mut command = whittle(&folder.path().join("data"));
    command
        .args(["watch", "--json", "--mode", mode])
        .arg(&pictures);
    let began = std::time::Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !expected.is_empty() {
        let line = lines.next().expect("it watches").unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        let name = Path::new(line["path"].as_str().unwrap())
            .file_name()
            .unwrap()
            .to_owned();
        let name = name.into_string().unwrap();
        assert!(
            expected.remove(&name),
            "{mode}: {name} was worked on twice, or is a result"
        );
        let hostile = files.iter().find(|hostile| hostile.name == name).unwrap();
        assert!(is_as_expected(&hostile.expected, &line), "{mode}: {line}");
    }
    let seconds = began.elapsed().as_secs_f64();
    assert!(child.try_wait().unwrap().is_none(), "it still watches");
    let peak = peak(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    for hostile in files {
        let now = std::fs::read(pictures.join(&hostile.name)).unwrap();
        assert!(
            now == std::fs::read(&hostile.path).unwrap(),
            "{mode}: {} changed",
            hostile.name
        );
    }
    (peak, seconds)
}

/// What the history says of each file, by its path.
fn recorded(data: &Path) -> BTreeMap<PathBuf, Value> {
    let output = whittle(data).args(["history", "--json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            (PathBuf::from(line["path"].as_str().unwrap()), line)
        })
        .collect()
}

/// The most memory that a running process has had, in KiB.
fn peak(child: &std::process::Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let line = line.expect("it runs");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn the_window_survives_them_all() {
    let corpus = corpus();
    let Some(screen) = desktop::Screen::new() else {
        return;
    };
    if corpus.is_empty() {
        return;
    }
    let long = std::env::var_os("WHITTLE_TORTURE").is_some();
    let is_giant = |hostile: &&Hostile| GIANTS.contains(&hostile.name.as_str());
    let others: Vec<&Hostile> = corpus.iter().filter(|one| !is_giant(one)).collect();
    let giants = corpus.iter().filter(is_giant).map(|giant| vec![giant]);
    let mut rounds: Vec<(&str, Vec<&Hostile>)> = vec![("balanced", others.clone())];
    if long {
        rounds.push(("lossless", others.clone()));
        rounds.push(("lossy", others));
        rounds.extend(giants.map(|giant| ("balanced", giant)));
    }
    // What the program takes by itself.
    let folder = tempfile::tempdir().unwrap();
    let mut window = screen.desktop(&folder.path().join("data"));
    let mut child = window.spawn().unwrap();
    let mut idle = 0;
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3));
        let now = peak(&child);
        if now == idle && folder.path().join("data").is_dir() {
            break;
        }
        idle = now;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for (mode, files) in rounds {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut settings = whittle(&data);
        let out = format!(
            r#"output={{"kind":"folder","path":{:?}}}"#,
            folder.path().join("out")
        );
        settings.args(["settings", &format!("mode={mode}"), "threads=1", &out]);
        assert!(settings.output().unwrap().status.success());
        let mut window = screen.desktop(&data);
        for hostile in &files {
            window.arg(hostile.path.canonicalize().unwrap());
        }
        let mut child = window.spawn().unwrap();
        let mut lines = recorded(&data);
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(600);
        while lines.len() < files.len() {
            assert!(
                std::time::Instant::now() < patience,
                "{} lines",
                lines.len()
            );
            assert!(
                child.try_wait().unwrap().is_none(),
                "{mode}: it ended: {lines:#?}"
            );
            std::thread::sleep(std::time::Duration::from_millis(500));
            lines = recorded(&data);
        }
        let peak = peak(&child);
        child.kill().unwrap();
        child.wait().unwrap();
        eprintln!(
            "{} files through the window, {mode}: at most {peak} KiB, idle {idle} KiB",
            files.len()
        );
        for hostile in &files {
            let line = &lines[&hostile.path.canonicalize().unwrap()];
            assert!(is_as_expected(&hostile.expected, line), "{mode}: {line}");
        }
        let giant = files.len() == 1;
        assert!(
            giant || peak < idle + MEMORY_KIB,
            "{mode}: {peak} KiB above {idle} KiB"
        );
    }
}

/// Drawings that ask for files and addresses in every way that comes to mind.
const CURIOUS: &str = r##"<?xml version="1.0"?>
<?xml-stylesheet type="text/css" href="file:///etc/hostname"?>
<!DOCTYPE svg [ <!ENTITY secret SYSTEM "file:///etc/passwd"> ]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="60">
  <style>@import url("file:///etc/hosts"); @font-face { font-family: x; src: url(http://127.0.0.1:9/f.woff) }</style>
  <defs><filter id="f"><feImage href="/etc/passwd"/></filter></defs>
  <image xlink:href="/etc/passwd" width="10" height="10"/>
  <image href="http://127.0.0.1:9/x.png" width="10" height="10"/>
  <use href="file:///etc/passwd#a"/>
  <rect x="0.000" y="0.000" width="20.000" height="20.000" filter="url(#f)" fill="url(/etc/shadow#p)"/>
  <text x="5" y="40" font-family="x">curious</text>
</svg>
"##;
const HARMLESS: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">
  <rect x="0.000" y="0.000" width="20.000" height="20.000"/><text x="5" y="40">calm</text>
</svg>
"#;

#[test]
fn drawings_open_no_file_and_no_socket() {
    let traced = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    if !traced.is_ok_and(|status| status.success()) {
        eprintln!("not tested: strace is not here, or may not trace");
        return;
    }
    let harmless = opened(HARMLESS.as_bytes());
    assert!(
        harmless.iter().any(|name| name.ends_with("drawing.svg")),
        "{harmless:?}"
    );
    let mut drawings = vec![CURIOUS.as_bytes().to_vec()];
    // Without what makes a parser give up.
    drawings.push(
        CURIOUS
            .lines()
            .filter(|line| !line.starts_with("<!DOC"))
            .collect::<String>()
            .into_bytes(),
    );
    drawings.extend(
        corpus()
            .iter()
            .filter(|hostile| hostile.name.ends_with("svg") && hostile.name.contains('-'))
            .filter(|hostile| {
                ["external", "xxe", "script"]
                    .iter()
                    .any(|kind| hostile.name.starts_with(kind))
            })
            .map(|hostile| std::fs::read(&hostile.path).unwrap()),
    );
    for drawing in drawings {
        let more: Vec<String> = opened(&drawing).difference(&harmless).cloned().collect();
        assert!(
            more.is_empty(),
            "{more:?} for {}",
            String::from_utf8_lossy(&drawing)
        );
    }
}

/// What a run over this drawing opens or connects to, without what is random in names.
fn opened(drawing: &[u8]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawing.svg");
    std::fs::write(&path, drawing).unwrap();
    let log = folder.path().join("log");
    let status = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "-s",
            "400",
            "-e",
            "trace=open,openat,openat2,creat,socket,connect,execve",
            "-o",
        ])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_whittle"))
        .args([
            "optimize",
            "--no-history",
            "--threads",
            "1",
            "--resize",
            "small:fit:20x20",
            "--out",
        ])
        .arg(folder.path().join("out"))
        .arg(&path)
        .env("WHITTLE_DATA_DIR", folder.path().join("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code().is_some());
    let own = folder.path().to_string_lossy().into_owned();
    let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    assert!(!text.contains("socket("), "{text}");
    text.lines()
        .filter(|line| line.contains("open") || line.contains("connect") || line.contains("execve"))
        .filter_map(|line| line.split('"').nth(1))
        // Temporary files and notes of the journal have random names; /proc tells about the process itself.
        .filter(|name| !name.contains(".whittle-") && !name.starts_with("/proc/"))
        .map(|name| name.replace(&own, "."))
        .filter(|name| !name.starts_with("./data/unfinished/"))
        .collect()
}
