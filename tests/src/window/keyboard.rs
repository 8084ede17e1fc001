//! The keyboard, and what somebody does with it who has no mouse.

use std::cmp::Ordering;

use anyhow::{Context, Result, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use serde_json::{Value, json};

use super::app::{App, FIND};

/// The keys that write nothing, as WebDriver names them.
#[allow(missing_docs, reason = "they say what they are")]
pub mod key {
    pub const BACKSPACE: char = '\u{e003}';
    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const SHIFT: char = '\u{e008}';
    pub const CONTROL: char = '\u{e009}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const SPACE: char = ' ';
    pub const END: char = '\u{e010}';
    pub const HOME: char = '\u{e011}';
    pub const LEFT: char = '\u{e012}';
    pub const UP: char = '\u{e013}';
    pub const RIGHT: char = '\u{e014}';
    pub const DOWN: char = '\u{e015}';
    pub const DELETE: char = '\u{e017}';
    pub const F10: char = '\u{e03a}';
}
use key::{CONTROL, DOWN, ENTER, F10, SHIFT, TAB, UP};

/// So many presses lead round the largest screen.
const ROUND: usize = 150;

/// Where the focus is: on one of the elements that were found, before or behind them, or lost; and whether
/// it can be seen there. Follows [`FIND`].
const FOCUS: &str = r"
const at = document.activeElement;
const lost = at === null || at === document.body;
// Of radio buttons, Tab leads to the one that is chosen.
const stops = role !== 'radiogroup' ? found
  : found.flatMap((group) => group.querySelector('[aria-checked=true], :checked') ?? group.querySelector('input') ?? []);
const ready = stops.filter((element) => !element.disabled && element.ariaDisabled !== 'true');
const first = ready.find((element) => element.tabIndex >= 0);
const ringed = (element) => {
  const { outlineStyle, outlineWidth, stroke } = getComputedStyle(element);
  return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0)
    || (element.localName === 'rect' && stroke !== 'none');
};
// Or a part of it is: a handle's knob, the ground of a chart's column.
const drawn = (element) => ringed(element) || [...element.querySelectorAll('*')].some(ringed);
// Something of it lies in the window, and nothing over that.
const inSight = (element) => {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const within = (from, to, share) => from + (to - from) * share;
  return [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([x, y]) => {
    const hit = document.elementFromPoint(within(left, right, x), within(top, bottom, y));
    return element.contains(hit);
  });
};
// Nothing has the focus before the first key; after it, something always has.
const had = window.focusWasSeen === true;
if (!lost) window.focusWasSeen = true;
return {
  there: !lost && ready.includes(at),
  usable: first !== undefined,
  chosen: at?.checked === true || at?.ariaChecked === 'true',
  behind: !lost && first !== undefined && (at.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_PRECEDING) > 0,
  lost: lost && had,
  shown: lost || (drawn(at) && inSight(at)),
  name: lost ? 'nothing' : `${at.localName} ${named(at)}`.slice(0, 80),
};
";

impl App<'_> {
    /// Presses keys together into whatever has the focus, as a keyboard does.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn keys(&self, keys: &[char]) -> Result<()> {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        self.hands(down.chain(up)).await
    }

    /// Types a text into whatever has the focus, in the place of what it held.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn type_over(&self, text: &str) -> Result<()> {
        self.keys(&[CONTROL, 'a']).await?;
        self.hands(
            text.chars()
                .flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }]),
        )
        .await
    }

    async fn hands(&self, actions: impl Iterator<Item = KeyAction>) -> Result<()> {
        let keyboard = KeyActions::new("keyboard".into());
        let actions = actions.fold(keyboard, KeyActions::then);
        self.client.perform_actions(actions).await?;
        Ok(self.client.release_actions().await?)
    }

    /// Goes with Tab, the shorter way, to what has this role and name, as soon as it can be used. Not after a press of the
    /// pointer: the driver's Shift+Tab does nothing then.
    ///
    /// # Errors
    /// When Tab does not lead there, when the focus cannot be seen on the way, or when it was lost before.
    pub async fn tab_to(&self, role: &str, name: &str) -> Result<()> {
        let wanted = format!("{role} {name}");
        self.until(&format!("{wanted}, to be used"), async || {
            let focus = self.focus_at(role, Some(name)).await?;
            Ok(focus["usable"] == true || focus["there"] == true)
        })
        .await?;
        let mut passed = Vec::new();
        for pressed in 0..ROUND {
            let focus = self.focus_at(role, Some(name)).await?;
            ensure!(
                focus["lost"] == false,
                "the focus is lost before {wanted}, after {passed:?}"
            );
            let at = focus["name"].as_str().unwrap_or_default().to_owned();
            if pressed > 0 && focus["shown"] == false {
                // What lies over it may just be on its way elsewhere.
                self.until(&format!("the focus on {at}, to be seen"), async || {
                    Ok(self.focus_at(role, Some(name)).await?["shown"] == true)
                })
                .await?;
            }
            if focus["there"] == true {
                return Ok(());
            }
            passed.push(at);
            match focus["behind"] == true {
                true => self.keys(&[SHIFT, TAB]).await?,
                false => self.keys(&[TAB]).await?,
            }
        }
        bail!("Tab does not lead to {wanted}, but to {passed:?}")
    }

    /// Goes to a button, and presses Enter.
    ///
    /// # Errors
    /// As [`App::tab_to`].
    pub async fn enter(&self, role: &str, name: &str) -> Result<()> {
        self.tab_to(role, name).await?;
        self.keys(&[ENTER]).await
    }

    /// Goes to a field, and types this in the place of what it holds.
    ///
    /// # Errors
    /// As [`App::tab_to`], and when it does not take the text.
    pub async fn fill(&self, role: &str, name: &str, text: &str) -> Result<()> {
        self.tab_to(role, name).await?;
        self.type_over(text).await?;
        self.until(&format!("{text} in {name}"), async || {
            let held = self.run("return document.activeElement.value").await?;
            Ok(held == text)
        })
        .await
    }

    /// Goes to a group of radio buttons, and with the arrow keys to one of them.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn choose(&self, group: &str, option: &str) -> Result<()> {
        self.tab_to("radiogroup", group).await?;
        for _ in 0..ROUND {
            let focus = self.focus_at("radio", Some(option)).await?;
            if focus["there"] == true {
                return self
                    .until(&format!("{option} is chosen"), async || {
                        Ok(self.focus_at("radio", Some(option)).await?["chosen"] == true)
                    })
                    .await;
            }
            // Not every group goes round.
            match focus["behind"] == true {
                true => self.keys(&[UP]).await?,
                false => self.keys(&[DOWN]).await?,
            }
        }
        bail!("the arrow keys do not lead to {option}")
    }

    /// Goes to a field of choices, and with the arrow keys to one of them.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn pick(&self, field: &str, option: &str) -> Result<()> {
        self.tab_to("combobox", field).await?;
        let chosen = "const { selectedIndex, options } = document.activeElement; \
            return [selectedIndex, [...options].map(({ label }) => label)]";
        for _ in 0..ROUND {
            let state = self.run(chosen).await?;
            let labels: Vec<String> = serde_json::from_value(state[1].clone())?;
            let wanted = labels
                .iter()
                .position(|label| label.replace('\u{a0}', " ") == option)
                .with_context(|| format!("{field} offers {labels:?}, and not {option}"))?;
            match state[0].as_u64().cmp(&Some(wanted as u64)) {
                Ordering::Less => self.keys(&[DOWN]).await?,
                Ordering::Equal => return Ok(()),
                Ordering::Greater => self.keys(&[UP]).await?,
            }
        }
        bail!("the arrow keys do not lead to {option}")
    }

    /// Opens the menu of the row that has the focus, and chooses from it.
    ///
    /// # Errors
    /// When it does not have this.
    pub async fn choose_from_menu(&self, item: &str) -> Result<()> {
        self.keys(&[SHIFT, F10]).await?;
        self.find("menuitem", item).await?;
        for _ in 0..ROUND {
            if self.focus_at("menuitem", Some(item)).await?["there"] == true {
                self.keys(&[ENTER]).await?;
                return self
                    .until("the menu is closed", async || {
                        Ok(self.all("menu", None).await?.is_empty())
                    })
                    .await;
            }
            self.keys(&[DOWN]).await?;
        }
        bail!("the arrow keys do not lead to {item}")
    }

    /// Waits until the focus is on what has this role and name.
    ///
    /// # Errors
    /// When it does not come there.
    pub async fn focused<'n>(&self, role: &str, name: impl Into<Option<&'n str>>) -> Result<()> {
        let name = name.into();
        self.until(
            &format!("the focus on {role} {}", name.unwrap_or_default()),
            async || Ok(self.focus_at(role, name).await?["there"] == true),
        )
        .await
    }

    async fn focus_at(&self, role: &str, name: Option<&str>) -> Result<Value> {
        let script = format!("{FIND}{FOCUS}");
        let arguments = vec![json!(role), json!(name)];
        Ok(self.client.execute(&script, arguments).await?)
    }
}
