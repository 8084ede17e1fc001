//! Results that somebody else made: taken only when they keep the promise that our own keep.

mod carried;

use whittle_core::{Cancel, Format, Limits, Metadata, Mode, Placement, Recipe, ResizeStyle, Score};

use carried::carried;

use crate::pixels::Image;
use crate::score::Reference;
use crate::{
    Derivative, Encoded, Error, Result, codecs, contained, first_frame, inspect, light, recognized,
    resize,
};

/// How far a score may lie below its target: another processor rounds otherwise in the last digits.
const ROUNDING: f64 = 0.05;

/// How far the worst block may lie below the target; the more generous of our own encoders' allowances.
const BLOCK_ALLOWANCE: f64 = 17.0;

/// The share of its target that a resized picture must score against our own resizing, since another
/// filter alone costs some of it. Right ones (box, triangle, Catmull-Rom, Lanczos, encoded at the level)
/// had 0.67 of it or more; what was cut, mirrored, turned, washed out, or had red and blue swapped, 29.7
/// points at most (`accept/resized.rs` measures it). So levels below 35 ask for less than tells all of these apart.
const RESIZED_SHARE: f64 = 0.6;

/// How far the colours of a resized picture may be off on average, of 255, because the score makes little
/// of it: colours shifted by 24 score 71 to 81. Right ones were off by 8.2 at most.
const DRIFT: f64 = 12.0;

/// The side of the blocks whose mean colours are compared; no filter moves colours that far.
const DRIFT_BLOCK: usize = 16;

/// What somebody else made of an image.
#[derive(Clone, Debug, Default)]
pub struct Foreign {
    /// The full-size result.
    pub full_size: Vec<u8>,
    /// One for each resize style of the recipe, in its order.
    pub derivatives: Vec<Vec<u8>>,
}

/// Checks a result that somebody else made, as one of our own: it must decode, have the original's
/// format, size, frames and timing, and reach the recipe's score. `Encoded::bytes` is `None` when it
/// is not smaller. Derivatives must have the size that their style asks for, and show the original. The
/// metadata of all of them becomes what the recipe keeps of the original's, before they are checked.
///
/// # Errors
/// [`Error::VerificationFailed`] for a result that is broken or wrong; as [`crate::optimize`] for the
/// original.
pub fn accepted(
    original: &[u8],
    foreign: Foreign,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Encoded> {
    let cancel = cancel.with_limit(recipe.limits.time);
    contained(|| {
        let limits = &recipe.limits;
        let info = inspect(original, limits)?;
        let full = wrong(carried(original, foreign.full_size, recipe))?;
        let result = &full;
        let smaller = result.len() < original.len();
        // What is larger is not written, whatever it is.
        let (score, removed) = if smaller {
            wrong(same_shape(original, result, limits))?;
            (
                wrong(full_size(original, result, recipe, &cancel))?,
                removed(original, result, recipe)?,
            )
        } else {
            (Score::IDENTICAL, Vec::new())
        };
        if foreign.derivatives.len() != recipe.styles.len() {
            return Err(Error::failed_check("a resized picture is missing"));
        }
        let made = recipe.styles.iter().zip(foreign.derivatives);
        let derivatives = made
            .map(|(style, bytes)| wrong(derivative(original, style, bytes, recipe, &cancel)))
            .collect::<Result<_>>()?;
        Ok(Encoded {
            format: info.format,
            bytes: smaller.then_some(full),
            score,
            width: info.width,
            height: info.height,
            frames: frames(original, info.format, limits, &cancel)?,
            removed,
            notes: Vec::new(),
            tried: Vec::new(),
            derivatives,
        })
    })
}

/// Whatever is wrong is wrong with the result: the original was read before.
fn wrong<T>(checked: Result<T>) -> Result<T> {
    checked.map_err(|error| match error {
        Error::Cancelled(_) | Error::VerificationFailed { .. } => error,
        other => Error::failed_check(other.to_string().trim_end_matches('.')),
    })
}

fn same_shape(original: &[u8], result: &[u8], limits: &Limits) -> Result<()> {
    let (before, after) = (inspect(original, limits)?, inspect(result, limits)?);
    if before.format != after.format {
        return Err(Error::failed_check("it is another kind of file"));
    }
    if (before.width, before.height) != (after.width, after.height) {
        return Err(Error::failed_check("its size changed"));
    }
    Ok(())
}

/// The score, where it is good enough.
fn full_size(original: &[u8], result: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Score> {
    let limits = &recipe.limits;
    let format = recognized(original)?;
    // The first picture in 8 bits, which is what is scored, does not tell of these.
    let same =
        format == Format::Png && codecs::png::has_same_pictures(original, result, limits, cancel)?;
    let must_be = format == Format::Png
        && (recipe.mode == Mode::Lossless || codecs::png::is_animated(original, limits)?);
    if must_be && !same {
        return Err(Error::failed_check("its pixels or its frames changed"));
    }
    let score = match format {
        Format::Gif => {
            codecs::gif::same_play(original, result, limits, cancel)?;
            let compared = codecs::gif::compared(original, result, limits, cancel)?;
            compared.mean()
        }
        Format::Svg => return codecs::svg::accepted(original, result, recipe, cancel),
        _ => {
            let (before, after) = (
                first_frame(original, limits, cancel)?,
                first_frame(result, limits, cancel)?,
            );
            let target = recipe.target().unwrap_or(Score::IDENTICAL);
            let floor = Score(target.0 - BLOCK_ALLOWANCE);
            let judged = Reference::of(&before).judge(&after, floor)?;
            let reaches = judged.score.0 >= target.0 - ROUNDING;
            if reaches && judged.worst_block < Score(floor.0 - ROUNDING) {
                return Err(Error::failed_check("a part of it looks different"));
            }
            // Hidden colours of transparent pixels are all that may differ.
            match same && judged.score.0 > 99.99 {
                true => Score::IDENTICAL,
                false => judged.score,
            }
        }
    };
    let enough = match recipe.mode {
        Mode::Lossless => score == Score::IDENTICAL,
        Mode::Balanced | Mode::Lossy => recipe
            .target()
            .is_none_or(|target| score.0 >= target.0 - ROUNDING),
    };
    if !enough {
        let reason = format!("its score is {:.1}, less than was promised", score.0);
        return Err(Error::failed_check(reason));
    }
    Ok(score)
}

fn derivative(
    original: &[u8],
    style: &ResizeStyle,
    bytes: Vec<u8>,
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Derivative> {
    let limits = &recipe.limits;
    let (before, after) = (inspect(original, limits)?, inspect(&bytes, limits)?);
    if before.format != after.format {
        return Err(Error::failed_check(
            "a resized picture is another kind of file",
        ));
    }
    let bytes = carried(original, bytes, &reduced(recipe))?;
    let placed = style.place(before.width, before.height);
    if (after.width, after.height) != (placed.width, placed.height) {
        return Err(Error::failed_check("a resized picture has another size"));
    }
    let seen = first_frame(&bytes, limits, cancel)?;
    let score = if before.format == Format::Svg {
        // A drawing is rendered at its own size, so there is nothing to resize and hold against it.
        Score::IDENTICAL
    } else {
        let whole = first_frame(original, limits, cancel)?;
        like_ours(&whole, &placed, &seen, least(recipe))?
    };
    Ok(Derivative {
        style: style.name.clone(),
        strategy: style.strategy,
        width: placed.width,
        height: placed.height,
        bytes,
        score,
    })
}

/// What else the original says is of another picture.
fn reduced(recipe: &Recipe) -> Recipe {
    Recipe {
        metadata: match recipe.metadata {
            Metadata::Keep => Metadata::Copyright,
            policy => policy,
        },
        ..recipe.clone()
    }
}

/// What a resized picture must score. Without loss, only the filter can cost any of it.
fn least(recipe: &Recipe) -> Score {
    let target = recipe.target().unwrap_or(Score::BALANCED);
    Score(target.0.min(Score::BALANCED.0) * RESIZED_SHARE - ROUNDING)
}

/// The score against our own resizing of the whole: in light, or else in stored values, where thin lines become
/// so much lighter or darker that the one scores 10 against the other.
fn like_ours(whole: &Image, placed: &Placement, seen: &Image, least: Score) -> Result<Score> {
    for light in [light::srgb(), light::stored()] {
        let expected = resize::resized_in(light, whole, placed)?;
        let score = Reference::of(&expected).score(seen)?;
        if score.0 >= least.0 && drift(&expected, seen) <= DRIFT {
            return Ok(score);
        }
    }
    Err(Error::failed_check(
        "a resized picture shows something else",
    ))
}

/// How far the mean colours of blocks are apart on average, in the channel where it is most.
fn drift(expected: &Image, seen: &Image) -> f64 {
    let width = expected.width as usize;
    let across = width.div_ceil(DRIFT_BLOCK);
    let down = (expected.height as usize).div_ceil(DRIFT_BLOCK);
    let mut sums = vec![[0i64; 3]; across * down];
    let pixels = expected.rgba.chunks_exact(4).zip(seen.rgba.chunks_exact(4));
    for (at, (ours, theirs)) in pixels.enumerate() {
        let block = at / width / DRIFT_BLOCK * across + at % width / DRIFT_BLOCK;
        // Colours count as far as they are seen.
        let shown = |pixel: &[u8], c: usize| i64::from(pixel[c]) * i64::from(pixel[3]);
        for (c, sum) in sums[block].iter_mut().enumerate() {
            *sum += shown(ours, c) - shown(theirs, c);
        }
    }
    let count = f64::from(expected.width) * f64::from(expected.height) * 255.0;
    [0, 1, 2]
        .map(|c| sums.iter().map(|sum| sum[c].abs() as f64).sum::<f64>() / count)
        .into_iter()
        .fold(0.0, f64::max)
}

/// What metadata the original has and the result has not.
fn removed(original: &[u8], result: &[u8], recipe: &Recipe) -> Result<Vec<String>> {
    let words = |bytes: &[u8], policy| match recognized(bytes)? {
        Format::Jpeg => codecs::jpeg::removable(bytes, &recipe.limits),
        Format::Png => codecs::png::removable(bytes, policy, &recipe.limits),
        Format::Svg => codecs::svg::removable(bytes, policy, &recipe.limits),
        _ => Ok(Vec::new()),
    };
    let left = words(result, Metadata::Strip)?;
    let mut words = match recipe.metadata {
        // Whatever is not there any more was removed against the recipe, and is told.
        Metadata::Keep => words(original, Metadata::Strip)?,
        policy => words(original, policy)?,
    };
    words.retain(|word| !left.contains(word));
    Ok(words)
}

fn frames(bytes: &[u8], format: Format, limits: &Limits, cancel: &Cancel) -> Result<u32> {
    match format {
        Format::Gif => {
            let (.., delays) = codecs::gif::timing(bytes, limits, cancel)?;
            Ok(u32::try_from(delays.len()).unwrap_or(u32::MAX))
        }
        Format::Png => codecs::png::frame_count(bytes, limits),
        _ => Ok(1),
    }
}

#[cfg(test)]
mod resized;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimize;
    use crate::pixels::Image;
    use whittle_core::Level;

    /// A picture that becomes smaller in every mode: soft colours, some of them noisy.
    fn picture(seed: u32) -> Image {
        let (width, height) = (160, 120);
        let mut noise = seed;
        let rgba = (0..width * height).flat_map(|at| {
            let (x, y) = (at % width, at / width);
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as u8;
            [
                (x + seed) as u8 + grain,
                (y * 2) as u8 + grain,
                ((x * y) >> 7) as u8,
                255,
            ]
        });
        Image {
            width,
            height,
            rgba: rgba.collect(),
        }
    }

    fn file(image: &Image) -> Vec<u8> {
        codecs::png::written(image).unwrap()
    }

    fn lossy(level: u8) -> Recipe {
        Recipe {
            mode: Mode::Lossy,
            level: Level::new(level).unwrap(),
            ..Recipe::default()
        }
    }

    fn judged(original: &[u8], result: &[u8], recipe: &Recipe) -> Result<Encoded> {
        let foreign = Foreign {
            full_size: result.to_vec(),
            derivatives: Vec::new(),
        };
        accepted(original, foreign, recipe, &Cancel::new())
    }

    fn refusal(original: &[u8], result: &[u8], recipe: &Recipe) -> String {
        match judged(original, result, recipe) {
            Err(Error::VerificationFailed { reason }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_keeps_the_promise_is_taken_and_what_does_not_is_refused() {
        let original = file(&picture(3));
        for recipe in [Recipe::default(), lossy(40)] {
            let own = optimize(&original, &recipe, &Cancel::new()).unwrap();
            let result = own.bytes.unwrap();
            let taken = judged(&original, &result, &recipe).unwrap();
            assert!((taken.score.0 - own.score.0).abs() < 0.1);
            assert_eq!(taken.bytes.as_deref(), Some(result.as_slice()));
            assert_eq!((taken.width, taken.height, taken.frames), (160, 120, 1));
        }
        let coarse = optimize(&original, &lossy(20), &Cancel::new()).unwrap();
        let coarse = coarse.bytes.unwrap();
        assert!(refusal(&original, &coarse, &Recipe::default()).contains("score"));
        let lossless = Recipe {
            mode: Mode::Lossless,
            ..Recipe::default()
        };
        refusal(&original, &coarse, &lossless);
    }

    #[test]
    fn what_is_larger_is_left_and_what_is_broken_or_wrong_is_refused() {
        let original = file(&picture(3));
        let recipe = lossy(1);
        assert_eq!(judged(&original, &original, &recipe).unwrap().bytes, None);
        let cut_off = &original[..original.len() / 2];
        refusal(&original, cut_off, &recipe);
        refusal(&original, b"<html>Sorry</html>", &recipe);
        refusal(&original, b"", &recipe);
        let half = Image {
            width: 160,
            height: 60,
            rgba: picture(3).rgba[..160 * 60 * 4].to_vec(),
        };
        assert_eq!(
            refusal(&original, &file(&half), &recipe),
            "its size changed"
        );
        let black = Image {
            width: 160,
            height: 120,
            rgba: [0, 0, 0, 255].repeat(160 * 120),
        };
        refusal(&original, &file(&black), &recipe);
    }

    #[test]
    fn a_drawing_with_a_script_that_was_put_in_is_refused() {
        let head = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'>";
        let original = format!(
            "{head}<!-- by hand, at length, to be shortened a good deal --><rect id='a' width='20.000' height='20.000' fill='#ff0000'/></svg>"
        );
        let fine = format!("{head}<path fill='red' d='M0 0h20v20H0z'/></svg>");
        let taken = judged(original.as_bytes(), fine.as_bytes(), &Recipe::default());
        assert_eq!(taken.unwrap().bytes.as_deref(), Some(fine.as_bytes()));
        for put_in in ["<script>x()</script>", "<a href='https://x.example'/>"] {
            let bad = fine.replace("</svg>", &format!("{put_in}</svg>"));
            refusal(original.as_bytes(), bad.as_bytes(), &Recipe::default());
        }
        let moved = fine.replace("M0 0", "M9 9");
        refusal(original.as_bytes(), moved.as_bytes(), &Recipe::default());
    }

    #[test]
    fn derivatives_have_their_size_and_show_the_original() {
        let original = file(&picture(3));
        let recipe = Recipe {
            styles: vec!["thumb:fit:80x80".parse().unwrap()],
            ..Recipe::default()
        };
        let own = optimize(&original, &recipe, &Cancel::new()).unwrap();
        let full_size = own.bytes.unwrap_or_else(|| original.clone());
        let with = |derivatives: Vec<Vec<u8>>| {
            let foreign = Foreign {
                full_size: full_size.clone(),
                derivatives,
            };
            accepted(&original, foreign, &recipe, &Cancel::new())
        };
        let made = with(vec![own.derivatives[0].bytes.clone()]).unwrap();
        assert_eq!(
            (made.derivatives[0].width, made.derivatives[0].height),
            (80, 60)
        );
        assert!(with(Vec::new()).is_err());
        assert!(with(vec![original.clone()]).is_err());
        let black = Image {
            width: 80,
            height: 60,
            rgba: [0, 0, 0, 255].repeat(80 * 60),
        };
        assert!(with(vec![file(&black)]).is_err());
    }
}
