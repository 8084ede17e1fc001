//! The menu of a row, and results on the clipboard.

use anyhow::{Context, Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, F10, SHIFT};
use whittle_tests::window::{App, Desk};

pub async fn a_result_is_copied_from_the_menu_and_pasted(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    app.focus_row("photo.jpg").await?;
    for (item, said) in [
        ("Copy as data URL", "The data URL was copied."),
        ("Copy <picture> snippet", "The snippet was copied."),
        ("Copy file", "1 file was copied."),
    ] {
        app.keys(&[SHIFT, F10]).await?;
        app.press("menuitem", item).await?;
        app.see(said).await?;
        let copied = desk.copied_text()?;
        match item {
            "Copy as data URL" => {
                let bytes = std::fs::read(desk.images().join("photo.min.jpg"))?;
                let whole = format!("data:image/jpeg;base64,{}", base64(&bytes));
                ensure!(copied == whole, "{} characters", copied.len());
            }
            "Copy <picture> snippet" => ensure!(
                copied
                    == "<picture>\n  <img src=\"photo.min.jpg\" width=\"640\" height=\"427\" alt=\"\">\n</picture>",
                "{copied}"
            ),
            _ => {}
        }
    }
    // What is on the clipboard now is the result, as a file.
    app.keys(&[CONTROL, 'v']).await?;
    app.row("photo.min.jpg").await?;
    app.close().await
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks(3).flat_map(|three| {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        [18, 12, 6, 0]
            .into_iter()
            .enumerate()
            .map(move |(index, shift)| match index <= three.len() {
                true => DIGITS[(bits >> shift & 63) as usize] as char,
                false => '=',
            })
    });
    groups.collect()
}
