//! An image beside its result: the commands. Only the one comparison that is open is served.

mod pictures;

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tauri::State;
use whittle_core::{DerivativeReport, JobId, Level, Mode, Origin, Recipe, Strategy};
use whittle_jobs::{
    Attempt, Changed, Comparison, NoComparison, Plan, Sampled, View, changed_since, original_bytes,
    result_bytes,
};

pub use self::pictures::{Compared, serve};
use crate::shell::Shell;
use crate::threads::{on_a_thread, stand_back};

type Answer<T> = Result<T, String>;

const CLOSED: &str = "This comparison was closed.";
const CRASHED: &str = "Whittle crashed on this image. The original was not touched.";

/// What the page shows of a comparison that was opened.
#[derive(Serialize)]
pub struct CompareState {
    session: u64,
    width: u32,
    height: u32,
    /// Hundredths of a second for each frame; one for a still picture.
    delays: Vec<u16>,
    /// Whether it is shown as an SVG, sharp at any zoom.
    drawing: bool,
    /// None beside a derivative: what it was made of is no file.
    input_bytes: Option<u64>,
    output_bytes: u64,
    /// What is not the file any more that was measured.
    changed: Changed,
}

/// A part of the picture, in its pixels.
#[derive(Deserialize)]
pub struct Part {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// Opens a row of the queue, one of its derivatives by its place among them, or a line of the history,
/// and closes what was open.
#[tauri::command]
pub async fn compare_open(
    job: Option<JobId>,
    child: Option<usize>,
    history: Option<i64>,
    shell: State<'_, Shell>,
) -> Answer<CompareState> {
    let files = files(&shell, job, child, history)?;
    let subject = files.subject.clone();
    let store = shell.store().ok().cloned();
    let opened = on_a_thread("compare", move || {
        let original = original_bytes(store.as_deref(), &files.original, files.history)?;
        let result = match &files.result {
            Some(path) => result_bytes(path)?,
            None => original.clone(),
        };
        let output_bytes = result.len() as u64;
        let changed = match (&store, files.history) {
            (Some(store), Some(history)) => {
                let style = files.derivative.as_ref().map(|(style, _)| style.as_str());
                let written = files.result.is_some().then_some(&*result);
                changed_since(store, history, style, &original, written)?
            }
            _ => Changed::default(),
        };
        let comparison = match files.derivative {
            Some((_, strategy)) => Comparison::open_derivative(original, strategy, &result)?,
            None => Comparison::open(original, &result)?,
        };
        Ok((comparison, output_bytes, changed))
    });
    let opened: Result<_, NoComparison> = opened.await.ok_or(CRASHED)?;
    let (comparison, output_bytes, changed) = opened.map_err(|error| error.to_string())?;
    let original = comparison.original();
    let mut state = CompareState {
        session: 0,
        width: original.width(),
        height: original.height(),
        delays: original.delays().to_vec(),
        drawing: original.drawing().is_some(),
        input_bytes: comparison.input_bytes(),
        output_bytes,
        changed,
    };
    state.session = shell.compared.open(comparison, subject);
    Ok(state)
}

/// Optimizes the original with another mode or level, without writing anything. `None` where a newer
/// attempt took its place.
#[tauri::command]
pub async fn compare_attempt(
    session: u64,
    mode: Mode,
    level: Level,
    shell: State<'_, Shell>,
) -> Answer<Option<Attempt>> {
    let recipe = recipe(&shell, session, mode, level)?;
    tried(&shell, session, move |comparison| {
        // It takes seconds, in which the window and the next first look must not wait for it.
        stand_back();
        comparison.attempt(&recipe).map(Some)
    })
    .await
}

/// A first look at the same: a part of a large picture. `None` where there is none.
#[tauri::command]
pub async fn compare_sample(
    session: u64,
    mode: Mode,
    level: Level,
    part: Part,
    shell: State<'_, Shell>,
) -> Answer<Option<Sampled>> {
    let recipe = recipe(&shell, session, mode, level)?;
    let part = View {
        left: part.left,
        top: part.top,
        ..View::whole(part.width, part.height)
    };
    tried(&shell, session, move |comparison| {
        comparison.sample(&recipe, &part)
    })
    .await
}

/// What came of trying something in the comparison that is open; nobody needs to hear of what another
/// try took the place of.
async fn tried<T: Send + 'static>(
    shell: &Shell,
    session: u64,
    make: impl FnOnce(&Comparison) -> Result<Option<T>, NoComparison> + Send + 'static,
) -> Answer<Option<T>> {
    let (comparison, _) = shell.compared.get(session).ok_or(CLOSED)?;
    let made = on_a_thread("compare", move || make(&comparison)).await;
    match made.ok_or(CRASHED)? {
        Err(error) if error.superseded => Ok(None),
        made => made.map_err(|error| error.to_string()),
    }
}

/// Ends what is tried now: something else is about to be.
#[tauri::command(async)]
pub fn compare_stop(session: u64, shell: State<'_, Shell>) {
    if let Some((comparison, _)) = shell.compared.get(session) {
        comparison.cancel();
    }
}

#[tauri::command(async)]
pub fn compare_close(session: u64, shell: State<'_, Shell>) {
    shell.compared.close(session);
}

/// Works on these once more, from their originals, with a mode and a level of their own.
#[tauri::command(async)]
pub fn compare_use(jobs: Vec<JobId>, mode: Mode, level: Level, shell: State<'_, Shell>) {
    let again = shell.again(Some((mode, level)));
    shell.queue.retry(&jobs, &again);
}

/// What is tried is what the image would be worked on with, were this quality used: an image of a watched folder
/// follows its rules.
fn recipe(shell: &Shell, session: u64, mode: Mode, level: Level) -> Answer<Recipe> {
    let (_, subject) = shell.compared.get(session).ok_or(CLOSED)?;
    let again = shell.again(Some((mode, level)));
    let before = subject.before.as_deref();
    Ok(again.plan_for(subject.origin, &subject.path, before).recipe)
}

/// The image that is compared.
#[derive(Clone)]
pub struct Subject {
    path: PathBuf,
    origin: Origin,
    /// What it was worked on with, where that is known.
    before: Option<Arc<Plan>>,
}

/// Where the files of a row are.
struct Files {
    original: PathBuf,
    /// Nothing when the original is its own result.
    result: Option<PathBuf>,
    history: Option<i64>,
    /// The style of a derivative, and how it was resized.
    derivative: Option<(String, Strategy)>,
    subject: Subject,
}

fn files(
    shell: &Shell,
    job: Option<JobId>,
    child: Option<usize>,
    history: Option<i64>,
) -> Answer<Files> {
    let gone = "This image is no longer in the list.";
    match (job, history) {
        (Some(job), _) => {
            let report = shell.queue.report(job).ok_or(gone)?;
            let derivative = match child {
                Some(child) => Some(report.derivatives.get(child).ok_or(gone)?),
                None => None,
            };
            let info = shell.queue.job(job).ok_or(gone)?;
            let (result, derivative) = match derivative {
                Some(DerivativeReport {
                    style,
                    strategy,
                    output,
                    ..
                }) => (output.clone(), Some((style.clone(), *strategy))),
                None => (report.output, None),
            };
            if derivative.is_some() && result.is_none() {
                return Err("This derivative was not written.".into());
            }
            Ok(Files {
                original: report.path,
                result,
                history: shell.queue.history(job),
                derivative,
                subject: Subject {
                    path: info.path,
                    origin: info.origin,
                    before: shell.queue.plan(job),
                },
            })
        }
        (None, Some(id)) => {
            let entry = shell
                .store()?
                .entry(id)
                .map_err(|error| error.to_string())?;
            let entry = entry.ok_or(gone)?;
            Ok(Files {
                subject: Subject {
                    path: entry.path.clone(),
                    origin: entry.origin,
                    before: None,
                },
                original: entry.path,
                result: entry.output.filter(|_| !entry.reverted),
                history,
                derivative: None,
            })
        }
        (None, None) => Err(gone.into()),
    }
}
