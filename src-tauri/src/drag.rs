//! Files that are dragged over the window and dropped on it.
//!
//! The system hands real paths to the shell; a web page would only see contents.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tauri::{DragDropEvent, Emitter, Manager, Window, WindowEvent};
use whittle_jobs::survey;

use crate::drag_out;
use crate::shell::Shell;

/// More files than this are not counted before they are dropped.
const COUNTED: usize = 2_000;

/// Which drag is over the window now, so that a count that comes too late is not shown.
static DRAG: AtomicU64 = AtomicU64::new(0);

/// What the window shows while something is dragged.
#[derive(Clone, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Drag {
    Over {
        images: u32,
        skipped: u32,
        bytes: u64,
        more: bool,
    },
    Left,
    Dropped,
}

/// Queues what is dropped, and tells the window what is going on.
pub fn on_window_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else {
        return;
    };
    if drag_out::is_under_way() {
        return;
    }
    match event {
        DragDropEvent::Enter { paths, .. } => {
            let drag = DRAG.fetch_add(1, Ordering::SeqCst) + 1;
            let (window, paths) = (window.clone(), paths.clone());
            // Folders may be large or on a slow disk.
            std::thread::spawn(move || {
                let plan = window.state::<Shell>().plan();
                let found = survey(&paths, &plan, COUNTED);
                if DRAG.load(Ordering::SeqCst) == drag {
                    tell(
                        &window,
                        Drag::Over {
                            images: found.images,
                            skipped: found.skipped,
                            bytes: found.bytes,
                            more: found.more,
                        },
                    );
                }
            });
        }
        DragDropEvent::Drop { paths, .. } => {
            DRAG.fetch_add(1, Ordering::SeqCst);
            tell(window, Drag::Dropped);
            window.state::<Shell>().add(paths.clone());
        }
        DragDropEvent::Leave => {
            DRAG.fetch_add(1, Ordering::SeqCst);
            tell(window, Drag::Left);
        }
        _ => {}
    }
}

fn tell(window: &Window, drag: Drag) {
    if let Err(error) = window.emit("whittle:drag", drag) {
        tracing::warn!("the drag is not shown: {error}");
    }
}
