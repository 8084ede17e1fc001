//! Originals and backups that are not there any more, or not to be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

use crate::batch::IN_PLACE;

pub async fn an_original_that_went_is_told_and_taken_when_it_is_back(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.row_says("photo.jpg", "Score").await?;
    let result = fs::read(desk.images().join("photo.min.jpg"))?;
    fs::remove_file(&file)?;

    app.press("button", "Compare photo.jpg").await?;
    app.see("These cannot be compared").await?;
    app.see("photo.jpg").await?;
    app.press_in(["region", "Compare"], "button", "Back to the list")
        .await?;
    app.press("button", "Run again photo.jpg").await?;
    app.row_says("photo.jpg", "There is no file").await?;
    ensure!(
        fs::read(desk.images().join("photo.min.jpg"))? == result,
        "the result was touched"
    );

    fs::write(&file, photo(1))?;
    app.press("button", "Retry photo.jpg").await?;
    app.row_says("photo.jpg", "Score").await?;
    app.press("button", "Compare photo.jpg").await?;
    app.find("img", "Original · …").await?;
    app.close().await
}

pub async fn what_is_read_only_stays_and_what_cannot_be_put_back_is_told(
    desk: &Desk,
) -> Result<()> {
    let original = |name: &str| photo(name.len() as u32 + u32::from(name.as_bytes()[0]));
    let names = ["gone.jpg", "kept.jpg", "lost.jpg"];
    for name in names {
        fs::write(desk.images().join(name), original(name))?;
    }
    let path = |name: &str| desk.images().join(name);
    fs::set_permissions(path("kept.jpg"), Permissions::from_mode(0o444))?;
    desk.whittle(&["settings", IN_PLACE])?;
    let app = App::launch(desk, &[desk.images().to_str().context("a plain path")?]).await?;
    for name in ["gone.jpg", "lost.jpg"] {
        app.row_says(name, "Score").await?;
        ensure!(
            fs::read(path(name))? != original(name),
            "{name} was not replaced"
        );
    }
    // Somebody said that it is not to be written.
    app.row_says("kept.jpg", "read-only").await?;
    ensure!(
        fs::read(path("kept.jpg"))? == original("kept.jpg"),
        "kept.jpg was touched"
    );
    fs::set_permissions(path("kept.jpg"), Permissions::from_mode(0o644))?;
    app.press("button", "Run again kept.jpg").await?;
    app.row_says("kept.jpg", "Score").await?;

    // A result that is gone is no reason not to put its original back.
    fs::remove_file(path("gone.jpg"))?;
    app.press("button", "Revert gone.jpg").await?;
    app.see("1 original was put back.").await?;
    ensure!(
        fs::read(path("gone.jpg"))? == original("gone.jpg"),
        "gone.jpg is not back"
    );

    // Without its backup it cannot be, and what is there stays.
    let result = fs::read(path("lost.jpg"))?;
    fs::remove_dir_all(desk.data().join("backups"))?;
    app.press("button", "Revert lost.jpg").await?;
    app.find("alert", "The backup of the original is missing…")
        .await?;
    ensure!(
        fs::read(path("lost.jpg"))? == result,
        "lost.jpg was touched"
    );
    app.row_says("lost.jpg", "Score").await?;
    app.close().await
}
