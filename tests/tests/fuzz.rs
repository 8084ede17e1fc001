//! The fuzz targets without a fuzzer, in seconds: every finding so far, and the fixtures, whole and
//! damaged in the same ways on every run. `cargo xtask fuzz` looks for more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use whittle_tests::fuzz::{Target, damaged};
use whittle_tests::two_at_a_time;

/// Damaged files for each target: decoding is quick, optimizing is not.
fn rounds(target: Target) -> usize {
    match target {
        Target::Detect | Target::Metadata => 3000,
        Target::Decode(_) => 600,
        Target::Optimize(_) => 30,
    }
}

/// What panicked, by name.
fn wrong(target: Target, cases: &[(String, Vec<u8>)]) -> Vec<String> {
    let tried = two_at_a_time(cases, |(name, bytes)| {
        let run = catch_unwind(AssertUnwindSafe(|| target.takes(bytes)));
        run.err().map(|panic| {
            let reason = panic.downcast_ref::<String>().cloned();
            format!("{}: {name}: {}", target.name(), reason.unwrap_or_default())
        })
    });
    tried.into_iter().flatten().collect()
}

#[test]
fn no_finding_comes_back() {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let known: Vec<String> = Target::ALL.map(Target::name).to_vec();
    let mut failures = Vec::new();
    for folder in std::fs::read_dir(&findings).expect("findings") {
        let folder = folder.expect("a folder").path();
        let name = folder.file_name().expect("a name").to_string_lossy();
        let at = known.iter().position(|known| *known == name);
        let target = Target::ALL[at.unwrap_or_else(|| panic!("{name} is no target"))];
        let files = std::fs::read_dir(&folder).expect("files");
        let cases: Vec<(String, Vec<u8>)> = files
            .map(|file| {
                let path = file.expect("a file").path();
                let bytes = std::fs::read(&path).expect("bytes");
                (path.display().to_string(), bytes)
            })
            .collect();
        assert!(!cases.is_empty(), "nothing in {}", folder.display());
        failures.extend(wrong(target, &cases));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn damaged_files_harm_no_target() {
    let mut failures = Vec::new();
    for target in Target::ALL {
        let seeds = target.seeds();
        assert!(seeds.len() > 10, "{} has few seeds", target.name());
        let cases: Vec<(String, Vec<u8>)> = (0..rounds(target))
            .map(|round| {
                let (name, seed) = &seeds[round % seeds.len()];
                // The first byte of what is optimized is the mode.
                let kept = usize::from(matches!(target, Target::Optimize(_)));
                let mut bytes = seed.clone();
                for again in 0..=round as u32 % 3 {
                    let tail = damaged(&bytes[kept..], round as u32 * 31 + again);
                    bytes.truncate(kept);
                    bytes.extend(tail);
                }
                (format!("{name}, damaged in round {round}"), bytes)
            })
            .collect();
        failures.extend(wrong(target, &cases));
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
