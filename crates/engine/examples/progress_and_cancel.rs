//! Watches the work from another thread and stops it when it takes too long:
//! `cargo run -p whittle-engine --example progress_and_cancel [FILE]`

mod picture;

use std::error::Error;
use std::time::{Duration, Instant};

use whittle_engine::{Cancel, Effort, Limits, Recipe};

/// Longer than this nobody wants to wait.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Box<dyn Error>> {
    let original = picture::named_or_drawn()?;
    let recipe = Recipe {
        effort: Effort::Max,
        // What an image from a stranger may cost.
        limits: Limits {
            pixels: 50_000_000,
            frames: 1_000,
            time: Duration::from_secs(60),
            ..Limits::default()
        },
        ..Recipe::default()
    };
    let info = whittle_engine::inspect(&original, &recipe.limits)?;
    println!("{} of {} × {}", info.format, info.width, info.height);

    // Clones share their state: one works, the other watches.
    let cancel = Cancel::new();
    let result = std::thread::scope(|scope| {
        let (token, original, recipe) = (cancel.clone(), &original, &recipe);
        let work = scope.spawn(move || whittle_engine::optimize(original, recipe, &token));
        let begin = Instant::now();
        let mut shown = -1.0;
        while !work.is_finished() {
            if cancel.done() > shown {
                shown = cancel.done();
                println!("{:3.0} %", shown * 100.0);
            }
            if begin.elapsed() > PATIENCE {
                cancel.cancel();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        work.join()
            .expect("the engine contains panics of its codecs")
    });
    match result {
        Ok(encoded) => println!(
            "{} → {} bytes",
            original.len(),
            encoded.bytes.map_or(original.len(), |bytes| bytes.len())
        ),
        Err(error) => println!("{}: {error}", error.code().name()),
    }
    Ok(())
}
