//! What is still there after a restart, and what the keyboard reaches.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use whittle_tests::window::key::{BACKSPACE, CONTROL, ESCAPE, LEFT, RIGHT, TAB};
use whittle_tests::window::{App, Desk};

use crate::drop::MIDDLE;
use whittle_tests::window::images::{BROKEN, GOOD, contents, folder, photo};

pub async fn history_and_dashboard_survive_a_restart(desk: &Desk) -> Result<()> {
    let folder = folder(&desk.images())?;
    let app = App::launch(desk, &[]).await?;
    let hand = desk.drag(std::slice::from_ref(&folder), MIDDLE)?;
    app.see("Drop to optimize").await?;
    desk.drop_here()?;
    app.find("button", "Clear list").await?;
    drop(hand);
    app.close().await?;

    let app = App::launch(desk, &[]).await?;
    app.see("5 images").await?;
    app.press("button", "History").await?;
    for name in GOOD {
        let row = app.row(name).await?;
        ensure!(row.contains("Optimized"), "{row}");
    }
    let row = app.row(BROKEN).await?;
    ensure!(row.contains("Failed"), "{row}");
    app.see("5 entries").await?;
    app.see_pictures(GOOD.len() as u64).await?;

    app.press("button", "Dashboard").await?;
    app.see("5 this month").await?;
    let saved = saved_bytes(&folder)?;
    let shown = app
        .find("definition", None)
        .await?
        .prop("innerText")
        .await?;
    let shown = shown.unwrap_or_default().replace('\u{a0}', " ");
    ensure!(
        says(&shown, saved),
        "{shown} is shown, {saved} bytes were saved"
    );
    let columns = app.all("img", "saved, …").await?.len();
    ensure!(columns == 6, "the chart has {columns} months");
    let chart = "return document.querySelectorAll('svg g[role=img] rect:not(.ground)').length";
    ensure!(
        app.run(chart).await?.as_u64() == Some(1),
        "one month has one origin"
    );
    app.press("button", "Show table").await?;
    app.find("table", "Saved by month and origin").await?;
    app.close().await
}

/// The fields for days are WebKit's own: what is typed into them counts as soon as it is a day.
pub async fn the_history_is_narrowed_down_to_days(desk: &Desk) -> Result<()> {
    let image = desk.images().join("photo.jpg");
    std::fs::write(&image, photo(1))?;
    let app = App::launch(desk, &[image.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    app.press("button", "History").await?;
    app.row("photo.jpg").await?;
    let period = app.find("combobox", "Period").await?;
    period.select_by_value("dates").await?;
    app.find("group", "From – to…").await?;
    type_day(&app, "From", "2090-12-31").await?;
    app.see("Nothing found").await?;
    app.press("button", "Clear search").await?;
    app.row("photo.jpg").await?;
    ensure!(
        app.all("date", None).await?.is_empty(),
        "the days are still on screen"
    );
    app.close().await
}

/// Types a day into a field as it is written in the United States, part by part, and waits until it stands there.
async fn type_day(app: &App<'_>, name: &str, day: &str) -> Result<()> {
    let field = app.find("date", name).await?;
    app.focus(&field).await?;
    let (year, rest) = day.split_at(4);
    let (month, date) = (&rest[1..3], &rest[4..]);
    for key in [month, &RIGHT.to_string(), date, &RIGHT.to_string(), year]
        .concat()
        .chars()
    {
        app.keys(&[key]).await?;
    }
    app.until("the day stands in the field", async || {
        Ok(field.prop("value").await?.as_deref() == Some(day))
    })
    .await
}

fn saved_bytes(folder: &std::path::Path) -> Result<usize> {
    let files = contents(folder)?;
    Ok(GOOD
        .iter()
        .map(|name| {
            let (stem, extension) = name.rsplit_once('.').expect("names have extensions");
            files[*name].len() - files[&format!("{stem}.min.{extension}")].len()
        })
        .sum())
}

/// Whether "12.3 KB" is this number of bytes, as far as it is told.
fn says(text: &str, bytes: usize) -> bool {
    let Some((number, unit)) = text.split_once(' ') else {
        return false;
    };
    let factor = match unit {
        "B" => 1.0,
        "KB" => 1e3,
        "MB" => 1e6,
        _ => return false,
    };
    number
        .parse::<f64>()
        .is_ok_and(|number| (number * factor - bytes as f64).abs() <= 0.06 * factor.max(10.0))
}

pub async fn settings_survive_a_restart(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.press("radio", "Lossy").await?;
    let level = app.find("slider", "Level").await?;
    for _ in 0..5 {
        level.send_keys(&LEFT.to_string()).await?;
    }
    saved(desk, &app, |settings| settings["level"] == 80).await?;
    app.press("button", "Output: next to original").await?;
    let suffix = app.find("textbox", "Suffix").await?;
    suffix.send_keys(&BACKSPACE.to_string().repeat(3)).await?;
    suffix.send_keys("small").await?;
    suffix.send_keys(&TAB.to_string()).await?;
    app.keys(&[ESCAPE]).await?;
    app.see("name.small.jpg").await?;
    saved(desk, &app, |settings| {
        settings["output"]["suffix"] == "small"
    })
    .await?;
    app.close().await?;

    let app = App::launch(desk, &[]).await?;
    app.see("name.small.jpg").await?;
    let chosen = app
        .find("radio", "Lossy")
        .await?
        .attr("aria-checked")
        .await?;
    ensure!(chosen.as_deref() == Some("true"), "the mode is forgotten");
    let level = app.find("slider", "Level").await?.prop("value").await?;
    ensure!(level.as_deref() == Some("80"), "the level is {level:?}");

    app.press("button", "Output: next to original").await?;
    app.press("radio", "Replace original").await?;
    app.find("button", "Output: replace").await?;
    app.press("button", "Settings").await?;
    app.press("radio", "Dark").await?;
    saved(desk, &app, |settings| settings["theme"] == "dark").await?;
    app.close().await?;

    let app = App::launch(desk, &[]).await?;
    app.find("button", "Output: replace").await?;
    let theme = app
        .run("return document.documentElement.dataset.theme")
        .await?;
    ensure!(theme == "dark", "the theme is {theme}");
    app.close().await
}

pub async fn what_the_command_line_changed_stays(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    desk.whittle(&["settings", "min_saving=5", "theme=dark"])?;
    // Nobody has told the window; it must not put its own idea in the place of that.
    app.press("radio", "Lossless").await?;
    saved(desk, &app, |settings| {
        settings["mode"] == "lossless" && settings["min_saving"] == 5 && settings["theme"] == "dark"
    })
    .await?;
    app.until("the page follows", async || {
        Ok(app
            .run("return document.documentElement.dataset.theme")
            .await?
            == "dark")
    })
    .await?;
    app.close().await
}

pub async fn a_preset_is_saved_exported_and_imported(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.press("radio", "Lossless").await?;
    app.press("button", "Presets").await?;
    let name = app.find("textbox", "Current settings").await?;
    name.send_keys("Web").await?;
    app.press("button", "Save preset").await?;
    app.press("button", "Export Web").await?;
    let file = desk.images().join("web.whittle.json");
    desk.choose("Save as", &file)?;
    app.see("web.whittle.json was written.").await?;
    let text = std::fs::read_to_string(&file)?;
    ensure!(text.contains("\"lossless\""), "{text}");
    // The command line reads it, too.
    std::fs::write(desk.images().join("photo.jpg"), photo(1))?;
    let photo = desk.images().join("photo.jpg");
    let args = ["optimize", "--json", "--preset"].map(str::to_owned);
    let paths = [&file, &photo].map(|path| path.to_string_lossy().into_owned());
    let args: Vec<&str> = args.iter().chain(&paths).map(String::as_str).collect();
    let line = desk.whittle(&args)?;
    ensure!(line.contains("\"mode\":\"lossless\""), "{line}");

    if app.all("dialog", "Presets").await?.is_empty() {
        app.press("button", "Presets: Web").await?;
    }
    app.press("button", "Delete Web").await?;
    saved(desk, &app, |settings| {
        settings["presets"] == serde_json::json!([])
    })
    .await?;
    // A file that is none is told, and nothing is changed.
    let broken = desk.images().join("broken.json");
    std::fs::write(&broken, "{")?;
    for (file, said) in [(broken, "preset"), (file, "The preset “Web” is in use.")] {
        if app.all("dialog", "Presets").await?.is_empty() {
            app.press("button", "Presets").await?;
        }
        app.press("button", "Import preset…").await?;
        desk.choose("Import a preset", &file)?;
        app.see(said).await?;
    }
    app.close().await
}

/// Waits until settings are saved of which this is true.
async fn saved(desk: &Desk, app: &App<'_>, is: impl Fn(&Value) -> bool) -> Result<()> {
    app.until("the settings are saved", async || {
        let settings = desk.whittle(&["settings", "--json"])?;
        Ok(is(&serde_json::from_str(&settings)?))
    })
    .await
}

/// The key with Ctrl, and the heading, of each section; the first one at the end.
pub const SECTIONS: [(char, &str); 6] = [
    ('2', "Watched folders"),
    ('3', "History"),
    ('4', "Dashboard"),
    ('5', "Account"),
    ('6', "Settings"),
    ('1', "Optimize"),
];

pub async fn everything_is_reached_by_keyboard(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    for (key, title) in SECTIONS {
        app.keys(&[CONTROL, key]).await?;
        app.find("heading", title).await?;
    }
    app.keys(&[CONTROL, ',']).await?;
    app.find("heading", "Settings").await?;
    app.keys(&['?']).await?;
    let dialog = app.find("dialog", "Keyboard shortcuts").await?;
    ensure!(
        dialog.text().await?.contains("Ctrl"),
        "the keys are not named"
    );
    app.keys(&[ESCAPE]).await?;
    app.until("the dialog is closed", async || {
        Ok(app.all("dialog", None).await?.is_empty())
    })
    .await?;
    // Tab goes round through everything that can be used, and shows where it is.
    app.keys(&[CONTROL, '1']).await?;
    let mut reached = Vec::new();
    for _ in 0..14 {
        app.keys(&[TAB]).await?;
        let at = app
            .run("const at = document.activeElement; return [at.innerText.trim(), getComputedStyle(at).outlineStyle]")
            .await?;
        ensure!(
            at[1] != "none",
            "{} has the focus and does not show it",
            at[0]
        );
        reached.push(at[0].as_str().unwrap_or_default().to_owned());
    }
    for name in [
        "Optimize",
        "History",
        "Choose images…",
        "Choose folder…",
        "Paste",
        "Balanced",
    ] {
        ensure!(
            reached.iter().any(|text| text.starts_with(name)),
            "{name}: {reached:?}"
        );
    }
    app.close().await
}
