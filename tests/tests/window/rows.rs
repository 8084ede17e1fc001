//! Which row the keys mean, and where the focus is, while rows come, move and go.

use anyhow::{Context, Result};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{
    CONTROL, DELETE, DOWN, ENTER, ESCAPE, F10, SHIFT, SPACE, TAB, UP,
};
use whittle_tests::window::{App, Desk};

pub async fn the_focus_stays_with_its_row_and_in_the_window(desk: &Desk) -> Result<()> {
    for (seed, name) in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"].into_iter().enumerate() {
        std::fs::write(desk.images().join(name), photo(seed as u32 + 1))?;
    }
    let [a, b] = ["a.jpg", "b.jpg"].map(|name| desk.images().join(name));
    let [a, b] = [&a, &b].map(|path| path.to_str().context("a plain path"));
    let app = App::launch(desk, &[a?, b?]).await?;
    app.find("button", "Clear list").await?;

    // By name, the last first: what comes now comes before.
    app.press("button", "Name").await?;
    app.press("button", "Name").await?;
    app.focus_row("b.jpg").await?;
    for name in ["c.jpg", "d.jpg"] {
        app.start_again(&[name], &desk.images())?;
        app.row(name).await?;
        app.find("button", "Clear list").await?;
        app.focused("row", "b.jpg…").await?;
    }
    app.keys(&[UP]).await?;
    app.focused("row", "c.jpg…").await?;
    app.keys(&[DELETE]).await?;
    app.focused("row", "b.jpg…").await?;

    // Two that are no neighbours.
    app.keys(&[UP]).await?;
    app.keys(&[CONTROL, DOWN]).await?;
    app.keys(&[CONTROL, DOWN]).await?;
    app.focused("row", "a.jpg…").await?;
    app.keys(&[CONTROL, SPACE]).await?;
    app.until("two rows are selected", async || {
        let rows = app
            .run("return [...document.querySelectorAll('[aria-selected=true]')].map((row) => row.innerText.trim().slice(0, 5))")
            .await?;
        Ok(rows == serde_json::json!(["d.jpg", "a.jpg"]))
    })
    .await?;
    app.keys(&[DELETE]).await?;
    app.focused("row", "b.jpg…").await?;

    // A dialog that is done with, and a list that is cleared.
    app.press("button", "Resize…").await?;
    app.press("button", "Done").await?;
    app.focused("button", "Resize…").await?;
    app.focus_row("b.jpg").await?;
    app.keys(&[SHIFT, F10]).await?;
    app.find("menu", "Actions").await?;
    // The last one removes it.
    app.keys(&[UP]).await?;
    app.keys(&[ENTER]).await?;
    app.see("Drop images or folders here").await?;
    app.focused("main", None).await?;
    // From there it goes on into the section, not through the whole window.
    app.keys(&[TAB]).await?;
    app.until("the focus is within the section", async || {
        let within = "return document.activeElement.closest('main') !== null
                      && document.activeElement.localName !== 'main'";
        Ok(app.run(within).await? == true)
    })
    .await?;
    app.close().await
}

pub async fn columns_are_chosen_by_keyboard_and_stay_so(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let file = file.to_str().context("a plain path")?;
    let app = App::launch(desk, &[file]).await?;
    app.resize(800, 600).await?;
    app.find("button", "Clear list").await?;
    let row = app.row("photo.jpg").await?;
    anyhow::ensure!(row.contains("Score"), "{row}");
    app.press("button", "Columns").await?;
    app.find("menuitemcheckbox", "Quality").await?;
    app.keys(&[UP]).await?;
    app.keys(&[ENTER]).await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Columns").await?;
    app.until("the scores are hidden", async || {
        Ok(!app.row("photo.jpg").await?.contains("Score"))
    })
    .await?;
    app.close().await?;

    let app = App::launch(desk, &[file]).await?;
    app.find("button", "Clear list").await?;
    app.find("columnheader", "Saved").await?;
    anyhow::ensure!(app.all("columnheader", "Quality").await?.is_empty());
    app.close().await
}
