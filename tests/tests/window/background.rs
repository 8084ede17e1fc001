//! Without a window, and back in it: at login, after closing it, after a restart.

use anyhow::{Result, ensure};
use serde_json::json;
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

const TITLE: &str = "Whittle";

pub async fn in_the_background_there_is_only_a_tray_until_it_is_asked_for(
    desk: &Desk,
) -> Result<()> {
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let app = App::launch(desk, &["--background"]).await?;
    let _services = app.services(&desk.data())?;
    let (tray, choose) = (desk.data().join("tray"), desk.data().join("choose"));
    let tray_says = |words: &'static str| {
        let told = std::fs::read_to_string(&tray);
        told.is_ok_and(|text| text.contains(words))
    };
    let windows = async || Ok(!desk.windows(TITLE)?.is_empty());
    app.until("a tray", async || Ok(tray_says("Nothing to do")))
        .await?;
    ensure!(!windows().await?, "there is a window");
    // Another start in the background brings none, a plain one does.
    app.start_again(&["--background"], &desk.images())?;
    ensure!(!windows().await?, "there is a window");
    app.start_again(&[""; 0], &desk.images())?;
    app.until("a window", windows).await?;

    // Closing it leaves the program at work, if that is wanted.
    app.press("button", "Settings").await?;
    app.press_in(["radiogroup", "Keep running in the tray"], "radio", "On")
        .await?;
    app.until("that is kept", async || {
        Ok(desk.whittle(&["settings"])?.contains("keep_in_tray=true"))
    })
    .await?;
    desk.close_windows(TITLE)?;
    app.until("no window", async || Ok(!windows().await?))
        .await?;
    app.start_again(&["--background", "photo.jpg"], &desk.images())?;
    let result = desk.images().join("photo.min.jpg");
    app.until("it still works", async || Ok(result.is_file()))
        .await?;
    ensure!(!windows().await?, "it came back by itself");
    std::fs::write(&choose, "Open Whittle")?;
    app.until("a window again", windows).await?;
    app.press("button", "Optimize").await?;
    app.row("photo.jpg").await?;
    // Otherwise closing ends it.
    app.press("button", "Settings").await?;
    app.press_in(["radiogroup", "Keep running in the tray"], "radio", "Off")
        .await?;
    app.until("that is kept", async || {
        Ok(desk.whittle(&["settings"])?.contains("keep_in_tray=false"))
    })
    .await?;
    desk.close_windows(TITLE)?;
    app.ended().await
}

pub async fn size_and_place_are_remembered(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.place(120, 60, 900, 640).await?;
    desk.close_windows(TITLE)?;
    app.ended().await?;
    let app = App::launch(desk, &[]).await?;
    app.until("where it was", async || {
        let at = app
            .run("return [screenX, screenY, innerWidth, innerHeight]")
            .await?;
        Ok(at == json!([120, 60, 900, 640]))
    })
    .await?;
    app.close().await?;

    // What was written there by somebody else does not keep it from opening.
    std::fs::write(desk.data().join("window.json"), "{")?;
    let app = App::launch(desk, &[]).await?;
    app.find("heading", "Optimize").await?;
    app.close().await
}
