//! "Make smaller with Whittle" in the menus of file managers that take an extension.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// The one that has the system's `gi`.
const PYTHON: &str = "/usr/bin/python3";
/// Writes down what it was started with, complete or not at all.
const WHITTLE: &str =
    "#!/bin/sh\nprintf '%s\\0' \"$@\" > \"$LOG.part\" && mv \"$LOG.part\" \"$LOG\"\n";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        let linux = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/linux");
        for folder in ["nautilus-python", "caja-python"] {
            let menu = home.menu(folder);
            fs::create_dir_all(menu.parent().unwrap()).unwrap();
            fs::copy(linux.join("whittle_menu.py"), menu).unwrap();
        }
        let entry = home.path("share/applications/org.whittle.Whittle.desktop");
        fs::create_dir_all(entry.parent().unwrap()).unwrap();
        fs::copy(linux.join("org.whittle.Whittle.desktop"), entry).unwrap();
        let program = home.path("bin/whittle-desktop");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(&program, WHITTLE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    fn menu(&self, folder: &str) -> PathBuf {
        self.path(format!("share/{folder}/extensions/whittle_menu.py"))
    }

    fn picture(&self, name: &OsStr) -> PathBuf {
        let picture = self.path(name);
        fs::write(&picture, b"\x89PNG\r\n\x1a\n").unwrap();
        picture
    }

    /// Opens the menu on these files and chooses its entry; answers what it says.
    fn choose(&self, folder: &str, language: &str, files: &[PathBuf]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/file_managers.py");
        let path = std::env::var("PATH").unwrap();
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(PYTHON)
            .arg(script)
            .arg(self.menu(folder))
            .args(files)
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("XDG_DATA_HOME", self.path("share"))
            .env("LOG", self.path("log"))
            .env("LANGUAGE", language)
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap().trim_end().to_owned()
    }

    /// What the program was started with.
    fn started_with(&self) -> Vec<PathBuf> {
        let log = self.path("log");
        let begun = Instant::now();
        while !log.exists() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "it did not start"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        let log = fs::read(log).unwrap();
        let paths = log.split(|byte| *byte == 0);
        let paths = paths.map(|path| PathBuf::from(OsStr::from_bytes(path)));
        paths.filter(|path| !path.as_os_str().is_empty()).collect()
    }
}

/// As with the tests on the real window: where Python's `gi` is missing, that is said, or an error if it must not be.
fn is_possible() -> bool {
    let gi = Command::new(PYTHON).args(["-c", "import gi"]).output();
    let is_there = gi.is_ok_and(|gi| gi.status.success());
    let required =
        std::env::var_os("WHITTLE_WINDOW_TESTS").is_some_and(|value| value == "required");
    assert!(is_there || !required, "python3-gi is missing");
    if !is_there {
        eprintln!("python3-gi is missing: the menus of file managers are not tested");
    }
    is_there
}

#[test]
fn files_are_handed_over_as_they_are_called() {
    if !is_possible() {
        return;
    }
    for folder in ["nautilus-python", "caja-python"] {
        let home = Home::new();
        let harm = home.path("harm");
        let names = [
            OsStr::new("two words 100%.png"),
            OsStr::new("$(touch harm) `touch harm`; touch harm.png"),
            OsStr::new("--quotes\"'\\.png"),
            OsStr::from_bytes(b"caf\xe9.png"),
        ];
        let mut files: Vec<PathBuf> = names.iter().map(|name| home.picture(name)).collect();
        files.push(home.path("bin"));
        let label = home.choose(folder, "en", &files);
        assert_eq!(label, "Make smaller with Whittle", "{folder}");
        assert_eq!(home.started_with(), files, "{folder}");
        assert!(!harm.exists(), "a shell has read the names");
    }
}

#[test]
fn the_entry_is_there_where_it_means_something_and_speaks_the_systems_language() {
    if !is_possible() {
        return;
    }
    let home = Home::new();
    let picture = home.picture(OsStr::new("a.png"));
    let text = home.path("note.txt");
    fs::write(&text, "no picture").unwrap();
    let menu = "nautilus-python";
    assert_eq!(home.choose(menu, "en", &[picture.clone(), text]), "");
    // Removed from the system, its entry goes.
    let entry = home.path("share/applications/org.whittle.Whittle.desktop");
    let entry_text = fs::read(&entry).unwrap();
    fs::remove_file(&entry).unwrap();
    assert_eq!(home.choose(menu, "en", std::slice::from_ref(&picture)), "");
    assert!(!home.path("log").exists());
    fs::write(&entry, entry_text).unwrap();
    let label = home.choose(menu, "de:en", &[picture]);
    assert_eq!(label, "Mit Whittle verkleinern");
}
