//! Each setting once, by keyboard, and that it holds.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use whittle_tests::window::key::{CONTROL, SPACE, TAB};
use whittle_tests::window::{App, Desk};

/// The radio buttons, the choices and the fields of the section, and what each is set to.
const RADIOS: [(&str, &str); 8] = [
    ("Where results go", "Replace original"),
    ("Metadata", "Keep everything"),
    ("File dates", "Same as original"),
    ("Effort", "Fast"),
    ("Notifications", "Off"),
    ("Keep running in the tray", "On"),
    ("Theme", "Dark"),
    ("Language", "English"),
];
const CHOICES: [(&str, &str); 6] = [
    ("Minimum saving", "5 %"),
    ("Images at once", "1"),
    ("Largest image", "50 megapixels"),
    ("Longest time", "60 seconds"),
    ("Keep them", "At least 30 days"),
    ("After that", "Remove the oldest beyond 5.00 GB"),
];

pub async fn each_setting_is_changed_and_holds(desk: &Desk) -> Result<()> {
    let opened = desk.data().join("opened");
    let path = desk.opener(&opened)?;
    let app = App::launch_with(desk, &[], &[("PATH", &path)]).await?;
    app.keys(&[CONTROL, ',']).await?;
    app.find("heading", "Settings").await?;
    for (group, option) in RADIOS {
        app.choose(group, option).await?;
    }
    for (field, option) in CHOICES {
        app.pick(field, option).await?;
    }
    app.fill("textbox", "Only", "*.png").await?;
    app.fill("textbox", "Except", "drafts, *-raw.*").await?;
    app.keys(&[TAB]).await?;
    app.focused("checkbox", "Include subfolders").await?;
    app.keys(&[SPACE]).await?;
    app.enter("button", "Reveal backups").await?;
    app.until("the folder is opened", async || Ok(opened.exists()))
        .await?;
    app.until("the settings are written", async || {
        let settings = desk.whittle(&["settings", "--json"])?;
        let settings: Value = serde_json::from_str(&settings)?;
        Ok(settings["flat"] == true)
    })
    .await?;
    app.close().await?;

    let settings = desk.whittle(&["settings", "--json"])?;
    let settings: Value = serde_json::from_str(&settings)?;
    for (name, value) in [
        ("output", json!({ "kind": "in_place" })),
        ("metadata", json!("keep")),
        ("keep_times", json!(true)),
        ("effort", json!("fast")),
        ("quiet", json!(true)),
        ("keep_in_tray", json!(true)),
        ("theme", json!("dark")),
        ("language", json!("en")),
        ("min_saving", json!(5)),
        ("threads", json!(1)),
        ("max_pixels", json!(50_000_000)),
        ("max_seconds", json!(60)),
        ("keep_backups_days", json!(30)),
        ("max_backup_bytes", json!(5_000_000_000u64)),
        ("include", json!(["*.png"])),
        ("exclude", json!(["drafts", "*-raw.*"])),
        ("flat", json!(true)),
    ] {
        ensure!(settings[name] == value, "{name}: {}", settings[name]);
    }

    let app = App::launch(desk, &[]).await?;
    app.keys(&[CONTROL, ',']).await?;
    for (group, option) in RADIOS {
        app.tab_to("radiogroup", group).await?;
        app.focused("radio", option).await.context(group)?;
    }
    for (field, option) in CHOICES {
        app.tab_to("combobox", field).await?;
        let shown = "return document.activeElement.selectedOptions[0].label";
        let shown = app.run(shown).await?;
        let shown = shown.as_str().unwrap_or_default().replace('\u{a0}', " ");
        ensure!(shown == option, "{field}: {shown}");
    }
    app.close().await
}

pub async fn it_is_started_at_login_by_keyboard(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.keys(&[CONTROL, '6']).await?;
    let entries = || desk.config().join("autostart").read_dir();
    app.choose("Start at login", "On").await?;
    app.until("there is an entry", async || {
        Ok(entries().is_ok_and(|mut entries| entries.next().is_some()))
    })
    .await?;
    app.choose("Start at login", "Off").await?;
    app.until("there is none", async || {
        Ok(entries().is_ok_and(|mut entries| entries.next().is_none()))
    })
    .await?;
    app.close().await
}
