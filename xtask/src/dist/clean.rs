//! The package on a clean system: whether it brings along and asks for all that it needs.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::{cargo, output, root, succeed, target, works};

/// What must be there beside the programs.
const FILES: &[&str] = &[
    "applications/org.whittle.Whittle.desktop",
    "mime/packages/org.whittle.Whittle.xml",
    "metainfo/org.whittle.Whittle.metainfo.xml",
    "kio/servicemenus/org.whittle.Whittle.desktop",
    "nemo/actions/org.whittle.Whittle.nemo_action",
    "nautilus-python/extensions/whittle_menu.py",
    "caja-python/extensions/whittle_menu.py",
    "icons/hicolor/scalable/apps/org.whittle.Whittle.svg",
    "bash-completion/completions/whittle",
    "man/man1/whittle.1",
    "man/man1/whittle-optimize.1",
    "doc/whittle/copyright",
];

/// Starts the window inside the clean system, for a test that starts it by path.
const START: &str =
    "#!/bin/sh\nexec chroot \"${WHITTLE_CLEAN_ROOT}\" /usr/bin/whittle-desktop \"$@\"\n";

/// Runs a program with the system in the folder `$1` ready for a window, in a mount namespace of its own: nothing stays
/// mounted whatever happens. The temporary folder `$2` is shared: there lie the tests' folders, and the sockets of
/// their screen and message bus.
const MOUNT: &str = "mount -t proc proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" \
    && mkdir -p \"$1$2\" && mount --bind \"$2\" \"$1$2\" && shift 2 && exec \"$@\"";

/// Installs the package into a fresh Debian of the same release, with its dependencies and nothing else, and starts
/// the command and the window there. Without the rights for that it is unpacked into an empty folder only.
pub fn check(package: &Path) -> Result<()> {
    let clean = target().join("dist").join("root");
    if clean.exists() {
        fs::remove_dir_all(&clean)?;
    }
    fs::create_dir_all(&clean)?;
    let whole = may_install();
    if whole {
        install(package, &clean)?;
    } else {
        eprintln!(
            "not root on Debian, or no debootstrap: the package is unpacked, and not installed"
        );
        succeed(Command::new("dpkg").arg("-x").arg(package).arg(&clean))?;
    }
    for file in FILES {
        let place = clean.join("usr/share").join(file);
        ensure!(place.is_file(), "{} is missing", place.display());
    }
    let entry = fs::read_to_string(clean.join("usr/share").join(FILES[0]))?;
    ensure!(
        entry.contains("Exec=whittle-desktop %F"),
        "the menu entry starts something else"
    );
    let mut whittle = if whole {
        let mut whittle = Command::new("chroot");
        whittle.arg(&clean).arg("/usr/bin/whittle");
        whittle
    } else {
        Command::new(clean.join("usr/bin/whittle"))
    };
    let version = output(whittle.arg("--version"))?;
    ensure!(
        version.trim() == format!("whittle {}", env!("CARGO_PKG_VERSION")),
        "it says it is {version}"
    );
    window(&clean, whole)
}

fn may_install() -> bool {
    works("sh", &["-c", "test $(id -u) = 0"])
        && works("unshare", &["--mount", "true"])
        && works("debootstrap", &["--version"])
}

fn install(package: &Path, clean: &Path) -> Result<()> {
    let release = fs::read_to_string("/etc/os-release")?;
    let release = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .context("this system does not tell its release")?;
    succeed(
        Command::new("debootstrap")
            .args(["--variant=minbase", release])
            .arg(clean),
    )?;
    fs::copy(package, clean.join("root/whittle.deb"))?;
    let apt = |args: &[&str]| {
        let mut apt = Command::new("chroot");
        apt.arg(clean);
        apt.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        succeed(apt.args(args))
    };
    apt(&["update"])?;
    apt(&[
        "install",
        "-y",
        "--no-install-recommends",
        "/root/whittle.deb",
    ])
}

/// The window's own test of its first run, on the installed window.
fn window(clean: &Path, whole: bool) -> Result<()> {
    const TEST: &[&str] = &[
        "test",
        "--workspace",
        "--test",
        "window",
        "samples_are_one_click_away",
    ];
    if !whole {
        let window = clean.join("usr/bin/whittle-desktop");
        return succeed(cargo().args(TEST).env("WHITTLE_DESKTOP", window));
    }
    let start = target().join("dist").join("whittle-in-clean-root");
    fs::write(&start, START)?;
    succeed(Command::new("chmod").arg("+x").arg(&start))?;
    let cargo = cargo();
    let mut test = Command::new("unshare");
    test.args(["--mount", "sh", "-c", MOUNT, "sh"]);
    test.arg(clean).arg(std::env::temp_dir());
    test.arg(cargo.get_program()).args(TEST);
    for (name, value) in cargo.get_envs() {
        match value {
            Some(value) => test.env(name, value),
            None => test.env_remove(name),
        };
    }
    test.env("WHITTLE_DESKTOP", start);
    test.env("WHITTLE_CLEAN_ROOT", clean);
    test.env("WHITTLE_WINDOW_TESTS", "required");
    succeed(test.current_dir(root()))
}
