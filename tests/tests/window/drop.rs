//! Drag and drop.

use anyhow::{Result, ensure};
use whittle_tests::window::{App, Desk};

use whittle_tests::window::images::{BROKEN, GOOD, contents, folder};

/// Somewhere in the middle of the window.
pub const MIDDLE: (i32, i32) = (560, 380);
/// Right of the window.
const BESIDE: (i32, i32) = (1200, 600);

pub async fn a_dropped_folder_becomes_smaller(desk: &Desk) -> Result<()> {
    let folder = folder(&desk.images())?;
    let before = contents(&folder)?;
    let app = App::launch(desk, &[]).await?;
    app.see("Drop images or folders here").await?;

    let hand = desk.drag(std::slice::from_ref(&folder), MIDDLE)?;
    app.see("Drop to optimize 5 images").await?;
    app.see("1 other file will be skipped").await?;
    desk.drop_here()?;
    for name in GOOD.into_iter().chain([BROKEN]) {
        app.row(name).await?;
    }
    drop(hand);
    app.find("button", "Clear list").await?;

    let after = contents(&folder)?;
    for (name, original) in &before {
        ensure!(after.get(name) == Some(original), "{name} was touched");
    }
    for name in GOOD {
        let (stem, extension) = name.rsplit_once('.').expect("names have extensions");
        let result = after.get(&format!("{stem}.min.{extension}"));
        let size = result.map(Vec::len);
        ensure!(
            size.is_some_and(|size| size < before[name].len()),
            "{name}: {size:?}"
        );
        let row = app.row(name).await?;
        ensure!(row.contains('%'), "{row}");
    }
    ensure!(
        after.len() == before.len() + GOOD.len(),
        "{:?}",
        after.keys()
    );

    let failed = app.row(BROKEN).await?;
    ensure!(
        failed.contains("damaged") && failed.contains("Original untouched."),
        "{failed}"
    );
    app.find("button", "Retry broken.jpg").await?;
    let summary = app.find("group", "Summary").await?;
    // The driver's own text leaves out whatever could be cut short.
    let summary = summary.prop("innerText").await?.unwrap_or_default();
    ensure!(
        summary.contains("saved") && summary.contains("1 failed"),
        "{summary}"
    );
    app.see_pictures(GOOD.len() as u64).await?;
    app.close().await
}

pub async fn a_drag_that_leaves_changes_nothing(desk: &Desk) -> Result<()> {
    let folder = folder(&desk.images())?;
    let before = contents(&folder)?;
    let app = App::launch(desk, &[]).await?;
    let _hand = desk.drag(std::slice::from_ref(&folder), MIDDLE)?;
    app.see("Drop to optimize 5 images").await?;
    desk.move_to(BESIDE)?;
    app.until("the target is dark again", async || {
        Ok(!app.text().await?.contains("Drop to optimize"))
    })
    .await?;
    desk.drop_here()?;
    app.see("Drop images or folders here").await?;
    ensure!(
        app.all("row", None).await?.is_empty(),
        "something was queued"
    );
    ensure!(contents(&folder)? == before, "something was written");
    app.close().await
}
