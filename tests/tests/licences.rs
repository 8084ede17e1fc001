//! Every crate that becomes part of Whittle has a licence that deny.toml allows. `cargo deny`
//! says more, but is not on every machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_crate_has_an_allowed_licence() {
    let rules: toml::Table = std::fs::read_to_string(root().join("deny.toml"))
        .expect("deny.toml can be read")
        .parse()
        .expect("deny.toml is TOML");
    let texts = |value: &toml::Value| {
        let list = value.as_array().expect("a list").clone();
        list.into_iter()
            .map(|text| text.as_str().expect("a licence").to_owned())
            .collect::<BTreeSet<_>>()
    };
    let allowed = texts(&rules["licenses"]["allow"]);
    let clarified = |name: &str| {
        let list = rules["licenses"].get("clarify")?.as_array()?;
        let entry = list
            .iter()
            .find(|entry| entry["crate"].as_str() == Some(name))?;
        entry["expression"].as_str().map(str::to_owned)
    };

    let packages = packages();
    assert!(packages.len() > 100, "only {} crates found", packages.len());
    let refused: Vec<String> = packages
        .iter()
        .filter_map(|package| {
            let name = package["name"].as_str().expect("a crate has a name");
            let licence = clarified(name).or(package["license"].as_str().map(str::to_owned));
            let Some(licence) = licence else {
                return Some(format!("{name} names no licence"));
            };
            (!is_allowed(&licence, &allowed)).then(|| format!("{name} is under {licence}"))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0"].map(String::from));
    for (licence, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), expected, "{licence}");
    }
}

fn is_allowed(licence: &str, allowed: &BTreeSet<String>) -> bool {
    Expression::parse_mode(licence, ParseMode::LAX)
        .expect("a licence expression")
        .evaluate(|required| allowed.contains(&required.to_string()))
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
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
