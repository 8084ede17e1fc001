//! The window in another language.

use anyhow::{Result, ensure};
use whittle_tests::window::{App, Desk};

use whittle_tests::window::images::{BROKEN, folder};

use crate::accessible::violations;

/// The sections in German, and what stands at their heads.
const SECTIONS: [(&str, &str); 6] = [
    ("Optimieren", "Optimieren"),
    ("Ordner", "Überwachte Ordner"),
    ("Verlauf", "Verlauf"),
    ("Übersicht", "Übersicht"),
    ("Konto", "Konto"),
    ("Einstellungen", "Einstellungen"),
];

/// The smallest window, and the usual one.
const SIZES: [(u32, u32); 2] = [(800, 600), (1080, 720)];

/// What is wider than its place: texts that are not meant to be cut off, and parts that stand out of the
/// window.
const OVERFLOWING: &str = r"
    const wide = [...document.querySelectorAll('button, label, h1, h2, h3, [role=radio], [role=columnheader], .number, .value, output, select, dt, p')]
        // Words that only a screen reader says are clipped.
        .filter((element) => element.checkVisibility() && getComputedStyle(element).clipPath === 'none')
        .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
            && getComputedStyle(element).display !== 'inline'
            // Names of files may be cut short; figures may not.
            && (getComputedStyle(element).textOverflow !== 'ellipsis' || element.matches('.value')))
        .map((element) => element.outerHTML.slice(0, 200));
    const out = [...document.querySelectorAll('main *, nav *')]
        .filter((element) => element.checkVisibility())
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 200));
    return [...wide, ...out];
";

pub async fn another_language_is_spoken_at_once_and_after_a_restart(desk: &Desk) -> Result<()> {
    let images = folder(&desk.images())?;
    let app = App::launch(desk, &[]).await?;
    let _services = app.services(&desk.data())?;
    let path = images.to_string_lossy().into_owned();
    app.start_again(&[&path], &images)?;
    app.find("button", "Clear list").await?;
    app.press("button", "Settings").await?;
    app.press("radio", "Deutsch").await?;
    app.find("heading", "Einstellungen").await?;
    speaks_german(&app).await?;
    // So do the tray, and what Rust says about an image.
    let tray = desk.data().join("tray");
    app.until("the tray speaks German", async || {
        Ok(std::fs::read_to_string(&tray).is_ok_and(|text| text.contains("Nichts zu tun")))
    })
    .await?;
    app.press("button", "Optimieren").await?;
    let row = app.row(BROKEN).await?;
    ensure!(row.contains("Original unverändert."), "{row}");
    ensure!(row.contains("beschädigt"), "{row}");
    nothing_overflows(&app).await?;
    app.press("button", "Optimieren").await?;
    app.press("radio", "Mit Verlust").await?;
    app.find("slider", "Stufe").await?;
    for (width, height) in SIZES {
        app.resize(width, height).await?;
        let row = "return document.querySelector('main header').offsetHeight <= 62";
        app.until("a head of one row, with the level in it", async || {
            Ok(app.run(row).await? == true)
        })
        .await?;
        app.find("heading", "Optimieren").await?;
    }
    app.press("button", "Vergleichen: photo.jpg").await?;
    app.press("button", "Details").await?;
    app.find("list", "Was versucht wurde").await?;
    for (width, height) in SIZES {
        app.resize(width, height).await?;
        fits(&app, "Vergleichen").await?;
    }
    app.close().await?;

    let app = App::launch(desk, &[]).await?;
    app.find("heading", "Optimieren").await?;
    speaks_german(&app).await?;
    nothing_overflows(&app).await?;
    app.close().await
}

pub async fn the_system_s_language_is_spoken(desk: &Desk) -> Result<()> {
    let german = [("LANGUAGE", "de_AT:en")];
    let app = App::launch_with(desk, &[], &german).await?;
    app.find("heading", "Optimieren").await?;
    speaks_german(&app).await?;
    // The command line speaks English, and may choose for the window.
    ensure!(
        desk.whittle(&["settings"])?.contains("language=system"),
        "it was saved"
    );
    desk.whittle(&["settings", "language=en"])?;
    app.press("radio", "Verlustfrei").await?;
    app.find("heading", "Optimize").await?;
    app.close().await
}

async fn speaks_german(app: &App<'_>) -> Result<()> {
    let language = app.run("return document.documentElement.lang").await?;
    ensure!(language == "de", "the page says that it is {language}");
    Ok(())
}

async fn nothing_overflows(app: &App<'_>) -> Result<()> {
    for (width, height) in SIZES {
        app.resize(width, height).await?;
        for (section, heading) in SECTIONS {
            app.press("button", section).await?;
            app.find("heading", heading).await?;
            fits(app, section).await?;
            let found = violations(app).await?;
            ensure!(found.is_empty(), "{section}: {found:#?}");
        }
    }
    Ok(())
}

async fn fits(app: &App<'_>, screen: &str) -> Result<()> {
    let found = app.run(OVERFLOWING).await?;
    ensure!(
        found.as_array().is_some_and(Vec::is_empty),
        "{screen}: {found:#}"
    );
    Ok(())
}
