//! The engine's resize against a slow and exact one, on a picture of 24 megapixels.

use anyhow::Result;
use whittle_core::ResizeStyle;
use whittle_engine::stages::Pixels;

use super::corpus::Picture;
use super::goals::Goal;
use crate::decode::{self, resize, score};
use crate::fixtures;
use crate::timed;

/// Of a usual camera.
const SIZE: (u32, u32) = (6000, 4000);

/// Pixels of the pictures that it is laid out of, and how many there are at most.
const TILE: std::ops::RangeInclusive<u64> = 50_000..=2_000_000;
const TILES: usize = 40;

/// Resizes a picture laid out of the given ones to 1600 pixels.
pub fn goals(pictures: &[&Picture]) -> Result<Vec<Goal>> {
    let (width, height) = SIZE;
    let rgba = patchwork(pictures)?;
    let style: ResizeStyle = "web:fit:1600x1600".parse()?;
    let placed = style.place(width, height);
    let pixels = Pixels::new(width, height, rgba.clone());
    let (resized, spent) = timed(|| pixels.resized(&style));
    let resized = resized?.into_rgba();
    let expected = resize::resized(&rgba, width, &placed);
    let score = score::score(&expected, &resized, placed.width)?;
    let cpu = spent.as_secs_f64();
    Ok(vec![Goal {
        what: "resize 24 MP → 1600 px, decode apart".into(),
        goal: "score ≥ 95 against a float linear-light Lanczos, ≤ 0.1 CPU s".into(),
        measured: format!("score {score:.2}, {cpu:.3} CPU s"),
        reached: Some(score >= 95.0 && cpu <= 0.1),
    }])
}

/// Photographs side by side and one below the other until the picture is full; drawn ones where no
/// file is at hand.
fn patchwork(pictures: &[&Picture]) -> Result<Vec<u8>> {
    let mut tiles: Vec<(usize, Vec<u8>)> = Vec::new();
    let usual = |picture: &&&Picture| TILE.contains(&(picture.pixels() as u64));
    for picture in pictures.iter().filter(usual).take(TILES) {
        // What the independent decoder does not know is not laid out.
        let Ok(mut raster) = decode::open(picture.format, &picture.bytes) else {
            continue;
        };
        if let Some(Ok(frame)) = raster.frames.next() {
            tiles.push((raster.width as usize, frame.rgba));
        }
    }
    if tiles.is_empty() {
        let drawn = |seed| (750, fixtures::Picture::photo(750, 500, seed).rgba);
        tiles.extend((0..4).map(drawn));
    }
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut rgba = vec![255; width * height * 4];
    let mut next = 0;
    let mut top = 0;
    while top < height {
        let (mut left, mut tallest) = (0, 0);
        while left < width {
            let (tile_width, tile) = &tiles[next % tiles.len()];
            next += 1;
            let tile_height = tile.len() / 4 / tile_width;
            tallest = tallest.max(tile_height);
            let visible = (*tile_width).min(width - left) * 4;
            for y in 0..tile_height.min(height - top) {
                let from = y * tile_width * 4;
                let to = ((top + y) * width + left) * 4;
                rgba[to..to + visible].copy_from_slice(&tile[from..from + visible]);
            }
            left += tile_width;
        }
        top += tallest;
    }
    Ok(rgba)
}
