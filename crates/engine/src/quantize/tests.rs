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

const DRAWINGS: [Drawing; 3] = [
    Drawing {
        dither: 0.0,
        repeat: 0.0,
    },
    Drawing {
        dither: 0.7,
        repeat: 0.0,
    },
    Drawing {
        dither: 0.5,
        repeat: 3.0,
    },
];

#[test]
fn palettes_keep_their_size_and_transparency() {
    let alphas: [fn(u32) -> u8; 3] = [
        |_| 255,
        |at| if at % 3 == 0 { 0 } else { 255 },
        |at| (at % 256) as u8,
    ];
    for (which, alpha) in alphas.into_iter().enumerate() {
        let image = picture(alpha);
        let colours = Colours::of(&image);
        for count in [2, 3, 16, 255, 256] {
            let palette = Palette::new(&colours, count);
            assert!(palette.entries.len() <= count, "{which} {count}");
            for drawing in DRAWINGS {
                let back = palette.draw(&image, drawing).image(64, 64);
                for (a, b) in image.rgba.chunks_exact(4).zip(back.rgba.chunks_exact(4)) {
                    assert_eq!(a[3] == 0, b[3] == 0, "{which} {count} {drawing:?}");
                    if which == 0 {
                        assert_eq!(b[3], 255);
                    }
                }
            }
        }
    }
}

#[test]
fn few_colours_are_kept_exactly() {
    let mut image = Image::transparent(16, 16);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        pixel.copy_from_slice(&[[9, 8, 7, 255], [200, 100, 50, 255], [4, 90, 250, 9]][at % 3]);
    }
    let colours = Colours::of(&image);
    for drawing in DRAWINGS {
        let back = Palette::new(&colours, 16)
            .draw(&image, drawing)
            .image(16, 16);
        assert_eq!(back, image, "{drawing:?}");
    }
}

#[test]
fn a_rare_colour_has_a_place() {
    let mut image = Image::transparent(256, 256);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let grey = 200 + (at * 7 % 50) as u8;
        pixel.copy_from_slice(&[grey, grey, grey, 255]);
    }
    // A line of one pixel, a thousandth of the picture.
    for x in 0..64 {
        image.rgba[(100 * 256 + x) * 4..][..4].copy_from_slice(&[220, 20, 30, 255]);
    }
    let palette = Palette::new(&Colours::of(&image), 8);
    let near = |entry: &[u8; 4]| entry[0].abs_diff(220) < 12 && entry[1].abs_diff(20) < 12;
    assert!(palette.entries.iter().any(near), "{:?}", palette.entries);
}

#[test]
fn more_colours_are_nearer() {
    let image = picture(|_| 255);
    let colours = Colours::of(&image);
    let error = |count: usize| -> f32 {
        let palette = Palette::new(&colours, count);
        colours
            .samples
            .iter()
            .map(|sample| palette.nearest(&sample.looks).1 * sample.weight)
            .sum()
    };
    let errors = [4, 16, 64, 256].map(error);
    assert!(errors.is_sorted_by(|a, b| a > b), "{errors:?}");
}

#[test]
fn repeating_makes_pictures_smaller() {
    let mut image = picture(|_| 255);
    for (at, byte) in image.rgba.iter_mut().enumerate() {
        if at % 4 != 3 {
            *byte = (*byte / 2).wrapping_add((at * 37 % 11) as u8);
        }
    }
    let palette = Palette::new(&Colours::of(&image), 64);
    let packed = |repeat| {
        let indices = palette
            .draw(
                &image,
                Drawing {
                    dither: 0.0,
                    repeat,
                },
            )
            .indices;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &indices).unwrap();
        encoder.finish().unwrap().len()
    };
    assert!(packed(8.0) < packed(0.0));
}

#[test]
fn straight_is_the_way_back() {
    for value in [
        [0, 0, 0, 0],
        [255, 3, 77, 255],
        [255, 128, 0, 77],
        [9, 9, 9, 1],
    ] {
        assert_eq!(space::straight(space::premultiplied(value)), value);
    }
    let far = space::distance(
        &space::looks([255.0; 4], true),
        &space::looks([0.0, 0.0, 0.0, 255.0], true),
    );
    let near = space::distance(
        &space::looks([255.0; 4], true),
        &space::looks([254.0, 254.0, 254.0, 255.0], true),
    );
    assert!(near < far / 1000.0);
}
