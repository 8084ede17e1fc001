//! The desktop shell: adapters between the window and `whittle-jobs`.
//!
//! **Invariant:** nothing is decided here. A command takes its arguments apart, calls, and turns
//! the error into a sentence; what happens to images is in `whittle-jobs`.

mod account;
mod adding;
mod arrivals;
mod clipboard;
mod commands;
mod compare;
mod copying;
mod dialogs;
mod drag;
mod drag_out;
mod events;
mod exporting;
mod fetching;
#[cfg(target_os = "linux")]
mod graphics;
mod messages;
mod settings;
mod shell;
mod styles;
mod system;
mod threads;
mod thumbnails;
mod tray;
mod watching;
mod window;

use anyhow::Context;
use tauri::Manager;
use tauri_plugin_autostart::MacosLauncher;
use tracing_subscriber::EnvFilter;

use shell::Shell;
use tray::Tray;

/// Opens the window and runs until it is closed.
///
/// # Errors
/// When the system gives no window.
pub fn run() -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    graphics::prepare();
    log_to_stderr();
    #[cfg(unix)]
    arrivals::name_in_text();
    let here = std::env::current_dir().unwrap_or_default();
    let paths = arrivals::paths(std::env::args_os().skip(1), &here);
    let background = std::env::args_os().any(|arg| arg == system::BACKGROUND);
    let app = tauri::Builder::default()
        .manage(arrivals::Early::default())
        // The first of all plugins: a second start must end before it touches anything.
        .plugin(tauri_plugin_single_instance::init(arrivals::second_start))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_autostart::init(
            MacosLauncher::LaunchAgent,
            Some(vec![system::BACKGROUND]),
        ))
        .plugin(window::remembered())
        .register_asynchronous_uri_scheme_protocol("thumb", thumbnails::serve)
        .register_asynchronous_uri_scheme_protocol("compare", compare::serve)
        .invoke_handler(tauri::generate_handler![
            account::account_status,
            account::account_connect,
            account::account_disconnect,
            account::account_sync,
            account::account_defaults,
            account::account_pause,
            account::account_cancel,
            account::account_dashboard,
            commands::app_state,
            settings::change_settings,
            styles::place_styles,
            adding::choose_images,
            adding::choose_folder,
            adding::choose_output_folder,
            adding::paste,
            adding::samples,
            adding::run_history,
            fetching::fetch_image,
            fetching::stop_fetching,
            commands::set_paused,
            commands::hold,
            commands::cancel,
            commands::retry,
            commands::forget,
            commands::reveal,
            commands::open,
            commands::revert,
            commands::history,
            commands::dashboard,
            commands::backups,
            commands::reveal_backups,
            commands::resume,
            watching::watched_folders,
            watching::add_watched_folder,
            watching::change_watched_folder,
            watching::remove_watched_folder,
            watching::watch_activity,
            exporting::export_history,
            exporting::export_dashboard,
            exporting::export_preset,
            exporting::import_preset,
            drag_out::drag_out,
            system::notify,
            system::start_at_login,
            system::set_start_at_login,
            copying::copy_files,
            copying::copy_data_url,
            copying::copy_text,
            compare::compare_open,
            compare::compare_sample,
            compare::compare_attempt,
            compare::compare_stop,
            compare::compare_close,
            compare::compare_use,
        ])
        .on_window_event(window::on_event)
        .setup(move |app| {
            // The web view's process starts while the history is opened. Nothing of the page is heard
            // before this has returned.
            let window = window::open(app.handle(), background)?;
            let shell = Shell::open(app.handle());
            app.manage(Tray::open(app.handle(), shell.words()));
            app.manage(shell);
            window::paint(&window)?;
            account::watch(app.handle());
            arrivals::queue_first(app.handle(), paths);
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("the window could not be opened")?;
    app.run(|_app, _event| {
        // Untested: macOS hands over what is opened with a program as an event, not as arguments.
        #[cfg(target_os = "macos")]
        if let tauri::RunEvent::Opened { urls } = &_event {
            arrivals::queue(
                _app,
                urls.iter()
                    .filter_map(|url| url.to_file_path().ok())
                    .collect(),
            );
            window::bring_forward(_app);
        }
    });
    Ok(())
}

fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("WHITTLE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
