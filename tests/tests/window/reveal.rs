//! Showing a result where it lies.

use anyhow::{Context, Result};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

const ENTER: char = '\u{e007}';

pub async fn enter_shows_the_result_in_the_file_manager(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    let log = desk.data().join("shown");
    let _manager = app.file_manager(&log)?;
    app.find("button", "Clear list").await?;
    app.focus_row("photo.jpg").await?;
    app.keys(&[ENTER]).await?;
    app.until("the file manager is asked", async || Ok(log.exists()))
        .await?;
    app.until("it is asked for the result", async || {
        Ok(std::fs::read_to_string(&log)?.ends_with("/images/photo.min.jpg\n"))
    })
    .await?;

    // What is no longer there is said, in the window.
    std::fs::remove_file(desk.images().join("photo.min.jpg"))?;
    app.focus_row("photo.jpg").await?;
    app.keys(&[ENTER]).await?;
    app.see("photo.min.jpg is no longer there.").await?;
    app.close().await
}
