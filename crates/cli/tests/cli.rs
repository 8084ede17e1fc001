//! The `whittle` binary as scripts call it: files in temporary folders, a data folder of its own.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const KEYS: [&str; 17] = [
    "path",
    "output",
    "format",
    "outcome",
    "code",
    "message",
    "mode",
    "level",
    "score",
    "input_bytes",
    "output_bytes",
    "width",
    "height",
    "frames",
    "removed",
    "ms",
    "derivatives",
];

/// A folder to work in, and one for Whittle's data.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Bench { folder }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.work().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whittle"));
        command
            .args(args)
            .current_dir(self.work())
            .env("WHITTLE_DATA_DIR", self.data())
            .env_remove("WHITTLE_LOG")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    /// Everything in the working folder, sorted.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.work()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => names.push(
                        path.strip_prefix(self.work())
                            .unwrap()
                            .display()
                            .to_string(),
                    ),
                }
            }
        }
        names.sort();
        names
    }
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn lines(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The line of one file.
    fn line(&self, path: &str) -> Value {
        let lines = self.lines();
        let mut found = lines.iter().filter(|line| line["path"] == path);
        let line = found.next().unwrap_or_else(|| panic!("{path}: {self:?}"));
        assert!(found.next().is_none(), "two lines for {path}");
        line.clone()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A picture with much to save: smooth, and written without any compression.
fn picture(width: u32, height: u32) -> Vec<u8> {
    encode(width, height, png::Compression::NoCompression, |x, y| {
        [
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
            (x * y % 7) as u8,
        ]
    })
}

fn encode(
    width: u32,
    height: u32,
    compression: png::Compression,
    pixel: impl Fn(u32, u32) -> [u8; 3],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(compression);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| pixel(x, y))
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    drop(writer);
    bytes
}

/// The pixels as 8-bit RGBA.
fn pixels(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut buffer).unwrap();
    buffer.truncate(info.buffer_size());
    match info.color_type {
        png::ColorType::Rgba => buffer,
        png::ColorType::Rgb => buffer
            .chunks(3)
            .flat_map(|p| [p[0], p[1], p[2], 255])
            .collect(),
        png::ColorType::Grayscale => buffer.iter().flat_map(|g| [*g, *g, *g, 255]).collect(),
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn a_line_has_every_key() {
    let bench = Bench::new();
    let original = picture(64, 48);
    bench.write("a.png", &original);
    bench.write("bad.png", b"no picture at all");
    let run = bench.run(&[
        "optimize", "--json", "--mode", "lossless", "a.png", "bad.png", "gone.png",
    ]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.lines().len(), 3);
    for line in run.lines() {
        let keys: BTreeSet<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, BTreeSet::from(KEYS), "{line}");
    }
    let good = run.line("a.png");
    assert_eq!(good["outcome"], "optimized");
    assert_eq!(good["output"], "a.min.png");
    assert_eq!(good["format"], "png");
    assert_eq!(
        (&good["mode"], &good["level"]),
        (&json!("lossless"), &Value::Null)
    );
    assert_eq!(
        (&good["code"], &good["message"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(good["score"], 100.0);
    assert_eq!(
        (&good["width"], &good["height"], &good["frames"]),
        (&json!(64), &json!(48), &json!(1))
    );
    assert_eq!(good["input_bytes"], original.len());
    let result = std::fs::read(bench.path("a.min.png")).unwrap();
    assert_eq!(good["output_bytes"], result.len());
    assert!(result.len() < original.len());
    assert_eq!(pixels(&result), pixels(&original));
    assert_eq!(good["derivatives"], json!([]));

    let bad = run.line("bad.png");
    assert_eq!(
        (&bad["outcome"], &bad["code"]),
        (&json!("failed"), &json!("not_an_image"))
    );
    for key in [
        "output",
        "format",
        "score",
        "output_bytes",
        "width",
        "height",
        "frames",
    ] {
        assert_eq!(bad[key], Value::Null, "{key}");
    }
    assert!(bad["message"].as_str().unwrap().ends_with('.'));
    let gone = run.line("gone.png");
    assert_eq!(
        (&gone["outcome"], &gone["code"]),
        (&json!("failed"), &json!("not_found"))
    );
    assert_eq!(bench.names(), ["a.min.png", "a.png", "bad.png"]);
}

#[test]
fn good_runs_exit_with_0_and_tell_people_in_a_table() {
    let bench = Bench::new();
    bench.write("a.png", &picture(64, 48));
    let run = bench.run(&["optimize", "a.png"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains("a.png") && run.stdout.contains("smaller"),
        "{run:?}"
    );
    assert_eq!(run.stderr, "");
    // Its result stands beside it and is passed over.
    let run = bench.run(&["optimize", "."]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("1 passed over"), "{run:?}");
    assert_eq!(bench.names(), ["a.min.png", "a.png"]);
    std::fs::create_dir(bench.path("empty")).unwrap();
    let run = bench.run(&["optimize", "empty"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "No images were found.\n")
    );
}

#[test]
fn what_is_not_smaller_stays() {
    let bench = Bench::new();
    let original = bench.write("a.png", &picture(64, 48));
    assert_eq!(
        bench
            .run(&["optimize", "--in-place", "--mode", "lossless", "a.png"])
            .code,
        Some(0)
    );
    let once = std::fs::read(&original).unwrap();
    let run = bench.run(&[
        "optimize",
        "--json",
        "--in-place",
        "--mode",
        "lossless",
        "a.png",
    ]);
    assert_eq!(run.code, Some(0));
    let line = run.line("a.png");
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("already_optimal"), &json!("own_output"))
    );
    assert_eq!(
        (&line["output"], &line["score"]),
        (&Value::Null, &json!(100.0))
    );
    assert_eq!(line["output_bytes"], line["input_bytes"]);
    // Without the history nobody knows that, but there is nothing to save either.
    let run = bench.run(&[
        "optimize",
        "--json",
        "--no-history",
        "--in-place",
        "--mode",
        "lossless",
        "a.png",
    ]);
    let line = run.line("a.png");
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("already_optimal"), &Value::Null)
    );
    assert_eq!(std::fs::read(&original).unwrap(), once);
}

#[test]
fn results_go_where_they_should() {
    let bench = Bench::new();
    let original = picture(40, 30);
    bench.write("in/a.png", &original);
    bench.write("in/deep/b.png", &original);
    let run = bench.run(&["optimize", "--json", "--out", "out", "in"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.line("in/deep/b.png")["output"], "out/deep/b.png");
    assert_eq!(
        bench.names(),
        ["in/a.png", "in/deep/b.png", "out/a.png", "out/deep/b.png"]
    );

    let run = bench.run(&["optimize", "--suffix", "small", "--no-recursive", "in"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(bench.path("in/a.small.png").exists());
    assert!(!bench.path("in/deep/b.small.png").exists());

    let run = bench.run(&["optimize", "--json", "--in-place", "in/a.png"]);
    assert_eq!(run.line("in/a.png")["output"], "in/a.png");
    assert!(std::fs::read(bench.path("in/a.png")).unwrap().len() < original.len());
}

#[test]
fn globs_choose_in_folders() {
    let bench = Bench::new();
    for name in ["a.png", "b.png", "skip/c.png"] {
        bench.write(name, &picture(20, 20));
    }
    let run = bench.run(&[
        "optimize",
        "--json",
        "--include",
        "[ac].png",
        "--exclude",
        "skip",
        ".",
    ]);
    let paths: Vec<_> = run
        .lines()
        .iter()
        .map(|line| line["path"].clone())
        .collect();
    assert_eq!(paths, ["./a.png"]);
}

#[test]
fn existing_files_are_not_overwritten() {
    let bench = Bench::new();
    bench.write("a.png", &picture(20, 20));
    let precious = bench.write("a.min.png", b"precious");
    let run = bench.run(&["optimize", "--json", "a.png"]);
    assert_eq!(run.code, Some(0));
    let line = run.line("a.png");
    assert_eq!(
        (&line["outcome"], &line["code"]),
        (&json!("skipped"), &json!("output_exists"))
    );
    assert_eq!(std::fs::read(precious).unwrap(), b"precious");
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = Bench::new();
    let original = picture(64, 48);
    bench.write("a.png", &original);
    for policy in [&["--in-place"][..], &["--out", "out"], &[]] {
        let args = [
            &[
                "optimize",
                "--json",
                "--dry-run",
                "--resize",
                "s:fit:10x10",
                "a.png",
            ],
            policy,
        ]
        .concat();
        let run = bench.run(&args);
        assert_eq!(run.code, Some(0), "{run:?}");
        let line = run.line("a.png");
        assert_eq!(
            (&line["outcome"], &line["output"]),
            (&json!("optimized"), &Value::Null)
        );
        assert!(line["output_bytes"].as_u64().unwrap() < original.len() as u64);
    }
    assert_eq!(bench.names(), ["a.png"]);
    assert_eq!(std::fs::read(bench.path("a.png")).unwrap(), original);
    assert_eq!(bench.run(&["history", "--json"]).stdout, "");
}

#[test]
fn derivatives_are_made_and_told() {
    let bench = Bench::new();
    bench.write("a.png", &picture(100, 50));
    let run = bench.run(&[
        "optimize",
        "--json",
        "--resize",
        "thumb:crop:30x30",
        "--resize",
        "wide:landscape:80x",
        "a.png",
    ]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let derivatives = run.line("a.png")["derivatives"].clone();
    let sizes: Vec<_> = derivatives
        .as_array()
        .unwrap()
        .iter()
        .map(|made| {
            (
                made["style"].clone(),
                made["strategy"].clone(),
                made["width"].clone(),
                made["height"].clone(),
            )
        })
        .collect();
    assert_eq!(
        sizes,
        [
            (json!("thumb"), json!("crop"), json!(30), json!(30)),
            (json!("wide"), json!("landscape"), json!(80), json!(40)),
        ]
    );
    let keys: Vec<&String> = derivatives[0].as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 7, "{keys:?}");
    let thumb = std::fs::read(bench.path("a.thumb.png")).unwrap();
    assert_eq!(derivatives[0]["output"], "a.thumb.png");
    assert_eq!(derivatives[0]["bytes"], thumb.len());
    assert_eq!(pixels(&thumb).len(), 30 * 30 * 4);
}

#[test]
fn levels_mean_lossy() {
    let bench = Bench::new();
    bench.write("a.png", &picture(32, 32));
    let run = bench.run(&["optimize", "--json", "--dry-run", "--level", "60", "a.png"]);
    let line = run.line("a.png");
    assert_eq!(
        (&line["mode"], &line["level"]),
        (&json!("lossy"), &json!(60))
    );
    let run = bench.run(&[
        "optimize",
        "--json",
        "--dry-run",
        "--mode",
        "lossy",
        "a.png",
    ]);
    assert_eq!(run.line("a.png")["level"], 85);
}

#[test]
fn wrong_usage_exits_with_2_and_does_nothing() {
    let bench = Bench::new();
    bench.write("a.png", &picture(20, 20));
    bench.write("file", b"");
    for args in [
        &["optimize"][..],
        &["optimise", "a.png"],
        &["optimize", "a.png", "--mode", "tiny"],
        &["optimize", "a.png", "--level", "0"],
        &["optimize", "a.png", "--level", "101"],
        &["optimize", "a.png", "--mode", "balanced", "--level", "50"],
        &["optimize", "a.png", "--mode", "lossless", "--level", "50"],
        &["optimize", "a.png", "--in-place", "--out", "o"],
        &["optimize", "a.png", "--in-place", "--suffix", "s"],
        &["optimize", "a.png", "--out", "o", "--suffix", "s"],
        &["optimize", "a.png", "--out", "file"],
        &["optimize", "a.png", "--suffix", "a/b"],
        &["optimize", "a.png", "--suffix", ""],
        &["optimize", "a.png", "--resize", "thumb"],
        &[
            "optimize",
            "a.png",
            "--resize",
            "t:fit:5x5",
            "--resize",
            "t:crop:6x6",
        ],
        &["optimize", "a.png", "--resize", "min:fit:5x5"],
        &["optimize", "a.png", "--threads", "0"],
        &["optimize", "a.png", "--max-pixels", "-1"],
        &["optimize", "a.png", "--timeout", "soon"],
        &["optimize", "a.png", "--metadata", "some"],
        &["optimize", "a.png", "--effort", "high"],
        &["optimize", "a.png", "--include", "a["],
        &["check", "https://example.com/a.png"],
        &["optimize", "-", "a.png"],
        &["optimize", "-", "--json"],
        &["optimize", "-", "--in-place"],
        &["score", "a.png"],
        &["revert"],
        &["man", "nothing"],
    ] {
        let run = bench.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {run:?}");
        assert!(run.stderr.starts_with("error: "), "{args:?}: {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
    }
    assert_eq!(bench.names(), ["a.png", "file"]);
    assert!(!bench.data().exists());
}

/// Serves one picture as `/sea.png`, a page as `/page.png`, and nothing else, on loopback.
fn picture_server(png: Vec<u8>) -> String {
    use std::io::Read;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).unwrap();
            let asked = String::from_utf8_lossy(&asked[..read]);
            let (status, body) = match asked.split(' ').nth(1) {
                Some("/sea.png") => ("200 OK", &png[..]),
                Some("/page.png") => ("200 OK", &b"<html>no picture</html>"[..]),
                _ => ("404 Not Found", &b""[..]),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn images_are_fetched() {
    let bench = Bench::new();
    let png = picture(64, 48);
    let server = picture_server(png.clone());
    let url = |name: &str| format!("{server}/{name}");
    let secret = url("none.png").replace("http://", "http://me:hush@");
    let run = bench.run(&[
        "optimize",
        "--json",
        &url("sea.png"),
        &url("page.png"),
        &secret,
    ]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(bench.names(), ["sea.min.png", "sea.png"]);
    assert_eq!(std::fs::read(bench.path("sea.png")).unwrap(), png);
    let done = run
        .lines()
        .into_iter()
        .find(|line| line["output"] != Value::Null);
    assert_eq!(done.unwrap()["outcome"], "optimized");
    assert_eq!(run.line(&url("page.png"))["code"], "not_an_image");
    assert_eq!(run.line(&url("none.png"))["code"], "not_found");
    assert!(
        !run.stdout.contains("hush") && !run.stderr.contains("hush"),
        "{run:?}"
    );
    let history = bench.run(&["history", "--json"]).lines();
    assert!(!history.is_empty());
    assert!(
        history.iter().all(|line| line["origin"] == "url"),
        "{history:?}"
    );

    // Into a folder, in whose place it can be put back; and nowhere, dry.
    let run = bench.run(&["optimize", "--out", "web", &url("sea.png")]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(std::fs::read(bench.path("web/sea.png")).unwrap().len() < png.len());
    assert_eq!(bench.run(&["revert", "web/sea.png"]).code, Some(0));
    assert_eq!(std::fs::read(bench.path("web/sea.png")).unwrap(), png);
    let before = bench.names();
    assert_eq!(
        bench.run(&["optimize", "--dry-run", &url("sea.png")]).code,
        Some(0)
    );
    assert_eq!(bench.names(), before);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let bench = Bench::new();
    let original = picture(64, 48);
    let pipe = |args: &[&str], input: &[u8]| {
        let mut child = bench
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            output.stdout,
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, result, stderr) = pipe(&["optimize", "--mode", "lossless", "-"], &original);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(result.len() < original.len());
    assert_eq!(pixels(&result), pixels(&original));
    // Nothing smaller: the same bytes.
    let (code, again, _) = pipe(&["optimize", "--mode", "lossless", "-"], &result);
    assert_eq!(code, Some(0));
    assert!(again == result);
    let (code, nothing, stderr) = pipe(&["optimize", "-"], b"no picture");
    assert_eq!((code, nothing.as_slice()), (Some(1), &b""[..]));
    assert!(stderr.starts_with("failed: "), "{stderr}");
    let (code, nothing, stderr) = pipe(&["optimize", "--dry-run", "-"], &original);
    assert_eq!((code, nothing.as_slice()), (Some(0), &b""[..]));
    assert!(stderr.contains("Dry run"), "{stderr}");
    assert!(!bench.data().exists());
}

#[test]
fn the_history_and_the_totals_tell_of_a_run() {
    let bench = Bench::new();
    let original = picture(64, 48);
    bench.write("a.png", &original);
    bench.write("bad.png", b"no picture at all");
    bench.run(&[
        "optimize",
        "--mode",
        "lossless",
        "--resize",
        "thumb:fit:10x10",
        "a.png",
    ]);
    bench.run(&["optimize", "bad.png"]);
    let lines = bench.run(&["history", "--json"]).lines();
    assert_eq!(lines.len(), 3);
    let keys: BTreeSet<&str> = lines[0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "id",
        "created_at",
        "origin",
        "path",
        "output",
        "format",
        "outcome",
        "code",
        "mode",
        "level",
        "score",
        "style",
        "input_bytes",
        "output_bytes",
        "batch",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!(
        (&lines[0]["outcome"], &lines[0]["code"]),
        (&json!("failed"), &json!("not_an_image"))
    );
    let work = bench.work().canonicalize().unwrap();
    assert_eq!(lines[1]["path"], work.join("a.png").to_str().unwrap());
    assert_eq!(lines[1]["output"], work.join("a.min.png").to_str().unwrap());
    assert_eq!(
        (&lines[1]["origin"], &lines[1]["style"]),
        (&json!("cli"), &Value::Null)
    );
    assert_eq!(lines[2]["style"], "thumb");
    assert_eq!(lines[1]["batch"], lines[2]["batch"]);
    assert_ne!(lines[0]["batch"], lines[1]["batch"]);
    let people = bench.run(&["history", "--limit", "1"]).stdout;
    assert!(
        people.contains("bad.png") && people.contains("2 more"),
        "{people}"
    );

    let stats = bench.run(&["stats", "--json"]);
    let stats = &stats.lines()[0];
    assert_eq!(stats["original_images_count"], 2);
    assert_eq!(stats["optimized_images_count"], 2);
    assert_eq!(stats["input_bytes"], original.len());
    assert_eq!(stats["output_bytes"], lines[1]["output_bytes"]);
    assert_eq!(
        stats["saved_bytes"].as_u64(),
        Some(original.len() as u64 - lines[1]["output_bytes"].as_u64().unwrap())
    );
    assert_eq!(stats["by_format"][0]["format"], "png");
    assert_eq!(stats["by_folder"][0]["folder"], work.to_str().unwrap());
    let consumption = &stats["consumption"];
    assert_eq!(consumption["type"], "six_months");
    assert_eq!(consumption["data"][0]["origin"], "cli");
    assert_eq!(consumption["data"][0]["size"], original.len());
    assert_eq!(consumption["data"][0]["saved"], stats["saved_bytes"]);
    assert!((1..=12).contains(&consumption["data"][0]["period"].as_u64().unwrap()));
    assert!(bench.run(&["stats"]).stdout.contains("2 images"));
}

#[test]
fn the_history_is_narrowed_and_exported_as_a_table() {
    let bench = Bench::new();
    bench.write("a,b.png", &picture(64, 48));
    bench.write("in/c.png", &picture(65, 48));
    bench.run(&["optimize", "--mode", "lossless", "a,b.png"]);
    bench.run(&["optimize", "in"]);
    let table = |args: &[&str]| -> Vec<String> {
        let run = bench.run(&[&["history", "--csv"], args].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        run.stdout.lines().skip(1).map(str::to_owned).collect()
    };
    let all = table(&[]);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[1].contains("a,b.png\""), "{all:?}");
    let lossless = table(&["--mode", "lossless"]);
    assert_eq!(lossless, all[1..]);
    assert_eq!(table(&["--folder", "in"]), all[..1]);
    assert_eq!(table(&["--days", "1"]), all);
    assert_eq!(bench.run(&["history", "--csv", "--json"]).code, Some(2));
    let wrong = ["history", "--from", "31.12.2026"];
    assert_eq!(bench.run(&wrong).code, Some(2));
    let both = ["history", "--from", "2026-12-31", "--days", "1"];
    assert_eq!(bench.run(&both).code, Some(2));

    let stats = bench.run(&["stats", "--csv"]);
    let saved = bench.run(&["stats", "--json"]).lines()[0]["saved_bytes"].clone();
    let total = stats.stdout.lines().nth(1).unwrap_or_default();
    assert!(total.starts_with("total,,,2,"), "{stats:?}");
    assert!(total.ends_with(&format!(",{saved}")), "{stats:?}");
}

/// Both ends are days of this computer, and in: what was made at 23:30 in New York is of that day there,
/// and of the next in Greenwich.
#[test]
fn the_history_of_some_days_is_that_of_this_computers_days() {
    let bench = Bench::new();
    bench.write("a.png", &picture(64, 48));
    bench.run(&["optimize", "a.png"]);
    let made: jiff::Timestamp = "2026-03-08T04:30:00Z".parse().unwrap();
    let database = rusqlite::Connection::open(bench.data().join("whittle.sqlite3")).unwrap();
    let changed = database
        .execute(
            "UPDATE originals SET created_at = ?1",
            [made.as_millisecond()],
        )
        .unwrap();
    assert_eq!(changed, 1);
    let lines = |zone: &str, args: &[&str]| {
        let mut command = bench.command(&[&["history", "--json"], args].concat());
        let run = Run::from(command.env("TZ", zone).output().unwrap());
        assert_eq!(run.code, Some(0), "{run:?}");
        run.lines().len()
    };
    for (zone, day, next) in [
        ("EST5", "2026-03-07", "2026-03-08"),
        ("UTC0", "2026-03-08", "2026-03-09"),
    ] {
        assert_eq!(lines(zone, &["--from", day, "--to", day]), 1, "{zone}");
        assert_eq!(lines(zone, &["--from", day]), 1, "{zone}");
        assert_eq!(lines(zone, &["--to", day]), 1, "{zone}");
        assert_eq!(lines(zone, &["--from", next]), 0, "{zone}");
    }
    assert_eq!(lines("UTC0", &["--to", "2026-03-07"]), 0);
}

#[test]
fn a_preset_is_taken_from_a_file_and_options_win() {
    let bench = Bench::new();
    bench.write("a.png", &picture(64, 48));
    let preset = json!({
        "name": "Web", "mode": "lossy", "level": 40, "metadata": "strip",
        "styles": [{ "name": "thumb", "strategy": "fit", "width": 16, "height": null }],
        "output": { "kind": "suffix", "suffix": "web" },
    });
    bench.write("web.json", preset.to_string().as_bytes());
    let by_preset = ["optimize", "--json", "--preset", "web.json", "a.png"];
    let line = bench.run(&by_preset).line("a.png");
    assert_eq!(
        (&line["mode"], &line["level"]),
        (&json!("lossy"), &json!(40))
    );
    assert_eq!(line["output"], "a.web.png");
    assert_eq!(line["derivatives"][0]["style"], "thumb");

    let options = [
        "--mode",
        "lossless",
        "--suffix",
        "own",
        "--resize",
        "wide:fit:32x",
    ];
    let run = bench.run(&[&by_preset[..4], &options, &["a.png"]].concat());
    let line = run.line("a.png");
    assert_eq!(line["mode"], "lossless");
    assert_eq!(line["output"], "a.own.png");
    assert_eq!(line["derivatives"][0]["style"], "wide");

    bench.write("broken.json", b"{\"name\": \"\", \"mode\": \"lossy\"}");
    for (file, reason) in [("broken.json", "1 to 64 characters"), ("none.json", "")] {
        let run = bench.run(&["optimize", "--preset", file, "a.png"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(
            run.stderr.contains("is no preset") && run.stderr.contains(reason),
            "{run:?}"
        );
    }
    assert_eq!(
        bench.run(&["optimize", "--preset", "web.json", "-"]).code,
        Some(2)
    );
}

#[test]
fn without_history_the_database_is_not_opened() {
    let bench = Bench::new();
    bench.write("a.png", &picture(20, 20));
    // A database that no one can open: only a run that leaves it alone succeeds.
    std::fs::create_dir(bench.data()).unwrap();
    std::fs::write(
        bench.data().join("whittle.sqlite3"),
        b"this is not a database",
    )
    .unwrap();
    assert_eq!(
        bench.run(&["optimize", "--no-history", "a.png"]).code,
        Some(0)
    );
    assert!(bench.path("a.min.png").exists());
    let run = bench.run(&["optimize", "a.png"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr
            .starts_with("error: The history could not be read"),
        "{run:?}"
    );
}

#[test]
fn replaced_originals_can_be_put_back() {
    let bench = Bench::new();
    let original = picture(64, 48);
    let path = bench.write("a.png", &original);
    bench.run(&["optimize", "--in-place", "a.png"]);
    let optimized = std::fs::read(&path).unwrap();
    assert!(optimized.len() < original.len());

    std::fs::write(&path, b"edited").unwrap();
    let run = bench.run(&["revert", "a.png"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("was changed after"), "{run:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"edited");

    std::fs::write(&path, &optimized).unwrap();
    let run = bench.run(&["revert", "./a.png", "never.png"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr
            .contains("never.png: There is no replaced original"),
        "{run:?}"
    );
    assert!(std::fs::read(&path).unwrap() == original);
    assert_eq!(bench.run(&["revert", "a.png"]).code, Some(1));
    assert_eq!(bench.names(), ["a.png"]);
}

#[test]
fn scores_are_measured() {
    let bench = Bench::new();
    bench.write("a.png", &picture(64, 48));
    bench.write(
        "other.png",
        &encode(64, 48, png::Compression::Fast, |x, y| {
            [(x * y) as u8, x as u8, 90]
        }),
    );
    bench.write("bad.png", b"no picture");
    let run = bench.run(&["score", "a.png", "a.png", "--json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.lines(), [json!({ "score": 100.0 })]);
    let run = bench.run(&["score", "a.png", "other.png"]);
    let score: f64 = run.stdout.trim().parse().unwrap();
    assert!(score < 50.0, "{score}");
    for other in ["bad.png", "gone.png"] {
        let run = bench.run(&["score", "a.png", other]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:?}");
    }
}

#[test]
fn limits_are_kept() {
    let bench = Bench::new();
    bench.write("a.png", &picture(64, 48));
    let run = bench.run(&["optimize", "--json", "--max-pixels", "3071", "a.png"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.line("a.png")["code"], "too_many_pixels");
    assert_eq!(
        bench
            .run(&["optimize", "--max-pixels", "3072", "a.png"])
            .code,
        Some(0)
    );
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish"] {
        let run = bench.run(&["completions", shell]);
        assert_eq!(run.code, Some(0));
        assert!(run.stdout.contains("whittle"));
    }
    assert!(bench.run(&["man"]).stdout.starts_with(".ie"));
    assert!(
        bench
            .run(&["man", "optimize"])
            .stdout
            .contains("in\\-place")
    );
    let run = bench.run(&["--version"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.starts_with("whittle "));
}

#[test]
fn a_reader_that_goes_away_is_no_disaster() {
    let bench = Bench::new();
    for number in 0..5 {
        bench.write(&format!("{number}.png"), &picture(20, 20));
    }
    let mut child = bench
        .command(&["optimize", "--json", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(bench.names().len(), 10);
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_told_and_the_rest_goes_on() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let bench = Bench::new();
    bench.write("in/a.png", &picture(20, 20));
    bench.write("in/locked/b.png", &picture(20, 20));
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    allow(&bench.path("in/locked"), 0o000);
    allow(bench.folder.path(), 0o755);
    allow(&bench.path("in"), 0o777);
    let mut command = bench.command(&["optimize", "--json", "--no-history", "in"]);
    // The superuser may read everything: then the run is somebody else's, from a copy of the
    // binary that they can reach.
    if std::fs::metadata(bench.path("in")).unwrap().uid() == 0 {
        let copy = bench.folder.path().join("whittle");
        std::fs::copy(env!("CARGO_BIN_EXE_whittle"), &copy).unwrap();
        command = Command::new(copy);
        command
            .args(["optimize", "--json", "--no-history", "in"])
            .current_dir(bench.work())
            .stdin(Stdio::null())
            .uid(65534)
            .gid(65534);
    }
    let run = Run::from(command.output().unwrap());
    allow(&bench.path("in/locked"), 0o755);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.line("in/locked")["code"], "permission_denied");
    assert_eq!(run.line("in/a.png")["outcome"], "optimized");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_exits_with_130() {
    let bench = Bench::new();
    // Many names of one picture: far more work than fits between a line and the signal.
    const IMAGES: usize = 500;
    let picture = bench.write("000.png", &picture(300, 300));
    for number in 1..IMAGES {
        std::fs::hard_link(&picture, bench.path(&format!("{number:03}.png"))).unwrap();
    }
    let mut child = bench
        .command(&[
            "optimize",
            "--json",
            "--threads",
            "1",
            "--effort",
            "max",
            ".",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    // The first image is done: then the handler stands, too.
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["outcome"], "optimized");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let rest: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(rest.len(), IMAGES - 1);
    assert!(rest.iter().any(|line| line["outcome"] == "cancelled"));
    let finished = 1 + rest
        .iter()
        .filter(|line| line["outcome"] == "optimized")
        .count();
    assert_eq!(bench.names().len(), IMAGES + finished);
}
