//! The window with an account on a real server.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use whittle_tests::fixtures::png;
use whittle_tests::proxy::Proxy;
use whittle_tests::window::images::photo;
use whittle_tests::window::{App, Desk, Served};

/// Types the address and the token. There is no keychain on a test's bus, so a file has to do.
pub async fn connect(app: &App<'_>, served: &Served) -> Result<()> {
    app.press("button", "Account").await?;
    let endpoint = app.find("textbox", "Endpoint").await?;
    endpoint.clear().await?;
    endpoint.send_keys(&served.url).await?;
    app.press("checkbox", "Allow plain HTTP…").await?;
    app.run(&served.typed()).await?;
    app.press("button", "Connect").await?;
    app.press("button", "Keep it in a file").await?;
    app.find("region", "Connection").await?;
    Ok(())
}

pub async fn images_go_to_the_account_and_back(desk: &Desk) -> Result<()> {
    let mut served = Served::start()?;
    for (name, seed) in [("one.jpg", 1), ("two.jpg", 2)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    let app = App::launch(desk, &[]).await?;
    connect(&app, &served).await?;
    app.see("in a file only you can read").await?;
    app.see("ada").await?;
    let text = app.text().await?;
    ensure!(!text.contains(&served.token), "the token is shown");
    app.press("radio", "Account").await?;
    app.press("button", "Optimize").await?;
    app.see("These images go to the account ada.").await?;
    app.start_again(&["one.jpg"], &desk.images())?;
    app.row("one.jpg").await?;
    app.see("by the account").await?;
    std::fs::metadata(desk.images().join("one.min.jpg")).context("there is no result")?;

    // What is queued while the server is away is sent when it is back, after a restart, too.
    served.stop();
    app.start_again(&["two.jpg"], &desk.images())?;
    app.row("two.jpg").await?;
    app.press("button", "Account").await?;
    app.see("Waiting for network").await?;
    app.kill().await?;
    served.start_again()?;
    let app = App::launch(desk, &[]).await?;
    app.row("two.jpg").await?;
    app.see("by the account").await?;
    app.press("button", "Account").await?;
    app.see("Completed").await?;
    app.press("button", "Test connection").await?;
    app.see("The connection works.").await?;

    app.press("button", "Dashboard").await?;
    app.press("radio", "Account").await?;
    app.see("ever accepted by the account").await?;
    app.see("Sent to the account by month and origin").await?;

    app.press("button", "Account").await?;
    app.press("button", "Disconnect").await?;
    app.see("Connect an account").await?;
    ensure!(
        !desk.data().join("account-token").exists(),
        "the token is still there"
    );
    app.close().await
}

/// Faults that are injected at least, and images that go to the account at once.
const FAULTS: usize = 40;
const BATCH: u32 = 6;

/// The same as the command line's long form, through the window: a proxy cuts, slows, refuses and lies,
/// and in every round it is gone for a while.
pub async fn faults_on_the_way_lose_nothing_and_double_nothing(desk: &Desk) -> Result<()> {
    let proxy = Proxy::start(23);
    let served = Served::behind(&proxy)?;
    // Nobody waits as long as people do between two tries.
    let app = App::launch_with(desk, &[], &[("WHITTLE_HASTE", "1")]).await?;
    connect(&app, &served).await?;
    app.press("radio", "Account").await?;
    let mut sent = 0;
    while proxy.injected().len() < FAULTS {
        let numbers = sent..sent + BATCH;
        let names: Vec<String> = numbers
            .clone()
            .map(|number| format!("picture-{number}.png"))
            .collect();
        for (name, number) in names.iter().zip(numbers) {
            std::fs::write(desk.images().join(name), png::numbered(number))?;
        }
        sent += BATCH;
        proxy.up(false);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        app.start_again(&names, &desk.images())?;
        app.press("button", "Account").await?;
        app.see("Waiting for network").await?;
        app.press("button", "Test connection").await?;
        app.see("Offline").await?;
        proxy.faults(400);
        proxy.up(true);
        for name in names {
            let result = name.replace(".png", ".min.png");
            app.until(&result, async || Ok(desk.images().join(&result).exists()))
                .await?;
        }
        proxy.faults(0);
        app.press("button", "Test connection").await?;
        app.see("The connection works.").await?;
        ensure!(!app.text().await?.contains("Offline"), "it stays offline");
    }
    app.press("button", "Optimize").await?;
    // The others are out of sight.
    app.row("picture-0.png").await?;
    app.see("by the account").await?;

    let count = listed(&served)?["pagination"]["total_count"].clone();
    ensure!(
        count == sent,
        "{count} images are there, and {sent} were sent"
    );
    let history = desk.whittle(&["history", "--json"])?;
    let lines: Vec<Value> = history
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    for number in 0..sent {
        let name = format!("/picture-{number}.png");
        let of_it = lines.iter().filter(|line| {
            line["outcome"] == "optimized"
                && line["path"]
                    .as_str()
                    .is_some_and(|path| path.ends_with(&name))
        });
        ensure!(of_it.count() == 1, "{name} in {history}");
        let original = std::fs::read(desk.images().join(&name[1..]))?;
        ensure!(original == png::numbered(number), "{name} changed");
    }
    ensure!(lines.len() == sent as usize, "{history}");
    let outbox = desk.whittle(&["account", "outbox", "--json"])?;
    ensure!(
        !outbox.contains("\"waiting\"") && !outbox.contains("\"sending\""),
        "{outbox}"
    );
    println!("{} faults in {sent} images", proxy.injected().len());
    app.close().await
}

/// The account's list.
fn listed(served: &Served) -> Result<Value> {
    let address = served.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /v1/original_images HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n",
        served.token
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split("\r\n\r\n").nth(1).context("no answer")?;
    Ok(serde_json::from_str(body)?)
}
