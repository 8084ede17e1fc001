//! The account: connecting it, what is known of it, what is on its way there and back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager, State};
use whittle_core::{AccountDashboard, AccountDefaults, AccountState, AccountStatus, Cancel, Via};
use whittle_jobs::{AccountError, Accounts, Connection, Plan, Token, token_in_environment};

use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// Between two looks at what changed here.
const LOOK: Duration = Duration::from_secs(1);
/// Between two looks at what changed there.
const SYNC: Duration = Duration::from_secs(120);

/// What came of connecting.
#[derive(Serialize)]
pub struct Connected {
    status: AccountStatus,
    /// Nothing was connected, because there is no keychain: it is to be asked whether a file will do.
    needs_file: bool,
}

#[tauri::command(async)]
pub fn account_status(shell: State<'_, Shell>) -> Answer<AccountStatus> {
    accounts(&shell)?.status().map_err(sentence)
}

/// Without a token, the one in the environment is taken.
#[tauri::command(async)]
pub fn account_connect(
    endpoint: String,
    token: String,
    allow_http: bool,
    token_in_file: bool,
    shell: State<'_, Shell>,
) -> Answer<Connected> {
    let accounts = accounts(&shell)?;
    let token = match token_in_environment() {
        Some(kept) if token.trim().is_empty() => kept,
        _ => Token::new(&token).map_err(|error| error.to_string())?,
    };
    let connection = Connection {
        endpoint,
        token,
        allow_http,
        token_in_file,
    };
    let connected = apart(|| accounts.connect(connection));
    match connected {
        Ok(status) => Ok(Connected {
            status,
            needs_file: false,
        }),
        Err(AccountError::NoKeychain) => Ok(Connected {
            status: accounts.status().map_err(sentence)?,
            needs_file: true,
        }),
        Err(error) => Err(error.to_string()),
    }
}

#[tauri::command(async)]
pub fn account_disconnect(shell: State<'_, Shell>) -> Answer<AccountStatus> {
    let accounts = accounts(&shell)?;
    apart(|| accounts.disconnect()).map_err(sentence)?;
    accounts.status().map_err(sentence)
}

/// Takes the account's images into the history, and asks for plan and settings. What is wrong is part of
/// what is known.
#[tauri::command(async)]
pub fn account_sync(shell: State<'_, Shell>) -> Answer<AccountStatus> {
    let accounts = accounts(&shell)?;
    let synced = apart(|| accounts.sync(&Cancel::new()));
    let status = accounts.status().map_err(sentence)?;
    match synced {
        Err(error) if status.message.is_none() => Err(error.to_string()),
        _ => Ok(status),
    }
}

#[tauri::command(async)]
pub fn account_defaults(
    defaults: AccountDefaults,
    shell: State<'_, Shell>,
) -> Answer<AccountStatus> {
    let accounts = accounts(&shell)?;
    apart(|| accounts.set_defaults(&defaults)).map_err(sentence)
}

#[tauri::command(async)]
pub fn account_pause(paused: bool, shell: State<'_, Shell>) -> Answer<AccountStatus> {
    accounts(&shell)?.pause(paused).map_err(sentence)
}

#[tauri::command(async)]
pub fn account_cancel(item: i64, shell: State<'_, Shell>) -> Answer<AccountStatus> {
    let accounts = accounts(&shell)?;
    accounts.cancel(item).map_err(sentence)?;
    accounts.status().map_err(sentence)
}

#[tauri::command(async)]
pub fn account_dashboard(shell: State<'_, Shell>) -> Answer<AccountDashboard> {
    let accounts = accounts(&shell)?;
    apart(|| accounts.dashboard()).map_err(sentence)
}

fn accounts(shell: &Shell) -> Answer<&Arc<Accounts>> {
    shell
        .queue
        .accounts()
        .ok_or_else(|| "Without its history, Whittle works with no account.".to_owned())
}

/// On a thread of its own: commands run on Tauri's runtime, which lets nobody wait for another one, as the
/// account's client and the keychain do.
fn apart<T: Send>(
    work: impl FnOnce() -> Result<T, AccountError> + Send,
) -> Result<T, AccountError> {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn sentence(error: AccountError) -> String {
    error.to_string()
}

/// Goes on with what was on its way to the account when the program ended, keeps both histories in step,
/// and tells the window what changes.
pub fn watch(app: &AppHandle) {
    let app = app.clone();
    std::thread::spawn(move || {
        let shell = app.state::<Shell>();
        go_on(&shell);
        let Some(accounts) = shell.queue.accounts() else {
            return;
        };
        let mut told: Option<AccountStatus> = None;
        let mut synced: Option<Instant> = None;
        let mut was_busy = false;
        loop {
            let Ok(status) = accounts.status() else {
                std::thread::sleep(LOOK);
                continue;
            };
            let connected = status.state != AccountState::NotConnected;
            let is_busy = status.waiting > 0;
            // When all has come back, more of the plan is used than is known here.
            if !connected || (was_busy && !is_busy) {
                synced = None;
            }
            was_busy = is_busy;
            if connected && synced.is_none_or(|synced| synced.elapsed() > SYNC) {
                // Later is soon enough, whatever comes of it.
                synced = Some(Instant::now());
                let app = app.clone();
                std::thread::spawn(move || {
                    if let Some(accounts) = app.state::<Shell>().queue.accounts()
                        && let Err(error) = accounts.sync(&Cancel::new())
                    {
                        tracing::info!("the account: {error}");
                    }
                });
            }
            if told.as_ref() != Some(&status) {
                if let Err(error) = app.emit("whittle:account", &status) {
                    tracing::warn!("the window was not told of the account: {error}");
                }
                told = Some(status);
            }
            std::thread::sleep(LOOK);
        }
    });
}

/// What was to go to the account goes on by itself: somebody sent it, and it may be there already.
fn go_on(shell: &Shell) {
    let of_account =
        |plan: &str| serde_json::from_str::<Plan>(plan).is_ok_and(|plan| plan.via != Via::Here);
    let (theirs, ours) = std::mem::take(&mut *shell.left_over())
        .into_iter()
        .partition(|left| of_account(&left.plan));
    *shell.left_over() = ours;
    let theirs: Vec<whittle_jobs::LeftOver> = theirs;
    for left in &theirs {
        if let Err(error) = shell.queue.resume(left) {
            tracing::error!("what was on its way to the account: {error}");
        }
    }
}
