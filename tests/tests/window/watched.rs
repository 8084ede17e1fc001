//! Watched folders, and what was left over when the program was ended.

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk, Holder};

pub async fn a_folder_is_watched_paused_and_missed(desk: &Desk) -> Result<()> {
    let folder = desk.images().join("Exports");
    std::fs::create_dir(&folder)?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Watched folders").await?;
    app.see("No watched folders yet").await?;
    app.press("button", "Watch a folder…").await?;
    desk.choose("Choose a folder", &folder)?;
    app.find("dialog", "Rules for “Exports”").await?;
    // Nothing is taken before the rules were agreed to.
    std::fs::write(folder.join("early.jpg"), photo(1))?;
    app.press("button", "Start watching").await?;
    app.find("listitem", "Exports").await?;
    app.see("1 image today").await?;
    ensure!(folder.join("early.min.jpg").is_file(), "there is no result");
    std::fs::write(folder.join("late.jpg"), photo(2))?;
    app.see("2 images today").await?;
    app.press("button", "Show the last images Exports").await?;
    let last = app.find("list", "The last images of Exports").await?;
    let last = last.prop("innerText").await?.unwrap_or_default();
    ensure!(
        last.contains("late.jpg") && last.contains("Optimized"),
        "{last}"
    );

    app.press("switch", "Watch Exports").await?;
    app.see("Paused").await?;
    app.press("switch", "Watch Exports").await?;
    app.see("On").await?;

    // A folder that goes is told, and one that comes back is taken up again.
    let away = desk.images().join("away");
    std::fs::rename(&folder, &away)?;
    app.see("Unreachable").await?;
    app.see("The folder is not there.").await?;
    std::fs::write(away.join("meanwhile.jpg"), photo(3))?;
    std::fs::rename(&away, &folder)?;
    app.see("3 images today").await?;
    // So is one in whose place there is a file.
    std::fs::rename(&folder, &away)?;
    std::fs::write(&folder, "no folder")?;
    app.see("Unreachable").await?;
    std::fs::remove_file(&folder)?;
    std::fs::rename(&away, &folder)?;
    app.until("it is watched again", async || {
        let text = app.text().await?;
        Ok(text.contains("3 images today") && !text.contains("Unreachable"))
    })
    .await?;
    app.close().await?;

    // It is still watched after a restart.
    let app = App::launch(desk, &[]).await?;
    std::fs::write(folder.join("restarted.jpg"), photo(4))?;
    app.press("button", "Watched folders 1").await?;
    app.see("4 images today").await?;
    app.press("button", "Stop watching Exports").await?;
    app.see("No watched folders yet").await?;
    ensure!(folder.join("restarted.jpg").is_file(), "a file was touched");
    app.close().await
}

pub async fn images_that_waited_are_offered_again(desk: &Desk) -> Result<()> {
    for (name, seed) in [("one.jpg", 1), ("two.jpg", 2)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    let app = App::launch(desk, &[]).await?;
    let services = pause(desk, &app).await?;
    app.start_again(&["one.jpg", "two.jpg"], &desk.images())?;
    app.row("one.jpg").await?;
    app.row("two.jpg").await?;
    app.kill().await?;
    drop(services);

    let app = App::launch(desk, &[]).await?;
    app.see("2 images from last time are still waiting.")
        .await?;
    app.enter("button", "Go on").await?;
    for name in ["one.jpg", "two.jpg"] {
        app.row(name).await?;
    }
    app.find("button", "Clear list").await?;
    let text = app.text().await?;
    ensure!(!text.contains("from last time"), "{text}");
    let result = std::fs::metadata(desk.images().join("two.min.jpg"));
    result.context("there is no result")?;

    // Or they are forgotten, and no start offers them again.
    let services = pause(desk, &app).await?;
    std::fs::write(desk.images().join("three.jpg"), photo(3))?;
    app.start_again(&["three.jpg"], &desk.images())?;
    app.row("three.jpg").await?;
    app.kill().await?;
    drop(services);
    let app = App::launch(desk, &[]).await?;
    app.see("1 image from last time is still waiting.").await?;
    app.enter("button", "Forget").await?;
    app.until("it is no longer offered", async || {
        Ok(!app.text().await?.contains("from last time"))
    })
    .await?;
    app.close().await?;
    let app = App::launch(desk, &[]).await?;
    app.see("Drop images or folders here").await?;
    let text = app.text().await?;
    ensure!(!text.contains("from last time"), "{text}");
    ensure!(
        !desk.images().join("three.min.jpg").exists(),
        "it was worked on"
    );
    app.close().await
}

/// Pauses by the tray's menu, which is there as long as what comes back.
async fn pause(desk: &Desk, app: &App<'_>) -> Result<Holder> {
    let (tray, choose) = (desk.data().join("tray"), desk.data().join("choose"));
    // What an earlier tray has said says nothing of this one.
    let _ = std::fs::remove_file(&tray);
    let services = app.services(&desk.data())?;
    std::fs::write(&choose, "Pause")?;
    app.until("it is paused", async || {
        Ok(std::fs::read_to_string(&tray).is_ok_and(|text| text.contains("Resume")))
    })
    .await?;
    Ok(services)
}
