//! What must be installed before anything can be built or tested.

use std::process::Stdio;

use anyhow::{Result, bail};

use crate::project::{command, succeed, works};

/// What the packages are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Building and running the window.
    Build,
    /// Driving the window without a screen, too.
    Test,
}

/// WebKit brings GTK along; nasm assembles the JPEG codec's SIMD routines.
const APT_BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "nasm",
    "libwebkit2gtk-4.1-dev",
    // Loaded for the tray; without it there is none.
    "libayatana-appindicator3-1",
];

/// A screen, a message bus, a keychain, a driver for the web view, a hand that drags and drops, a second
/// opinion on what drawings look like, and a clean system to install the package on.
const APT_TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "dbus-daemon",
    "xdotool",
    "python3-gi",
    "python3-venv",
    "curl",
    "gir1.2-gtk-3.0",
    "gnome-keyring",
    "librsvg2-bin",
    "debootstrap",
];

/// Makes sure that everything is there: installs it where that is possible without asking
/// anybody, else says what is missing.
pub fn prepare(purpose: Purpose) -> Result<()> {
    node()?;
    if cfg!(target_os = "linux") && works("dpkg-query", &["--version"]) {
        debian(purpose)
    } else {
        elsewhere(purpose)
    }
}

/// Vite's own requirement.
const NODE: (u32, u32) = (20, 19);

fn node() -> Result<()> {
    let version = command("node")
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| parse_version(&text));
    match version {
        Some(version) if version >= NODE => Ok(()),
        Some((major, minor)) => bail!(
            "Node {major}.{minor} is too old: install Node {}.{} or newer (https://nodejs.org)",
            NODE.0,
            NODE.1
        ),
        None => bail!(
            "Node is missing: install Node {}.{} or newer with npm (https://nodejs.org)",
            NODE.0,
            NODE.1
        ),
    }
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn debian(purpose: Purpose) -> Result<()> {
    let mut wanted = APT_BUILD.to_vec();
    if purpose == Purpose::Test {
        wanted.extend(APT_TEST);
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(become_root) = become_root() else {
        bail!(
            "some packages are missing; install them with\n\n    sudo apt-get install --no-install-recommends {}\n",
            missing.join(" ")
        );
    };
    eprintln!("installing {}", missing.join(" "));
    let apt = |args: &[&str]| {
        let mut line = become_root.to_vec();
        // Another apt may be at work, as on a machine that has just started.
        line.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        line.extend(["-o", "DPkg::Lock::Timeout=580", "-qq"]);
        line.extend(args);
        succeed(command(line[0]).args(&line[1..]))
    };
    apt(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(missing);
    apt(&install)
}

fn installed(package: &str) -> bool {
    command("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout.starts_with(b"installed"))
}

/// What to write before a command that needs root; `None` when it would ask for a password.
fn become_root() -> Option<&'static [&'static str]> {
    let is_root = command("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if is_root {
        Some(&[])
    } else if works("sudo", &["-n", "true"]) {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

/// A tool, how to see that it is there, and how to get it on systems without apt.
struct Tool {
    program: &'static str,
    probe: &'static [&'static str],
    advice: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        program: "cc",
        probe: &["--version"],
        advice: "a C compiler (Fedora: gcc gcc-c++, Arch: base-devel, macOS: xcode-select --install)",
    },
    Tool {
        program: "nasm",
        probe: &["-v"],
        advice: "nasm (Fedora, Arch: nasm, macOS: brew install nasm, Windows: winget install nasm)",
    },
];

const LINUX_TOOLS: &[Tool] = &[Tool {
    program: "pkg-config",
    probe: &["--exists", "webkit2gtk-4.1"],
    advice: "WebKitGTK 4.1 with headers, and pkg-config (Fedora: webkit2gtk4.1-devel pkgconf, Arch: webkit2gtk-4.1 pkgconf)",
}];

fn elsewhere(purpose: Purpose) -> Result<()> {
    // MSVC is found through the registry and not on the path; Rust's own message is the better one.
    let tools = TOOLS
        .iter()
        .filter(|tool| !(cfg!(windows) && tool.program == "cc"))
        .chain(LINUX_TOOLS.iter().filter(|_| cfg!(target_os = "linux")));
    let missing: Vec<&str> = tools
        .filter(|tool| !works(tool.program, tool.probe))
        .map(|tool| tool.advice)
        .collect();
    if !missing.is_empty() {
        bail!(
            "something is missing; please install\n\n    {}\n",
            missing.join("\n    ")
        );
    }
    if purpose == Purpose::Test {
        eprintln!(
            "the tests on the real window need Xvfb, dbus-daemon, WebKitWebDriver, xdotool and Python's \
             GTK 3; they say so and are ignored where one of these is missing"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert!(parse_version("v18.19.1").unwrap() < NODE);
        assert!(parse_version("v22.3.0").unwrap() > NODE);
        assert_eq!(parse_version("command not found"), None);
    }
}
