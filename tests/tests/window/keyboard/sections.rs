//! Watched folders, the history and the dashboard.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, DOWN, END, ENTER, ESCAPE, RIGHT, SPACE, UP};
use whittle_tests::window::{App, Desk};

pub async fn a_folder_is_watched_by_keyboard(desk: &Desk) -> Result<()> {
    let folder = desk.images().join("Exports");
    std::fs::create_dir(&folder)?;
    let app = App::launch(desk, &[]).await?;
    app.keys(&[CONTROL, '2']).await?;
    app.enter("button", "Watch a folder…").await?;
    desk.choose("Choose a folder", &folder)?;
    app.find("dialog", "Rules for “Exports”").await?;
    app.choose("Mode", "Lossy").await?;
    app.tab_to("slider", "Level").await?;
    app.keys(&[END]).await?;
    app.fill("textbox", "Except", "drafts").await?;
    app.tab_to("checkbox", "Include subfolders").await?;
    app.keys(&[SPACE]).await?;
    app.enter("button", "Start watching").await?;
    app.see("Lossy 100").await?;
    app.see("without subfolders · without drafts").await?;
    std::fs::write(folder.join("new.jpg"), photo(1))?;
    app.see("1 image today").await?;
    app.enter("button", "Show the last images Exports").await?;
    app.find("list", "The last images of Exports").await?;

    // Paused, changed, and no longer watched.
    app.tab_to("switch", "Watch Exports").await?;
    app.keys(&[SPACE]).await?;
    app.see("Paused").await?;
    app.enter("button", "Rules Exports").await?;
    app.choose("Where results go", "Replace original").await?;
    app.enter("button", "Resize styles").await?;
    app.fill("textbox", "Name", "thumb").await?;
    app.fill("textbox", "Width", "10").await?;
    app.enter("button", "Add style").await?;
    app.find("button", "Edit thumb").await?;
    app.enter("button", "Save rules").await?;
    app.see("replace originals, backups kept").await?;
    app.see("style “thumb”").await?;
    app.enter("button", "Rules Exports").await?;
    app.find("dialog", "Rules for “Exports”").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Rules Exports").await?;
    app.enter("button", "Stop watching Exports").await?;
    app.see("No watched folders yet").await?;
    app.tab_to("button", "Watch a folder…").await?;
    app.close().await
}

pub async fn the_history_is_searched_and_used(desk: &Desk) -> Result<()> {
    for (name, seed) in [("one.jpg", 1), ("two.jpg", 2)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    let files = ["one.jpg", "two.jpg"].map(|name| desk.images().join(name));
    let [one, two] = files
        .each_ref()
        .map(|file| file.to_string_lossy().into_owned());
    desk.whittle(&["optimize", "--in-place", &one])?;
    desk.whittle(&["optimize", "--level", "50", &two])?;
    let opened = desk.data().join("opened");
    let path = desk.opener(&opened)?;
    let app = App::launch_with(desk, &[], &[("PATH", &path)]).await?;
    let shown = desk.data().join("shown");
    let _manager = app.file_manager(&shown)?;
    app.keys(&[CONTROL, '3']).await?;
    app.see("2 entries").await?;

    // Narrowed down by words and by each of the choices.
    app.fill("searchbox", "Search history", "one").await?;
    app.see("1 entry").await?;
    app.fill("searchbox", "Search history", "nowhere").await?;
    app.see("Nothing found").await?;
    app.enter("button", "Clear search").await?;
    app.see("2 entries").await?;
    for (field, choice, entries) in [
        ("Outcome", "Failed", "Nothing found"),
        ("Outcome", "All outcomes", "2 entries"),
        ("Format", "PNG", "Nothing found"),
        ("Format", "All formats", "2 entries"),
        ("Mode", "Lossy", "1 entry"),
        ("Mode", "All modes", "2 entries"),
        ("Folder", "images", "2 entries"),
    ] {
        app.pick(field, choice).await?;
        app.see(entries).await?;
    }
    // Any other folder is chosen in the system's dialog.
    let empty = desk.images().join("Empty");
    std::fs::create_dir(&empty)?;
    app.pick("Folder", "Choose a folder…").await?;
    desk.choose("Choose a folder", &empty)?;
    app.see("Nothing found").await?;
    app.pick("Folder", "All folders").await?;
    app.see("2 entries").await?;
    // Not "Today", which may end meanwhile.
    app.pick("Period", "Last 7 days").await?;
    app.see("2 entries").await?;

    // What was done is opened, shown, compared, put back and done again.
    app.tab_to("row", "two.jpg…").await?;
    app.keys(&[DOWN]).await?;
    app.focused("row", "one.jpg…").await?;
    app.keys(&['c']).await?;
    app.find("heading", "one.jpg").await?;
    app.keys(&[ESCAPE]).await?;
    app.see("2 entries").await?;
    app.tab_to("row", "two.jpg…").await?;
    app.keys(&[DOWN]).await?;
    app.enter("button", "Open one.jpg").await?;
    says(&app, &opened, "/images/one.jpg\n").await?;
    app.enter("button", "Reveal one.jpg").await?;
    says(&app, &shown, "/images/one.jpg\n").await?;
    // It is asked whether over a change; closed, nothing is done.
    std::fs::write(&files[0], photo(3))?;
    app.enter("button", "Revert one.jpg").await?;
    app.enter("button", "Keep the change").await?;
    app.focused("button", "Revert one.jpg").await?;
    ensure!(std::fs::read(&files[0])? == photo(3), "the change is gone");
    app.keys(&[ENTER]).await?;
    app.enter("button", "Put back").await?;
    app.row_says("one.jpg", "Reverted").await?;
    ensure!(std::fs::read(&files[0])? == photo(1), "it was not put back");
    app.keys(&[UP]).await?;
    app.focused("row", "two.jpg…").await?;
    app.keys(&[RIGHT]).await?;
    app.focused("button", "Compare two.jpg").await?;
    app.enter("button", "Run again two.jpg").await?;
    app.find("heading", "Optimize").await?;
    app.row("two.jpg").await?;

    app.keys(&[CONTROL, '3']).await?;
    let table = desk.images().join("history.csv");
    app.enter("button", "Export CSV…").await?;
    desk.choose("Save as", &table)?;
    app.see("history.csv was written.").await?;
    let text = std::fs::read_to_string(&table)?;
    ensure!(text.contains("one.jpg"), "{text}");
    app.close().await
}

async fn says(app: &App<'_>, file: &Path, words: &str) -> Result<()> {
    app.until(&format!("{words} in {}", file.display()), async || {
        Ok(std::fs::read_to_string(file).is_ok_and(|text| text.ends_with(words)))
    })
    .await
}

pub async fn the_dashboard_is_read_and_exported(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    desk.whittle(&["optimize", file.to_str().context("a plain path")?])?;
    let app = App::launch(desk, &[]).await?;
    app.keys(&[CONTROL, '4']).await?;
    app.find("heading", "Saved by month and origin").await?;
    // A column tells its values to whoever comes to it.
    app.tab_to("img", "1 image…").await?;
    let told = app
        .run("return document.querySelector('.tip').innerText")
        .await?;
    ensure!(told.to_string().contains("Command line"), "{told}");
    app.choose("Period", "30 days").await?;
    app.find("heading", "Saved by day and origin").await?;
    app.choose("Period", "All").await?;
    app.find("heading", "Saved by month and origin").await?;
    app.enter("button", "Show table").await?;
    app.find("button", "Hide table").await?;
    let table = desk.images().join("sums.csv");
    app.enter("button", "Export CSV…").await?;
    desk.choose("Save as", &table)?;
    app.see("sums.csv was written.").await?;
    ensure!(table.metadata()?.len() > 0, "it is empty");
    // A folder leads to its images.
    let folder = desk.images().to_string_lossy().into_owned();
    app.enter("button", &folder).await?;
    app.find("heading", "History").await?;
    app.see("1 entry").await?;
    app.close().await
}
