//! What all fuzz targets do: give bytes to the engine and look for what must never happen.

use std::time::Duration;

use whittle_core::{Cancel, ErrorCode, Format, Limits, Mode, Recipe};

/// Small, so that a run is quick and a runaway shows.
pub fn limits() -> Limits {
    Limits {
        pixels: 1 << 18,
        frames: 64,
        svg_nodes: 5_000,
        inflated_bytes: 4 << 20,
        time: Duration::from_secs(20),
        ..Limits::default()
    }
}

/// Optimizes an image of this format in the mode that the first byte chooses.
///
/// Seeds and findings are `[mode][file]`; a file of another format is passed over, so that each
/// target spends its time on one codec.
///
/// # Panics
/// On a result that is not smaller or no longer an image, a panic inside, or a broken time limit.
pub fn optimize(format: Format, data: &[u8]) {
    let Some((&mode, bytes)) = data.split_first() else {
        return;
    };
    if whittle_engine::detect(bytes) != Some(format) {
        return;
    }
    let recipe = Recipe {
        mode: [Mode::Lossless, Mode::Balanced, Mode::Lossy][usize::from(mode % 3)],
        styles: vec!["small:crop:16x16".parse().expect("a style")],
        limits: limits(),
        ..Recipe::default()
    };
    match whittle_engine::optimize(bytes, &recipe, &Cancel::new()) {
        Ok(made) => {
            if let Some(result) = &made.bytes {
                assert!(result.len() < bytes.len(), "the result is not smaller");
                assert_eq!(whittle_engine::detect(result), Some(format));
            }
            for derivative in &made.derivatives {
                assert_eq!(whittle_engine::detect(&derivative.bytes), Some(format));
            }
        }
        Err(error) => fine(error.code(), &error),
    }
}

/// Looks at the headers alone.
///
/// # Panics
/// On a panic inside.
pub fn inspect(bytes: &[u8]) {
    if let Err(error) = whittle_engine::inspect(bytes, &limits()) {
        fine(error.code(), &error);
    }
}

/// Makes a thumbnail.
///
/// # Panics
/// On a thumbnail that is no PNG, a panic inside, or a broken time limit.
pub fn thumbnail(bytes: &[u8]) {
    match whittle_engine::thumbnail(bytes, 96, &limits(), &Cancel::new()) {
        Ok(small) => assert_eq!(whittle_engine::detect(&small), Some(Format::Png)),
        Err(error) => fine(error.code(), &error),
    }
}

/// The engine contains panics, but each of them is a defect all the same.
fn fine(code: ErrorCode, error: &whittle_engine::Error) {
    let ours = matches!(
        code,
        ErrorCode::Internal | ErrorCode::TimedOut | ErrorCode::VerificationFailed
    );
    assert!(!ours, "{error}");
}
