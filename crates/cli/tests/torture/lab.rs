//! Folders of images that are worked on in place, and what must hold whatever happened to them.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::images::image;

/// The account that is nobody's, for tests that the superuser may do too much in.
const NOBODY: u32 = 65534;

/// Pictures, a data folder, and what each picture is at first.
pub struct Lab {
    pub pictures: PathBuf,
    pub data: PathBuf,
    originals: BTreeMap<String, Vec<u8>>,
    results: BTreeMap<String, Vec<u8>>,
    as_nobody: bool,
    /// Whether runs leave the database alone.
    pub without_history: bool,
}

impl Lab {
    /// Numbers of images; the pictures and the data below `folder`.
    pub fn new(folder: &Path, numbers: impl IntoIterator<Item = u8>) -> Lab {
        Lab::in_two(&folder.join("pictures"), &folder.join("data"), numbers)
    }

    pub fn in_two(pictures: &Path, data: &Path, numbers: impl IntoIterator<Item = u8>) -> Lab {
        let mut lab = Lab {
            pictures: pictures.to_path_buf(),
            data: data.to_path_buf(),
            originals: BTreeMap::new(),
            results: BTreeMap::new(),
            as_nobody: false,
            without_history: false,
        };
        std::fs::create_dir_all(&lab.pictures).unwrap();
        for number in numbers {
            let (extension, bytes) = image(number);
            let name = format!("{number}.{extension}");
            std::fs::write(lab.pictures.join(&name), &bytes).unwrap();
            lab.originals.insert(name, bytes);
        }
        // What an undisturbed run makes of them.
        let reference = tempfile::tempdir().unwrap();
        let out = reference.path().join("out");
        let output = lab
            .command(&["optimize", "--mode", "lossless", "--no-history", "--out"])
            .arg(&out)
            .arg(&lab.pictures)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        for (name, original) in &lab.originals {
            let result = std::fs::read(out.join(name)).unwrap();
            assert!(result.len() < original.len(), "{name} must become smaller");
            lab.results.insert(name.clone(), result);
        }
        lab
    }

    /// From now on commands are run by an account that may not do everything.
    pub fn become_nobody(&mut self) {
        self.as_nobody = is_root();
        if self.as_nobody {
            let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            std::fs::create_dir_all(&self.data).unwrap();
            std::fs::set_permissions(&self.data, everybody).unwrap();
            for name in self.originals.keys() {
                let path = self.pictures.join(name);
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command
            .args(args)
            .env("WHITTLE_DATA_DIR", &self.data)
            .env_remove("WHITTLE_LOG")
            .env_remove("WHITTLE_FAULT")
            .stdin(Stdio::null());
        if self.as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// Works on all pictures in place.
    pub fn optimize(&self, threads: &str) -> Command {
        let options = [
            "optimize",
            "--mode",
            "lossless",
            "--in-place",
            "--threads",
            threads,
            "--json",
        ];
        let mut command = self.command(&options);
        if self.without_history {
            command.arg("--no-history");
        }
        command.arg(&self.pictures);
        command
    }

    pub fn original(&self, name: &str) -> &[u8] {
        &self.originals[name]
    }

    pub fn start(&self, threads: &str) -> Child {
        let mut command = self.optimize(threads);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// A run with these faults, by the time it is held by the first of them; until its stdin ends.
    pub fn held(mut command: Command, faults: &str) -> Child {
        command.env("WHITTLE_FAULT", faults);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("held at ") {
            line.clear();
            assert!(
                told.read_line(&mut line).unwrap() > 0,
                "{faults} was not reached"
            );
        }
        // Nobody reads on, and what it says later must not end it.
        std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
        child
    }

    pub fn replaced(&self) -> usize {
        let is_result = |(name, result): (&String, &Vec<u8>)| {
            std::fs::read(self.pictures.join(name)).is_ok_and(|now| now == *result)
        };
        self.results.iter().filter(|one| is_result(*one)).count()
    }

    /// What must hold at every moment, before anything was cleared up: each picture is whole, and
    /// its original is there or kept.
    pub fn holds(&self, after: &str) {
        for (name, original) in &self.originals {
            let now = std::fs::read(self.pictures.join(name))
                .unwrap_or_else(|error| panic!("after {after}: {name}: {error}"));
            if now == *original {
                continue;
            }
            assert!(
                now == self.results[name],
                "after {after}: {name} is something else"
            );
            let kept = std::fs::read(self.backup(original))
                .unwrap_or_else(|error| panic!("after {after}: the backup of {name}: {error}"));
            assert!(
                kept == *original,
                "after {after}: the backup of {name} is damaged"
            );
        }
    }

    fn backup(&self, original: &[u8]) -> PathBuf {
        let hex = blake3::hash(original).to_hex();
        self.data.join("backups").join(&hex[..2]).join(hex.as_str())
    }

    /// What must hold after the next start: nothing is left over, and all originals come back.
    pub fn recovers(&self, after: &str) {
        self.holds(after);
        let start = self.succeeds(after, &["resume", "--forget"]);
        self.holds(after);
        let names: Vec<String> = self.names();
        let expected: Vec<String> = self.originals.keys().cloned().collect();
        assert_eq!(names, expected, "after {after}: {start:?}");
        if self.without_history {
            // What no history knows is put back by hand.
            for (name, original) in &self.originals {
                if let Ok(kept) = std::fs::read(self.backup(original)) {
                    std::fs::write(self.pictures.join(name), kept).unwrap();
                }
            }
            let unfinished = std::fs::read_dir(self.data.join("unfinished"));
            assert_eq!(unfinished.into_iter().flatten().count(), 0, "after {after}");
        } else if self.replaced() > 0 {
            self.succeeds(after, &["revert", "--all"]);
        }
        for (name, original) in &self.originals {
            let now = std::fs::read(self.pictures.join(name)).unwrap();
            assert!(now == *original, "after {after}: {name} did not come back");
        }
        assert_eq!(
            self.names(),
            expected,
            "after {after}: reverting left something"
        );
    }

    /// Once all originals are in place: the next run keeps them anew.
    pub fn forget_backups(&self) {
        assert_eq!(self.replaced(), 0);
        let _ = std::fs::remove_dir_all(self.data.join("backups"));
    }

    fn succeeds(&self, after: &str, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        assert!(
            output.status.success(),
            "after {after}: {args:?}: {output:?}"
        );
        output
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.pictures)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uid.is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0"))
}

/// Numbers that differ from one to the next, and are the same on every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*, Vigna 2016.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound.max(1)
    }

    pub fn wait(&mut self, at_most: Duration) {
        let micros = self.below(at_most.as_micros() as u64);
        std::thread::sleep(Duration::from_micros(micros));
    }
}

/// How often something is done: a few times in every test run, and as often as
/// `cargo xtask torture` asks.
pub fn rounds(few: u64) -> u64 {
    std::env::var("WHITTLE_TORTURE")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(few)
}

/// A small file system in memory, if the system lets us have one.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    pub fn new(size: &str) -> Option<SmallDisk> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("not tested: mounting a small file system is not allowed here");
        }
        mounted.then_some(SmallDisk(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
