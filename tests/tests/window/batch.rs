//! What is done with rows: paused, cancelled, tried again, made anew, sorted, selected.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, RIGHT, SHIFT};
use whittle_tests::window::{App, Desk};

/// Originals are replaced.
pub const IN_PLACE: &str = r#"output={"kind":"in_place"}"#;

fn small(desk: &Desk, name: &str) -> std::path::PathBuf {
    let (stem, extension) = name.rsplit_once('.').expect("names have extensions");
    desk.images().join(format!("{stem}.min.{extension}"))
}

pub async fn images_are_paused_cancelled_and_tried_again(desk: &Desk) -> Result<()> {
    let names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"];
    for (name, seed) in names.into_iter().zip(1..) {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    let app = App::launch(desk, &[]).await?;
    // Paused from the tray, before there is anything to do.
    let _services = app.services(&desk.data())?;
    let (tray, choose) = (desk.data().join("tray"), desk.data().join("choose"));
    let tray_says = |word: &'static str| {
        let tray = std::fs::read_to_string(&tray);
        tray.is_ok_and(|text| text.lines().any(|line| line == word))
    };
    app.until("a tray", async || Ok(tray_says("Pause"))).await?;
    std::fs::write(&choose, "Pause")?;
    app.until("it is paused", async || Ok(tray_says("Resume")))
        .await?;
    app.start_again(&names, &desk.images())?;
    for name in names {
        app.row_says(name, "waiting").await?;
    }

    // One is kept back, one is cancelled; the others go on.
    app.press("button", "Pause b.jpg").await?;
    app.row_says("b.jpg", "paused").await?;
    app.press("button", "Cancel c.jpg").await?;
    app.row_says("c.jpg", "Stopped before it was finished.")
        .await?;
    app.press("button", "Resume").await?;
    for name in ["a.jpg", "d.jpg"] {
        app.row_says(name, "Score").await?;
    }
    ensure!(app.row("b.jpg").await?.contains("paused"), "b.jpg went on");
    for name in ["b.jpg", "c.jpg"] {
        ensure!(!small(desk, name).exists(), "{name} was worked on");
    }

    // While all is paused, what is let go on waits as well.
    app.press("button", "Pause").await?;
    app.find("button", "Resume").await?;
    app.press("button", "Resume b.jpg").await?;
    app.row_says("b.jpg", "waiting").await?;
    app.press("button", "Retry c.jpg").await?;
    app.row_says("c.jpg", "waiting").await?;

    // The whole batch is cancelled, and no file of it is there.
    app.press("button", "Cancel").await?;
    for name in ["b.jpg", "c.jpg"] {
        app.row_says(name, "Stopped before it was finished.")
            .await?;
        ensure!(!small(desk, name).exists(), "{name} was worked on");
    }
    app.find("button", "Clear list").await?;

    // Then nothing is paused any more, and what is tried again is worked on at once.
    app.until("nothing is paused", async || Ok(tray_says("Pause")))
        .await?;
    app.press("button", "Retry b.jpg").await?;
    app.press("button", "Retry c.jpg").await?;
    for name in ["b.jpg", "c.jpg"] {
        app.row_says(name, "Score").await?;
        ensure!(small(desk, name).is_file(), "{name} has no result");
    }
    app.close().await
}

pub async fn what_failed_is_mended_and_tried_again(desk: &Desk) -> Result<()> {
    let (cut, good) = (&photo(1)[..200], photo(2));
    for name in ["one.jpg", "two.jpg"] {
        std::fs::write(desk.images().join(name), cut)?;
    }
    let folder = desk.images();
    let app = App::launch(desk, &[folder.to_str().context("a plain path")?]).await?;
    for name in ["one.jpg", "two.jpg"] {
        app.row_says(name, "damaged").await?;
        app.row_says(name, "Original untouched.").await?;
    }
    app.see("2 failed").await?;

    // Nothing was mended: it fails as before, and stays as it is.
    app.press("button", "Retry one.jpg").await?;
    app.until("it was tried once more", async || {
        let history = desk.whittle(&["history", "--json"])?;
        Ok(history.matches("/one.jpg").count() == 2)
    })
    .await?;
    app.row_says("one.jpg", "damaged").await?;
    ensure!(
        std::fs::read(folder.join("one.jpg"))? == cut,
        "one.jpg was touched"
    );

    // One is mended, then the other; and the whole list is tried again.
    std::fs::write(folder.join("one.jpg"), &good)?;
    app.press("button", "Retry one.jpg").await?;
    app.row_says("one.jpg", "Score").await?;
    app.see("1 failed").await?;
    std::fs::write(folder.join("two.jpg"), &good)?;
    app.press("button", "Try again").await?;
    app.row_says("two.jpg", "Score").await?;
    for name in ["one.jpg", "two.jpg"] {
        let size = std::fs::metadata(small(desk, name))?.len();
        ensure!(size < good.len() as u64, "{name}: {size} bytes");
        ensure!(
            std::fs::read(folder.join(name))? == good,
            "{name} was touched"
        );
    }
    app.until("no failure is told", async || {
        Ok(!app.text().await?.contains("failed"))
    })
    .await?;
    app.close().await
}

pub async fn other_settings_are_used_on_the_original(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = photo(1);
    std::fs::write(&file, &original)?;
    let level_of = |level: &str| dry(desk, &file, &["--level", level]);
    let (low, high) = (level_of("10")?, level_of("85")?);
    desk.whittle(&["settings", "mode=lossy", "level=10", IN_PLACE])?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.row_says("photo.jpg", "Score").await?;
    ensure!(std::fs::metadata(&file)?.len() == low, "not {low} bytes");
    ensure!(!app.row("photo.jpg").await?.contains("other settings"));

    // Another level: the row is marked, and nothing happens to the file before that is asked for.
    let slider = app.find("slider", "Level").await?;
    slider.send_keys(&RIGHT.to_string().repeat(75)).await?;
    app.see("1 image was made with other settings.").await?;
    app.row_says("photo.jpg", "other settings").await?;
    ensure!(std::fs::metadata(&file)?.len() == low, "it was made anew");
    // From the original, not from what was left of it: exactly what a first run would have made.
    app.press("button", "Run again").await?;
    app.until("it is made anew", async || {
        Ok(std::fs::metadata(&file)?.len() == high)
    })
    .await?;
    app.until("nothing is marked", async || {
        Ok(!app.text().await?.contains("other settings"))
    })
    .await?;
    app.press("button", "Revert photo.jpg").await?;
    app.see("1 original was put back.").await?;
    ensure!(
        std::fs::read(&file)? == original,
        "the original is not what it was"
    );
    app.close().await
}

/// How many bytes the command line would make of a file.
pub fn dry(desk: &Desk, file: &Path, args: &[&str]) -> Result<u64> {
    let file = file.to_str().context("a plain path")?;
    let common = ["optimize", "--json", "--dry-run", "--no-history"];
    let line = desk.whittle(&[&common, args, &[file]].concat())?;
    let line: serde_json::Value = serde_json::from_str(line.lines().next().context("a line")?)?;
    line["output_bytes"]
        .as_u64()
        .with_context(|| line.to_string())
}

pub async fn rows_are_sorted_and_selected_by_pointer(desk: &Desk) -> Result<()> {
    use whittle_tests::fixtures::{Picture, jpeg};
    let mut paths = Vec::new();
    for (name, width) in [
        ("b.jpg", 100),
        ("d.jpg", 300),
        ("a.jpg", 400),
        ("c.jpg", 200),
    ] {
        let path = desk.images().join(name);
        let picture = Picture::photo(width, width, 1);
        std::fs::write(&path, jpeg::encoded(&picture, jpeg::CAMERA))?;
        paths.push(path.to_str().context("a plain path")?.to_owned());
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let app = App::launch(desk, &paths).await?;
    app.find("button", "Clear list").await?;
    for (column, direction, expected) in [
        ("Name", "ascending", ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]),
        ("Name", "descending", ["d.jpg", "c.jpg", "b.jpg", "a.jpg"]),
        (
            "Original",
            "descending",
            ["a.jpg", "d.jpg", "c.jpg", "b.jpg"],
        ),
        (
            "Original",
            "ascending",
            ["b.jpg", "c.jpg", "d.jpg", "a.jpg"],
        ),
        ("Original", "none", ["b.jpg", "d.jpg", "a.jpg", "c.jpg"]),
    ] {
        app.press("button", column).await?;
        app.until(&format!("{column} {direction}"), async || {
            let head = app.find("columnheader", column).await?;
            let sorted = head.attr("aria-sort").await?;
            Ok(sorted.as_deref() == Some(direction) && app.rows().await?[0] == expected)
        })
        .await?;
    }

    // As they came: b, d, a, c.
    for (held, name, expected) in [
        (&[][..], "d.jpg", &["d.jpg"][..]),
        (&[SHIFT], "c.jpg", &["d.jpg", "a.jpg", "c.jpg"]),
        (&[CONTROL], "a.jpg", &["d.jpg", "c.jpg"]),
        (&[CONTROL], "b.jpg", &["b.jpg", "d.jpg", "c.jpg"]),
        (&[], "a.jpg", &["a.jpg"]),
        (&[CONTROL], "b.jpg", &["b.jpg", "a.jpg"]),
    ] {
        let row = app.find("row", format!("{name}…").as_str()).await?;
        app.click_with(held, &row).await?;
        app.until(&format!("{expected:?} are selected"), async || {
            Ok(app.rows().await?[1] == expected)
        })
        .await?;
    }

    // The menu on one of them is for both; on another row it is for that one.
    let row = app.find("row", "a.jpg…").await?;
    app.menu_of(&row).await?;
    app.press("menuitem", "Copy files").await?;
    app.see("2 files were copied.").await?;
    let row = app.find("row", "c.jpg…").await?;
    app.menu_of(&row).await?;
    app.find("menuitem", "Copy file").await?;
    ensure!(
        app.rows().await?[1] == ["c.jpg"],
        "others are still selected"
    );
    app.press("menuitem", "Remove").await?;
    app.until("c.jpg is off the list", async || {
        Ok(app.rows().await?[0] == ["b.jpg", "d.jpg", "a.jpg"])
    })
    .await?;
    ensure!(desk.images().join("c.jpg").is_file(), "a file was removed");
    app.close().await
}
