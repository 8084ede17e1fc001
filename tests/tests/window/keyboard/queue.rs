//! The list of images: its rows, their menu, and what is done with all of them.

use anyhow::{Context, Result, ensure};
use whittle_tests::fixtures::{Picture, png};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{
    CONTROL, DELETE, DOWN, END, ENTER, ESCAPE, F10, HOME, LEFT, RIGHT, SHIFT, SPACE, UP,
};
use whittle_tests::window::{App, Desk};

pub async fn rows_are_paused_cancelled_and_tried_again(desk: &Desk) -> Result<()> {
    // One after the other, and the first three take longer than all of this.
    desk.whittle(&["settings", "threads=1", "effort=max"])?;
    let names = [
        "long-1.png",
        "long-2.png",
        "long-3.png",
        "one.jpg",
        "two.jpg",
    ];
    let long = noise();
    for (seed, name) in (0..).zip(names) {
        let bytes = if name.ends_with("png") {
            long.clone()
        } else {
            photo(seed)
        };
        std::fs::write(desk.images().join(name), bytes)?;
    }
    let app = App::launch(desk, &[]).await?;
    app.start_again(&names, &desk.images())?;
    app.row_says("long-1.png", "optimizing").await?;

    // A row by its own buttons, which keep the focus while they change their meaning.
    app.tab_to("row", "long-1.png…").await?;
    for _ in 0..3 {
        app.keys(&[DOWN]).await?;
    }
    app.focused("row", "one.jpg…").await?;
    app.keys(&[RIGHT]).await?;
    app.focused("button", "Pause one.jpg").await?;
    app.keys(&[ENTER]).await?;
    app.row_says("one.jpg", "paused").await?;
    app.focused("button", "Resume one.jpg").await?;
    app.keys(&[ENTER]).await?;
    app.row_says("one.jpg", "waiting").await?;
    // The same from its menu.
    app.keys(&[LEFT]).await?;
    app.focused("row", "one.jpg…").await?;
    app.choose_from_menu("Pause").await?;
    app.row_says("one.jpg", "paused").await?;
    app.choose_from_menu("Resume").await?;
    app.row_says("one.jpg", "waiting").await?;
    app.choose_from_menu("Cancel").await?;
    app.row_says("one.jpg", "Cancelled").await?;
    app.focused("row", "one.jpg…").await?;

    // All of them.
    app.enter("button", "Pause").await?;
    app.focused("button", "Resume").await?;
    app.keys(&[ENTER]).await?;
    app.focused("button", "Pause").await?;
    app.tab_to("row", "one.jpg…").await?;
    app.keys(&[DOWN]).await?;
    app.enter("button", "Cancel two.jpg").await?;
    app.row_says("two.jpg", "Cancelled").await?;
    app.enter("button", "Cancel").await?;
    app.row_says("long-3.png", "Cancelled").await?;
    app.row_says("two.jpg", "Cancelled").await?;

    // What was stopped is tried again, by its row and by the shortcut.
    app.tab_to("row", "two.jpg…").await?;
    app.enter("button", "Retry two.jpg").await?;
    app.row_says("two.jpg", "%").await?;
    app.tab_to("row", "two.jpg…").await?;
    app.keys(&[UP]).await?;
    app.focused("row", "one.jpg…").await?;
    app.keys(&[CONTROL, 'r']).await?;
    app.row_says("one.jpg", "%").await?;
    for name in ["one.min.jpg", "two.min.jpg"] {
        ensure!(desk.images().join(name).is_file(), "{name} is missing");
    }
    app.close().await
}

/// A picture that takes long, because nothing in it repeats.
fn noise() -> Vec<u8> {
    let mut state = 1u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    png::encoded(&Picture::new(3000, 2000, |_, _| {
        [random(), random(), random(), 255]
    }))
}

pub async fn what_failed_is_repaired_and_tried_again(desk: &Desk) -> Result<()> {
    let (one, two) = (desk.images().join("one.jpg"), desk.images().join("two.jpg"));
    for file in [&one, &two] {
        std::fs::write(file, &photo(1)[..200])?;
    }
    let args = [
        one.to_str().context("plain")?,
        two.to_str().context("plain")?,
    ];
    let app = App::launch(desk, &args).await?;
    app.row_says("one.jpg", "Original untouched.").await?;
    app.row_says("two.jpg", "Original untouched.").await?;
    for (seed, file) in [&one, &two].into_iter().enumerate() {
        std::fs::write(file, photo(seed as u32 + 1))?;
    }
    app.tab_to("row", "one.jpg…").await?;
    app.enter("button", "Retry one.jpg").await?;
    app.row_says("one.jpg", "%").await?;
    app.enter("button", "Try again").await?;
    app.row_says("two.jpg", "%").await?;
    // What went wrong is said until it was read.
    std::fs::remove_file(desk.images().join("two.min.jpg"))?;
    app.tab_to("row", "one.jpg…").await?;
    app.keys(&[DOWN]).await?;
    app.focused("row", "two.jpg…").await?;
    app.keys(&[ENTER]).await?;
    app.see("two.min.jpg is no longer there.").await?;
    app.enter("button", "Dismiss").await?;
    app.until("the message is gone", async || {
        Ok(!app.text().await?.contains("is no longer there"))
    })
    .await?;
    app.enter("button", "Clear list").await?;
    app.see("Drop images or folders here").await?;
    app.tab_to("button", "Choose images…").await?;
    app.close().await
}

pub async fn every_item_of_the_menu_does_its_work(desk: &Desk) -> Result<()> {
    desk.whittle(&["settings", r#"output={"kind":"in_place"}"#])?;
    let (one, two) = (desk.images().join("one.jpg"), desk.images().join("two.jpg"));
    std::fs::write(&one, photo(1))?;
    std::fs::write(&two, photo(2))?;
    let opened = desk.data().join("opened");
    let path = desk.opener(&opened)?;
    let args = [
        one.to_str().context("plain")?,
        two.to_str().context("plain")?,
    ];
    let app = App::launch_with(desk, &args, &[("PATH", &path)]).await?;
    let shown = desk.data().join("shown");
    let _manager = app.file_manager(&shown)?;
    app.row_says("one.jpg", "%").await?;
    app.row_says("two.jpg", "%").await?;

    app.tab_to("row", "one.jpg…").await?;
    app.choose_from_menu("Compare").await?;
    app.find("img", "Original · …").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("row", "one.jpg…").await?;
    app.choose_from_menu("Reveal").await?;
    written(&app, &shown, "/images/one.jpg").await?;
    app.choose_from_menu("Open").await?;
    written(&app, &opened, "/images/one.jpg").await?;
    for (item, said) in [
        ("Copy as data URL", "The data URL was copied."),
        ("Copy <picture> snippet", "The snippet was copied."),
        ("Copy file", "1 file was copied."),
    ] {
        app.choose_from_menu(item).await?;
        app.see(said).await?;
        app.focused("row", "one.jpg…").await?;
    }
    app.choose_from_menu("Revert").await?;
    app.row_says("one.jpg", "Reverted").await?;
    ensure!(std::fs::read(&one)? == photo(1), "it was not put back");
    app.choose_from_menu("Run again").await?;
    app.row_says("one.jpg", "%").await?;
    ensure!(std::fs::read(&one)? != photo(1), "it was not replaced");

    // With several rows it is for all of them.
    app.tab_to("row", "one.jpg…").await?;
    app.keys(&[SHIFT, DOWN]).await?;
    app.choose_from_menu("Copy files").await?;
    app.see("2 files were copied.").await?;
    app.enter("button", "Revert all").await?;
    app.see("2 originals were put back.").await?;
    app.tab_to("row", "two.jpg…").await?;
    app.choose_from_menu("Remove").await?;
    app.see("Drop images or folders here").await?;
    app.tab_to("button", "Choose images…").await?;
    app.close().await
}

/// Waits until the file ends with these words, as a line.
async fn written(app: &App<'_>, file: &std::path::Path, words: &str) -> Result<()> {
    app.until(&format!("{words} in {}", file.display()), async || {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        Ok(text.ends_with(&format!("{words}\n")))
    })
    .await
}

pub async fn rows_are_selected_sorted_and_removed(desk: &Desk) -> Result<()> {
    for (seed, name) in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"].into_iter().enumerate() {
        std::fs::write(desk.images().join(name), photo(seed as u32 + 1))?;
    }
    let folder = desk.images();
    let app = App::launch(desk, &[folder.to_str().context("a plain path")?]).await?;
    for name in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"] {
        app.row_says(name, "%").await?;
    }
    app.enter("button", "Name").await?;
    rows(&app, "aria-rowindex", &["a.jpg", "b.jpg", "c.jpg", "d.jpg"]).await?;
    app.keys(&[SPACE]).await?;
    rows(&app, "aria-rowindex", &["d.jpg", "c.jpg", "b.jpg", "a.jpg"]).await?;

    // Enter is for the file manager; the arrow keys select.
    app.tab_to("row", "d.jpg…").await?;
    app.keys(&[DOWN]).await?;
    rows(&app, "aria-selected=true", &["c.jpg"]).await?;
    app.keys(&[SHIFT, DOWN]).await?;
    rows(&app, "aria-selected=true", &["c.jpg", "b.jpg"]).await?;
    app.keys(&[SHIFT, UP]).await?;
    rows(&app, "aria-selected=true", &["c.jpg"]).await?;
    app.keys(&[HOME]).await?;
    rows(&app, "aria-selected=true", &["d.jpg"]).await?;
    app.keys(&[CONTROL, END]).await?;
    app.focused("row", "a.jpg…").await?;
    rows(&app, "aria-selected=true", &["d.jpg"]).await?;
    app.keys(&[CONTROL, SPACE]).await?;
    rows(&app, "aria-selected=true", &["d.jpg", "a.jpg"]).await?;
    app.keys(&[SPACE]).await?;
    rows(&app, "aria-selected=true", &["d.jpg"]).await?;
    app.keys(&[CONTROL, 'a']).await?;
    rows(
        &app,
        "aria-selected=true",
        &["d.jpg", "c.jpg", "b.jpg", "a.jpg"],
    )
    .await?;
    app.keys(&[HOME]).await?;
    app.keys(&[SHIFT, DOWN]).await?;
    rows(&app, "aria-selected=true", &["d.jpg", "c.jpg"]).await?;
    app.keys(&[DELETE]).await?;
    rows(&app, "aria-rowindex", &["b.jpg", "a.jpg"]).await?;
    app.focused("row", "b.jpg…").await?;

    // Columns are hidden and shown again; the menu stays for the next.
    app.enter("button", "Columns").await?;
    app.focused("menuitemcheckbox", "Original").await?;
    app.keys(&[ENTER]).await?;
    app.until("a column less", async || {
        Ok(app.all("columnheader", "Original").await?.is_empty())
    })
    .await?;
    app.keys(&[ENTER]).await?;
    app.find("columnheader", "Original").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("button", "Columns").await?;
    // A row is taken off by its own button, and the focus goes to the next.
    app.tab_to("row", "b.jpg…").await?;
    app.enter("button", "Remove b.jpg").await?;
    rows(&app, "aria-rowindex", &["a.jpg"]).await?;
    app.focused("row", "a.jpg…").await?;
    app.keys(&[SHIFT, F10]).await?;
    app.focused("menuitem", "Compare…").await?;
    app.keys(&[ESCAPE]).await?;
    app.focused("row", "a.jpg…").await?;
    app.close().await
}

/// Waits until these are the rows that have this attribute, in this order.
async fn rows(app: &App<'_>, attribute: &str, names: &[&str]) -> Result<()> {
    let script = format!(
        "return [...document.querySelectorAll('[role=rowgroup] [role=row][{attribute}]')] \
           .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex) \
           .map((row) => row.querySelector('.title').innerText.trim())"
    );
    app.until(&format!("{names:?} with {attribute}"), async || {
        Ok(app.run(&script).await? == serde_json::json!(names))
    })
    .await
}
