//! Comparisons of decoded pictures.

use anyhow::{Context, Result, bail, ensure};

use super::{Frame, Raster};

/// Walks through two animations in step, by the clock: every frame of the original is held against
/// the frame of the result that is shown at the same time. A result may show several frames of the
/// original as one, for as long as all of them together.
///
/// # Errors
/// The first of `compare`'s, or one about frames that are missing or shown for another time.
pub fn in_step(
    original: Raster,
    result: Raster,
    mut compare: impl FnMut(usize, &Frame, &Frame) -> Result<()>,
) -> Result<()> {
    ensure!(
        (original.width, original.height) == (result.width, result.height),
        "{} × {} became {} × {}",
        original.width,
        original.height,
        result.width,
        result.height
    );
    ensure!(
        original.plays == result.plays,
        "plays {:?} became {:?}",
        original.plays,
        result.plays
    );
    let mut frames = original.frames.enumerate();
    for shown in result.frames {
        let shown = shown.context("the result")?;
        let mut milliseconds = 0.0;
        loop {
            let Some((index, frame)) = frames.next() else {
                bail!("the result is shown for longer")
            };
            let frame = frame.context("the original")?;
            milliseconds += frame.milliseconds;
            compare(index, &frame, &shown).with_context(|| format!("frame {}", index + 1))?;
            if milliseconds > shown.milliseconds - 0.01 {
                break;
            }
        }
        ensure!(
            (milliseconds - shown.milliseconds).abs() < 0.01,
            "a frame is shown for {} ms instead of {milliseconds} ms",
            shown.milliseconds
        );
    }
    ensure!(frames.next().is_none(), "frames are missing at the end");
    Ok(())
}

/// Refuses two pictures that differ in a pixel, but for the hidden colour of fully transparent
/// ones.
///
/// # Errors
/// Says which pixel differs and how.
pub fn identical(original: &Frame, result: &Frame) -> Result<()> {
    if let (Some(a), Some(b)) = (&original.inks, &result.inks) {
        return same(a, b, |_| false);
    }
    ensure!(
        original.inks.is_none() && result.inks.is_none(),
        "inks became lights"
    );
    if original.deep.is_none() && result.deep.is_none() {
        return same(&original.rgba, &result.rgba, |alpha| alpha == 0);
    }
    let wide = |frame: &Frame| -> Vec<u16> {
        match &frame.deep {
            Some(deep) => deep.clone(),
            None => frame
                .rgba
                .iter()
                .map(|&value| u16::from(value) * 257)
                .collect(),
        }
    };
    same(&wide(original), &wide(result), |alpha| alpha == 0)
}

fn same<T: Copy + PartialEq + std::fmt::Debug>(
    a: &[T],
    b: &[T],
    hidden: impl Fn(T) -> bool,
) -> Result<()> {
    ensure!(a.len() == b.len(), "another number of pixels");
    if a == b {
        return Ok(());
    }
    let differs = |(a, b): (&[T], &[T])| a != b && !(hidden(a[3]) && hidden(b[3]));
    let pairs = || a.chunks_exact(4).zip(b.chunks_exact(4));
    let Some(at) = pairs().position(differs) else {
        return Ok(());
    };
    let count = pairs().filter(|&pair| differs(pair)).count();
    bail!(
        "{count} pixels differ, the first at {at}: {:?} became {:?}",
        &a[at * 4..at * 4 + 4],
        &b[at * 4..at * 4 + 4]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::colour::Colour;

    fn film(frames: &[(u8, f64)]) -> Raster {
        let frames: Vec<Frame> = frames
            .iter()
            .map(|&(grey, milliseconds)| Frame {
                milliseconds,
                ..Frame::still(vec![grey, grey, grey, 255])
            })
            .collect();
        Raster {
            width: 1,
            height: 1,
            plays: Some(0),
            colour: Colour::Srgb,
            frames: Box::new(frames.into_iter().map(Ok)),
        }
    }

    #[test]
    fn equal_frames_may_be_shown_as_one() {
        let original = [(1, 50.0), (1, 70.0), (2, 30.0)];
        let same = |result: &[(u8, f64)]| {
            in_step(film(&original), film(result), |_, a, b| identical(a, b)).is_ok()
        };
        assert!(same(&original));
        assert!(same(&[(1, 120.0), (2, 30.0)]));
        assert!(!same(&[(1, 110.0), (2, 40.0)]));
        assert!(!same(&[(1, 120.0), (2, 30.0), (2, 30.0)]));
        assert!(!same(&[(1, 120.0)]));
        assert!(!same(&[(1, 150.0)]));
        assert!(!same(&[(2, 120.0), (2, 30.0)]));
    }

    #[test]
    fn only_hidden_colours_may_change() {
        let frame = |pixel: [u8; 4]| Frame::still(pixel.to_vec());
        assert!(identical(&frame([1, 2, 3, 0]), &frame([9, 9, 9, 0])).is_ok());
        assert!(identical(&frame([1, 2, 3, 1]), &frame([9, 9, 9, 1])).is_err());
        assert!(identical(&frame([1, 2, 3, 0]), &frame([1, 2, 3, 1])).is_err());
    }
}
