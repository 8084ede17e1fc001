//! The Debian package: which files go where, and what it needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::project::{output, root, succeed, target};

/// What the programs are linked with, and what is loaded for the tray.
const DEPENDS: &str = "libwebkit2gtk-4.1-0, libgtk-3-0, libayatana-appindicator3-1";

/// What lets Nautilus and Caja read the entry for their menus; without it, it is a file that nobody reads.
const SUGGESTS: &str = "python3-nautilus, python3-caja";

/// <https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>
const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Whittle

Files: *
Copyright: The Whittle maintainers
License: MIT or Apache-2.0

License: MIT
 The text is in /usr/share/doc/whittle/LICENSE-MIT.

License: Apache-2.0
 The text is in /usr/share/common-licenses/Apache-2.0, and in /usr/share/doc/whittle/LICENSE-APACHE.
";

/// Puts what the profile has built, and all that belongs to it, into a package.
pub fn package(profile: &str) -> Result<PathBuf> {
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    let version = env!("CARGO_PKG_VERSION");
    let dist = target().join("dist");
    let tree = dist.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    let from = |path: &str| root().join(path);
    let programs = target().join(profile);
    for name in ["whittle-desktop", "whittle"] {
        place(
            &programs.join(name),
            &tree,
            &format!("usr/bin/{name}"),
            0o755,
        )?;
    }
    let share = |path: &str| format!("usr/share/{path}");
    for (file, place_of) in [
        (
            "src-tauri/linux/org.whittle.Whittle.desktop",
            share("applications/org.whittle.Whittle.desktop"),
        ),
        (
            "src-tauri/linux/org.whittle.Whittle.xml",
            share("mime/packages/org.whittle.Whittle.xml"),
        ),
        // "Make smaller" in the menus of file managers that have a place for it.
        (
            "src-tauri/linux/whittle-servicemenu.desktop",
            share("kio/servicemenus/org.whittle.Whittle.desktop"),
        ),
        (
            "src-tauri/linux/whittle.nemo_action",
            share("nemo/actions/org.whittle.Whittle.nemo_action"),
        ),
        (
            "src-tauri/linux/whittle_menu.py",
            share("nautilus-python/extensions/whittle_menu.py"),
        ),
        (
            "src-tauri/linux/whittle_menu.py",
            share("caja-python/extensions/whittle_menu.py"),
        ),
        (
            "icons/32x32.png",
            share("icons/hicolor/32x32/apps/org.whittle.Whittle.png"),
        ),
        (
            "icons/128x128.png",
            share("icons/hicolor/128x128/apps/org.whittle.Whittle.png"),
        ),
        (
            "icons/128x128@2x.png",
            share("icons/hicolor/256x256/apps/org.whittle.Whittle.png"),
        ),
        (
            "icons/icon.svg",
            share("icons/hicolor/scalable/apps/org.whittle.Whittle.svg"),
        ),
        ("LICENSE-MIT", share("doc/whittle/LICENSE-MIT")),
        ("LICENSE-APACHE", share("doc/whittle/LICENSE-APACHE")),
        ("CHANGELOG.md", share("doc/whittle/CHANGELOG.md")),
    ] {
        place(&from(file), &tree, &place_of, 0o644)?;
    }
    let about = fs::read_to_string(from("src-tauri/linux/org.whittle.Whittle.metainfo.xml"))?;
    write(
        &tree.join(share("metainfo/org.whittle.Whittle.metainfo.xml")),
        &with_screenshots(&about, std::env::var("WHITTLE_SCREENSHOTS").ok().as_deref())?,
    )?;
    let whittle = programs.join("whittle");
    for (args, path) in [
        (&["man"][..], share("man/man1/whittle.1")),
        (
            &["completions", "bash"],
            share("bash-completion/completions/whittle"),
        ),
        (
            &["completions", "zsh"],
            share("zsh/vendor-completions/_whittle"),
        ),
        (
            &["completions", "fish"],
            share("fish/vendor_completions.d/whittle.fish"),
        ),
    ] {
        let text = output(Command::new(&whittle).args(args))?;
        write(&tree.join(path), &text)?;
    }
    for command in commands(&whittle)? {
        let text = output(Command::new(&whittle).args(["man", &command]))?;
        write(
            &tree.join(share(&format!("man/man1/whittle-{command}.1"))),
            &text,
        )?;
    }
    write(&tree.join(share("doc/whittle/copyright")), COPYRIGHT)?;
    let control = format!(
        "Package: whittle\nVersion: {version}\nArchitecture: {architecture}\nSection: graphics\n\
         Priority: optional\nDepends: {DEPENDS}\nSuggests: {SUGGESTS}\nMaintainer: The Whittle maintainers <whittle@localhost>\n\
         Description: Make images smaller without losing an original\n \
         Whittle optimizes JPEG, PNG, GIF and SVG images, measures what a result looks like,\n \
         and keeps a copy of every original that it replaces.\n"
    );
    write(&tree.join("DEBIAN/control"), &control)?;
    let package = dist.join(format!("whittle_{version}_{architecture}.deb"));
    succeed(
        Command::new("dpkg-deb")
            // Debug binaries are large, and nobody downloads them.
            .args(if profile == "debug" {
                &["-Znone"][..]
            } else {
                &[]
            })
            .args(["--root-owner-group", "--build"])
            .arg(&tree)
            .arg(&package),
    )?;
    Ok(package)
}

/// AppStream wants web addresses. Whoever publishes the package says below which one the pictures of `docs` are
/// served; without one, none are named.
fn with_screenshots(about: &str, address: Option<&str>) -> Result<String> {
    const OPEN: &str = "  <screenshots>\n";
    const CLOSE: &str = "  </screenshots>\n";
    if let Some(address) = address {
        return Ok(about.replace("@SCREENSHOTS@", address.trim_end_matches('/')));
    }
    let (before, rest) = about.split_once(OPEN).context("it shows no pictures")?;
    let (_, after) = rest.split_once(CLOSE).context("its pictures never end")?;
    Ok(format!("{before}{after}"))
}

/// The names of the command line's commands, as its help lists them.
fn commands(whittle: &Path) -> Result<Vec<String>> {
    let help = output(Command::new(whittle).arg("--help"))?;
    let names: Vec<String> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    ensure!(!names.is_empty(), "its help lists no commands");
    Ok(names)
}

fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(file, text)?;
    permit(file, 0o644)
}

fn place(from: &Path, tree: &Path, to: &str, mode: u32) -> Result<()> {
    ensure!(from.is_file(), "{} was not built", from.display());
    let to = tree.join(to);
    let Some(folder) = to.parent() else {
        bail!("{} lies nowhere", to.display());
    };
    fs::create_dir_all(folder)?;
    fs::copy(from, &to).with_context(|| format!("{} could not be copied", from.display()))?;
    permit(&to, mode)
}

#[cfg(unix)]
fn permit(file: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn permit(_file: &Path, _mode: u32) -> Result<()> {
    bail!("Debian packages are built on Debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_where_they_are_served_and_else_not() {
        let about = include_str!("../../../src-tauri/linux/org.whittle.Whittle.metainfo.xml");
        let served = with_screenshots(about, Some("https://example.org/docs/")).unwrap();
        assert!(served.contains("<image>https://example.org/docs/compare.png</image>"));
        assert!(!served.contains('@'));
        let without = with_screenshots(about, None).unwrap();
        assert!(!without.contains("screenshot") && without.contains("<launchable"));
    }
}
