//! The benchmark's driver on a few small images, with whatever peers are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use whittle_tests::fixtures::{self, Picture, jpeg, png};

/// The command line: cargo builds it beside this program.
fn whittle() -> PathBuf {
    let exe = std::env::current_exe().expect("this program has a file");
    let name = format!("whittle{}", std::env::consts::EXE_SUFFIX);
    exe.ancestors()
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
        .expect("whittle is not built: run `cargo build --workspace --all-targets` first")
}

fn images(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).expect("the folder can be written to");
    };
    write(
        "photo.jpg",
        &jpeg::encoded(&Picture::photo(200, 150, 5), jpeg::CAMERA),
    );
    write("screen.png", &png::encoded(&Picture::screenshot(160, 100)));
    write("sprite.png", &png::encoded(&Picture::sprite(64, 64)));
    for name in ["gif-disposal-keep.gif", "svg-drawing.svg"] {
        write(name, &fixtures::named(name).bytes);
    }
    write("notes.txt", b"no image");
}

struct Ran {
    said: String,
    tsv: Vec<Vec<String>>,
    out: PathBuf,
    _folder: tempfile::TempDir,
}

fn run(args: &[&str], path: Option<&str>) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let (corpus, out) = (folder.path().join("images"), folder.path().join("out"));
    std::fs::create_dir(&corpus).expect("a folder");
    images(&corpus);
    let mut driver = Command::new(env!("CARGO_BIN_EXE_bench"));
    driver.arg("--whittle").arg(whittle());
    driver.arg("--corpus").arg(&corpus).arg("--out").arg(&out);
    driver.arg("--no-stress").args(args);
    if let Some(path) = path {
        driver.env("PATH", path);
    }
    let output = driver.output().expect("the driver runs");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tsv = std::fs::read_to_string(out.join("bench.tsv")).expect("the rows");
    let tsv = tsv
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    Ran {
        said,
        tsv,
        out,
        _folder: folder,
    }
}

impl Ran {
    /// The rows of a file and setting of Whittle: bytes in and out, score, CPU and memory.
    fn numbers(&self, file: &str, setting: &str) -> [f64; 5] {
        let row = self
            .tsv
            .iter()
            .find(|row| row[0] == file && row[5] == "whittle" && row[6] == setting)
            .unwrap_or_else(|| panic!("no row of {file} {setting}"));
        assert_eq!(row[13], "", "{file} {setting}");
        [7, 8, 9, 11, 12].map(|at| row[at].parse().expect("a number"))
    }
}

#[test]
fn every_format_is_measured_with_whatever_is_installed() {
    let ran = run(&[], None);
    for file in [
        "photo.jpg",
        "screen.png",
        "sprite.png",
        "gif-disposal-keep.gif",
    ] {
        let [input, output, score, _, peak] = ran.numbers(file, "lossless");
        assert!(output <= input, "{file}");
        assert_eq!(score, 100.0, "{file}");
        assert!(
            peak == 0.0 || peak > 1e6,
            "{file} took {peak} bytes of memory"
        );
        let [input, output, score, ..] = ran.numbers(file, "balanced");
        assert!(
            output <= input && score >= 80.0,
            "{file}: {output}, {score}"
        );
    }
    let [input, output, score, ..] = ran.numbers("svg-drawing.svg", "balanced");
    assert!(output < input && score > 80.0, "{output}, {score}");
    let report = std::fs::read_to_string(ran.out.join("goals.md")).expect("the report");
    for line in [
        "JPEG lossless, pixels and timing",
        "PNG score kept",
        "SVG balanced",
    ] {
        assert!(report.contains(line), "no \"{line}\" in\n{report}");
    }
    for format in ["jpeg", "png", "gif", "svg"] {
        let plot = ran.out.join(format!("{format}.svg"));
        assert!(plot.is_file(), "no plot of {format}");
    }
}

#[test]
fn missing_peers_are_named_with_how_to_get_them() {
    let ran = run(&["--quick", "--format", "png", "--format", "svg"], Some(""));
    for line in [
        "oxipng is missing, so its rows are left out; to get it: cargo install oxipng",
        "svgo is missing, so its rows are left out; to get it: npm install -g svgo",
    ] {
        assert!(ran.said.contains(line), "no \"{line}\" in\n{}", ran.said);
    }
    assert!(!ran.said.contains("gifsicle"), "GIF was not asked for");
    assert!(ran.tsv.iter().skip(1).all(|row| row[5] == "whittle"));
    assert!(!ran.tsv.iter().any(|row| row[0] == "photo.jpg"));
}

#[test]
fn a_wrong_argument_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["--format", "webp"])
        .output()
        .expect("the driver runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--format is jpeg, png, gif or svg"), "{said}");
}
