//! Compare: its views, zoom, details, and using what was tried.

use anyhow::{Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{DOWN, LEFT, RIGHT, SHIFT, SPACE};
use whittle_tests::window::{App, Desk};

use super::made_anew;

pub async fn everything_of_compare_is_done_by_keyboard(desk: &Desk) -> Result<()> {
    for (name, seed) in [("one.jpg", 1), ("two.jpg", 2)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    desk.whittle(&["settings", r#"output={"kind":"in_place"}"#])?;
    let app = App::launch(desk, &[]).await?;
    app.start_again(&["one.jpg", "two.jpg"], &desk.images())?;
    app.row_says("one.jpg", "%").await?;
    app.row_says("two.jpg", "%").await?;
    let before = [app.row("one.jpg").await?, app.row("two.jpg").await?];
    app.tab_to("row", "one.jpg…").await?;
    app.enter("button", "Compare one.jpg").await?;
    app.find("img", "Original · …").await?;

    // The line between both is moved.
    app.tab_to("slider", "Where the result begins").await?;
    app.keys(&[LEFT]).await?;
    app.until("the line is left of the middle", async || {
        let at = app
            .run("return Number(document.activeElement.ariaValueNow)")
            .await?;
        Ok(at.as_f64().is_some_and(|at| at < 50.0))
    })
    .await?;
    for view in ["Side by side", "Flip", "Difference", "Split"] {
        app.choose("View", view).await?;
    }
    app.find("img", "Original · …").await?;

    // Zoom and pan, by buttons and by keys.
    app.enter("button", "100 %").await?;
    pressed(&app, "100 %").await?;
    app.enter("button", "Zoom in").await?;
    app.see("150 %").await?;
    moves(desk, &app, &[SHIFT, RIGHT]).await?;
    moves(desk, &app, &[SHIFT, DOWN]).await?;
    app.enter("button", "Zoom out").await?;
    pressed(&app, "100 %").await?;
    app.enter("button", "Fit").await?;
    pressed(&app, "Fit").await?;
    app.enter("button", "Details").await?;
    app.find("complementary", "Details").await?;
    app.keys(&['i']).await?;
    app.until("the details are closed", async || {
        Ok(app.all("complementary", "Details").await?.is_empty())
    })
    .await?;

    // Left and come back to: keys that belong to no button.
    app.enter("button", "Back to the list").await?;
    app.focused("row", "one.jpg…").await?;
    app.keys(&['c']).await?;
    app.find("heading", "one.jpg").await?;
    app.find("img", "Original · …").await?;
    app.keys(&[SPACE]).await?;
    chosen(&app, "Flip").await?;
    app.keys(&['d']).await?;
    chosen(&app, "Difference").await?;
    app.keys(&['d']).await?;
    app.keys(&['z']).await?;
    pressed(&app, "100 %").await?;
    app.keys(&['0']).await?;
    pressed(&app, "Fit").await?;
    app.keys(&[RIGHT]).await?;
    app.find("heading", "two.jpg").await?;
    app.keys(&[LEFT]).await?;
    app.find("heading", "one.jpg").await?;

    // Another level for all images.
    // These come once it is open.
    app.find("radiogroup", "View").await?;
    app.choose("Mode", "Lossy").await?;
    app.tab_to("slider", "Level").await?;
    for _ in 0..10 {
        app.keys(&[LEFT]).await?;
    }
    app.see("Level 75").await?;
    app.enter("button", "Use for all").await?;
    for (name, before) in ["one.jpg", "two.jpg"].iter().zip(before) {
        made_anew(&app, name, &before).await?;
    }
    // And the original instead.
    app.tab_to("row", "one.jpg…").await?;
    app.keys(&['c']).await?;
    app.enter("button", "Keep original").await?;
    app.row_says("one.jpg", "Reverted").await?;
    ensure!(
        std::fs::read(desk.images().join("one.jpg"))? == photo(1),
        "it was not put back"
    );
    app.close().await
}

/// Presses keys, and waits until the picture lies elsewhere.
async fn moves(desk: &Desk, app: &App<'_>, keys: &[char]) -> Result<()> {
    let file = desk.data().join("stage.png");
    let drawn = async || {
        app.screenshot(&file).await?;
        anyhow::Ok(std::fs::read(&file)?)
    };
    // Until all of it is drawn.
    app.until("it stands still", async || {
        Ok(drawn().await? == drawn().await?)
    })
    .await?;
    let before = drawn().await?;
    app.keys(keys).await?;
    app.until("it moves", async || Ok(drawn().await? != before))
        .await
}

async fn pressed(app: &App<'_>, button: &str) -> Result<()> {
    app.until(&format!("{button} is pressed"), async || {
        let button = app.find("button", button).await?;
        Ok(button.attr("aria-pressed").await?.as_deref() == Some("true"))
    })
    .await
}

async fn chosen(app: &App<'_>, radio: &str) -> Result<()> {
    app.until(&format!("{radio} is chosen"), async || {
        let radio = app.find("radio", radio).await?;
        Ok(radio.attr("aria-checked").await?.as_deref() == Some("true"))
    })
    .await
}
