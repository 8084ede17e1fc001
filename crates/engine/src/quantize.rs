//! Pictures of few colours.

use quantette::deps::palette::Srgb;
use quantette::dither::FloydSteinberg;
use quantette::{ImageRef, PaletteSize, Pipeline, QuantizeMethod};

use crate::pixels::Image;
use crate::{Error, Result};

/// A picture as indices into a palette.
#[derive(Clone, Debug)]
pub(crate) struct Quantized {
    /// 1 to 256 entries: red, green, blue, alpha. At most one is fully transparent, all zeros.
    pub palette: Vec<[u8; 4]>,
    /// One for each pixel.
    pub indices: Vec<u8>,
}

impl Quantized {
    /// The picture that the palette and the indices stand for.
    pub fn image(&self, width: u32, height: u32) -> Image {
        Image {
            width,
            height,
            rgba: self
                .indices
                .iter()
                .flat_map(|&index| self.palette[usize::from(index)])
                .collect(),
        }
    }
}

/// Reduces a picture to at most `colours` (3 to 256), with error diffusion of strength `dither`
/// (0 to 1). Fully transparent pixels stay exactly so.
///
/// Two libraries, each where it is better: quantette's k-means in Oklab beats quantizr on opaque
/// colours; quantizr knows translucency.
pub(crate) fn quantized(image: &Image, colours: u16, dither: f32) -> Result<Quantized> {
    let colours = colours.clamp(3, 256);
    let mut hidden = false;
    let mut translucent = false;
    for pixel in image.rgba.chunks_exact(4) {
        hidden |= pixel[3] == 0;
        translucent |= pixel[3] != 0 && pixel[3] != 255;
    }
    if translucent {
        with_alpha(image, colours, dither, hidden)
    } else if hidden {
        // Transparent pixels take the colour beside them, so that no error spreads out of them.
        let mut filled = image.clone();
        let mut last = [0, 0, 0, 255];
        for pixel in filled.rgba.chunks_exact_mut(4) {
            if pixel[3] == 0 {
                pixel.copy_from_slice(&last);
            }
            last.copy_from_slice(pixel);
        }
        let mut result = opaque(&filled, colours - 1, dither)?;
        let transparent = result.palette.len() as u8;
        result.palette.push([0; 4]);
        for (index, pixel) in result.indices.iter_mut().zip(image.rgba.chunks_exact(4)) {
            if pixel[3] == 0 {
                *index = transparent;
            }
        }
        Ok(result)
    } else {
        opaque(image, colours, dither)
    }
}

fn opaque(image: &Image, colours: u16, dither: f32) -> Result<Quantized> {
    let pixels: Vec<Srgb<u8>> = image
        .rgba
        .chunks_exact(4)
        .map(|pixel| Srgb::new(pixel[0], pixel[1], pixel[2]))
        .collect();
    let size = PaletteSize::try_from(colours).map_err(Error::internal)?;
    let indexed = Pipeline::new()
        .palette_size(size)
        .quantize_method(QuantizeMethod::kmeans())
        .ditherer(FloydSteinberg::with_error_diffusion(dither))
        .input_image(ImageRef::new(image.width, image.height, &pixels).map_err(Error::internal)?)
        .output_srgb8_indexed_image();
    let (palette, indices) = indexed.into_parts();
    Ok(Quantized {
        palette: palette
            .into_iter()
            .map(|colour| [colour.red, colour.green, colour.blue, 255])
            .collect(),
        indices,
    })
}

fn with_alpha(image: &Image, colours: u16, dither: f32, hidden: bool) -> Result<Quantized> {
    // One entry may be needed for the transparent pixels.
    let colours = (colours - u16::from(hidden)).max(2);
    let (width, height) = (image.width as usize, image.height as usize);
    let failed = |error| Error::internal(format!("{error:?}"));
    let source = quantizr::Image::new(&image.rgba, width, height).map_err(failed)?;
    let mut options = quantizr::Options::default();
    options.set_max_colors(i32::from(colours)).map_err(failed)?;
    let mut result = quantizr::QuantizeResult::quantize(&source, &options);
    result
        .set_dithering_level(dither.clamp(0.0, 1.0))
        .map_err(failed)?;
    let mut indices = vec![0; width * height];
    result.remap_image(&source, &mut indices).map_err(failed)?;
    let entries = result.get_palette();
    let mut palette: Vec<[u8; 4]> = entries.entries[..entries.count as usize]
        .iter()
        .map(|c| {
            if c.a == 0 {
                [0; 4]
            } else {
                [c.r, c.g, c.b, c.a]
            }
        })
        .collect();
    if hidden {
        // Dithering may carry opacity into transparent pixels; they must stay clear.
        let transparent = palette.iter().position(|colour| colour[3] == 0);
        let transparent = transparent.unwrap_or_else(|| {
            palette.push([0; 4]);
            palette.len() - 1
        }) as u8;
        for (index, pixel) in indices.iter_mut().zip(image.rgba.chunks_exact(4)) {
            if pixel[3] == 0 {
                *index = transparent;
            }
        }
    }
    Ok(Quantized { palette, indices })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(alpha: fn(u32) -> u8) -> Image {
        let mut image = Image::transparent(64, 64);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let at = at as u32;
            pixel.copy_from_slice(&[
                (at % 64 * 4) as u8,
                (at / 64 * 4) as u8,
                (at % 97) as u8,
                alpha(at),
            ]);
        }
        image
    }

    #[test]
    fn palettes_keep_their_size_and_transparency() {
        let alphas: [fn(u32) -> u8; 3] = [
            |_| 255,
            |at| if at % 3 == 0 { 0 } else { 255 },
            |at| (at % 256) as u8,
        ];
        for (which, alpha) in alphas.into_iter().enumerate() {
            let image = picture(alpha);
            for colours in [3, 16, 255, 256] {
                let result = quantized(&image, colours, 0.5).unwrap();
                assert!(
                    result.palette.len() <= usize::from(colours),
                    "{which} {colours}"
                );
                let back = result.image(64, 64);
                for (a, b) in image.rgba.chunks_exact(4).zip(back.rgba.chunks_exact(4)) {
                    if a[3] == 0 {
                        assert_eq!(b[3], 0, "{which} {colours}");
                    }
                    if which == 0 {
                        assert_eq!(b[3], 255);
                    }
                }
            }
        }
    }

    #[test]
    fn few_colours_are_kept_exactly() {
        let mut image = Image::transparent(16, 16);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            pixel.copy_from_slice(&[[9, 8, 7, 255], [200, 100, 50, 255]][at % 2]);
        }
        let back = quantized(&image, 16, 0.5).unwrap().image(16, 16);
        assert_eq!(back, image);
    }
}
