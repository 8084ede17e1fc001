//! The app itself, through WebKit's driver.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::desk::{Desk, Holder};

/// An element of the page.
pub type Element = fantoccini::elements::Element;

/// Long enough for a busy machine; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Finds elements by role and accessible name: the parts of the accessible-name computation that
/// the window's markup uses. `name` is exact, or a part when it ends with an ellipsis.
pub(super) const FIND: &str = r"
const [role, name, root] = arguments;
const implicit = {
  button: 'button, summary', link: 'a[href]', heading: 'h1, h2, h3, h4', table: 'table', row: 'tr',
  textbox: 'input:not([type]), input[type=text], input[type=password], textarea', searchbox: 'input[type=search]',
  slider: 'input[type=range]', radio: 'input[type=radio]', checkbox: 'input[type=checkbox]',
  combobox: 'select', date: 'input[type=date]', spinbutton: 'input[type=number]', progressbar: 'progress', dialog: 'dialog',
  main: 'main', navigation: 'nav', status: 'output', img: 'img', list: 'ul, ol', listitem: 'li',
  complementary: 'aside', term: 'dt', definition: 'dd', region: 'section', columnheader: 'th', cell: 'td', group: 'fieldset', option: 'option',
};
const words = (element) => element.innerText ?? element.textContent ?? '';
const text = (element) => [...element.querySelectorAll('[aria-hidden=true]')].reduceRight((said, unsaid) => {
  const at = said.lastIndexOf(words(unsaid));
  return said.slice(0, at) + said.slice(at + words(unsaid).length);
}, words(element)).replace(/\s+/g, ' ').trim();
function named(element) {
  const by = element.getAttribute('aria-labelledby');
  if (by) return by.split(/\s+/).map((id) => text(document.getElementById(id) ?? document.createElement('i'))).join(' ');
  if (element.getAttribute('aria-label')) return element.getAttribute('aria-label');
  if (element.labels?.length) return [...element.labels].map(text).join(' ');
  if (element.matches('fieldset') && element.querySelector('legend')) return text(element.querySelector('legend'));
  if (element.caption) return text(element.caption);
  if (element.alt) return element.alt;
  return text(element) || element.title || element.placeholder || '';
}
const shown = (element) => element.checkVisibility() && !element.closest('[aria-hidden=true], [inert]');
const selector = [`[role=${role}]`].concat(implicit[role] ? implicit[role].split(', ').map((tag) => `${tag}:not([role])`) : []).join(', ');
const clean = (value) => value.replace(/[\s\u00a0]+/g, ' ').trim();
const fits = (value) => name === null || (name.endsWith('…') && !clean(value).endsWith('…') ? clean(value).includes(name.slice(0, -1)) : clean(value) === name);
const found = [...(root ?? document).querySelectorAll(selector)].filter((element) => (shown(element) || element.matches('input[type=radio]')) && fits(named(element)));
";

/// The running app.
pub struct App<'a> {
    desk: &'a Desk,
    pub(super) client: Client,
    process: u32,
    bus: String,
}

/// The binary under test: cargo builds it beside this program, unless `WHITTLE_DESKTOP` names one.
fn binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("WHITTLE_DESKTOP") {
        return Ok(named.into());
    }
    built("whittle-desktop")
}

/// What cargo has built beside this program.
///
/// # Errors
/// When it has not.
pub fn built(name: &str) -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    exe.ancestors()
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
        .with_context(|| {
            format!("{name} is not built: run `cargo build --workspace --all-targets` first")
        })
}

/// Starts the app without a driver: nothing can be found in it, but the pointer is a hand's alone. Both
/// holders keep it running.
///
/// # Errors
/// When it cannot be started.
pub fn start_plainly(desk: &Desk, args: &[&str]) -> Result<[Holder; 2]> {
    let (bus, address) = desk.bus()?;
    let mut app = Command::new(binary()?);
    app.args(args).stdout(Stdio::null());
    let app = desk.furnish(&mut app);
    let app = app.env("DBUS_SESSION_BUS_ADDRESS", address).spawn()?;
    Ok([Holder(app), bus])
}

impl<'a> App<'a> {
    /// Starts the app with these arguments and waits for its page.
    ///
    /// # Errors
    /// When there is no window.
    pub async fn launch(desk: &'a Desk, args: &[&str]) -> Result<App<'a>> {
        Self::launch_with(desk, args, &[]).await
    }

    /// The same, with environment variables.
    ///
    /// # Errors
    /// When there is no window.
    pub async fn launch_with(
        desk: &'a Desk,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Result<App<'a>> {
        Self::open(desk, &binary()?, args, env).await
    }

    /// The same, of any program whose page has a navigation.
    ///
    /// # Errors
    /// When there is no window.
    pub async fn open(
        desk: &'a Desk,
        binary: &Path,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Result<App<'a>> {
        let (bus, address) = desk.bus()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut driver = Command::new("WebKitWebDriver");
        driver.args(["--host=127.0.0.1", &format!("--port={port}")]);
        let driver = desk
            .furnish(&mut driver)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(env.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .map(Holder)
            .context("WebKitWebDriver could not be started")?;
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".into(),
            json!({ "binary": binary, "args": args }),
        );
        let url = format!("http://127.0.0.1:{port}");
        let client = patiently("the driver answers", async || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            Ok(builder
                .capabilities(capabilities.clone())
                .connect(&url)
                .await
                .ok())
        })
        .await?;
        let process = child_of(driver.0.id()).context("the driver has started no app")?;
        desk.keep([driver, bus]);
        let app = App {
            desk,
            client,
            process,
            bus: address,
        };
        app.find("navigation", None).await?;
        Ok(app)
    }

    /// Starts the binary once more on the same bus, as a second start by the user, and waits for
    /// its end.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn start_again(&self, args: &[impl AsRef<OsStr>], folder: &Path) -> Result<()> {
        let mut second = Command::new(binary()?);
        second.args(args).current_dir(folder);
        let status = self
            .desk
            .furnish(&mut second)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .status()?;
        if !status.success() {
            bail!("the second start ended with {status}");
        }
        Ok(())
    }

    /// Stands in for the file manager, as long as the answer lives: what it is asked to show is
    /// appended to the file, one address a line.
    ///
    /// # Errors
    /// When there is another one.
    pub fn file_manager(&self, log: &Path) -> Result<Holder> {
        self.desk.file_manager(&self.bus, log)
    }

    /// Stands in for a desktop's notifications and tray, which are written down in the folder.
    ///
    /// # Errors
    /// When somebody else does that.
    pub fn services(&self, folder: &Path) -> Result<Holder> {
        self.desk.services(&self.bus, folder)
    }

    /// The first element with this role and name, as soon as there is one.
    ///
    /// # Errors
    /// When none appears.
    pub async fn find(&self, role: &str, name: impl Into<Option<&str>>) -> Result<Element> {
        let name = name.into();
        let what = format!("{role} {}", name.unwrap_or_default());
        patiently(&what, async || {
            Ok(self.all(role, name).await?.into_iter().next())
        })
        .await
    }

    /// All elements that have this role and name now.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn all(&self, role: &str, name: impl Into<Option<&str>>) -> Result<Vec<Element>> {
        self.found(vec![json!(role), json!(name.into())]).await
    }

    /// All elements within this one that have this role and name now.
    ///
    /// # Errors
    /// When the driver does not answer, or the element is gone.
    pub async fn all_in(
        &self,
        outer: &Element,
        role: &str,
        name: impl Into<Option<&str>>,
    ) -> Result<Vec<Element>> {
        let outer = serde_json::to_value(outer)?;
        self.found(vec![json!(role), json!(name.into()), outer])
            .await
    }

    async fn found(&self, wanted: Vec<Value>) -> Result<Vec<Element>> {
        let found = self
            .client
            .execute(&format!("{FIND} return found"), wanted)
            .await?;
        let Value::Array(found) = found else {
            return Ok(Vec::new());
        };
        found
            .into_iter()
            .map(|element| {
                Ok(Element::from_element_id(
                    self.client.clone(),
                    id_of(&element)?.into(),
                ))
            })
            .collect()
    }

    /// Presses what has this role and name.
    ///
    /// # Errors
    /// When there is no such element, or something lies over it.
    pub async fn press(&self, role: &str, name: &str) -> Result<()> {
        // The list may be drawn anew between finding and pressing.
        patiently(&format!("pressing {role} {name}"), async || {
            let element = self.find(role, name).await?;
            Ok(element.click().await.ok())
        })
        .await
    }

    /// Presses what has this role and name, within what has that role and name: "Off" of "Notifications".
    ///
    /// # Errors
    /// When there is no such element, or something lies over it.
    pub async fn press_in(&self, outer: [&str; 2], role: &str, name: &str) -> Result<()> {
        let what = format!("pressing {role} {name} in {outer:?}");
        patiently(&what, async || {
            let outer = self.find(outer[0], outer[1]).await?;
            // Both may be drawn anew meanwhile.
            let inner = self.all_in(&outer, role, name).await.unwrap_or_default();
            match inner.first() {
                Some(inner) => Ok(inner.click().await.ok()),
                None => Ok(None),
            }
        })
        .await
    }

    /// Chooses an option of the choice with this name.
    ///
    /// # Errors
    /// When there is no such choice, or no such option.
    pub async fn select(&self, name: &str, option: &str) -> Result<()> {
        let choice = self.find("combobox", name).await?;
        // As a person does who opens it: only then the engine knows what was chosen before.
        self.focus(&choice).await?;
        patiently(&format!("{option} of {name}"), async || {
            Ok(choice.select_by_label(option).await.ok())
        })
        .await
    }

    /// Opens the menu of an element with the other button of the pointer.
    ///
    /// # Errors
    /// When the driver does not answer, or the element is out of sight.
    pub async fn menu_of(&self, element: &Element) -> Result<()> {
        let right = fantoccini::actions::MOUSE_BUTTON_RIGHT;
        self.clicked(&[], element, right).await
    }

    /// Clicks an element while these keys are held.
    ///
    /// # Errors
    /// When the driver does not answer, or the element is out of sight.
    pub async fn click_with(&self, held: &[char], element: &Element) -> Result<()> {
        let left = fantoccini::actions::MOUSE_BUTTON_LEFT;
        self.clicked(held, element, left).await
    }

    async fn clicked(&self, held: &[char], element: &Element, button: u64) -> Result<()> {
        use fantoccini::actions::{
            Actions, InputSource, KeyAction, KeyActions, MouseActions, PointerAction,
        };
        // Of a row that is its name: over the end of it lie buttons, while it is pointed at.
        let (left, top, width, height) = element.rectangle().await?;
        let (x, y) = (left + (width / 2.0).min(150.0), top + height / 2.0);
        let to = PointerAction::MoveTo {
            duration: None,
            x,
            y,
        };
        // Both go on in step: the keys are down before the button is, and up after it.
        let wait = Duration::ZERO;
        let mut hand = MouseActions::new("mouse".into()).then(to);
        let mut keys = KeyActions::new("keyboard".into()).pause(wait);
        for &value in held {
            hand = hand.pause(wait);
            keys = keys.then(KeyAction::Down { value });
        }
        hand = hand
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        keys = keys.pause(wait).pause(wait);
        for &value in held {
            hand = hand.pause(wait);
            keys = keys.then(KeyAction::Up { value });
        }
        self.client
            .perform_actions(Actions::from(keys).and(hand))
            .await?;
        Ok(self.client.release_actions().await?)
    }

    /// Takes hold of the middle of an element, and moves by so much before it lets go.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn drag_by(&self, element: &Element, by: (f64, f64)) -> Result<()> {
        use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
        let (x, y) = middle_of(element).await?;
        let to = |x, y| PointerAction::MoveTo {
            duration: None,
            x,
            y,
        };
        let button = MOUSE_BUTTON_LEFT;
        let hand = MouseActions::new("mouse".into())
            .then(to(x, y))
            .then(PointerAction::Down { button })
            .then(to(x + by.0 / 2.0, y + by.1 / 2.0))
            .then(to(x + by.0, y + by.1))
            .then(PointerAction::Up { button });
        self.client.perform_actions(hand).await?;
        Ok(self.client.release_actions().await?)
    }

    /// What the row with this name says, as soon as there is one.
    ///
    /// # Errors
    /// When none appears.
    pub async fn row(&self, name: &str) -> Result<String> {
        let text = patiently(&format!("row {name}"), async || {
            let row = self.find("row", format!("{name}…").as_str()).await?;
            // The driver's own idea of an element's text leaves lines out that are cut short. The list may be
            // drawn anew between finding and reading.
            Ok(row.prop("innerText").await.ok())
        })
        .await?;
        Ok(text.unwrap_or_default().replace('\u{a0}', " "))
    }

    /// The names of the rows, from the first to the last, and of those that are selected.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn rows(&self) -> Result<[Vec<String>; 2]> {
        let told = "return [...arguments].map((row) =>
            [Number(row.ariaRowIndex), row.innerText.trim().split('\\n')[0], row.ariaSelected])
            .filter(([index]) => index > 1).sort(([a], [b]) => a - b)";
        // The list may be drawn anew between finding its rows and reading them.
        let told = patiently("rows", async || {
            let rows = self.all("row", None).await?;
            let rows = rows.iter().map(serde_json::to_value);
            let rows = rows.collect::<Result<_, _>>()?;
            Ok(self.client.execute(told, rows).await.ok())
        })
        .await?;
        let rows = told.as_array().context("rows")?;
        let named = |selected: bool| {
            let those = rows.iter().filter(move |row| !selected || row[2] == "true");
            let names = those.filter_map(|row| row[1].as_str());
            names.map(str::to_owned).collect()
        };
        Ok([named(false), named(true)])
    }

    /// Waits until the row with this name says these words as well.
    ///
    /// # Errors
    /// When it does not; the message has what it says.
    pub async fn row_says(&self, name: &str, words: &str) -> Result<()> {
        let says = self
            .until(&format!("{words} of {name}"), async || {
                Ok(self.row(name).await?.contains(words))
            })
            .await;
        match says {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("it says: {}", self.row(name).await?))),
        }
    }

    /// Gives the focus to the row with this name.
    ///
    /// # Errors
    /// When none appears.
    pub async fn focus_row(&self, name: &str) -> Result<()> {
        let row = self.find("row", format!("{name}…").as_str()).await?;
        self.focus(&row).await
    }

    /// Gives the focus to an element.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn focus(&self, element: &Element) -> Result<()> {
        let element = serde_json::to_value(element)?;
        self.client
            .execute("arguments[0].focus()", vec![element])
            .await?;
        Ok(())
    }

    /// Waits until the text of the page has these words.
    ///
    /// # Errors
    /// When they do not appear; the message has the text that is there.
    pub async fn see(&self, words: &str) -> Result<()> {
        let seen = patiently(words, async || {
            Ok(self.text().await?.contains(words).then_some(()))
        })
        .await;
        match seen {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the page says:\n{}", self.text().await?))),
        }
    }

    /// Waits until this holds.
    ///
    /// # Errors
    /// When it never does.
    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
        patiently(what, async || Ok(holds().await?.then_some(()))).await
    }

    /// All text on the page, with ordinary spaces.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn text(&self) -> Result<String> {
        let text = self.run("return document.body.innerText").await?;
        Ok(text.as_str().unwrap_or_default().replace('\u{a0}', " "))
    }

    /// Waits until this many rows show their picture.
    ///
    /// # Errors
    /// When they do not.
    pub async fn see_pictures(&self, count: u64) -> Result<()> {
        let loaded = "return [...document.querySelectorAll('[role=row] img')] \
            .filter((img) => img.naturalWidth > 0).length";
        self.until(&format!("{count} rows with a picture"), async || {
            Ok(self.run(loaded).await?.as_u64() >= Some(count))
        })
        .await
    }

    /// Makes the window so large, in CSS pixels, and waits until the page is, and is painted so.
    ///
    /// # Errors
    /// When it does not become so.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.client.set_window_size(width, height).await?;
        self.until(&format!("a window of {width} × {height}"), async || {
            let size = self.run("return [innerWidth, innerHeight]").await?;
            Ok(size == json!([width, height]))
        })
        .await?;
        // A picture taken now would show the page cut to its old size: it is painted a frame later.
        self.wait_for(
            "const done = arguments[0];
             requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))",
        )
        .await?;
        Ok(())
    }

    /// Puts the window somewhere, so large, in CSS pixels.
    ///
    /// # Errors
    /// When it does not go there.
    pub async fn place(&self, left: u32, top: u32, width: u32, height: u32) -> Result<()> {
        self.client
            .set_window_rect(left, top, width, height)
            .await?;
        self.until("a window that was moved", async || {
            let at = self
                .run("return [screenX, screenY, innerWidth, innerHeight]")
                .await?;
            Ok(at == json!([left, top, width, height]))
        })
        .await
    }

    /// The number of the program's process.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Runs a script in the page that ends by calling its one argument, with the answer.
    ///
    /// # Errors
    /// When it throws, or does not end in time.
    pub async fn wait_for(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute_async(script, Vec::new()).await?)
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Asks the shell, as the page does.
    ///
    /// # Errors
    /// When it rejects.
    pub async fn invoke(&self, command: &str) -> Result<Value> {
        let script = "const [command, done] = arguments; \
            window.__TAURI_INTERNALS__.invoke(command).then(done, (reason) => done({ rejected: reason }))";
        let answer = self
            .client
            .execute_async(script, vec![json!(command)])
            .await?;
        match answer.get("rejected") {
            Some(reason) => bail!("{command}: {reason}"),
            None => Ok(answer),
        }
    }

    /// Saves a picture of the page.
    ///
    /// # Errors
    /// When the driver draws none.
    pub async fn screenshot(&self, file: &Path) -> Result<()> {
        // Pictures are decoded and drawn a moment after they have arrived.
        let drawn = "const [done] = arguments; \
            Promise.all([...document.images].map((image) => image.decode().catch(() => {}))) \
            .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done())))";
        self.client.execute_async(drawn, Vec::new()).await?;
        let picture = self.client.screenshot().await?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, picture)?)
    }

    /// Ends the process at once, as a power cut does.
    ///
    /// # Errors
    /// When it stays.
    pub async fn kill(self) -> Result<()> {
        let process = self.process.to_string();
        let status = Command::new("kill").args(["-KILL", &process]).status()?;
        if !status.success() {
            bail!("kill ended with {status}");
        }
        self.gone().await
    }

    /// Waits until the program has ended by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(self) -> Result<()> {
        self.gone().await
    }

    async fn gone(&self) -> Result<()> {
        let process = PathBuf::from(format!("/proc/{}", self.process));
        patiently("the app ends", async || {
            Ok((!process.exists()).then_some(()))
        })
        .await?;
        self.desk.tidy();
        Ok(())
    }

    /// Closes the window and waits until the process is gone.
    ///
    /// # Errors
    /// When it stays.
    pub async fn close(self) -> Result<()> {
        self.client.clone().close().await?;
        self.gone().await
    }
}

/// Asks again until there is an answer, also where an element was drawn anew between finding and asking it.
async fn patiently<T>(what: &str, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
    let begin = Instant::now();
    loop {
        match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Err(error) if !is_gone(&error) => return Err(error),
            Ok(None) | Err(_) => {}
        }
        if begin.elapsed() > PATIENCE {
            bail!("waited in vain for: {what}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether the page has drawn something else in the place of the element that was asked.
fn is_gone(error: &anyhow::Error) -> bool {
    use fantoccini::error::ErrorStatus::{NoSuchElement, StaleElementReference};
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<CmdError>())
        .any(|cause| matches!(cause, CmdError::Standard(told) if matches!(told.error, NoSuchElement | StaleElementReference)))
}

async fn middle_of(element: &Element) -> Result<(f64, f64)> {
    let (x, y, width, height) = element.rectangle().await?;
    Ok((x + width / 2.0, y + height / 2.0))
}

fn id_of(element: &Value) -> Result<String> {
    element
        .as_object()
        .and_then(|object| object.values().next())
        .and_then(Value::as_str)
        .map(str::to_owned)
        .context("the driver answered with something else than an element")
}

fn child_of(process: u32) -> Option<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    tasks.flatten().find_map(|task| {
        let children = std::fs::read_to_string(task.path().join("children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    })
}
