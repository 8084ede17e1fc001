//! What a page that was taken over, or an image that means harm, gets out of the window: nothing.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk};

pub async fn the_page_runs_no_other_script_and_asks_no_other_server(desk: &Desk) -> Result<()> {
    let listener = Listener::start()?;
    let app = App::launch(desk, &[]).await?;
    let address = &listener.address;
    let answer = app
        .wait_for(&format!(
            "const [done] = arguments;
             const inline = document.createElement('script');
             inline.textContent = 'window.inlined = true';
             document.body.append(inline);
             const remote = document.createElement('script');
             remote.src = '{address}/script.js';
             document.body.append(remote);
             const frame = document.createElement('iframe');
             frame.src = '{address}/frame.html';
             document.body.append(frame);
             const seen = (image) => new Promise((resolve) => {{
               image.onload = () => resolve('seen');
               image.onerror = () => resolve('refused');
             }});
             const image = new Image();
             const shown = seen(image);
             image.src = '{address}/picture.png';
             const fetched = fetch('{address}/').then(() => 'fetched', () => 'refused');
             const calculated = (() => {{
               try {{ return new Function('return 1')(); }} catch {{ return 'refused'; }}
             }})();
             Promise.all([shown, fetched]).then((all) => setTimeout(
               () => done([...all, calculated, window.inlined ?? 'refused']), 300));"
        ))
        .await?;
    let answers = answer.as_array().context("a list")?;
    ensure!(
        answers.len() == 4 && answers.iter().all(|answer| answer == "refused"),
        "{answer}"
    );
    ensure!(
        listener.calls() == 0,
        "{} requests left the page",
        listener.calls()
    );
    app.close().await
}

pub async fn only_known_images_are_served_and_commands_check_what_they_are_given(
    desk: &Desk,
) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    std::fs::write(&file, photo(1))?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;

    let path = file.to_str().context("a plain path")?;
    for address in [
        "thumb://localhost/job/999".to_owned(),
        "thumb://localhost/history/999".to_owned(),
        format!("thumb://localhost/{path}"),
        format!("thumb://localhost/job/..{path}"),
        "thumb://localhost/job/%2e%2e%2fphoto.jpg".to_owned(),
        "compare://localhost/1/original/0/0,0,10,10/10,10".to_owned(),
        format!("compare://localhost/{path}"),
    ] {
        let shown = app
            .wait_for(&format!(
                "const [done] = arguments; const image = new Image();
                 image.onload = () => done('seen'); image.onerror = () => done('refused');
                 image.src = '{address}';"
            ))
            .await?;
        ensure!(shown == "refused", "{address}: {shown}");
    }
    // Its own thumbnail is.
    app.see_pictures(1).await?;

    // What is right is taken.
    for args in [
        "{ changes: { level: 70 } }",
        "{ changes: { output: { kind: 'suffix', suffix: 'small' } } }",
        "{ changes: { styles: [{ name: 'x', strategy: 'fit', width: 9, height: 9 }] } }",
    ] {
        let answer = ask(&app, "change_settings", args).await?;
        ensure!(answer != "refused", "{args}");
    }
    let before = app.invoke("app_state").await?["settings"].clone();
    for (command, args) in [
        ("change_settings", "{ changes: { level: 1000 } }"),
        ("change_settings", "{ changes: { threads: -1 } }"),
        (
            "change_settings",
            "{ changes: { output: { kind: 'suffix', suffix: '../../x' } } }",
        ),
        (
            "change_settings",
            "{ changes: { styles: [{ name: '../x', strategy: 'fit', width: 9, height: 9 }] } }",
        ),
        ("fetch_image", "{ address: 'file:///etc/passwd' }"),
        ("plugin:opener|open_path", "{ path: '/etc/passwd' }"),
        ("plugin:dialog|open", "{ options: {} }"),
        ("plugin:window|close", "{}"),
        (
            "plugin:event|emit",
            "{ event: 'whittle:events', payload: [] }",
        ),
        ("plugin:notification|notify", "{ options: { title: 'x' } }"),
    ] {
        let answer = ask(&app, command, args).await?;
        ensure!(answer == "refused", "{command} {args}: {answer}");
    }
    let after: Value = app.invoke("app_state").await?["settings"].clone();
    ensure!(after == before, "{before} became {after}");
    app.close().await
}

pub async fn a_drawing_that_means_harm_is_shown_and_does_none(desk: &Desk) -> Result<()> {
    let listener = Listener::start()?;
    let address = &listener.address;
    let secret = desk.images().join("secret.txt");
    std::fs::write(&secret, "secret")?;
    let file = desk.images().join("drawing.svg");
    std::fs::write(
        &file,
        format!(
            "<?xml version=\"1.0\"?>
<?xml-stylesheet href=\"{address}/style.css\"?>
<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"
     width=\"200\" height=\"100\" onload=\"window.top.harmed = 1\">
  <script>window.top.harmed = 1; fetch('{address}/script')</script>
  <style>@import url('{address}/import.css'); rect {{ fill: url('{address}/fill.svg#a') }}</style>
  <image href=\"{address}/picture.png\" width=\"10\" height=\"10\"/>
  <image href=\"file://{}\" width=\"10\" height=\"10\"/>
  <use xlink:href=\"{address}/other.svg#b\"/>
  <foreignObject width=\"10\" height=\"10\">
    <iframe xmlns=\"http://www.w3.org/1999/xhtml\" src=\"{address}/frame\"></iframe>
  </foreignObject>
  <!-- A comment, so that there is something to save. -->
  <rect width=\"200.00000\" height=\"100.00000\" fill=\"#ff0000\"/>
</svg>",
            secret.display()
        ),
    )?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    app.see_pictures(1).await?;
    app.focus_row("drawing.svg").await?;
    app.keys(&['c']).await?;
    app.find("img", "Original · …").await?;
    app.until("both are drawn", async || {
        let busy = "return document.querySelector('[aria-busy=true]') !== null";
        Ok(app.run(busy).await? == false)
    })
    .await?;
    ensure!(
        app.run("return window.harmed ?? null").await?.is_null(),
        "its script ran"
    );
    ensure!(
        listener.calls() == 0,
        "{} requests left the drawing",
        listener.calls()
    );
    app.close().await
}

/// What a command answers, or `refused`.
async fn ask(app: &App<'_>, command: &str, args: &str) -> Result<Value> {
    app.wait_for(&format!(
        "const [done] = arguments;
         window.__TAURI_INTERNALS__.invoke('{command}', {args})
           .then((answer) => done({{ answer }}), () => done('refused'));"
    ))
    .await
}

/// A server that counts who comes.
struct Listener {
    address: String,
    calls: Arc<AtomicUsize>,
}

impl Listener {
    fn start() -> Result<Listener> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = format!("http://{}", listener.local_addr()?);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for call in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                // Read, then closed without a word.
                let _ = call.map(|mut call| call.read(&mut [0; 512]));
            }
        });
        Ok(Listener { address, calls })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}
