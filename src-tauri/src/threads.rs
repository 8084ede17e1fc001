//! Work that takes long, away from the threads that answer the page.

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
