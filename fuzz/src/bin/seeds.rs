//! Writes the fixtures into `fuzz/corpus/TARGET/`, where cargo-fuzz looks for seeds.

use std::fs;
use std::io;
use std::path::Path;

use whittle_core::Format;
use whittle_tests::fixtures;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut written = 0;
    // Large seeds only make every mutation slow.
    for fixture in fixtures::all()
        .into_iter()
        .filter(|fixture| fixture.bytes.len() < 100_000)
    {
        let target = match fixture.format {
            Some(Format::Jpeg) => "optimize_jpeg",
            Some(Format::Png) => "optimize_png",
            Some(Format::Gif) => "optimize_gif",
            Some(Format::Svg) => "optimize_svg",
            _ => "",
        };
        for target in ["inspect", "thumbnail"] {
            write(&corpus.join(target), &fixture.name, &fixture.bytes)?;
        }
        if !target.is_empty() {
            for mode in 0..3u8 {
                let seed = [&[mode][..], &fixture.bytes].concat();
                write(
                    &corpus.join(target),
                    &format!("{mode}-{}", fixture.name),
                    &seed,
                )?;
            }
        }
        written += 1;
    }
    println!("{written} fixtures in {}", corpus.display());
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), bytes)
}
