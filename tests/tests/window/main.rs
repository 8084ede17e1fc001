//! The real window, end to end: real files dragged with a real pointer onto the real binary.
//!
//! Every test has a screen, a message bus and a home of its own, so they run in any order and beside
//! each other. Where the machine lacks what driving a window takes, they are reported as ignored,
//! each with the reason; `WHITTLE_WINDOW_TESTS=required` makes that a failure.

mod accessible;
mod account;
mod arrivals;
mod background;
mod batch;
mod chosen;
mod compare;
mod copying;
mod drop;
mod gone;
mod keyboard;
mod language;
mod past;
mod remembered;
mod reveal;
mod revert;
mod rows;
mod security;
mod shots;
mod stage;
mod styles;
mod system;
mod watched;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use libtest_mimic::{Arguments, Failed, Trial};
use whittle_tests::window::{Desk, missing};

/// One test. Boxed, because every one is a type of its own.
type Scenario = fn(&Desk) -> std::pin::Pin<Box<dyn Future<Output = Result<()>> + '_>>;

macro_rules! scenarios {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$((stringify!($name), |desk| Box::pin($module::$name(desk)))),*]
    };
}

const SCENARIOS: &[(&str, Scenario)] = scenarios![
    accessible::axe_finds_nothing_where_nothing_was_done,
    accessible::axe_finds_nothing_in_what_was_done,
    accessible::who_wants_no_motion_sees_none,
    account::images_go_to_the_account_and_back,
    account::faults_on_the_way_lose_nothing_and_double_nothing,
    drop::a_dropped_folder_becomes_smaller,
    drop::a_drag_that_leaves_changes_nothing,
    arrivals::copied_files_are_pasted,
    arrivals::nothing_to_paste_is_said,
    arrivals::a_folder_that_is_opened_and_holds_no_image_is_told,
    arrivals::arguments_are_queued_and_a_second_start_hands_its_own_over,
    arrivals::a_name_that_is_no_text_is_handed_over_as_it_is,
    arrivals::without_a_history_images_are_still_optimized,
    arrivals::a_copied_picture_becomes_a_file,
    arrivals::an_image_is_fetched_and_what_cannot_be_is_told,
    compare::a_derivative_lies_beside_its_original,
    compare::another_level_is_tried_and_used,
    compare::only_the_last_level_counts_and_all_take_it,
    compare::every_format_is_compared_by_keyboard,
    copying::a_result_is_copied_from_the_menu_and_pasted,
    remembered::history_and_dashboard_survive_a_restart,
    remembered::the_history_is_narrowed_down_to_days,
    remembered::what_the_command_line_changed_stays,
    remembered::a_preset_is_saved_exported_and_imported,
    remembered::settings_survive_a_restart,
    language::another_language_is_spoken_at_once_and_after_a_restart,
    language::the_system_s_language_is_spoken,
    keyboard::a_round_by_keyboard_alone,
    keyboard::an_account_is_connected_used_and_left,
    keyboard::images_arrive_in_every_way,
    keyboard::styles_are_written_changed_and_removed,
    keyboard::output_and_presets_are_chosen,
    keyboard::everything_of_compare_is_done_by_keyboard,
    keyboard::rows_are_paused_cancelled_and_tried_again,
    keyboard::what_failed_is_repaired_and_tried_again,
    keyboard::every_item_of_the_menu_does_its_work,
    keyboard::rows_are_selected_sorted_and_removed,
    keyboard::a_folder_is_watched_by_keyboard,
    keyboard::the_history_is_searched_and_used,
    keyboard::the_dashboard_is_read_and_exported,
    keyboard::each_setting_is_changed_and_holds,
    keyboard::it_is_started_at_login_by_keyboard,
    remembered::everything_is_reached_by_keyboard,
    reveal::enter_shows_the_result_in_the_file_manager,
    reveal::a_derivative_is_shown_by_itself,
    rows::the_focus_stays_with_its_row_and_in_the_window,
    rows::columns_are_chosen_by_keyboard_and_stay_so,
    revert::a_replaced_original_comes_back_after_a_restart,
    revert::a_change_is_asked_about_and_kept,
    security::the_page_runs_no_other_script_and_asks_no_other_server,
    security::only_known_images_are_served_and_commands_check_what_they_are_given,
    security::a_drawing_that_means_harm_is_shown_and_does_none,
    stage::both_sides_show_the_same_place_in_every_view,
    stage::animations_run_in_step_and_nothing_hides_what_is_transparent,
    stage::a_photo_of_fifty_megapixels_is_compared,
    styles::a_style_is_written_with_its_preview_and_used,
    system::the_tray_tells_pauses_and_quits,
    system::a_quiet_program_notifies_nobody,
    system::a_result_is_dragged_to_another_program,
    system::samples_are_one_click_away,
    system::it_is_started_at_login_when_that_is_wanted,
    background::in_the_background_there_is_only_a_tray_until_it_is_asked_for,
    background::size_and_place_are_remembered,
    batch::images_are_paused_cancelled_and_tried_again,
    batch::what_failed_is_mended_and_tried_again,
    batch::other_settings_are_used_on_the_original,
    batch::rows_are_sorted_and_selected_by_pointer,
    chosen::metadata_and_limits_hold_for_the_next_image,
    chosen::folders_are_filtered_and_results_go_where_they_are_sent,
    chosen::backups_are_counted_and_go_when_they_are_old,
    chosen::a_setting_that_cannot_be_saved_is_told_and_holds_as_shown,
    gone::an_original_that_went_is_told_and_taken_when_it_is_back,
    gone::what_is_read_only_stays_and_what_cannot_be_put_back_is_told,
    past::the_history_is_narrowed_down_and_exported,
    watched::a_folder_is_watched_paused_and_missed,
    watched::images_that_waited_are_offered_again,
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A window with its web view takes half a gigabyte.
    arguments.test_threads.get_or_insert(2);
    let missing = missing();
    let required =
        std::env::var_os("WHITTLE_WINDOW_TESTS").is_some_and(|value| value == "required");
    if let Some(reason) = &missing {
        eprintln!("the tests on the real window do not run here: {reason}");
    }
    let trials = SCENARIOS
        .iter()
        .map(|&(name, scenario)| {
            let reason = missing.clone();
            let trial = Trial::test(name, move || match reason {
                Some(reason) => Err(reason.into()),
                None => play(name, scenario),
            });
            match &missing {
                Some(_) if !required => trial.with_ignored_flag(true).with_kind("no screen here"),
                _ => trial,
            }
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn play(name: &str, scenario: Scenario) -> Result<(), Failed> {
    let desk = Desk::new()?;
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(scenario(&desk));
    outcome.map_err(|error| {
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .with_file_name("window-tests")
            .join(format!("{name}.png"));
        let drawn = desk
            .picture(&picture)
            .context("and the screen could not be drawn");
        match drawn {
            Ok(()) => format!("{error:#}\n\nthe screen: {}", picture.display()).into(),
            Err(other) => format!("{error:#}\n\n{other:#}").into(),
        }
    })
}
