//! Work that takes long, away from the threads that answer the page.

/// How far what takes long stands back behind the window, as `nice` counts.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// Lets what this thread does from now on stand back behind the window, and so what threads do that it
/// starts: with ten thousand images to work on, scrolling must not wait for the processor.
pub fn stand_back() {
    #[cfg(target_os = "linux")]
    // For Linux a process is a thread here. Only lowering is asked for, which everybody may.
    if let Err(error) = rustix::process::setpriority_process(None, BEHIND) {
        tracing::warn!("the work has the window's priority: {error}");
    }
}

/// Does this on a thread that stands back, and waits for it.
pub fn behind_the_window<T: Send>(start: impl FnOnce() -> T + Send) -> T {
    let started = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            stand_back();
            start()
        });
        thread.join()
    });
    started.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Runs this on a thread of its own, with a stack for what recurses deeply. `None` when it crashed, or the
/// system has no room for a thread.
pub async fn on_a_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (send, mut receive) = tauri::async_runtime::channel(1);
    std::thread::Builder::new()
        .name(name.into())
        .stack_size(whittle_jobs::STACK)
        .spawn(move || {
            // Nobody waits any more when the window was closed meanwhile.
            let _ = send.blocking_send(work());
        })
        .inspect_err(|error| tracing::error!("no thread for {name}: {error}"))
        .ok()?;
    receive.recv().await
}
