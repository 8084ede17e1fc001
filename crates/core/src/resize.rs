use serde::{Deserialize, Serialize};

/// How a picture is fitted into a width and a height. The table of `Resize` in the contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Strategy {
    /// Fills the box and cuts what stands over, from the centre. With one length, as `fit`.
    #[default]
    Crop,
    /// Lies within the box, in its own proportions.
    Fit,
    /// The same as `fit`.
    Auto,
    /// The width alone counts.
    Landscape,
    /// The height alone counts.
    Portrait,
    /// Exactly the box, distorted or enlarged if need be.
    Exact,
}

impl Strategy {
    /// Every strategy, in the order in which they are offered.
    pub const ALL: [Strategy; 6] = [
        Strategy::Crop,
        Strategy::Fit,
        Strategy::Auto,
        Strategy::Landscape,
        Strategy::Portrait,
        Strategy::Exact,
    ];

    /// The lower-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Strategy::Crop => "crop",
            Strategy::Fit => "fit",
            Strategy::Auto => "auto",
            Strategy::Landscape => "landscape",
            Strategy::Portrait => "portrait",
            Strategy::Exact => "exact",
        }
    }
}

impl std::str::FromStr for Strategy {
    type Err = StyleError;
    fn from_str(text: &str) -> Result<Self, StyleError> {
        Strategy::ALL
            .into_iter()
            .find(|strategy| strategy.name() == text)
            .ok_or(StyleError::Strategy)
    }
}

/// A named derivative of one original.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ResizeStyle {
    /// Letters, digits, `_`, `.` and `-`, 1 to 64 of them; `original` is taken.
    pub name: String,
    /// How the picture is fitted.
    pub strategy: Strategy,
    /// Pixels, 1 to 16384.
    pub width: Option<u32>,
    /// Pixels, 1 to 16384.
    pub height: Option<u32>,
}

/// Why a resize style is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StyleError {
    /// Not of the form `NAME:STRATEGY:WxH`.
    #[error("a resize style is written NAME:STRATEGY:WxH, for example thumb:fit:320x240")]
    Form,
    /// The name is empty, too long, taken, or has a character that file names should not have.
    #[error(
        "a style's name has 1 to 64 letters, digits, '_', '.' or '-', begins with a letter or digit, and is not 'original'"
    )]
    Name,
    /// No such strategy.
    #[error("a strategy is one of crop, fit, auto, landscape, portrait and exact")]
    Strategy,
    /// A length is missing that the strategy needs.
    #[error("the strategy needs a length that is not given")]
    MissingLength,
    /// A length is outside 1 to 16384.
    #[error("a width or height is a whole number from 1 to 16384")]
    Length,
}

/// What is cut from the source and how large it becomes: in source pixels, then in output pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Placement {
    /// Left edge of the part of the source that is kept.
    pub left: f64,
    /// Top edge of that part.
    pub top: f64,
    /// Width of that part.
    pub source_width: f64,
    /// Height of that part.
    pub source_height: f64,
    /// Width of the output, at least 1.
    pub width: u32,
    /// Height of the output, at least 1.
    pub height: u32,
}

/// The longest side that may be asked for.
const MAX_LENGTH: u32 = 16384;

impl ResizeStyle {
    /// Checks what the fields say; both the command line and the window go through it.
    pub fn validated(self) -> Result<ResizeStyle, StyleError> {
        let mut chars = self.name.chars();
        let name_is_fine = chars.next().is_some_and(|c| c.is_ascii_alphanumeric())
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && self.name.len() <= 64
            && self.name != "original";
        if !name_is_fine {
            return Err(StyleError::Name);
        }
        for length in [self.width, self.height].into_iter().flatten() {
            if !(1..=MAX_LENGTH).contains(&length) {
                return Err(StyleError::Length);
            }
        }
        let complete = match self.strategy {
            Strategy::Crop | Strategy::Fit | Strategy::Auto => {
                self.width.is_some() || self.height.is_some()
            }
            Strategy::Landscape => self.width.is_some(),
            Strategy::Portrait => self.height.is_some(),
            Strategy::Exact => self.width.is_some() && self.height.is_some(),
        };
        if complete {
            Ok(self)
        } else {
            Err(StyleError::MissingLength)
        }
    }

    /// Where a source of this size comes to lie. Never enlarges except in [`Strategy::Exact`];
    /// halves round up; an output has at least one pixel.
    ///
    /// `self` must be [`validated`](ResizeStyle::validated), and the source not empty.
    pub fn place(&self, source_width: u32, source_height: u32) -> Placement {
        let (w, h) = (f64::from(source_width), f64::from(source_height));
        let whole = |width: f64, height: f64| Placement {
            left: 0.0,
            top: 0.0,
            source_width: w,
            source_height: h,
            width: rounded(width),
            height: rounded(height),
        };
        let (box_width, box_height) = match self.strategy {
            Strategy::Landscape => (self.width, None),
            Strategy::Portrait => (None, self.height),
            _ => (self.width, self.height),
        };
        match (self.strategy, box_width, box_height) {
            (Strategy::Exact, Some(width), Some(height)) => {
                whole(f64::from(width), f64::from(height))
            }
            (Strategy::Crop, Some(width), Some(height)) => {
                let (width, height) = (f64::from(width), f64::from(height));
                let shrink = (w / width).min(h / height).min(1.0);
                let (width, height) = (width * shrink, height * shrink);
                // The largest part of the source in the output's proportions.
                let scale = (width / w).max(height / h);
                let (part_width, part_height) = ((width / scale).min(w), (height / scale).min(h));
                Placement {
                    left: (w - part_width) / 2.0,
                    top: (h - part_height) / 2.0,
                    source_width: part_width,
                    source_height: part_height,
                    width: rounded(width),
                    height: rounded(height),
                }
            }
            (_, width, height) => {
                let scale = width
                    .map_or(1.0, |width| f64::from(width) / w)
                    .min(height.map_or(1.0, |height| f64::from(height) / h))
                    .min(1.0);
                whole(w * scale, h * scale)
            }
        }
    }
}

/// Halves round up, and nothing vanishes. A hair is added first, because 33.5 may come out of the
/// division as 33.499999999999996.
fn rounded(length: f64) -> u32 {
    ((length + 0.5 + 1e-9).floor() as u32).max(1)
}

impl std::str::FromStr for ResizeStyle {
    type Err = StyleError;

    fn from_str(text: &str) -> Result<Self, StyleError> {
        let mut parts = text.split(':');
        let (Some(name), Some(strategy), Some(size), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(StyleError::Form);
        };
        let (width, height) = size.split_once(['x', 'X']).ok_or(StyleError::Form)?;
        let length = |text: &str| match text {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| StyleError::Length),
        };
        ResizeStyle {
            name: name.to_owned(),
            strategy: strategy.parse()?,
            width: length(width)?,
            height: length(height)?,
        }
        .validated()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn style(strategy: Strategy, width: Option<u32>, height: Option<u32>) -> ResizeStyle {
        ResizeStyle {
            name: "s".into(),
            strategy,
            width,
            height,
        }
    }

    /// The table of the contract, line by line.
    #[test]
    fn sizes_are_those_of_the_contract() {
        use Strategy::*;
        for (source, strategy, width, height, output) in [
            ((1000, 500), Crop, Some(320), Some(100), (320, 100)),
            ((1000, 500), Crop, Some(80), Some(25), (80, 25)),
            ((1000, 500), Crop, Some(150), Some(150), (150, 150)),
            ((500, 1000), Crop, Some(150), Some(150), (150, 150)),
            ((200, 100), Crop, Some(300), Some(300), (100, 100)),
            ((400, 50), Crop, Some(320), Some(100), (160, 50)),
            ((1000, 500), Crop, Some(320), None, (320, 160)),
            ((1000, 500), Crop, None, Some(100), (200, 100)),
            ((1000, 500), Fit, Some(150), Some(150), (150, 75)),
            ((1000, 500), Fit, Some(320), Some(100), (200, 100)),
            ((100, 50), Fit, Some(150), Some(150), (100, 50)),
            ((1000, 335), Fit, Some(100), Some(100), (100, 34)),
            ((3000, 1), Fit, Some(100), Some(100), (100, 1)),
            ((1000, 500), Auto, Some(150), Some(150), (150, 75)),
            ((500, 1000), Auto, Some(150), Some(150), (75, 150)),
            ((1000, 500), Landscape, Some(300), Some(10), (300, 150)),
            ((100, 50), Landscape, Some(300), None, (100, 50)),
            ((500, 1000), Portrait, Some(10), Some(300), (150, 300)),
            ((1000, 500), Exact, Some(150), Some(150), (150, 150)),
            ((100, 50), Exact, Some(300), Some(300), (300, 300)),
        ] {
            let placed = style(strategy, width, height).place(source.0, source.1);
            assert_eq!(
                (placed.width, placed.height),
                output,
                "{source:?} {strategy:?} {width:?}x{height:?}"
            );
        }
    }

    #[test]
    fn crop_takes_the_centre() {
        let placed = style(Strategy::Crop, Some(150), Some(150)).place(1000, 500);
        assert_eq!((placed.left, placed.top), (250.0, 0.0));
        assert_eq!((placed.source_width, placed.source_height), (500.0, 500.0));
    }

    #[test]
    fn styles_are_read_from_text() {
        let thumb: ResizeStyle = "thumb:fit:320x240".parse().unwrap();
        assert_eq!((thumb.width, thumb.height), (Some(320), Some(240)));
        let wide: ResizeStyle = "wide:landscape:1600x".parse().unwrap();
        assert_eq!((wide.width, wide.height), (Some(1600), None));
        for (text, error) in [
            ("thumb", StyleError::Form),
            ("thumb:fit", StyleError::Form),
            ("thumb:fit:320", StyleError::Form),
            ("thumb:fit:1x1:2", StyleError::Form),
            ("thumb:cover:1x1", StyleError::Strategy),
            ("thumb:fit:x", StyleError::MissingLength),
            ("thumb:exact:5x", StyleError::MissingLength),
            ("thumb:portrait:5x", StyleError::MissingLength),
            ("thumb:fit:0x5", StyleError::Length),
            ("thumb:fit:16385x5", StyleError::Length),
            ("thumb:fit:-1x5", StyleError::Length),
            ("original:fit:5x5", StyleError::Name),
            ("a/b:fit:5x5", StyleError::Name),
            (".a:fit:5x5", StyleError::Name),
            (":fit:5x5", StyleError::Name),
        ] {
            assert_eq!(text.parse::<ResizeStyle>(), Err(error), "{text}");
        }
    }

    fn any_strategy() -> impl proptest::strategy::Strategy<Value = Strategy> {
        proptest::sample::select(Strategy::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn places_lie_within_the_source_and_the_box(
            strategy in any_strategy(),
            (w, h) in (1u32..20_000, 1u32..20_000),
            (width, height) in (1u32..=16_384, 1u32..=16_384),
        ) {
            let placed = style(strategy, Some(width), Some(height)).place(w, h);
            prop_assert!(placed.width >= 1 && placed.height >= 1);
            prop_assert!(placed.left >= 0.0 && placed.top >= 0.0);
            prop_assert!(placed.left + placed.source_width <= f64::from(w) + 1e-6);
            prop_assert!(placed.top + placed.source_height <= f64::from(h) + 1e-6);
            if strategy != Strategy::Exact {
                prop_assert!(placed.width <= w && placed.height <= h, "{placed:?}");
            }
            match strategy {
                Strategy::Landscape => prop_assert!(placed.width <= width),
                Strategy::Portrait => prop_assert!(placed.height <= height),
                _ => prop_assert!(placed.width <= width && placed.height <= height),
            }
        }

        #[test]
        fn fitted_pictures_keep_their_proportions(
            (w, h) in (1u32..20_000, 1u32..20_000),
            (width, height) in (1u32..=16_384, 1u32..=16_384),
        ) {
            let placed = style(Strategy::Fit, Some(width), Some(height)).place(w, h);
            let scale = (f64::from(width) / f64::from(w)).min(f64::from(height) / f64::from(h)).min(1.0);
            for (got, length) in [(placed.width, w), (placed.height, h)] {
                let exact = f64::from(length) * scale;
                prop_assert!((f64::from(got) - exact).abs() <= 0.5 + 1e-6 || (got == 1 && exact < 1.0));
            }
        }
    }
}
