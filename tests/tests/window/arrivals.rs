//! Images that come without a drag: from the clipboard, the command line, a second start.

use anyhow::{Context, Result, ensure};
use whittle_tests::window::{App, Desk};

use whittle_tests::window::images::photo;

pub async fn copied_files_are_pasted(desk: &Desk) -> Result<()> {
    let (one, two) = (
        desk.images().join("one.jpg"),
        desk.images().join("two ä.jpg"),
    );
    std::fs::write(&one, photo(1))?;
    std::fs::write(&two, photo(2))?;
    let app = App::launch(desk, &[]).await?;
    let held = desk.copy(std::slice::from_ref(&one))?;
    app.press("button", "Paste").await?;
    app.row("one.jpg").await?;
    drop(held);
    let _held = desk.copy(std::slice::from_ref(&two))?;
    // Ctrl and V.
    app.keys(&['\u{e009}', 'v']).await?;
    app.row("two ä.jpg").await?;
    app.find("button", "Clear list").await?;
    ensure!(
        desk.images().join("one.min.jpg").is_file(),
        "one.jpg has no result"
    );
    ensure!(
        desk.images().join("two ä.min.jpg").is_file(),
        "two ä.jpg has no result"
    );
    app.close().await
}

pub async fn nothing_to_paste_is_said(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Paste").await?;
    app.see("clipboard").await?;
    ensure!(
        app.all("row", None).await?.is_empty(),
        "something was queued"
    );
    app.close().await
}

pub async fn arguments_are_queued_and_a_second_start_hands_its_own_over(desk: &Desk) -> Result<()> {
    let first = desk.images().join("first.jpg");
    std::fs::write(&first, photo(1))?;
    std::fs::write(desk.images().join("second.jpg"), photo(2))?;
    let app = App::launch(desk, &[first.to_str().context("a plain path")?]).await?;
    app.row("first.jpg").await?;
    app.start_again(&["second.jpg"], &desk.images())?;
    app.row("second.jpg").await?;
    app.find("button", "Clear list").await?;
    for name in ["first.min.jpg", "second.min.jpg"] {
        ensure!(desk.images().join(name).is_file(), "{name} is missing");
    }
    app.close().await
}

pub async fn without_a_history_images_are_still_optimized(desk: &Desk) -> Result<()> {
    // A database that is none: it must be left alone, and must not stop anybody.
    let database = desk.data().join("whittle.sqlite3");
    let junk = vec![b'x'; 8192];
    std::fs::write(&database, &junk)?;
    let image = desk.images().join("photo.jpg");
    std::fs::write(&image, photo(1))?;
    let app = App::launch(desk, &[image.to_str().context("a plain path")?]).await?;
    app.row("photo.jpg").await?;
    app.find("button", "Clear list").await?;
    ensure!(
        desk.images().join("photo.min.jpg").is_file(),
        "there is no result"
    );
    ensure!(
        std::fs::read(&database)? == junk,
        "the database was touched"
    );
    app.close().await
}
