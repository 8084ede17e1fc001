//! A whole round without a pointer: whoever has no mouse does everything as well.

use anyhow::{Result, bail, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const SHIFT: char = '\u{e008}';
const CONTROL: char = '\u{e009}';
const ESCAPE: char = '\u{e00c}';
const DOWN: char = '\u{e015}';
const DELETE: char = '\u{e017}';
const F10: char = '\u{e03a}';

pub async fn a_round_by_keyboard_alone(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = photo(1);
    std::fs::write(&file, &original)?;
    let app = App::launch(desk, &[]).await?;

    // Where results go: originals are replaced.
    tab_to(&app, "Output: next to original").await?;
    app.keys(&[ENTER]).await?;
    app.find("dialog", "Output").await?;
    tab_to(&app, "Next to original").await?;
    app.keys(&[DOWN]).await?;
    app.keys(&[DOWN]).await?;
    app.find("button", "Output: replace").await?;
    app.keys(&[ESCAPE]).await?;

    // A preset of it.
    tab_to(&app, "Presets").await?;
    app.keys(&[ENTER]).await?;
    app.find("dialog", "Presets").await?;
    let name = app.find("textbox", "Current settings").await?;
    tab_to(&app, "Current settings").await?;
    name.send_keys("Mine").await?;
    app.keys(&[ENTER]).await?;
    app.find("list", "Presets").await?;
    app.keys(&[ESCAPE]).await?;

    // An image, compared and tried with another mode.
    app.keys(&[CONTROL, 'o']).await?;
    desk.choose("Choose images", &file)?;
    app.find("button", "Clear list").await?;
    let balanced = std::fs::read(&file)?;
    ensure!(balanced != original, "it was not replaced");
    let told = announced(&app).await?;
    tab_to(&app, "photo.jpg").await?;
    app.keys(&['c']).await?;
    app.find("img", "Original · …").await?;
    tab_to(&app, "Balanced").await?;
    app.keys(&[DOWN]).await?;
    // Tab passes a button by that cannot be pressed yet.
    app.until("the attempt can be used", async || {
        let button = app.find("button", "Use this").await?;
        Ok(button.prop("disabled").await?.as_deref() == Some("false"))
    })
    .await?;
    tab_to(&app, "Use this").await?;
    app.keys(&[ENTER]).await?;
    // The list looks as it did before until the work begins: only its end says something new.
    app.until("it is replaced by the attempt", async || {
        Ok(announced(&app).await? != told)
    })
    .await?;
    let lossy = std::fs::read(&file)?;
    ensure!(lossy != balanced && lossy != original, "nothing was used");
    app.find("button", "Clear list").await?;

    // Its menu, undo, again, and off the list.
    tab_to(&app, "photo.jpg").await?;
    app.keys(&[SHIFT, F10]).await?;
    app.find("menu", "Actions").await?;
    app.keys(&[ESCAPE]).await?;
    app.keys(&[CONTROL, 'z']).await?;
    app.see("1 original was put back.").await?;
    ensure!(std::fs::read(&file)? == original, "it was not put back");
    app.keys(&[CONTROL, 'a']).await?;
    app.keys(&[CONTROL, 'r']).await?;
    app.until("it is replaced again", async || {
        Ok(std::fs::read(&file)? != original)
    })
    .await?;
    app.find("button", "Clear list").await?;
    tab_to(&app, "photo.jpg").await?;
    app.keys(&[DELETE]).await?;
    app.see("Drop images or folders here").await?;

    // An address, and what is wrong with it.
    app.keys(&[CONTROL, 'u']).await?;
    let field = app.find("textbox", "Image addresses").await?;
    field.send_keys("nowhere").await?;
    app.keys(&[ENTER]).await?;
    app.see("This is not an address that Whittle can fetch.")
        .await?;
    app.keys(&[ESCAPE]).await?;

    // What was done is found again, and added up.
    app.keys(&[CONTROL, '3']).await?;
    app.row("photo.jpg").await?;
    app.keys(&[CONTROL, '4']).await?;
    app.see("this month").await?;
    tab_to(&app, "6 months").await?;
    app.keys(&[DOWN]).await?;
    app.until("another period", async || {
        let all = app.find("radio", "All").await?;
        Ok(all.attr("aria-checked").await?.as_deref() == Some("true"))
    })
    .await?;
    app.close().await
}

/// What a screen reader was told last when images were finished.
async fn announced(app: &App<'_>) -> Result<String> {
    let told = app.find("status", "Finished.…").await?;
    Ok(told.prop("innerText").await?.unwrap_or_default())
}

/// Presses Tab until the focus is on what says this.
async fn tab_to(app: &App<'_>, name: &str) -> Result<()> {
    for _ in 0..60 {
        let at = app
            .run(
                "const at = document.activeElement;
                 if (at === document.body) return '';
                 return [at.ariaLabel, at.labels?.[0]?.innerText, at.innerText.trim().split('\\n')[0]].join('\\n')",
            )
            .await?;
        let at = at.as_str().unwrap_or_default().replace('\u{a0}', " ");
        if at.lines().any(|line| line.trim().starts_with(name)) {
            return Ok(());
        }
        app.keys(&[TAB]).await?;
    }
    bail!("Tab does not come to: {name}")
}
