//! The window's program, without anybody who looks at it: on a screen and a message bus of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A screen, a bus and a home.
pub struct Screen {
    home: tempfile::TempDir,
    display: String,
    bus: String,
    holders: Vec<Child>,
    program: PathBuf,
}

impl Screen {
    /// `None` where there is no window's program or no screen to be had.
    pub fn new() -> Option<Screen> {
        let program = Path::new(env!("CARGO_BIN_EXE_whittle")).with_file_name("whittle-desktop");
        let screen = program.is_file().then(|| Screen::start(program)).flatten();
        let required =
            std::env::var_os("WHITTLE_WINDOW_TESTS").is_some_and(|value| value == "required");
        assert!(
            screen.is_some() || !required,
            "the window's program, Xvfb or dbus-daemon is missing"
        );
        if screen.is_none() {
            eprintln!("not tested: the window's program, Xvfb or dbus-daemon is not here");
        }
        screen
    }

    fn start(program: PathBuf) -> Option<Screen> {
        let home = tempfile::tempdir().ok()?;
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(home.path(), private).ok()?;
        let (screen, number) = holder(Command::new("Xvfb").args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ]))?;
        let mut started = Screen {
            home,
            display: format!(":{number}"),
            bus: String::new(),
            holders: vec![screen],
            program,
        };
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let (bus, address) = holder(started.furnish(&mut bus))?;
        started.holders.push(bus);
        started.bus = address;
        Some(started)
    }

    /// The window's program with this data folder, its output dropped.
    pub fn desktop(&self, data: &Path) -> Command {
        let mut command = Command::new(&self.program);
        self.furnish(&mut command)
            .env("WHITTLE_DATA_DIR", data)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn furnish<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.home.path().join(name));
        }
        command
            .env("DISPLAY", &self.display)
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_USE_PORTAL", "0")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WHITTLE_FAULT")
            .stdin(Stdio::null())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for holder in self.holders.iter_mut().rev() {
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}

/// A program that runs on, and the first line that it printed.
fn holder(command: &mut Command) -> Option<(Child, String)> {
    let command = command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?)
        .read_line(&mut line)
        .ok()?;
    let line = line.trim().to_owned();
    if line.is_empty() {
        let _ = child.kill();
        let _ = child.wait();
        return None;
    }
    Some((child, line))
}
