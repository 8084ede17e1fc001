//! Results dragged out of the window, to another program.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{State, WebviewWindow};
use whittle_core::JobId;

use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// Whether results are on their way out.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// Whether what hovers over the window comes from the window itself: a result is no new original.
pub fn is_under_way() -> bool {
    UNDER_WAY.load(Ordering::SeqCst)
}

/// Begins to drag the files of these rows, or a derivative of them, while the pointer's button is held.
#[tauri::command(async)]
pub fn drag_out(
    jobs: Vec<JobId>,
    child: Option<usize>,
    window: WebviewWindow,
    shell: State<'_, Shell>,
) -> Answer<()> {
    let files = shell.result_files(jobs, child)?;
    let begun = window.clone().run_on_main_thread(move || {
        if let Err(error) = begin(&window, files) {
            tracing::warn!("nothing is dragged: {error}");
        }
    });
    begun.map_err(|error| error.to_string())
}

#[cfg(target_os = "linux")]
fn begin(window: &WebviewWindow, files: Vec<PathBuf>) -> tauri::Result<()> {
    use std::cell::RefCell;
    use std::rc::Rc;

    use gtk::gdk::DragAction;
    use gtk::glib::{ObjectExt, SignalHandlerId};
    use gtk::prelude::WidgetExt;
    use gtk::{TargetEntry, TargetFlags, TargetList};

    /// The pointer's first button.
    const FIRST: i32 = 1;

    let window = window.gtk_window()?;
    // Begun after the button was let go, it would stick to the pointer.
    if !is_pressed(&window) {
        return Ok(());
    }
    let uris: Vec<String> = files
        .iter()
        .filter_map(|path| gtk::glib::filename_to_uri(path, None).ok())
        .map(Into::into)
        .collect();
    let list = TargetEntry::new("text/uri-list", TargetFlags::empty(), 0);
    let list = TargetList::new(&[list]);
    let data = window.connect_drag_data_get(move |_, _, selection, _, _| {
        let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
        selection.set_uris(&uris);
    });
    let handlers: Rc<RefCell<Vec<SignalHandlerId>>> = Rc::new(RefCell::new(vec![data]));
    let ended = Rc::clone(&handlers);
    let end = window.connect_drag_end(move |window, _| {
        UNDER_WAY.store(false, Ordering::SeqCst);
        for handler in ended.borrow_mut().drain(..) {
            window.disconnect(handler);
        }
    });
    handlers.borrow_mut().push(end);
    UNDER_WAY.store(true, Ordering::SeqCst);
    let begun = window.drag_begin_with_coordinates(&list, DragAction::COPY, FIRST, None, -1, -1);
    if begun.is_none() {
        UNDER_WAY.store(false, Ordering::SeqCst);
        for handler in handlers.borrow_mut().drain(..) {
            window.disconnect(handler);
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn is_pressed(window: &gtk::ApplicationWindow) -> bool {
    use gtk::gdk::ModifierType;
    use gtk::gdk::prelude::SeatExt;
    use gtk::prelude::WidgetExt;

    let pointer = window
        .display()
        .default_seat()
        .and_then(|seat| seat.pointer());
    let (Some(pointer), Some(window)) = (pointer, window.window()) else {
        return false;
    };
    let (_, _, _, state) = window.device_position(&pointer);
    state.contains(ModifierType::BUTTON1_MASK)
}

#[cfg(not(target_os = "linux"))]
fn begin(window: &WebviewWindow, files: Vec<PathBuf>) -> Result<(), drag::Error> {
    let picture = include_bytes!("../../icons/32x32.png").to_vec();
    UNDER_WAY.store(true, Ordering::SeqCst);
    let begun = drag::start_drag(
        window,
        drag::DragItem::Files(files),
        drag::Image::Raw(picture),
        |_, _| UNDER_WAY.store(false, Ordering::SeqCst),
        drag::Options::default(),
    );
    if begun.is_err() {
        // Nobody calls back.
        UNDER_WAY.store(false, Ordering::SeqCst);
    }
    begun
}
