//! The keyboard alone: what somebody does who has no mouse, one scenario for each part of the window.

use anyhow::Result;
use whittle_tests::window::App;

mod account;
mod choices;
mod compare;
mod queue;
mod round;
mod sections;
mod settings;

pub use account::an_account_is_connected_used_and_left;
pub use choices::{
    images_arrive_in_every_way, output_and_presets_are_chosen,
    styles_are_written_changed_and_removed,
};
pub use compare::everything_of_compare_is_done_by_keyboard;
pub use queue::{
    every_item_of_the_menu_does_its_work, rows_are_paused_cancelled_and_tried_again,
    rows_are_selected_sorted_and_removed, what_failed_is_repaired_and_tried_again,
};
pub use round::a_round_by_keyboard_alone;
pub use sections::{
    a_folder_is_watched_by_keyboard, the_dashboard_is_read_and_exported,
    the_history_is_searched_and_used,
};
pub use settings::{each_setting_is_changed_and_holds, it_is_started_at_login_by_keyboard};

/// Waits until the row has ended once more, and says something else than before.
async fn made_anew(app: &App<'_>, name: &str, before: &str) -> Result<()> {
    app.until(&format!("{name}, made anew"), async || {
        let now = app.row(name).await?;
        Ok(now != before && now.contains('%'))
    })
    .await
}
