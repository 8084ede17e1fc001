//! Images that the user names by their address: fetched into a file, and then originals like any other.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tauri::{AppHandle, Manager};
use whittle_core::{Cancel, Origin};
use whittle_jobs::{FETCH_LIMIT, Plan, keep_fetched};

use crate::shell::Shell;
use crate::threads::on_a_thread;

type Answer<T> = Result<T, String>;

/// What is fetched now: another takes its place.
#[derive(Default)]
pub struct Fetching(Mutex<State>);

#[derive(Default)]
struct State {
    now: Option<(f64, Cancel)>,
    /// What was to stop and was not there: the two commands may overtake each other.
    stopped: Option<f64>,
}

impl Fetching {
    /// `fetch` is the page's number for it.
    fn begin(&self, fetch: f64) -> Cancel {
        let cancel = Cancel::new();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.stopped == Some(fetch) {
            cancel.cancel();
        }
        if let Some((_, before)) = state.now.replace((fetch, cancel.clone())) {
            before.cancel();
        }
        cancel
    }

    /// Stops this one and none that came after it.
    fn stop(&self, fetch: f64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.now {
            Some((now, cancel)) if *now == fetch => cancel.cancel(),
            _ => state.stopped = Some(fetch),
        }
    }
}

/// Fetches an image and queues it; answers where it was kept. It can be stopped by the number.
#[tauri::command]
pub async fn fetch_image(
    address: String,
    fetch: f64,
    app: AppHandle,
    shell: tauri::State<'_, Shell>,
) -> Answer<PathBuf> {
    let plan = Plan {
        origin: Origin::Url,
        ..shell.plan()
    };
    let folder = folder(&app)?;
    let cancel = shell.fetching.begin(fetch);
    let time = plan.recipe.limits.time;
    let kept = on_a_thread("fetch", move || {
        let fetched = whittle_api::fetch(address.trim(), FETCH_LIMIT, time, &cancel)
            .map_err(|error| error.to_string())?;
        // Stopped as it ended: nobody wants the file.
        cancel.check().map_err(|_| "It was stopped.".to_owned())?;
        keep_fetched(&folder, &fetched.name, &fetched.bytes).map_err(|error| error.to_string())
    });
    let kept = kept.await.ok_or("Fetching it went wrong.")??;
    shell.queue.add(vec![kept.clone()], plan);
    Ok(kept)
}

/// Stops what is being fetched under this number.
#[tauri::command(async)]
pub fn stop_fetching(fetch: f64, shell: tauri::State<'_, Shell>) {
    shell.fetching.stop(fetch);
}

/// Among the user's downloads, or in Whittle's own folder where there is no such place.
fn folder(app: &AppHandle) -> Answer<PathBuf> {
    app.path().download_dir().or_else(|_| {
        whittle_jobs::data_dir()
            .map(|dir| dir.join("fetched"))
            .map_err(|error| error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(cancel: &Cancel) -> bool {
        cancel.check().is_ok()
    }

    #[test]
    fn only_what_is_meant_is_stopped() {
        let fetching = Fetching::default();
        let first = fetching.begin(1.0);
        let second = fetching.begin(2.0);
        assert!(!goes_on(&first) && goes_on(&second));
        // Late: the first has come to its end, and another began.
        fetching.stop(1.0);
        assert!(goes_on(&second));
        fetching.stop(2.0);
        assert!(!goes_on(&second));
        assert!(goes_on(&fetching.begin(3.0)));
    }

    #[test]
    fn what_was_stopped_before_it_began_does_not_begin() {
        let fetching = Fetching::default();
        fetching.stop(1.0);
        assert!(!goes_on(&fetching.begin(1.0)));
        assert!(goes_on(&fetching.begin(2.0)));
    }
}
