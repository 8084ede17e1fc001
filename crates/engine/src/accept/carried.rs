//! What belongs to the author: put back into a result of others that lost it, and nothing private left in.

use whittle_core::{Format, Recipe};

use crate::{Result, codecs, recognized};

/// A result with the metadata that the recipe keeps of the original, whatever its maker took away or left.
/// What is no file of the same kind comes back as it is: it is refused for that.
pub(super) fn carried(original: &[u8], result: Vec<u8>, recipe: &Recipe) -> Result<Vec<u8>> {
    let format = recognized(original)?;
    if !recognized(&result).is_ok_and(|kind| kind == format) {
        return Ok(result);
    }
    let (policy, limits) = (recipe.metadata, &recipe.limits);
    match format {
        Format::Jpeg => codecs::jpeg::with_metadata_of(original, result, policy, limits),
        Format::Png => codecs::png::with_metadata_of(original, &result, policy, limits),
        Format::Svg => codecs::svg::with_metadata_of(original, result, policy, limits),
        // GIF has no place for an author.
        _ => Ok(result),
    }
}
