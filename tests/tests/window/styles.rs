//! Resize styles are written with a preview, and used.

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

pub async fn a_style_is_written_with_its_preview_and_used(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;

    app.press("button", "Resize…").await?;
    app.find("dialog", "Resize styles").await?;
    write(&app, "Name", "thumb").await?;
    write(&app, "Width", "100").await?;
    write(&app, "Height", "50").await?;
    // The photo is 640 by 427.
    for strategy in ["Crop 100 × 50", "Fit 75 × 50", "Exact 100 × 50"] {
        app.find("radio", strategy).await?;
    }
    app.press("radio", "Crop 100 × 50").await?;
    app.press("button", "Add style").await?;
    app.find("list", "Styles").await?;

    // A second of that name is refused, in words.
    write(&app, "Name", "thumb").await?;
    write(&app, "Width", "10").await?;
    app.press("button", "Add style").await?;
    app.see("Another style has this name.").await?;
    app.press("button", "Done").await?;

    app.press("button", "Run again").await?;
    let made = desk.images().join("photo.thumb.jpg");
    app.until("the style's file is there", async || Ok(made.is_file()))
        .await?;
    app.find("button", "Clear list").await?;
    ensure!(
        std::fs::read(&file)? == photo(1),
        "the original was touched"
    );
    app.close().await
}

/// Adds a style that crops to a square, in the dialog.
pub async fn add_square(app: &App<'_>, name: &str, side: &str) -> Result<()> {
    app.press("button", "Resize…").await?;
    for (field, text) in [("Name", name), ("Width", side), ("Height", side)] {
        write(app, field, text).await?;
    }
    app.press("radio", "Crop…").await?;
    app.press("button", "Add style").await?;
    app.find("list", "Styles").await?;
    app.press("button", "Done").await?;
    Ok(())
}

async fn write(app: &App<'_>, name: &str, text: &str) -> Result<()> {
    app.find("textbox", name).await?.send_keys(text).await?;
    Ok(())
}
