//! Derivatives of one original: `cargo run -p whittle-engine --example resize [FILE [FOLDER]]`

mod picture;

use std::error::Error;
use std::path::PathBuf;

use whittle_engine::{Cancel, Recipe, ResizeStyle};

fn main() -> Result<(), Box<dyn Error>> {
    let original = picture::named_or_drawn()?;
    let styles: Vec<ResizeStyle> = ["thumb:crop:96x96", "web:fit:240x240", "wide:landscape:200x"]
        .iter()
        .map(|style| style.parse())
        .collect::<Result<_, _>>()?;
    let recipe = Recipe {
        styles,
        ..Recipe::default()
    };
    let encoded = whittle_engine::optimize(&original, &recipe, &Cancel::new())?;
    println!(
        "{} of {} × {}",
        encoded.format, encoded.width, encoded.height
    );
    let folder = std::env::args_os().nth(2).map(PathBuf::from);
    for derivative in &encoded.derivatives {
        println!(
            "{}: {} × {}, {} bytes, score {:.1}",
            derivative.style,
            derivative.width,
            derivative.height,
            derivative.bytes.len(),
            derivative.score.0
        );
        if let Some(folder) = &folder {
            let name = format!("{}.{}", derivative.style, encoded.format.name());
            std::fs::write(folder.join(name), &derivative.bytes)?;
        }
    }
    Ok(())
}
