//! Whether a drawing that somebody else made smaller may take the original's place.

use std::collections::HashSet;

use whittle_core::{Cancel, Metadata, Recipe, Score};

use super::guard::{Facts, Uncounted};
use super::nature::Nature;
use super::on_large_stack;
use super::open::{Source, parsed};
use super::tidy::tidy;
use super::tree::Tree;
use super::verify::Original;
use super::weight;
use crate::{Error, Result};

/// The score of a result that looks like the original, and that can do nothing that the original could
/// not. Names of elements may differ: somebody else's optimizer shortens them as ours does.
pub(crate) fn accepted(
    original: &[u8],
    result: &[u8],
    recipe: &Recipe,
    cancel: &Cancel,
) -> Result<Score> {
    on_large_stack(|| {
        let before = Source::open(original, &recipe.limits)?;
        let after = Source::open(result, &recipe.limits)?;
        weight::check(&after.parse()?, &recipe.limits)?;
        let mut names = Uncounted::default();
        for source in [&before, &after] {
            names.renamed.extend(ids(&source.text)?);
        }
        let facts = facts(&before.text, &names)?;
        if let Some(lost) = facts.difference(&self::facts(&after.text, &names)?, false) {
            tracing::debug!(lost, "a drawing of somebody else differs");
            return Err(Error::failed_check("it works differently"));
        }
        Original::of(&before.text, facts)?
            .looks_the_same(&after.text, recipe, cancel)?
            .ok_or_else(|| Error::failed_check("it looks different"))
    })
}

fn ids(text: &str) -> Result<HashSet<String>> {
    let document = parsed(text)?;
    let ids = document
        .descendants()
        .filter_map(|node| node.attribute("id"));
    Ok(ids.map(str::to_owned).collect())
}

/// The facts that stay whatever is done about metadata.
fn facts(text: &str, names: &Uncounted) -> Result<Facts> {
    let mut tree = Tree::of(&parsed(text)?);
    let runs_script = Nature::of(&tree).runs_script;
    tidy(&mut tree, Metadata::Strip, runs_script);
    Ok(Facts::of(&tree, names))
}
