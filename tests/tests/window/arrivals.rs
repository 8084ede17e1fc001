//! Images that come without a drag: from the clipboard, the command line, a second start.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, Result, ensure};
use whittle_tests::fixtures::{Picture, png};
use whittle_tests::window::key::CONTROL;
use whittle_tests::window::{App, Desk};

use whittle_tests::window::images::photo;

pub async fn copied_files_are_pasted(desk: &Desk) -> Result<()> {
    let (one, two) = (
        desk.images().join("one.jpg"),
        desk.images().join("two ä.jpg"),
    );
    std::fs::write(&one, photo(1))?;
    std::fs::write(&two, photo(2))?;
    let app = App::launch(desk, &[]).await?;
    let held = desk.copy(std::slice::from_ref(&one))?;
    app.press("button", "Paste").await?;
    app.row("one.jpg").await?;
    drop(held);
    let _held = desk.copy(std::slice::from_ref(&two))?;
    app.keys(&[CONTROL, 'v']).await?;
    app.row("two ä.jpg").await?;
    app.find("button", "Clear list").await?;
    ensure!(
        desk.images().join("one.min.jpg").is_file(),
        "one.jpg has no result"
    );
    ensure!(
        desk.images().join("two ä.min.jpg").is_file(),
        "two ä.jpg has no result"
    );
    app.close().await
}

pub async fn nothing_to_paste_is_said(desk: &Desk) -> Result<()> {
    let app = App::launch(desk, &[]).await?;
    app.press("button", "Paste").await?;
    app.see("clipboard").await?;
    ensure!(
        app.all("row", None).await?.is_empty(),
        "something was queued"
    );
    app.close().await
}

pub async fn a_folder_that_is_opened_and_holds_no_image_is_told(desk: &Desk) -> Result<()> {
    let folder = desk.images().join("Notes");
    std::fs::create_dir(&folder)?;
    std::fs::write(folder.join("note.txt"), "not an image")?;
    let app = App::launch(desk, &[folder.to_str().context("a plain path")?]).await?;
    app.see("note.txt").await?;
    ensure!(
        app.all("row", None).await?.is_empty(),
        "something was queued"
    );
    app.close().await
}

pub async fn arguments_are_queued_and_a_second_start_hands_its_own_over(desk: &Desk) -> Result<()> {
    let first = desk.images().join("first.jpg");
    std::fs::write(&first, photo(1))?;
    std::fs::write(desk.images().join("second.jpg"), photo(2))?;
    let app = App::launch(desk, &[first.to_str().context("a plain path")?]).await?;
    app.row("first.jpg").await?;
    app.start_again(&["second.jpg"], &desk.images())?;
    app.row("second.jpg").await?;
    app.find("button", "Clear list").await?;
    for name in ["first.min.jpg", "second.min.jpg"] {
        ensure!(desk.images().join(name).is_file(), "{name} is missing");
    }
    app.close().await
}

pub async fn a_name_that_is_no_text_is_handed_over_as_it_is(desk: &Desk) -> Result<()> {
    let name = OsStr::from_bytes(b"caf\xe9 100%.jpg");
    std::fs::write(desk.images().join(name), photo(1))?;
    let app = App::launch(desk, &[]).await?;
    app.find("button", "Choose images…").await?;
    app.start_again(&[name], &desk.images())?;
    // A page can only show it a little wrong.
    app.row("caf\u{fffd} 100%.jpg").await?;
    let result = desk
        .images()
        .join(OsStr::from_bytes(b"caf\xe9 100%.min.jpg"));
    app.until("it has its result", async || Ok(result.is_file()))
        .await?;
    app.close().await
}

pub async fn without_a_history_images_are_still_optimized(desk: &Desk) -> Result<()> {
    // A database that is none: it must be left alone, and must not stop anybody.
    let database = desk.data().join("whittle.sqlite3");
    let junk = vec![b'x'; 8192];
    std::fs::write(&database, &junk)?;
    let image = desk.images().join("photo.jpg");
    std::fs::write(&image, photo(1))?;
    let app = App::launch(desk, &[image.to_str().context("a plain path")?]).await?;
    app.row("photo.jpg").await?;
    app.find("button", "Clear list").await?;
    ensure!(
        desk.images().join("photo.min.jpg").is_file(),
        "there is no result"
    );
    ensure!(
        std::fs::read(&database)? == junk,
        "the database was touched"
    );
    app.close().await
}

pub async fn a_copied_picture_becomes_a_file(desk: &Desk) -> Result<()> {
    let source = desk.images().join("painted.png");
    std::fs::write(&source, png::encoded(&Picture::screenshot(320, 200)))?;
    let app = App::launch(desk, &[]).await?;
    let _held = desk.copy_picture(&source)?;
    app.press("button", "Paste").await?;
    let row = app.row("Pasted picture.png").await?;
    app.find("button", "Clear list").await?;
    let kept = desk.data().join("pasted").join("Pasted picture.png");
    ensure!(kept.is_file(), "it was not kept: {row}");
    let small = kept.with_file_name("Pasted picture.min.png");
    ensure!(
        small.metadata()?.len() < kept.metadata()?.len(),
        "there is no smaller file"
    );
    app.close().await
}

pub async fn an_image_is_fetched_and_what_cannot_be_is_told(desk: &Desk) -> Result<()> {
    let server = Server::start(photo(1))?;
    let app = App::launch(desk, &[]).await?;
    app.press("button", "From URL…").await?;
    let field = app.find("textbox", "Image addresses").await?;
    let address = |path: &str| format!("{}/{path}", server.address);
    let wrong = [
        &address("gone.png"),
        &address("page.jpg"),
        "ftp://example.com/a.png",
    ];
    field.send_keys(&wrong.join(" ")).await?;
    app.press("button", "Fetch").await?;
    for reason in [
        "There is nothing at this address (the server answered 404).",
        "What lies at this address is not an image that Whittle knows.",
        "This is not an address that Whittle can fetch.",
    ] {
        app.see(reason).await?;
    }
    // What cannot be fetched stays in the field. A server that says nothing is left.
    field.clear().await?;
    field.send_keys(&address("silent")).await?;
    app.press("button", "Fetch").await?;
    app.see("Fetching").await?;
    app.press("button", "Cancel").await?;
    app.find("button", "Fetch").await?;

    field.clear().await?;
    field.send_keys(&address("summer%20sea.jpg")).await?;
    app.press("button", "Fetch").await?;
    app.row("summer sea.jpg").await?;
    app.find("button", "Clear list").await?;
    let kept = desk.data().join("fetched");
    let mut files: Vec<_> = kept
        .read_dir()?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    files.sort();
    ensure!(
        files == ["summer sea.jpg", "summer sea.min.jpg"],
        "{files:?}"
    );
    let query = "return window.__TAURI_INTERNALS__.invoke('history', { query: {} })";
    let page = app.run(query).await?;
    ensure!(page["entries"][0]["origin"] == "url", "{page}");
    app.close().await
}

/// A web server for one test.
pub struct Server {
    /// Its address.
    pub address: String,
}

impl Server {
    /// Starts it, with this image at `summer%20sea.jpg`.
    pub fn start(image: Vec<u8>) -> Result<Server> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let image = image.clone();
                std::thread::spawn(move || {
                    let mut asked = [0; 4096];
                    let length = stream.read(&mut asked).unwrap_or(0);
                    let asked = String::from_utf8_lossy(&asked[..length]);
                    let (status, body) = match asked.split(' ').nth(1) {
                        Some("/summer%20sea.jpg") => ("200 OK", image),
                        Some("/page.jpg") => ("200 OK", b"<!doctype html>".to_vec()),
                        Some("/silent") => {
                            // Until the other side has had enough.
                            let _ = stream.read(&mut [0]);
                            return;
                        }
                        _ => ("404 Not Found", Vec::new()),
                    };
                    let head = format!(
                        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
                });
            }
        });
        Ok(Server { address })
    }
}
