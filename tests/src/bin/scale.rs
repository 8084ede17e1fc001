//! Measures the real window: its start and memory beside an empty one, its frames while ten thousand
//! images are worked on, and what Compare takes on a large photograph. It prints figures and judges none:
//! they depend on the machine.
//!
//! Usage: scale [start|drop|watch|compare]…

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use whittle_tests::fixtures::{Picture, jpeg};
use whittle_tests::window::{App, Desk, built, missing};

const IMAGES: usize = 10_000;
/// Starts of each window; the middle of them counts.
const STARTS: usize = 5;
const MIDDLE: (i32, i32) = (560, 380);

fn main() -> Result<()> {
    if let Some(reason) = missing() {
        bail!("the window cannot be driven here: {reason}");
    }
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if is("start") {
            start().await?;
        }
        if is("drop") {
            dropped().await?;
        }
        if is("watch") {
            watched().await?;
        }
        if is("compare") {
            compared().await?;
        }
        Ok(())
    })
}

/// Whittle and an empty window in turn, so that all meet the same machine. Where there is no graphics card Whittle
/// has WebKit paint without OpenGL: an empty window that does so too tells how much of the ratio is that.
async fn start() -> Result<()> {
    let empty = built("examples/empty")?;
    let whittle = built("whittle-desktop")?;
    let without = [("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1")];
    let programs: [(&str, &Path, &[_]); 3] = [
        ("empty", &empty, &[]),
        ("empty without OpenGL", &empty, &without),
        ("whittle", &whittle, &[]),
    ];
    let mut medians = Vec::new();
    let mut measured = [const { Vec::new() }; 3];
    for _ in 0..STARTS {
        for ((_, program, env), measured) in programs.iter().zip(&mut measured) {
            measured.push(one_start(program, env).await?);
        }
    }
    for ((name, ..), mut measured) in programs.iter().zip(measured) {
        measured.sort_by(|a, b| a.0.total_cmp(&b.0));
        let first = measured[STARTS / 2].0;
        measured.sort_by_key(|one| one.1);
        let memory = measured[STARTS / 2].1;
        println!("{name}: first render after {first:.0} ms, idle memory {memory} KiB (PSS)");
        medians.push((first, memory as f64));
    }

    let [ref empty @ .., whittle] = medians[..] else {
        bail!("three programs were measured");
    };
    for ((name, ..), empty) in programs.iter().zip(empty) {
        println!(
            "whittle / {name}: first render {:.2}, idle memory {:.2}",
            whittle.0 / empty.0,
            whittle.1 / empty.1
        );
    }
    Ok(())
}

/// Milliseconds from the start of the process to the first content, and the memory of the window at rest.
async fn one_start(program: &Path, env: &[(&str, &str)]) -> Result<(f64, u64)> {
    let desk = Desk::new()?;
    let app = App::open(&desk, program, &[], env).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let painted = app
        .run(
            "const [paint] = performance.getEntriesByName('first-contentful-paint');
             return paint ? performance.timeOrigin + paint.startTime : null",
        )
        .await?
        .as_f64()
        .context("the web view tells no paint")?;
    let memory = memory(app.process())?;
    let first = painted - started(app.process())?;
    app.close().await?;
    Ok((first, memory))
}

async fn dropped() -> Result<()> {
    let desk = Desk::new()?;
    let folder = many(&desk.images().join("many"))?;
    let app = App::launch(&desk, &[]).await?;
    println!(
        "10,000 dropped: memory before {} KiB",
        memory(app.process())?
    );
    let hand = desk.drag(std::slice::from_ref(&folder), MIDDLE)?;
    app.see("Drop to optimize").await?;
    app.run(
        "window.first = null;
         const look = () => {
           if (document.querySelector('[role=row] [role=gridcell]')) window.first = Date.now();
           else requestAnimationFrame(look);
         };
         requestAnimationFrame(look);",
    )
    .await?;
    // The hand waits for a fifth of a second before it lets go.
    let began = now()? + 200.0;
    desk.drop_here()?;
    app.until("the first row", async || {
        Ok(app.run("return window.first !== null").await? == true)
    })
    .await?;
    // Only now: what is dropped is taken from the hand.
    drop(hand);
    let first = app.run("return window.first").await?;
    let first = first.as_f64().context("no row was seen")?;
    println!("first row {:.0} ms after the drop", first - began);
    frames(&app, "while rows arrive and the list scrolls", SCROLL).await?;
    frames(
        &app,
        "while images are worked on and the list scrolls",
        SCROLL,
    )
    .await?;
    app.press("button", "History").await?;
    let field = app.find("searchbox", None).await?;
    record(&app).await?;
    field.send_keys("a photograph of the sea").await?;
    tell(&app, "while images are worked on and a search is typed").await?;
    println!("memory while working {} KiB", memory(app.process())?);
    app.press("button", "Optimize").await?;
    for _ in 0..30 {
        if app.find("button", "Clear list").await.is_ok() {
            break;
        }
    }
    let nodes = app
        .run("return document.querySelectorAll('*').length")
        .await?;
    println!(
        "done: {nodes} elements in the page, memory {} KiB",
        memory(app.process())?
    );
    frames(&app, "when all is done and the list scrolls", SCROLL).await?;
    app.close().await
}

async fn watched() -> Result<()> {
    let desk = Desk::new()?;
    let folder = desk.images().join("Exports");
    std::fs::create_dir(&folder)?;
    let app = App::launch(&desk, &[]).await?;
    app.press("button", "Watched folders").await?;
    app.see("No watched folders yet").await?;
    app.press("button", "Watch a folder…").await?;
    desk.choose("Choose a folder", &folder)?;
    app.find("dialog", "Rules for “Exports”").await?;
    app.press("button", "Start watching").await?;
    app.find("listitem", "Exports").await?;
    // Only now: the dialog would list them all, and be slow.
    let source = many(&desk.images().join("many"))?;
    let copied = std::thread::spawn(move || -> Result<()> {
        for entry in source.read_dir()? {
            let entry = entry?;
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        Ok(())
    });
    app.press("button", "Optimize").await?;
    app.row("img").await?;
    println!("10,000 copied into a watched folder:");
    frames(&app, "while they arrive and the list scrolls", SCROLL).await?;
    frames(&app, "a little later", SCROLL).await?;
    println!("memory {} KiB", memory(app.process())?);
    copied
        .join()
        .map_err(|_| anyhow::anyhow!("copying crashed"))??;
    app.close().await
}

async fn compared() -> Result<()> {
    let desk = Desk::new()?;
    let file = desk.images().join("large.jpg");
    let picture = Picture::photo(8660, 5774, 3);
    std::fs::write(&file, jpeg::encoded(&picture, jpeg::CAMERA))?;
    drop(picture);
    let app = App::launch(&desk, &[file.to_str().context("a plain path")?]).await?;
    while app.find("button", "Clear list").await.is_err() {}
    app.press("button", "Compare large.jpg").await?;
    app.find("img", "Balanced · …").await?;
    app.run(
        "const decode = HTMLImageElement.prototype.decode;
         HTMLImageElement.prototype.decode = function () {
           return decode.call(this).then(() => {
             if (this.src.includes('/sample-')) window.seen ??= performance.now();
           });
         };",
    )
    .await?;
    app.press("radio", "Lossy").await?;
    while app.text().await?.contains("encoding") {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut times = Vec::new();
    for level in [60, 62, 58, 64, 56] {
        app.run(&format!(
            "window.seen = undefined;
             const slider = document.querySelector('input[type=range]');
             slider.value = {level};
             window.moved = performance.now();
             slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"
        ))
        .await?;
        app.until("a sample", async || {
            Ok(app.run("return window.seen !== undefined").await? == true)
        })
        .await?;
        let took = app.run("return window.seen - window.moved").await?;
        times.push(took.as_f64().context("a time")?);
    }
    println!("50 MP, from moving the level to the first sight of it: {times:.0?} ms");
    app.close().await
}

/// A frame after the other, until three seconds are over.
const SCROLL: &str = "
  const grid = document.querySelector('[role=grid]');
  if (grid) grid.scrollTop = (grid.scrollTop + 340) % Math.max(grid.scrollHeight - grid.clientHeight, 1);
";

/// Records the frames of three seconds in which each does this, and tells them.
async fn frames(app: &App<'_>, when: &str, each: &str) -> Result<()> {
    let times = app
        .wait_for(&format!(
            "const [done] = arguments;
             const times = [];
             let last = performance.now();
             const end = last + 3000;
             const step = () => {{
               const now = performance.now();
               times.push(now - last);
               last = now;
               {each}
               if (now < end) requestAnimationFrame(step);
               else done(times);
             }};
             requestAnimationFrame(step);"
        ))
        .await?;
    print(when, &times);
    Ok(())
}

/// Records frames from now on.
async fn record(app: &App<'_>) -> Result<()> {
    app.run(
        "window.times = [];
         let last = performance.now();
         const step = () => {
           const now = performance.now();
           window.times.push(now - last);
           last = now;
           if (window.times) requestAnimationFrame(step);
         };
         requestAnimationFrame(step);",
    )
    .await?;
    Ok(())
}

async fn tell(app: &App<'_>, when: &str) -> Result<()> {
    let times = app
        .run("const { times } = window; window.times = null; return times")
        .await?;
    print(when, &times);
    Ok(())
}

fn print(when: &str, times: &Value) {
    let times = times.as_array().map_or(&[][..], Vec::as_slice);
    let mut times: Vec<f64> = times.iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (times.len() as f64 * share) as usize;
        times.get(index.min(times.len().saturating_sub(1)))
    };
    let [half, most, last] = [0.5, 0.95, 1.0].map(|share| at(share).copied().unwrap_or(0.0));
    println!(
        "{when}: {} frames, median {half:.0} ms, 95th percentile {most:.0} ms, longest {last:.0} ms",
        times.len()
    );
}

fn many(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir(folder)?;
    let images: Vec<Vec<u8>> = (0..50)
        .map(|seed| jpeg::encoded(&Picture::photo(96, 64, seed), jpeg::CAMERA))
        .collect();
    for number in 0..IMAGES {
        let file = folder.join(format!("img-{number:05}.jpg"));
        std::fs::write(file, &images[number % images.len()])?;
    }
    Ok(folder.to_path_buf())
}

/// Milliseconds since 1970.
fn now() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3)
}

/// When a process began, in milliseconds since 1970, to a hundredth of a second.
fn started(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the name, which may hold anything; ticks since the system began are the 22nd field.
    let fields = stat.rsplit_once(')').context("a name in brackets")?.1;
    let ticks: f64 = fields
        .split_whitespace()
        .nth(19)
        .context("a time")?
        .parse()?;
    let system = std::fs::read_to_string("/proc/stat")?;
    let boot = system.lines().find_map(|line| line.strip_prefix("btime "));
    let boot: f64 = boot.context("a time of the system")?.parse()?;
    let uptime = std::fs::read_to_string("/proc/uptime")?;
    let uptime: f64 = uptime
        .split_whitespace()
        .next()
        .context("a time")?
        .parse()?;
    // The time of the boot is in whole seconds only.
    let exact = now()? - uptime * 1e3;
    let boot = if (exact - boot * 1e3).abs() < 2e3 {
        exact
    } else {
        boot * 1e3
    };
    Ok(boot + ticks * 10.0)
}

/// Memory of a program and all that it has started, shared pages by their share, in KiB.
fn memory(process: u32) -> Result<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let own = rollup
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|line| line.trim().strip_suffix("kB"))
        .context("a size")?;
    let mut sum: u64 = own.trim().parse()?;
    for task in std::fs::read_dir(format!("/proc/{process}/task"))?.flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            sum += memory(child.parse()?).unwrap_or(0);
        }
    }
    Ok(sum)
}
