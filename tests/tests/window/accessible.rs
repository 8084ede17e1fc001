//! What axe finds on every screen and in every state of the real window, as it is drawn; and motion.

use std::path::Path;

use anyhow::{Result, ensure};
use whittle_tests::window::images::{BROKEN, folder, photo};
use whittle_tests::window::key::{CONTROL, ESCAPE, F10, HOME, RIGHT, SHIFT};
use whittle_tests::window::{App, Desk, Served};

use crate::account::connect;
use crate::remembered::SECTIONS;

/// The whole page in one theme, and in the other what depends on colours.
const JUDGE: &str = "
const [done] = arguments;
const root = document.documentElement;
const { theme } = root.dataset;
const told = ({ violations }) => violations.map(({ id, impact, nodes }) =>
  `${root.dataset.theme}: ${id} (${impact}): ` + nodes.map(({ html }) => html.slice(0, 200)).join(' '));
(async () => {
  root.dataset.theme = 'light';
  const light = told(await axe.run());
  root.dataset.theme = 'dark';
  const dark = told(await axe.run({ runOnly: ['color-contrast'] }));
  if (theme === undefined) delete root.dataset.theme;
  else root.dataset.theme = theme;
  done([...light, ...dark]);
})();
";

/// What axe finds in the page, in both themes.
pub async fn violations(app: &App<'_>) -> Result<Vec<String>> {
    const AXE: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../ui/node_modules/axe-core/axe.min.js"
    );
    if app.run("return window.axe === undefined").await? == true {
        app.run(&std::fs::read_to_string(AXE)?).await?;
    }
    Ok(serde_json::from_value(app.wait_for(JUDGE).await?)?)
}

/// Goes on through all states, and keeps what was found.
struct Judge<'a> {
    app: App<'a>,
    found: Vec<String>,
}

impl Judge<'_> {
    async fn look(&mut self, state: &str) -> Result<()> {
        let found = violations(&self.app).await?;
        self.found
            .extend(found.iter().map(|found| format!("{state}, {found}")));
        Ok(())
    }

    async fn leave(&self) -> Result<()> {
        self.app.keys(&[ESCAPE]).await?;
        self.app
            .until("all dialogs and menus are closed", async || {
                Ok(self.app.all("dialog", None).await?.is_empty()
                    && self.app.all("menu", None).await?.is_empty())
            })
            .await
    }

    async fn end(self) -> Result<()> {
        ensure!(self.found.is_empty(), "{:#?}", self.found);
        self.app.close().await
    }
}

pub async fn axe_finds_nothing_where_nothing_was_done(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    let found = Vec::new();
    let mut judge = Judge { app, found };
    for (key, heading) in SECTIONS {
        judge.app.keys(&[CONTROL, key]).await?;
        judge.app.find("heading", heading).await?;
        judge.look(heading).await?;
    }
    judge.app.keys(&['?']).await?;
    judge.app.find("dialog", "Keyboard shortcuts").await?;
    judge.look("shortcuts").await?;
    judge.leave().await?;
    for (button, dialog) in [
        ("Resize…", "Resize styles"),
        ("Presets", "Presets"),
        ("Output: next to original", "Output"),
        ("From URL…", "From URL"),
    ] {
        judge.app.press("button", button).await?;
        judge.app.find("dialog", dialog).await?;
        judge.look(dialog).await?;
        if dialog != "From URL" {
            judge.leave().await?;
        }
    }
    judge
        .app
        .fill("textbox", "Image addresses", "nowhere")
        .await?;
    judge.app.enter("button", "Fetch").await?;
    judge
        .app
        .see("This is not an address that Whittle can fetch.")
        .await?;
    judge.look("an address that is none").await?;

    // It would find something.
    judge
        .app
        .run(
            "const pale = document.createElement('p');
             pale.append('as good as nothing');
             pale.style.color = '#909090';
             pale.style.background = '#808080';
             document.querySelector('dialog form').append(pale, document.createElement('button'));",
        )
        .await?;
    let found = violations(&judge.app).await?;
    for expected in [
        "light: button-name (critical)",
        "light: color-contrast (serious)",
        "dark: color-contrast (serious)",
    ] {
        let said = found.iter().any(|found| found.starts_with(expected));
        ensure!(said, "{expected}: {found:#?}");
    }
    judge.end().await
}

pub async fn axe_finds_nothing_in_what_was_done(desk: &Desk) -> Result<()> {
    let folder = folder(&desk.images())?;
    let style = r#"styles=[{"name":"thumb","strategy":"crop","width":80,"height":50}]"#;
    desk.whittle(&["settings", style])?;
    // One that is put back over a change.
    let replaced = desk.images().join("replaced.jpg");
    std::fs::write(&replaced, photo(5))?;
    let path = replaced.to_string_lossy().into_owned();
    desk.whittle(&["optimize", "--in-place", &path])?;
    std::fs::write(&replaced, photo(6))?;
    let watched = desk.images().join("Exports");
    std::fs::create_dir(&watched)?;
    std::fs::write(watched.join("new.jpg"), photo(9))?;
    let served = Served::start()?;

    let app = App::launch(desk, &[]).await?;
    let found = Vec::new();
    let mut judge = Judge { app, found };
    judge.app.start_again(&["."], &folder)?;
    for name in [
        "photo.jpg",
        "screenshot.png",
        "animation.gif",
        "drawing.svg",
    ] {
        judge.app.row_says(name, "%").await?;
    }
    judge.app.row_says(BROKEN, "Original untouched.").await?;
    judge.app.see_pictures(4).await?;
    // Rows that wait, and one that is paused.
    judge
        .app
        .run("return window.__TAURI_INTERNALS__.invoke('set_paused', { paused: true })")
        .await?;
    for (name, seed) in [("waiting.jpg", 7), ("paused.jpg", 8)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    judge
        .app
        .start_again(&["waiting.jpg", "paused.jpg"], &desk.images())?;
    judge.app.row_says("paused.jpg", "waiting").await?;
    judge.app.focus_row("paused.jpg").await?;
    judge.app.enter("button", "Pause paused.jpg").await?;
    judge.app.row_says("paused.jpg", "paused").await?;
    judge
        .look("rows that are done, failed, waiting and paused")
        .await?;
    judge.app.press("button", "Cancel").await?;
    judge.app.row_says("waiting.jpg", "Cancelled").await?;
    judge
        .app
        .run("return window.__TAURI_INTERNALS__.invoke('set_paused', { paused: false })")
        .await?;
    judge.app.press("radio", "Lossy").await?;
    judge.app.row_says("photo.jpg", "other settings").await?;
    judge.app.focus_row("photo.jpg").await?;
    judge.look("stale and cancelled rows").await?;
    judge.app.keys(&[SHIFT, F10]).await?;
    judge.app.find("menu", "Actions").await?;
    judge.look("the menu").await?;
    judge.leave().await?;
    judge.app.press("button", "Columns").await?;
    judge.app.find("menu", "Columns").await?;
    judge.look("the columns").await?;
    judge.leave().await?;
    judge.app.press("button", "Resize: 1 style").await?;
    judge.app.press("button", "Edit thumb").await?;
    judge.app.find("button", "Save style").await?;
    judge.look("a style").await?;
    judge.leave().await?;
    judge.app.press("button", "Presets").await?;
    judge.app.fill("textbox", "Current settings", "web").await?;
    judge.app.enter("button", "Save preset").await?;
    judge.app.find("button", "Delete web").await?;
    judge.look("a preset").await?;
    judge.leave().await?;

    compare(&mut judge).await?;
    sections(&mut judge, desk, &watched).await?;
    judge.app.press("button", "Account").await?;
    account(&mut judge, &served).await?;
    judge.end().await
}

async fn compare(judge: &mut Judge<'_>) -> Result<()> {
    judge.app.focus_row("animation.gif").await?;
    judge.app.keys(&['c']).await?;
    judge.app.find("slider", "Frame").await?;
    judge.app.keys(&['i']).await?;
    judge.app.find("list", "What was tried").await?;
    for (view, picture) in [
        ("Split", "Original · …"),
        ("Side by side", "Original · …"),
        ("Flip", "Original · …"),
        ("Difference", "Where the result differs from the original"),
    ] {
        judge.app.choose("View", view).await?;
        judge.app.find("img", picture).await?;
        judge.look(&format!("Compare, {view}")).await?;
    }
    judge.app.enter("button", "Back to the list").await?;
    judge.app.find("grid", "Images").await?;
    Ok(())
}

async fn sections(judge: &mut Judge<'_>, desk: &Desk, watched: &Path) -> Result<()> {
    let app = &judge.app;
    app.press("button", "History").await?;
    app.row("photo.jpg").await?;
    judge.look("the history").await?;
    let app = &judge.app;
    app.press("button", "Revert replaced.jpg").await?;
    app.find("dialog", "Changed since").await?;
    judge.look("a question").await?;
    let app = &judge.app;
    app.press("button", "Put back").await?;
    app.see("1 original was put back.").await?;
    judge.look("a message").await?;
    let app = &judge.app;
    app.fill("searchbox", "Search history", "nowhere").await?;
    app.see("Nothing found").await?;
    judge.look("nothing found").await?;
    let app = &judge.app;
    app.press("button", "Watched folders").await?;
    app.press("button", "Watch a folder…").await?;
    desk.choose("Choose a folder", watched)?;
    app.find("dialog", "Rules for “Exports”").await?;
    app.press("button", "Resize: 1 style").await?;
    app.press("button", "Edit thumb").await?;
    judge.look("the rules of a folder").await?;
    let app = &judge.app;
    app.press("button", "Start watching").await?;
    app.see("1 image today").await?;
    app.press("button", "Show the last images Exports").await?;
    app.find("list", "The last images of Exports").await?;
    judge.look("a watched folder").await?;
    let app = &judge.app;
    app.press("button", "Dashboard").await?;
    app.press("button", "Show table").await?;
    app.find("table", "Saved by month and origin").await?;
    judge.look("the dashboard").await?;
    Ok(())
}

async fn account(judge: &mut Judge<'_>, served: &Served) -> Result<()> {
    connect(&judge.app, served).await?;
    judge.app.press("radio", "Account").await?;
    judge.look("an account").await?;
    judge.app.press("button", "Optimize").await?;
    judge.app.see("These images go to the account ada.").await?;
    judge.look("images for an account").await?;
    judge.app.press("button", "Dashboard").await?;
    for place in ["Account", "Both"] {
        judge.app.choose("Which images", place).await?;
        judge.app.find("group", "Chart…").await?;
        judge.look(&format!("the dashboard, {place}")).await?;
    }
    Ok(())
}

pub async fn who_wants_no_motion_sees_none(desk: &Desk) -> Result<()> {
    let file = folder(&desk.images())?.join("animation.gif");
    let path = file.to_string_lossy().into_owned();
    for (animations, playing) in [("true", true), ("false", false)] {
        let settings = desk.data().with_file_name("config").join("gtk-3.0");
        std::fs::create_dir_all(&settings)?;
        let text = format!("[Settings]\ngtk-enable-animations={animations}\n");
        std::fs::write(settings.join("settings.ini"), text)?;
        let app = App::launch(desk, &[&path]).await?;
        let reduced = app
            .run("return matchMedia('(prefers-reduced-motion: reduce)').matches")
            .await?;
        ensure!(reduced == !playing, "animations={animations}: {reduced}");
        app.row_says("animation.gif", "%").await?;
        app.tab_to("row", "animation.gif…").await?;
        app.keys(&['c']).await?;
        // It plays by itself only for who likes that; by hand for everybody.
        if playing {
            app.enter("button", "Pause animation").await?;
        }
        app.tab_to("button", "Play").await?;
        app.tab_to("slider", "Frame").await?;
        app.keys(&[HOME]).await?;
        app.see("Frame 1 of 7").await?;
        app.keys(&[RIGHT]).await?;
        app.see("Frame 2 of 7").await?;
        let longest = app
            .run(
                "return Math.max(...[...document.querySelectorAll('*')].flatMap((element) => {
                   const { transitionDuration, animationDuration } = getComputedStyle(element);
                   return `${transitionDuration},${animationDuration}`.split(',').map(parseFloat);
                 }))",
            )
            .await?;
        ensure!(
            playing || longest.as_f64().is_some_and(|seconds| seconds < 0.001),
            "something takes {longest} s"
        );
        app.close().await?;
    }
    Ok(())
}
