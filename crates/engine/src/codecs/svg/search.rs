//! The search for the smallest document that looks and works the same.
//!
//! Several plans are tried, the boldest first. What passes is taken for a document of its own and
//! made smaller again, until nothing is gained: then a second run finds nothing to do.

use whittle_core::{Cancel, Mode, Recipe, Score};

use super::contained;
use super::guard::{Facts, Uncounted};
use super::nature::Nature;
use super::open::parsed;
use super::passes::{self, Plan, Reach};
use super::tidy::{Removed, tidy};
use super::tree::Tree;
use super::verify::Original;
use crate::{Error, Result};

/// How far points may move, in pixels of the closest view: an edge between black and white that moves
/// by an eighth of a pixel changes by 32 of 255. A drawing whose lines move further is not much
/// smaller, and scores far worse, so the lossy mode goes no further either.
const MOVES: [f64; 2] = [0.08, 0.03];

/// How far they may move where elements have to stay.
const CAREFUL: [f64; 1] = [0.02];

/// Moving points must leave less than this part of what is there without: numbers that are rounded
/// already could be rounded a little further each time.
const WORTH: f64 = 0.95;

/// How often a document is made smaller again at the most.
const ROUNDS: usize = 8;

pub(super) struct Search<'a> {
    pub recipe: &'a Recipe,
    pub cancel: &'a Cancel,
}

/// The smallest document that passed.
pub(super) struct Best {
    pub text: String,
    pub score: Score,
    pub removed: Removed,
}

/// Ways to make a document smaller that differ in how far its points move.
struct Rung {
    reach: Reach,
    /// In pixels of the closest view, the farthest first. They may stay where they are as well.
    moves: &'static [f64],
    paths: bool,
}

/// A document on its way.
struct Step {
    tree: Tree,
    /// It must become shorter than this, in bytes.
    length: usize,
    /// Identifiers that are no facts any more.
    uncounted: Uncounted,
}

/// A document that was made, and the identifiers that are no facts of it.
struct Made {
    text: String,
    uncounted: Uncounted,
}

impl Search<'_> {
    /// The smallest text that looks and works as `text`, which `tree` was made of.
    pub(super) fn smallest(&self, text: &str, tree: &Tree) -> Result<Best> {
        let mut tidied = tree.clone();
        let runs_script = Nature::of(tree).runs_script;
        let removed = tidy(&mut tidied, self.recipe.metadata, runs_script);
        let facts = Facts::of(&tidied, &Uncounted::default());
        let unused = Uncounted {
            unused: removed.ids.clone(),
            ..Uncounted::default()
        };
        if let Some(lost) = Facts::of(tree, &unused).difference(&facts, false) {
            return Err(Error::failed_check(format!("tidying lost \"{lost}\"")));
        }
        let original = Original::of(text, facts)?;
        let mut best: Option<(String, Score)> = None;
        let mut step = Step {
            tree: tidied,
            length: text.len(),
            uncounted: Uncounted::default(),
        };
        for _ in 0..ROUNDS {
            let Some((made, score)) = self.climbed(&step, &original)? else {
                break;
            };
            step = self.after(&made)?;
            best = Some((made.text, score));
        }
        // Tidying alone is done even where it gains nothing: what the policy removes has to go.
        if best.is_none()
            && (step.tree.written().len() < text.len() || removed != Removed::default())
        {
            let tidied = step.tree.written();
            let score = original
                .judged(&tidied, &Uncounted::default(), self.recipe, self.cancel)?
                .ok_or_else(|| Error::failed_check("the tidied drawing looks different"))?;
            best = Some((tidied, score));
        }
        let (text, score) = best.unwrap_or_else(|| (text.to_owned(), Score::IDENTICAL));
        Ok(Best {
            text,
            score,
            removed,
        })
    }

    /// What was made, taken for a document of its own.
    fn after(&self, made: &Made) -> Result<Step> {
        let mut tree = Tree::of(&parsed(&made.text)?);
        let removed = tidy(&mut tree, self.recipe.metadata, false);
        let mut uncounted = made.uncounted.clone();
        uncounted.unused.extend(removed.ids);
        Ok(Step {
            tree,
            length: made.text.len(),
            uncounted,
        })
    }

    /// What the boldest way makes that is shorter and passes.
    fn climbed(&self, step: &Step, original: &Original) -> Result<Option<(Made, Score)>> {
        for rung in self.rungs(&Nature::of(&step.tree)) {
            let mut exact = self.made(step, &rung, 0.0, original)?;
            for moves in rung.moves {
                let Some(made) = self.worthwhile(step, &rung, *moves, exact.as_ref(), original)?
                else {
                    continue;
                };
                if let Some(passed) = self.passed(&rung, *moves, made, original)? {
                    return Ok(Some(passed));
                }
            }
            if let Some(exact) = exact.take()
                && let Some(passed) = self.passed(&rung, 0.0, exact, original)?
            {
                return Ok(Some(passed));
            }
        }
        Ok(None)
    }

    /// What a rung makes when points move, where that is worth it beside the exact one.
    fn worthwhile(
        &self,
        step: &Step,
        rung: &Rung,
        moves: f64,
        exact: Option<&Made>,
        original: &Original,
    ) -> Result<Option<Made>> {
        let least = exact.map_or(step.length, |exact| exact.text.len()) as f64 * WORTH;
        let made = self.made(step, rung, moves, original)?;
        Ok(made.filter(|made| (made.text.len() as f64) < least))
    }

    /// Takes the same rung again and again, and gives the last document of these that passes, or else
    /// the first. Only these are drawn: drawing costs far more than all else.
    fn passed(
        &self,
        rung: &Rung,
        moves: f64,
        first: Made,
        original: &Original,
    ) -> Result<Option<(Made, Score)>> {
        let mut last: Option<Made> = None;
        for _ in 1..ROUNDS {
            let step = self.after(last.as_ref().unwrap_or(&first))?;
            let exact = self.made(&step, rung, 0.0, original)?;
            let bold = if moves > 0.0 {
                self.worthwhile(&step, rung, moves, exact.as_ref(), original)?
            } else {
                None
            };
            let Some(next) = bold.or(exact) else {
                break;
            };
            last = Some(next);
        }
        for made in last.into_iter().chain([first]) {
            if let Some(score) = self.judged(&made, original)? {
                return Ok(Some((made, score)));
            }
        }
        Ok(None)
    }

    /// What a rung makes, when that is shorter.
    fn made(
        &self,
        step: &Step,
        rung: &Rung,
        moves: f64,
        original: &Original,
    ) -> Result<Option<Made>> {
        self.cancel.check()?;
        let plan = Plan {
            reach: rung.reach,
            moves,
            scale: original.pixels_for_each_unit(),
            extent: original.extent(),
            copies: passes::copies(&step.tree.root),
            paths: rung.paths,
            still_only: Nature::of(&step.tree).moves,
        };
        match contained(|| passes::shortened(&step.tree, &plan, self.cancel)) {
            Ok((tree, renamed)) => {
                let text = tree.written();
                if text.len() >= step.length {
                    return Ok(None);
                }
                let mut uncounted = step.uncounted.clone();
                uncounted.renamed.extend(renamed);
                Ok(Some(Made { text, uncounted }))
            }
            Err(error @ Error::Cancelled(_)) => Err(error),
            Err(error) => {
                tracing::debug!(?error, "a rung broke");
                Ok(None)
            }
        }
    }

    /// How close to the original it is, when it may take its place.
    fn judged(&self, made: &Made, original: &Original) -> Result<Option<Score>> {
        let judged =
            contained(|| original.judged(&made.text, &made.uncounted, self.recipe, self.cancel));
        match judged {
            Err(error @ Error::Cancelled(_)) => Err(error),
            Err(error) => {
                tracing::debug!(?error, "a smaller SVG is damaged");
                Ok(None)
            }
            passed => passed,
        }
    }

    /// What to try, the strongest first.
    fn rungs(&self, nature: &Nature) -> Vec<Rung> {
        if nature.runs_script || nature.styled_from_outside {
            return Vec::new();
        }
        let (moves, careful): (&[f64], &[f64]) = match self.recipe.mode {
            Mode::Lossless => (&[], &[]),
            Mode::Balanced | Mode::Lossy => (&MOVES, &CAREFUL),
        };
        let rung = |reach, moves, paths| Rung {
            reach,
            moves,
            paths,
        };
        let mut rungs = vec![
            rung(Reach::Structure, moves, true),
            rung(Reach::Values, careful, true),
            rung(Reach::Values, &[], false),
        ];
        if nature.moves {
            rungs.remove(0);
        }
        rungs
    }
}
