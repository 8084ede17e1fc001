//! Writes seeds into `fuzz/corpus/TARGET/`, where cargo-fuzz looks for them: the fixtures, and the
//! small files of a folder of images if one is given.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use whittle_tests::fuzz::Target;

/// Larger files only make every mutation slow.
const LARGEST: u64 = 16_000;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut files = Vec::new();
    if let Some(folder) = std::env::args_os().nth(1) {
        collect(Path::new(&folder), &mut files)?;
    }
    for target in Target::ALL {
        let folder = corpus.join(target.name());
        fs::create_dir_all(&folder)?;
        let mut seeds = target.seeds();
        for path in &files {
            let bytes = fs::read(path)?;
            let format = whittle_engine::detect(&bytes);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            seeds.extend(target.seeds_of(format, &name, bytes));
        }
        for (name, bytes) in &seeds {
            fs::write(folder.join(name), bytes)?;
        }
        println!("{:5} seeds for {}", seeds.len(), target.name());
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            collect(&entry.path(), files)?;
        } else if (1..LARGEST).contains(&metadata.len()) {
            files.push(entry.path());
        }
    }
    Ok(())
}
