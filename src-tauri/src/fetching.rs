//! Images that the user names by their address: fetched into a file, and then originals like any other.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager, State};
use whittle_api::fetch;
use whittle_core::{Cancel, Origin};
use whittle_jobs::{FETCH_LIMIT, Plan, keep_fetched};

use crate::shell::Shell;
use crate::threads::on_a_thread;

type Answer<T> = Result<T, String>;

/// What is fetched now: another takes its place.
#[derive(Default)]
pub struct Fetching(Mutex<Option<Cancel>>);

impl Fetching {
    fn begin(&self) -> Cancel {
        let cancel = Cancel::new();
        self.stop(Some(cancel.clone()));
        cancel
    }

    fn stop(&self, next: Option<Cancel>) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *now, next) {
            before.cancel();
        }
    }
}

/// Fetches an image and queues it; answers where it was kept.
#[tauri::command]
pub async fn fetch_image(
    address: String,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<PathBuf> {
    let plan = Plan {
        origin: Origin::Url,
        ..shell.plan()
    };
    let folder = folder(&app)?;
    let cancel = shell.fetching.begin();
    let time = plan.recipe.limits.time;
    let kept = on_a_thread("fetch", move || {
        let fetched =
            fetch(address.trim(), FETCH_LIMIT, time, &cancel).map_err(|error| error.to_string())?;
        keep_fetched(&folder, &fetched.name, &fetched.bytes).map_err(|error| error.to_string())
    });
    let kept = kept.await.ok_or("Fetching it went wrong.")??;
    shell.queue.add(vec![kept.clone()], plan);
    Ok(kept)
}

/// Stops what is being fetched.
#[tauri::command(async)]
pub fn stop_fetching(shell: State<'_, Shell>) {
    shell.fetching.stop(None);
}

/// Among the user's downloads, or in Whittle's own folder where there is no such place.
fn folder(app: &AppHandle) -> Answer<PathBuf> {
    app.path().download_dir().or_else(|_| {
        whittle_jobs::data_dir()
            .map(|dir| dir.join("fetched"))
            .map_err(|error| error.to_string())
    })
}
