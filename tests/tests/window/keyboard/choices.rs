//! What is to be done with images: resize styles, output, presets; and how images arrive.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::{contents, photo};
use whittle_tests::window::key::{CONTROL, DOWN, ENTER, ESCAPE, LEFT, SHIFT};
use whittle_tests::window::{App, Desk};

use crate::arrivals::Server;

pub async fn images_arrive_in_every_way(desk: &Desk) -> Result<()> {
    let folder = desk.images().join("Holiday");
    std::fs::create_dir(&folder)?;
    std::fs::write(folder.join("folder.jpg"), photo(1))?;
    std::fs::write(desk.images().join("pasted.jpg"), photo(2))?;
    let server = Server::start(photo(3))?;
    let app = App::launch(desk, &[]).await?;

    app.enter("button", "Try it on sample images").await?;
    for name in [
        "photo.jpg",
        "screenshot.png",
        "animation.gif",
        "drawing.svg",
    ] {
        app.row_says(name, "%").await?;
    }
    app.enter("button", "Clear list").await?;
    app.see("Drop images or folders here").await?;

    app.enter("button", "Choose folder…").await?;
    desk.choose("Choose folders", &folder)?;
    app.row_says("folder.jpg", "%").await?;
    app.enter("button", "Clear list").await?;
    app.see("Drop images or folders here").await?;

    let _held = desk.copy(&[desk.images().join("pasted.jpg")])?;
    app.enter("button", "Paste").await?;
    app.row_says("pasted.jpg", "%").await?;
    // The button is gone; what it lay in has the focus, and shortcuts are heard.
    app.keys(&[CONTROL, 'u']).await?;
    let address = format!("{}/summer%20sea.jpg", server.address);
    app.fill("textbox", "Image addresses", &address).await?;
    app.enter("button", "Fetch").await?;
    app.row_says("summer sea.jpg", "%").await?;
    app.until("the dialog is closed", async || {
        Ok(app.all("dialog", None).await?.is_empty())
    })
    .await?;
    app.keys(&[CONTROL, SHIFT, 'o']).await?;
    desk.choose("Choose folders", &folder)?;
    app.row_says("folder.jpg", "%").await?;
    app.enter("button", "Add images…").await?;
    desk.choose("Choose images", &folder.join("folder.min.jpg"))?;
    app.row("folder.min.jpg").await?;
    app.close().await
}

pub async fn styles_are_written_changed_and_removed(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.row_says("photo.jpg", "%").await?;

    app.enter("button", "Resize…").await?;
    app.find("dialog", "Resize styles").await?;
    style(&app, "thumb", "100", "Crop 100 × 50").await?;
    app.enter("button", "Add style").await?;
    app.find("button", "Edit thumb").await?;
    style(&app, "other", "90", "Exact 90 × 50").await?;
    app.enter("button", "Add style").await?;
    app.enter("button", "Delete other").await?;
    app.until("there is one style", async || {
        Ok(app.all("button", "Delete other").await?.is_empty())
    })
    .await?;
    app.enter("button", "Edit thumb").await?;
    app.focused("textbox", "Name").await?;
    app.fill("textbox", "Width", "80").await?;
    app.enter("button", "Save style").await?;
    app.see("Crop · 80 × 50").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Resize: 1 style").await?;

    // The row was made without it.
    app.row_says("photo.jpg", "other settings").await?;
    app.enter("button", "Run again").await?;
    app.row_says("↳ thumb", "80×50").await?;
    ensure!(desk.images().join("photo.thumb.jpg").is_file(), "no file");
    // The derivative is a row like any other, with a menu of its own.
    app.tab_to("row", "photo.jpg…").await?;
    app.keys(&[DOWN]).await?;
    app.focused("row", "↳ thumb…").await?;
    app.choose_from_menu("Compare").await?;
    app.find("heading", "photo.jpg · thumb").await?;
    app.keys(&[ESCAPE]).await?;
    app.find("grid", "Images").await?;
    app.close().await
}

async fn style(app: &App<'_>, name: &str, width: &str, strategy: &str) -> Result<()> {
    app.fill("textbox", "Name", name).await?;
    app.fill("textbox", "Width", width).await?;
    app.fill("textbox", "Height", "50").await?;
    app.find("radio", strategy).await?;
    app.choose("Strategy", strategy).await
}

pub async fn output_and_presets_are_chosen(desk: &Desk) -> Result<()> {
    let folder = desk.images().join("Results");
    std::fs::create_dir(&folder)?;
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let app = App::launch(desk, &[]).await?;

    // A suffix, and then a folder.
    app.enter("button", "Output: next to original").await?;
    app.focused("radio", "Next to original").await?;
    app.fill("textbox", "Suffix", "small").await?;
    app.keys(&[ENTER]).await?;
    app.see("name.small.jpg").await?;
    app.choose("Where results go", "Into a folder").await?;
    app.enter("button", "Choose folder…").await?;
    desk.choose("Choose a folder", &folder)?;
    app.find("button", "Output: into “Results”").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Output: into “Results”").await?;

    // The level, by keys; and a preset of it all.
    app.choose("Mode", "Lossy").await?;
    app.tab_to("slider", "Level").await?;
    app.keys(&[LEFT]).await?;
    app.until("level 84", async || {
        Ok(app.run("return document.activeElement.value").await? == "84")
    })
    .await?;
    app.enter("button", "Presets").await?;
    app.fill("textbox", "Current settings", "web").await?;
    app.enter("button", "Save preset").await?;
    app.find("button", "Presets: web").await?;
    app.enter("button", "Export web").await?;
    let file = desk.images().join("web.whittle.json");
    desk.choose("Save as", &file)?;
    app.see("web.whittle.json was written.").await?;

    // Other settings, and back by the preset.
    app.choose("Mode", "Lossless").await?;
    app.enter("button", "Presets").await?;
    app.enter("button", "web…").await?;
    app.find("button", "Presets: web").await?;
    app.choose("Mode", "Balanced").await?;
    app.enter("button", "Presets").await?;
    app.fill("textbox", "Current settings", "web").await?;
    app.enter("button", "Replace preset").await?;
    app.find("button", "Presets: web").await?;
    app.enter("button", "Delete web").await?;
    app.find("button", "Presets").await?;
    app.enter("button", "Import preset…").await?;
    desk.choose("Import a preset", &file)?;
    app.see("The preset “web” is in use.").await?;

    // That is what holds for the next image.
    app.keys(&[CONTROL, 'o']).await?;
    desk.choose("Choose images", &desk.images().join("photo.jpg"))?;
    app.row_says("photo.jpg", "%").await?;
    names(&folder, &["photo.jpg"])?;
    app.close().await
}

fn names(folder: &Path, expected: &[&str]) -> Result<()> {
    let found = contents(folder)?;
    let found: Vec<&String> = found.keys().collect();
    ensure!(found == expected, "{found:?}");
    Ok(())
}
