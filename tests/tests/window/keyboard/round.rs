//! A whole round without a pointer: whoever has no mouse does everything as well.

use anyhow::{Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, DELETE, ENTER, ESCAPE, F10, SHIFT};
use whittle_tests::window::{App, Desk};

use super::made_anew;

pub async fn a_round_by_keyboard_alone(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = photo(1);
    std::fs::write(&file, &original)?;
    let app = App::launch(desk, &[]).await?;

    // What the keys are.
    app.enter("button", "Keyboard shortcuts").await?;
    app.find("dialog", "Keyboard shortcuts").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Keyboard shortcuts").await?;

    // Where results go: originals are replaced.
    app.enter("button", "Output: next to original").await?;
    app.find("dialog", "Output").await?;
    app.choose("Where results go", "Replace original").await?;
    app.find("button", "Output: replace").await?;
    app.keys(&[ESCAPE]).await?;

    // A preset of it.
    app.enter("button", "Presets").await?;
    app.find("dialog", "Presets").await?;
    app.fill("textbox", "Current settings", "Mine").await?;
    app.keys(&[ENTER]).await?;
    app.find("list", "Presets").await?;
    app.keys(&[ESCAPE]).await?;

    // An image, compared and tried with another mode.
    app.keys(&[CONTROL, 'o']).await?;
    desk.choose("Choose images", &file)?;
    app.row_says("photo.jpg", "%").await?;
    ensure!(std::fs::read(&file)? != original, "it was not replaced");
    let before = app.row("photo.jpg").await?;
    app.tab_to("row", "photo.jpg…").await?;
    app.keys(&['c']).await?;
    app.find("img", "Original · …").await?;
    app.choose("Mode", "Lossy").await?;
    app.enter("button", "Use this").await?;
    made_anew(&app, "photo.jpg", &before).await?;

    // Its menu, undo, again, and off the list.
    app.tab_to("row", "photo.jpg…").await?;
    app.keys(&[SHIFT, F10]).await?;
    app.find("menu", "Actions").await?;
    app.keys(&[ESCAPE]).await?;
    app.keys(&[CONTROL, 'z']).await?;
    app.see("1 original was put back.").await?;
    ensure!(std::fs::read(&file)? == original, "it was not put back");
    app.row_says("photo.jpg", "Reverted").await?;
    app.keys(&[CONTROL, 'a']).await?;
    app.keys(&[CONTROL, 'r']).await?;
    app.row_says("photo.jpg", "%").await?;
    ensure!(
        std::fs::read(&file)? != original,
        "it was not replaced again"
    );
    app.tab_to("row", "photo.jpg…").await?;
    app.keys(&[DELETE]).await?;
    app.see("Drop images or folders here").await?;

    // An address, and what is wrong with it.
    app.keys(&[CONTROL, 'u']).await?;
    app.fill("textbox", "Image addresses", "nowhere").await?;
    app.keys(&[ENTER]).await?;
    app.see("This is not an address that Whittle can fetch.")
        .await?;
    app.keys(&[ESCAPE]).await?;

    // What was done is found again, and added up.
    app.keys(&[CONTROL, '3']).await?;
    app.row("photo.jpg").await?;
    app.keys(&[CONTROL, '4']).await?;
    app.see("this month").await?;
    app.choose("Period", "All").await?;
    app.close().await
}
