//! The surroundings of the window: screen, pointer, clipboard, message bus, and a private home.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// What the tests need, and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("dbus-daemon", "dbus-daemon"),
    ("xdotool", "xdotool"),
    ("python3", "python3-gi"),
];

/// The size of the screen.
const SCREEN: &str = "1280x800x24";

/// Where the thing to be dragged is put: right of the window.
const SOURCE: (i32, i32) = (1120, 100);

/// What is missing on this machine for driving the window, in words.
pub fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("the window is driven on Linux only".into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |name: &str| std::env::split_paths(&path).any(|dir| dir.join(name).is_file());
    let mut packages: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !found(program))
        .map(|(_, package)| *package)
        .collect();
    let gtk = "import gi; gi.require_version('Gtk', '3.0')";
    let has_gtk = Command::new(PYTHON)
        .args(["-c", gtk])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !has_gtk {
        packages.push("gir1.2-gtk-3.0");
    }
    (!packages.is_empty()).then(|| format!("not installed: {}", packages.join(" ")))
}

/// The system's Python: another one on the path would not see the system's GTK.
const PYTHON: &str = "/usr/bin/python3";

/// A screen with a home for the app. It outlives the app, so that one can be started again.
pub struct Desk {
    display: String,
    home: TempDir,
    /// What the app that runs now is run with: it stays when a test fails, for the picture.
    running: Mutex<Vec<Holder>>,
    /// The last to go: with the screen, everything that is still drawn on it ends.
    _screen: Holder,
}

impl Desk {
    /// Switches a screen on.
    ///
    /// # Errors
    /// When Xvfb does not start.
    pub fn new() -> Result<Desk> {
        Desk::with_screen(SCREEN)
    }

    /// Switches a screen on that is as large as this says: width × height × bits of a pixel.
    ///
    /// # Errors
    /// When Xvfb does not start.
    pub fn with_screen(screen: &str) -> Result<Desk> {
        let home = tempfile::Builder::new()
            .prefix("whittle-window-")
            .tempdir()?;
        for name in ["data", "runtime", "config", "share", "cache", "images"] {
            let dir = home.path().join(name);
            std::fs::create_dir(&dir)?;
            private(&dir)?;
        }
        let (screen, number) = Holder::start(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    screen,
                    "-nolisten",
                    "tcp",
                ])
                .stderr(Stdio::null()),
        )?;
        Ok(Desk {
            display: format!(":{number}"),
            home,
            running: Mutex::default(),
            _screen: screen,
        })
    }

    /// A folder for the images of a test.
    pub fn images(&self) -> PathBuf {
        self.home.path().join("images")
    }

    /// Where the entries for a start at login lie: whoever writes them knows no XDG_CONFIG_HOME.
    pub fn config(&self) -> PathBuf {
        self.home.path().join(".config")
    }

    /// Where Whittle keeps everything.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Sets what makes a program live on this desk and nowhere else.
    pub fn furnish<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let dir = |name| self.home.path().join(name);
        command
            .env("DISPLAY", &self.display)
            .env("HOME", self.home.path())
            .env("WHITTLE_DATA_DIR", dir("data"))
            .env("XDG_RUNTIME_DIR", dir("runtime"))
            .env("XDG_CONFIG_HOME", dir("config"))
            .env("XDG_DATA_HOME", dir("share"))
            .env("XDG_CACHE_HOME", dir("cache"))
            .env("GDK_BACKEND", "x11")
            // Sizes and dates in the window do not depend on the machine.
            .env("LC_ALL", "C.UTF-8")
            .env_remove("LANGUAGE")
            .env("TZ", "UTC")
            // No accessibility bus or portal is wanted, and waiting for one takes long.
            .env("NO_AT_BRIDGE", "1")
            .env("GTK_USE_PORTAL", "0")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
    }

    /// Keeps these until the next app is closed, or the desk goes.
    pub(super) fn keep(&self, holders: impl IntoIterator<Item = Holder>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.extend(holders);
    }

    /// Ends what was kept.
    pub(super) fn tidy(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.clear();
    }

    /// Draws the whole screen.
    ///
    /// # Errors
    /// When it cannot be drawn or written.
    pub fn picture(&self, file: &Path) -> Result<()> {
        std::fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
        let mut painter = Command::new(PYTHON);
        painter.arg(script("screen.py")).arg(file);
        let status = self.furnish(&mut painter).status()?;
        ensure!(status.success(), "the screen was not drawn: {status}");
        Ok(())
    }

    /// Starts a message bus; answers its address.
    pub(super) fn bus(&self) -> Result<(Holder, String)> {
        Holder::start(self.furnish(Command::new("dbus-daemon").args([
            "--session",
            "--nofork",
            "--nopidfile",
            "--print-address",
        ])))
    }

    /// Runs the command of the same build in the same home; answers what it prints.
    ///
    /// # Errors
    /// When it fails.
    pub fn whittle(&self, args: &[&str]) -> Result<String> {
        let mut command = Command::new(super::app::built("whittle")?);
        let output = self.furnish(command.args(args)).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "whittle {args:?}: {}: {said}",
            output.status
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Puts files on the clipboard for as long as the answer lives.
    ///
    /// # Errors
    /// When the clipboard cannot be taken.
    pub fn copy(&self, files: &[PathBuf]) -> Result<Holder> {
        let mut helper = Command::new(PYTHON);
        helper.arg(script("clipboard.py")).args(files);
        Ok(Holder::start(self.furnish(&mut helper))?.0)
    }

    /// Puts a picture on the clipboard, not its file, for as long as the answer lives.
    ///
    /// # Errors
    /// When the clipboard cannot be taken.
    pub fn copy_picture(&self, file: &Path) -> Result<Holder> {
        let mut helper = Command::new(PYTHON);
        helper
            .arg(script("clipboard.py"))
            .arg("--picture")
            .arg(file);
        Ok(Holder::start(self.furnish(&mut helper))?.0)
    }

    /// The text on the clipboard, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn copied_text(&self) -> Result<String> {
        let mut helper = Command::new(PYTHON);
        helper.arg(script("clipboard.py")).arg("--read");
        let output = self.furnish(&mut helper).output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Changes the database behind Whittle's back, as what goes wrong there.
    ///
    /// # Errors
    /// When it does not take that.
    pub fn sql(&self, script: &str) -> Result<()> {
        let run = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])";
        let database = self.data().join("whittle.sqlite3");
        let mut helper = Command::new(PYTHON);
        helper.args(["-c", run]).arg(database).arg(script);
        let output = self.furnish(&mut helper).output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(())
    }

    /// The windows of this title that are on the screen, by number.
    ///
    /// # Errors
    /// When the screen does not answer.
    pub fn windows(&self, title: &str) -> Result<Vec<String>> {
        let name = format!("^{title}$");
        let mut hand = Command::new("xdotool");
        hand.args(["search", "--onlyvisible", "--name", &name]);
        // It says by its status, too, that there is none.
        let output = self.furnish(&mut hand).output()?;
        let found = String::from_utf8(output.stdout)?;
        Ok(found.split_whitespace().map(str::to_owned).collect())
    }

    /// Closes the windows of this title, as the button of a frame does.
    ///
    /// # Errors
    /// When there is none.
    pub fn close_windows(&self, title: &str) -> Result<()> {
        let windows = self.windows(title)?;
        ensure!(!windows.is_empty(), "no window {title}");
        for window in windows {
            let mut helper = Command::new(PYTHON);
            helper.arg(script("close_window.py")).arg(window);
            let status = self.furnish(&mut helper).status()?;
            ensure!(status.success(), "it was not closed: {status}");
        }
        Ok(())
    }

    /// Stands in for the file manager on this bus: what it is asked to show is appended to the file.
    ///
    /// # Errors
    /// When there is another one.
    pub(super) fn file_manager(&self, bus: &str, log: &Path) -> Result<Holder> {
        let mut helper = Command::new(PYTHON);
        helper.arg(script("file_manager.py")).arg(log);
        let helper = self.furnish(&mut helper);
        Ok(Holder::start(helper.env("DBUS_SESSION_BUS_ADDRESS", bus))?.0)
    }

    /// Stands in for notifications and a tray on this bus.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn services(&self, bus: &str, folder: &Path) -> Result<Holder> {
        let mut helper = Command::new(PYTHON);
        helper.arg(script("services.py")).arg(folder);
        let helper = self.furnish(&mut helper);
        Ok(Holder::start(helper.env("DBUS_SESSION_BUS_ADDRESS", bus))?.0)
    }

    /// Stands in for the programs that files are opened with: what is to be opened is appended to the file,
    /// one path a line. Answers the PATH that leads there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn opener(&self, log: &Path) -> Result<String> {
        let programs = self.home.path().join("bin");
        std::fs::create_dir_all(&programs)?;
        let program = programs.join("xdg-open");
        let log = log.display();
        std::fs::write(
            &program,
            format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{log}'\n"),
        )?;
        private(&program)?;
        let path = std::env::var("PATH")?;
        Ok(format!("{}:{path}", programs.display()))
    }

    /// Gives the keyboard to another window, as somebody does who looks elsewhere.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn focus(&self, title: &str) -> Result<()> {
        let name = format!("^{title}$");
        let find = ["search", "--sync", "--onlyvisible", "--name", &name];
        self.hand(&[&find[..], &["windowfocus", "--sync"]].concat())
    }

    /// Puts another program's window right of the app's. What is dropped on it is appended to the
    /// file, one address a line.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn drop_target(&self, log: &Path) -> Result<Holder> {
        let mut helper = Command::new(PYTHON);
        let (x, y) = SOURCE;
        helper.arg(script("drop_target.py"));
        helper.args([x.to_string(), y.to_string()]).arg(log);
        Ok(Holder::start(self.furnish(&mut helper))?.0)
    }

    /// Drags what lies at a point of the app's window onto the other program's.
    ///
    /// # Errors
    /// When the pointer does not obey.
    pub fn drag_from_window(&self, from: (i32, i32)) -> Result<()> {
        let to = (SOURCE.0 + 70, SOURCE.1 + 70);
        let (x, y) = from;
        self.pointer(&format!(
            "mousemove {x} {y} sleep 0.2 mousedown 1 sleep 0.2"
        ))?;
        self.pointer(&format!(
            "mousemove {} {y} sleep 0.1 mousemove {} {y} sleep 2",
            x + 6,
            x + 16
        ))?;
        self.pointer(&path_between((x + 16, y), to))?;
        self.pointer("sleep 1 mouseup 1")
    }

    /// Takes files and holds them over a point of the screen, the button still pressed.
    ///
    /// # Errors
    /// When the pointer cannot be moved.
    pub fn drag(&self, files: &[PathBuf], over: (i32, i32)) -> Result<Holder> {
        let (x, y) = SOURCE;
        let mut helper = Command::new(PYTHON);
        helper
            .arg(script("drag_source.py"))
            .args([x.to_string(), y.to_string()])
            .args(files);
        let (source, _) = Holder::start(self.furnish(&mut helper))?;
        let (from_x, from_y) = (x + 60, y + 40);
        self.pointer(&format!(
            "mousemove {from_x} {from_y} sleep 0.1 mousedown 1 sleep 0.1"
        ))?;
        // A drag begins after a few pixels.
        let path = path_between((from_x, from_y), over);
        self.pointer(&format!(
            "mousemove {} {} sleep 0.1 {path}",
            from_x - 4,
            from_y + 2
        ))?;
        Ok(source)
    }

    /// Lets go of what is dragged.
    ///
    /// # Errors
    /// When the pointer does not obey.
    pub fn drop_here(&self) -> Result<()> {
        self.pointer("sleep 0.2 mouseup 1")
    }

    /// Moves what is dragged, the button still pressed.
    ///
    /// # Errors
    /// When the pointer does not obey.
    pub fn move_to(&self, (x, y): (i32, i32)) -> Result<()> {
        self.pointer(&format!(
            "mousemove {x} {y} sleep 0.1 mousemove {} {y} sleep 0.1",
            x + 1
        ))
    }

    /// Types a path into the file dialog that is open, and accepts it.
    ///
    /// # Errors
    /// When no dialog opens, or it stays.
    pub fn choose(&self, dialog: &str, path: &Path) -> Result<()> {
        let path = path.to_str().context("a plain path")?;
        // There is no window manager that would hand the keyboard over.
        self.focus(dialog)?;
        // A slash brings a field to type in, which takes a moment and may lose what comes meanwhile.
        self.hand(&[
            "sleep", "0.5", "key", "slash", "sleep", "1", "key", "ctrl+a",
        ])?;
        self.hand(&["type", "--delay", "20", path])?;
        self.hand(&["sleep", "1", "key", "Return"])
    }

    fn hand(&self, arguments: &[&str]) -> Result<()> {
        let mut hand = Command::new("xdotool");
        let status = self.furnish(hand.args(arguments)).status()?;
        ensure!(status.success(), "xdotool {arguments:?}: {status}");
        Ok(())
    }

    fn pointer(&self, commands: &str) -> Result<()> {
        let mut hand = Command::new("xdotool");
        let status = self
            .furnish(hand.args(commands.split_whitespace()))
            .status()?;
        ensure!(status.success(), "xdotool {commands}: {status}");
        Ok(())
    }
}

/// In steps, as a hand moves.
fn path_between(from: (i32, i32), to: (i32, i32)) -> String {
    let steps = 20;
    (1..=steps)
        .map(|step| {
            let between = |from: i32, to: i32| from + (to - from) * step / steps;
            let (x, y) = (between(from.0, to.0), between(from.1, to.1));
            format!("mousemove {x} {y} sleep 0.02 ")
        })
        .collect()
}

/// A helper program that runs for as long as this value lives.
pub struct Holder(pub(super) Child);

impl Holder {
    /// Starts a program and waits for the first line that it prints.
    fn start(command: &mut Command) -> Result<(Holder, String)> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let out = child.stdout.take().context("stdout is piped")?;
        let holder = Holder(child);
        let mut out = BufReader::new(out);
        let mut line = String::new();
        out.read_line(&mut line)?;
        if line.trim().is_empty() {
            bail!("{name} ended before it was ready");
        }
        // Nobody reads on, and a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut out.by_ref(), &mut std::io::sink()));
        Ok((holder, line.trim().to_owned()))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("window")
        .join(name)
}

#[cfg(unix)]
fn private(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(
        dir,
        std::fs::Permissions::from_mode(0o700),
    )?)
}

#[cfg(not(unix))]
fn private(_dir: &Path) -> Result<()> {
    Ok(())
}
