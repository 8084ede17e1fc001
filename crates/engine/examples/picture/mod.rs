//! An image to work on: the file that is named, or one drawn here.

use std::error::Error;

/// The bytes of the file that the first argument names; without one, a PNG of soft colours.
pub fn named_or_drawn() -> Result<Vec<u8>, Box<dyn Error>> {
    match std::env::args_os().nth(1) {
        Some(path) => Ok(std::fs::read(path)?),
        None => drawn(),
    }
}

fn drawn() -> Result<Vec<u8>, Box<dyn Error>> {
    let (width, height) = (480u32, 320u32);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let wave = (x as f32 / 40.0).sin() + (y as f32 / 30.0).cos();
            rgb.extend([
                (x * 255 / width) as u8,
                (y * 255 / height) as u8,
                (128.0 + 60.0 * wave) as u8,
            ]);
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(bytes)
}
