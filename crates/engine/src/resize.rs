//! Resizing in linear light.

use std::sync::LazyLock;

use fast_image_resize::images::{Image as Pixels, ImageRef};
use fast_image_resize::{
    FilterType, PixelComponentMapper, PixelType, ResizeAlg, ResizeOptions, Resizer,
    create_srgb_mapper,
};
use whittle_core::Placement;

use crate::pixels::Image;
use crate::{Error, Result};

/// Light adds up linearly; sRGB values do not. Averaging them darkens fine detail.
static SRGB: LazyLock<PixelComponentMapper> = LazyLock::new(create_srgb_mapper);

/// Cuts and scales a picture: Lanczos3 over 16-bit linear light, colours weighted by their alpha.
///
/// Pictures in other RGB spaces may pass too: their curves are close enough to sRGB's.
pub(crate) fn resized(image: &Image, placement: &Placement) -> Result<Image> {
    let whole = placement.source_width == f64::from(image.width)
        && placement.source_height == f64::from(image.height);
    if whole && (placement.width, placement.height) == (image.width, image.height) {
        return Ok(image.clone());
    }
    let source = ImageRef::new(image.width, image.height, &image.rgba, PixelType::U8x4)
        .map_err(Error::internal)?;
    let mut linear = Pixels::new(image.width, image.height, PixelType::U16x4);
    SRGB.forward_map(&source, &mut linear)
        .map_err(Error::internal)?;
    let mut smaller = Pixels::new(placement.width, placement.height, PixelType::U16x4);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(
            placement.left,
            placement.top,
            placement.source_width,
            placement.source_height,
        )
        .use_alpha(image.has_alpha());
    Resizer::new()
        .resize(&linear, &mut smaller, &options)
        .map_err(Error::internal)?;
    drop(linear);
    let mut result = Pixels::new(placement.width, placement.height, PixelType::U8x4);
    SRGB.backward_map(&smaller, &mut result)
        .map_err(Error::internal)?;
    Ok(Image {
        width: placement.width,
        height: placement.height,
        rgba: result.into_vec(),
    })
}

/// Scales a picture to lie within a square of this side; never enlarges.
pub(crate) fn fitted(image: &Image, side: u32) -> Result<Image> {
    let style = whittle_core::ResizeStyle {
        name: String::from("fitted"),
        strategy: whittle_core::Strategy::Fit,
        width: Some(side),
        height: Some(side),
    };
    resized(image, &style.place(image.width, image.height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use whittle_core::{ResizeStyle, Strategy};

    fn place(image: &Image, strategy: Strategy, width: u32, height: u32) -> Image {
        let style = ResizeStyle {
            name: "s".into(),
            strategy,
            width: Some(width),
            height: Some(height),
        };
        resized(image, &style.place(image.width, image.height)).unwrap()
    }

    fn checkerboard(side: u32, a: [u8; 4], b: [u8; 4]) -> Image {
        let mut image = Image::transparent(side, side);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % side, at as u32 / side);
            pixel.copy_from_slice(if (x + y) % 2 == 0 { &a } else { &b });
        }
        image
    }

    #[test]
    fn black_and_white_average_to_half_the_light() {
        let image = checkerboard(64, [0, 0, 0, 255], [255; 4]);
        let small = place(&image, Strategy::Exact, 16, 16);
        let middle = &small.rgba[(8 * 16 + 8) * 4..][..3];
        // Half of the light is 188 in sRGB; averaging the values would give 128.
        assert!(middle.iter().all(|&c| c.abs_diff(188) <= 1), "{middle:?}");
    }

    #[test]
    fn hidden_colours_do_not_bleed() {
        let image = checkerboard(64, [255, 0, 0, 255], [0, 255, 0, 0]);
        let small = place(&image, Strategy::Fit, 16, 16);
        let middle = &small.rgba[(8 * 16 + 8) * 4..][..4];
        assert_eq!(&middle[..3], [255, 0, 0]);
        assert!(middle[3].abs_diff(128) <= 1, "{middle:?}");
    }

    #[test]
    fn crop_takes_the_centre() {
        let mut image = Image::transparent(300, 100);
        for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
            let colour = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]][at % 300 / 100];
            pixel.copy_from_slice(&colour);
        }
        let square = place(&image, Strategy::Crop, 50, 50);
        assert_eq!((square.width, square.height), (50, 50));
        let inside = square.rgba[(25 * 50 + 25) * 4..][..4].to_vec();
        assert_eq!(inside, [0, 255, 0, 255]);
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let image = checkerboard(9, [1, 2, 3, 4], [250, 0, 9, 255]);
        assert_eq!(place(&image, Strategy::Fit, 100, 100), image);
    }
}
