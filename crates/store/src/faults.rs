//! Failures on purpose, for the tests that kill a real Whittle at every step of a commit.
//!
//! Builds with debug assertions read `WHITTLE_FAULT`, several of these with commas between them; in release
//! builds [`step`] is nothing at all.
//!
//! | value | effect |
//! | --- | --- |
//! | `list` | each step's name on stderr |
//! | `kill:N` | the process ends at the N-th step, without any clean-up |
//! | `fail:N` | the N-th step fails with an input/output error |
//! | `full:N` | from the N-th step on the disk is full |
//! | `hold:N` | the N-th step says so on stderr, and waits for the end of stdin |

use std::io;

/// Stands before each call that writes, syncs, renames or records, and is counted.
///
/// # Errors
/// When a test wants this step to fail.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn step(_name: &'static str) -> io::Result<()> {
    Ok(())
}

/// Stands before each call that writes, syncs, renames or records, and is counted.
///
/// # Errors
/// When a test wants this step to fail.
#[cfg(debug_assertions)]
pub fn step(name: &'static str) -> io::Result<()> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Vec<Fault>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let wanted = WANTED.get_or_init(|| {
        let wanted = std::env::var("WHITTLE_FAULT").unwrap_or_default();
        wanted.split(',').filter_map(parse).collect()
    });
    if wanted.is_empty() {
        return Ok(());
    }
    let number = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    for fault in wanted {
        match *fault {
            Fault::List => eprintln!("step {number}: {name}"),
            Fault::Kill(at) if at == number => std::process::abort(),
            Fault::Fail(at) if at == number => {
                return Err(io::Error::other("a failure for a test"));
            }
            Fault::Full(at) if at <= number => return Err(io::ErrorKind::StorageFull.into()),
            Fault::Hold(at) if at == number => {
                eprintln!("held at {name}");
                io::copy(&mut io::stdin(), &mut io::sink())?;
            }
            Fault::Kill(_) | Fault::Fail(_) | Fault::Full(_) | Fault::Hold(_) => {}
        }
    }
    Ok(())
}

#[cfg(debug_assertions)]
enum Fault {
    List,
    Kill(u64),
    Fail(u64),
    Full(u64),
    Hold(u64),
}

#[cfg(debug_assertions)]
fn parse(text: &str) -> Option<Fault> {
    if text == "list" {
        return Some(Fault::List);
    }
    let (kind, at) = text.split_once(':')?;
    let at = at.parse().ok()?;
    match kind {
        "kill" => Some(Fault::Kill(at)),
        "fail" => Some(Fault::Fail(at)),
        "full" => Some(Fault::Full(at)),
        "hold" => Some(Fault::Hold(at)),
        _ => None,
    }
}
