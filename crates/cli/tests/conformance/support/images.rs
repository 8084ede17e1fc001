//! Pictures to send.

use whittle_tests::fixtures::{Picture, jpeg, png};

/// A small PNG that can become smaller.
pub fn small_png() -> Vec<u8> {
    png::encoded(&Picture::screenshot(48, 32))
}

/// A PNG of the size that the contract's examples speak of.
pub fn wide_png() -> Vec<u8> {
    png::encoded(&thirds(1000, 500))
}

/// A photograph.
pub fn photo(width: u32, height: u32) -> Vec<u8> {
    jpeg::encoded(&Picture::photo(width, height, 7), jpeg::CAMERA)
}

/// Red on the left quarter, blue on the right one, green between: what a crop took can be seen.
/// The same from top to bottom where the picture is higher than wide.
pub fn thirds(width: u32, height: u32) -> Picture {
    Picture::new(width, height, |x, y| {
        let (at, whole) = if width >= height {
            (x, width)
        } else {
            (y, height)
        };
        match at * 4 / whole {
            0 => [200, 30, 30, 255],
            3 => [30, 30, 200, 255],
            _ => [30, 160, 30, 255],
        }
    })
}

/// An animation of two frames.
pub fn animation(width: u16, height: u16) -> Vec<u8> {
    let picture = thirds(width.into(), height.into());
    let indexes: Vec<u8> = picture
        .rgba
        .chunks_exact(4)
        .map(|pixel| match pixel[0] {
            200 => 0,
            _ if pixel[2] == 200 => 1,
            _ => 2,
        })
        .collect();
    let mut bytes = Vec::new();
    let palette = [200, 30, 30, 30, 30, 200, 30, 160, 30, 250, 250, 250];
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for dot in [false, true] {
        let mut buffer = indexes.clone();
        if dot {
            let middle = buffer.len() / 2;
            buffer[middle] = 3;
        }
        let mut frame = gif::Frame::from_indexed_pixels(width, height, buffer, None);
        frame.delay = 7;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// A drawing with what is easy to remove.
pub fn drawing(width: u32, height: u32) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?>\n<!-- drawn by hand -->\n\
         <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect x=\"0.000\" y=\"0.000\" width=\"{width}.000\" height=\"{height}.000\" fill=\"#00ff00\"/>\n\
         <circle cx=\"5.0\" cy=\"5.0\" r=\"4.0\" fill=\"#ff0000\"/>\n</svg>\n"
    )
    .into_bytes()
}
