//! Showing a result where it lies.

use anyhow::{Context, Result};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, ENTER, F10, SHIFT};
use whittle_tests::window::{App, Desk};

use crate::styles::add_square;

pub async fn enter_shows_the_result_in_the_file_manager(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    // Where no file manager answers, that is said in words.
    app.focus_row("photo.jpg").await?;
    app.keys(&[ENTER]).await?;
    app.find("alert", "No file manager answered.…").await?;
    let log = desk.data().join("shown");
    let _manager = app.file_manager(&log)?;
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

pub async fn a_derivative_is_shown_by_itself(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[]).await?;
    let log = desk.data().join("shown");
    let _manager = app.file_manager(&log)?;
    add_square(&app, "thumb", "200").await?;
    app.until("the style is saved", async || {
        Ok(desk.whittle(&["settings"])?.contains("thumb"))
    })
    .await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    app.find("button", "Clear list").await?;
    let thumb = std::fs::read_dir(desk.images())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|name| name.contains("thumb"))
        .context("the thumbnail's file")?;
    app.run("[...document.querySelectorAll('[role=row]')].at(-1).focus()")
        .await?;
    app.keys(&[ENTER]).await?;
    app.until("the file manager is asked for the thumbnail", async || {
        Ok(log.exists() && std::fs::read_to_string(&log)?.ends_with(&format!("/{thumb}\n")))
    })
    .await?;
    // The file itself is what goes on the clipboard.
    app.keys(&[SHIFT, F10]).await?;
    app.press("menuitem", "Copy file").await?;
    app.see("1 file was copied.").await?;
    app.keys(&[CONTROL, 'v']).await?;
    app.row(&thumb).await?;
    app.close().await
}
