use super::*;
use whittle_core::{Mode, Recipe};

fn png(image: &Image) -> Vec<u8> {
    codecs::png::written(image).unwrap()
}

fn opened(bytes: &[u8]) -> Picture {
    Picture::open(bytes, &Limits::default(), &Cancel::new()).unwrap()
}

fn ramp(width: u32, height: u32) -> Image {
    let mut image = Image::transparent(width, height);
    for (at, pixel) in image.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at as u32 % width, at as u32 / width);
        pixel.copy_from_slice(&[x as u8, y as u8, 7, 255]);
    }
    image
}

/// Frames of one colour each, 10 hundredths long.
fn gif(colours: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let palette: Vec<u8> = (0..=255).flat_map(|value| [value, 0, 0]).collect();
    let mut encoder = gif::Encoder::new(&mut file, 8, 8, &palette).unwrap();
    for &colour in colours {
        let mut frame = gif::Frame::from_indexed_pixels(8, 8, vec![colour; 64], None);
        frame.delay = 10;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

fn red(png: &[u8]) -> u8 {
    let image = codecs::png::first_frame(png, &Limits::default(), &Cancel::new()).unwrap();
    image.rgba[0]
}

#[test]
fn a_part_is_cut_out_pixel_by_pixel_and_more_of_it_is_scaled() {
    let picture = opened(&png(&ramp(200, 100)));
    let view = View {
        left: 30,
        top: 20,
        width: 8,
        height: 4,
        to_width: 8,
        to_height: 4,
    };
    let part = picture.part(0, &view, &Cancel::new()).unwrap();
    let part = codecs::png::first_frame(&part, &Limits::default(), &Cancel::new()).unwrap();
    assert_eq!((part.width, part.height), (8, 4));
    assert_eq!(part.rgba[..4], [30, 20, 7, 255]);
    let far = View {
        to_width: 50,
        to_height: 25,
        ..View::whole(200, 100)
    };
    let far = picture.part(0, &far, &Cancel::new()).unwrap();
    let far = codecs::png::first_frame(&far, &Limits::default(), &Cancel::new()).unwrap();
    assert_eq!((far.width, far.height), (50, 25));
    assert!(
        far.rgba[25 * 4].abs_diff(101) <= 2,
        "{:?}",
        &far.rgba[100..104]
    );
}

#[test]
fn parts_that_are_not_there_are_refused() {
    let picture = opened(&png(&ramp(20, 10)));
    let whole = View::whole(20, 10);
    for view in [
        View { left: 1, ..whole },
        View {
            top: u32::MAX,
            ..whole
        },
        View {
            width: 0,
            to_width: 0,
            ..whole
        },
        View {
            to_width: 21,
            ..whole
        },
        View {
            to_height: 0,
            ..whole
        },
    ] {
        assert!(picture.part(0, &view, &Cancel::new()).is_err(), "{view:?}");
    }
    assert!(picture.part(0, &whole, &Cancel::new()).is_ok());
}

#[test]
fn frames_are_shown_in_any_order_and_in_step() {
    let colours = [10, 20, 20, 20, 50, 60];
    let original = opened(&gif(&colours));
    let whole = View::whole(8, 8);
    let shown =
        |picture: &Picture, frame| red(&picture.part(frame, &whole, &Cancel::new()).unwrap());
    for frame in [5, 0, 4, 1, 3] {
        assert_eq!(shown(&original, frame), colours[frame]);
    }
    assert!(original.part(6, &whole, &Cancel::new()).is_err());

    let recipe = Recipe {
        mode: Mode::Lossless,
        ..Recipe::default()
    };
    let encoded = crate::optimize(&gif(&colours), &recipe, &Cancel::new()).unwrap();
    let result = opened(&encoded.bytes.expect("equal frames become one"));
    assert!(result.delays().len() < 6, "{:?}", result.delays());
    for (frame, colour) in colours.into_iter().enumerate() {
        assert_eq!(
            shown(&result, result.frame_beside(&original, frame)),
            colour
        );
    }
}

#[test]
fn long_animations_are_not_in_memory_as_a_whole() {
    let bytes = gif(&[1, 2, 3, 4, 5]);
    let frames = |first, memory| {
        codecs::gif::frames(&bytes, first, memory, &Limits::default(), &Cancel::new()).unwrap()
    };
    assert_eq!(frames(1, 3 * 8 * 8 * 4).len(), 3);
    assert_eq!(frames(4, 1)[0].rgba[0], 5);
    assert!(frames(5, 1000).is_empty());
}

#[test]
fn a_drawing_is_handed_out_as_one_and_compared_as_pixels() {
    let svg = |colour: &str| {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='40' viewBox='0 0 40 20'>\
             <path fill='{colour}' d='M0 0h20v20H0z'/></svg>"
        )
    };
    let (a, b) = (
        opened(svg("#800").as_bytes()),
        opened(svg("#900").as_bytes()),
    );
    assert!(a.drawing().unwrap().contains("height"));
    assert!(a.part(0, &View::whole(1, 1), &Cancel::new()).is_err());
    let whole = View::whole(a.width(), a.height());
    let map = a.difference(&b, 0, &whole, &Cancel::new()).unwrap();
    let map = codecs::png::first_frame(&map, &Limits::default(), &Cancel::new()).unwrap();
    assert_eq!((map.width, map.height), (2048, 1024));
    let (left, right) = (&map.rgba[..4], &map.rgba[2000 * 4..][..4]);
    assert!(left[0] > 200 && right[3] == 0, "{left:?} {right:?}");
}

#[test]
fn a_difference_is_asked_of_two_pictures_of_one_size() {
    let (a, b) = (ramp(20, 10), ramp(20, 11));
    let whole = View::whole(20, 10);
    let map = opened(&png(&a)).difference(&opened(&png(&b)), 0, &whole, &Cancel::new());
    assert!(map.is_err());
    let same = opened(&png(&a)).difference(&opened(&png(&a)), 0, &whole, &Cancel::new());
    assert!(red(&same.unwrap()) < 80);
}

#[test]
fn a_sample_is_smaller_at_a_lower_score() {
    let view = View {
        left: 64,
        top: 64,
        width: 128,
        height: 128,
        to_width: 128,
        to_height: 128,
    };
    let bytes = |picture: &Picture, format, score| {
        let sample = picture.sample(format, &view, Score(score), &Cancel::new());
        let sample = sample.unwrap().unwrap();
        let shown = codecs::png::first_frame(&sample.png, &Limits::default(), &Cancel::new());
        let shown = shown.unwrap();
        assert_eq!((shown.width, shown.height), (128, 128));
        sample.bytes
    };
    let smooth = opened(&png(&ramp(256, 256)));
    assert!(bytes(&smooth, Format::Jpeg, 30.0) < bytes(&smooth, Format::Jpeg, 85.0));
    let mut stepped = ramp(256, 256);
    for pixel in stepped.rgba.chunks_exact_mut(4) {
        (pixel[0], pixel[1]) = (pixel[0] & 0xe0, pixel[1] & 0xe0);
    }
    let stepped = opened(&png(&stepped));
    assert!(bytes(&stepped, Format::Png, 30.0) <= bytes(&stepped, Format::Png, 85.0));
    let none = smooth.sample(Format::Gif, &view, Score(50.0), &Cancel::new());
    assert_eq!(none.unwrap(), None);
}

#[test]
fn a_picture_is_resized_as_a_derivative_is() {
    let limits = Limits::default();
    let half: ResizeStyle = "half:exact:100x50".parse().unwrap();
    let still = opened(&png(&ramp(200, 100)))
        .resized(&half, &limits)
        .unwrap();
    assert_eq!((still.width(), still.height()), (100, 50));
    let shown = still
        .part(0, &View::whole(100, 50), &Cancel::new())
        .unwrap();
    let shown = codecs::png::first_frame(&shown, &limits, &Cancel::new()).unwrap();
    assert_eq!((shown.width, shown.height), (100, 50));

    let small: ResizeStyle = "small:exact:4x4".parse().unwrap();
    let moving = opened(&gif(&[10, 200])).resized(&small, &limits).unwrap();
    assert_eq!(moving.delays(), [10, 10]);
    let second = moving.part(1, &View::whole(4, 4), &Cancel::new()).unwrap();
    assert_eq!(red(&second), 200);

    let drawing = br##"<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><path d="M0 0h80v40z" fill="#f00"/></svg>"##;
    let drawing = opened(drawing).resized(&small, &limits).unwrap();
    let text = drawing.drawing().unwrap();
    assert!(
        text.contains(r#"width="4""#) && text.contains("none"),
        "{text}"
    );
}
