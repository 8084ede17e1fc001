//! The menu of a row, and results on the clipboard.

use anyhow::{Context, Result};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, F10, SHIFT};
use whittle_tests::window::{App, Desk};

pub async fn a_result_is_copied_from_the_menu_and_pasted(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    app.focus_row("photo.jpg").await?;
    for (item, said) in [
        ("Copy as data URL", "The data URL was copied."),
        ("Copy <picture> snippet", "The snippet was copied."),
        ("Copy file", "1 file was copied."),
    ] {
        app.keys(&[SHIFT, F10]).await?;
        app.press("menuitem", item).await?;
        app.see(said).await?;
    }
    // What is on the clipboard now is the result, as a file.
    app.keys(&[CONTROL, 'v']).await?;
    app.row("photo.min.jpg").await?;
    app.close().await
}
