//! Replacing originals, and taking it back.

use anyhow::{Result, ensure};
use whittle_tests::window::{App, Desk};

use crate::drop::MIDDLE;
use whittle_tests::window::images::photo;

pub async fn a_replaced_original_comes_back_after_a_restart(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = photo(1);
    std::fs::write(&file, &original)?;

    let app = App::launch(desk, &[]).await?;
    app.press("button", "Output: next to original").await?;
    app.press("radio", "Replace original").await?;
    app.find("button", "Output: replace").await?;
    let hand = desk.drag(std::slice::from_ref(&file), MIDDLE)?;
    app.see("Drop to optimize 1 image").await?;
    desk.drop_here()?;
    app.find("button", "Clear list").await?;
    drop(hand);
    let smaller = std::fs::read(&file)?;
    ensure!(
        smaller.len() < original.len(),
        "the original was not replaced"
    );
    app.close().await?;

    let app = App::launch(desk, &[]).await?;
    app.press("button", "History").await?;
    app.row("photo.jpg").await?;
    app.press("button", "Revert photo.jpg").await?;
    app.until("the line says so", async || {
        Ok(app.row("photo.jpg").await?.contains("Reverted"))
    })
    .await?;
    ensure!(
        std::fs::read(&file)? == original,
        "the original is not what it was"
    );
    ensure!(
        app.all("button", "Revert photo.jpg").await?.is_empty(),
        "it can be reverted twice"
    );
    app.close().await
}

pub async fn a_change_is_asked_about_and_kept(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let (original, change) = (photo(1), photo(2));
    std::fs::write(&file, &original)?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Output: next to original").await?;
    app.press("radio", "Replace original").await?;
    app.find("button", "Output: replace").await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    app.row("photo.jpg").await?;
    app.find("button", "Clear list").await?;
    std::fs::write(&file, &change)?;

    app.press("button", "Revert photo.jpg").await?;
    app.find("dialog", "Changed since").await?;
    app.press("button", "Keep the change").await?;
    ensure!(std::fs::read(&file)? == change, "the change is gone");
    app.press("button", "Revert photo.jpg").await?;
    app.press("button", "Put back").await?;
    app.see("1 original was put back.").await?;
    ensure!(
        std::fs::read(&file)? == original,
        "the original is not what it was"
    );
    app.close().await
}
