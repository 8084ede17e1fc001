//! How large a picture is, told by its root element.

/// Width, height and the part of the plane that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Geometry {
    /// In CSS pixels.
    pub width: f64,
    /// In CSS pixels.
    pub height: f64,
    /// Left, top, width and height, when there is a good one.
    pub view_box: Option<[f64; 4]>,
}

/// What a replaced element measures when nothing says otherwise.
const DEFAULT: (f64, f64) = (300.0, 150.0);

impl Geometry {
    pub(super) fn of(root: roxmltree::Node) -> Geometry {
        let view_box = root.attribute("viewBox").and_then(numbers::<4>);
        let view_box = view_box.filter(|[_, _, width, height]| *width > 0.0 && *height > 0.0);
        let width = root.attribute("width").and_then(pixels);
        let height = root.attribute("height").and_then(pixels);
        let (width, height) = match (width, height, view_box) {
            (Some(width), Some(height), _) => (width, height),
            (Some(width), None, Some([.., w, h])) => (width, width * h / w),
            (None, Some(height), Some([.., w, h])) => (height * w / h, height),
            (None, None, Some([.., w, h])) => (w, h),
            (Some(width), None, None) => (width, DEFAULT.1),
            (None, Some(height), None) => (DEFAULT.0, height),
            (None, None, None) => DEFAULT,
        };
        Geometry {
            width,
            height,
            view_box,
        }
    }

    /// Whole pixels: halves round up, and nothing vanishes.
    pub(super) fn rounded(&self) -> (u32, u32) {
        let rounded = |length: f64| ((length + 0.5).floor() as u32).max(1);
        (rounded(self.width), rounded(self.height))
    }
}

/// A positive length in CSS pixels; `None` for a percentage, `auto` and what is no length. Units that
/// depend on a font count as those of a 16 pixel font.
pub(super) fn pixels(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| !c.is_ascii_alphabetic() && c != '%');
    // The e of an exponent is not a unit's.
    let (number, unit) = match text.parse::<f64>() {
        Ok(number) => (number, ""),
        Err(_) => {
            let unit = match unit.strip_prefix(['e', 'E']) {
                Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-')
                }
                _ => unit,
            };
            let number = text[..text.len() - unit.len()].trim_end().parse().ok()?;
            (number, unit)
        }
    };
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        "em" | "rem" => 16.0,
        "ex" | "ch" => 8.0,
        _ => return None,
    };
    Some(number * factor).filter(|length: &f64| length.is_finite() && *length > 0.0)
}

/// Exactly `N` numbers, apart by spaces or commas.
pub(super) fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut numbers = [0.0; N];
    let mut parts = text
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|part| !part.is_empty());
    for number in &mut numbers {
        *number = parts.next()?.parse().ok().filter(|n: &f64| n.is_finite())?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(attributes: &str) -> (u32, u32) {
        let text = format!("<svg {attributes}/>");
        let document = roxmltree::Document::parse(&text).unwrap();
        Geometry::of(document.root_element()).rounded()
    }

    #[test]
    fn sizes_come_from_lengths_then_view_box_then_default() {
        for (attributes, expected) in [
            ("width='20' height='10'", (20, 10)),
            ("width='1in' height='72pt'", (96, 96)),
            ("width='25.4mm' height='2.54cm'", (96, 96)),
            ("width='1e2px' height=' 5pc '", (100, 80)),
            ("width='2em' height='0.4'", (32, 1)),
            ("width='100%' height='100%' viewBox='0 0 40 30'", (40, 30)),
            ("viewBox='-5,-5 , 40 30.5'", (40, 31)),
            ("width='80' viewBox='0 0 40 30'", (80, 60)),
            ("height='60' viewBox='0 0 40 30'", (80, 60)),
            ("width='80' height='50%'", (80, 150)),
            ("", (300, 150)),
            ("width='-3' height='0'", (300, 150)),
            ("viewBox='0 0 0 30'", (300, 150)),
            ("viewBox='0 0 40'", (300, 150)),
            ("width='nan' height='inf'", (300, 150)),
        ] {
            assert_eq!(size(attributes), expected, "{attributes}");
        }
    }
}
