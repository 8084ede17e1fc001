//! Whole files in and out, held against a compositor of the tests' own.

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use proptest::prelude::*;
use whittle_core::{Cancel, Cancelled, Effort, Level, Limits, Metadata, Mode, Recipe, ResizeStyle};

use super::*;
use crate::Error;

/// One frame to be written.
#[derive(Clone, Debug)]
struct Drawn {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
    delay: u16,
    dispose: DisposalMethod,
    transparent: Option<u8>,
    local: bool,
    pixels: Vec<u8>,
}

/// Four colours for everybody.
const GLOBAL: [u8; 12] = [0, 0, 0, 255, 255, 255, 200, 30, 30, 30, 30, 200];
const LOCAL: [u8; 12] = [1, 2, 3, 255, 255, 255, 90, 90, 90, 30, 200, 30];

fn file(width: u16, height: u16, repeat: Option<Repeat>, frames: &[Drawn]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &GLOBAL).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for drawn in frames {
        encoder
            .write_frame(&Frame {
                left: drawn.left,
                top: drawn.top,
                width: drawn.width,
                height: drawn.height,
                delay: drawn.delay,
                dispose: drawn.dispose,
                transparent: drawn.transparent,
                palette: drawn.local.then(|| LOCAL.to_vec()),
                buffer: drawn.pixels.clone().into(),
                ..Frame::default()
            })
            .unwrap();
    }
    drop(encoder);
    bytes
}

/// Pictures with how long each is shown; equal neighbours that no browser tells apart are joined.
fn shown(bytes: &[u8]) -> Vec<(Vec<[u8; 4]>, u32)> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).unwrap();
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut canvas = vec![[0u8; 4]; width * height];
    let mut pictures: Vec<(Vec<[u8; 4]>, u32)> = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let before = canvas.clone();
        let places = |frame: &Frame| {
            let (left, top) = (usize::from(frame.left), usize::from(frame.top));
            let (columns, rows) = (usize::from(frame.width), usize::from(frame.height));
            (0..rows * columns)
                .map(|at| (left + at % columns, top + at / columns))
                .map(|(x, y)| (x < width && y < height).then_some(y * width + x))
                .collect::<Vec<_>>()
        };
        let places = places(frame);
        for (pixel, place) in frame.buffer.chunks_exact(4).zip(&places) {
            if let (Some(place), 255) = (place, pixel[3]) {
                canvas[*place] = [pixel[0], pixel[1], pixel[2], 255];
            }
        }
        let delay = u32::from(frame.delay);
        match pictures.last_mut() {
            Some((last, sum)) if *last == canvas && *sum >= 2 && delay >= 2 => *sum += delay,
            _ => pictures.push((canvas.clone(), delay)),
        }
        match frame.dispose {
            DisposalMethod::Background => {
                for place in places.into_iter().flatten() {
                    canvas[place] = [0; 4];
                }
            }
            DisposalMethod::Previous => canvas = before,
            _ => {}
        }
    }
    pictures
}

fn recipe(mode: Mode) -> Recipe {
    Recipe {
        mode,
        ..Recipe::default()
    }
}

fn optimized(bytes: &[u8], recipe: &Recipe) -> Encoded {
    optimize(bytes, recipe, &Cancel::new()).unwrap()
}

/// A small animation in which nothing is wasted but the packing.
fn plain() -> Vec<u8> {
    let frame = |shade: u8, delay| Drawn {
        left: 0,
        top: 0,
        width: 24,
        height: 16,
        delay,
        dispose: DisposalMethod::Keep,
        transparent: None,
        local: false,
        pixels: (0..24 * 16)
            .map(|at| if at % 24 == 5 { shade } else { 1 })
            .collect(),
    };
    file(
        24,
        16,
        Some(Repeat::Finite(3)),
        &[frame(0, 10), frame(2, 20), frame(3, 0)],
    )
}

/// Puts an extension before the first frame.
fn with_extension(bytes: &[u8], extension: &[u8]) -> Vec<u8> {
    let at = 13 + GLOBAL.len();
    [&bytes[..at], extension, &bytes[at..]].concat()
}

#[test]
fn a_frame_is_reduced_to_what_changed() {
    let bytes = plain();
    let encoded = optimized(&bytes, &recipe(Mode::Lossless));
    let smaller = encoded.bytes.unwrap();
    assert!(smaller.len() < bytes.len());
    assert_eq!(shown(&smaller), shown(&bytes));
    assert_eq!((encoded.width, encoded.height, encoded.frames), (24, 16, 3));
    assert!(encoded.notes.is_empty());
    let mut decoder = gif::Decoder::new(&smaller[..]).unwrap();
    assert_eq!(decoder.repeat(), Repeat::Finite(3));
    decoder.read_next_frame().unwrap();
    let second = decoder.read_next_frame().unwrap().unwrap();
    assert_eq!((second.left, second.width), (5, 1));
}

#[test]
fn a_second_run_finds_nothing() {
    for bytes in [plain(), soft(4)] {
        for mode in [Mode::Lossless, Mode::Balanced, Mode::Lossy] {
            if let Some(once) = optimized(&bytes, &recipe(mode)).bytes {
                assert!(optimized(&once, &recipe(mode)).bytes.is_none(), "{mode:?}");
            }
        }
    }
}

#[test]
fn what_was_lost_is_noted_and_not_lost_again() {
    let level = |level| Recipe {
        level: Level::new(level).unwrap(),
        ..recipe(Mode::Lossy)
    };
    let bytes = soft(4);
    let good = optimized(&bytes, &level(90)).bytes.unwrap();
    let noted = |bytes: &[u8]| {
        Layout::read(bytes, &Limits::default(), &Cancel::new())
            .unwrap()
            .loss
    };
    assert_eq!((noted(&bytes), noted(&good)), (None, Some(85)));
    for (another, lost) in [(95, false), (90, false), (89, false), (60, true)] {
        let encoded = optimized(&good, &level(another));
        assert_eq!(encoded.bytes.is_some(), lost, "{another}");
    }
    let worse = optimized(&good, &level(60)).bytes.unwrap();
    assert_eq!(noted(&worse), Some(64));
    let stripped = Recipe {
        metadata: Metadata::Strip,
        ..recipe(Mode::Lossless)
    };
    assert!(optimized(&good, &stripped).removed.is_empty());
}

#[test]
fn metadata_goes_by_policy_and_colour_stays() {
    let profile = b"\x21\xff\x0bICCRGBG1012\x05hello\x00";
    let comment = b"\x21\xfe\x06secret\x00";
    let xmp = b"\x21\xff\x0bXMP DataXMP\x03<x>\x00";
    let mut bytes = plain();
    for extension in [&profile[..], comment, xmp] {
        bytes = with_extension(&bytes, extension);
    }
    bytes.extend_from_slice(b"left over");
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|part| part == text);

    let encoded = optimized(&bytes, &recipe(Mode::Lossless));
    let smaller = encoded.bytes.unwrap();
    assert!(holds(&smaller, profile));
    assert!(!holds(&smaller, b"secret") && !holds(&smaller, b"<x>"));
    assert_eq!(
        encoded.removed,
        ["XMP metadata", "comments", "data after the picture"]
    );
    assert!(encoded.notes.contains(&"colour profile kept".to_owned()));

    let keep = Recipe {
        metadata: Metadata::Keep,
        ..recipe(Mode::Lossless)
    };
    let encoded = optimized(&bytes, &keep);
    let kept = encoded.bytes.unwrap();
    for text in [&profile[..], comment, xmp] {
        assert!(holds(&kept, text));
    }
    assert_eq!(encoded.removed, ["data after the picture"]);
}

#[test]
fn frames_that_stand_still_are_merged_only_where_no_browser_notices() {
    let mut frame = Drawn {
        left: 0,
        top: 0,
        width: 2,
        height: 2,
        delay: 5,
        dispose: DisposalMethod::Keep,
        transparent: None,
        local: false,
        pixels: vec![0; 4],
    };
    let mut frames = vec![frame.clone()];
    for delay in [5, 7, 1, 1, 40_000, 40_000] {
        frame.delay = delay;
        frame.pixels = vec![2; 4];
        frames.push(frame.clone());
    }
    let smaller = optimized(&file(2, 2, None, &frames), &recipe(Mode::Lossless))
        .bytes
        .unwrap();
    let mut decoder = gif::Decoder::new(&smaller[..]).unwrap();
    let mut delays = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        delays.push(frame.delay);
    }
    assert_eq!(delays, [5, 12, 1, 1, 40_000, 40_000]);
}

#[test]
fn broken_files_are_refused() {
    let bytes = plain();
    let limits = Limits::default();
    let code = |bytes: &[u8]| {
        let error = optimize(bytes, &recipe(Mode::Lossless), &Cancel::new()).unwrap_err();
        error.code()
    };
    let first_frame_at = 13 + GLOBAL.len() + 19 + 8;
    assert_eq!(bytes[first_frame_at], 0x2c);
    // Every cut but the one that only loses the trailer.
    for length in 0..bytes.len() - 1 {
        let cut = &bytes[..length];
        match optimize(cut, &recipe(Mode::Lossless), &Cancel::new()) {
            Err(error) => assert_eq!(
                error.code(),
                whittle_core::ErrorCode::Undecodable,
                "{length}"
            ),
            // A cut between two frames leaves a shorter animation.
            Ok(encoded) => assert!(encoded.frames < 3, "{length}"),
        }
    }
    let mut impossible = bytes.clone();
    impossible[first_frame_at + 10] = 12;
    assert_eq!(code(&impossible), whittle_core::ErrorCode::Undecodable);
    let mut bomb = bytes.clone();
    bomb[6..10].fill(0xff);
    assert_eq!(code(&bomb), whittle_core::ErrorCode::TooManyPixels);
    assert!(inspect(&bomb, &limits).is_err());
    let few = Recipe {
        limits: Limits {
            frames: 2,
            ..limits
        },
        ..recipe(Mode::Lossless)
    };
    let error = optimize(&bytes, &few, &Cancel::new()).unwrap_err();
    assert!(matches!(error, Error::TooManyFrames { limit: 2 }));
}

#[test]
fn a_missing_trailer_harms_nothing() {
    let bytes = plain();
    let encoded = optimized(&bytes[..bytes.len() - 1], &recipe(Mode::Lossless));
    assert_eq!(shown(&encoded.bytes.unwrap()), shown(&bytes));
}

#[test]
fn cancelling_stops_it() {
    let cancel = Cancel::new();
    cancel.cancel();
    let error = optimize(&plain(), &recipe(Mode::Balanced), &cancel).unwrap_err();
    assert!(matches!(error, Error::Cancelled(Cancelled::Asked)));
}

#[test]
fn frames_outside_the_canvas_stay_where_they_are() {
    let mut frames = vec![
        Drawn {
            left: 0,
            top: 0,
            width: 9,
            height: 9,
            delay: 4,
            dispose: DisposalMethod::Keep,
            transparent: None,
            local: true,
            pixels: vec![3; 81],
        };
        2
    ];
    frames[1].pixels.fill(1);
    let bytes = file(6, 6, None, &frames);
    let smaller = optimized(&bytes, &recipe(Mode::Balanced)).bytes.unwrap();
    assert_eq!(shown(&smaller), shown(&bytes));
    let mut decoder = gif::Decoder::new(&smaller[..]).unwrap();
    let frame = decoder.read_next_frame().unwrap().unwrap();
    assert_eq!((frame.width, frame.height), (9, 9));
}

/// A soft disc that moves over a soft background.
fn soft(frames: u16) -> Vec<u8> {
    soft_with(frames, None)
}

/// The same, clear in a band across the middle.
fn soft_with(frames: u16, clear: Option<u8>) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|v| [v, v / 2 + 60, 255 - v]).collect();
    let (width, height) = (96u16, 64u16);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &palette).unwrap();
    for number in 0..frames {
        let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height))
            .map(|at| {
                let (x, y) = ((at % 96) as f32, (at / 96) as f32);
                let far = (x - 20.0 - 4.0 * f32::from(number)).hypot(y - 30.0);
                // Some grain, so that nothing packs well without loss.
                let grain = (at.wrapping_mul(2_654_435_761) >> 7) as u32 % 5;
                let shade = (x + y / 2.0 + (40.0 - far).max(0.0) * 2.0) as u8 / 2 * 2 + grain as u8;
                clear.filter(|_| (30.0..36.0).contains(&y)).unwrap_or(shade)
            })
            .collect();
        let mut frame = Frame::from_indexed_pixels(width, height, pixels, clear);
        frame.delay = 3 + number;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn loss_keeps_its_score_and_the_timing() {
    let bytes = soft(4);
    let lossless = optimized(&bytes, &recipe(Mode::Lossless));
    let least = lossless.bytes.map_or(bytes.len(), |bytes| bytes.len());
    let encoded = optimized(&bytes, &recipe(Mode::Balanced));
    let smaller = encoded.bytes.unwrap();
    assert!(
        smaller.len() < least * 9 / 10,
        "{} of {least}",
        smaller.len()
    );
    let measured = compared(&bytes, &smaller, &Limits::default(), &Cancel::new()).unwrap();
    assert!(measured.mean().0 >= 85.0, "{measured:?}");
    assert!(measured.worst().0 >= 80.0, "{measured:?}");
    assert!(
        (measured.mean().0 - encoded.score.0).abs() < 0.01,
        "{measured:?}"
    );
    let durations = |bytes: &[u8]| {
        shown(bytes)
            .iter()
            .map(|(_, delay)| *delay)
            .collect::<Vec<_>>()
    };
    assert_eq!(durations(&smaller), durations(&bytes));
}

#[test]
fn a_single_picture_loses_what_its_score_allows() {
    for clear in [None, Some(255)] {
        let bytes = soft_with(1, clear);
        let lossless = optimized(&bytes, &recipe(Mode::Lossless));
        let least = lossless.bytes.map_or(bytes.len(), |bytes| bytes.len());
        let encoded = optimized(&bytes, &recipe(Mode::Balanced));
        let smaller = encoded.bytes.unwrap();
        assert!(smaller.len() < least * 9 / 10, "{clear:?}");
        let measured = compared(&bytes, &smaller, &Limits::default(), &Cancel::new()).unwrap();
        assert!((85.0..86.5).contains(&measured.mean().0), "{measured:?}");
        assert!(
            (measured.mean().0 - encoded.score.0).abs() < 0.01,
            "{measured:?}, not {:?}",
            encoded.score
        );
        let opacity = |bytes: &[u8]| {
            let (picture, _) = shown(bytes).remove(0);
            picture.iter().map(|pixel| pixel[3]).collect::<Vec<_>>()
        };
        assert_eq!(opacity(&smaller), opacity(&bytes));
    }
}

#[test]
fn derivatives_have_their_size_and_the_timing() {
    let bytes = soft(3);
    let with_styles = Recipe {
        styles: vec![
            "half:fit:48x".parse::<ResizeStyle>().unwrap(),
            "square:crop:20x20".parse::<ResizeStyle>().unwrap(),
        ],
        effort: Effort::Fast,
        ..recipe(Mode::Balanced)
    };
    let encoded = optimized(&bytes, &with_styles);
    for (derivative, size) in encoded.derivatives.iter().zip([(48, 32), (20, 20)]) {
        assert_eq!((derivative.width, derivative.height), size);
        let decoder = gif::Decoder::new(&derivative.bytes[..]).unwrap();
        assert_eq!(
            (u32::from(decoder.width()), u32::from(decoder.height())),
            size
        );
        let delays: Vec<u32> = shown(&derivative.bytes)
            .iter()
            .map(|(_, delay)| *delay)
            .collect();
        assert_eq!(delays, [3, 4, 5]);
        assert!(derivative.score.0 > 75.0, "{:?}", derivative.score);
    }
    assert_eq!(encoded.derivatives.len(), 2);
}

#[test]
fn the_first_frame_is_drawn_on_a_clear_canvas() {
    let bytes = file(
        3,
        1,
        None,
        &[Drawn {
            left: 1,
            top: 0,
            width: 2,
            height: 1,
            delay: 0,
            dispose: DisposalMethod::Keep,
            transparent: Some(3),
            local: false,
            pixels: vec![2, 3],
        }],
    );
    let image = first_frame(&bytes, &Limits::default(), &Cancel::new()).unwrap();
    assert_eq!(image.rgba, [0, 0, 0, 0, 200, 30, 30, 255, 0, 0, 0, 0]);
    let info = inspect(&bytes, &Limits::default()).unwrap();
    assert_eq!((info.format, info.width, info.height), (Format::Gif, 3, 1));
}

fn any_frame(width: u16, height: u16) -> impl Strategy<Value = Drawn> {
    (
        0..width,
        0..height,
        any::<[bool; 2]>(),
        0..4u8,
        0..3u8,
        prop::sample::select(vec![0u16, 1, 2, 9]),
    )
        .prop_flat_map(
            move |(left, top, [full, local], transparent, dispose, delay)| {
                let (left, top) = if full { (0, 0) } else { (left, top) };
                (1..=width - left, 1..=height - top).prop_flat_map(move |(w, h)| {
                    let (w, h) = if full { (width, height) } else { (w, h) };
                    let pixels = usize::from(w) * usize::from(h);
                    prop::collection::vec(0..4u8, pixels).prop_map(move |pixels| Drawn {
                        left,
                        top,
                        width: w,
                        height: h,
                        delay,
                        dispose: [
                            DisposalMethod::Keep,
                            DisposalMethod::Background,
                            DisposalMethod::Previous,
                        ][usize::from(dispose)],
                        // Mostly set: without it, decoders disagree and little may be done.
                        transparent: (transparent < 3).then_some(transparent),
                        local,
                        pixels,
                    })
                })
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_animation_stays_the_same(
        frames in prop::collection::vec(any_frame(7, 5), 1..7),
        effort in prop::sample::select(vec![Effort::Fast, Effort::Default, Effort::Max]),
    ) {
        let bytes = file(7, 5, Some(Repeat::Infinite), &frames);
        let recipe = Recipe { effort, ..recipe(Mode::Lossless) };
        if let Some(smaller) = optimized(&bytes, &recipe).bytes {
            prop_assert!(smaller.len() < bytes.len());
            prop_assert_eq!(shown(&smaller), shown(&bytes));
        }
    }

    #[test]
    fn a_plan_never_fails_its_check(frames in prop::collection::vec(any_frame(6, 6), 1..7)) {
        let bytes = file(6, 6, None, &frames);
        let recipe = recipe(Mode::Lossless);
        let cancel = Cancel::new();
        let layout = Layout::read(&bytes, &recipe.limits, &cancel).unwrap();
        let context = Context {
            bytes: &bytes,
            layout: &layout,
            made: None,
            looks: &ToSrgb::Same,
            memo: &Memo::default(),
            recipe: &recipe,
            cancel: &cancel,
        };
        if let Some(plan) = Plan::made(&context).unwrap() {
            let file = encode::planned_file(&context, &plan.frames, &plan.palettes).unwrap();
            let counts = plan.frames.iter().map(|frame| frame.stands_for);
            verify::same_animation(&bytes, &layout, &file, counts, &recipe.limits, &cancel).unwrap();
            prop_assert_eq!(shown(&file), shown(&bytes));
        }
    }

    #[test]
    fn loss_changes_colours_only(frames in prop::collection::vec(any_frame(9, 9), 1..5)) {
        let bytes = file(9, 9, None, &frames);
        if let Some(smaller) = optimized(&bytes, &recipe(Mode::Balanced)).bytes {
            let (before, after) = (shown(&bytes), shown(&smaller));
            let total = |pictures: &[(Vec<[u8; 4]>, u32)]| pictures.iter().map(|p| p.1).sum::<u32>();
            prop_assert_eq!(total(&before), total(&after));
            if before.len() == after.len() {
                for (before, after) in before.iter().zip(&after) {
                    let masks = before.0.iter().zip(&after.0);
                    prop_assert!(masks.clone().all(|(a, b)| a[3] == b[3]));
                    prop_assert_eq!(before.1, after.1);
                }
            }
        }
    }

    #[test]
    fn damage_never_panics(at in 0usize..200, value: u8) {
        let mut bytes = plain();
        let at = at % bytes.len();
        bytes[at] = value;
        let small = Limits { pixels: 1 << 20, ..Limits::default() };
        let recipe = Recipe { limits: small, ..recipe(Mode::Lossless) };
        let _ = optimize(&bytes, &recipe, &Cancel::new());
    }
}
