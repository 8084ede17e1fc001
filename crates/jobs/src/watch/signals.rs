//! What the system tells of a folder, boiled down to names of files to look at.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

/// Names that are kept; with more, looking through the folder is cheaper.
const NAMES: usize = 20_000;

/// Wakes the watcher.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    /// Waits until it is rung, at most this long.
    pub fn wait(&self, at_most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .changed
            .wait_timeout_while(rung, at_most, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        *rung = false;
    }
}

/// What was heard of a folder since it was last asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub files: HashSet<PathBuf>,
    /// Events were lost, or there are too many of them: the folder must be looked through.
    pub all: bool,
}

impl Heard {
    pub fn event(&mut self, event: notify::Result<notify::Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.all = true,
            // Our own reading, too.
            Ok(event) if is_reading(event.kind) => {}
            Ok(event) => self.files.extend(event.paths),
            Err(error) => {
                tracing::warn!("events of a watched folder were lost: {error}");
                self.all = true;
            }
        }
        if self.files.len() > NAMES {
            self.all = true;
        }
        if self.all {
            self.files.clear();
        }
    }
}

fn is_reading(kind: EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

/// Where events arrive until the folder asks.
#[derive(Clone)]
pub(crate) struct Ear {
    heard: Arc<Mutex<Heard>>,
    bell: Arc<Bell>,
}

impl Ear {
    pub fn new(bell: Arc<Bell>) -> Ear {
        Ear {
            heard: Arc::default(),
            bell,
        }
    }

    pub fn event(&self, event: notify::Result<notify::Event>) {
        let something = {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.event(event);
            heard.all || !heard.files.is_empty()
        };
        if something {
            self.bell.ring();
        }
    }

    pub fn take(&self) -> Heard {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Begins to listen to a folder; events come until what is returned is dropped.
pub(crate) type Attach = fn(&Path, bool, Ear) -> notify::Result<Box<dyn Watcher + Send>>;

/// Listens with what the system has.
pub(crate) fn attach(
    folder: &Path,
    recursive: bool,
    ear: Ear,
) -> notify::Result<Box<dyn Watcher + Send>> {
    if is_remote(folder) {
        return Err(notify::Error::generic(
            "it lies on another computer, whose changes this one is not told of",
        ));
    }
    let mut watcher = notify::recommended_watcher(move |event| ear.event(event))?;
    watcher.watch(
        folder,
        match recursive {
            true => RecursiveMode::Recursive,
            false => RecursiveMode::NonRecursive,
        },
    )?;
    Ok(Box::new(watcher))
}

/// A system that watches no more folders.
#[cfg(test)]
pub(crate) fn no_events(_: &Path, _: bool, _: Ear) -> notify::Result<Box<dyn Watcher + Send>> {
    Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch))
}

/// Whether a folder lies on a file system whose changes may come from elsewhere, unheard.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    /// Magic numbers of statfs(2) and linux/magic.h: NFS, SMB, CIFS, SMB2, AFS, Coda, Ceph, 9p,
    /// FUSE (sshfs, rclone, gvfs), shared folders of VirtualBox, NCP.
    const REMOTE: [u32; 11] = [
        0x6969,
        0x517B,
        0xFF53_4D42,
        0xFE53_4D42,
        0x5346_414F,
        0x7375_7245,
        0x00C3_6400,
        0x0102_1997,
        0x6573_5546,
        0x786F_4256,
        0x564C,
    ];
    rustix::fs::statfs(folder).is_ok_and(|found| REMOTE.contains(&(found.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_: &Path) -> bool {
    false
}

/// Why a folder is polled, for people, with the remedy where there is one.
pub(crate) fn explanation(error: &notify::Error) -> String {
    use notify::ErrorKind;
    let too_many = match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        // Instances of inotify, or open files.
        ErrorKind::Io(error) => error.raw_os_error() == Some(24),
        _ => false,
    };
    if too_many {
        "The system does not watch more folders, so this one is looked through every few seconds. \
         A higher limit helps: sudo sysctl fs.inotify.max_user_watches=1048576 \
         fs.inotify.max_user_instances=1024"
            .into()
    } else {
        let reason = match &error.kind {
            ErrorKind::Generic(reason) => reason.clone(),
            _ => error.to_string(),
        };
        format!("The folder is looked through every few seconds: {reason}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::Event;
    use notify::event::{AccessKind, AccessMode, CreateKind, Flag};

    #[test]
    fn lost_events_mean_a_look_at_everything() {
        let mut heard = Heard::default();
        let created = |name: usize| {
            Ok(Event::new(EventKind::Create(CreateKind::File))
                .add_path(PathBuf::from(format!("/p/{name}"))))
        };
        heard.event(created(1));
        heard.event(created(1));
        let opened = EventKind::Access(AccessKind::Open(AccessMode::Read));
        heard.event(Ok(Event::new(opened).add_path("/p/2".into())));
        assert_eq!((heard.files.len(), heard.all), (1, false));
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        heard.event(Ok(overflow));
        assert_eq!((heard.files.len(), heard.all), (0, true));

        let mut heard = Heard::default();
        (0..=NAMES).for_each(|name| heard.event(created(name)));
        assert_eq!((heard.files.len(), heard.all), (0, true));
    }

    #[test]
    fn the_remedy_for_the_limit_is_named() {
        let limit = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
        assert!(explanation(&limit).contains("fs.inotify.max_user_watches"));
        let other = notify::Error::generic("it is odd");
        assert!(explanation(&other).ends_with("it is odd."));
    }
}
