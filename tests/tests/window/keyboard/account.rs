//! An account: connected, used, and left again.

use anyhow::{Result, ensure};
use whittle_tests::window::images::photo;
use whittle_tests::window::key::{CONTROL, SPACE, TAB};
use whittle_tests::window::{App, Desk, Served};

pub async fn an_account_is_connected_used_and_left(desk: &Desk) -> Result<()> {
    let mut served = Served::start()?;
    for (name, seed) in [("one.jpg", 1), ("two.jpg", 2)] {
        std::fs::write(desk.images().join(name), photo(seed))?;
    }
    let app = App::launch(desk, &[]).await?;
    app.keys(&[CONTROL, '5']).await?;
    app.fill("textbox", "Endpoint", &served.url).await?;
    app.tab_to("checkbox", "Allow plain HTTP…").await?;
    app.keys(&[SPACE]).await?;
    app.fill("textbox", "API token", &served.token).await?;
    app.enter("button", "Connect").await?;
    // There is no keychain on a test's bus.
    app.enter("button", "Keep it in a file").await?;
    app.find("region", "Connection").await?;

    app.choose("Mode", "Lossy").await?;
    app.fill("spinbutton", "Level of JPEG", "70").await?;
    app.keys(&[TAB]).await?;
    app.choose("Where to optimize", "Account").await?;
    for choice in [
        "With the account’s own mode and level",
        "Optimize here if the account can’t",
    ] {
        app.tab_to("checkbox", choice).await?;
        app.keys(&[SPACE]).await?;
    }
    app.enter("button", "Sync now").await?;
    app.enter("button", "Pause sending").await?;
    app.focused("button", "Go on sending").await?;
    app.keys(&[SPACE]).await?;
    app.focused("button", "Pause sending").await?;
    app.start_again(&["one.jpg"], &desk.images())?;
    app.keys(&[CONTROL, '1']).await?;
    app.row_says("one.jpg", "by the account").await?;

    // What waits for the network is cancelled.
    served.stop();
    app.start_again(&["two.jpg"], &desk.images())?;
    app.row("two.jpg").await?;
    app.keys(&[CONTROL, '5']).await?;
    app.enter("button", "Cancel two.jpg").await?;
    app.see("Cancelled").await?;
    served.start_again()?;
    app.enter("button", "Test connection").await?;
    app.see("The connection works.").await?;

    app.keys(&[CONTROL, '4']).await?;
    app.choose("Which images", "Account").await?;
    app.see("ever accepted by the account").await?;
    app.choose("Which images", "Both").await?;
    app.find("heading", "Optimized by month and origin").await?;
    app.choose("Which images", "This computer").await?;
    app.find("heading", "Saved by month and origin").await?;

    app.keys(&[CONTROL, '1']).await?;
    app.enter("button", "Optimize here").await?;
    app.choose("Where to optimize", "Account").await?;
    app.see("These images go to the account ada.").await?;
    app.keys(&[CONTROL, '5']).await?;
    app.tab_to("spinbutton", "Level of JPEG").await?;
    let level = app.run("return document.activeElement.value").await?;
    ensure!(level == "70", "the level is {level}");
    app.enter("button", "Disconnect").await?;
    app.see("Connect an account").await?;
    ensure!(
        !desk.data().join("account-token").exists(),
        "the token is still there"
    );
    app.tab_to("textbox", "Endpoint").await?;
    app.close().await
}
