//! What ARCHITECTURE.md says about the house, held by looking at the house.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Which of our own crates each crate may build on. `whittle-tests` and `xtask` are no part of the
/// product.
const IMPORTS: &[(&str, &[&str])] = &[
    ("whittle-core", &[]),
    ("whittle-engine", &["whittle-core"]),
    ("whittle-store", &["whittle-core"]),
    (
        "whittle-jobs",
        // Images go to an account and back as jobs do.
        &[
            "whittle-api",
            "whittle-core",
            "whittle-engine",
            "whittle-store",
        ],
    ),
    ("whittle-api", &["whittle-core"]),
    (
        "whittle-server",
        // From bytes to bytes: no file of a user is replaced, so there is no job of that kind.
        &[
            "whittle-api",
            "whittle-core",
            "whittle-engine",
            "whittle-store",
        ],
    ),
    (
        "whittle",
        &[
            "whittle-api",
            "whittle-core",
            // `score` and `optimize -` go from bytes to bytes: there is no file, and so no job.
            "whittle-engine",
            "whittle-jobs",
            "whittle-server",
        ],
    ),
    (
        "whittle-desktop",
        &["whittle-api", "whittle-core", "whittle-jobs"],
    ),
];

#[test]
fn imports_run_one_way() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = IMPORTS
        .iter()
        .map(|(name, imports)| (*name, imports.iter().copied().collect()))
        .collect();
    let packages = workspace();
    for name in allowed.keys() {
        assert!(
            packages.iter().any(|package| package["name"] == *name),
            "{name} is gone"
        );
    }
    for package in &packages {
        let name = text(&package["name"]);
        for dependency in dependencies(package) {
            assert_ne!(
                dependency, "whittle-desktop",
                "{name} imports the desktop shell"
            );
            if let Some(allowed) = allowed.get(name) {
                let own = allowed.contains(dependency) || !is_own(dependency);
                assert!(own, "{name} must not import {dependency}");
            }
        }
    }
}

#[test]
fn the_engine_opens_no_file_and_leaves_no_thread_behind() {
    let io = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        // Scoped threads end with the call that they serve.
        "thread::spawn",
        ".spawn(",
    ];
    for folder in ["crates/core/src", "crates/engine/src"] {
        for source in sources(folder) {
            for word in io {
                assert_absent(&source, word);
            }
        }
    }
}

#[test]
fn the_engine_knows_no_database_and_no_runtime() {
    let packages = workspace();
    for name in ["whittle-core", "whittle-engine"] {
        let package = packages
            .iter()
            .find(|package| package["name"] == name)
            .expect("the crate is there");
        for dependency in dependencies(package) {
            assert!(
                !["rusqlite", "tokio", "reqwest", "hyper", "tauri", "axum"].contains(&dependency),
                "{name} imports {dependency}"
            );
        }
    }
}

/// Writing into the user's folders is for `jobs::commit` alone: it keeps the promise that no
/// original is lost. The store writes below its own folder.
#[test]
fn only_commit_writes_files_of_the_user() {
    let writes = [
        "fs::write",
        "fs::rename",
        "fs::remove",
        "fs::copy",
        "fs::hard_link",
        "fs::create_dir",
        "fs::set_permissions",
        "File::create",
        "OpenOptions",
        "NamedTempFile",
        "tempfile::Builder",
        ".persist(",
        ".set_len(",
    ];
    let elsewhere = ["crates/jobs/src", "crates/cli/src", "src-tauri/src"]
        .into_iter()
        .flat_map(sources)
        .filter(|source| {
            let commit = Path::new("crates/jobs/src/commit");
            !source.name.starts_with(commit) && source.name != commit.with_extension("rs")
        });
    for source in elsewhere {
        for word in writes {
            assert_absent(&source, word);
        }
    }
}

/// `unsafe_code` is denied in every crate; where a module lifts that, it is named here.
#[test]
fn unsafe_code_is_where_it_is_known_to_be() {
    let known: &[&str] = &[
        // Coefficients of JPEG files, through libjpeg's C interface.
        "crates/engine/src/codecs/jpeg",
    ];
    for folder in ["crates", "src-tauri", "tests", "xtask"] {
        for source in sources(folder) {
            let named = known.iter().any(|name| source.name.starts_with(name));
            if !named && !source.name.ends_with("architecture.rs") {
                assert_absent(&source, "allow(unsafe_code)");
                assert_absent(&source, "expect(unsafe_code");
            }
        }
    }
    for package in workspace() {
        let manifest =
            std::fs::read_to_string(text(&package["manifest_path"])).expect("a manifest");
        let name = text(&package["name"]);
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name} does not take the workspace's lints"
        );
    }
}

struct Source {
    /// Relative to the repository.
    name: PathBuf,
    /// Without comments and without tests.
    code: String,
}

fn assert_absent(source: &Source, word: &str) {
    let line = source.code.lines().find(|line| line.contains(word));
    assert!(
        line.is_none(),
        "{} has {word}: {}",
        source.name.display(),
        line.unwrap_or_default()
    );
}

fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test(&path)
            {
                found.push(Source {
                    name: path
                        .strip_prefix(root())
                        .expect("below the root")
                        .to_path_buf(),
                    code: code(&std::fs::read_to_string(&path).expect("a source")),
                });
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Modules that a `#[cfg(test)] mod tests;` brings in.
fn is_test(path: &Path) -> bool {
    let below = path.strip_prefix(root()).expect("below the root");
    below.file_stem().is_some_and(|stem| stem == "tests")
        || below.starts_with("crates") && below.iter().any(|part| part == "tests")
}

fn code(text: &str) -> String {
    let product = match text.find("#[cfg(test)]\nmod tests {") {
        Some(end) => &text[..end],
        None => text,
    };
    product
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn workspace() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    metadata["packages"]
        .as_array()
        .expect("a list of packages")
        .clone()
}

/// What the product is built from; dependencies of tests may be anything.
fn dependencies(package: &Value) -> Vec<&str> {
    let all = package["dependencies"].as_array().expect("a list");
    all.iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn is_own(name: &str) -> bool {
    name == "whittle" || name.starts_with("whittle-")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
