//! `cargo xtask dist`: a Debian package of the window and the command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::project::{cargo, output, root, succeed, target};
use crate::run;
use crate::steps::Steps;
use crate::system::Purpose;

/// What the programs are linked with, and what is loaded for the tray.
const DEPENDS: &str = "libwebkit2gtk-4.1-0, libgtk-3-0, libayatana-appindicator3-1";

/// Builds it in the release profile; with `debug` from the binaries that the tests use, too.
pub fn run(debug: bool) -> Result<()> {
    let mut steps = Steps::default();
    run::set_up(&mut steps, Purpose::Build)?;
    steps.step("Build the programs", || match debug {
        true => run::build(),
        false => succeed(cargo().args([
            "build",
            "--release",
            "--workspace",
            "--bin",
            "whittle-desktop",
            "--bin",
            "whittle",
        ])),
    })?;
    let profile = if debug { "debug" } else { "release" };
    let mut package = PathBuf::new();
    steps.step("Debian package", || {
        package = debian(profile)?;
        Ok(())
    })?;
    steps.step("Unpack and start it", || check(&package))?;
    println!("{}", package.display());
    Ok(())
}

/// Unpacks the package into a clean root, and starts what is in it: the command, and the window where
/// one can be driven.
fn check(package: &Path) -> Result<()> {
    let clean = target().join("dist").join("root");
    if clean.exists() {
        fs::remove_dir_all(&clean)?;
    }
    fs::create_dir_all(&clean)?;
    succeed(Command::new("dpkg").arg("-x").arg(package).arg(&clean))?;
    let version = output(Command::new(clean.join("usr/bin/whittle")).arg("--version"))?;
    ensure!(
        version.trim() == format!("whittle {}", env!("CARGO_PKG_VERSION")),
        "it says it is {version}"
    );
    let entry =
        fs::read_to_string(clean.join("usr/share/applications/org.whittle.Whittle.desktop"))?;
    ensure!(
        entry.contains("Exec=whittle-desktop %F"),
        "the menu entry starts something else"
    );
    for file in [
        "mime/packages/org.whittle.Whittle.xml",
        "metainfo/org.whittle.Whittle.metainfo.xml",
        "kio/servicemenus/org.whittle.Whittle.desktop",
        "nemo/actions/org.whittle.Whittle.nemo_action",
    ] {
        let place = clean.join("usr/share").join(file);
        ensure!(place.is_file(), "{} is missing", place.display());
    }
    succeed(
        cargo()
            .args([
                "test",
                "--workspace",
                "--test",
                "window",
                "samples_are_one_click_away",
            ])
            .env("WHITTLE_DESKTOP", clean.join("usr/bin/whittle-desktop")),
    )
}

fn debian(profile: &str) -> Result<PathBuf> {
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
            "src-tauri/linux/org.whittle.Whittle.metainfo.xml",
            share("metainfo/org.whittle.Whittle.metainfo.xml"),
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
    ] {
        place(&from(file), &tree, &place_of, 0o644)?;
    }
    let control = format!(
        "Package: whittle\nVersion: {version}\nArchitecture: {architecture}\nSection: graphics\n\
         Priority: optional\nDepends: {DEPENDS}\nMaintainer: The Whittle maintainers <whittle@localhost>\n\
         Description: Make images smaller without losing an original\n \
         Whittle optimizes JPEG, PNG, GIF and SVG images, measures what a result looks like,\n \
         and keeps a copy of every original that it replaces.\n"
    );
    fs::create_dir_all(tree.join("DEBIAN"))?;
    fs::write(tree.join("DEBIAN/control"), control)?;
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
