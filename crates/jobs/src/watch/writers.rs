//! Who has a file open for writing, where the system can tell.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Those of these files that some process has open for writing. The superuser sees all processes,
/// others see their own; elsewhere than on Linux nothing is known.
pub(super) fn open_for_writing(files: &[PathBuf]) -> HashSet<PathBuf> {
    let mut wanted: HashSet<PathBuf> = HashSet::new();
    let mut by_real: Vec<(PathBuf, &PathBuf)> = Vec::new();
    for file in files {
        if let Ok(real) = file.canonicalize() {
            wanted.insert(real.clone());
            by_real.push((real, file));
        }
    }
    let open = written(&wanted);
    let held = by_real.into_iter().filter(|(real, _)| open.contains(real));
    held.map(|(_, file)| file.clone()).collect()
}

#[cfg(target_os = "linux")]
fn written(wanted: &HashSet<PathBuf>) -> HashSet<PathBuf> {
    let mut open = HashSet::new();
    if wanted.is_empty() {
        return open;
    }
    for process in entries(Path::new("/proc")) {
        let is_process = process
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().iter().all(u8::is_ascii_digit));
        if !is_process {
            continue;
        }
        for descriptor in entries(&process.join("fd")) {
            if let Ok(target) = std::fs::read_link(&descriptor)
                && wanted.contains(&target)
                && writes(&process, &descriptor)
            {
                open.insert(target);
            }
        }
    }
    open
}

#[cfg(not(target_os = "linux"))]
fn written(_: &HashSet<PathBuf>) -> HashSet<PathBuf> {
    let _ = entries(Path::new(""));
    HashSet::new()
}

/// From `flags:` in proc(5)'s fdinfo: an octal number whose last two bits are the access mode.
#[cfg(target_os = "linux")]
fn writes(process: &Path, descriptor: &Path) -> bool {
    let Some(number) = descriptor.file_name() else {
        return false;
    };
    let info = std::fs::read_to_string(process.join("fdinfo").join(number)).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags
        .and_then(|flags| u64::from_str_radix(flags.trim(), 8).ok())
        .is_some_and(|flags| flags & 0o3 != 0)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn writers_are_seen_and_readers_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let writer = std::fs::File::create(&path).unwrap();
        let files = [path.clone()];
        assert_eq!(open_for_writing(&files), HashSet::from([path.clone()]));
        drop(writer);
        let _reader = std::fs::File::open(&path).unwrap();
        assert_eq!(open_for_writing(&files), HashSet::new());
    }
}
