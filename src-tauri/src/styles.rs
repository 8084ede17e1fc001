//! Resize styles while they are written.

use whittle_core::{Placement, ResizeStyle, Strategy};

/// Where a picture of this size comes to lie with each strategy and these lengths, in the order of
/// [`Strategy::ALL`]; none where a strategy needs a length that is not given, or one is not allowed.
#[tauri::command]
pub fn place_styles(
    width: Option<u32>,
    height: Option<u32>,
    source_width: u32,
    source_height: u32,
) -> Vec<Option<Placement>> {
    Strategy::ALL
        .into_iter()
        .map(|strategy| {
            let style = ResizeStyle {
                name: "preview".to_owned(),
                strategy,
                width,
                height,
            };
            // A picture has at least one pixel.
            let (source_width, source_height) = (source_width.max(1), source_height.max(1));
            let style = style.validated().ok()?;
            Some(style.place(source_width, source_height))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_strategy_tells_its_size_where_it_has_its_lengths() {
        let sizes = |width, height| -> Vec<Option<(u32, u32)>> {
            place_styles(width, height, 4000, 3000)
                .into_iter()
                .map(|placement| placement.map(|placement| (placement.width, placement.height)))
                .collect()
        };
        let [fitted, box_, wide] = [Some((400, 300)), Some((800, 300)), Some((800, 600))];
        assert_eq!(
            sizes(Some(800), Some(300)),
            [box_, fitted, fitted, wide, fitted, box_]
        );
        assert_eq!(sizes(Some(800), None), [wide, wide, wide, wide, None, None]);
        assert_eq!(sizes(Some(0), Some(300))[..2], [None, None]);
        assert_eq!(place_styles(Some(1), Some(1), 0, 0).len(), 6);
    }
}
