//! What the running program holds: the queue, the store, the settings of now.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use whittle_core::{JobId, Language, Level, Mode, Origin, Settings};
use whittle_jobs::{Again, LeftOver, Plan, Queue, Store, Watched, Watcher};

use crate::compare::Compared;
use crate::events::Feed;
use crate::fetching::Fetching;
use crate::messages::{self, Words};
use crate::threads::behind_the_window;
use crate::thumbnails::Thumbnails;

/// Rows of watched folders that stay in the list.
const WATCHED_ROWS: usize = 1000;

/// Managed by Tauri, and so reachable from every command.
pub struct Shell {
    /// Does the work.
    pub queue: Arc<Queue>,
    /// What the window was told.
    pub feed: Arc<Feed>,
    /// Small pictures of rows.
    pub thumbnails: Thumbnails,
    /// The image that is compared with its result.
    pub compared: Compared,
    /// What is fetched from an address.
    pub fetching: Fetching,
    /// The language of the system.
    pub system_language: Language,
    store: Result<Arc<Store>, String>,
    settings: Mutex<Settings>,
    left_over: Mutex<Vec<LeftOver>>,
    /// None without a store: results could not be told from originals.
    watcher: Option<Watcher>,
}

impl Shell {
    /// Opens the store and starts the workers. Without a store the window works, and forgets.
    pub fn open(app: &AppHandle) -> Shell {
        let system_language = messages::of_the_system();
        let store = whittle_store_in_place()
            .inspect_err(|reason| {
                tracing::error!("no history: {reason}");
                // What was chosen cannot be known.
                let words = messages::words(Language::System, system_language);
                app.dialog()
                    .message(format!("{reason}\n\n{}", words.no_history_means))
                    .title(words.no_history)
                    .kind(MessageDialogKind::Warning)
                    .show(|_| {});
            })
            .map(Arc::new);
        let settings = store
            .as_ref()
            .ok()
            .and_then(|store| {
                store
                    .settings()
                    .inspect_err(|error| tracing::error!("settings: {error}"))
                    .ok()
            })
            .unwrap_or_default();
        let feed = Feed::start(app.clone());
        let threads = threads(&settings);
        let start = store.as_ref().map_or_else(
            |_| whittle_jobs::Start::default(),
            |store| whittle_jobs::start(store),
        );
        let (kept, events) = (store.as_ref().ok().cloned(), feed.clone());
        let queue = behind_the_window(|| Queue::start(kept, threads, events));
        let queue = Arc::new(queue);
        let watcher = store.as_ref().ok().map(|store| {
            let folders = store.watched_folders().unwrap_or_else(|error| {
                tracing::error!("watched folders: {error}");
                Vec::new()
            });
            let folders = folders.into_iter().map(Watched::from).collect();
            Watcher::start(Arc::clone(&queue), Arc::clone(store), folders, WATCHED_ROWS)
        });
        Shell {
            queue,
            watcher,
            left_over: Mutex::new(start.left_over),
            feed,
            thumbnails: Thumbnails::start(),
            compared: Compared::start(),
            fetching: Fetching::default(),
            system_language,
            store,
            settings: Mutex::new(settings),
        }
    }

    /// Queues files and folders with the settings of now.
    pub fn add(&self, paths: Vec<PathBuf>) {
        self.queue.add(paths, self.plan());
    }

    /// What the settings of now mean for the next images.
    pub fn plan(&self) -> Plan {
        let settings = self.settings();
        Plan {
            origin: Origin::File,
            recipe: settings.recipe(),
            via: settings.via,
            output: settings.output.clone(),
            min_saving: settings.min_saving,
            keep_times: settings.keep_times,
            recursive: !settings.flat,
            include: settings.include.clone(),
            exclude: settings.exclude.clone(),
            // In place and in a folder alike, replaced originals are only found through the history.
            record: self.store.is_ok(),
            ..Plan::default()
        }
    }

    /// What images are worked on with once more: by the settings of now, or by the rules of their folder, but
    /// for a mode and a level that were chosen for them.
    pub fn again(&self, quality: Option<(Mode, Level)>) -> Again {
        let folders = self
            .store
            .as_ref()
            .ok()
            .map(|store| store.watched_folders());
        let folders = folders.transpose().unwrap_or_else(|error| {
            tracing::error!("watched folders: {error}");
            None
        });
        let folders = folders.unwrap_or_default().into_iter();
        Again {
            plan: self.plan(),
            folders: folders.map(Watched::from).collect(),
            quality,
        }
    }

    /// The settings of now.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on as many images at once as the settings of now say.
    pub fn follow_threads(&self) {
        // Kept until they are followed: what is changed meanwhile must not be taken back.
        let settings = self.settings();
        let threads = threads(&settings);
        behind_the_window(|| self.queue.set_threads(threads));
    }

    /// The chosen language, as a page names it.
    pub fn language(&self) -> &'static str {
        messages::tag(self.settings().language, self.system_language)
    }

    /// The words of the chosen language.
    pub fn words(&self) -> &'static Words {
        messages::words(self.settings().language, self.system_language)
    }

    /// The store, or why there is none.
    pub fn store(&self) -> Result<&Arc<Store>, String> {
        self.store.as_ref().map_err(Clone::clone)
    }

    /// Where a row's image is now: its result if there is one, else the original. With `child` the
    /// derivative at this place among those of the row, and nothing in its stead.
    pub fn result_of(&self, job: JobId, child: Option<usize>) -> Option<PathBuf> {
        let report = self.queue.report(job);
        match child {
            Some(child) => report?.derivatives.into_iter().nth(child)?.output,
            None => report
                .and_then(|report| report.output)
                .or_else(|| self.queue.job(job).map(|info| info.path)),
        }
    }

    /// Where the images of these rows are, or a derivative of them, as far as they are still there:
    /// one at least.
    pub fn result_files(
        &self,
        jobs: Vec<JobId>,
        child: Option<usize>,
    ) -> Result<Vec<PathBuf>, String> {
        let files: Vec<PathBuf> = jobs
            .into_iter()
            .filter_map(|job| self.result_of(job, child))
            .filter(|path| path.is_file())
            .collect();
        match files.is_empty() {
            true => Err("The files are no longer there.".into()),
            false => Ok(files),
        }
    }

    /// Goes on with what an interrupted run did not get to, or forgets it. Answers how many images
    /// that were.
    pub fn resume(&self, forget: bool) -> Result<usize, String> {
        let sentence = |error: whittle_jobs::StoreError| error.to_string();
        let store = self.store()?;
        let mut left_over = self.left_over();
        let mut images = 0;
        // What was not got to because of an error is offered again.
        while let Some(left) = left_over.first() {
            let taken = match forget {
                true => store.take_left_over(&left.batch).map_err(sentence)?,
                false => self.queue.resume(left).map_err(sentence)?.is_some(),
            };
            images += if taken { left.images.len() } else { 0 };
            left_over.remove(0);
        }
        Ok(images)
    }

    /// What an interrupted run did not get to.
    pub fn left_over(&self) -> MutexGuard<'_, Vec<LeftOver>> {
        self.left_over
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches what the database says.
    pub fn watch(&self) -> Result<(), String> {
        let folders = self.store()?.watched_folders();
        let folders = folders.map_err(|error| error.to_string())?;
        if let Some(watcher) = &self.watcher {
            watcher.watch(folders.into_iter().map(Watched::from).collect());
        }
        Ok(())
    }
}

/// Images at once; 0 where the settings do not say.
fn threads(settings: &Settings) -> usize {
    settings.threads.map_or(0, |threads| threads as usize)
}

/// Images at once, when the settings do not say.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn whittle_store_in_place() -> Result<Store, String> {
    whittle_jobs::data_dir()
        .and_then(Store::open)
        .map_err(|error| error.to_string())
}
