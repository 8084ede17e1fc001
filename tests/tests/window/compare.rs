//! Compare: an original beside its result, and beside what other settings would make of it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use whittle_tests::fixtures::{Picture, jpeg};
use whittle_tests::window::images::{contents, folder, photo};
use whittle_tests::window::key::{ESCAPE, LEFT, RIGHT};
use whittle_tests::window::{App, Desk};

use crate::batch::dry;
use crate::styles::add_square;

pub async fn another_level_is_tried_and_used(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    let result = desk.images().join("photo.min.jpg");
    let before = std::fs::read(&result)?;

    app.press("button", "Compare photo.jpg").await?;
    app.find("img", "Original · …").await?;
    app.find("img", "Balanced · …").await?;
    painted(desk, &app).await?;
    app.press("radio", "Lossy").await?;
    app.find("img", "Level 85 · …").await?;
    let level = app.find("slider", "Level").await?;
    level.send_keys(&LEFT.to_string().repeat(40)).await?;
    app.until("level 45 has a size and a score", async || {
        let text = app.text().await?;
        Ok(text.contains("Level 45") && !text.contains("encoding"))
    })
    .await?;
    let label = app.find("img", "Level 45 · …").await?;
    let label = label.attr("aria-label").await?.unwrap_or_default();
    let label = label.replace('\u{a0}', " ");
    ensure!(label.contains("KB") && label.contains("Score"), "{label}");
    ensure!(std::fs::read(&result)? == before, "trying wrote a file");
    painted(desk, &app).await?;

    app.press("button", "Use this").await?;
    app.until("the result of level 45 is there", async || {
        Ok(std::fs::read(&result)?.len() < before.len())
    })
    .await?;
    app.find("button", "Clear list").await?;
    // The list says the same as Compare did: "Level 45 · 12.3 KB · Score 56".
    let row = app.row("photo.jpg").await?;
    let parts: Vec<&str> = label.split(" · ").collect();
    ensure!(parts.len() == 3, "{label}");
    ensure!(
        row.contains(parts[1]) && row.contains(parts[2]),
        "{label}, but {row}"
    );
    ensure!(!row.contains("other settings"), "{row}");
    app.close().await
}

pub async fn only_the_last_level_counts_and_all_take_it(desk: &Desk) -> Result<()> {
    let files = ["one.jpg", "two.jpg"].map(|name| desk.images().join(name));
    for (file, width) in files.iter().zip([1600, 640]) {
        let picture = Picture::photo(width, width * 2 / 3, 1);
        std::fs::write(file, jpeg::encoded(&picture, jpeg::CAMERA))?;
    }
    let expected = files
        .each_ref()
        .map(|file| dry(desk, file, &["--level", "40"]));
    let small = ["one.min.jpg", "two.min.jpg"].map(|name| desk.images().join(name));
    let app = App::launch(desk, &[desk.images().to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;

    // The level is moved on while the first of them is still encoded.
    app.press("button", "Compare one.jpg").await?;
    app.press("radio", "Lossy").await?;
    let level = app.find("slider", "Level").await?;
    app.run(
        "window.told = [];
         new MutationObserver(() => {
           for (const { ariaLabel } of document.querySelectorAll('[role=img]'))
             if (/Level.*Score/.test(ariaLabel) && told.at(-1) !== ariaLabel) told.push(ariaLabel);
         }).observe(document.body, { subtree: true, attributes: true, childList: true })",
    )
    .await?;
    for steps in [5, 40] {
        level.send_keys(&LEFT.to_string().repeat(steps)).await?;
    }
    app.until("the result of level 40", async || {
        let told = app.run("return told.at(-1) ?? ''").await?;
        Ok(told
            .as_str()
            .is_some_and(|told| told.contains("Level\u{a0}40")))
    })
    .await?;
    // Nothing that was begun before takes its place.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let told = app.run("return told").await?;
    let told: Vec<&str> = told
        .as_array()
        .context("a list")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let last = told
        .iter()
        .filter(|label| label.contains("Level\u{a0}40"))
        .count();
    ensure!(
        last == 1
            && told
                .last()
                .is_some_and(|label| label.contains("Level\u{a0}40")),
        "{told:?}"
    );

    // For all of the list, and for what comes next.
    app.press("button", "Use for all").await?;
    for (small, expected) in small.iter().zip(expected) {
        let expected = expected?;
        app.until(
            &format!("{} of {expected} bytes", small.display()),
            async || Ok(std::fs::metadata(small)?.len() == expected),
        )
        .await?;
    }
    let level = app.find("slider", "Level").await?.prop("value").await?;
    ensure!(level.as_deref() == Some("40"), "the level is {level:?}");
    app.until("no row was made with other settings", async || {
        Ok(!app.text().await?.contains("other settings"))
    })
    .await?;
    app.close().await
}

pub async fn every_format_is_compared_by_keyboard(desk: &Desk) -> Result<()> {
    let folder = folder(&desk.images())?;
    let app = App::launch(desk, &[folder.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    let before = contents(&folder)?;
    app.focus_row("animation.gif").await?;
    app.keys(&['c']).await?;
    let mut seen = Vec::new();
    loop {
        app.find("img", "Original · …").await?;
        let title = head(&app).await?;
        painted(desk, &app).await.with_context(|| title.clone())?;
        if title == "animation.gif" {
            app.find("slider", "Frame").await?;
        }
        app.keys(&['d']).await?;
        app.find("img", "Where the result differs from the original")
            .await?;
        darkened(desk, &app)
            .await
            .with_context(|| format!("{title}, differences"))?;
        app.keys(&['d']).await?;
        app.keys(&['z']).await?;
        app.see("100 %").await?;
        painted(desk, &app)
            .await
            .with_context(|| format!("{title}, 100 %"))?;
        seen.push(title);
        if seen.len() == 4 {
            break;
        }
        app.keys(&[RIGHT]).await?;
        app.until("another image", async || {
            Ok(seen.last() != Some(&head(&app).await?))
        })
        .await?;
    }
    seen.sort();
    ensure!(
        seen == [
            "animation.gif",
            "drawing.svg",
            "photo.jpg",
            "screenshot.png"
        ],
        "{seen:?}"
    );
    app.keys(&[ESCAPE]).await?;
    app.find("grid", "Images").await?;
    let focused = app.run("return document.activeElement.innerText").await?;
    ensure!(
        focused
            .as_str()
            .is_some_and(|text| text.contains("photo") || text.contains("screenshot")),
        "the focus is on {focused}"
    );
    ensure!(contents(&folder)? == before, "looking wrote something");
    app.close().await
}

pub async fn a_derivative_lies_beside_its_original(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[]).await?;
    add_square(&app, "thumb", "200").await?;
    app.until("the style is saved", async || {
        Ok(desk.whittle(&["settings"])?.contains("thumb"))
    })
    .await?;
    app.start_again(&["photo.jpg"], &desk.images())?;
    app.find("button", "Clear list").await?;
    // From the row of the image itself the details tell what was tried.
    app.press("button", "Compare photo.jpg").await?;
    app.find("img", "Balanced · …").await?;
    app.press("button", "Details").await?;
    let tried = app.find("list", "What was tried").await?.text().await?;
    ensure!(tried.contains("chosen"), "{tried}");
    app.keys(&[ESCAPE]).await?;
    app.press("button", "Compare photo.jpg thumb").await?;
    app.find("img", "Original, resized").await?;
    app.find("heading", "photo.jpg · thumb").await?;
    painted(desk, &app).await?;
    ensure!(
        app.all("button", "Use this").await?.is_empty(),
        "it offers other settings"
    );
    app.close().await
}

/// What the head of the window says.
async fn head(app: &App<'_>) -> Result<String> {
    let head = app.find("heading", None).await?;
    Ok(head.prop("innerText").await?.unwrap_or_default())
}

/// Waits until the stage shows a picture: the window's own colours are light greys.
async fn painted(desk: &Desk, app: &App<'_>) -> Result<()> {
    let vivid = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b) > 40;
    stage_has(desk, app, "a picture", vivid).await
}

/// Waits until the stage shows where two pictures differ: on dark grey.
async fn darkened(desk: &Desk, app: &App<'_>) -> Result<()> {
    let dark = |[r, g, b]: [u8; 3]| r.max(g).max(b) < 90;
    stage_has(desk, app, "a dark picture", dark).await
}

/// Waits until enough pixels in the middle of the stage are as told.
async fn stage_has(
    desk: &Desk,
    app: &App<'_>,
    what: &str,
    is: impl Fn([u8; 3]) -> bool,
) -> Result<()> {
    let file = desk.data().join("stage.png");
    app.until(what, async || {
        app.screenshot(&file).await?;
        let shot = lodepng::decode32_file(&file)?;
        let (width, height) = (shot.width, shot.height);
        let middle = |at: usize| {
            let (x, y) = (at % width, at / width);
            x > width / 4 && x < width * 19 / 20 && y > height / 4 && y < height * 3 / 4
        };
        let fitting = shot
            .buffer
            .iter()
            .enumerate()
            .filter(|(at, pixel)| middle(*at) && is([pixel.r, pixel.g, pixel.b]));
        Ok(fitting.count() > 200)
    })
    .await
}
