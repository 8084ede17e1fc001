//! What the window has to do with the rest of the desktop.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk, start_plainly};

const NOTIFY: &str =
    "return window.__TAURI_INTERNALS__.invoke('notify', { title: 'a', body: 'b' })";

pub async fn the_tray_tells_pauses_and_quits(desk: &Desk) -> Result<()> {
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let app = App::launch(desk, &[]).await?;
    let _services = app.services(&desk.data())?;
    let (tray, choose) = (desk.data().join("tray"), desk.data().join("choose"));
    says(&app, &tray, "Nothing to do").await?;
    std::fs::write(&choose, "Pause")?;
    says(&app, &tray, "Resume").await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    says(&app, &tray, "1 image to go").await?;
    let _other = desk.drop_target(&desk.data().join("dropped"))?;
    desk.focus("Another program")?;
    // The page knows that it is paused, and goes on; so does the tray.
    app.press("button", "Resume").await?;
    says(&app, &tray, "Pause").await?;
    says(&app, &tray, "Nothing to do").await?;

    // The keyboard is with another program: nobody looks.
    let told = desk.data().join("notifications");
    says(&app, &told, "Your images are ready: ").await?;
    let told = std::fs::read_to_string(told)?.replace('\u{a0}', " ");
    ensure!(told.contains(" KB saved"), "{told}");

    ensure!(app.run(NOTIFY).await? == true, "not told");
    std::fs::write(&choose, "Quit")?;
    app.ended().await
}

async fn says(app: &App<'_>, file: &Path, words: &str) -> Result<()> {
    app.until(words, async || {
        Ok(std::fs::read_to_string(file).is_ok_and(|text| text.contains(words)))
    })
    .await
}

pub async fn a_quiet_program_notifies_nobody(desk: &Desk) -> Result<()> {
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let app = App::launch(desk, &[]).await?;
    let _services = app.services(&desk.data())?;
    app.press("button", "Settings").await?;
    app.press_in(["radiogroup", "Notifications"], "radio", "Off")
        .await?;
    app.until("the settings are saved", async || {
        Ok(desk.whittle(&["settings"])?.contains("quiet=true"))
    })
    .await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    let _other = desk.drop_target(&desk.data().join("dropped"))?;
    desk.focus("Another program")?;
    app.press("button", "Optimize").await?;
    app.find("button", "Clear list").await?;
    let told = app.run(NOTIFY).await?;
    ensure!(told == false, "the shell says {told}");
    ensure!(!desk.data().join("notifications").exists(), "it was told");
    app.close().await
}

pub async fn a_result_is_dragged_to_another_program(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo ä 100%.jpg");
    std::fs::write(&file, photo(1))?;
    // A driver would keep a drag that begins in the page to itself.
    let _app = start_plainly(desk, &[file.to_str().context("a plain path")?])?;
    let result = desk.images().join("photo ä 100%.min.jpg");
    waited(|| result.is_file()).await.context("no result")?;
    let log = desk.data().join("dropped");
    let _target = desk.drop_target(&log)?;
    // Its row is on screen a moment after its result is on the disk, and on a busy machine a drag that
    // is over too soon comes to nothing: a hand tries again.
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        if log.exists() {
            break;
        }
        desk.drag_from_window((400, 125))?;
    }
    waited(|| log.exists()).await.context("nothing arrived")?;
    let dropped = std::fs::read_to_string(&log)?;
    ensure!(
        dropped.ends_with("/images/photo%20%C3%A4%20100%25.min.jpg\n"),
        "{dropped}"
    );
    Ok(())
}

/// Waits until this holds.
async fn waited(holds: impl Fn() -> bool) -> Result<()> {
    for _ in 0..600 {
        if holds() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("waited in vain")
}

pub async fn samples_are_one_click_away(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.see("the originals stay as they are").await?;
    app.press("button", "Try it on sample images").await?;
    for name in [
        "photo.jpg",
        "screenshot.png",
        "animation.gif",
        "drawing.svg",
    ] {
        app.row(name).await?;
    }
    app.find("button", "Clear list").await?;
    let summary = app.find("group", "Summary").await?;
    // The driver's own text leaves out whatever could be cut short.
    let summary = summary.prop("innerText").await?.unwrap_or_default();
    ensure!(
        summary.contains("saved") && !summary.contains("failed"),
        "{summary}"
    );
    ensure!(
        desk.data().join("samples/photo.min.jpg").is_file(),
        "there is no result"
    );
    app.press("button", "Clear list").await?;
    app.see("4 images").await?;
    ensure!(
        app.all("button", "Try it on sample images")
            .await?
            .is_empty(),
        "they are still offered"
    );
    app.close().await
}

pub async fn it_is_started_at_login_when_that_is_wanted(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Settings").await?;
    app.press_in(["radiogroup", "Start at login"], "radio", "On")
        .await?;
    let autostart = desk.config().join("autostart");
    let entry = || {
        let entries = autostart.read_dir().ok()?;
        let file = entries.flatten().next()?.path();
        std::fs::read_to_string(file).ok()
    };
    app.until("there is an entry", async || Ok(entry().is_some()))
        .await?;
    let text = entry().unwrap_or_default();
    ensure!(
        text.contains("whittle-desktop") && text.contains("--background"),
        "{text}"
    );
    app.press_in(["radiogroup", "Start at login"], "radio", "Off")
        .await?;
    app.until("there is none", async || Ok(entry().is_none()))
        .await?;
    app.close().await
}
