//! The app itself, through WebKit's driver.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
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
const [role, name] = arguments;
const implicit = {
  button: 'button, summary', link: 'a[href]', heading: 'h1, h2, h3, h4', table: 'table', row: 'tr',
  textbox: 'input:not([type]), input[type=text], input[type=password], textarea', searchbox: 'input[type=search]',
  slider: 'input[type=range]', radio: 'input[type=radio]', checkbox: 'input[type=checkbox]',
  combobox: 'select', date: 'input[type=date]', spinbutton: 'input[type=number]', progressbar: 'progress', dialog: 'dialog',
  main: 'main', navigation: 'nav', status: 'output', img: 'img', list: 'ul, ol', listitem: 'li',
  complementary: 'aside', region: 'section', columnheader: 'th', cell: 'td', group: 'fieldset', option: 'option',
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
const found = [...document.querySelectorAll(selector)].filter((element) => (shown(element) || element.matches('input[type=radio]')) && fits(named(element)));
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
        let found = self
            .client
            .execute(
                &format!("{FIND} return found"),
                vec![json!(role), json!(name.into())],
            )
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

    /// What the row with this name says, as soon as there is one.
    ///
    /// # Errors
    /// When none appears.
    pub async fn row(&self, name: &str) -> Result<String> {
        let row = self.find("row", format!("{name}…").as_str()).await?;
        // The driver's own idea of an element's text leaves lines out that are cut short.
        let text = row.prop("innerText").await?.unwrap_or_default();
        Ok(text.replace('\u{a0}', " "))
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

/// Asks again until there is an answer.
async fn patiently<T>(what: &str, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if begin.elapsed() > PATIENCE {
            bail!("waited in vain for: {what}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
