//! The window with an account on a real server.

use anyhow::{Context, Result, ensure};
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
    app.see("The account answers.").await?;

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
