//! What settings do to the next image.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use whittle_tests::fixtures::{AUTHOR, COPYRIGHT, Picture, SERIAL, jpeg, png};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, TAB};
use whittle_tests::window::{App, Desk};

use crate::batch::IN_PLACE;

/// Waits until the command line knows of a setting.
async fn kept(desk: &Desk, app: &App<'_>, setting: &str) -> Result<()> {
    app.until(setting, async || {
        let settings = desk.whittle(&["settings"])?;
        Ok(settings.lines().any(|line| line == setting))
    })
    .await
}

fn has(file: &Path, words: &str) -> Result<bool> {
    let bytes = std::fs::read(file)?;
    Ok(bytes
        .windows(words.len())
        .any(|part| part == words.as_bytes()))
}

/// Writes over what a field says, and leaves it.
async fn write(app: &App<'_>, field: &str, text: &str) -> Result<()> {
    let field = app.find("textbox", field).await?;
    field.click().await?;
    app.keys(&[CONTROL, 'a']).await?;
    field.send_keys(&format!("{text}{TAB}")).await?;
    Ok(())
}

pub async fn metadata_and_limits_hold_for_the_next_image(desk: &Desk) -> Result<()> {
    let images = desk.images();
    let app = App::launch(desk, &[]).await?;
    for (choice, setting, name, author, serial) in [
        (None, "metadata=copyright", "usual.jpg", true, false),
        (
            Some("Keep everything"),
            "metadata=keep",
            "all.jpg",
            true,
            true,
        ),
        (
            Some("Remove everything"),
            "metadata=strip",
            "none.jpg",
            false,
            false,
        ),
    ] {
        if let Some(choice) = choice {
            app.press("button", "Settings").await?;
            app.press_in(["radiogroup", "Metadata"], "radio", choice)
                .await?;
        }
        kept(desk, &app, setting).await?;
        std::fs::write(images.join(name), jpeg::camera())?;
        app.start_again(&[name], &images)?;
        app.press("button", "Optimize").await?;
        app.row_says(name, "%").await?;
        let result = images.join(name.replace(".jpg", ".min.jpg"));
        for (words, expected) in [(AUTHOR, author), (COPYRIGHT, author), (SERIAL, serial)] {
            ensure!(has(&result, words)? == expected, "{name}: {words}");
        }
        ensure!(
            std::fs::read(images.join(name))? == jpeg::camera(),
            "{name} was touched"
        );
        let told = app.row(name).await?.contains("removed: ");
        ensure!(told != serial, "{name}: {}", app.row(name).await?);
    }

    // An image beyond the limit is left alone.
    let name = "large.png";
    let large = png::encoded(&Picture::new(5200, 5000, |x, _| {
        [(x / 2048) as u8, 0, 0, 255]
    }));
    std::fs::write(images.join(name), &large)?;
    app.press("button", "Settings").await?;
    app.select("Largest image", "25 megapixels").await?;
    kept(desk, &app, "max_pixels=25000000").await?;
    app.start_again(&[name], &images)?;
    app.press("button", "Optimize").await?;
    app.row_says(name, "more than the limit").await?;
    app.row_says(name, "Original untouched.").await?;
    ensure!(
        std::fs::read(images.join(name))? == large,
        "{name} was touched"
    );
    app.close().await
}

pub async fn folders_are_filtered_and_results_go_where_they_are_sent(desk: &Desk) -> Result<()> {
    let images = desk.images();
    for name in [
        "in/one.jpg",
        "in/one-raw.jpg",
        "in/two.png",
        "in/deep/three.jpg",
        "single.png",
    ] {
        let path = images.join(name);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        match name.ends_with("png") {
            true => std::fs::write(path, png::encoded(&Picture::screenshot(200, 120)))?,
            false => std::fs::write(path, photo(name.len() as u32))?,
        }
    }
    let out = images.join("out");
    std::fs::create_dir(&out)?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Settings").await?;
    write(&app, "Only", "*.jpg").await?;
    write(&app, "Except", "*-raw.*").await?;
    app.press_in(["region", "From folders"], "checkbox", "Include subfolders")
        .await?;
    kept(desk, &app, "flat=true").await?;
    app.press_in(["radiogroup", "Where results go"], "radio", "Into a folder")
        .await?;
    app.press("button", "Choose folder…").await?;
    desk.choose("Choose a folder", &out)?;
    app.until("results go into the folder", async || {
        Ok(desk.whittle(&["settings"])?.contains("/out\""))
    })
    .await?;

    // A pattern that is none is told, and changes nothing.
    write(&app, "Only", "[").await?;
    app.find("alert", "A pattern cannot be read…").await?;

    app.start_again(&["in", "single.png"], &images)?;
    app.press("button", "Optimize").await?;
    // What was left out is told by name and reason; images that are named themselves are always taken.
    app.see("skipped").await?;
    for name in ["one.jpg", "single.png"] {
        app.row_says(name, "%").await?;
    }
    app.find("button", "Clear list").await?;
    ensure!(app.rows().await?[0].len() == 2, "{:?}", app.rows().await?);
    let text = app.text().await?;
    ensure!(
        text.contains("one-raw.jpg") && text.contains("two.png"),
        "{text}"
    );
    let results = files(&out)?;
    ensure!(
        results == [out.join("one.jpg"), out.join("single.png")],
        "{results:?}"
    );

    // Beside the original again, with a suffix of one's own.
    app.press("button", "Output: into “out”").await?;
    app.press_in(["dialog", "Output"], "radio", "Next to original")
        .await?;
    write(&app, "Suffix", "tiny").await?;
    app.until("the suffix is kept", async || {
        Ok(desk.whittle(&["settings"])?.contains("\"tiny\""))
    })
    .await?;
    app.keys(&['\u{e00c}']).await?;
    app.press("button", "Run again").await?;
    for result in ["in/one.tiny.jpg", "single.tiny.png"] {
        app.until(result, async || Ok(images.join(result).is_file()))
            .await?;
    }
    app.close().await
}

pub async fn backups_are_counted_and_go_when_they_are_old(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = photo(1);
    std::fs::write(&file, &original)?;
    desk.whittle(&["settings", IN_PLACE])?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Settings").await?;
    app.see("No originals were replaced yet").await?;
    app.press("button", "Optimize").await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    app.row_says("photo.jpg", "%").await?;
    app.press("button", "Settings").await?;
    let size = format!("{:.0} KB", original.len() as f64 / 1e3);
    app.see(&format!("1 original, {size}")).await?;
    // One that nobody has needed for longer than wanted goes, and nothing else does.
    app.select("Keep them", "At least 7 days").await?;
    kept(desk, &app, "keep_backups_days=7").await?;
    app.close().await?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Settings").await?;
    app.see(&format!("1 original, {size}")).await?;
    app.close().await?;
    desk.sql("UPDATE backups SET used_at = 0")?;
    // Beside them there is a lock.
    let kept_files = || -> Result<Vec<PathBuf>> {
        let all = files(&desk.data().join("backups"))?.into_iter();
        Ok(all
            .filter(|file| std::fs::read(file).is_ok_and(|bytes| bytes == original))
            .collect())
    };
    ensure!(kept_files()?.len() == 1, "there is no backup");
    for backup in kept_files()? {
        std::fs::File::options()
            .write(true)
            .open(backup)?
            .set_modified(std::time::SystemTime::UNIX_EPOCH)?;
    }
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Settings").await?;
    app.see("No originals were replaced yet").await?;
    ensure!(kept_files()?.is_empty(), "its file is still there");
    app.press("button", "History").await?;
    app.row("photo.jpg").await?;
    ensure!(
        app.all("button", "Revert photo.jpg").await?.is_empty(),
        "it is still offered"
    );
    app.close().await
}

/// All files in a folder and in those within.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

pub async fn a_setting_that_cannot_be_saved_is_told_and_holds_as_shown(desk: &Desk) -> Result<()> {
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let app = App::launch(desk, &[]).await?;
    desk.sql(
        "CREATE TRIGGER full_disk BEFORE INSERT ON settings
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )?;
    app.press("radio", "Lossless").await?;
    app.find("alert", "The history could not be…").await?;
    // Whatever the control says is what the next image is made with.
    let chosen = async || -> Result<&str> {
        for mode in ["Lossless", "Balanced"] {
            let radio = app.find("radio", mode).await?;
            if radio.attr("aria-checked").await?.as_deref() == Some("true") {
                return Ok(mode);
            }
        }
        anyhow::bail!("no mode is chosen")
    };
    app.start_again(&["photo.jpg"], &desk.images())?;
    app.row_says("photo.jpg", "%").await?;
    let history = desk.whittle(&["history", "--json"])?;
    let made: serde_json::Value = serde_json::from_str(history.lines().next().context("a line")?)?;
    let mode = chosen().await?.to_lowercase();
    ensure!(
        made["mode"] == mode.as_str(),
        "{mode} is shown, but {history}"
    );
    ensure!(
        !app.text().await?.contains("other settings"),
        "it is marked as stale"
    );
    // When it can be saved again, it is.
    desk.sql("DROP TRIGGER full_disk")?;
    app.press("radio", "Lossy").await?;
    kept(desk, &app, "mode=lossy").await?;
    app.close().await
}
