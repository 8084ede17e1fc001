//! `whittle account`

use std::io::{IsTerminal, Read};
use std::process::ExitCode;
use std::sync::Arc;

use whittle_core::{AccountState, AccountStatus, Cancel, OutboxItem, OutboxState, TokenPlace, Via};
use whittle_jobs::{Accounts, Connection, Store, Token, token_in_environment};

use crate::args::AccountCommand;
use crate::failure::Failure;
use crate::print::{self, Out};
use crate::table::{Align, table};

pub(crate) fn run(command: AccountCommand, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = Arc::new(Store::open(whittle_jobs::data_dir()?)?);
    let accounts = Accounts::new(Arc::clone(&store));
    match command {
        AccountCommand::Connect {
            endpoint,
            allow_http,
            token_in_file,
        } => {
            let status = accounts.connect(Connection {
                endpoint,
                token: token()?,
                allow_http,
                token_in_file,
            })?;
            show(&status, out);
        }
        AccountCommand::Status { json } => return status(&accounts, json, out),
        AccountCommand::Disconnect => accounts.disconnect()?,
        AccountCommand::Sync => show(&accounts.sync(&Cancel::new())?, out),
        AccountCommand::Defaults { mode, level } => {
            let status = accounts.refresh()?;
            let Some(mut defaults) = status.defaults else {
                return Ok(ExitCode::FAILURE);
            };
            defaults.mode = mode.unwrap_or(defaults.mode);
            if let Some(level) = level {
                for each in [
                    &mut defaults.level_jpg,
                    &mut defaults.level_png,
                    &mut defaults.level_gif,
                ] {
                    *each = level.get();
                }
            }
            show(&accounts.set_defaults(&defaults)?, out);
        }
        AccountCommand::Outbox {
            json,
            pause,
            resume,
            cancel,
        } => {
            if pause || resume {
                accounts.pause(pause)?;
            }
            if let Some(item) = cancel
                && !accounts.cancel(item)?
            {
                return Err(Failure::usage(format!("no image {item} is on its way")));
            }
            outbox(&accounts.status()?.outbox, json, out);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says early that what is to go by an account cannot.
pub(crate) fn connected(store: &Store, via: Via) -> Result<(), Failure> {
    let wanted = matches!(via, Via::Account { or_here: false, .. });
    if wanted && store.account()?.is_none() {
        return Err(Failure::Other(anyhow::anyhow!(
            "no account is connected; `whittle account connect` does that"
        )));
    }
    Ok(())
}

/// Says on standard error, before anything is sent, what a batch takes of what is left of the plan: a
/// sentence, or with `json` an object with `forecast`.
pub(crate) fn forecast(store: &Arc<Store>, bytes: u64, or_here: bool, json: bool) {
    let accounts = Accounts::new(Arc::clone(store));
    // Without the network, what was last known is told.
    let status = accounts.refresh().or_else(|_| accounts.status());
    let Ok(AccountStatus {
        login: Some(login),
        plan: Some(plan),
        ..
    }) = status
    else {
        return;
    };
    let left = plan.left();
    let over = left.is_some_and(|left| bytes > left);
    if json {
        let told = serde_json::json!({
            "forecast": { "account": login, "bytes": bytes, "left": left, "over": over }
        });
        eprintln!("{told}");
        return;
    }
    let size = print::bytes(bytes);
    let beyond = match or_here {
        true => "is optimized here",
        false => "is refused",
    };
    match left.map(print::bytes) {
        None => eprintln!("About {size} go to the account {login}. Its plan has no limit."),
        Some(left) if over => eprintln!(
            "About {size} are to go to the account {login}, and only {left} of its plan are left: what goes beyond {beyond}."
        ),
        Some(left) => eprintln!("About {size} of the {left} left go to the account {login}."),
    }
}

/// From the environment, the terminal or standard input.
fn token() -> Result<Token, Failure> {
    if let Some(token) = token_in_environment() {
        return Ok(token);
    }
    let text = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("Token: ")?
    } else {
        let mut text = String::new();
        // Longer than any token.
        std::io::stdin().take(4096).read_to_string(&mut text)?;
        text
    };
    Token::new(&text).map_err(|error| Failure::usage(error.to_string()))
}

/// What the server says now; what was last known where it cannot be asked. Exits with 1 when jobs could not
/// be worked on by the account now.
fn status(accounts: &Accounts, json: bool, out: &mut Out) -> Result<ExitCode, Failure> {
    let asked = accounts.refresh();
    let status = accounts.status()?;
    // Trouble that no state tells of: a database, for example.
    if let Err(error) = asked
        && status.message.is_none()
        && status.state != AccountState::NotConnected
    {
        return Err(error.into());
    }
    match json {
        true => out.json(&status),
        false => show(&status, out),
    }
    Ok(match status.state {
        AccountState::Syncing | AccountState::UpToDate => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn show(status: &AccountStatus, out: &mut Out) {
    let state = match status.state {
        AccountState::NotConnected => {
            out.line("No account is connected. Nothing leaves this computer.");
            return;
        }
        AccountState::BadToken => "the token is not accepted",
        AccountState::NoToken => "its token cannot be read",
        AccountState::Suspended => "suspended",
        AccountState::QuotaUsedUp => "the plan is used up",
        AccountState::Offline => "offline",
        AccountState::Syncing => "connected; images are on their way",
        AccountState::UpToDate => "connected",
    };
    let mut rows = vec![
        row("state", state.to_owned()),
        row("endpoint", status.endpoint.clone().unwrap_or_default()),
        row("account", status.login.clone().unwrap_or_default()),
    ];
    rows.extend(status.token.map(|place| {
        let place = match place {
            TokenPlace::Keychain => "in the system's keychain",
            TokenPlace::File => "in a file that only you can read",
            TokenPlace::Environment => "in the environment",
        };
        row("token", place.to_owned())
    }));
    if let Some(plan) = &status.plan {
        let used = print::bytes(plan.used);
        let text = match (plan.bytes, plan.left()) {
            (Some(bytes), Some(left)) => format!(
                "{}: {used} of {} used, {} left",
                plan.name,
                print::bytes(bytes),
                print::bytes(left)
            ),
            _ => format!("{}: {used} used, no limit", plan.name),
        };
        rows.push(row("plan", text));
        rows.extend(plan.renews_at.clone().map(|day| row("renews", day)));
    }
    if let Some(defaults) = status.defaults {
        let text = match defaults.mode {
            whittle_core::Mode::Lossy => format!(
                "lossy, level {} (JPEG), {} (PNG), {} (GIF)",
                defaults.level_jpg, defaults.level_png, defaults.level_gif
            ),
            mode => mode.name().to_owned(),
        };
        rows.push(row("defaults", text));
    }
    if status.waiting > 0 {
        let paused = if status.paused { ", paused" } else { "" };
        let size = print::bytes(status.waiting_bytes);
        rows.push(row(
            "outbox",
            format!("{} images, {size}{paused}", status.waiting),
        ));
    }
    for line in table(&[Align::Left, Align::Left], &rows) {
        out.line(&line);
    }
    if let Some(message) = &status.message {
        out.line(message);
    }
}

fn row(name: &str, value: String) -> Vec<String> {
    vec![name.to_owned(), value]
}

fn outbox(items: &[OutboxItem], json: bool, out: &mut Out) {
    if json {
        for item in items {
            out.json(item);
        }
        return;
    }
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|item| {
            let state = match item.state {
                OutboxState::Sent => "the account works on it",
                state => state.name(),
            };
            let message = item.message.as_deref().unwrap_or_default();
            vec![
                item.id.to_string(),
                item.name.clone(),
                print::bytes(item.bytes),
                format!("{state} {message}").trim_end().to_owned(),
            ]
        })
        .collect();
    let aligns = [Align::Right, Align::Left, Align::Right, Align::Left];
    for line in table(&aligns, &rows) {
        out.line(&line);
    }
}
