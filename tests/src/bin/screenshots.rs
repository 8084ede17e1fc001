//! Draws every state of the real window into the folder that is named: light and dark, in English and
//! German, in three sizes, and once more on a screen with twice the density. With further words, only those
//! whose names have all of them are drawn: `screenshots FOLDER account dark 800x600`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use whittle_tests::fixtures::{Picture, jpeg, png};
use whittle_tests::window::images::{self, BROKEN};
use whittle_tests::window::key::{ESCAPE, F10, SHIFT};
use whittle_tests::window::{App, Desk, Served, missing};

/// Room for every size, and for what is dragged beside the window.
const SCREEN: &str = "2400x1500x24";
/// The size that the window has at first.
const USUAL: (u32, u32) = (1080, 720);
const SIZES: [&str; 3] = ["800x600", "1920x1080", "1080x720"];
/// In the window, below the words that a drag brings.
const MIDDLE: (i32, i32) = (560, 560);
/// Clear of the window in every size.
const BESIDE: (i32, i32) = (2300, 1400);

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().context("usage: screenshots FOLDER [WORD]...")?;
    let words: Vec<String> = args.collect();
    if let Some(reason) = missing() {
        bail!("the window cannot be driven here: {reason}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (theme, gtk) in [("light", "Adwaita"), ("dark", "Adwaita:dark")] {
        for dense in [false, true] {
            // As in the names of the pictures.
            let sizes: &[&str] = if dense { &["2x"] } else { &SIZES };
            let odd = |word: &String| {
                let known = ["light", "dark", "2x"]
                    .iter()
                    .chain(&SIZES)
                    .any(|name| name == word);
                known && word != theme && !sizes.contains(&word.as_str())
            };
            if words.iter().any(odd) {
                continue;
            }
            let desk = Desk::with_screen(SCREEN)?;
            let shots = Shots {
                desk: &desk,
                folder: PathBuf::from(&folder),
                words: &words,
                theme,
                dense,
            };
            runtime.block_on(draw(&shots, gtk))?;
        }
    }
    Ok(())
}

struct Shots<'a> {
    desk: &'a Desk,
    folder: PathBuf,
    /// What the names of pictures must have.
    words: &'a [String],
    theme: &'static str,
    /// Two pixels of the screen for each of the page.
    dense: bool,
}

impl Shots<'_> {
    /// In every size, and both languages.
    async fn take(&self, app: &App<'_>, state: &str) -> Result<()> {
        let sizes = SIZES.iter().chain(&["2x"]);
        let names = sizes.map(|size| format!("{state}-german-{size}-{}.png", self.theme));
        if !names.into_iter().any(|name| self.wants(&name)) {
            return Ok(());
        }
        self.sizes(app, state).await?;
        self.speak(app, "de").await?;
        self.sizes(app, &format!("{state}-german")).await?;
        self.speak(app, "en").await
    }

    /// Changes the language, whatever is open just now: the command line does it, and the window takes it
    /// over when it gets the keyboard.
    async fn speak(&self, app: &App<'_>, language: &str) -> Result<()> {
        let _other = self.desk.drop_target(&self.desk.data().join("dropped"))?;
        self.desk.focus("Another program")?;
        self.desk
            .whittle(&["settings", &format!("language={language}")])?;
        self.desk.focus("Whittle")?;
        let said = format!("return document.documentElement.lang === '{language}'");
        app.until("it is spoken", async || Ok(app.run(&said).await? == true))
            .await
    }

    async fn sizes(&self, app: &App<'_>, state: &str) -> Result<()> {
        if self.dense {
            return self.one(app, state, "2x").await;
        }
        for (width, height) in [(800, 600), (1920, 1080), USUAL] {
            app.resize(width, height).await?;
            self.one(app, state, &format!("{width}x{height}")).await?;
        }
        Ok(())
    }

    fn wants(&self, name: &str) -> bool {
        self.words.iter().all(|word| name.contains(word))
    }

    /// As it is now.
    async fn one(&self, app: &App<'_>, state: &str, size: &str) -> Result<()> {
        let name = format!("{state}-{size}-{}.png", self.theme);
        if !self.wants(&name) {
            return Ok(());
        }
        // Pictures are fetched anew for each size.
        app.until("all pictures are there", async || {
            let busy = "return document.querySelector('[aria-busy=true]') !== null";
            Ok(app.run(busy).await? == false)
        })
        .await?;
        let file = self.folder.join(name);
        println!("{}", file.display());
        app.screenshot(&file).await
    }
}

async fn draw(shots: &Shots<'_>, gtk_theme: &str) -> Result<()> {
    let desk = shots.desk;
    let holiday = images::folder(&desk.images())?;
    more_photos(&holiday)?;
    let scale = if shots.dense { "2" } else { "1" };
    let env = [("GTK_THEME", gtk_theme), ("GDK_SCALE", scale)];
    let app = App::launch_with(desk, &[], &env).await?;
    app.see("Drop images or folders here").await?;
    shots.take(&app, "empty").await?;
    app.press("button", "History").await?;
    app.see("No history yet").await?;
    shots.take(&app, "history-empty").await?;
    app.press("button", "Dashboard").await?;
    app.see("Nothing to show yet").await?;
    shots.take(&app, "dashboard-empty").await?;
    app.press("button", "Optimize").await?;
    app.press("button", "From URL…").await?;
    let field = app.find("textbox", "Image addresses").await?;
    field.send_keys("photo.jpg").await?;
    app.press("button", "Fetch").await?;
    app.find("alert", None).await?;
    shots.take(&app, "from-url").await?;
    app.press("button", "Close").await?;

    let dragging = format!("dragging-1080x720-{}.png", shots.theme);
    if shots.dense || !shots.wants(&dragging) {
        let folder = holiday.to_str().context("a plain path")?;
        app.start_again(&[folder], &holiday)?;
    } else {
        let hand = desk.drag(&[holiday], MIDDLE)?;
        app.see("Drop to optimize").await?;
        shots.one(&app, "dragging", "1080x720").await?;
        desk.drop_here()?;
        app.row("photo.jpg").await?;
        // Only now: what is dropped is taken from the hand.
        drop(hand);
    }
    // Away from the rows: what is pointed at looks different.
    desk.move_to(BESIDE)?;
    app.row("photo.jpg").await?;
    app.find("button", "Pause").await?;
    shots.take(&app, "working").await?;
    // Twice as patient as a test: these photographs are large, and the machine may be busy.
    if app.find("button", "Clear list").await.is_err() {
        app.find("button", "Clear list").await?;
    }
    app.row(BROKEN).await?;
    // All but the broken one.
    app.see_pictures(9).await?;
    // By a script: pressed, it would leave the pointer on a row.
    app.run("document.querySelector('[aria-label=Dismiss]')?.click()")
        .await?;
    shots.take(&app, "done").await?;
    app.focus_row("harbour at dusk.jpg").await?;
    app.keys(&[SHIFT, F10]).await?;
    app.find("menu", "Actions").await?;
    // It closes where another program gets the keyboard, and when the window changes.
    let size = if shots.dense { "2x" } else { "1080x720" };
    shots.one(&app, "menu", size).await?;
    app.keys(&[ESCAPE]).await?;

    app.press("button", "Compare harbour at dusk.jpg").await?;
    app.find("img", "Balanced · …").await?;
    app.press("radio", "Lossy").await?;
    app.see("Score").await?;
    shots.take(&app, "compare-split").await?;
    app.press("radio", "Flip").await?;
    shots.take(&app, "compare-flip").await?;
    app.press("radio", "Split").await?;
    app.press("button", "Details").await?;
    app.find("list", "What was tried").await?;
    shots.take(&app, "compare-details").await?;
    app.press("radio", "Difference").await?;
    shots.take(&app, "compare-difference").await?;
    app.press("radio", "Side by side").await?;
    app.press("button", "100 %").await?;
    app.see("100 %").await?;
    shots.take(&app, "compare-side").await?;
    app.press("button", "Back to the list").await?;
    app.press("button", "Compare animation.gif").await?;
    app.find("img", "Balanced · …").await?;
    app.press("button", "Pause animation").await?;
    shots.take(&app, "compare-frames").await?;
    app.press("button", "Back to the list").await?;

    app.press("radio", "Lossy").await?;
    app.see("other settings").await?;
    shots.take(&app, "stale").await?;
    app.press("button", "Output: next to original").await?;
    app.find("dialog", "Output").await?;
    shots.take(&app, "output").await?;
    app.press("button", "Resize…").await?;
    app.find("dialog", "Resize styles").await?;
    for (name, text) in [("Name", "card"), ("Width", "600"), ("Height", "300")] {
        app.find("textbox", name).await?.send_keys(text).await?;
    }
    app.find("radio", "Crop 600 × 300").await?;
    shots.take(&app, "resize").await?;
    app.press("button", "Close").await?;

    app.press("button", "Presets").await?;
    app.find("dialog", "Presets").await?;
    shots.take(&app, "presets").await?;
    app.keys(&[ESCAPE]).await?;
    app.press("button", "Run again").await?;
    app.press("button", "Pause").await?;
    app.find("button", "Resume").await?;
    shots.take(&app, "paused").await?;
    app.press("button", "Resume").await?;
    if app.find("button", "Clear list").await.is_err() {
        app.find("button", "Clear list").await?;
    }
    app.press("button", "Watched folders").await?;
    app.see("No watched folders yet").await?;
    shots.take(&app, "watched-empty").await?;
    let exports = desk.images().join("Exports");
    std::fs::create_dir(&exports)?;
    app.press("button", "Watch a folder…").await?;
    desk.choose("Choose a folder", &exports)?;
    app.find("dialog", "Rules for “Exports”").await?;
    shots.take(&app, "watched-rules").await?;
    app.press("button", "Sizes, dates, metadata and effort")
        .await?;
    app.find("combobox", "Smallest file").await?;
    shots.take(&app, "watched-rules-all").await?;
    app.press("button", "Start watching").await?;
    std::fs::write(exports.join("poster.jpg"), images::photo(7))?;
    app.see("1 image today").await?;
    app.press("button", "Show the last images Exports").await?;
    shots.take(&app, "watched").await?;

    app.press("button", "History").await?;
    app.row("photo.jpg").await?;
    app.see_pictures(9).await?;
    shots.take(&app, "history").await?;
    let period = app.find("combobox", "Period").await?;
    period.clone().select_by_value("dates").await?;
    app.find("group", "From – to…").await?;
    shots.take(&app, "history-dates").await?;
    period.select_by_value("").await?;
    let search = app.find("searchbox", None).await?;
    search.send_keys("nowhere").await?;
    app.see("Nothing found").await?;
    shots.take(&app, "history-nothing").await?;
    app.press("button", "Clear search").await?;
    app.row("photo.jpg").await?;
    app.press("button", "Dashboard").await?;
    app.find("button", "Show table").await?;
    shots.take(&app, "dashboard").await?;
    app.press("button", "Show table").await?;
    app.find("button", "Hide table").await?;
    shots.take(&app, "dashboard-table").await?;
    app.press("button", "Hide table").await?;
    app.press("radio", "30 days").await?;
    app.see("Saved by day and origin").await?;
    shots.take(&app, "dashboard-days").await?;
    account(&app, shots).await?;
    app.press("button", "Settings").await?;
    app.see("Backups").await?;
    shots.take(&app, "settings").await?;
    app.keys(&['?']).await?;
    app.find("dialog", "Keyboard shortcuts").await?;
    shots.take(&app, "shortcuts").await?;
    app.close().await
}

/// Every state of the account.
async fn account(app: &App<'_>, shots: &Shots<'_>) -> Result<()> {
    let mut served = Served::start()?;
    app.press("button", "Account").await?;
    app.see("Connect an account").await?;
    shots.take(app, "account-none").await?;
    let endpoint = app.find("textbox", "Endpoint").await?;
    endpoint.clear().await?;
    endpoint.send_keys(&served.url).await?;
    app.press("checkbox", "Allow plain HTTP…").await?;
    app.run("document.querySelector('input[type=password]').focus()")
        .await?;
    app.keys(&"wrong".chars().collect::<Vec<_>>()).await?;
    app.press("button", "Connect").await?;
    app.see("does not accept the token").await?;
    shots.take(app, "account-refused").await?;
    app.run(&served.typed()).await?;
    app.press("button", "Connect").await?;
    app.see("Where may the token be kept?").await?;
    shots.take(app, "account-file").await?;
    app.press("button", "Keep it in a file").await?;
    app.find("region", "Connection").await?;
    served.told(&["token", "plan", "--account", "ada", "--bytes", "212000000"])?;
    app.press("button", "Test connection").await?;
    app.see("212 MB left").await?;
    app.press("radio", "Account").await?;
    app.press("button", "Optimize").await?;
    app.see("These images go to the account").await?;
    app.press("button", "Run again").await?;
    app.see("by the account").await?;
    shots.take(app, "account-optimize").await?;
    app.press("button", "Account").await?;
    app.see("Completed").await?;
    app.run("document.querySelector('[aria-label=Dismiss]')?.click()")
        .await?;
    shots.take(app, "account").await?;
    app.press("button", "Dashboard").await?;
    app.press("radio", "Account").await?;
    app.see("Sent to the account").await?;
    shots.take(app, "dashboard-account").await?;
    app.press("radio", "Both").await?;
    shots.take(app, "dashboard-both").await?;
    app.press("radio", "This computer").await?;
    app.press("button", "Account").await?;
    for (args, words, state) in [
        (
            &["token", "plan", "--account", "ada", "--bytes", "1000"][..],
            "Plan used up",
            "used-up",
        ),
        (
            &["token", "suspend", "--account", "ada"],
            "Suspended",
            "suspended",
        ),
    ] {
        served.told(args)?;
        app.press("button", "Test connection").await?;
        app.see(words).await?;
        shots.take(app, &format!("account-{state}")).await?;
    }
    served.told(&["token", "resume", "--account", "ada"])?;
    served.stop();
    app.press("button", "Test connection").await?;
    app.see("Offline").await?;
    shots.take(app, "account-offline").await?;
    served.start_again()?;
    served.told(&["token", "revoke", "1"])?;
    // It may find that out by itself before it is asked to, and then offers something else.
    app.until("the token is refused", async || {
        if app.text().await?.contains("Token not accepted") {
            return Ok(true);
        }
        if let Some(button) = app.all("button", "Test connection").await?.first() {
            button.click().await?;
        }
        Ok(false)
    })
    .await?;
    shots.take(app, "account-bad-token").await?;
    app.press("button", "Disconnect").await?;
    app.see("Connect an account").await?;
    Ok(())
}

/// Enough for a list, large enough to be caught at work.
fn more_photos(folder: &Path) -> Result<()> {
    for (name, seed, width) in [
        ("beach.jpg", 2, 1600),
        ("harbour at dusk.jpg", 3, 2000),
        ("market.jpg", 4, 1200),
        ("old town.jpg", 5, 1800),
    ] {
        let picture = Picture::photo(width, width * 2 / 3, seed);
        std::fs::write(folder.join(name), jpeg::encoded(&picture, jpeg::CAMERA))?;
    }
    let icon = png::encoded(&Picture::sprite(256, 256));
    Ok(std::fs::write(folder.join("icon.png"), icon)?)
}
