//! The history searched and filtered, and tables for spreadsheets.

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::{BROKEN, GOOD, folder, photo};
use whittle_tests::window::{App, Desk};

pub async fn the_history_is_narrowed_down_and_exported(desk: &Desk) -> Result<()> {
    let holiday = folder(&desk.images())?;
    let work = desk.images().join("Work");
    std::fs::create_dir(&work)?;
    std::fs::write(work.join("photo at work.jpg"), photo(7))?;
    let paths = GOOD.map(|name| holiday.join(name).to_string_lossy().into_owned());
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    desk.whittle(&[&["optimize"], &paths[..]].concat())?;
    let at_work = work.to_str().context("a plain path")?;
    desk.whittle(&["optimize", "--mode", "lossless", at_work])?;
    let broken = holiday.join(BROKEN);
    let app = App::launch(desk, &[broken.to_str().context("a plain path")?]).await?;
    app.find("button", "Retry broken.jpg").await?;

    app.press("button", "History").await?;
    lists(
        &app,
        &[
            "animation.gif",
            BROKEN,
            "drawing.svg",
            "photo at work.jpg",
            "photo.jpg",
            "screenshot.png",
        ],
    )
    .await?;
    let search = app.find("searchbox", "Search history").await?;
    search.send_keys("PHOTO").await?;
    lists(&app, &["photo at work.jpg", "photo.jpg"]).await?;
    app.see("2 entries").await?;
    // Each choice narrows further down, and all of them together find nothing.
    app.select("Folder", "Work").await?;
    lists(&app, &["photo at work.jpg"]).await?;
    app.select("Folder", "All folders").await?;
    lists(&app, &["photo at work.jpg", "photo.jpg"]).await?;
    app.select("Mode", "Balanced").await?;
    lists(&app, &["photo.jpg"]).await?;
    app.select("Outcome", "Failed").await?;
    app.see("Nothing found").await?;
    app.press("button", "Clear search").await?;
    app.see("6 entries").await?;
    for name in ["Outcome", "Mode", "Folder", "Format"] {
        let value = app.find("combobox", name).await?.prop("value").await?;
        ensure!(value.as_deref() == Some(""), "{name} still says {value:?}");
    }
    app.select("Outcome", "Failed").await?;
    lists(&app, &[BROKEN]).await?;
    app.select("Outcome", "All outcomes").await?;
    app.select("Format", "PNG").await?;
    lists(&app, &["screenshot.png"]).await?;

    // The table has what is listed, and nothing else.
    app.press("button", "Export CSV…").await?;
    let file = desk.images().join("history.csv");
    desk.choose("Save as", &file)?;
    app.see("history.csv was written.").await?;
    let table = std::fs::read_to_string(&file)?;
    let lines: Vec<&str> = table.lines().collect();
    ensure!(
        lines.len() == 2 && lines[0].starts_with("id,created_at,origin,path,output"),
        "{table}"
    );
    let png = holiday.join("screenshot.png");
    let [before, after] = [png.clone(), holiday.join("screenshot.min.png")]
        .map(|path| std::fs::metadata(path).map(|file| file.len()));
    let (before, after) = (before?, after?);
    for part in [
        png.to_str().context("a plain path")?,
        ",png,optimized,,balanced,",
        &format!(",{before},{after},"),
    ] {
        ensure!(lines[1].contains(part), "{part} is not in {}", lines[1]);
    }

    // And the dashboard's sums are those of the files.
    app.press("button", "Dashboard").await?;
    app.see("6 this month").await?;
    app.press("button", "Export CSV…").await?;
    let file = desk.images().join("dashboard.csv");
    desk.choose("Save as", &file)?;
    app.see("dashboard.csv was written.").await?;
    let table = std::fs::read_to_string(&file)?;
    ensure!(
        table.contains(&format!(
            "format,png,,1,{before},{after},{}",
            before - after
        )),
        "{table}"
    );
    ensure!(table.contains(at_work), "{table}");
    app.close().await
}

/// Waits until the list has these names, in whatever order.
async fn lists(app: &App<'_>, names: &[&str]) -> Result<()> {
    app.until(&format!("{names:?} in the list"), async || {
        let mut listed = app.rows().await?[0].clone();
        listed.sort();
        Ok(listed == names)
    })
    .await
}
