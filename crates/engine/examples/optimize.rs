//! Makes one image smaller: `cargo run -p whittle-engine --example optimize [FILE [RESULT]]`

mod picture;

use std::error::Error;

use whittle_engine::{Cancel, Mode, Recipe};

fn main() -> Result<(), Box<dyn Error>> {
    let original = picture::named_or_drawn()?;
    for mode in [Mode::Lossless, Mode::Balanced] {
        let recipe = Recipe {
            mode,
            ..Recipe::default()
        };
        let encoded = whittle_engine::optimize(&original, &recipe, &Cancel::new())?;
        match &encoded.bytes {
            Some(smaller) => println!(
                "{}: {} → {} bytes, score {:.1}",
                mode.name(),
                original.len(),
                smaller.len(),
                encoded.score.0
            ),
            None => println!("{}: nothing smaller looks the same", mode.name()),
        }
        for what in &encoded.removed {
            println!("  removed: {what}");
        }
        for what in &encoded.notes {
            println!("  note: {what}");
        }
        // The engine never writes a file: that is for whoever calls it.
        if let (Mode::Balanced, Some(path)) = (mode, std::env::args_os().nth(2)) {
            std::fs::write(path, encoded.bytes.as_deref().unwrap_or(&original))?;
        }
    }
    Ok(())
}
